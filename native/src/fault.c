#include "fault.h"

#include "error.h"
#include "events.h"
#include "hold.h"
#include "lease.h"
#include "line.h"
#include "queue.h"

#include <errno.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#endif

/* A daemon that closes this many lines in a row is as good as gone. */
#define MOST_BROKEN 3

static int known_already(struct pw_region *region, uint64_t page, int right) {
    pw_lock(&region->lock);
    int known = region->state == PW_OPEN && region->right[page] != PW_COVERED && region->right[page] >= right
                && !pw_lease_over(region);
    pw_unlock(&region->lock);
    return known;
}

/* Where the run is more than one page: makes the page-table entries now, so that a scan costs one fault a run and not a
 * minor fault for every 16 pages. A run that was revoked meanwhile, or an old kernel, makes this fail, and nothing is lost. */
static void populate(struct pw_region *region, const struct pw_grant *grant) {
    if (grant->count > 1) {
        int saved = errno;
        madvise(pw_page_address(region, grant->first), grant->count << region->page_shift, MADV_POPULATE_READ);
        errno = saved;
    }
}

static uint32_t apply(struct pw_region *region, struct pw_line *line, struct pw_want *want,
                      const struct pw_message *answer, uint32_t generation) {
    struct pw_grant grant = {
        .first = answer->a,
        .count = answer->c,
        .sequence = answer->b,
        .right = answer->status,
        .generation = generation,
    };
    int rc = pw_rights_grant(region, &grant, want->page, line, want->series);
    pw_queue_moves(region);
    if (rc == 1) {
        populate(region, &grant);
        want->line = line;
        return 0;
    }
    pw_line_release(region, line);
    return rc == 0 ? PW_AGAIN : rc == -ESTALE ? PW_BARRED : PW_NO_MEMORY;
}

void pw_fault_end(struct pw_region *region, const struct pw_want *want) {
    if (want->line != NULL) {
        pw_hold_begin(want->line, want->series);
        pw_line_release(region, want->line);
    }
}

/* A preloaded mapping at a new daemon: its pages come all together. 1 = they are here, or the mapping is not open any more. */
static int await_filled(struct pw_region *region, uint64_t deadline) {
    uint64_t left;
    while (!region->ready && region->state == PW_OPEN && (left = pw_left(deadline)) > 0) {
        pw_futex_wait(&region->ready, 0, left < 100 * PW_MS ? left : 100 * PW_MS);
    }
    return region->ready || region->state != PW_OPEN;
}

uint32_t pw_fault(struct pw_region *region, struct pw_want *want) {
    uint64_t deadline = pw_now() + want->patience;
    want->line = NULL;
    if (want->page << region->page_shift >= ((region->size + region->page_size - 1) & ~(uint64_t)(region->page_size - 1))) {
        return PW_OUT_OF_RANGE;
    }
    for (int broken = 0; broken < MOST_BROKEN;) {
        uint32_t generation = region->generation;
        uint32_t state = region->state;
        if (state != PW_OPEN) {
            return state == PW_LOST ? region->lost_cause : PW_CLOSED;
        }
        if (!region->ready) {
            if (!await_filled(region, deadline)) {
                return pw_deadline_for(PW_NOT_FILLED);
            }
            continue;
        }
        if (pw_is_preloaded(region) && pw_rights_stand(region, want->page, want->right)) {
            return 0;
        }
        if (want->skip_known && known_already(region, want->page, want->right)) {
            return 0;
        }
        struct pw_line *line = pw_line_take(region, &deadline, want->patience);
        if (line == NULL) {
            if (pw_left(deadline) == 0) {
                return pw_deadline_for(PW_NO_LINE);
            }
            continue;
        }
        struct pw_message answer;
        int rc = pw_line_ask(region, line, want->page, want->right, deadline, &answer);
        if (rc == 0 && answer.type == PW_GRANT) {
            return apply(region, line, want, &answer, generation);
        }
        if (rc == 0) {
            pw_line_release(region, line);
            return answer.status <= PW_FENCED ? answer.status : PW_PROTOCOL;
        }
        pw_line_break(region, line);
        if (rc != -ECONNRESET) {
            return rc == -ETIMEDOUT ? pw_deadline_for(PW_NO_ANSWER) : PW_PROTOCOL;
        }
        broken++;
    }
    return region->state == PW_CLOSING ? PW_CLOSED : PW_DAEMON_LOST;
}

void pw_fault_count(struct pw_region *region, const struct pw_want *want, uint32_t outcome, uint64_t started) {
    uint64_t took = pw_now() - started;
    if (outcome == PW_AGAIN || outcome == PW_BARRED) {
        region->retried_faults++;
        return;
    }
    struct pw_event event = {
        .kind = outcome != 0 ? PW_EVENT_FAILED : want->right == PW_WRITE ? PW_EVENT_WRITE : PW_EVENT_READ,
        .cause = pw_plain_cause(outcome),
        .page = want->page,
        .count = 1,
        .duration_ns = took,
    };
    if (outcome != 0) {
        region->failed_faults++;
    } else {
        if (want->right == PW_WRITE) {
            region->write_faults++;
        } else {
            region->read_faults++;
        }
        region->fault_ns += took;
        uint64_t most = region->fault_max_ns;
        while (took > most && !atomic_compare_exchange_weak(&region->fault_max_ns, &most, took)) {
        }
    }
    pw_event_put(region, &event);
}
