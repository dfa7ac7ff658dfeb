/*
 * Failures as intervals. Every change of a mapping's failed pages makes a new generation; a failure lives from the
 * generation that began it to the one that ended it. An accessor knows the generation before its access, so "was my page
 * failed at some moment of my access" is "does an interval of my page reach beyond that generation".
 *
 * The log is a ring. Before an open failure's entry is taken for a new one, the old failure ends, so at most 1024 pages are
 * covered at once, and every covered page has an entry.
 *
 * A covered page shows its zeros to every thread, and only the one that failed is told. So pages are covered for a short time
 * only: the deliverer lets them expire soon, and a thread that goes on failing keeps its newest KEPT, more than one instruction
 * can need at once (a gather of 16 that all cross an edge).
 *
 * Whether a failure was claimed is remembered for much longer than the rest, one bit each: the deliverer may come to it when
 * others have failed a thousand times since. A thread has one unclaimed failure in the deliverer's queue at a time, because
 * whoever claims that one (the thread's accessor, or the deliverer) speaks for all; so one operation that fails on thousands
 * of pages cannot fill the queue and hide the failure of another thread.
 */
#include "failure_log.h"
#include "deadline.h"
#include "rights.h"
#include "ring.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOG 1024u
#define KEPT 32u
#define CLAIMS 65536u /* failures of which it is known whether they were claimed */
#define LOCAL __attribute__((tls_model("initial-exec"))) /* a signal handler must not allocate its thread-locals */

struct entry {
    uint64_t id; /* 0 = unused */
    uint64_t page;
    uint64_t began;
    uint64_t ended; /* 0 = not yet */
    uint64_t since; /* ns, like pw_now */
    uint32_t cause;
    int32_t thread;
    void *ident;
};

struct pw_failure_log {
    _Atomic uint64_t ids;
    uint64_t open;
    uint64_t forgotten; /* the newest end among entries that were overwritten */
    _Atomic uint64_t claimed[CLAIMS / 64]; /* one bit an id; changed under the lock, read by any thread about its own failure */
    struct entry entry[LOG];
};

/* The newest failure of this thread that the deliverer's queue has taken in. */
static __thread struct {
    struct pw_region *region;
    uint64_t id;
} told LOCAL;

static struct pw_ring *_Atomic queue;
static _Atomic uint32_t woken;
static void *(*_Atomic current_thread)(void);
static int (*_Atomic about_to_be_told)(void);
static _Atomic int have_membarrier;

int pw_failure_prepare(void) {
    if (queue != NULL) {
        return 0;
    }
    have_membarrier = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
    struct pw_ring *ring = pw_ring_new(LOG, sizeof(struct pw_failure));
    if (ring == NULL) {
        return -ENOMEM;
    }
    struct pw_ring *none = NULL;
    if (!atomic_compare_exchange_strong(&queue, &none, ring)) {
        pw_ring_free(ring);
    }
    return 0;
}

void pw_failure_set_ident(void *(*function)(void)) {
    current_thread = function;
}

void pw_failure_set_told(int (*function)(void)) {
    about_to_be_told = function;
}

const volatile uint64_t *pw_failure_word(const struct pw_region *region) {
    return (const volatile uint64_t *)&region->failure_word;
}

static uint64_t generation_of(const struct pw_region *region) {
    return region->failure_word >> 1;
}

/* The generation first, visible everywhere, before any thread can see the page change. */
static uint64_t next_generation(struct pw_region *region, const struct pw_failure_log *log) {
    uint64_t generation = generation_of(region) + 1;
    region->failure_word = generation << 1 | (log->open > 0);
    if (have_membarrier) {
        syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
    }
    return generation;
}

int pw_failure_covers(const struct pw_region *region, uint64_t page) {
    if (region->right != NULL) {
        return region->right[page] == PW_COVERED;
    }
    const struct pw_failure_log *log = region->failures;
    for (uint32_t i = 0; log != NULL && log->open > 0 && i < LOG; i++) {
        if (log->entry[i].id != 0 && log->entry[i].ended == 0 && log->entry[i].page == page) {
            return 1;
        }
    }
    return 0;
}

