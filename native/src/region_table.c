/*
 * Which address belongs to which region. Fault handlers look regions up without a lock, at any moment, also while others map and
 * unmap; and the structures of regions are used again.
 *
 * There are two indexes, sorted by address; the version says which of them counts. A change is made in the other one, then the
 * version goes on, then the first one is brought up to date. A handler that sees the version unchanged after its search has
 * searched an index that nobody wrote to; it never waits for a writer.
 *
 * Whoever is to use a region counts itself in first and looks it up again: a region that is still found was not given up before
 * the count was seen. The memory of a structure stays a structure of this kind for the life of the process, so that a count too late
 * does no harm, and is not touched when the structure is used again.
 *
 * A closed region keeps its range, its structure and its handle until MOST_CLOSED others have been closed after it. Then its
 * range goes back to the kernel (graves.c) and its structure to the next region, unless somebody holds it.
 */
#include "region_table.h"

#include "events.h"
#include "failure_log.h"
#include "graves.h"
#include "untold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST_RANGES 65536u /* as many mappings as a process may have where nobody has changed vm.max_map_count */
#define MOST_CLOSED 256u

struct range {
    _Atomic uint64_t base, end;
    struct pw_region *_Atomic region;
};

struct index {
    _Atomic uint32_t count;
    struct range range[MOST_RANGES];
};

static struct index indexes[2];
static _Atomic uint32_t version;

/* All that follows under the registry lock. */
static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct pw_naming *being_mapped;
static struct {
    struct pw_region *first, *last;
    uint32_t count;
} closed;
static struct pw_region *unused;

static _Atomic uint32_t *_Atomic cookie; /* 1 here, 0 in forked children */

void pw_registry_lock(void) {
    pthread_mutex_lock(&registry);
}

void pw_registry_unlock(void) {
    pthread_mutex_unlock(&registry);
}

void pw_registry_wait(void) {
    pthread_cond_wait(&changed, &registry);
}

void pw_registry_changed(void) {
    pthread_cond_broadcast(&changed);
}

/* ---- the index ---- */

