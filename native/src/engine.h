/*
 * The seam between rights and the kernel: how a range loses and gets access. Addresses and lengths are whole pages of the
 * kernel. All functions give 0 or a negative errno and are async-signal-safe; callers hold the mapping's lock.
 */
#ifndef PAGEWIRE_ENGINE_H
#define PAGEWIRE_ENGINE_H

#include <stddef.h>
#include <stdint.h>

struct pw_engine {
    const char *name;
    int splits;                                          /* 1: every boundary between rights costs a kernel mapping */
    int (*arm)(void *start, size_t length);              /* a fresh PROT_NONE mapping becomes one without any access */
    int (*grant)(void *start, size_t length, int right); /* right: PW_READ or PW_WRITE */
    int (*revoke)(void *start, size_t length, int left); /* left: PW_NONE or PW_READ */
};

extern const struct pw_engine pw_engine_guard;    /* markers in the page table; for mappings that only read */
extern const struct pw_engine pw_engine_mprotect; /* everywhere */

/* The engine for a new mapping. PAGEWIRE_ENGINE=guard|mprotect forces one where it can serve the mapping at all.
 * -EINVAL: the variable holds something else; -ENOTSUP: guard is forced and this kernel has none. Not async-signal-safe. */
int pw_engine_choose(int highest_right, uint64_t span, const struct pw_engine **engine);

/* Takes the markers of the guard engine away, for a mapping that changes to the mprotect engine. */
int pw_engine_guard_remove(void *start, size_t length);

#endif
