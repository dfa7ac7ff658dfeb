/* Scattered rights do not use up the kernel's mappings; pinned pages keep theirs when the others are taken together. */
#include "check.h"

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

int main(void) {
    struct pw_client *client;
    uint64_t pin;
    int pipes[2];
    setenv("PAGEWIRE_VMA_BUDGET", "100", 1);
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
    return 0;
}
