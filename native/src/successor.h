/* successor.h - the next fault line of a mapping, opened without waiting for the daemon. (agent) */
#ifndef PAGEWIRE_SUCCESSOR_H
#define PAGEWIRE_SUCCESSOR_H

#include "region.h"

struct pw_successor {
    int fd; /* waits for the answer to HELLO_LINE; -1 = none does */
    uint32_t index;
    uint64_t sent; /* HELLO_LINE, ns of CLOCK_BOOTTIME */
    struct pw_message answer;
    size_t got; /* bytes of answer */
    uint64_t deadline;
    uint64_t next_try; /* not sooner: one was refused */
};

/* Lines that broke get a successor, and when threads wait for one, another is opened: one at a time, because the lease and
 * revokes go on meanwhile. */
void pw_successor_tend(struct pw_region *region, struct pw_successor *successor);

/* The descriptor has something to read. */
void pw_successor_read(struct pw_region *region, struct pw_successor *successor);

void pw_successor_drop(struct pw_successor *successor);

#endif
