/*
 * Swapping: page tables move, pages do not. mremap moves them by whole page directories where both addresses are equal modulo
 * 2 MiB, so the cost hardly depends on how many pages are there, and afterwards no page faults again.
 *
 * With MREMAP_DONTUNMAP (shared mappings: Linux 5.13) the window is never empty. The first move takes the page tables of the
 * old slot out of the window; a thread that touches it then gets a new page table entry for a page of the old slot, as if it
 * had come a moment earlier. The second move replaces all that at once, as the kernel holds its lock meanwhile. The parking place
 * of the shown slot has a mapping without page tables, so nobody else can get that place.
 *
 * Without it each move leaves a hole. Threads that fall into the window's wait in the fault handler; the parking place of the
 * shown slot is reserved again at once.
 */
#include "window.h"

#include "advice.h"
#include "deadline.h"
#include "place.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif
#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static void *window_address(const struct pw_window *window) {
    return (void *)(uintptr_t)window->base;
}

static int slot_prot(const struct pw_window *window) {
    return window->writes ? PROT_READ | PROT_WRITE : PROT_READ;
}

/* 0 or negative errno. keep: MREMAP_DONTUNMAP or 0. */
static int move(const struct pw_window *window, void *from, void *to, int keep) {
    void *got = mremap(from, window->span, window->span, MREMAP_MAYMOVE | MREMAP_FIXED | keep, to);
    return got == to ? 0 : -errno;
}

/* May mappings of this file be moved so that the old place stays mapped? Asked on a page of its own: an old kernel clears the
 * target before it refuses. */
static int can_keep(int fd) {
    static _Atomic int known; /* 0 = not asked, 1 = no, 2 = yes */
    if (known == 0) {
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        void *old = mmap(NULL, page, PROT_READ, MAP_SHARED, fd, 0);
        if (old == MAP_FAILED) {
            return 0;
        }
        /* The address must be said: NULL = anywhere. */
        void *new = mremap(old, page, page, MREMAP_MAYMOVE | MREMAP_DONTUNMAP, NULL);
        known = new != MAP_FAILED ? 2 : 1;
        munmap(old, page);
        if (new != MAP_FAILED) {
            munmap(new, page);
        }
    }
    return known == 2;
}

int pw_window_blank(const struct pw_window *window) {
    void *base = window_address(window);
    int prot = window->writes ? PROT_NONE : PROT_READ;
    if (mmap(base, window->span, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != base) {
        return -errno;
    }
    return pw_advise(base, window->span, window->dumped);
}

/* The slot at its parking place, mapped when it is used for the first time. */
static int park(struct pw_window *window, uint32_t slot) {
    if (window->park[slot] == NULL) {
        void *place = pw_place_map(window->span, window->base, slot_prot(window), MAP_SHARED, window->fd,
                                   slot * window->stride);
        if (place == NULL) {
            return -errno;
        }
        int rc = pw_advise(place, window->span, window->dumped);
        if (rc != 0) {
            pw_place_unmap(place, window->span);
            return rc;
        }
        window->park[slot] = place;
    }
    return 0;
}

/* The second move failed, and may have cleared the window before. Page tables are lost at worst, never contents. */
static void put_back(struct pw_window *window, int keep) {
    void *base = window_address(window);
    if (window->shown < 0) {
        (void)pw_window_blank(window);
        return;
    }
    if (move(window, window->park[window->shown], base, keep) == 0) {
        return;
    }
    off_t at = (off_t)((uint64_t)window->shown * window->stride);
    if (mmap(base, window->span, slot_prot(window), MAP_SHARED | MAP_FIXED, window->fd, at) == base) {
        (void)pw_advise(base, window->span, window->dumped);
    }
}

static int swap(struct pw_window *window, uint32_t slot, int keep) {
    void *base = window_address(window);
    int rc = window->shown < 0 ? 0 : move(window, base, window->park[window->shown], keep);
    if (rc == 0 && (rc = move(window, window->park[slot], base, keep)) != 0) {
        put_back(window, keep);
    }
    return rc;
}

/* ---- without MREMAP_DONTUNMAP ---- */

/* Somebody who asks for addresses by number may have been faster: then the slot gets another place, at the latest when it has to
 * go back. */
static void reserve(struct pw_window *window, uint32_t slot) {
    void *place = window->park[slot];
    void *got = mmap(place, window->span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (got == place) {
        return;
    }
    if (got != MAP_FAILED) {
        munmap(got, window->span);
    }
    pw_place_forget(place);
    window->park[slot] = NULL;
}

static int swap_with_holes(struct pw_window *window, uint32_t slot) {
    /* A signal handler of this thread that touched the window now would wait for ever. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    window->range->turn++;
    int rc = swap(window, slot, 0);
    window->range->turn++;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc == 0) {
        reserve(window, slot);
    } else if (window->shown >= 0) { /* whatever is left there is ours, or nobody's */
        munmap(window->park[window->shown], window->span);
        reserve(window, (uint32_t)window->shown);
    }
    return rc;
}

/* Where the slot in the window goes. */
static int have_place(struct pw_window *window) {
    if (window->shown < 0 || window->park[window->shown] != NULL) {
        return 0;
    }
    void *place = pw_place_map(window->span, window->base, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    window->park[window->shown] = place;
    return place != NULL ? 0 : -errno;
}

int pw_window_show(struct pw_window *window, uint32_t slot, uint64_t *ns) {
    int rc = have_place(window);
    rc = rc == 0 ? park(window, slot) : rc;
    if (rc != 0) {
        return rc;
    }
    int keep = can_keep(window->fd);
    uint64_t began = pw_now();
    rc = keep ? swap(window, slot, MREMAP_DONTUNMAP) : swap_with_holes(window, slot);
    *ns = pw_now() - began;
    if (rc == 0) {
        window->shown = (int)slot;
    }
    return rc;
}
