/* Pages fetched ahead of use, and kept for system calls. Nothing here touches the region's memory from this thread. */
#include "error.h"
#include "fault.h"
#include "line.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>

#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

/* A revoke may wait for a pin that is gone. */
static void tell_agent(struct pw_region *region) {
    pw_region_enter(region);
    if (region->state == PW_OPEN || region->state == PW_LOST) {
        pw_agent_poke(region);
    }
    pw_region_leave(region);
}

static int check_range(const struct pw_region *region, uint64_t offset, uint64_t length, int access) {
    if (access != PW_READ && access != PW_WRITE) {
        return pw_fail(EINVAL, "access %d is neither PW_READ nor PW_WRITE", access);
    }
    if (offset > region->size || length > region->size - offset) {
        return pw_fail(ERANGE, "bytes %" PRIu64 " + %" PRIu64 " lie outside region '%s' of %" PRIu64 " bytes", offset, length,
                       region->name, region->size);
    }
    return 0;
}

static int live(const struct pw_region *region) {
    return region->state == PW_OPEN || region->state == PW_LOST;
}

/* The first page of the range that lacks the right; end when none does. */
static uint64_t first_missing(struct pw_region *region, uint64_t page, uint64_t end, int right) {
    sigset_t before;
    pw_lock_masked(region, &before);
    while (page < end && live(region) && region->right[page] != PW_COVERED && region->right[page] >= right) {
        page++;
    }
    pw_unlock_masked(region, &before);
    return page;
}

static uint32_t fault_one(struct pw_region *region, uint64_t page, int right) {
    struct pw_series series = {.page = {page}, .count = 1, .hold_ns = region->least_hold_ns};
    struct pw_want want = {
        .page = page,
        .right = right,
        .patience = (region->fault_ms + PW_GRACE_MS) * PW_MS,
        .series = &series,
    };
    sigset_t all, before;
    int cancelling;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelling);
    uint64_t started = pw_now();
    uint32_t outcome = pw_fault(region, &want);
    pw_fault_count(region, &want, outcome, started);
    pw_fault_end(region, &want);
    pthread_setcancelstate(cancelling, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return outcome;
}

/* Every page of the range once; *failed is the page that could not be had. The region is entered. */
static uint32_t fault_in(struct pw_region *region, uint64_t first, uint64_t end, int right, uint64_t *failed) {
    uint64_t page = first, barred_until = 0;
    while ((page = first_missing(region, page, end, right)) < end) {
        uint32_t outcome = fault_one(region, page, right);
        if (outcome == PW_BARRED) { /* the daemon answers, but its lease is over */
            barred_until = barred_until != 0 ? barred_until : pw_deadline_in_ms(region->fault_ms + PW_GRACE_MS);
            outcome = pw_left(barred_until) > 0 ? PW_AGAIN : pw_deadline_for(PW_LEASE_OVER);
        } else {
            barred_until = 0;
        }
        if (outcome != 0 && outcome != PW_AGAIN) {
            *failed = page;
            return outcome;
        }
    }
    return live(region) ? 0 : PW_CLOSED;
}

/* Page-table entries for the range. A page that is ours and still cannot be had lies beyond the end of a cut file. */
static uint32_t populate(struct pw_region *region, uint64_t first, uint64_t end, int right, uint64_t *failed) {
    const uint64_t step = 256;
    for (uint64_t page = first; page < end; page += step) {
        uint64_t count = end - page < step ? end - page : step;
        int advice = right == PW_WRITE ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;
        if (madvise(pw_page_address(region, page), count << region->page_shift, advice) == 0 || errno == EINVAL) {
            continue;
        }
        int bad = errno == EFAULT || errno == EHWPOISON;
        if (bad && first_missing(region, page, page + count, right) == page + count && region->flags & PW_FLAG_FILE) {
            *failed = page;
            return PW_FILE_ERROR;
        }
    }
    return 0;
}

static uint32_t fetch(struct pw_region *region, uint64_t first, uint64_t end, int right, uint64_t *failed) {
    *failed = first;
    if (!live(region)) {
        return PW_CLOSED;
    }
    uint32_t cause = fault_in(region, first, end, right, failed);
    return cause != 0 ? cause : populate(region, first, end, right, failed);
}

