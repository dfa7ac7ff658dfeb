/* Mode PW_FAIL_RECORD: a failed load sees zeros, and every way of asking for failures tells the same story. */
#include "check.h"
#include "covers.h"
#include "failure.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

static _Atomic int fails = 1, slow_ms;

static void hook(struct fake *fake, int fd, const struct pw_message *fault) {
    if (fault->a >= 8 && fault->a < 40 && fails) {
        check_sleep_ms((uint64_t)slow_ms);
        fake_fail(fake, fd, fault, PW_OWNER_LOST);
    } else {
        fake_default(fake, fd, fault);
    }
}

static void *ident(void) {
    return (void *)0x1234;
}

static struct pw_failure failure;

/* The failure that this thread, or another, has to be told of: 1 = out is filled. */
static int listed(int32_t thread, struct pw_untold *out) {
    struct pw_untold all[64];
    uint32_t count = pw_untold_list(all, 64);
    CHECK(count <= 64);
    for (uint32_t i = 0; i < count; i++) {
        if (all[i].failure.thread == thread) {
            *out = all[i];
            return 1;
        }
    }
    return 0;
}

static int32_t self(void) {
    return (int32_t)syscall(SYS_gettid);
}

static int untold(struct pw_untold *out) {
    return listed(self(), out);
}

static int claim(const struct pw_untold *untold) {
    return pw_untold_claim(untold->slot, untold->ticket);
}

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
    CHECK(failure.thread == self() && failure.ident == (void *)0x1234 && failure.id > 0);
    pw_failure_rearm(region, failure.id);
    pw_failure_rearm(region, failure.id);
    CHECK((*pw_failure_word(region) & 1) == 0);
    struct pw_untold none;
    CHECK(untold(&none) == 0);
    fails = 0;
    CHECK(load(region, 8 * 4096 + 3, &value) == 0 && value == 'o');
}

static void should_reach_a_raw_access_through_the_deliverer(struct pw_region *region) {
    fails = 1;
    volatile char *memory = pw_address(region);
    CHECK(memory[9 * 4096] == 0);
    memory[9 * 4096] = 5; /* lost */
    struct pw_untold found;
    CHECK(untold(&found) == 1 && found.failure.page == 9 && found.failure.region == region && found.count > 0);
    CHECK(*pw_failure_word(region) & 1);
    CHECK(claim(&found) == 1 && claim(&found) == 0 && untold(&found) == 0);
    pw_untold_await(0); /* nothing to wait for, and an end to it */
    char value;
    CHECK(load(region, 9 * 4096, &value) == 1); /* still failed: an accessor throws whoever began it */
    CHECK(load(region, 10 * 4096 - 4096 * 3, &value) == 0); /* other pages are as ever */
    pw_failure_settle(region, self());
    fails = 0;
    CHECK(load(region, 9 * 4096, &value) == 0 && value == 'o');
}

static void should_say_that_the_deliverer_was_first(struct pw_region *region) {
    fails = 1;
    uint64_t before = *pw_failure_word(region);
    (void)((volatile char *)pw_address(region))[11 * 4096];
    struct pw_untold found;
    CHECK(untold(&found) == 1 && claim(&found) == 1);
    pw_failure_settle(region, self());
    CHECK(pw_failure_check(region, 11 * 4096, 1, before, &failure) == 2 && failure.id == found.failure.id);
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
    CHECK(failure.thread != self());
    struct pw_untold found;
    CHECK(listed(failure.thread, &found) == 1 && claim(&found) == 1); /* it stays the other thread's to deliver */
    pw_failure_rearm(region, failure.id);
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
    struct pw_untold none;
    CHECK(untold(&none) == 0);
}

