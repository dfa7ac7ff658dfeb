/* Grants, revokes and the books about them. See rights.h for the races. */
#include "rights.h"

#include "failure_log.h"
#include "hold.h"
#include "lease.h"
#include "preload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Kernel mappings that rights of all regions may cost together: a quarter of vm.max_map_count. At the limit itself malloc
 * and pthread_create fail too, not only we. */
static _Atomic uint64_t edges_of_all;
static _Atomic uint64_t edge_budget;

static uint64_t read_budget(void) {
    uint64_t limit = 65530;
    char text[32];
    int fd = open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t got = read(fd, text, sizeof text - 1);
        if (got > 0) {
            text[got] = '\0';
            limit = strtoull(text, NULL, 10);
        }
        close(fd);
    }
    const char *forced = getenv("PAGEWIRE_VMA_BUDGET"); /* for tests */
    return forced != NULL ? strtoull(forced, NULL, 10) : limit / 4;
}

int pw_rights_init(struct pw_region *region) {
    if (edge_budget == 0) {
        edge_budget = read_budget();
    }
    size_t pages = region->pages;
    void *right = mmap(NULL, pages, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    void *revoked = mmap(NULL, pages * sizeof(uint64_t), PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (right == MAP_FAILED || revoked == MAP_FAILED) {
        return -errno;
    }
    region->right = right;
    region->revoked = revoked;
    return 0;
}

void pw_rights_free(struct pw_region *region) {
    if (region->right != NULL) {
        munmap(region->right, region->pages);
        munmap(region->revoked, region->pages * sizeof(uint64_t));
        atomic_fetch_sub(&edges_of_all, region->edges);
        region->right = NULL;
        region->revoked = NULL;
        region->edges = 0;
    }
}

int pw_rights_of(const struct pw_region *region, uint64_t page) {
    return region->right[page] & ~PW_COVERED;
}

/* Neighbours with different rights among the pages of the range and those beside it. */
static uint64_t count_edges(const struct pw_region *region, uint64_t first, uint64_t count) {
    uint64_t edges = 0;
    uint64_t from = first > 0 ? first : 1;
    uint64_t to = first + count < region->pages ? first + count : region->pages - 1;
    for (uint64_t page = from; page <= to; page++) {
        edges += region->right[page - 1] != region->right[page];
    }
    return edges;
}

/* What count_edges would give after the range has one value. */
static uint64_t edges_after(const struct pw_region *region, uint64_t first, uint64_t count, uint8_t value) {
    uint64_t edges = first > 0 && region->right[first - 1] != value;
    return edges + (first + count < region->pages && region->right[first + count] != value);
}

/* Of a whole array of a region: gives its memory back, where the kernel does that, and touches none. */
static void zero(void *array, size_t length) {
    if (madvise(array, length, MADV_DONTNEED) != 0) { /* locked memory stays */
        memset(array, 0, length);
    }
}

void pw_rights_set(struct pw_region *region, uint64_t first, uint64_t count, uint8_t value) {
    int whole = first == 0 && count == region->pages;
    if (region->engine->splits) {
        uint64_t change = whole ? -region->edges : edges_after(region, first, count, value) - count_edges(region, first, count);
        region->edges += change;
        atomic_fetch_add(&edges_of_all, change);
    }
    if (whole && value == PW_NONE) {
        zero(region->right, count);
    } else {
        memset(region->right + first, value, count);
    }
}

void pw_rights_unnumber(struct pw_region *region) {
    region->floor = 0;
    zero(region->revoked, region->pages * sizeof(uint64_t));
}

static int over_budget(const struct pw_region *region, uint64_t first, uint64_t count, uint8_t value) {
    if (!region->engine->splits || pw_is_preloaded(region)) { /* rights that hold for good are not taken together */
        return 0;
    }
    uint64_t before = count_edges(region, first, count);
    uint64_t after = edges_after(region, first, count, value);
    return after > before && edges_of_all + (after - before) > edge_budget;
}

static void die(const char *why) {
    /* Going on would mean access that another host was told is gone. */
    static const char prefix[] = "pagewire: cannot take access away, stopping the process: ";
    ssize_t ignored = write(STDERR_FILENO, prefix, sizeof prefix - 1);
    ignored += write(STDERR_FILENO, why, strlen(why));
    ignored += write(STDERR_FILENO, "\n", 1);
    (void)ignored;
    abort();
}

/* The last means: one protection over everything needs no mapping more, so it cannot fail for want of one. */
static void everything_off(struct pw_region *region) {
    if (pw_engine_mprotect.revoke(pw_page_address(region, 0), region->span, PW_NONE) != 0) {
        die("mprotect over the whole region failed");
    }
    for (uint32_t i = 0; i < PW_MOST_PINS; i++) {
        region->pin[i].broken = 1;
    }
    if (region->engine == &pw_engine_guard) {
        (void)pw_engine_guard_remove(pw_page_address(region, 0), region->span);
        region->engine = &pw_engine_mprotect;
    }
    /* A private page that cannot be taken away alone goes with everything, by one mapping that replaces all there are. Left
     * behind, it would be what a later grant opens. */
    if (pw_failure_end_all(region) != 0) {
        if (pw_region_place(region, 0, region->pages) != 0) {
            die("mapping the whole region anew failed");
        }
        pw_failure_forget_all(region);
    }
    pw_rights_set(region, 0, region->pages, PW_NONE);
    region->vma_resets++;
}

void pw_rights_reset(struct pw_region *region) {
    if (pw_failure_end_all(region) != 0) {
        everything_off(region);
        return;
    }
    uint64_t page = 0;
    region->vma_resets++;
    while (page < region->pages) {
        /* The next pin at or after page; pins may overlap. */
        uint64_t gap_end = region->pages, pin_end = region->pages, now = pw_now();
        for (uint32_t i = 0; i < PW_MOST_PINS; i++) {
            const struct pw_pin *pin = &region->pin[i];
            if (pin->id == 0 || pin->broken || pin->until <= now || pin->first + pin->count <= page) {
                continue;
            }
            uint64_t start = pin->first > page ? pin->first : page;
            if (start < gap_end) {
                gap_end = start;
                pin_end = pin->first + pin->count;
            }
        }
        if (gap_end > page) {
            if (region->engine->revoke(pw_page_address(region, page), (gap_end - page) << region->page_shift, PW_NONE)) {
                everything_off(region);
                return;
            }
            pw_rights_set(region, page, gap_end - page, PW_NONE);
        }
        page = pin_end;
    }
}

/* Pages of the run that the grant may change: not overtaken, and with less than it gives. */
static int may_apply(const struct pw_region *region, const struct pw_grant *grant, uint64_t page) {
    return grant->sequence >= region->revoked[page] && region->right[page] < grant->right;
}

static int give(struct pw_region *region, uint64_t first, uint64_t count, int right) {
    if (over_budget(region, first, count, (uint8_t)right)) {
        pw_rights_reset(region);
    }
    int rc = region->engine->grant(pw_page_address(region, first), count << region->page_shift, right);
    if (rc == -ENOMEM) {
        pw_rights_reset(region);
        rc = region->engine->grant(pw_page_address(region, first), count << region->page_shift, right);
    }
    if (rc == 0) {
        pw_rights_set(region, first, count, (uint8_t)right);
    }
    return rc;
}

int pw_rights_open(struct pw_region *region) {
    int rc = pw_failure_end_all(region);
    rc = rc == 0 ? pw_rights_initial(region, region->initial) : rc;
    if (rc == 0) {
        region->standing = region->initial;
    }
    return rc;
}

int pw_rights_stand(struct pw_region *region, uint64_t page, int right) {
    int stands = 0;
    pw_lock(&region->lock);
    if (region->state == PW_OPEN && region->standing >= right && !pw_lease_over(region)) {
        stands = pw_failure_end_page(region, page) == 0 && give(region, page, 1, region->standing) == 0;
        if (stands && region->locked) {
            (void)pw_lock_memory(pw_page_address(region, page), region->page_size); /* it was before, so the limit has room for it */
        }
    }
    pw_unlock(&region->lock);
    return stands;
}

int pw_rights_grant(struct pw_region *region, const struct pw_grant *grant, uint64_t page, struct pw_line *line,
                    const struct pw_series *series) {
    int rc = 0;
    pw_lock(&region->lock);
    if (region->state == PW_OPEN && pw_lease_over(region)) {
        rc = -ESTALE;
        goto out;
    }
    if (region->state != PW_OPEN || grant->generation != region->generation || grant->sequence < region->floor
        || grant->sequence < region->revoked[page]) {
        goto out;
    }
    rc = pw_failure_end_page(region, page);
    if (rc != 0) {
        goto out;
    }
    if (region->right[page] >= grant->right) {
        rc = give(region, page, 1, region->right[page]); /* the books say it has it; the fault says they are wrong */
    }
    for (uint64_t i = grant->first, end = grant->first + grant->count; i < end;) {
        uint64_t run = i;
        while (run < end && may_apply(region, grant, run)) {
            run++;
        }
        if (run > i) {
            int failed = give(region, i, run - i, grant->right);
            rc = page >= i && page < run ? failed : rc;
        }
        i = run + 1;
    }
    if (rc == 0) {
        pw_hold_keep(line, series, series->hold_ns > region->least_hold_ns);
        rc = 1;
    }
out:
    pw_unlock(&region->lock);
    return rc;
}

int pw_rights_initial(struct pw_region *region, int right) {
    if (right == PW_NONE) {
        return 0;
    }
    int rc = region->engine->grant(pw_page_address(region, 0), region->span, right);
    if (rc == 0) {
        pw_rights_set(region, 0, region->pages, (uint8_t)right);
    }
    return rc;
}

/* Half the revoke deadline is for pins, a quarter for holds; the rest is for the way to us and back. */
static uint64_t kept_until(struct pw_region *region, const struct pw_revoke *revoke, uint64_t now) {
    uint64_t deadline = region->revoke_ms * PW_MS;
    uint64_t hold = pw_hold_until(region, revoke);
    if (hold > revoke->arrived + deadline / 4) {
        hold = revoke->arrived + deadline / 4;
    }
    uint64_t latest = hold;
    for (uint32_t i = 0; i < PW_MOST_PINS; i++) {
        struct pw_pin *pin = &region->pin[i];
        if (pin->id == 0 || pin->broken || pin->right <= revoke->left || pin->first >= revoke->first + revoke->count
            || revoke->first >= pin->first + pin->count) {
            continue;
        }
        uint64_t patience = revoke->at_leisure ? UINT64_MAX : revoke->arrived + deadline / 2;
        uint64_t until = pin->until < patience ? pin->until : patience;
        if (until <= now) {
            pin->broken = 1;
        } else if (until > latest) {
            latest = until;
        }
    }
    return latest;
}

static int take_run(struct pw_region *region, uint64_t first, uint64_t count, int left) {
    if (region->engine->revoke(pw_page_address(region, first), count << region->page_shift, left) != 0) {
        everything_off(region);
        return -1;
    }
    pw_rights_set(region, first, count, (uint8_t)left);
    return 0;
}

/* All pages of the run have the same right, more than left. */
static void revoke_run(struct pw_region *region, uint64_t first, uint64_t count, int left) {
    if (!over_budget(region, first, count, (uint8_t)left)) {
        (void)take_run(region, first, count, left);
        return;
    }
    /* A reset leaves pinned pages as they are, anywhere in the run; a pin to read does not keep the right to write. */
    pw_rights_reset(region);
    for (uint64_t page = first; page < first + count; page++) {
        if (pw_rights_of(region, page) > left && take_run(region, page, 1, left) != 0) {
            return;
        }
    }
}

/* Private pages stand on all of the run. One may be a copy that can be read, so none may outlive the answer. */
static void end_failures(struct pw_region *region, uint64_t first, uint64_t count) {
    for (uint64_t page = first; page < first + count; page++) {
        if (pw_failure_end_page(region, page) != 0) {
            everything_off(region);
            return;
        }
    }
}

uint64_t pw_rights_revoke(struct pw_region *region, const struct pw_revoke *revoke) {
    uint64_t end = revoke->first + revoke->count;
    pw_lock(&region->lock);
    uint64_t now = pw_now();
    uint64_t until = kept_until(region, revoke, now);
    if (until > now) {
        pw_unlock(&region->lock);
        return until;
    }
    if (region->standing > revoke->left) {
        region->standing = (uint8_t)revoke->left;
    }
    for (uint64_t i = revoke->first; i < end && region->right != NULL;) {
        uint64_t run = i;
        uint8_t right = region->right[i];
        while (run < end && region->right[run] == right) {
            run++;
        }
        if (right == PW_COVERED) {
            end_failures(region, i, run - i);
        } else if (right > revoke->left) {
            revoke_run(region, i, run - i, revoke->left);
        }
        i = run;
    }
    if (revoke->whole) {
        region->floor = revoke->sequence > region->floor ? revoke->sequence : region->floor;
    } else if (region->revoked != NULL) {
        for (uint64_t page = revoke->first; page < end; page++) {
            if (region->revoked[page] < revoke->sequence) {
                region->revoked[page] = revoke->sequence;
            }
        }
    }
    pw_unlock(&region->lock);
    return 0;
}

void pw_rights_take_all_locked(struct pw_region *region) {
    region->generation++;
    region->standing = PW_NONE;
    for (uint32_t i = 0; i < PW_MOST_PINS; i++) {
        region->pin[i].broken = 1;
    }
    if (pw_failure_end_all(region) != 0
        || region->engine->revoke(pw_page_address(region, 0), region->span, PW_NONE) != 0) {
        everything_off(region);
    }
    pw_rights_set(region, 0, region->pages, PW_NONE);
}

void pw_rights_take_all(struct pw_region *region) {
    sigset_t before;
    pw_lock_masked(region, &before);
    if (region->state == PW_OPEN || region->state == PW_LOST) {
        pw_rights_take_all_locked(region);
    }
    pw_unlock_masked(region, &before);
}
