/* Programs under a checker. valgrind is told what the library does with memory and signals; ThreadSanitizer has no room for regions.
 * Elsewhere nothing happens. */
#ifndef PW_CHECKER_H
#define PW_CHECKER_H

#include <stddef.h>

/* 1 when this program runs on valgrind. Safe in a signal handler. */
int pw_on_valgrind(void);

/* A touch of this memory is no error, whatever its protection: the first one of a page brings it. */
void pw_valgrind_readable(void *at, size_t length);

/* 0, or the error that this program cannot map regions and streams. */
int pw_check_sanitizer(void);

#endif