static void should_list_the_oldest_failure_of_a_thread_until_it_is_claimed(struct pw_region *region) {
    volatile char *memory = pw_address(region);
    struct pw_untold found, again;
    fails = 1;
    CHECK(memory[30 * 4096] == 0 && untold(&found) == 1 && memory[31 * 4096] == 0);
    CHECK(untold(&again) == 1 && again.failure.page == 30 && again.ticket == found.ticket && again.count > found.count);
    CHECK(claim(&found) == 1 && untold(&again) == 0);
    CHECK(memory[32 * 4096] == 0);
    CHECK(untold(&again) == 1 && again.failure.page == 32 && again.ticket != found.ticket);
    CHECK(claim(&found) == 0); /* a late claim of the first does not hit the second */
    CHECK(pw_failure_expire(region, 60 * 1000000000ull) != UINT64_MAX && (*pw_failure_word(region) & 1) == 1);
    CHECK(pw_failure_expire(region, 0) == UINT64_MAX && (*pw_failure_word(region) & 1) == 0);
    CHECK(untold(&found) == 1); /* its thread has still to be told */
    CHECK(pw_untold_claim_any(found.slot) == 1 && pw_untold_claim_any(found.slot) == 0);
    pw_failure_settle(region, self());
}

/* What the thread meets after its failure was claimed may be met by the next operation, so it is a failure of its own. */
static void should_never_begin_a_failure_as_claimed(struct pw_region *region) {
    volatile char *memory = pw_address(region);
    struct pw_untold first, second;
    uint64_t before = *pw_failure_word(region);
    CHECK(memory[33 * 4096] == 0 && untold(&first) == 1 && claim(&first) == 1);
    pw_failure_settle(region, self());
    CHECK(memory[34 * 4096] == 0);
    CHECK(untold(&second) == 1 && second.failure.page == 34);
    CHECK(pw_failure_check(region, 34 * 4096, 1, before, &failure) == 1 && failure.page == 34);
    CHECK(untold(&second) == 0);
}

/* An instruction on two pages of which each takes longer to fail than a cover stays needs both covered at once. */
static void should_finish_an_instruction_that_fails_on_two_pages(void) {
    struct pw_client *client;
    struct fake_options options = {.base = FAKE_BASE + (5ull << 32), .hook = hook};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    slow_ms = 20;
    fails = 1;
    pw_covers_last(2 * PW_MS);
    uint64_t faults = fake_faults(fake), value = 1;
    memcpy(&value, (char *)pw_address(region) + 9 * 4096 - 4, sizeof value);
    CHECK(value == 0);
    CHECK(fake_faults(fake) - faults <= 2);
    struct pw_untold found;
    CHECK(untold(&found) == 1 && found.failure.page == 8 && claim(&found) == 1);
    pw_failure_settle(region, self());
    slow_ms = 0;
    fails = 0;
    CHECK(((volatile char *)pw_address(region))[8 * 4096] == 0); /* told: the next touch is a new attempt */
    CHECK(fake_faults(fake) - faults == 3);
    pw_covers_last(UINT64_MAX);
    pw_disconnect(client);
    fake_stop(fake, 0);
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
    struct pw_untold found;
    CHECK(untold(&found) == 1 && found.failure.cause == PW_READ_ONLY && found.failure.page == 1 && claim(&found) == 1);
    fake_frames(fake)[4096] = 's';
    CHECK(fake_revoke(fake, 1, 1, PW_NONE) == 0); /* takes the private copy away too */
    CHECK((*pw_failure_word(region) & 1) == 0);
    CHECK(memory[4096] == 's' && memory[4097] == 0);
    pw_failure_settle(region, self());
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
        CHECK(pw_failure_expire(region, 0) == UINT64_MAX);
    }
    CHECK(pw_failure_check(region, 8 * 4096, 4096, before, &failure) == 1);
    CHECK(pw_failure_check(region, 2000 * 4096, 4096, before, &failure) == 1); /* cannot be proved any more */
    CHECK(pw_failure_check(region, 2000 * 4096, 4096, *pw_failure_word(region), &failure) == 0);
    struct pw_untold found;
    CHECK(untold(&found) == 0); /* its accessor, although the log has forgotten it */
    pw_failure_settle(region, self());
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void hook_all(struct fake *fake, int fd, const struct pw_message *fault) {
    fake_fail(fake, fd, fault, PW_OWNER_LOST);
}

static void *fail_once(void *at) {
    return (void *)(intptr_t)((volatile char *)at)[5000 * 4096];
}

static void *fail_and_end(void *at) {
    return (void *)(intptr_t)*(volatile char *)at;
}

