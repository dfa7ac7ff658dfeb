/*
 * untold.h - what each thread has still to be told of. Internal: failures put themselves in, the JNI glue takes them out.
 *
 * A thread that fails gets a slot, once and for its life, and the slot holds the oldest failure of the thread that nobody has
 * claimed. Whoever claims it (the accessor that met it, or the deliverer of exceptions) speaks for all that the thread has
 * failed on by then, so nothing queues and nothing can overflow: a thread's failure waits for that thread alone.
 *
 * All of it is async-signal-safe but pw_untold_await, and safe for use by any thread.
 */
#ifndef PAGEWIRE_UNTOLD_H
#define PAGEWIRE_UNTOLD_H

#include "failure.h"

/* Makes sure that the calling thread has a slot. 0 or -ENOMEM. */
int pw_untold_prepare(void);

/* The calling thread, which has a slot, has failed. generation: of the mapping when the failure began. */
void pw_untold_put(const struct pw_failure *failure, uint64_t generation);

/* 1 = the calling thread has an unclaimed failure. */
int pw_untold_any(void);

/* Claims the calling thread's unclaimed failure for its accessor when it is this one. */
void pw_untold_claim_own(const struct pw_region *region, uint64_t id);

/* The same when it began after that generation on one of the pages first to last; 1 = it did, and out is filled. */
int pw_untold_claim_access(const struct pw_region *region, uint64_t first, uint64_t last, uint64_t generation,
                           struct pw_failure *out);

/* Whether some thread has still to be told of a failure of this region, where none can fail any more. */
int pw_untold_speaks_of(const struct pw_region *region);

/* The handler says that the calling thread waits for a page, and that it does no more. */
void pw_untold_in_fault(int waits);

/* enum pw_cause of the calling thread's unclaimed failure when somebody wants to tell the thread of it, else 0. */
uint32_t pw_untold_wanted(void);

/* Claims the calling thread's unclaimed failure, whatever it is; 1 = there was one, and out is filled. */
int pw_untold_claim_wanted(struct pw_failure *out);

#endif
