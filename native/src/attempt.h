/*
 * attempt.h - does an instruction that faults again and again get anywhere? One that loses a page before it has used it, or needs
 * several at once, comes back with the same registers for a page that it had; so does a loop that looks at the same word again and
 * again. The first must have its pages kept for longer each time, the second must not.
 *
 * The processor time that the thread used between two faults tells them apart. What a fault costs by itself depends on the machine
 * and on what else it does, so it is measured: the least time between any two faults that this process has looked at. A thread
 * that used many times as much, with the page in its hands, has done something. (One that sleeps between two looks uses next to
 * nothing: see hold.h.)
 */
#ifndef PAGEWIRE_ATTEMPT_H
#define PAGEWIRE_ATTEMPT_H

#include "rights.h"

/* The fault before in this thread. */
struct pw_attempt {
    uint64_t mark; /* of the instruction and its registers */
    const struct pw_region *region;
    struct pw_series series; /* what the instruction needs, and how long to keep it */
    uint64_t cpu_ns;         /* the thread's processor time when the handler last returned; 0 = not looked at */
    uint64_t barred_since;   /* the daemon answers since then, but its lease is over; 0 = it is not */
    int applied;             /* the last fault ended with the right applied */
    int had;                 /* this fault is for a page that the instruction had before */
};

/* So many times the least time between two faults is more than a fault. */
#define PW_ATTEMPT_FACTOR 16u

/* An instruction has come into the handler for a page. Async-signal-safe. */
void pw_attempt_begin(struct pw_attempt *attempt, const struct pw_region *region, uint64_t mark, uint64_t page);

/* The handler is about to return. */
void pw_attempt_end(struct pw_attempt *attempt, int applied);

/* The least processor time between two faults so far, ns; UINT64_MAX = none was measured. For tests. */
uint64_t pw_attempt_least(void);

#endif
