/* progress.h - how far dsmd has come with filling a preloaded mapping, or with reading a resident region. */
#ifndef PAGEWIRE_PROGRESS_H
#define PAGEWIRE_PROGRESS_H

#include "client.h"

#define PW_PROGRESS_NS 20000000ull /* from one question to the next */

struct pw_filling {
    struct pw_client *client;
    uint64_t token;   /* of the mapping; 0 = the resident region of that name */
    const char *what; /* for error texts: "map region" */
    const char *name;
    uint64_t done, total; /* bytes, as far as is known; done never goes back */
    uint64_t deadline;    /* by then more must be done; 0 = nobody has asked yet */
};

/* Asks once. 1 = all is done, and a warning of dsmd is kept; 0 = not yet; else negative errno: it failed, or nothing has
 * moved for the deadline of a request (-ETIMEDOUT). */
int pw_filling_ask(struct pw_filling *filling);

/* Asks until all is done (0) or a negative errno, and tells progress, which may be NULL. stop may be NULL; when what it points
 * to is not expected any more: -ESHUTDOWN. */
int pw_filling_await(struct pw_filling *filling, int (*progress)(void *context, uint64_t done, uint64_t total), void *context,
                     const _Atomic uint32_t *stop, uint32_t expected);

#endif
