#include "events.h"

#include "error.h"
#include "ring.h"

#include <errno.h>
#include <stdlib.h>

#define EVENTS 4096u

struct pw_event_queue {
    struct pw_ring *ring;
};

void pw_event_put(struct pw_region *region, struct pw_event *event) {
    struct pw_event_queue *queue = region->events;
    if (queue == NULL) {
        return;
    }
    int fault = event->kind == PW_EVENT_READ || event->kind == PW_EVENT_WRITE || event->kind == PW_EVENT_FAILED;
    event->thread = fault ? (int32_t)syscall(SYS_gettid) : 0;
    if (!pw_ring_put(queue->ring, event)) {
        region->lost_events++;
    }
}

void pw_pages_lost(struct pw_region *region, uint64_t first, uint64_t count) {
    struct pw_event event = {.kind = PW_EVENT_LOST, .page = first, .count = count};
    region->lost_pages += count;
    pw_event_put(region, &event);
}

void pw_events_close(struct pw_region *region) {
    struct pw_event_queue *queue = region->events;
    if (queue != NULL) {
        pw_ring_close(queue->ring);
    }
}

void pw_events_free(struct pw_region *region) {
    pw_events_close(region);
    while (region->listeners > 0) { /* they look once more at the state */
        struct timespec pause = pw_timespec(50 * PW_US);
        nanosleep(&pause, NULL);
    }
    struct pw_event_queue *queue = region->events;
    region->events = NULL;
    if (queue != NULL) {
        pw_ring_free(queue->ring);
        free(queue);
    }
}

static struct pw_event_queue *queue_of(struct pw_region *region) {
    struct pw_event_queue *queue = region->events;
    if (queue != NULL) {
        return queue;
    }
    queue = calloc(1, sizeof *queue);
    if (queue == NULL || (queue->ring = pw_ring_new(EVENTS, sizeof(struct pw_event))) == NULL) {
        free(queue);
        return NULL;
    }
    struct pw_event_queue *none = NULL;
    if (!atomic_compare_exchange_strong(&region->events, &none, queue)) {
        pw_ring_free(queue->ring);
        free(queue);
        queue = none;
    }
    return queue;
}

static int is_open(const struct pw_region *region) {
    return region->state == PW_OPEN || region->state == PW_LOST;
}

/* 1 = an event, 0 = none in time, or negative errno. The caller is counted as a listener. */
static int next_event(struct pw_region *region, struct pw_event *event, int timeout_ms) {
    struct pw_event_queue *queue = is_open(region) ? queue_of(region) : NULL;
    if (queue == NULL && is_open(region)) {
        return pw_fail(ENOMEM, "no memory for the event queue of region '%s'", region->name);
    }
    uint64_t deadline = timeout_ms < 0 ? UINT64_MAX : pw_deadline_in_ms((uint64_t)timeout_ms);
    for (;;) {
        if (!is_open(region)) {
            return pw_fail(ESHUTDOWN, "region '%s' has been unmapped", region->name);
        }
        uint64_t left = deadline == UINT64_MAX ? 0 : pw_left(deadline);
        int wait = deadline == UINT64_MAX ? 1000 : left / PW_MS > 1000 ? 1000 : (int)((left + PW_MS - 1) / PW_MS);
        _Atomic uint32_t stop = 0;
        if (pw_ring_take(queue->ring, event, wait, &stop)) {
            return 1;
        }
        if (deadline != UINT64_MAX && pw_left(deadline) == 0) {
            return 0;
        }
    }
}

int pw_next_event(struct pw_region *region, struct pw_event *event, int timeout_ms) {
    region->listeners++;
    int rc = next_event(region, event, timeout_ms);
    region->listeners--;
    return rc;
}
