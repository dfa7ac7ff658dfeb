/* Mode PW_FAIL_RECORD: a failed page shows its private page to all threads, so that must end soon, whatever else hangs; and a
 * private page that the kernel will not take away must not become what others see. */
#include "check.h"
#include "failure.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Covers stay for 2 ms; this machine may be busy, and nobody looks that often. */
#define SOON_MS 1000

static _Atomic int fails, refuse_pages;

/* In the place of libc's: single pages of a region are refused when the test says so, as at the limit of mappings. */
void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
    if (refuse_pages && flags & MAP_FIXED && length == 4096) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mmap, at, length, protection, flags, fd, offset);
}

static void hook(struct fake *fake, int fd, const struct pw_message *fault) {
    if (fails && fault->a >= 8 && fault->a < 16) {
        fake_fail(fake, fd, fault, PW_OWNER_LOST);
    } else if (fault->a == 20) {
        /* never answered: its thread waits for the fault deadline */
    } else {
        fake_default(fake, fd, fault);
    }
}

static int is_covered(const struct pw_region *region) {
    return (int)(*pw_failure_word(region) & 1);
}

static void await_uncovered(const struct pw_region *region) {
    for (int ms = 0; is_covered(region); ms++) {
        CHECK(ms < SOON_MS);
        check_sleep_ms(1);
    }
}

static void *load_from(void *at) {
    return (void *)(intptr_t)*(volatile char *)at;
}

static void should_end_covers_while_a_thread_waits_in_a_fault(struct pw_region *region) {
    volatile char *memory = pw_address(region);
    pthread_t waiting;
    CHECK(pthread_create(&waiting, NULL, load_from, (char *)pw_address(region) + 20 * 4096) == 0);
    check_sleep_ms(20);
    fails = 1;
    CHECK(memory[8 * 4096] == 0);
    fails = 0;
    await_uncovered(region);
    CHECK(memory[8 * 4096] == 'o');
    memory[8 * 4096 + 1] = 's';
    CHECK(pthread_join(waiting, NULL) == 0);
    await_uncovered(region);
    CHECK(memory[8 * 4096 + 1] == 's');
}

static void should_leave_nothing_to_read_after_a_revoke_that_cannot_end_a_cover(void) {
    struct pw_client *client;
    struct fake_options options = {.base = FAKE_BASE + (1ull << 32), .highest = PW_READ, .hook = hook};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    fake_frames(fake)[4096] = 'r';
    CHECK(memory[4096] == 'r');
    refuse_pages = 0;
    memory[4097] = 'w'; /* forbidden: from now on a private copy stands there */
    refuse_pages = 1;
    CHECK(memory[4096] == 'r');
    fake_frames(fake)[4096] = 's';
    CHECK(fake_revoke(fake, 1, 1, PW_NONE) == 0);
    CHECK(memory[4096] == 's'); /* by a fault: whoever reads now, reads the new value */
    CHECK(!is_covered(region));
    refuse_pages = 0;
    struct pw_untold found;
    CHECK(pw_untold_list(&found, 1) == 1 && pw_untold_claim(found.slot, found.ticket) == 1);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void should_try_again_when_the_kernel_will_not_end_a_cover(struct pw_region *region) {
    volatile char *memory = pw_address(region);
    fails = 1;
    CHECK(memory[9 * 4096] == 0);
    refuse_pages = 1;
    fails = 0;
    check_sleep_ms(20);
    refuse_pages = 0;
    await_uncovered(region);
    CHECK(memory[9 * 4096] == 'o');
}

static void should_end_covers_of_a_mapping_without_a_daemon(struct fake *fake, struct pw_region *region) {
    volatile char *memory = pw_address(region);
    fake_stop(fake, 0);
    for (int ms = 0; memory[8 * 4096] != 0; ms++) {
        CHECK(ms < SOON_MS);
        check_sleep_ms(1);
    }
    await_uncovered(region);
}

static void should_end_covers_of_a_closed_mapping(struct pw_region *region) {
    volatile char *memory = pw_address(region);
    pw_unmap(region);
    CHECK(memory[8 * 4096] == 0);
    await_uncovered(region);
}

int main(void) {
    struct pw_client *client;
    CHECK(pw_set_failure_mode(PW_FAIL_RECORD) == 0);
    should_leave_nothing_to_read_after_a_revoke_that_cannot_end_a_cover();
    struct fake_options options = {.hook = hook, .fault_ms = 500};
    struct fake *fake = fake_start(&options);
    memset(fake_frames(fake) + 8 * 4096, 'o', 8 * 4096);
    struct pw_region *region = check_map(fake, &client);
    should_end_covers_while_a_thread_waits_in_a_fault(region);
    should_try_again_when_the_kernel_will_not_end_a_cover(region);
    should_end_covers_of_a_mapping_without_a_daemon(fake, region);
    should_end_covers_of_a_closed_mapping(region);
    pw_disconnect(client);
    return 0;
}
