/*
 * region.h - one mapping: what the handler, the agent and the API share.
 *
 * Who may touch what:
 *   plain fields of the first block      written before the region is published, then never
 *   fields marked (lock)                 with the mapping's lock held and all signals blocked
 *   _Atomic fields                       anybody
 *   fields marked (agent)                the agent thread, or pw_map before the agent starts / pw_unmap after it ended
 *
 * The structure outlives the mapping: handlers, late accessors and the exception deliverer may still hold its address. When and how
 * it is used again is told in region_table.c.
 */
#ifndef PAGEWIRE_REGION_H
#define PAGEWIRE_REGION_H

#include "engine.h"
#include "futex.h"
#include "local_protocol.h"
#include "pagewire/pagewire.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>

enum pw_state {
    PW_OPEN = 1,
    PW_LOST,    /* no daemon: no rights, faults fail with lost_cause; the agent tries to come back */
    PW_CLOSING, /* pw_unmap has begun */
    PW_SHUT,    /* closed; the address range is reserved and inaccessible */
    PW_REPLACED /* closed, and the range belongs to a newer mapping of the same region */
};

#define PW_SERIES 4u    /* pages that one instruction may need at once */
#define PW_LINE_HOLDS 8u /* more than one series: a line serves other threads while a hold lasts */
#define PW_MOST_PINS 64u
#define PW_VISITS 64u
#define PW_COVERED 0x80 /* in right[]: a private page of a failed fault stands here */

struct pw_hold {
    uint64_t page;          /* (lock) */
    _Atomic uint64_t until; /* written by the line's owner, and with the lock */
    uint32_t thread;        /* (lock) the one that the page is kept for */
    int longer;             /* (lock) than the shortest: its instruction seemed to get nowhere */
};

/* How often threads, those whose numbers share a remainder together, came into the fault handler and left it. */
struct pw_visits {
    _Atomic uint32_t begun, ended;
};

struct pw_waiter;

/* Threads that wait for a line, in order; see queue.h. */
struct pw_queue {
    struct pw_lock lock;
    struct pw_waiter *first, *last; /* (its own lock) */
};

enum pw_line_state { PW_LINE_NONE = 0, PW_LINE_FREE, PW_LINE_BUSY, PW_LINE_BROKEN };

/* One fault line: a connected socket that serves one fault at a time. */
struct pw_line {
    _Alignas(128) _Atomic uint32_t state;
    int fd;                          /* owner: the thread that made the line busy; while not busy, the agent */
    uint32_t next_id;
    uint32_t thread;                 /* owner: its number */
    _Atomic uint64_t asked;          /* page + 1 from the request until its answer is dealt with, else 0 */
    _Atomic uint32_t turn;           /* counts answers dealt with; the agent sleeps on it */
    _Atomic uint32_t answered;       /* the answer is being read, or was and is not dealt with yet */
    _Atomic uint32_t watched;        /* the agent waits for the turn to change */
    struct pw_hold hold[PW_LINE_HOLDS]; /* pages kept for the threads that got them on this line */
};

struct pw_pin {
    uint64_t id; /* 0 = unused */
    uint64_t first, count;
    uint64_t until;
    uint8_t right;
    uint8_t broken;
};

struct pw_failure_log;
struct pw_event_queue;

struct pw_region {
    _Atomic uint32_t users;        /* threads between enter and leave; first, and kept when the structure is used again */
    struct pw_client *client;      /* NULL = closed; (registry lock) while nobody uses the region */
    struct pw_region *next;        /* of the closed ones, or of the unused structures; (registry lock) */
    struct pw_region *next_of_client;
    _Atomic uint32_t holds;        /* see pw_region_hold */
    uint8_t retired;               /* closed and forgotten; (registry lock) */
    uint8_t bare;                  /* nothing is reserved in the range */
    char name[PW_MAX_NAME + 1];
    uint64_t id, base, span, size, pages;
    uint32_t page_size, page_shift, flags, revoke_ms, max_lines;
    uint32_t map_flags, period_ms; /* as dsmd was asked */
    uint8_t highest;
    uint8_t dumped;          /* the frames are in core dumps */
    int mode;                /* enum pw_failure_mode */
    struct pw_client *aside; /* connection for what takes long; lives as long as the agent */

    _Atomic uint32_t state;      /* enum pw_state */
    _Atomic uint32_t lost_cause; /* enum pw_cause while PW_LOST */
    _Atomic uint32_t fault_ms;
    _Atomic uint64_t token, session;
    _Atomic uint64_t least_hold_ns;
    _Atomic uint32_t ready; /* 0 = a preloaded mapping that is not filled yet; threads sleep on it */