/* The page gets back what stands in an open or closed mapping where nobody has access. */
static int uncover(struct pw_region *region, uint64_t page) {
    if (region->state == PW_REPLACED) {
        return 0;
    }
    if (region->state == PW_SHUT || region->state == PW_CLOSING) {
        return pw_region_reserve(region, page, 1);
    }
    return pw_region_place(region, page, 1);
}

static void end_entries(struct pw_region *region, struct pw_failure_log *log, uint64_t page, int all) {
    uint64_t ended = 0;
    for (uint32_t i = 0; i < LOG && log->open > 0; i++) {
        struct entry *entry = &log->entry[i];
        if (entry->id == 0 || entry->ended != 0 || (!all && entry->page != page)) {
            continue;
        }
        log->open--;
        entry->ended = UINT64_MAX; /* its generation comes below */
        ended = 1;
    }
    if (!ended) {
        return;
    }
    uint64_t generation = next_generation(region, log);
    for (uint32_t i = 0; i < LOG; i++) {
        if (log->entry[i].ended == UINT64_MAX) {
            log->entry[i].ended = generation;
        }
    }
}

/* First the memory, then the books: an accessor that still reads zeros then still sees the failure as open or ended later. */
void pw_failure_end_page(struct pw_region *region, uint64_t page) {
    struct pw_failure_log *log = region->failures;
    if (log == NULL || !pw_failure_covers(region, page) || uncover(region, page) != 0) {
        return;
    }
    if (region->right != NULL) {
        pw_rights_set(region, page, 1, PW_NONE);
    }
    end_entries(region, log, page, 0);
}

void pw_failure_end_all(struct pw_region *region) {
    struct pw_failure_log *log = region->failures;
    for (uint32_t i = 0; log != NULL && log->open > 0 && i < LOG; i++) {
        if (log->entry[i].id != 0 && log->entry[i].ended == 0) {
            pw_failure_end_page(region, log->entry[i].page);
        }
    }
}

void pw_failure_forget_all(struct pw_region *region) {
    struct pw_failure_log *log = region->failures;
    if (log != NULL) {
        end_entries(region, log, 0, 1);
    }
}

/* What is too old to be known counts as claimed. */
static int is_claimed(const struct pw_failure_log *log, uint64_t id) {
    return log == NULL || id == 0 || log->ids - id >= CLAIMS || (log->claimed[id % CLAIMS / 64] >> id % 64 & 1);
}

static void set_claimed(struct pw_failure_log *log, uint64_t id, int claimed) {
    const uint64_t bit = (uint64_t)1 << id % 64;
    _Atomic uint64_t *word = &log->claimed[id % CLAIMS / 64];
    *word = claimed ? *word | bit : *word & ~bit;
}

static struct pw_failure_log *log_of(struct pw_region *region) {
    if (region->failures == NULL) {
        void *memory = mmap(NULL, sizeof(struct pw_failure_log), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            return NULL;
        }
        region->failures = memory;
    }
    return region->failures;
}

void pw_failure_free(struct pw_region *region) {
    if (region->failures != NULL) {
        munmap(region->failures, sizeof(struct pw_failure_log));
        region->failures = NULL;
    }
}

static struct entry *new_entry(struct pw_region *region, struct pw_failure_log *log) {
    struct entry *entry = &log->entry[++log->ids % LOG];
    if (entry->id != 0 && entry->ended == 0) {
        pw_failure_end_page(region, entry->page);
        if (entry->ended == 0) { /* the kernel refused; give up this failure's books, not its memory */
            log->open--;
            entry->ended = generation_of(region);
        }
    }
    if (entry->id != 0 && entry->ended > log->forgotten) {
        log->forgotten = entry->ended;
    }
    return entry;
}

