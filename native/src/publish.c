/* pw_publish, pw_refresh, pw_force: what was written goes home, and what others wrote comes here. */
#include "region.h"

#include "client.h"
#include "error.h"

#include <errno.h>

/* So much of a region a request: other threads' requests for the same region go in between. */
#define FORCE_BYTES (16ull << 20)

static int say_unmapped(const struct pw_region *region) {
    return pw_fail(ESHUTDOWN, "region '%s' has been unmapped", region->name);
}

static int is_live(const struct pw_region *region) {
    uint32_t state = region->state;
    return state == PW_OPEN || state == PW_LOST;
}

static int send_exchange(struct pw_region *region, int type, const char *what, uint64_t *pages) {
    struct pw_reply reply;
    struct pw_request request = {
        .type = type,
        .a = region->token,
        .what = what,
        .name = region->name,
    };
    int rc = pw_request(region->aside, &request, &reply);
    if (rc == 0 && reply.head.a > region->pages) {
        rc = pw_fail(EPROTO, "cannot %s '%s': dsmd speaks of more pages than there are", what, region->name);
    }
    if (rc == 0 && pages != NULL) {
        *pages = reply.head.a;
    }
    pw_reply_release(&reply);
    return rc;
}

static int exchange(struct pw_region *region, int type, const char *what, uint64_t *pages) {
    pw_error_clear();
    if (pw_in_child()) {
        return pw_fail(EPERM, "a process forked from one that uses pagewire cannot use it; start a new program (exec)");
    }
    if (!pw_is_preloaded(region)) {
        return pw_fail(EINVAL, "cannot %s '%s': it is not mapped preloaded (PW_MAP_PRELOADED), so its changes travel by"
                       " themselves, page by page", what, region->name);
    }
    pw_region_enter(region);
    int rc = is_live(region) ? send_exchange(region, type, what, pages) : say_unmapped(region);
    pw_region_leave(region);
    return rc;
}

int pw_publish(struct pw_region *region, uint64_t *pages) {
    return exchange(region, PW_PUBLISH, "publish region", pages);
}

int pw_refresh(struct pw_region *region, uint64_t *pages) {
    return exchange(region, PW_REFRESH, "refresh region", pages);
}

static int force_part(struct pw_region *region, uint64_t token, uint64_t first, uint64_t count) {
    if (!is_live(region)) {
        return say_unmapped(region);
    }
    if (region->token != token) {
        return pw_fail(ECONNRESET, "cannot force region '%s': dsmd ended meanwhile, and what was written and not forced may be"
                       " lost", region->name);
    }
    struct pw_reply reply;
    struct pw_request request = {
        .type = PW_FORCE,
        .a = token,
        .b = first,
        .c = (uint32_t)count,
        .what = "force region",
        .name = region->name,
    };
    int rc = pw_request(region->aside, &request, &reply);
    pw_reply_release(&reply);
    return rc;
}

int pw_force(struct pw_region *region, uint64_t offset, uint64_t length) {
    pw_error_clear();
    if (pw_in_child()) {
        return pw_fail(EPERM, "a process forked from one that uses pagewire cannot use it; start a new program (exec)");
    }
    if (offset > region->size || length > region->size - offset) {
        return pw_fail(ERANGE, "the range lies outside region '%s'", region->name);
    }
    if (length == 0) {
        return 0;
    }
    uint64_t end = ((offset + length - 1) >> region->page_shift) + 1;
    uint64_t most = FORCE_BYTES >> region->page_shift;
    int rc = 0;
    pw_region_enter(region);
    uint64_t token = region->token;
    for (uint64_t page = offset >> region->page_shift; rc == 0 && page < end; page += most) {
        rc = force_part(region, token, page, end - page < most ? end - page : most);
    }
    pw_region_leave(region);
    return rc;
}
