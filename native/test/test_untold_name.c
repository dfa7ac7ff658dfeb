/* A failure that its thread has not been told of yet keeps the name of its region, however many regions come after it. */
#include "check.h"

#include "region.h"
#include "untold.h"

#define MANY 700u

static void fail(struct fake *fake, int fd, const struct pw_message *fault) {
    fake_fail(fake, fd, fault, PW_OWNER_LOST);
}

static struct pw_region *map(struct pw_client *client, uint32_t number) {
    char name[64];
    struct pw_region *region;
    snprintf(name, sizeof name, "%s-%u", FAKE_REGION, number);
    CHECK(pw_map(client, name, 0, &region) == 0);
    return region;
}

int main(void) {
    struct fake_options options = {.many = 1, .pages = 16};
    struct fake *fake = fake_start(&options);
    struct pw_options where = {.socket = fake_socket(fake)};
    struct pw_client *client;
    struct pw_untold untold;
    CHECK(pw_set_failure_mode(PW_FAIL_RECORD) == 0 && pw_connect(&where, &client) == 0);

    struct pw_region *region = map(client, 1);
    fake_set_hook(fake, fail);
    CHECK(*(volatile char *)pw_address(region) == 0);
    fake_set_hook(fake, fake_default);
    CHECK(pw_untold_list(&untold, 1) == 1 && untold.failure.region == region);
    pw_unmap(region);
    for (uint32_t i = 2; i < MANY; i++) {
        struct pw_region *other = map(client, i);
        CHECK(other != region);
        pw_unmap(other);
    }
    CHECK(pw_untold_list(&untold, 1) == 1 && untold.failure.region == region);
    CHECK(strcmp(pw_region_name(untold.failure.region), FAKE_REGION "-1") == 0);

    CHECK(pw_untold_claim(untold.slot, untold.ticket)); /* told: now it may be used again */
    struct pw_region *more[8];
    int again = 0;
    for (uint32_t i = 0; i < 8; i++) { /* more than are unused */
        more[i] = map(client, MANY + i);
        again |= more[i] == region;
    }
    CHECK(again);
    for (uint32_t i = 0; i < 8; i++) {
        pw_unmap(more[i]);
    }
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
