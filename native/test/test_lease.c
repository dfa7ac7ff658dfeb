/* The lease ends while the daemon says nothing: the agent takes everything away by its own clock. */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

static _Atomic int stop;
static _Atomic uint64_t last_seen; /* CLOCK_BOOTTIME of the last load that was served */

static void silent(struct fake *fake, int fd, const struct pw_message *fault) {
    (void)fake;
    (void)fd;
    (void)fault;
}

static void *reader(void *at) {
    while (!stop && check_load(at) >= 0) {
        last_seen = pw_clock(CLOCK_BOOTTIME);
    }
    return NULL;
}

int main(void) {
    struct pw_client *client;
    pthread_t thread;
    struct fake_options options = {.fault_ms = 300, .initial = PW_READ, .highest = PW_READ};
    struct fake *fake = fake_start(&options);
    fake_lease(fake, pw_clock(CLOCK_BOOTTIME) + 400 * PW_MS);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    check_catch_bus();
    CHECK(check_load(memory) == 0);

    /* Renewed once: it goes on. */
    uint64_t end = pw_clock(CLOCK_BOOTTIME) + 700 * PW_MS;
    fake_lease(fake, end);
    fake_set_hook(fake, silent);
    pthread_create(&thread, NULL, reader, (void *)(uintptr_t)memory);
    pthread_join(thread, NULL);
    printf("last load %ld us after the end\n", (long)(last_seen - end) / 1000);
    CHECK(last_seen > end - 100 * PW_MS);
    CHECK(last_seen < end + 100 * PW_MS);

    /* The daemon answers, but its lease is over: nothing is applied, and the deadline holds. */
    fake_set_hook(fake, fake_default);
    uint64_t began = pw_now();
    CHECK(check_load(memory) == -1);
    CHECK(pw_now() - began < 3000 * PW_MS);
    struct pw_stats stats;
    pw_get_stats(region, &stats);
    CHECK(stats.retried_faults > 0);

    fake_lease(fake, PW_LEASE_NO_END);
    CHECK(check_load(memory) == 0);
    fake_lease(fake, pw_clock(CLOCK_BOOTTIME) + 600 * PW_MS); /* an end where there was none is noticed in time */
    fake_set_hook(fake, silent);
    check_sleep_ms(800);
    CHECK(check_load(memory) == -1);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
