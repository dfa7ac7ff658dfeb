/*
 * queue.h - threads that wait for a fault line, in the order in which they began to ask. A line that becomes free is handed to the
 * first of them; while one waits, nobody who comes later takes a line.
 *
 * A waiting thread lies in the queue with a struct on its own stack. It cannot go away while it does: it is in the fault handler
 * with all signals blocked and cannot be cancelled. The lock is held for a few instructions, without a system call but waking the one who got a line.
 */
#ifndef PAGEWIRE_QUEUE_H
#define PAGEWIRE_QUEUE_H

#include "region.h"

/* Waits for a line, NULL when the region is not open any more, or when the deadline has passed and no thread was given a page for
 * that long either: while others are, *deadline moves on. Async-signal-safe. */
struct pw_line *pw_queue_wait(struct pw_region *region, uint64_t *deadline, uint64_t patience);

/* A line has become free: the first one in the queue gets it. Async-signal-safe; signals are blocked. */
void pw_queue_serve(struct pw_region *region);

/* A thread was given its page: the queue moves. Async-signal-safe. */
static inline void pw_queue_moves(struct pw_region *region) {
    if (region->line_wanted > 0) {
        region->line_moved = pw_now();
    }
}

/* Everyone in the queue looks at the region's state. */
void pw_queue_wake_all(struct pw_region *region);

#endif
