/*
 * preload.h - preloaded mappings: all pages come together, their right holds for good, and the memory is locked, so that no
 * access ever faults. pw_map does it in the caller's thread; when the daemon was gone, the agent does it again in steps.
 */
#ifndef PAGEWIRE_PRELOAD_H
#define PAGEWIRE_PRELOAD_H

#include "progress.h"
#include "region.h"

/* A way through the memory of a mapping. Begin with {0}. */
struct pw_settling {
    uint64_t at;     /* bytes from the start that are dealt with */
    int lock_errno;  /* why the memory is made present only, or 0 */
};

/* Waits until the mapping with this token is filled, and makes it usable. 0, or negative errno; nothing is taken back then. The
 * caller has entered the region. */
int pw_preload(struct pw_region *region, uint64_t token, const struct pw_map_options *options);

void pw_preload_begin(struct pw_filling *filling, const struct pw_region *region, uint64_t token);

/* Filled: gives the right on every page, if the mapping still has this token. 0 or negative errno. */
int pw_preload_open(struct pw_region *region, uint64_t token);

/* mlock as the kernel has it: the address sanitizer's does nothing, and reports success. 0 or negative errno.
 * Async-signal-safe. */
int pw_lock_memory(void *start, size_t length);

/* Locks the next piece of memory or makes it present: 1 = that was the last one, 0 = there is more, else negative errno. */
int pw_preload_settle(struct pw_region *region, struct pw_settling *settling);

#endif
