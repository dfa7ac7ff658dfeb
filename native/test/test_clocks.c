/* A daemon whose CLOCK_BOOTTIME is another one, because it or the program is in a time namespace: its lease ends when it means. */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#define AHEAD ((int64_t)(1000 * 1000 * PW_MS))

static struct pw_client *client;
static struct pw_region *region;
static volatile char *memory;

static uint64_t clock_of(int64_t ahead) {
    return pw_clock(CLOCK_BOOTTIME) + (uint64_t)ahead;
}

static struct fake *daemon_of(int64_t ahead, const char *socket) {
    struct fake_options options = {.fault_ms = 300, .initial = PW_READ, .highest = PW_READ, .clock_ns = ahead, .socket = socket};
    struct fake *fake = fake_start(&options);
    fake_lease(fake, clock_of(ahead) + 60 * 1000 * PW_MS);
    return fake;
}

/* The region can be read while the lease lasts, is taken away when it is over, and comes back with it. */
static void should_obey_the_lease(struct fake *fake, int64_t ahead) {
    struct pw_stats stats;
    CHECK(check_load(memory) == 0);
    pw_get_stats(region, &stats);
    uint64_t revokes = stats.revokes, began = pw_now();
    fake_lease(fake, clock_of(ahead) + 600 * PW_MS);
    do {
        CHECK(pw_now() - began < 5000 * PW_MS);
        check_sleep_ms(1);
        pw_get_stats(region, &stats);
    } while (stats.revokes == revokes);
    uint64_t lasted = pw_now() - began;
    CHECK(check_load(memory) == -1);
    printf("daemon's clock ahead %+ld s: a lease of 600 ms lasted %lu ms\n", (long)(ahead / 1000000000), (unsigned long)(lasted / PW_MS));
    CHECK(lasted > 300 * PW_MS);
    fake_lease(fake, clock_of(ahead) + 60 * 1000 * PW_MS);
    CHECK(check_load(memory) == 0);
}

static void should_compare_clocks_again_with_the_next_daemon(struct fake *fake, int64_t ahead) {
    char socket[108];
    strcpy(socket, fake_socket(fake));
    fake_stop(fake, 1);
    fake = daemon_of(ahead, socket);
    uint64_t began = pw_now();
    while (check_load(memory) != 0) {
        CHECK(pw_now() - began < 20 * 1000 * PW_MS);
    }
    should_obey_the_lease(fake, ahead);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void should_keep_the_difference(int64_t ahead, int64_t next) {
    struct fake *fake = daemon_of(ahead, NULL);
    region = check_map(fake, &client);
    memory = pw_address(region);
    should_obey_the_lease(fake, ahead);
    should_compare_clocks_again_with_the_next_daemon(fake, next);
}

static void should_refuse_a_daemon_that_does_not_say_its_time(void) {
    struct fake_options fake_options = {.no_clock = 1};
    struct fake *fake = fake_start(&fake_options);
    struct pw_options options = {.socket = fake_socket(fake)};
    CHECK(pw_connect(&options, &client) == 0);
    CHECK(pw_map(client, FAKE_REGION, 0, &region) == -EPROTO);
    CHECK(strstr(pw_error(), "same version") != NULL);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

int main(void) {
    check_catch_bus();
    should_keep_the_difference(AHEAD, 0);
    should_keep_the_difference(-AHEAD, AHEAD);
    should_keep_the_difference(0, -AHEAD);
    should_refuse_a_daemon_that_does_not_say_its_time();
    return 0;
}
