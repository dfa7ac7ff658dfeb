#include "ring.h"

#include "futex.h"

#include <stdlib.h>
#include <string.h>

struct cell {
    _Atomic uint64_t turn;
    char item[];
};

struct pw_ring {
    _Alignas(128) _Atomic uint64_t head; /* next to write */
    _Alignas(128) _Atomic uint64_t tail; /* next to take */
    _Alignas(128) _Atomic uint32_t news; /* counts puts and wakes; takers sleep on it */
    _Atomic uint32_t sleepers;
    _Atomic uint32_t closed;
    uint64_t mask;
    size_t item, stride;
    char *cells;
};

static struct cell *cell_at(struct pw_ring *ring, uint64_t position) {
    return (struct cell *)(void *)(ring->cells + (position & ring->mask) * ring->stride);
}

struct pw_ring *pw_ring_new(uint32_t cells, size_t item) {
    struct pw_ring *ring = aligned_alloc(128, (sizeof *ring + 127) & ~(size_t)127);
    if (ring == NULL) {
        return NULL;
    }
    memset(ring, 0, sizeof *ring);
    ring->mask = cells - 1;
    ring->item = item;
    ring->stride = (sizeof(struct cell) + item + 15) & ~(size_t)15;
    ring->cells = calloc(cells, ring->stride);
    if (ring->cells == NULL) {
        free(ring);
        return NULL;
    }
    for (uint64_t i = 0; i < cells; i++) {
        cell_at(ring, i)->turn = i;
    }
    return ring;
}

void pw_ring_free(struct pw_ring *ring) {
    if (ring != NULL) {
        free(ring->cells);
        free(ring);
    }
}

int pw_ring_put(struct pw_ring *ring, const void *item) {
    uint64_t position = ring->head;
    for (;;) {
        struct cell *cell = cell_at(ring, position);
        int64_t ahead = (int64_t)(cell->turn - position);
        if (ahead < 0) {
            return 0;
        }
        if (ahead > 0) {
            position = ring->head;
        } else if (atomic_compare_exchange_weak(&ring->head, &position, position + 1)) {
            memcpy(cell->item, item, ring->item);
            cell->turn = position + 1;
            break;
        }
    }
    ring->news++;
    if (ring->sleepers > 0) {
        pw_futex_wake(&ring->news, 1);
    }
    return 1;
}

static int try_take(struct pw_ring *ring, void *item) {
    uint64_t position = ring->tail;
    for (;;) {
        struct cell *cell = cell_at(ring, position);
        int64_t ahead = (int64_t)(cell->turn - (position + 1));
        if (ahead < 0) {
            return 0;
        }
        if (ahead > 0) {
            position = ring->tail;
        } else if (atomic_compare_exchange_weak(&ring->tail, &position, position + 1)) {
            memcpy(item, cell->item, ring->item);
            cell->turn = position + ring->mask + 1;
            return 1;
        }
    }
}

int pw_ring_take(struct pw_ring *ring, void *item, int timeout_ms, _Atomic uint32_t *stop) {
    uint64_t deadline = timeout_ms < 0 ? UINT64_MAX : pw_deadline_in_ms((uint64_t)timeout_ms);
    for (;;) {
        uint32_t news = ring->news;
        if (try_take(ring, item)) {
            return 1;
        }
        if (ring->closed) {
            return 0;
        }
        if (*stop != 0) {
            *stop = 0;
            return 0;
        }
        uint64_t left = deadline == UINT64_MAX ? UINT64_MAX : pw_left(deadline);
        if (left == 0) {
            return 0;
        }
        ring->sleepers++;
        pw_futex_wait(&ring->news, news, left);
        ring->sleepers--;
    }
}

void pw_ring_close(struct pw_ring *ring) {
    ring->closed = 1;
    pw_ring_wake(ring);
}

void pw_ring_wake(struct pw_ring *ring) {
    ring->news++;
    pw_futex_wake(&ring->news, INT32_MAX);
}
