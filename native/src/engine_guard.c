/*
 * Rights by guard markers (MADV_GUARD_INSTALL: anonymous memory since Linux 6.13, files and shared memory since 6.15). The
 * mapping is readable as a whole and a marker in the page-table entry makes a page fault all the same, so scattered pages
 * split nothing. Markers know no "readable but not writable": this engine serves mappings that only read.
 *
 * Every marker is a page-table entry, 8 bytes a page even where nobody ever reads; beyond 64 GiB that is too much for a
 * mapping and the other engine serves it.
 */
#include "engine.h"
#include "pagewire/pagewire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif

#define LARGEST_SPAN (64ull << 30)

static int install(void *start, size_t length) {
    if (madvise(start, length, MADV_GUARD_INSTALL) == 0) {
        return 0;
    }
    if (errno != EINVAL) {
        return -errno;
    }
    /* EINVAL: the memory is locked, for example by mlockall in the application. */
    if (munlock(start, length) != 0 || madvise(start, length, MADV_GUARD_INSTALL) != 0) {
        return -errno;
    }
    return 0;
}

/* First the markers, then the protection: the other way round there were a moment with access to everything. */
static int arm(void *start, size_t length) {
    int rc = install(start, length);
    if (rc == 0 && mprotect(start, length, PROT_READ) != 0) {
        rc = -errno;
    }
    return rc;
}

static int grant(void *start, size_t length, int right) {
    if (right != PW_READ) {
        return -ENOTSUP;
    }
    return pw_engine_guard_remove(start, length);
}

static int take(void *start, size_t length, int left) {
    return left == PW_NONE ? install(start, length) : 0;
}

int pw_engine_guard_remove(void *start, size_t length) {
    return madvise(start, length, MADV_GUARD_REMOVE) == 0 ? 0 : -errno;
}

const struct pw_engine pw_engine_guard = {
    .name = "guard",
    .splits = 0,
    .arm = arm,
    .grant = grant,
    .revoke = take,
};

/* Tries a marker on shared memory and looks whether the kernel itself now refuses to read there. */
static int probe(void) {
    size_t length = (size_t)sysconf(_SC_PAGESIZE);
    int works = 0;
    int pipes[2];
    int fd = memfd_create("pagewire-probe", MFD_CLOEXEC);
    if (fd < 0) {
        return 0;
    }
    if (ftruncate(fd, (off_t)length) == 0 && pipe2(pipes, O_CLOEXEC | O_NONBLOCK) == 0) {
        void *page = mmap(NULL, length, PROT_READ, MAP_SHARED, fd, 0);
        if (page != MAP_FAILED) {
            works = madvise(page, length, MADV_GUARD_INSTALL) == 0 && write(pipes[1], page, 1) < 0 && errno == EFAULT
                    && madvise(page, length, MADV_GUARD_REMOVE) == 0 && write(pipes[1], page, 1) == 1;
            munmap(page, length);
        }
        close(pipes[0]);
        close(pipes[1]);
    }
    close(fd);
    return works;
}

int pw_engine_choose(int highest_right, uint64_t span, const struct pw_engine **engine) {
    static _Atomic int known = -1;
    if (known < 0) {
        known = probe();
    }
    int possible = highest_right < PW_WRITE && span <= LARGEST_SPAN;
    const char *forced = getenv("PAGEWIRE_ENGINE");
    *engine = possible && known ? &pw_engine_guard : &pw_engine_mprotect;
    if (forced == NULL || *forced == '\0') {
        return 0;
    }
    if (strcmp(forced, "mprotect") == 0) {
        *engine = &pw_engine_mprotect;
        return 0;
    }
    if (strcmp(forced, "guard") != 0) {
        return -EINVAL;
    }
    return possible && !known ? -ENOTSUP : 0;
}