/* Before a thread fails once more: ends its oldest failure when it has KEPT open ones. */
static void bound_open(struct pw_region *region, struct pw_failure_log *log, int32_t thread) {
    const struct entry *oldest = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; log->open >= KEPT && i < LOG; i++) {
        const struct entry *entry = &log->entry[i];
        if (entry->id != 0 && entry->ended == 0 && entry->thread == thread) {
            oldest = oldest == NULL || entry->id < oldest->id ? entry : oldest;
            count++;
        }
    }
    if (count >= KEPT) {
        pw_failure_end_page(region, oldest->page);
    }
}

/* Puts the failure into the queue unless it is claimed, or the thread has one there that nobody has claimed. */
static void tell(const struct pw_failure *failure) {
    if (!is_claimed(failure->region->failures, failure->id)
        && (told.region == NULL || is_claimed(told.region->failures, told.id))
        && pw_ring_put(queue, failure)) {
        told.region = failure->region;
        told.id = failure->id;
    }
}

static void describe(struct pw_region *region, const struct entry *entry, struct pw_failure *out) {
    *out = (struct pw_failure){
        .id = entry->id,
        .region = region,
        .page = entry->page,
        .cause = entry->cause,
        .thread = entry->thread,
        .ident = entry->ident,
    };
}

int pw_failure_begin(struct pw_region *region, uint64_t page, uint32_t cause, int store) {
    struct pw_failure out;
    int rc = 0;
    pw_lock(&region->lock);
    uint32_t state = region->state;
    if (state == PW_REPLACED || state == PW_CLOSING || (state == PW_SHUT) != (cause == PW_CLOSED)) {
        goto out;
    }
    struct pw_failure_log *log = log_of(region);
    if (log == NULL) {
        rc = -ENOMEM;
        goto out;
    }
    void *(*ident)(void) = current_thread;
    int32_t thread = (int32_t)syscall(SYS_gettid);
    bound_open(region, log, thread);
    struct entry *entry = new_entry(region, log);
    int (*spoken_for)(void) = about_to_be_told;
    set_claimed(log, log->ids, spoken_for != NULL && spoken_for());
    int covered = pw_failure_covers(region, page);
    /* A store that is not allowed must not turn the page into zeros under those who may read it. */
    int copy = !covered && store && region->right != NULL && region->right[page] >= PW_READ;
    log->open++;
    uint64_t began = next_generation(region, log);
    *entry = (struct entry){
        .id = log->ids,
        .page = page,
        .began = began,
        .since = pw_now(),
        .cause = cause,
        .thread = thread,
        .ident = ident != NULL ? ident() : NULL,
    };
    if (!covered) {
        rc = pw_region_cover(region, page, copy);
        if (rc != 0) {
            log->open--;
            entry->ended = next_generation(region, log);
            goto out;
        }
        if (region->right != NULL) {
            pw_rights_set(region, page, 1, PW_COVERED);
        }
    }
    describe(region, entry, &out);
    tell(&out);
    rc = 1;
out:
    pw_unlock(&region->lock);
    return rc;
}

/* The caller's own failures first, and all of them: an access that failed in many places throws once. */
int pw_failure_check(struct pw_region *region, uint64_t offset, uint64_t length, uint64_t word_before,
                     struct pw_failure *out) {
    uint64_t before = word_before >> 1;
    uint64_t first = offset >> region->page_shift;
    uint64_t last = (offset + (length > 0 ? length - 1 : 0)) >> region->page_shift;
    int32_t self = (int32_t)syscall(SYS_gettid);
    const struct entry *mine = NULL, *claimed = NULL, *other = NULL;
    int rc = 0;
    sigset_t signals;
    pw_lock_masked(region, &signals);
    struct pw_failure_log *log = region->failures;
    for (uint32_t i = 0; log != NULL && i < LOG; i++) {
        struct entry *entry = &log->entry[i];
        if (entry->id == 0 || entry->page < first || entry->page > last
            || (entry->ended != 0 && entry->ended <= before)) {
            continue;
        }
        if (entry->thread != self) {
            other = entry;
        } else if (is_claimed(log, entry->id)) {
            claimed = entry->began > before || claimed == NULL ? entry : claimed;
        } else {
            set_claimed(log, entry->id, 1);
            pw_failure_end_page(region, entry->page);
            mine = mine == NULL || entry->id < mine->id ? entry : mine;
        }
    }
    if (mine != NULL || claimed != NULL || other != NULL) {
        /* An old failure of the caller that was delivered long ago but whose page is still covered is like another's. */
        int own_old = mine == NULL && claimed != NULL && claimed->began <= before;
        describe(region, mine != NULL ? mine : claimed != NULL ? claimed : other, out);
        rc = mine == NULL && claimed != NULL && !own_old ? 2 : 1;
    } else if (log != NULL && log->forgotten > before) {
        *out = (struct pw_failure){.region = region, .page = first, .cause = log->entry[log->ids % LOG].cause};
        if (told.region == region) {
            set_claimed(log, told.id, 1); /* the caller throws for it, if it was of this access */
        }
        rc = 1;
    }
    pw_unlock_masked(region, &signals);
    return rc;
}

