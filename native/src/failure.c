/*
 * Failures as intervals. Every change of a mapping's failed pages makes a new generation; a failure lives from the
 * generation that began it to the one that ended it. An accessor knows the generation before its access, so "was my page
 * failed at some moment of my access" is "does an interval of my page reach beyond that generation".
 *
 * The log is a ring. Before an open failure's entry is taken for a new one, the old failure ends, so at most 1024 pages are
 * covered at once, and every covered page has an entry.
 *
 * A covered page shows its zeros to every thread, and only the one that failed is told. So pages are covered for a short time
 * only (covers.c), and a thread that goes on failing keeps its newest KEPT, more than one instruction can need at once (a
 * gather of 16 that all cross an edge). An instruction that needs two pages which take long to fail would never have both
 * covered at once; so a thread that comes back to a page with the same instruction, and has not been told yet that it failed
 * there, fails again without asking. So does a thread that is to be stopped and told: in a fault it cannot be stopped.
 */
#include "failure_log.h"
#include "covers.h"
#include "deadline.h"
#include "rights.h"
#include "untold.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOG 1024u
#define KEPT 32u

struct entry {
    uint64_t id; /* 0 = unused */
    uint64_t page;
    uint64_t began;
    uint64_t ended; /* 0 = not yet */
    uint64_t since; /* ns, like pw_now */
    uint64_t mark;  /* of the instruction */
    uint32_t cause;
    int32_t thread;
    void *ident;
    int cut;     /* its thread was wanted for an earlier failure, so the page was not asked for */
    int claimed; /* an accessor has thrown it, or an exception that was still to come spoke for it */
};

struct pw_failure_log {
    uint64_t ids;
    uint64_t open;
    uint64_t forgotten; /* the newest end among entries that were overwritten */
    struct entry entry[LOG];
};

static void *(*_Atomic current_thread)(void);
static _Atomic int have_membarrier;

int pw_failure_prepare(void) {
    have_membarrier = syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) == 0;
    return pw_covers_start();
}

