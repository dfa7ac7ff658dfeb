/*
 * A loop that looks at the same word again and again, with the same registers each time, while the owner stores beside it: it gets on,
 * whatever the speed of the processor, so it never fails, and its page is not kept from the owner for longer and longer. The
 * library is linked into this program, so it reads the processor time below: that of a machine many times as fast, or as slow.
 */
#include "check.h"
#include "fault.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOOKS_MS 2500

static _Atomic uint64_t times = 1, divided_by = 1;

int clock_gettime(clockid_t clock, struct timespec *now) {
    long rc = syscall(SYS_clock_gettime, clock, now);
    if (rc == 0 && clock == CLOCK_THREAD_CPUTIME_ID) {
        uint64_t used = (uint64_t)now->tv_sec * 1000000000 + (uint64_t)now->tv_nsec;
        *now = pw_timespec(used * times / divided_by);
    }
    return (int)rc;
}

static struct fake *fake;
static struct pw_region *region;
static _Atomic int stop;
/* Revokes of a page that the loop had been given; those that it was not kept from for long, as this machine goes: compared to one of
 * a page that nobody looks at. */
static uint64_t taken, quick;

static uint64_t given(void) {
    struct pw_stats stats;
    pw_get_stats(region, &stats);
    return stats.read_faults;
}

static uint64_t revoking(uint64_t page) {
    uint64_t began = pw_now();
    CHECK(fake_revoke(fake, page, 1, PW_NONE) == 0);
    return pw_now() - began;
}

static void *owner(void *unused) {
    (void)unused;
    for (uint64_t before = given(); !stop;) {
        uint64_t idle = revoking(1), now = given(), took = revoking(0);
        taken += now != before;
        quick += now != before && took < PW_MOST_HOLD_NS * 4 / 5 + 2 * idle;
        before = now;
    }
    return NULL;
}

static void *end_it(void *flag) {
    check_sleep_ms(LOOKS_MS);
    *(volatile char *)flag = 1;
    return NULL;
}

static void sleeps(const volatile char *flag) {
    struct timespec pause = {.tv_nsec = 200000};
    while (*flag == 0) {
        nanosleep(&pause, NULL);
    }
}

static void spins(const volatile char *flag) {
    while (*flag == 0) {
    }
}

static void poll_on(void (*loop)(const volatile char *), uint64_t region_id, uint64_t fast, uint64_t slow, const char *what) {
    struct pw_client *client;
    pthread_t thief, ender;
    struct fake_options options = {
        .base = FAKE_BASE + (region_id << 30), .region_id = region_id, .fault_ms = 100, .initial = PW_NONE, .highest = PW_READ};
    fake = fake_start(&options);
    region = check_map(fake, &client);
    times = slow;
    divided_by = fast;
    stop = 0;
    taken = quick = 0;
    pthread_create(&thief, NULL, owner, NULL);
    pthread_create(&ender, NULL, end_it, fake_frames(fake));
    CHECK(sigsetjmp(check_jump, 1) == 0); /* with PW_GRACE_MS it would fail after 600 ms */
    loop(pw_address(region));
    stop = 1;
    pthread_join(thief, NULL);
    pthread_join(ender, NULL);
    struct pw_stats stats;
    pw_get_stats(region, &stats);
    printf("%s on a machine %lu times as fast and %lu as slow: %lu faults, %lu of %lu revokes were quick\n", what,
           (unsigned long)fast, (unsigned long)slow, (unsigned long)stats.read_faults, (unsigned long)quick, (unsigned long)taken);
    CHECK(stats.failed_faults == 0);
    CHECK(taken > 50);
    CHECK(quick * 5 > taken * 4); /* with holds of 10 ms it is two thirds: a revoke may meet a page that is just about to come */
    pw_disconnect(client);
    fake_stop(fake, 0);
}

int main(void) {
    check_catch_bus();
    poll_on(sleeps, 1, 1, 1, "a loop that sleeps");
    poll_on(sleeps, 2, 50, 1, "a loop that sleeps");
    poll_on(sleeps, 3, 1, 50, "a loop that sleeps");
    poll_on(spins, 4, 1, 1, "a loop that spins");
    poll_on(spins, 5, 50, 1, "a loop that spins");
    poll_on(spins, 6, 1, 50, "a loop that spins");
    return 0;
}