    struct pw_lock lock;
    const struct pw_engine *_Atomic engine; /* written under lock */
    uint8_t *right;                         /* (lock) per page: enum pw_right, or PW_COVERED */
    uint64_t *revoked;                      /* (lock) per page: sequence of its last revoke */
    uint64_t floor;                         /* (lock) sequence of the last revoke of the whole region */
    uint64_t edges;                         /* (lock) neighbours with different rights, for the VMA budget */
    _Atomic uint32_t generation;            /* written under lock; +1 when everything was taken away at once */
    int frames;                             /* (lock) descriptor of the frames */
    uint8_t initial;                        /* (lock) enum pw_right of a fresh mapping */
    uint8_t standing;                       /* (lock) right on every page of a preloaded mapping, whatever right[] says */
    uint8_t locked;                         /* (lock) the memory of a preloaded mapping is locked */
    const struct pw_lease_page *lease;      /* (lock), and the agent without it */
    _Atomic int64_t clock_ahead;            /* own CLOCK_BOOTTIME less the daemon's, at least, ns; see lease.h */
    uint64_t time_namespace;                /* (agent) inode of the own one; 0 = unknown */
    struct pw_pin pin[PW_MOST_PINS];        /* (lock) */
    uint64_t next_pin;                      /* (lock) */

    struct pw_line *line;
    _Atomic uint32_t lines;       /* entries of line[] that were ever opened */
    _Atomic uint32_t line_wanted; /* threads that wait for one, or are about to */
    _Atomic uint64_t line_moved;  /* when a thread was last given its page while others waited for a line; 0 = never */
    struct pw_queue queue;
    struct pw_visits visits[PW_VISITS];

    pthread_t agent;
    int agent_fd, wake_fd, timer_fd; /* (agent); wake_fd may be written by anybody */
    _Atomic uint32_t closing_ready;  /* nothing stands there any more: the agent may end */
    _Atomic uint32_t lingering;      /* and must say so to the daemon itself, which did not answer in time */
    char lingers_at[108];            /* the daemon's socket, then */

    _Atomic uint64_t failure_word;
    struct pw_failure_log *_Atomic failures; /* contents (lock) */
    struct pw_region *next_covered;          /* in a list of covers.c */
    _Atomic uint32_t watched;                /* and 1 while it is in one */
    struct pw_event_queue *_Atomic events;
    _Atomic uint32_t listeners; /* threads in pw_next_event */

    _Atomic uint64_t read_faults, write_faults, failed_faults, retried_faults, revokes, lost_events;
    _Atomic uint64_t fault_ns, fault_max_ns, vma_resets, hold_ns, handler_entries, lost_pages;
};

static inline int pw_is_preloaded(const struct pw_region *region) {
    return (region->flags & PW_FLAG_PRELOADED) != 0;
}

/* The region whose range holds the address, closed ones too, entered; NULL = none. Async-signal-safe. */
struct pw_region *pw_region_enter_at(uint64_t address);

/* Between enter and leave the descriptors and arrays of an open region stay. Async-signal-safe. */
void pw_region_enter(struct pw_region *region);
void pw_region_leave(struct pw_region *region);

/* Maps the frames without access over pages of the region, marks them not for children and arms the engine. (lock) */
int pw_region_place(struct pw_region *region, uint64_t first, uint64_t count);

/* A private page of zeros, or with copy != 0 of the frame's present contents, readable and writable. (lock) */
int pw_region_cover(struct pw_region *region, uint64_t page, int copy);

/* Reserves the pages without access and without contents. (lock) */
int pw_region_reserve(struct pw_region *region, uint64_t first, uint64_t count);

/* enum pw_failure_mode of mappings that are made from now on. */
int pw_failure_mode(void);

/* Tells dsmd that the mapping is gone. 0 = it knows, or is gone itself and has forgotten; -ETIMEDOUT = it does not answer. What
 * becomes of written pages can be asked of the leave, which may be NULL. */
struct pw_leave;
int pw_region_forget(struct pw_region *region, struct pw_leave *leave);

/* 1 when home may not have what was stored through this mapping. */
static inline int pw_may_have_written(const struct pw_region *region) {
    return !(region->flags & PW_FLAG_HOME) && region->highest >= PW_WRITE
           && ((region->flags & PW_FLAG_PRELOADED) || region->write_faults > 0);
}

/* Gives back everything but the structure. The agent has ended, or is the caller; no thread uses the region. */
void pw_region_release(struct pw_region *region);

/* 1 in a process that was forked from one that uses the library; nothing of it may be used there. Async-signal-safe. */
int pw_in_child(void);

/* For the JNI glue: between hold and drop the structure is not used for another region, however long it has been closed. The first
 * hold is taken by who mapped the region. */
void pw_region_hold(struct pw_region *region);
void pw_region_drop(struct pw_region *region);

/* For the JNI glue: names the mapping in pw_query's "why TOKEN PAGE". */
uint64_t pw_region_token(const struct pw_region *region);
const char *pw_region_name(const struct pw_region *region);

static inline char *pw_page_address(const struct pw_region *region, uint64_t page) {
    return (char *)(uintptr_t)(region->base + (page << region->page_shift));
}

/* The lock for threads that may have signals open: a signal handler that touched the region while its thread holds the lock
 * would wait for ever. */
static inline void pw_lock_masked(struct pw_region *region, sigset_t *before) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, before);
    pw_lock(&region->lock);
}

static inline void pw_unlock_masked(struct pw_region *region, const sigset_t *before) {
    pw_unlock(&region->lock);
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

#endif
