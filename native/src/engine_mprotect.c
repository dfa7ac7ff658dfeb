/* Rights by mprotect: works everywhere and for writers; every boundary between two rights is a kernel mapping more. */
#include "engine.h"
#include "pagewire/pagewire.h"

#include <errno.h>
#include <sys/mman.h>

static int protect(void *start, size_t length, int right) {
    int protection = right == PW_WRITE ? PROT_READ | PROT_WRITE : right == PW_READ ? PROT_READ : PROT_NONE;
    return mprotect(start, length, protection) == 0 ? 0 : -errno;
}

static int arm(void *start, size_t length) {
    return protect(start, length, PW_NONE);
}

const struct pw_engine pw_engine_mprotect = {
    .name = "mprotect",
    .splits = 1,
    .arm = arm,
    .grant = protect,
    .revoke = protect,
};
