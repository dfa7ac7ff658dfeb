/*
 * lease.h - the end of the daemon's lease, by this process's own clock. The page that says it counts in the daemon's
 * CLOCK_BOOTTIME, and a time namespace gives that clock an offset that differs from process to process. So the two are compared
 * whenever an agent or a fault line meets the daemon: their answers say what the daemon's clock shows, and its namespace.
 *
 * Where the namespace is the same there is no difference. Where it is another, the difference is at least the own time at which
 * HELLO was sent less the daemon's time in the answer, because the daemon looked at its clock later. The greatest of these bounds
 * is used: a lease then ends too early by the quickest of the ways there, and never too late. The difference of two namespaces is
 * constant, also while the machine sleeps, and a process with threads, as one with an agent, cannot change its namespace.
 */
#ifndef PAGEWIRE_LEASE_H
#define PAGEWIRE_LEASE_H

#include "region.h"

/* A new connection, before its first HELLO: nothing is known of that daemon's clock, and its lease counts as over. (agent) */
void pw_lease_begin(struct pw_region *region);

/* The answer to a HELLO of an agent or a line that was sent at sent, of the own CLOCK_BOOTTIME. 0, or -EPROTO when the daemon does
 * not say its time. (agent) */
int pw_lease_meet(struct pw_region *region, uint64_t sent, const struct pw_message *answer);

/* When the lease ends, ns of the own CLOCK_BOOTTIME; 0 = no rights now, PW_LEASE_NO_END. (lock or agent) */
uint64_t pw_lease_end(const struct pw_region *region);

/* 1 when the daemon's lease is over. (lock or agent) */
int pw_lease_over(const struct pw_region *region);

/* Changes while the daemon sees a large page of the region on its way: what takes long is not late. Takes the lock.
 * Async-signal-safe; signals are blocked. */
uint64_t pw_lease_moved(struct pw_region *region);

#endif
