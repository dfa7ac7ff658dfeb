/*
 * failure.h - what became of faults that could not be served, in mode PW_FAIL_RECORD. Internal: for the JNI glue.
 *
 * A failed page is covered by a private page of zeros, so that the load or store that failed can go on. Before that page
 * stands, the mapping's failure word has changed: an accessor that reads the word, loads or stores, and reads the word again
 * sees that something failed in between, and asks pw_failure_check whether it was its own range.
 *
 *     const volatile uint64_t *word = pw_failure_word(region);     once
 *     uint64_t before = *word;
 *     ... load or store ...
 *     if (*word != before || (before & 1)) pw_failure_check(...)
 *
 * The compiler must not move the accesses; the processor need not be told: the faulting thread itself is ordered by its own
 * fault, all others by a membarrier between the word and the zero page.
 *
 * Structures of a mapping stay valid after pw_unmap; their memory is never given back, so late questions have an answer.
 */
#ifndef PAGEWIRE_FAILURE_H
#define PAGEWIRE_FAILURE_H

#include <stdint.h>

struct pw_region;

struct pw_failure {
    uint64_t id;               /* counts up within a mapping, from 1 */
    struct pw_region *region;
    uint64_t page;             /* page number in the region */
    uint32_t cause;            /* enum pw_cause */
    int32_t thread;            /* kernel thread id of the thread that faulted */
    void *ident;               /* what pw_failure_set_ident's function gave in that thread, else NULL */
};

/* Bit 0: some page of the mapping is failed right now. The rest is a generation that changes at every failure and every
 * re-arm. Valid for the life of the process. */
const volatile uint64_t *pw_failure_word(const struct pw_region *region);

/* Was some page of the range failed at some moment between the reading of word_before and now? offset and length in bytes.
 * 0 = no. 1 = yes; out is filled, and when it is the calling thread's own unclaimed failure it is claimed for the caller.
 * 2 = yes, it is the caller's own, but pw_untold_claim was first: the deliverer throws or has thrown it.
 * The last 1024 failures of a mapping are remembered; when they no longer reach back to word_before, the answer is 1. */
int pw_failure_check(struct pw_region *region, uint64_t offset, uint64_t length, uint64_t word_before,
                     struct pw_failure *out);

/* A thread's oldest unclaimed failure, for whoever delivers exceptions. What the thread fails on after that one is claimed
 * together with it, see pw_failure_settle. */
struct pw_untold {
    struct pw_failure failure;
    void *slot;      /* the thread's, for its life */
    uint64_t ticket; /* of this failure in the slot */
    uint64_t age_ns;
    uint64_t count; /* failures in this slot so far: changes as long as the thread goes on failing */
};

/* Waits until some thread of this process has an unclaimed failure, for at most timeout_ms (-1 = for ever). One caller at a
 * time. */
void pw_untold_await(int timeout_ms);

/* Every thread's unclaimed failure. How many there are; the first most of them are in out. */
uint32_t pw_untold_list(struct pw_untold *out, uint32_t most);

/* The caller wants to stop the thread to tell it of this failure. Until somebody claims it, the thread waits for no page any
 * more: its faults fail at once and belong to this failure. 1 = the thread is in no fault, so it can be stopped soon; 0 = it
 * waits for a page still. */
int pw_untold_want(void *slot, uint64_t ticket);

/* 1 = the caller is the first and may deliver the failure; 0 = an accessor has thrown it already. */
int pw_untold_claim(void *slot, uint64_t ticket);

/* The same for whatever failure is in the slot now. */
int pw_untold_claim_any(void *slot);

/* Claims and re-arms every failure of this kernel thread in the mapping; its slot is a matter of its own. One raw operation may
 * fail on thousands of pages, and is told of once. */
void pw_failure_settle(struct pw_region *region, int32_t thread);

/* Gives the page of this failure its real mapping without any access again: the next touch is a new attempt. Idempotent. */
void pw_failure_rearm(struct pw_region *region, uint64_t id);

/* Re-arms what failed age_ns ago or earlier. When to come back for the next, like pw_now; UINT64_MAX = no page is covered. */
uint64_t pw_failure_expire(struct pw_region *region, uint64_t age_ns);

/* A function that the fault handler calls, on the failure path only, in the thread that faulted: its result becomes
 * pw_failure.ident. Must be async-signal-safe. NULL = none. */
void pw_failure_set_ident(void *(*current_thread)(void));

#endif
