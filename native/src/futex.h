/*
 * A lock that the fault handler may take: no owner, no recursion, no call into libc. Everyone who takes it has all signals
 * blocked, so that no handler can run on top of a holder and wait for it for ever. A spinlock would be shorter and starves:
 * waits of a quarter of a second were seen when its holder was preempted.
 */
#ifndef PAGEWIRE_FUTEX_H
#define PAGEWIRE_FUTEX_H

#include "deadline.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Sleeps while *word is expected, for at most ns. May return early; callers look again. */
static inline void pw_futex_wait(_Atomic uint32_t *word, uint32_t expected, uint64_t ns) {
    struct timespec timeout = pw_timespec(ns);
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, expected, ns == UINT64_MAX ? NULL : &timeout, NULL, 0);
}

static inline void pw_futex_wake(_Atomic uint32_t *word, int count) {
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
}

/* 0 = free, 1 = taken, 2 = taken and somebody may wait. */
struct pw_lock {
    _Atomic uint32_t word;
};

static inline void pw_lock(struct pw_lock *lock) {
    uint32_t seen = 0;
    if (atomic_compare_exchange_strong(&lock->word, &seen, 1)) {
        return;
    }
    while (atomic_exchange(&lock->word, 2) != 0) {
        pw_futex_wait(&lock->word, 2, UINT64_MAX);
    }
}

static inline void pw_unlock(struct pw_lock *lock) {
    if (atomic_exchange(&lock->word, 0) == 2) {
        pw_futex_wake(&lock->word, 1);
    }
}

#endif
