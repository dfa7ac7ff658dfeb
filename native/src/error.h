/* The calling thread's last error: what pw_error() shows. Not for the fault handler. */
#ifndef PAGEWIRE_ERROR_H
#define PAGEWIRE_ERROR_H

#include "pagewire/pagewire.h"

#include <stdint.h>

/* Keeps the text and returns -code, so that callers can write `return pw_fail(EINVAL, "...")`. */
int pw_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/*
 * A fault fails with PW_DEADLINE when the daemon says so: it could not get the page in time. It also does when the library
 * itself gives up; then the cause carries, above its lowest byte, what was waited for. Java's DeadlineReason has the same numbers.
 */
enum pw_reason {
    PW_NO_PAGE = 0,
    PW_NO_ANSWER = 1,  /* of the daemon */
    PW_NO_LINE = 2,    /* and no other thread was given a page */
    PW_LEASE_OVER = 3, /* of the daemon, which answers */
    PW_NOT_FILLED = 4, /* a preloaded mapping at a new daemon */
};

static inline uint32_t pw_deadline_for(enum pw_reason reason) {
    return PW_DEADLINE | (uint32_t)reason << 8;
}

static inline uint32_t pw_plain_cause(uint32_t cause) {
    return cause & 0xff;
}

/* Like pw_fail(EIO, ...) for a page that could not be served; remembers page and cause for pw_error_cause. */
int pw_fail_page(const char *region, uint64_t page, uint32_t cause);

/* Adds the cause to the error before: the stream that it speaks of is over. */
void pw_error_stream_over(uint32_t cause);

/* Keeps the text of a warning for pw_warning, behind one that is there already. */
void pw_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Forgets the texts of the call before. */
void pw_error_clear(void);

/* enum pw_cause of the thread's last error, with the reason of a deadline; 0 when that was neither a failed page nor the end of a
 * stream; *page is set. */
uint32_t pw_error_cause(uint64_t *page);

/* The errno (positive) for a status of the local protocol, as pagewire.h lists them. */
int pw_status_errno(unsigned status);

#endif
