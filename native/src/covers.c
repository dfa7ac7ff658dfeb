#include "covers.h"

#include "failure.h"

#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#define STACK_BYTES (64u << 10)

static struct pw_region *_Atomic fresh; /* regions with covers, not taken over by the thread yet */
static _Atomic uint32_t news, idle;
static _Atomic uint64_t last_ns = 2 * PW_MS;

void pw_covers_last(uint64_t ns) {
    last_ns = ns;
}

static void put(struct pw_region *region) {
    region->next_covered = fresh;
    while (!atomic_compare_exchange_weak(&fresh, &region->next_covered, region)) {
    }
}

void pw_covers_watch(struct pw_region *region) {
    if (!atomic_exchange(&region->watched, 1)) {
        put(region);
        news++;
        if (idle) {
            pw_futex_wake(&news, 1);
        }
    }
}

static void take_over(struct pw_region **watched) {
    struct pw_region *region = atomic_exchange(&fresh, NULL);
    while (region != NULL) {
        struct pw_region *next = region->next_covered;
        region->next_covered = *watched;
        *watched = region;
        region = next;
    }
}

/* Ends what is due; the moment of the next, UINT64_MAX when no page is covered any more. */
static uint64_t expire(struct pw_region **watched) {
    uint64_t next = UINT64_MAX;
    for (struct pw_region **link = watched; *link != NULL;) {
        struct pw_region *region = *link;
        uint64_t due = pw_failure_expire(region, last_ns);
        if (due != UINT64_MAX) {
            next = due < next ? due : next;
            link = &region->next_covered;
            continue;
        }
        *link = region->next_covered;
        region->watched = 0;
        if (*pw_failure_word(region) & 1) { /* covered again before it was let go */
            pw_covers_watch(region);
        }
    }
    return next;
}

static void *run(void *unused) {
    struct pw_region *watched = NULL;
    prctl(PR_SET_NAME, "pagewire-covers");
    prctl(PR_SET_TIMERSLACK, 1000ul);
    /* Where it is allowed: until it has run, other threads read zeros. */
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), -10);
    for (;;) {
        uint32_t seen = news;
        take_over(&watched);
        uint64_t next = expire(&watched);
        if (watched != NULL) { /* what comes meanwhile is due later */
            struct timespec pause = pw_timespec(pw_left(next));
            nanosleep(&pause, NULL);
            continue;
        }
        idle = 1;
        if (fresh == NULL) {
            pw_futex_wait(&news, seen, UINT64_MAX);
        }
        idle = 0;
    }
    return unused;
}

int pw_covers_start(void) {
    static int started;
    pthread_attr_t attributes;
    pthread_t thread;
    sigset_t all, before;
    if (started) {
        return 0;
    }
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int rc = pthread_create(&thread, &attributes, run, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    started = rc == 0;
    return -rc;
}
