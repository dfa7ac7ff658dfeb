/*
 * rights.h - which page may be used how, in this process. Grants and revokes come from two threads (a faulting thread and
 * the agent), so one of them can be overtaken by the other; sequence numbers decide (a grant older than the last revoke of
 * its page is not applied), and the generation decides when everything was taken away without a number.
 */
#ifndef PAGEWIRE_RIGHTS_H
#define PAGEWIRE_RIGHTS_H

#include "region.h"

struct pw_grant {
    uint64_t first, count, sequence;
    int right;
    uint32_t generation; /* of the region when the request was sent */
};

/* The pages that the instruction of one thread needs, and how long to keep them. */
struct pw_series {
    uint64_t page[PW_SERIES];
    uint32_t count;
    uint64_t hold_ns;
};

struct pw_revoke {
    uint64_t first, count; /* count = all pages for a whole-region revoke */
    uint64_t sequence;
    int left;
    int whole;
    int at_leisure; /* nobody needs the pages now: a pin whose pages still come in does not break */
    uint64_t arrived; /* pw_now() */
};

int pw_rights_init(struct pw_region *region);
void pw_rights_free(struct pw_region *region);

/* Applies a grant that answers a fault on page. 1 = the page can be used, 0 = overtaken, ask again, -ESTALE =
 * the daemon's lease is over, else negative errno.
 * The region's lock is taken inside; signals are blocked already. */
int pw_rights_grant(struct pw_region *region, const struct pw_grant *grant, uint64_t page, struct pw_line *line,
                    const struct pw_series *series);

/* The right of every page at once, for the start of a mapping. */
int pw_rights_initial(struct pw_region *region, int right);

/* A preloaded mapping is filled: its initial right holds on every page from now on. (lock) */
int pw_rights_open(struct pw_region *region);

/* 1 = the page had lost the right in this process alone (a failure covered it), the right holds, and the page has it again;
 * 0 = only the daemon can give it. Signals are blocked already. */
int pw_rights_stand(struct pw_region *region, uint64_t page, int right);

/* Applies a revoke; or, when pages must be kept for now, gives the moment to come back (never 0). */
uint64_t pw_rights_revoke(struct pw_region *region, const struct pw_revoke *revoke);

/* No access to anything from now on; answers on their way are void. Pins break. */
void pw_rights_take_all(struct pw_region *region);

/* The same with the lock held. */
void pw_rights_take_all_locked(struct pw_region *region);

/* Counts the edges of pages [first, first + count) anew after right[] changes to value. (lock) */
void pw_rights_set(struct pw_region *region, uint64_t first, uint64_t count, uint8_t value);

/* Forgets the sequences of all revokes: those of another session begin anew. (lock) */
void pw_rights_unnumber(struct pw_region *region);

/* Ends scattered rights except pinned ones, so that the kernel can join its mappings again. (lock) */
void pw_rights_reset(struct pw_region *region);

/* The access that right[] promises now. (lock) */
int pw_rights_of(const struct pw_region *region, uint64_t page);

#endif
