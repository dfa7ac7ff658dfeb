/*
 * window.h - the window of one end of a stream, and the frames behind it.
 *
 * Each slot that was ever shown is mapped at a parking place of its own; showing it moves its page tables into the window
 * (swap.c). One thread at a time uses a window. Only pw_window_met_swap is for the fault handler.
 */
#ifndef PAGEWIRE_WINDOW_H
#define PAGEWIRE_WINDOW_H

#include "local_protocol.h"

#include <stdatomic.h>
#include <stdint.h>

/* What the fault handler knows of a window; never given back, so it may look at any time. */
struct pw_window_range {
    _Atomic uint64_t base, end;  /* 0 = unused */
    _Atomic uint64_t turn;       /* odd while the window may be empty */
    _Atomic uint64_t retries;    /* faults that met a swap */
    uint64_t stream_id;          /* (lock of window.c) */
};

struct pw_closed_range;

struct pw_window {
    uint64_t base, span; /* bytes, whole pages */
    uint64_t stream_id, stride;
    uint32_t slots;
    int fd;       /* of the frames; belongs to the window while it is open */
    int writes;   /* slots are mapped for writing, too */
    int mode;     /* enum pw_failure_mode when it was opened */
    int dumped;   /* frames are in core dumps */
    int relocated;
    int shown;    /* slot in the window, -1 = none yet */
    void *park[PW_MOST_SLOTS];       /* NULL = never mapped, or it has no place at present */
    struct pw_window_range *range;   /* NULL = not open */
    struct pw_closed_range *closed;  /* the entry it will have when it is closed */
};

/* Takes the address range of a reply for this process, with memory of zeros in it that only a load may touch (a writer's none
 * at all), and the descriptor when it succeeds. what and name are for texts. A second window of the stream is placed elsewhere,
 * with a warning. 0 or negative errno with the thread's error text set: -EEXIST, -ENOMEM, -ENOBUFS, -EPROTO. */
int pw_window_open(struct pw_window *window, const struct pw_stream_reply *reply, int fd, int writes, int dumped,
                   const char *name);

/* Takes all frames away. The range stays: memory of zeros, or no access in mode PW_FAIL_SIGBUS. Safe when it is not open. */
void pw_window_close(struct pw_window *window);

/* Puts the slot in the window, and the one that was there to its parking place. 0 and *ns, the time that moving the page tables
 * took; or negative errno, and the window is as it was. */
int pw_window_show(struct pw_window *window, uint32_t slot, uint64_t *ns);

/* Puts back what the window showed before any slot. 0 or negative errno. (swap.c) */
int pw_window_blank(const struct pw_window *window);

static inline uint64_t pw_window_retries(const struct pw_window *window) {
    return window->range->retries;
}

/* In the fault handler, for an address with no mapping: 1 = that met a swap of a window, which has ended; try again. */
int pw_window_met_swap(uint64_t address);

#endif