void pw_failure_set_ident(void *(*function)(void)) {
    current_thread = function;
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
int pw_failure_end_page(struct pw_region *region, uint64_t page) {
    struct pw_failure_log *log = region->failures;
    if (log == NULL || !pw_failure_covers(region, page)) {
        return 0;
    }
    int rc = uncover(region, page);
    if (rc != 0) {
        return rc;
    }
    if (region->right != NULL) {
        pw_rights_set(region, page, 1, PW_NONE);
    }
    end_entries(region, log, page, 0);
    return 0;
}

/* Where it does no harm that the private page stays when the kernel will not take it away now: covers.c tries again. */
static void try_end(struct pw_region *region, uint64_t page) {
    int rc = pw_failure_end_page(region, page);
    (void)rc;
}

int pw_failure_end_all(struct pw_region *region) {
    const struct pw_failure_log *log = region->failures;
    int rc = 0;
    for (uint32_t i = 0; log != NULL && log->open > 0 && i < LOG; i++) {
        if (log->entry[i].id != 0 && log->entry[i].ended == 0) {
            int failed = pw_failure_end_page(region, log->entry[i].page);
            rc = rc == 0 ? failed : rc;
        }
    }
    return rc;
}

void pw_failure_forget_all(struct pw_region *region) {
    struct pw_failure_log *log = region->failures;
    for (uint32_t i = 0; log != NULL && region->right != NULL && i < LOG; i++) {
        const struct entry *entry = &log->entry[i];
        if (entry->id != 0 && entry->ended == 0 && region->right[entry->page] == PW_COVERED) {
            pw_rights_set(region, entry->page, 1, PW_NONE);
        }
    }
    if (log != NULL) {
        end_entries(region, log, 0, 1);
    }
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

/* NULL: all pages of the log are covered, and the kernel ends none of them. */
static struct entry *new_entry(struct pw_region *region, struct pw_failure_log *log) {
    struct entry *entry = NULL;
    for (uint32_t tried = 0; entry == NULL && tried < LOG; tried++) {
        struct entry *next = &log->entry[++log->ids % LOG];
        if (next->id == 0 || next->ended != 0 || pw_failure_end_page(region, next->page) == 0) {
            entry = next;
        }
    }
    if (entry != NULL && entry->id != 0 && entry->ended > log->forgotten) {
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
        try_end(region, oldest->page);
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

int pw_failure_begin(struct pw_region *region, uint64_t page, uint32_t cause, int store, uint64_t mark) {
    struct pw_failure out;
    int rc = pw_untold_prepare();
    if (rc != 0) {
        return rc;
    }
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
    if (entry == NULL) {
        rc = -ENOMEM;
        goto out;
    }
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
        .mark = mark,
        .cut = pw_untold_wanted() != 0,
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
    pw_untold_put(&out, began);
    pw_covers_watch(region);
    rc = 1;
out:
    pw_unlock(&region->lock);
    return rc;
}

uint32_t pw_failure_again(struct pw_region *region, uint64_t page, uint64_t mark) {
    uint32_t cause = pw_untold_wanted();
    if (cause != 0 || !pw_untold_any()) {
        return cause;
    }
    int32_t self = (int32_t)syscall(SYS_gettid);
    pw_lock(&region->lock);
    const struct pw_failure_log *log = region->failures;
    for (uint32_t i = 0; log != NULL && cause == 0 && i < LOG; i++) {
        const struct entry *entry = &log->entry[i];
        if (entry->id != 0 && entry->thread == self && entry->page == page && entry->mark == mark && !entry->claimed) {
            cause = entry->cause;
        }
    }
    pw_unlock(&region->lock);
    return cause;
}

/* The caller's own failures first, and all of them: an access that failed in many places throws once. */
int pw_failure_check(struct pw_region *region, uint64_t offset, uint64_t length, uint64_t word_before,
                     struct pw_failure *out) {
    uint64_t before = word_before >> 1;
    uint64_t first = offset >> region->page_shift;
    uint64_t last = (offset + (length > 0 ? length - 1 : 0)) >> region->page_shift;
    int32_t self = (int32_t)syscall(SYS_gettid);
    const struct entry *mine = NULL, *claimed = NULL, *other = NULL;
    struct pw_failure forgotten;
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
        } else if (entry->claimed) {
            claimed = entry->began > before || claimed == NULL ? entry : claimed;
        } else {
            entry->claimed = 1;
            pw_untold_claim_own(region, entry->id);
            try_end(region, entry->page);
            mine = mine == NULL || entry->id < mine->id ? entry : mine;
        }
    }
    if (mine != NULL || claimed != NULL || other != NULL) {
        /* An old failure of the caller that was delivered long ago but whose page is still covered is like another's. */
        int own_old = mine == NULL && claimed != NULL && claimed->began <= before;
        describe(region, mine != NULL ? mine : claimed != NULL ? claimed : other, out);
        rc = mine == NULL && claimed != NULL && !own_old ? 2 : 1;
    }
    if (mine != NULL && mine->cut && pw_untold_claim_wanted(out)) {
        rc = 1; /* the caller tells its thread of the failure that it is wanted for */
    } else if (pw_untold_claim_access(region, first, last, before, mine == NULL ? out : &forgotten)) {
        rc = 1; /* the log has forgotten it, its thread has not */
    } else if (rc == 0 && log != NULL && log->forgotten > before) {
        *out = (struct pw_failure){.region = region, .page = first, .cause = log->entry[log->ids % LOG].cause};
        rc = 1;
    }
    pw_unlock_masked(region, &signals);
    return rc;
}

static struct entry *find(struct pw_failure_log *log, uint64_t id) {
    struct entry *entry = log == NULL ? NULL : &log->entry[id % LOG];
    return entry != NULL && id != 0 && entry->id == id ? entry : NULL;
}

void pw_failure_settle(struct pw_region *region, int32_t thread) {
    sigset_t signals;
    pw_lock_masked(region, &signals);
    struct pw_failure_log *log = region->failures;
    for (uint32_t i = 0; log != NULL && i < LOG; i++) {
        struct entry *entry = &log->entry[i];
        if (entry->id != 0 && entry->thread == thread) {
            entry->claimed = 1;
            if (entry->ended == 0) {
                try_end(region, entry->page);
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
        try_end(region, entry->page);
    }
    pw_unlock_masked(region, &signals);
}

uint64_t pw_failure_expire(struct pw_region *region, uint64_t age_ns) {
    uint64_t next = UINT64_MAX;
    sigset_t signals;
    pw_lock_masked(region, &signals);
    const struct pw_failure_log *log = region->failures;
    uint64_t now = pw_now();
    for (uint32_t i = 0; log != NULL && log->open > 0 && i < LOG; i++) {
        const struct entry *entry = &log->entry[i];
        if (entry->id == 0 || entry->ended != 0) {
            continue;
        }
        uint64_t age = now - entry->since, due = UINT64_MAX;
        if (age < age_ns) {
            due = now + (age_ns - age);
        } else if (pw_failure_end_page(region, entry->page) != 0) {
            due = now + PW_MS;
        }
        next = due < next ? due : next;
    }
    pw_unlock_masked(region, &signals);
    return next;
}
