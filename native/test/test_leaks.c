/* Nothing is left behind by mapping, failing to map, and leaving: descriptors, threads, kernel mappings. */
#include "check.h"

#include <dirent.h>
#include <errno.h>

static int entries(const char *path) {
    int count = 0;
    DIR *folder = opendir(path);
    CHECK(folder != NULL);
    while (readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

static int kernel_mappings(void) {
    int count = 0, c;
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    while ((c = getc(maps)) != EOF) {
        count += c == '\n';
    }
    fclose(maps);
    return count;
}

static void round_of(struct fake *fake) {
    struct pw_client *client;
    struct pw_region *region = check_map(fake, &client), *none;
    ((volatile char *)pw_address(region))[4096] = 1;
    CHECK(pw_map(client, "nonesuch", 0, &none) == -ENOENT);
    pw_disconnect(client);
}

static int enough(void *context, uint64_t done, uint64_t total) {
    (void)context;
    (void)done;
    (void)total;
    return 1;
}

static void preloaded_round_of(struct fake *fake) {
    struct pw_options where = {.socket = fake_socket(fake)};
    struct pw_map_options options = {.flags = PW_MAP_PRELOADED, .progress = enough};
    struct pw_client *client;
    struct pw_region *region;
    CHECK(pw_connect(&where, &client) == 0);
    CHECK(pw_map_with(client, FAKE_REGION, &options, &region) == -ECANCELED);
    options.progress = NULL;
    CHECK(pw_map_with(client, FAKE_REGION, &options, &region) == 0);
    CHECK(pw_publish(region, NULL) == 0);
    pw_disconnect(client);
}

/* The fake daemon closes its ends a moment later. */
static int descriptors_at_most(int most) {
    for (int i = 0; i < 200; i++) {
        if (entries("/proc/self/fd") <= most) {
            return 1;
        }
        check_sleep_ms(10);
    }
    return 0;
}

int main(void) {
    struct fake_options options = {.max_lines = 4};
    struct fake *fake = fake_start(&options);
    round_of(fake);
    preloaded_round_of(fake);
    check_sleep_ms(100);
    int descriptors = entries("/proc/self/fd"), mappings = kernel_mappings();
    for (int i = 0; i < 1000; i++) {
        round_of(fake);
    }
    for (int i = 0; i < 200; i++) {
        preloaded_round_of(fake);
    }
    printf("descriptors %d -> %d, mappings %d -> %d\n", descriptors, entries("/proc/self/fd"), mappings, kernel_mappings());
    CHECK(descriptors_at_most(descriptors));
    fake_stop(fake, 0);
    CHECK(entries("/proc/self/task") == 3); /* ".", ".." and this one */
    return 0;
}
