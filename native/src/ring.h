/*
 * A bounded queue for many writers that never waits when it is written to: a full queue refuses. Writers may be signal
 * handlers. (After D. Vyukov's bounded queue: every cell has a number that says whose turn it is.)
 */
#ifndef PAGEWIRE_RING_H
#define PAGEWIRE_RING_H

#include <stddef.h>
#include <stdint.h>

struct pw_ring;

/* cells: a power of two. NULL = no memory. */
struct pw_ring *pw_ring_new(uint32_t cells, size_t item);
void pw_ring_free(struct pw_ring *ring);

/* 1 = taken in, 0 = full. Async-signal-safe. */
int pw_ring_put(struct pw_ring *ring, const void *item);

/* 1 = *item is filled, 0 = nothing within timeout_ms (-1 = for ever), or *stop was set: it is reset then. */
int pw_ring_take(struct pw_ring *ring, void *item, int timeout_ms, _Atomic uint32_t *stop);

/* Makes pw_ring_take look at *stop. */
void pw_ring_wake(struct pw_ring *ring);

/* Ends every pw_ring_take, and those to come. */
void pw_ring_close(struct pw_ring *ring);

#endif
