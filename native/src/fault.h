/* fault.h - one fault, from "I need this right on this page" to the right applied. Async-signal-safe. */
#ifndef PAGEWIRE_FAULT_H
#define PAGEWIRE_FAULT_H

#include "rights.h"

/* The library answers for a daemon that has not, this long after the fault deadline. */
#define PW_GRACE_MS 500u
#define PW_HOLD_NS (30 * PW_US)
#define PW_MOST_HOLD_NS (10 * PW_MS)

struct pw_want {
    uint64_t page;
    int right;
    uint64_t deadline;
    struct pw_series *series;
    int skip_known; /* 1: done already when the books say that the page has the right */
};

/* 0 = applied; PW_AGAIN = not applied (overtaken by a revoke), try again; else enum pw_cause. The caller has entered the
 * region and blocked all signals. */
#define PW_AGAIN 1000u
uint32_t pw_fault(struct pw_region *region, const struct pw_want *want);

/* What became of a finished fault, for statistics and listeners. */
void pw_fault_count(struct pw_region *region, const struct pw_want *want, uint32_t outcome, uint64_t started);

#endif
