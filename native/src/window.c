/* Where windows stand. The address range of a window belongs to its stream for the life of the process, as that of a region. */
#include "window.h"

#include "conflict.h"
#include "deadline.h"
#include "error.h"
#include "pagewire/pagewire.h"
#include "place.h"
#include "region.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

#define MOST_WINDOWS 1024u
#define PATIENCE_NS (1000 * PW_MS)

/* An address range that windows have had: all of it is mapped, by the open window and behind that by memory of zeros or nothing. */
struct pw_closed_range {
    struct pw_closed_range *next;
    uint64_t base, span; /* span 0 = nothing yet */
    int relocated;
};

static struct pw_window_range ranges[MOST_WINDOWS];
static _Atomic uint32_t range_count; /* entries that were ever used */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of what follows, and of who is in ranges[] */
static struct pw_closed_range *closed_ranges;

/* ---- in the fault handler ---- */

static struct pw_window_range *range_at(uint64_t address) {
    uint32_t count = range_count;
    for (uint32_t i = 0; i < count; i++) {
        if (address >= ranges[i].base && address < ranges[i].end) {
            return &ranges[i];
        }
    }
    return NULL;
}

/* The fault before in this thread. */
static __thread struct {
    const struct pw_window_range *range;
    uint64_t turn;
} last __attribute__((tls_model("initial-exec")));

int pw_window_met_swap(uint64_t address) {
    struct pw_window_range *range = range_at(address);
    if (range == NULL) {
        return 0;
    }
    uint64_t turn = range->turn;
    if ((turn & 1) == 0 && last.range == range && last.turn == turn) {
        return 0; /* no swap since the last fault of this thread: somebody has unmapped the window */
    }
    uint64_t until = pw_now() + PATIENCE_NS;
    while (turn & 1) {
        if (pw_now() > until) {
            return 0;
        }
        struct timespec pause = pw_timespec(20 * PW_US);
        nanosleep(&pause, NULL);
        turn = range->turn;
    }
    last.range = range;
    last.turn = turn;
    range->retries++;
    return 1;
}

/* ---- who has which range; all under the lock ---- */

static const struct pw_window_range *open_at(const struct pw_window *window) {
    for (uint32_t i = 0; i < range_count; i++) {
        if (ranges[i].base == window->base && ranges[i].stream_id == window->stream_id) {
            return &ranges[i];
        }
    }
    return NULL;
}

static struct pw_window_range *free_range(void) {
    for (uint32_t i = 0; i < MOST_WINDOWS; i++) {
        if (ranges[i].end == 0) {
            range_count = i < range_count ? range_count : i + 1;
            return &ranges[i];
        }
    }
    return NULL;
}

/* The entry of a closed window whose range this one may have, out of the list; NULL = none. At the stream's address it may be
 * longer or shorter: another directory has given the address to another stream. */
static struct pw_closed_range *take_closed(const struct pw_window *window) {
    for (struct pw_closed_range **link = &closed_ranges; *link != NULL; link = &(*link)->next) {
        struct pw_closed_range *closed = *link;
        if (closed->relocated == window->relocated
            && (window->relocated ? closed->span == window->span : closed->base == window->base)) {
            *link = closed->next;
            return closed;
        }
    }
    return NULL;
}

static void put_closed(struct pw_window *window) {
    window->closed->next = closed_ranges;
    closed_ranges = window->closed;
    window->closed = NULL;
}

/* The first bytes are ours. */
static int say_conflict(const struct pw_window *window, uint64_t ours, const char *name) {
    char who[400];
    pw_conflict_name(window->base + ours, window->base + window->span, who, sizeof who);
    return pw_fail(EEXIST, "cannot open stream '%s' at 0x%" PRIx64 "-0x%" PRIx64 ", its address on every host: %.300s is in"
                   " the way; open streams before whatever took that place", name, window->base,
                   window->base + window->span, who);
}

static int say_no_memory(const char *name, int error) {
    return pw_fail(error, "cannot map the window of stream '%s': %s", name, strerror(error));
}

