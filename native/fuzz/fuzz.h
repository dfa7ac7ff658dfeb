/*
 * fuzz.h - targets that take any bytes where the library takes a daemon's, and the means of a target to say that what was
 * accepted is wrong. A target must give the same result for the same bytes.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FUZZ_MOST 4096u /* bytes of an input */

struct fuzz_target {
    const char *name;
    void (*begin)(void); /* once, before the first input; may be NULL */
    void (*run)(const uint8_t *bytes, size_t length);
    void (*end)(void); /* once, after the last; may be NULL */
};

extern const struct fuzz_target fuzz_targets[];
extern const size_t fuzz_target_count;

/* What must hold for whatever the library has accepted. */
#define HOLDS(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);   \
            abort();                                                                  \
        }                                                                             \
    } while (0)

/* Bytes from the front of an input; zeros when it has run out. */
struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

void fuzz_take(struct fuzz_input *input, void *to, size_t length);

/* target_rights.c */
void fuzz_rights_begin(void);
void fuzz_rights_run(const uint8_t *bytes, size_t length);
void fuzz_rights_end(void);

#endif
