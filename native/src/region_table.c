#include "region_table.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST_RANGES 4096u

struct range {
    _Atomic uint64_t base, end;
    struct pw_region *_Atomic region;
};

static struct range ranges[MOST_RANGES];
static _Atomic uint32_t range_count;
static struct pw_region *known; /* every region there ever was; keeps them reachable */
static struct pw_naming *being_mapped;
static pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
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

struct pw_region *pw_region_at(uint64_t address) {
    uint32_t count = range_count;
    for (uint32_t i = 0; i < count; i++) {
        if (address >= ranges[i].base && address < ranges[i].end) {
            return ranges[i].region;
        }
    }
    return NULL;
}

/* The region of this name that is open, or is being closed by some thread; NULL = none. */
static const struct pw_region *present(const char *name) {
    for (uint32_t i = 0; i < range_count; i++) {
        const struct pw_region *region = ranges[i].region;
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
    for (uint32_t i = 0; i < range_count; i++) {
        if (ranges[i].base == base && ranges[i].end == base + span && ranges[i].region->state == PW_SHUT) {
            return ranges[i].region;
        }
    }
    return NULL;
}

static void remember(struct pw_region *region) {
    region->next_known = known;
    known = region;
}

int pw_region_publish(struct pw_region *region, struct pw_region *old) {
    for (uint32_t i = 0; old != NULL && i < range_count; i++) {
        if (ranges[i].region == old) {
            remember(region);
            ranges[i].region = region;
            return 0;
        }
    }
    uint32_t i = range_count;
    if (i == MOST_RANGES) {
        return -ENOSPC;
    }
    remember(region);
    ranges[i].region = region;
    ranges[i].base = region->base;
    ranges[i].end = region->base + region->span;
    range_count = i + 1;
    return 0;
}

void pw_region_enter(struct pw_region *region) {
    region->users++;
}

void pw_region_leave(struct pw_region *region) {
    region->users--;
}

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
