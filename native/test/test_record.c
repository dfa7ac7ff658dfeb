/* Mode PW_FAIL_RECORD: a failed load sees zeros, and every way of asking for failures tells the same story. */
#include "check.h"
#include "failure.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic int fails = 1;

static void hook(struct fake *fake, int fd, const struct pw_message *fault) {
    if (fault->a >= 8 && fault->a < 40 && fails) {
        fake_fail(fake, fd, fault, PW_OWNER_LOST);
    } else {
        fake_default(fake, fd, fault);
    }
}

static void *ident(void) {
    return (void *)0x1234;
}

static struct pw_failure failure;

/* What an accessor does: 0 and *value, or what pw_failure_check says. */
static int load(struct pw_region *region, uint64_t offset, char *value) {
    const volatile uint64_t *word = pw_failure_word(region);
    uint64_t before = *word;
    *value = *((volatile char *)pw_address(region) + offset);
    return *word != before || (before & 1) ? pw_failure_check(region, offset, 1, before, &failure) : 0;
}

static void should_throw_from_an_accessor(struct pw_region *region) {
    char value = 1;
    fails = 1;
    CHECK(load(region, 8 * 4096 + 3, &value) == 1);
    CHECK(value == 0 && failure.region == region && failure.page == 8 && failure.cause == PW_OWNER_LOST);
    CHECK(failure.thread == (int32_t)syscall(SYS_gettid) && failure.ident == (void *)0x1234 && failure.id > 0);
    CHECK(pw_failure_claim(region, failure.id) == 0);
    pw_failure_rearm(region, failure.id);
    pw_failure_rearm(region, failure.id);
    CHECK((*pw_failure_word(region) & 1) == 0);
    struct pw_failure queued;
    CHECK(pw_failure_next(&queued, 0) == 1 && queued.id == failure.id && queued.region == region);
    CHECK(pw_failure_claim(region, queued.id) == 0);
    fails = 0;
    CHECK(load(region, 8 * 4096 + 3, &value) == 0 && value == 'o');
}

static void should_reach_a_raw_access_through_the_deliverer(struct pw_region *region) {
    fails = 1;
    volatile char *memory = pw_address(region);
    CHECK(memory[9 * 4096] == 0);
    memory[9 * 4096] = 5; /* lost */
    struct pw_failure queued;
    CHECK(pw_failure_next(&queued, 1000) == 1 && queued.page == 9);
    CHECK(*pw_failure_word(region) & 1);
    CHECK(pw_failure_claim(region, queued.id) == 1 && pw_failure_claim(region, queued.id) == 0);
    char value;
    CHECK(load(region, 9 * 4096, &value) == 1); /* still failed: an accessor throws whoever began it */
    CHECK(load(region, 10 * 4096 - 4096 * 3, &value) == 0); /* other pages are as ever */
    pw_failure_rearm(region, queued.id);
    fails = 0;
    CHECK(load(region, 9 * 4096, &value) == 0 && value == 'o');
}

static void should_say_that_the_deliverer_was_first(struct pw_region *region) {
    fails = 1;
    uint64_t before = *pw_failure_word(region);
    (void)((volatile char *)pw_address(region))[11 * 4096];
    struct pw_failure queued;
    CHECK(pw_failure_next(&queued, 1000) == 1 && pw_failure_claim(region, queued.id) == 1);
    CHECK(pw_failure_check(region, 11 * 4096, 1, before, &failure) == 2 && failure.id == queued.id);
    pw_failure_rearm(region, queued.id);
    CHECK(pw_failure_check(region, 11 * 4096, 1, before, &failure) == 2);
    CHECK(pw_failure_check(region, 11 * 4096, 1, *pw_failure_word(region), &failure) == 0);
}

static void *fail_elsewhere(void *at) {
    return (void *)(intptr_t)*(volatile char *)at;
}

