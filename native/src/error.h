/* The calling thread's last error: what pw_error() shows. Not for the fault handler. */
#ifndef PAGEWIRE_ERROR_H
#define PAGEWIRE_ERROR_H

#include <stdint.h>

/* Keeps the text and returns -code, so that callers can write `return pw_fail(EINVAL, "...")`. */
int pw_fail(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Like pw_fail(EIO, ...) for a page that could not be served; remembers page and cause for pw_error_cause. */
int pw_fail_page(const char *region, uint64_t page, uint32_t cause);

/* Adds the cause to the error before: the stream that it speaks of is over. */
void pw_error_stream_over(uint32_t cause);

/* Keeps the text of a warning for pw_warning, behind one that is there already. */
void pw_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Forgets the texts of the call before. */
void pw_error_clear(void);

/* enum pw_cause of the thread's last error, 0 when that was neither a failed page nor the end of a stream; *page is set. */
uint32_t pw_error_cause(uint64_t *page);

/* The errno (positive) for a status of the local protocol, as pagewire.h lists them. */
int pw_status_errno(unsigned status);

#endif