static struct entry *find(struct pw_failure_log *log, uint64_t id) {
    struct entry *entry = log == NULL ? NULL : &log->entry[id % LOG];
    return entry != NULL && id != 0 && entry->id == id ? entry : NULL;
}

int pw_failure_claim(struct pw_region *region, uint64_t id) {
    sigset_t signals;
    pw_lock_masked(region, &signals);
    struct pw_failure_log *log = region->failures;
    int first = !is_claimed(log, id);
    if (first) {
        set_claimed(log, id, 1);
    }
    pw_unlock_masked(region, &signals);
    return first;
}

int pw_failure_claimed(const struct pw_region *region, uint64_t id) {
    return is_claimed(region->failures, id);
}

void pw_failure_settle(struct pw_region *region, int32_t thread) {
    sigset_t signals;
    pw_lock_masked(region, &signals);
    struct pw_failure_log *log = region->failures;
    for (uint32_t i = 0; log != NULL && i < LOG; i++) {
        struct entry *entry = &log->entry[i];
        if (entry->id != 0 && entry->thread == thread) {
            set_claimed(log, entry->id, 1);
            if (entry->ended == 0) {
                pw_failure_end_page(region, entry->page);
            }
        }
    }
    pw_unlock_masked(region, &signals);
}

void pw_failure_rearm(struct pw_region *region, uint64_t id) {
    sigset_t signals;
    pw_lock_masked(region, &signals);
    struct entry *entry = find(region->failures, id);
    if (entry != NULL && entry->ended == 0) {
        pw_failure_end_page(region, entry->page);
    }
    pw_unlock_masked(region, &signals);
}

uint32_t pw_failure_expire(struct pw_region *region, uint64_t age_ns) {
    uint32_t left = 0;
    sigset_t signals;
    pw_lock_masked(region, &signals);
    const struct pw_failure_log *log = region->failures;
    uint64_t now = pw_now();
    for (uint32_t i = 0; log != NULL && log->open > 0 && i < LOG; i++) {
        const struct entry *entry = &log->entry[i];
        if (entry->id != 0 && entry->ended == 0 && now - entry->since >= age_ns) {
            pw_failure_end_page(region, entry->page);
        }
    }
    left = log != NULL ? (uint32_t)log->open : 0;
    pw_unlock_masked(region, &signals);
    return left;
}

uint64_t pw_failure_newest(struct pw_region *region, int32_t thread) {
    uint64_t newest = 0;
    sigset_t signals;
    pw_lock_masked(region, &signals);
    const struct pw_failure_log *log = region->failures;
    for (uint32_t i = 0; log != NULL && i < LOG; i++) {
        const struct entry *entry = &log->entry[i];
        newest = entry->thread == thread && entry->id > newest ? entry->id : newest;
    }
    pw_unlock_masked(region, &signals);
    return newest;
}

int pw_failure_next(struct pw_failure *out, int timeout_ms) {
    if (pw_failure_prepare() != 0) {
        return 0;
    }
    return pw_ring_take(queue, out, timeout_ms, &woken);
}

void pw_failure_wake(void) {
    if (pw_failure_prepare() == 0) {
        woken = 1;
        pw_ring_wake(queue);
    }
}
