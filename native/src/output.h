/* output.h - what a program that prints its result does last. */
#ifndef PAGEWIRE_OUTPUT_H
#define PAGEWIRE_OUTPUT_H

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The exit code of a program that has ended with rc: what it printed must have got out. A reader may go early, as head does. */
static inline int pw_output_ended(const char *program, int rc) {
    int failed = ferror(stdout);
    errno = failed ? EIO : 0;
    if ((fflush(stdout) == 0 && !failed) || errno == EPIPE) {
        return rc;
    }
    fprintf(stderr, "%s: cannot write to standard output: %s\n", program, strerror(errno));
    return rc == 0 ? 1 : rc;
}

#endif
