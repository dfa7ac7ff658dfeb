/* Scattered rights do not use up the kernel's mappings; pinned pages keep theirs when the others are taken together. */
#include "check.h"

#include <errno.h>
#include <unistd.h>

#define PAGES 4000u

static int kernel_mappings(void) {
    int count = 0;
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL) {
        count += strncmp(line, "66", 2) == 0 && strchr(line, '-') == line + 12;
    }
    fclose(maps);
    return count;
}

static void should_keep_pins_and_few_kernel_mappings(void) {
    struct pw_client *client;
    uint64_t pin;
    int pipes[2];
    struct fake_options options = {.pages = PAGES, .revoke_ms = 100000};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    CHECK(pipe(pipes) == 0);
    CHECK(pw_pin(region, 100 * 4096, 2 * 4096, PW_WRITE, 0, &pin) == 0);
    int most = 0;
    for (uint64_t i = 0; i < PAGES; i += 2) {
        fake_frames(fake)[i * 4096] = (char)(i | 1);
        CHECK(memory[i * 4096] == (char)(i | 1));
        if (i % 100 == 0) {
            int now = kernel_mappings();
            most = now > most ? now : most;
            CHECK(write(pipes[1], (char *)(uintptr_t)memory + 101 * 4096, 1) == 1); /* or EFAULT: the pin was lost */
        }
        if (i % 10 == 0 && i != 100) { /* page 100 is pinned */
            CHECK(fake_revoke(fake, i, 1, PW_NONE) == 0);
        }
    }
    struct pw_stats stats;
    pw_get_stats(region, &stats);
    printf("%d kernel mappings at most, %lu resets\n", most, stats.vma_resets);
    CHECK(most > 10 && most <= 105);
    CHECK(stats.vma_resets > 5);
    pw_unpin(region, pin);

    /* The other way: one readable region into which revokes cut holes. */
    CHECK(pw_prefetch(region, 0, PAGES * 4096, PW_READ) == 0);
    for (uint64_t i = 1; i < PAGES; i += 2) {
        CHECK(fake_revoke(fake, i, 1, PW_NONE) == 0);
    }
    CHECK(kernel_mappings() <= 105);
    CHECK(memory[2] == fake_frames(fake)[2]);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

/* Rights are taken together in the middle of a revoke down to read: a page that is pinned to be read stays, but not to be
 * written. */
static void should_take_the_right_to_write_from_a_page_that_is_pinned_to_be_read(void) {
    struct pw_client *client;
    struct pw_stats stats;
    uint64_t pin;
    int pipes[2];
    struct fake_options options = {.pages = PAGES, .revoke_ms = 100000, .not_home = 1, .flags = PW_FLAG_ANY_WRITER};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    char *pinned = (char *)pw_address(region) + 1004 * 4096;
    CHECK(pipe(pipes) == 0 && write(pipes[1], "xy", 2) == 2);
    CHECK(pw_prefetch(region, 1000 * 4096, 10 * 4096, PW_WRITE) == 0); /* two edges */
    CHECK(pw_pin(region, 1004 * 4096, 4096, PW_READ, 0, &pin) == 0);
    for (uint64_t i = 0; i < 49; i++) { /* two edges each: 100 in all, which is the budget */
        CHECK(((volatile char *)pw_address(region))[i * 2 * 4096] == 0);
    }
    CHECK(read(pipes[0], pinned, 1) == 1);
    pw_get_stats(region, &stats);
    CHECK(stats.vma_resets == 0);
    CHECK(fake_revoke(fake, 1003, 3, PW_READ) == 0); /* two edges more */
    pw_get_stats(region, &stats);
    CHECK(stats.vma_resets == 1);
    CHECK(read(pipes[0], pinned, 1) == -1 && errno == EFAULT);
    CHECK(write(pipes[1], pinned, 1) == 1); /* still pinned */
    CHECK(pw_unpin(region, pin) == 0);
    *(volatile char *)pinned = 'z';
    CHECK(fake_frames(fake)[1004 * 4096] == 'z');
    pw_disconnect(client);
    fake_stop(fake, 0);
}

int main(void) {
    setenv("PAGEWIRE_VMA_BUDGET", "100", 1);
    should_keep_pins_and_few_kernel_mappings();
    should_take_the_right_to_write_from_a_page_that_is_pinned_to_be_read();
    return 0;
}
