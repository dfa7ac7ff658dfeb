/* Clocks and deadlines, in nanoseconds. A deadline is a moment of CLOCK_MONOTONIC. All async-signal-safe. */
#ifndef PAGEWIRE_DEADLINE_H
#define PAGEWIRE_DEADLINE_H

#include <stdint.h>
#include <time.h>

#define PW_MS 1000000ull
#define PW_US 1000ull

static inline uint64_t pw_clock(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000ull + (uint64_t)now.tv_nsec;
}

static inline uint64_t pw_now(void) {
    return pw_clock(CLOCK_MONOTONIC);
}

static inline uint64_t pw_deadline_in_ms(uint64_t ms) {
    return pw_now() + ms * PW_MS;
}

/* Time left, 0 when the deadline has passed. */
static inline uint64_t pw_left(uint64_t deadline) {
    uint64_t now = pw_now();
    return deadline > now ? deadline - now : 0;
}

static inline struct timespec pw_timespec(uint64_t ns) {
    struct timespec spec = {.tv_sec = (time_t)(ns / 1000000000ull), .tv_nsec = (long)(ns % 1000000000ull)};
    return spec;
}

#endif