/* Each has a slot of its own, and those that have ended leave it to others. */
static void should_keep_a_failure_for_each_of_many_threads(void) {
    static pthread_t thread[300];
    static struct pw_untold all[400];
    struct pw_client *client;
    struct fake_options options = {.base = FAKE_BASE + (6ull << 32), .pages = 400, .hook = hook_all};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    void *first = NULL;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 300; i++) {
            CHECK(pthread_create(&thread[i], NULL, fail_and_end, (char *)pw_address(region) + i * 4096) == 0);
        }
        for (int i = 0; i < 300; i++) {
            CHECK(pthread_join(thread[i], NULL) == 0);
        }
        CHECK(pw_untold_list(all, 400) == 300);
        for (int i = 0; i < 300; i++) {
            CHECK(claim(&all[i]) == 1);
            pw_failure_settle(region, all[i].failure.thread);
        }
        CHECK(round == 0 || all[0].slot == first);
        first = all[0].slot;
        CHECK(pw_untold_list(all, 400) == 0);
    }
    pw_disconnect(client);
    fake_stop(fake, 0);
}

/* One raw operation over a long range covers few pages at a time, hides no other thread's failure, and is settled at once. */
static void should_bound_what_one_thread_covers(void) {
    struct pw_client *client;
    struct fake_options options = {.base = FAKE_BASE + (4ull << 32), .pages = 8000, .hook = hook_all};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    pthread_t thread;
    struct pw_untold other, mine;
    CHECK(pthread_create(&thread, NULL, fail_once, pw_address(region)) == 0);
    while (pw_untold_list(&other, 1) == 0) {
        check_sleep_ms(1);
    }
    CHECK(other.failure.page == 5000);
    for (uint64_t page = 0; page < 5000; page++) {
        CHECK(memory[page % 3000 * 4096] == 0);
    }
    CHECK(listed(other.failure.thread, &other) == 1 && other.failure.page == 5000);
    CHECK(claim(&other) == 1 && claim(&other) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(untold(&mine) == 1 && mine.failure.page == 0); /* known although the log has forgotten it, and one stands for all */
    CHECK(claim(&mine) == 1);
    pw_failure_settle(region, self());
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
    CHECK(pw_untold_claim_any(mine.slot) == 1);
    pw_failure_settle(region, self());
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void should_fail_a_closed_mapping(struct fake *fake, struct pw_client *client, struct pw_region *region) {
    volatile char *memory = pw_address(region);
    const volatile uint64_t *word = pw_failure_word(region);
    memory[0] = 'k';
    struct pw_untold found;
    CHECK(untold(&found) == 0);
    pw_unmap(region);
    uint64_t before = *word;
    CHECK(memory[0] == 0);
    memory[4096] = 1;
    CHECK(*word != before);
    CHECK(pw_failure_check(region, 0, 1, before, &failure) == 1 && failure.cause == PW_CLOSED);
    CHECK(untold(&found) == 0); /* an exception for page 0 comes after the store to page 1 */
    pw_failure_settle(region, self());
    CHECK(fake_frames(fake)[0] == 'k' && fake_frames(fake)[4096] == 0);

    memory[2 * 4096] = 1; /* failed and covered when the same region comes back */
    CHECK(untold(&found) == 1);
    struct pw_region *again;
    CHECK(pw_map(client, FAKE_REGION, 0, &again) == 0);
    CHECK(memory[0] == 'k' && memory[2 * 4096] == 0);
    memory[2 * 4096] = 'n';
    pw_failure_rearm(region, found.failure.id); /* the old mapping's business, not the new one's */
    CHECK(claim(&found) == 1);
    CHECK(memory[2 * 4096] == 'n' && fake_frames(fake)[2 * 4096] == 'n');
}

int main(void) {
    struct pw_client *client;
    CHECK(pw_set_failure_mode(PW_FAIL_RECORD) == 0);
    pw_covers_last(UINT64_MAX); /* nobody ends them but this test */
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
    should_list_the_oldest_failure_of_a_thread_until_it_is_claimed(region);
    should_never_begin_a_failure_as_claimed(region);
    should_fail_a_closed_mapping(fake, client, region);
    pw_disconnect(client);
    fake_stop(fake, 0);
    should_not_hurt_readers_by_a_forbidden_store();
    should_turn_a_cut_file_into_a_failure();
    should_stay_safe_when_the_log_is_full();
    should_bound_what_one_thread_covers();
    should_keep_a_failure_for_each_of_many_threads();
    should_finish_an_instruction_that_fails_on_two_pages();
    return 0;
}