static void should_tell_an_accessor_of_another_threads_failure(struct pw_region *region) {
    pthread_t thread;
    fails = 1;
    uint64_t before = *pw_failure_word(region);
    pthread_create(&thread, NULL, fail_elsewhere, (char *)pw_address(region) + 12 * 4096);
    pthread_join(thread, NULL);
    CHECK(pw_failure_check(region, 12 * 4096, 4096, before, &failure) == 1);
    CHECK(failure.thread != (int32_t)syscall(SYS_gettid));
    CHECK(pw_failure_claim(region, failure.id) == 1); /* it stays the other thread's to deliver */
    pw_failure_rearm(region, failure.id);
    struct pw_failure queued;
    CHECK(pw_failure_next(&queued, 0) == 1);
}

static void should_claim_all_failures_of_one_bulk_access(struct pw_region *region) {
    char copy[20 * 4096];
    fails = 1;
    uint64_t before = *pw_failure_word(region);
    memcpy(copy, (char *)pw_address(region) + 20 * 4096, sizeof copy);
    __asm__ volatile("" : : "r"(copy) : "memory"); /* somebody may look at it */
    CHECK(pw_failure_check(region, 20 * 4096, sizeof copy, before, &failure) == 1);
    CHECK(failure.page >= 20 && failure.page < 40);
    CHECK((*pw_failure_word(region) & 1) == 0);
    struct pw_failure queued;
    int count = 0;
    while (pw_failure_next(&queued, 0) == 1) {
        CHECK(pw_failure_claim(region, queued.id) == 0);
        count++;
    }
    CHECK(count == 1); /* one stands for all */
}

static void should_queue_a_failure_after_the_last_was_claimed(struct pw_region *region) {
    volatile char *memory = pw_address(region);
    struct pw_failure first, second;
    fails = 1;
    CHECK(memory[30 * 4096] == 0 && memory[31 * 4096] == 0);
    CHECK(pw_failure_next(&first, 0) == 1 && first.page == 30 && pw_failure_claimed(region, first.id) == 0);
    CHECK(pw_failure_newest(region, (int32_t)syscall(SYS_gettid)) > first.id);
    CHECK(pw_failure_next(&second, 0) == 0);
    CHECK(pw_failure_claim(region, first.id) == 1 && pw_failure_claimed(region, first.id) == 1);
    CHECK(memory[32 * 4096] == 0);
    CHECK(pw_failure_next(&second, 0) == 1 && second.page == 32);
    CHECK(pw_failure_expire(region, 60 * 1000000000ull) > 0 && (*pw_failure_word(region) & 1) == 1);
    CHECK(pw_failure_expire(region, 0) == 0 && (*pw_failure_word(region) & 1) == 0);
    CHECK(pw_failure_claimed(region, second.id) == 0); /* its thread has still to be told */
    pw_failure_settle(region, (int32_t)syscall(SYS_gettid));
    CHECK(pw_failure_claimed(region, second.id) == 1);
}

static _Atomic int telling;

static int about_to_be_told(void) {
    return telling;
}

/* Until a thread notices its exception it may go on failing; that must not lead to another one. */
static void should_not_tell_a_thread_twice(struct pw_region *region) {
    volatile char *memory = pw_address(region);
    struct pw_failure queued;
    uint64_t before = *pw_failure_word(region);
    pw_failure_set_told(about_to_be_told);
    telling = 1;
    CHECK(memory[33 * 4096] == 0);
    CHECK(pw_failure_next(&queued, 0) == 0);
    CHECK(pw_failure_check(region, 33 * 4096, 1, before, &failure) == 2 && failure.page == 33);
    CHECK(pw_failure_claim(region, failure.id) == 0);
    telling = 0;
    CHECK(memory[34 * 4096] == 0);
    CHECK(pw_failure_next(&queued, 0) == 1 && queued.page == 34 && pw_failure_claim(region, queued.id) == 1);
    pw_failure_settle(region, queued.thread);
    pw_failure_set_told(NULL);
}

