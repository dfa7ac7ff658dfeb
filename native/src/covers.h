/*
 * covers.h - the thread that ends covers. A covered page shows its zeros to every thread of the process, so it must not stay
 * for longer than the instruction that failed needs; and nobody else can be relied upon to end it: agents come and go with
 * connections, and a thread of the JVM waits for safepoints, which wait for faults.
 */
#ifndef PAGEWIRE_COVERS_H
#define PAGEWIRE_COVERS_H

#include "region.h"

/* Starts the thread. 0 or negative errno. Idempotent; callers take turns. */
int pw_covers_start(void);

/* A page of the region has been covered. Async-signal-safe. */
void pw_covers_watch(struct pw_region *region);

/* For tests: how long covers stay from now on, instead of 2 ms. UINT64_MAX = for ever. */
void pw_covers_last(uint64_t ns);

#endif
