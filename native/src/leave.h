/* leave.h - what becomes of pages that were written here once their mapping is gone: dsmd brings them home, and is asked. */
#ifndef PAGEWIRE_LEAVE_H
#define PAGEWIRE_LEAVE_H

#include "client.h"

/* A mapping that has ended. Filled in while it ends; nothing of the mapping is needed afterwards. */
struct pw_leave {
    struct pw_client *aside; /* connection of its own; NULL = there is nothing to wait for */
    int witness;             /* with aside: see client.h */
    uint64_t token, session, pages;
    uint32_t page_size;
    uint64_t left, total; /* bytes that are not at home, and the most that ever were */
    int rc;               /* negative errno when dsmd could not be told of the end, with text; with aside: if it does not know of it */
    char name[PW_MAX_NAME + 1];
    char text[512];
};

/* Ends a mapping as pw_unmap does, but waits for nothing to come home. */
void pw_unmap_begin(struct pw_region *region, struct pw_leave *leave);

/* dsmd has answered UNMAP: left bytes are not at home. The region is still whole. */
void pw_leave_begin(struct pw_leave *leave, const struct pw_region *region, uint64_t left);

/* dsmd could not be told of the end of a mapping whose stores it may not have brought home; the thread's error says why. */
void pw_leave_fail(struct pw_leave *leave, int rc);

/* The same, because dsmd has ended or is about to: the error counts unless dsmd says what has become of the stores, or has said
 * that all of them are home. */
void pw_leave_unsure(struct pw_leave *leave, const struct pw_region *region, int rc);

/* Waits until all is home (0), or a negative errno as pw_unmap gives it, with the thread's error text. options may be NULL.
 * The deadline of its limit counts from started (CLOCK_MONOTONIC, ns). Gives back what the leave holds. */
int pw_leave_await(struct pw_leave *leave, const struct pw_unmap_options *options, uint64_t started);

#endif