/* The number of ranges that begin at or before the address. */
static uint32_t upto(const struct index *index, uint64_t address) {
    uint32_t low = 0, high = index->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (index->range[middle].base <= address) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static struct pw_region *look_up(uint64_t address) {
    for (;;) {
        uint32_t seen = version;
        const struct index *index = &indexes[seen & 1];
        uint32_t i = upto(index, address);
        struct pw_region *region = i > 0 && address < index->range[i - 1].end ? index->range[i - 1].region : NULL;
        if (version == seen) {
            return region;
        }
    }
}

struct pw_region *pw_region_enter_at(uint64_t address) {
    struct pw_region *region;
    while ((region = look_up(address)) != NULL) {
        pw_region_enter(region);
        if (look_up(address) == region) {
            return region;
        }
        pw_region_leave(region);
    }
    return NULL;
}

static void move(struct index *index, uint32_t to, uint32_t from) {
    index->range[to].base = index->range[from].base;
    index->range[to].end = index->range[from].end;
    index->range[to].region = index->range[from].region;
}

static void put(struct index *index, struct pw_region *region) {
    uint32_t at = upto(index, region->base);
    if (at > 0 && index->range[at - 1].base == region->base) { /* in the place of a closed one */
        index->range[at - 1].region = region;
        return;
    }
    for (uint32_t i = index->count; i > at; i--) {
        move(index, i, i - 1);
    }
    index->range[at].base = region->base;
    index->range[at].end = region->base + region->span;
    index->range[at].region = region;
    index->count++;
}

static void take(struct index *index, const struct pw_region *region) {
    for (uint32_t i = upto(index, region->base); i < index->count; i++) {
        move(index, i - 1, i);
    }
    index->count--;
}

static struct index *other(void) {
    return &indexes[~version & 1];
}

int pw_region_publish(struct pw_region *region) {
    if (other()->count == MOST_RANGES) {
        return -ENOSPC;
    }
    put(other(), region);
    version++;
    put(other(), region);
    return 0;
}

static void unpublish(const struct pw_region *region) {
    take(other(), region);
    version++;
    take(other(), region);
}

/* ---- names ---- */

/* The region of this name that is open, or is being closed by some thread; NULL = none. */
static const struct pw_region *present(const char *name) {
    const struct index *index = other(); /* nobody changes it but us */
    for (uint32_t i = 0; i < index->count; i++) {
        const struct pw_region *region = index->range[i].region;
        if (region->client != NULL && strcmp(region->name, name) == 0) {
            return region;
        }
    }
    return NULL;
}

static int is_being_mapped(const char *name) {
    const struct pw_naming *naming = being_mapped;
    while (naming != NULL && strcmp(naming->name, name) != 0) {
        naming = naming->next;
    }
    return naming != NULL;
}

int pw_name_claim(struct pw_naming *naming) {
    const struct pw_region *region;
    while ((region = present(naming->name)) != NULL || is_being_mapped(naming->name)) {
        if (region != NULL && (region->state == PW_OPEN || region->state == PW_LOST)) {
            return -EBUSY;
        }
        pw_registry_wait();
    }
    naming->next = being_mapped;
    being_mapped = naming;
    return 0;
}

void pw_name_release(struct pw_naming *naming) {
    struct pw_naming **link = &being_mapped;
    while (*link != naming) {
        link = &(*link)->next;
    }
    *link = naming->next;
    pw_registry_changed();
}

struct pw_region *pw_region_closed_at(uint64_t base, uint64_t span) {
    struct pw_region *region = look_up(base);
    int fits = region != NULL && region->base == base && region->span == span && region->state == PW_SHUT;
    return fits ? region : NULL;
}

/* ---- structures ---- */

/* One of which nobody has still to hear: a failure is told under the name that stands in the structure. */
static struct pw_region *take_unused(void) {
    struct pw_region **link = &unused;
    while (*link != NULL && pw_untold_speaks_of(*link)) {
        link = &(*link)->next;
    }
    struct pw_region *region = *link;
    if (region != NULL) {
        *link = region->next;
    }
    return region;
}

struct pw_region *pw_region_new(void) {
    pw_registry_lock();
    struct pw_region *region = take_unused();
    pw_registry_unlock();
    if (region == NULL) {
        return calloc(1, sizeof *region);
    }
    size_t kept = offsetof(struct pw_region, users) + sizeof region->users;
    memset((char *)region + kept, 0, sizeof *region - kept);
    return region;
}

static void put_unused(struct pw_region *region) {
    pw_failure_free(region);
    region->next = unused;
    unused = region;
}

void pw_region_discard(struct pw_region *region) {
    pw_registry_lock();
    put_unused(region);
    pw_registry_unlock();
}

/* Nothing stands in the range any more, but for what covers a page that fails from now on. */
static int lay_bare(struct pw_region *region) {
    sigset_t before;
    pw_lock_masked(region, &before);
    int rc = pw_failure_end_all(region);
    if (!region->bare && region->state != PW_REPLACED) {
        munmap(pw_page_address(region, 0), region->span);
        region->bare = 1;
        rc = 0; /* what could not be ended page by page has gone with the range */
        pw_failure_forget_all(region);
    }
    pw_unlock_masked(region, &before);
    return rc;
}

/* The oldest closed region is forgotten: an address in its range belongs to nobody, or to the region that has taken its place. */
static void retire(void) {
    struct pw_region *region = closed.first;
    closed.first = region->next;
    closed.last = closed.first != NULL ? closed.last : NULL;
    closed.count--;
    if (region->state != PW_REPLACED) { /* what is mapped is always in the index */
        (void)lay_bare(region); /* what stays is ended below */
        pw_graves_add(region->base, region->base + region->span);
        unpublish(region);
    }
    /* A handler may be failing an access to the closed range, and covers.c have the region on its list. */
    while (region->users > 0 || lay_bare(region) != 0 || region->watched) {
        struct timespec pause = pw_timespec(50 * PW_US);
        nanosleep(&pause, NULL);
    }
    region->retired = 1;
    if (region->holds == 0) {
        put_unused(region);
    }
}

void pw_region_closed(struct pw_region *region) {
    region->client = NULL;
    region->next = NULL;
    if (closed.last != NULL) {
        closed.last->next = region;
    } else {
        closed.first = region;
    }
    closed.last = region;
    if (++closed.count > MOST_CLOSED) {
        retire();
    }
    pw_registry_changed();
}

void pw_region_hold(struct pw_region *region) {
    region->holds++;
}

void pw_region_drop(struct pw_region *region) {
    pw_registry_lock();
    if (--region->holds == 0 && region->retired) {
        put_unused(region);
    }
    pw_registry_unlock();
}

void pw_region_enter(struct pw_region *region) {
    region->users++;
}

void pw_region_leave(struct pw_region *region) {
    region->users--;
}

/* ---- forked children ---- */

int pw_cookie_prepare(void) {
    if (cookie != NULL) {
        return 0;
    }
    size_t length = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) {
        return -errno;
    }
    if (madvise(page, length, MADV_WIPEONFORK) != 0) {
        int error = errno;
        munmap(page, length);
        return -error;
    }
    *(_Atomic uint32_t *)page = 1;
    cookie = page;
    return 0;
}

int pw_in_child(void) {
    _Atomic uint32_t *here = cookie;
    return here != NULL && *here == 0;
}
