#include "preload.h"

#include "error.h"
#include "rights.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

/* So much at a time: the agent answers revokes in between. */
#define PIECE (64ull << 20)

void pw_preload_begin(struct pw_filling *filling, const struct pw_region *region, uint64_t token) {
    *filling = (struct pw_filling){.client = region->aside, .token = token, .what = "map region", .name = region->name};
}

int pw_preload_open(struct pw_region *region, uint64_t token) {
    sigset_t before;
    pw_lock_masked(region, &before);
    int rc = region->state == PW_OPEN && region->token == token ? pw_rights_open(region) : -ECONNRESET;
    if (rc == 0) {
        region->ready = 1;
    }
    pw_unlock_masked(region, &before);
    pw_futex_wake(&region->ready, INT32_MAX);
    return rc;
}

int pw_lock_memory(void *start, size_t length) {
    return syscall(SYS_mlock, start, length) == 0 ? 0 : -errno;
}

/* Bytes that have memory behind them: a file may end within the last page. */
static uint64_t length_of(const struct pw_region *region) {
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    return region->flags & PW_FLAG_FILE ? (region->size + page - 1) & ~(page - 1) : region->span;
}

/* A kernel before 5.14: the kernel itself reads a byte of each page, for a pipe, so that one that cannot be read is an error and
 * no signal. */
static int touch(char *start, uint64_t length) {
    int pipes[2];
    if (pipe2(pipes, O_CLOEXEC) != 0) {
        return -errno;
    }
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    int rc = 0;
    for (uint64_t at = 0; at < length && rc == 0; at += page) {
        char byte;
        if (write(pipes[1], start + at, 1) != 1 || read(pipes[0], &byte, 1) != 1) {
            rc = -errno;
        }
    }
    close(pipes[0]);
    close(pipes[1]);
    return rc;
}

static int may_store(struct pw_region *region) {
    sigset_t before;
    pw_lock_masked(region, &before);
    int right = region->standing;
    pw_unlock_masked(region, &before);
    return right == PW_WRITE;
}

static int make_present(struct pw_region *region, char *start, uint64_t length) {
    /* Pages of a file would all be written back. */
    int stores = !(region->flags & PW_FLAG_FILE) && may_store(region);
    if (madvise(start, length, stores ? MADV_POPULATE_WRITE : MADV_POPULATE_READ) == 0) {
        return 0;
    }
    return errno == EINVAL ? touch(start, length) : -errno;
}

int pw_preload_settle(struct pw_region *region, struct pw_settling *settling) {
    uint64_t all = length_of(region);
    uint64_t length = all - settling->at < PIECE ? all - settling->at : PIECE;
    char *start = pw_page_address(region, 0) + settling->at;
    if (settling->lock_errno == 0 && (settling->lock_errno = -pw_lock_memory(start, length)) != 0) {
        settling->at = 0;
        syscall(SYS_munlock, pw_page_address(region, 0), all); /* what was locked would use the limit up for nothing */
        return 0;
    }
    int rc = settling->lock_errno != 0 ? make_present(region, start, length) : 0;
    if (rc != 0) {
        return rc;
    }
    settling->at += length;
    if (settling->at < all) {
        return 0;
    }
    sigset_t before;
    pw_lock_masked(region, &before);
    region->locked = settling->lock_errno == 0;
    pw_unlock_masked(region, &before);
    return 1;
}

/* Bytes that this process has locked already; 0 when the kernel does not say. */
static uint64_t locked_already(void) {
    char line[256];
    uint64_t kib = 0;
    FILE *status = fopen("/proc/self/status", "re");
    while (status != NULL && fgets(line, sizeof line, status) != NULL) {
        if (sscanf(line, "VmLck: %" SCNu64, &kib) == 1) {
            break;
        }
    }
    if (status != NULL) {
        fclose(status);
    }
    return kib << 10;
}

static void warn_unlocked(const struct pw_region *region, int error) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    (void)getrlimit(RLIMIT_MEMLOCK, &limit);
    if (limit.rlim_cur == RLIM_INFINITY || (error != EPERM && error != ENOMEM)) {
        pw_warn("the memory of region '%s' is present but not locked, so the system may page it out: %s", region->name,
                strerror(error));
        return;
    }
    uint64_t needed = ((locked_already() + length_of(region) + 1023) >> 10) + 64; /* a little for others */
    pw_warn("the memory of region '%s' is present but not locked, so the system may page it out: RLIMIT_MEMLOCK of this process"
            " is %" PRIu64 " KiB and %" PRIu64 " KiB are needed; run `ulimit -l %" PRIu64 "` before the program, or"
            " `prlimit --memlock=%" PRIu64 " --pid %d` and map the region again", region->name, (uint64_t)limit.rlim_cur >> 10,
            needed, needed, needed << 10, (int)getpid());
}

static int say_unsettled(const struct pw_region *region, int rc) {
    if (region->state != PW_OPEN || !region->ready) {
        return pw_fail(ECONNRESET, "cannot map region '%s': dsmd ended meanwhile", region->name);
    }
    if (region->flags & PW_FLAG_FILE) {
        return pw_fail(EIO, "cannot map region '%s': its file cannot be read into memory (%s)", region->name, strerror(-rc));
    }
    return pw_fail(ENOMEM, "cannot map region '%s': there is no memory for all of its %" PRIu64 " bytes (%s)", region->name,
                   region->span, strerror(-rc));
}

int pw_preload(struct pw_region *region, uint64_t token, const struct pw_map_options *options) {
    struct pw_filling filling;
    struct pw_settling settling = {0};
    pw_preload_begin(&filling, region, token);
    int rc = pw_filling_await(&filling, options->progress, options->context, &region->state, PW_OPEN);
    if (rc != 0) {
        return rc;
    }
    rc = pw_preload_open(region, token);
    if (rc != 0) {
        return pw_fail(-rc, "cannot map region '%s': %s", region->name,
                       rc == -ECONNRESET ? "dsmd ended meanwhile" : strerror(-rc));
    }
    while ((rc = pw_preload_settle(region, &settling)) == 0) {
    }
    if (rc < 0) {
        return say_unsettled(region, rc);
    }
    if (settling.lock_errno != 0) {
        warn_unlocked(region, settling.lock_errno);
    }
    return 0;
}