/* Reserves what of the stream's address range is not ours yet: closed->span bytes at its beginning are. */
static int claim_base(struct pw_window *window, const char *name) {
    uint64_t ours = window->closed->span;
    if (ours >= window->span) {
        return 0;
    }
    void *wanted = (void *)(uintptr_t)(window->base + ours);
    void *got = mmap(wanted, window->span - ours, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (got == wanted) {
        window->closed->span = window->span;
        return 0;
    }
    if (got != MAP_FAILED) { /* a kernel before 4.17 takes the address for a hint */
        munmap(got, window->span - ours);
        return say_conflict(window, ours, name);
    }
    return errno == EEXIST ? say_conflict(window, ours, name) : say_no_memory(name, errno);
}

static int claim_elsewhere(struct pw_window *window, const char *name) {
    if (window->closed->span == 0) {
        void *got = pw_place_map(window->span, window->base, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (got == NULL) {
            return say_no_memory(name, errno);
        }
        window->closed->base = (uint64_t)(uintptr_t)got;
        window->closed->span = window->span;
    }
    pw_warn("stream '%s' has another window in this process, at its address 0x%" PRIx64 "; this one stands at 0x%" PRIx64
            ", so addresses that are stored in frames do not lead into it", name, window->base, window->closed->base);
    window->base = window->closed->base;
    return 0;
}

static int claim(struct pw_window *window, const char *name) {
    window->relocated = open_at(window) != NULL;
    window->closed = take_closed(window);
    if (window->closed == NULL) {
        window->closed = calloc(1, sizeof *window->closed);
        if (window->closed == NULL) {
            return say_no_memory(name, ENOMEM);
        }
        window->closed->base = window->base;
        window->closed->relocated = window->relocated;
    }
    int rc = window->relocated ? claim_elsewhere(window, name) : claim_base(window, name);
    if (rc != 0 && window->closed->span != 0) {
        put_closed(window);
    } else if (rc != 0) {
        free(window->closed);
        window->closed = NULL;
    }
    return rc;
}

/* ---- opening and closing ---- */

static int check_frames(const struct pw_window *window, const char *name) {
    struct stat about;
    int flags = fcntl(window->fd, F_GETFL);
    if (flags < 0 || fstat(window->fd, &about) != 0 || (uint64_t)about.st_size < window->stride * window->slots
        || (window->writes && (flags & O_ACCMODE) != O_RDWR)) {
        return pw_fail(EPROTO, "cannot open stream '%s': dsmd handed out frames of the wrong kind", name);
    }
    return 0;
}

/* Nothing may reach the frames through the window any more, also a pointer that was kept. */
static void take_away(const struct pw_window *window) {
    int prot = window->mode == PW_FAIL_SIGBUS ? PROT_NONE : window->writes ? PROT_READ | PROT_WRITE : PROT_READ;
    void *base = (void *)(uintptr_t)window->base;
    if (mmap(base, window->span, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) != base) {
        munmap(base, window->span); /* no memory even for that: what must not stay is the frame */
    }
}

int pw_window_open(struct pw_window *window, const struct pw_stream_reply *reply, int fd, int writes, int dumped,
                   const char *name) {
    *window = (struct pw_window){
        .base = reply->base,
        .span = reply->span,
        .stream_id = reply->stream_id,
        .stride = reply->stride,
        .slots = reply->slots,
        .fd = fd,
        .writes = writes,
        .dumped = dumped,
        .mode = pw_failure_mode(),
        .shown = -1,
    };
    int rc = check_frames(window, name);
    if (rc != 0) {
        return rc;
    }
    pthread_mutex_lock(&lock);
    struct pw_window_range *range = free_range();
    rc = range != NULL ? claim(window, name)
                       : pw_fail(ENOBUFS, "cannot open stream '%s': this process has %u windows open", name, MOST_WINDOWS);
    if (rc == 0 && (rc = pw_window_blank(window)) != 0) {
        say_no_memory(name, -rc);
        take_away(window);
        put_closed(window);
    }
    if (rc == 0) {
        range->stream_id = window->stream_id;
        range->retries = 0;
        range->base = window->base;
        range->end = window->base + window->span;
        window->range = range;
    }
    pthread_mutex_unlock(&lock);
    return rc;
}

void pw_window_close(struct pw_window *window) {
    if (window->range == NULL) {
        return;
    }
    take_away(window);
    for (uint32_t i = 0; i < window->slots; i++) {
        if (window->park[i] != NULL) {
            pw_place_unmap(window->park[i], window->span);
            window->park[i] = NULL;
        }
    }
    close(window->fd);
    pthread_mutex_lock(&lock);
    window->range->end = 0; /* first, so that no other address ever seems to lie in it */
    window->range->base = 0;
    window->range = NULL;
    put_closed(window);
    pthread_mutex_unlock(&lock);
}
