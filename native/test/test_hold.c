/* How long a page stays at least with the thread that it was given to is the daemon's word. */
#include "check.h"

#define HOLD_US 8000u

static uint64_t revoke_ns(uint32_t hold_us, uint32_t revoke_ms) {
    struct pw_client *client;
    struct fake_options options = {.hold_us = hold_us, .revoke_ms = revoke_ms, .not_home = 1, .flags = PW_FLAG_ANY_WRITER};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    uint64_t least = UINT64_MAX;
    for (int i = 0; i < 10; i++) {
        uint64_t began = pw_now();
        ((volatile char *)pw_address(region))[i * 4096] = 1;
        CHECK(fake_revoke(fake, (uint64_t)i, 1, PW_NONE) == 0);
        uint64_t took = pw_now() - began;
        least = took < least ? took : least;
    }
    struct pw_stats stats;
    pw_get_stats(region, &stats);
    printf("hold %u us, revoke deadline %u ms: a store and its revoke took %lu us at least, pages were kept %lu us\n", hold_us,
           revoke_ms, (unsigned long)least / 1000, (unsigned long)stats.hold_ns / 1000);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return least;
}

int main(void) {
    CHECK(revoke_ns(HOLD_US, 0) >= HOLD_US * PW_US);
    CHECK(revoke_ns(0, 0) < HOLD_US * PW_US);       /* of ten, one at least is not held up by anything else for so long */
    CHECK(revoke_ns(10000, 8) < HOLD_US * PW_US);   /* a quarter of the revoke deadline is the most */
    return 0;
}
