/*
 * The machine sleeps for an hour: CLOCK_BOOTTIME jumps, CLOCK_MONOTONIC stands. A lease does not outlast the sleep, whatever a
 * daemon that sleeps as well has written; what is waited for is waited for as long as if there had been no sleep. The library
 * is linked into this program, so it reads the clocks below.
 */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#define HOUR (3600 * 1000 * PW_MS)

static _Atomic uint64_t slept;

int clock_gettime(clockid_t clock, struct timespec *now) {
    long rc = syscall(SYS_clock_gettime, clock, now);
    if (rc == 0 && clock == CLOCK_BOOTTIME) {
        now->tv_sec += (time_t)(slept / 1000000000);
    }
    return (int)rc;
}

static _Atomic int asked, silent;

static void answer_or_not(struct fake *fake, int fd, const struct pw_message *fault) {
    asked = 1;
    if (!silent) {
        fake_default(fake, fd, fault);
    }
}

static void *load(void *at) {
    return (void *)(intptr_t)check_load(at);
}

static uint64_t revokes_of(struct pw_region *region) {
    struct pw_stats stats;
    pw_get_stats(region, &stats);
    return stats.revokes;
}

static void should_take_everything_away_after_the_sleep(struct fake *fake, struct pw_region *region) {
    volatile char *memory = pw_address(region);
    fake_lease(fake, pw_clock(CLOCK_BOOTTIME) + 60 * 1000 * PW_MS);
    CHECK(check_load(memory) == 0);
    /* Then the agent has set its timer: the kernel's clock does not jump, so one that is set later would fire in an hour. */
    CHECK(fake_revoke(fake, 1, 1, 0) == 0);
    uint64_t before = revokes_of(region), began = pw_now();
    slept += HOUR;
    while (revokes_of(region) == before) { /* a kernel that did sleep fires the lease's timer; here the agent's look finds it */
        CHECK(pw_now() - began < 5000 * PW_MS);
        check_sleep_ms(1);
    }
    silent = 1;
    CHECK(check_load(memory) == -1);
    silent = 0;
    fake_lease(fake, pw_clock(CLOCK_BOOTTIME) + 60 * 1000 * PW_MS);
    CHECK(check_load(memory) == 0);
}

static void should_not_count_the_sleep_as_waiting(struct fake *fake, struct pw_region *region) {
    pthread_t thread;
    void *result;
    volatile char *memory = pw_address(region);
    fake_lease(fake, PW_LEASE_NO_END);
    asked = 0;
    silent = 1;
    uint64_t began = pw_now();
    pthread_create(&thread, NULL, load, (void *)(uintptr_t)(memory + 4096));
    while (!asked) {
        check_sleep_ms(1);
    }
    slept += HOUR;
    pthread_join(thread, &result);
    CHECK((intptr_t)result == -1);
    CHECK(pw_now() - began > 1000 * PW_MS);
}

int main(void) {
    struct pw_client *client;
    struct fake_options options = {.fault_ms = 1000, .hook = answer_or_not};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    check_catch_bus();
    should_take_everything_away_after_the_sleep(fake, region);
    should_not_count_the_sleep_as_waiting(fake, region);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
