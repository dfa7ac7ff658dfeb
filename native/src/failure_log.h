/* failure_log.h - the library's own side of failure.h: failures begin in the fault handler and end in several places. */
#ifndef PAGEWIRE_FAILURE_LOG_H
#define PAGEWIRE_FAILURE_LOG_H

#include "failure.h"
#include "region.h"

/* Once, before the first mapping in PW_FAIL_RECORD mode. 0 or negative errno. */
int pw_failure_prepare(void);

/* In the handler: covers the page and records the failure. store: the access was a store. mark: stands for the instruction and
 * its operands. 1 = done, the instruction may go on; 0 = the mapping has changed meanwhile, fault again; negative errno: the
 * page could not be covered. */
int pw_failure_begin(struct pw_region *region, uint64_t page, uint32_t cause, int store, uint64_t mark);

/* In the handler: enum pw_cause when the access fails without asking, because this instruction of the calling thread has failed
 * on the page before and the thread has not been told yet, or because somebody wants to tell it (pw_untold_want); else 0. */
uint32_t pw_failure_again(struct pw_region *region, uint64_t page, uint64_t mark);

/* Ends the failure of one page, or of all: the real mapping without access comes back. 0, or negative errno: the kernel would
 * not, and the private page still stands. (lock) */
__attribute__((warn_unused_result)) int pw_failure_end_page(struct pw_region *region, uint64_t page);
__attribute__((warn_unused_result)) int pw_failure_end_all(struct pw_region *region);

/* 1 when a private page of a failure stands here. (lock) */
int pw_failure_covers(const struct pw_region *region, uint64_t page);

/* Gives the books back: nobody asks for a failure of this mapping any more. */
void pw_failure_free(struct pw_region *region);

/* Ends the books of all failures without touching memory, which belongs to somebody else by now. (lock) */
void pw_failure_forget_all(struct pw_region *region);

#endif
