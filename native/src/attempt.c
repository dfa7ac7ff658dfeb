#include "attempt.h"

#include "fault.h"

#include <string.h>

/* So many faults of a process are measured in any case, later ones where there is something to find out. */
#define FIRST_FAULTS 32u

static _Atomic uint64_t least = UINT64_MAX;
static _Atomic uint32_t measured;

uint64_t pw_attempt_least(void) {
    return least;
}

static void learn(uint64_t used) {
    uint64_t seen = least;
    while (used < seen && used > 0 && !atomic_compare_exchange_weak(&least, &seen, used)) {
    }
}

static int needs(const struct pw_series *series, uint64_t page) {
    for (uint32_t i = 0; i < series->count; i++) {
        if (series->page[i] == page) {
            return 1;
        }
    }
    return 0;
}

static void add(struct pw_series *series, uint64_t page) {
    if (series->count == PW_SERIES) { /* an instruction needs no fifth page: the oldest is not of this one */
        memmove(series->page, series->page + 1, (PW_SERIES - 1) * sizeof(uint64_t));
        series->count--;
    }
    series->page[series->count++] = page;
}

static void longer(const struct pw_region *region, struct pw_series *series) {
    uint64_t most = pw_most_hold(region->revoke_ms);
    series->hold_ns = series->hold_ns * 2 < most ? series->hold_ns * 2 : most;
}

/* Step by step: a single fault that took long may also be one in a series of failures, on a busy machine. */
static void shorter(const struct pw_region *region, struct pw_series *series) {
    uint64_t shortest = region->least_hold_ns;
    series->hold_ns = series->hold_ns / 2 > shortest ? series->hold_ns / 2 : shortest;
}

void pw_attempt_begin(struct pw_attempt *attempt, const struct pw_region *region, uint64_t mark, uint64_t page) {
    uint64_t used = 0;
    int looked = attempt->cpu_ns != 0;
    if (looked) {
        used = pw_clock(CLOCK_THREAD_CPUTIME_ID) - attempt->cpu_ns;
        learn(used);
        measured++;
    }
    int again = attempt->mark == mark && attempt->region == region;
    attempt->had = again && needs(&attempt->series, page);
    if (!again) {
        attempt->mark = mark;
        attempt->region = region;
        attempt->series.count = 0;
        attempt->series.hold_ns = region->least_hold_ns;
        attempt->barred_since = 0;
    } else if (attempt->had && !attempt->applied) {
        longer(region, &attempt->series);
    } else if (attempt->had && looked) {
        (used / PW_ATTEMPT_FACTOR > least ? shorter : longer)(region, &attempt->series);
    }
    if (!attempt->had) {
        add(&attempt->series, page);
    }
}

void pw_attempt_end(struct pw_attempt *attempt, int applied) {
    attempt->applied = applied;
    attempt->cpu_ns = attempt->had || measured < FIRST_FAULTS ? pw_clock(CLOCK_THREAD_CPUTIME_ID) : 0;
}
