/* fault.h - one fault, from "I need this right on this page" to the right applied. Async-signal-safe. */
#ifndef PAGEWIRE_FAULT_H
#define PAGEWIRE_FAULT_H

#include "rights.h"

/* The library answers for a daemon that has not, this long after the fault deadline. */
#define PW_GRACE_MS 500u
#define PW_HOLD_NS (30 * PW_US) /* where the daemon says nothing else */
#define PW_MOST_HOLD_NS (10 * PW_MS)

/* The longest that a page is kept for an instruction that gets nowhere. */
static inline uint64_t pw_most_hold(uint32_t revoke_ms) {
    uint64_t most = revoke_ms * PW_MS / 4;
    return most < PW_MOST_HOLD_NS ? most : PW_MOST_HOLD_NS;
}

/* How long a page is kept that was just given. */
static inline uint64_t pw_least_hold(const struct pw_map_reply *reply) {
    uint64_t least = reply->hold_us != 0 ? reply->hold_us * PW_US : PW_HOLD_NS;
    uint64_t most = pw_most_hold(reply->revoke_deadline_ms);
    return least < most ? least : most;
}

struct pw_want {
    uint64_t page;
    int right;
    uint64_t patience; /* ns; while it waits for a fault line, only as long as no other thread is given its page either */
    struct pw_series *series;
    int skip_known;       /* 1: done already when the books say that the page has the right */
    struct pw_line *line; /* out: what pw_fault_end gives back, or NULL */
};

/* 0 = applied; PW_AGAIN = given and not applied (overtaken by a revoke), try again; PW_BARRED = given and not applied, because
 * the daemon's lease is over; else enum pw_cause, with the reason of a deadline (error.h). The caller has entered the region and
 * blocked all signals. */
#define PW_AGAIN 1000u
#define PW_BARRED 1001u
uint32_t pw_fault(struct pw_region *region, struct pw_want *want);

/* The last thing before the instruction is tried again: the time for which its pages are kept begins. */
void pw_fault_end(struct pw_region *region, const struct pw_want *want);

/* What became of a finished fault, for statistics and listeners. */
void pw_fault_count(struct pw_region *region, const struct pw_want *want, uint32_t outcome, uint64_t started);

#endif
