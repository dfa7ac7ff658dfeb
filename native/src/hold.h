/*
 * hold.h - pages that a revoke does not get at once, because the instruction for which they came has had no chance yet. A hold
 * counts from the moment when the fault handler returns, and covers the pages of the instruction, not the rest of the run that
 * came along.
 */
#ifndef PAGEWIRE_HOLD_H
#define PAGEWIRE_HOLD_H

#include "rights.h"

/* The pages of the series are kept for the thread on this line. (lock; the line is the caller's) */
void pw_hold_keep(struct pw_line *line, const struct pw_series *series, int longer);

/* The handler is about to return: the time counts from now on. Async-signal-safe; the line is the caller's. */
void pw_hold_begin(struct pw_line *line, const struct pw_series *series);

/* When the last hold on pages of the revoke ends; 0 = there is none. (lock) */
uint64_t pw_hold_until(const struct pw_region *region, const struct pw_revoke *revoke);

/* Holds that were made longer than the shortest, for an instruction that seemed to get nowhere: one whose thread sleeps, not in the
 * fault handler but in a system call that it made since, is over. How many such holds are left; *ended: how many were over. (agent,
 * without the lock) */
uint32_t pw_hold_end_asleep(struct pw_region *region, const struct pw_revoke *revoke, uint32_t *ended);

/* A thread comes into the handler and goes. Async-signal-safe. */
void pw_visit_begin(struct pw_region *region, uint32_t thread);
void pw_visit_end(struct pw_region *region, uint32_t thread);

#endif
