#include "lease.h"

#include <errno.h>
#include <sys/stat.h>

#define UNKNOWN INT64_MIN

/* 0 where the kernel knows no time namespaces, or does not say. */
static uint64_t time_namespace(void) {
    struct stat about;
    return stat("/proc/self/ns/time", &about) == 0 ? about.st_ino : 0;
}

void pw_lease_begin(struct pw_region *region) {
    region->time_namespace = time_namespace();
    region->clock_ahead = UNKNOWN;
}

int pw_lease_meet(struct pw_region *region, uint64_t sent, const struct pw_message *answer) {
    if (answer->b == 0 || answer->b > INT64_MAX) {
        return -EPROTO;
    }
    int64_t least = (int64_t)(sent - answer->b);
    if (answer->a != 0 && answer->a == region->time_namespace) {
        region->clock_ahead = 0;
    } else if (least > region->clock_ahead) {
        region->clock_ahead = least;
    }
    return 0;
}

uint64_t pw_lease_end(const struct pw_region *region) {
    uint64_t end = region->lease != NULL ? region->lease->end_ns : 0;
    int64_t ahead = region->clock_ahead;
    if (end == 0 || end == PW_LEASE_NO_END) {
        return end;
    }
    if (ahead >= 0) {
        return end < PW_LEASE_NO_END - (uint64_t)ahead ? end + (uint64_t)ahead : PW_LEASE_NO_END;
    }
    uint64_t behind = 0 - (uint64_t)ahead;
    return end > behind ? end - behind : 0;
}

int pw_lease_over(const struct pw_region *region) {
    uint64_t end = pw_lease_end(region);
    return end != PW_LEASE_NO_END && pw_clock(CLOCK_BOOTTIME) >= end;
}

uint64_t pw_lease_moved(struct pw_region *region) {
    pw_lock(&region->lock); /* a new daemon's page takes the place of this one */
    uint64_t moved = region->lease != NULL ? region->lease->moved : 0;
    pw_unlock(&region->lock);
    return moved;
}