int pw_prefetch(struct pw_region *region, uint64_t offset, uint64_t length, int access) {
    pw_error_clear();
    int rc = check_range(region, offset, length, access);
    if (rc != 0 || length == 0) {
        return rc;
    }
    uint64_t failed;
    pw_region_enter(region);
    uint32_t cause = fetch(region, offset >> region->page_shift, ((offset + length - 1) >> region->page_shift) + 1, access,
                           &failed);
    pw_region_leave(region);
    return cause != 0 ? pw_fail_page(region->name, failed, cause) : 0;
}

static struct pw_pin *new_pin(struct pw_region *region, uint64_t first, uint64_t count, int right) {
    for (uint32_t i = 0; i < PW_MOST_PINS; i++) {
        if (region->pin[i].id == 0) {
            region->pin[i] = (struct pw_pin){
                .id = ++region->next_pin,
                .first = first,
                .count = count,
                .until = UINT64_MAX, /* while pages come in; a revoke waits at most half its deadline all the same */
                .right = (uint8_t)right,
            };
            return &region->pin[i];
        }
    }
    return NULL;
}

/* 1 = all pages are here together and stay; 0 = something was taken away meanwhile. */
static int settle(struct pw_region *region, struct pw_pin *pin, uint32_t hold_ms) {
    sigset_t before;
    pw_lock_masked(region, &before);
    int whole = !pin->broken && live(region);
    for (uint64_t i = 0; whole && i < pin->count; i++) {
        uint8_t right = region->right[pin->first + i];
        whole = right != PW_COVERED && right >= pin->right;
    }
    if (whole) {
        pin->until = pw_deadline_in_ms(hold_ms);
    }
    pin->broken = 0;
    pw_unlock_masked(region, &before);
    return whole;
}

int pw_pin(struct pw_region *region, uint64_t offset, uint64_t length, int access, uint32_t hold_ms, uint64_t *out) {
    pw_error_clear();
    int rc = check_range(region, offset, length, access);
    if (rc == 0 && length == 0) {
        rc = pw_fail(EINVAL, "a pin of no bytes");
    }
    if (rc != 0) {
        return rc;
    }
    uint32_t most = region->revoke_ms / 2;
    hold_ms = hold_ms == 0 || hold_ms > most ? most : hold_ms;
    uint64_t first = offset >> region->page_shift;
    uint64_t end = ((offset + length - 1) >> region->page_shift) + 1;
    sigset_t before;
    pw_lock_masked(region, &before);
    struct pw_pin *pin = new_pin(region, first, end - first, access);
    pw_unlock_masked(region, &before);
    if (pin == NULL) {
        return pw_fail(EAGAIN, "region '%s' has %u pins already, the most there can be; unpin one first", region->name,
                       PW_MOST_PINS);
    }
    uint64_t failed, deadline = pw_deadline_in_ms(region->fault_ms + PW_GRACE_MS);
    uint32_t cause;
    int whole = 0;
    pw_region_enter(region);
    while ((cause = fetch(region, first, end, access, &failed)) == 0 && !(whole = settle(region, pin, hold_ms))
           && pw_left(deadline) > 0) {
    }
    pw_region_leave(region);
    if (whole) {
        *out = pin->id;
        return 0;
    }
    pw_lock_masked(region, &before);
    pin->id = 0;
    pw_unlock_masked(region, &before);
    tell_agent(region);
    if (cause != 0) {
        return pw_fail_page(region->name, failed, cause);
    }
    return pw_fail(ETIMEDOUT, "pages of region '%s' were taken away again and again before all of the range was here",
                   region->name);
}

int pw_unpin(struct pw_region *region, uint64_t id) {
    int rc = -EINVAL;
    sigset_t before;
    pw_error_clear();
    pw_lock_masked(region, &before);
    for (uint32_t i = 0; i < PW_MOST_PINS; i++) {
        if (region->pin[i].id == id && id != 0) {
            rc = region->pin[i].broken ? -ESTALE : 0;
            region->pin[i].id = 0;
        }
    }
    pw_unlock_masked(region, &before);
    tell_agent(region);
    if (rc == -EINVAL) {
        return pw_fail(EINVAL, "region '%s' has no pin %" PRIu64, region->name, id);
    }
    if (rc == -ESTALE) {
        return pw_fail(ESTALE, "pin %" PRIu64 " of region '%s' had to be given up: another host needed a page for longer than"
                       " it may wait, or the daemon's lease ended", id, region->name);
    }
    return 0;
}