static void should_not_hurt_readers_by_a_forbidden_store(void) {
    struct pw_client *client;
    struct fake_options options = {.base = FAKE_BASE + (1ull << 32), .highest = PW_READ};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    fake_frames(fake)[4096] = 'r';
    CHECK(memory[4096] == 'r');
    memory[4097] = 'w';
    CHECK(memory[4096] == 'r'); /* still what stands there */
    CHECK(fake_frames(fake)[4097] == 0);
    struct pw_failure queued;
    CHECK(pw_failure_next(&queued, 1000) == 1 && queued.cause == PW_READ_ONLY && queued.page == 1);
    fake_frames(fake)[4096] = 's';
    CHECK(fake_revoke(fake, 1, 1, PW_NONE) == 0); /* takes the private copy away too */
    CHECK((*pw_failure_word(region) & 1) == 0);
    CHECK(memory[4096] == 's' && memory[4097] == 0);
    pw_failure_settle(region, queued.thread);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void should_turn_a_cut_file_into_a_failure(void) {
    char path[] = "/tmp/pagewire-file-XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0 && ftruncate(fd, 8 * 4096) == 0 && pwrite(fd, "f", 1, 6 * 4096) == 1);
    struct pw_client *client;
    struct fake_options options = {
        .base = FAKE_BASE + (2ull << 32), .pages = 8, .file = path, .initial = PW_READ, .highest = PW_READ};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    char value;
    CHECK(load(region, 6 * 4096, &value) == 0 && value == 'f');
    CHECK(ftruncate(fd, 2 * 4096) == 0);
    CHECK(load(region, 6 * 4096, &value) == 1 && value == 0 && failure.cause == PW_FILE_ERROR && failure.page == 6);
    CHECK(load(region, 4096, &value) == 0);
    CHECK(pw_prefetch(region, 0, 8 * 4096, PW_READ) < 0);
    CHECK(strstr(pw_error(), pw_cause_text(PW_FILE_ERROR)) != NULL);
    CHECK(ftruncate(fd, 8 * 4096) == 0 && pwrite(fd, "g", 1, 6 * 4096) == 1);
    CHECK(load(region, 6 * 4096, &value) == 0 && value == 'g');
    pw_disconnect(client);
    fake_stop(fake, 0);
    close(fd);
    unlink(path);
}

/* More failures than the log remembers. */
static void should_stay_safe_when_the_log_is_full(void) {
    struct pw_client *client;
    struct fake_options options = {.base = FAKE_BASE + (3ull << 32), .pages = 3000, .hook = hook};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    fails = 1;
    uint64_t before = *pw_failure_word(region);
    for (uint64_t i = 0; i < 3000; i++) {
        CHECK(memory[(8 + i % 32) * 4096] == 0);
        CHECK(pw_failure_expire(region, 0) == 0);
    }
    CHECK(pw_failure_check(region, 8 * 4096, 4096, before, &failure) == 1);
    CHECK(pw_failure_check(region, 2000 * 4096, 4096, before, &failure) == 1); /* cannot be proved any more */
    CHECK(pw_failure_check(region, 2000 * 4096, 4096, *pw_failure_word(region), &failure) == 0);
    pw_failure_settle(region, (int32_t)syscall(SYS_gettid));
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void *fail_once(void *at) {
    return (void *)(intptr_t)((volatile char *)at)[5000 * 4096];
}

static void hook_all(struct fake *fake, int fd, const struct pw_message *fault) {
    fake_fail(fake, fd, fault, PW_OWNER_LOST);
}

/* One raw operation over a long range covers few pages at a time, hides no other thread's failure, and is settled at once. */
static void should_bound_what_one_thread_covers(void) {
    struct pw_client *client;
    struct fake_options options = {.base = FAKE_BASE + (4ull << 32), .pages = 8000, .hook = hook_all};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    pthread_t thread;
    struct pw_failure other, queued;
    while (pw_failure_next(&queued, 0) == 1) { /* of the tests before */
    }
    CHECK(pthread_create(&thread, NULL, fail_once, pw_address(region)) == 0 && pthread_join(thread, NULL) == 0);
    CHECK(pw_failure_next(&other, 1000) == 1 && other.page == 5000);
    for (uint64_t page = 0; page < 3000; page++) {
        CHECK(memory[page * 4096] == 0);
    }
    CHECK(pw_failure_claim(region, other.id) == 1 && pw_failure_claim(region, other.id) == 0);
    CHECK(pw_failure_next(&queued, 0) == 1 && queued.page == 0);
    CHECK(pw_failure_next(&queued, 0) == 0); /* one stands for all */
    CHECK(pw_failure_claimed(region, queued.id) == 0); /* known although the log has forgotten it */
    CHECK(pw_failure_claim(region, queued.id) == 1);
    pw_failure_settle(region, (int32_t)syscall(SYS_gettid));
    CHECK((*pw_failure_word(region) & 1) == 0);
    for (uint64_t page = 0; page < 200; page++) {
        CHECK(memory[page * 4096] == 0);
    }
    uint64_t now = *pw_failure_word(region);
    int open = 0;
    for (uint64_t page = 0; page < 200; page++) {
        struct pw_failure found;
        open += pw_failure_check(region, page * 4096, 1, now, &found) != 0;
    }
    CHECK(open == 32);
    pw_failure_settle(region, (int32_t)syscall(SYS_gettid));
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void should_fail_a_closed_mapping(struct fake *fake, struct pw_client *client, struct pw_region *region) {
    volatile char *memory = pw_address(region);
    const volatile uint64_t *word = pw_failure_word(region);
    memory[0] = 'k';
    struct pw_failure queued;
    while (pw_failure_next(&queued, 0) == 1) {
    }
    pw_unmap(region);
    uint64_t before = *word;
    CHECK(memory[0] == 0);
    memory[4096] = 1;
    CHECK(*word != before);
    CHECK(pw_failure_check(region, 0, 1, before, &failure) == 1 && failure.cause == PW_CLOSED);
    CHECK(pw_failure_next(&queued, 1000) == 1 && queued.page == 0 && pw_failure_claim(region, queued.id) == 0);
    CHECK(pw_failure_next(&queued, 0) == 0); /* the exception for page 0 comes after the store to page 1 */
    pw_failure_settle(region, failure.thread);
    CHECK(fake_frames(fake)[0] == 'k' && fake_frames(fake)[4096] == 0);

    memory[2 * 4096] = 1; /* failed and covered when the same region comes back */
    CHECK(pw_failure_next(&queued, 1000) == 1);
    struct pw_region *again;
    CHECK(pw_map(client, FAKE_REGION, 0, &again) == 0);
    CHECK(memory[0] == 'k' && memory[2 * 4096] == 0);
    memory[2 * 4096] = 'n';
    pw_failure_rearm(region, queued.id); /* the old mapping's business, not the new one's */
    CHECK(pw_failure_claim(region, queued.id) == 1);
    CHECK(memory[2 * 4096] == 'n' && fake_frames(fake)[2 * 4096] == 'n');
}

int main(void) {
    struct pw_client *client;
    CHECK(pw_set_failure_mode(PW_FAIL_RECORD) == 0);
    struct fake_options options = {.hook = hook};
    struct fake *fake = fake_start(&options);
    memset(fake_frames(fake) + 8 * 4096, 'o', 32 * 4096);
    struct pw_region *region = check_map(fake, &client);
    pw_failure_set_ident(ident);
    CHECK(*pw_failure_word(region) == 0);
    should_throw_from_an_accessor(region);
    should_reach_a_raw_access_through_the_deliverer(region);
    should_say_that_the_deliverer_was_first(region);
    should_tell_an_accessor_of_another_threads_failure(region);
    should_claim_all_failures_of_one_bulk_access(region);
    should_queue_a_failure_after_the_last_was_claimed(region);
    should_not_tell_a_thread_twice(region);
    struct pw_failure none;
    pw_failure_wake();
    CHECK(pw_failure_next(&none, -1) == 0);
    should_fail_a_closed_mapping(fake, client, region);
    pw_disconnect(client);
    fake_stop(fake, 0);
    should_not_hurt_readers_by_a_forbidden_store();
    should_turn_a_cut_file_into_a_failure();
    should_stay_safe_when_the_log_is_full();
    should_bound_what_one_thread_covers();
    return 0;
}
