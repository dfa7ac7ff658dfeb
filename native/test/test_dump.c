/* A core dump has no frames in it, and gives memory to none, unless somebody wants it so. */
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES (64ull << 8) /* 64 MiB */

/* The VmFlags of the mapping that begins there. */
static int is_left_out(const void *start) {
    char line[512], begins[32];
    int here = 0, left_out = -1;
    FILE *maps = fopen("/proc/self/smaps", "r");
    CHECK(maps != NULL);
    snprintf(begins, sizeof begins, "%lx-", (unsigned long)(uintptr_t)start);
    while (left_out < 0 && fgets(line, sizeof line, maps) != NULL) {
        here = here || strncmp(line, begins, strlen(begins)) == 0;
        if (here && strncmp(line, "VmFlags:", 8) == 0) {
            left_out = strstr(line, " dd") != NULL;
        }
    }
    fclose(maps);
    CHECK(left_out >= 0);
    return left_out;
}

static struct pw_region *map(struct pw_client *client, uint32_t flags) {
    struct pw_region *region;
    CHECK(pw_map(client, FAKE_REGION, flags, &region) == 0);
    return region;
}

/* Bytes of the core file of a child that has the region mapped and aborts. */
static uint64_t dumped_bytes(const char *folder, uint32_t flags) {
    int status;
    char path[300], own[300];
    struct stat about;
    snprintf(path, sizeof path, "%s/sock", folder); /* nobody clears up after a process that aborts */
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};
        struct pw_client *client;
        struct fake_options options = {.pages = PAGES, .socket = path};
        struct fake *fake = fake_start(&options);
        struct pw_options where = {.socket = fake_socket(fake)};
        CHECK(madvise(fake_frames(fake), PAGES * 4096, MADV_DONTDUMP) == 0); /* the daemon's own mapping */
        CHECK(pw_connect(&where, &client) == 0);
        ((volatile char *)pw_address(map(client, flags)))[8192] = 'd';
        CHECK(unlink(where.socket) == 0);
        CHECK(chdir(folder) == 0 && setrlimit(RLIMIT_CORE, &all) == 0);
        signal(SIGABRT, SIG_DFL);
        abort();
    }
    CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    if (!WCOREDUMP(status)) {
        CHECK(rmdir(folder) == 0);
        SKIP("this machine writes no core file");
    }
    snprintf(path, sizeof path, "%s/core", folder);
    snprintf(own, sizeof own, "%s/core.%d", folder, (int)child);
    if (stat(path, &about) != 0) {
        CHECK(stat(own, &about) == 0 && rename(own, path) == 0);
    }
    CHECK(unlink(path) == 0);
    return (uint64_t)about.st_blocks * 512;
}

/* Core files go into the working directory under their simplest names. */
static int is_core_plain(void) {
    char pattern[256] = "";
    FILE *file = fopen("/proc/sys/kernel/core_pattern", "r");
    if (file == NULL || fgets(pattern, sizeof pattern, file) == NULL) {
        return 0;
    }
    fclose(file);
    return strcmp(pattern, "core\n") == 0;
}

/* Before this process uses the library, or its children could not. */
static void compare_dumps(void) {
    char folder[] = "/tmp/pagewire-dump-XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    uint64_t without = dumped_bytes(folder, 0);
    CHECK(without < 32 << 20);
    CHECK(dumped_bytes(folder, PW_MAP_DUMP) > without);
    CHECK(rmdir(folder) == 0);
}

int main(void) {
    struct pw_client *client;
    int plain = is_core_plain();
    if (plain) {
        compare_dumps();
    }
    struct fake *fake = fake_start(NULL);
    struct pw_options where = {.socket = fake_socket(fake)};
    CHECK(pw_connect(&where, &client) == 0);
    struct pw_region *region = map(client, 0);
    const void *memory = pw_address(region);
    CHECK(is_left_out(memory));
    pw_unmap(region);
    CHECK(is_left_out(memory));
    region = map(client, PW_MAP_DUMP);
    CHECK(!is_left_out(memory));
    pw_unmap(region);
    region = map(client, PW_MAP_PRELOADED);
    CHECK(is_left_out(memory));
    pw_unmap(region);
    setenv("PAGEWIRE_DUMP", "1", 1);
    region = map(client, 0);
    CHECK(!is_left_out(memory));
    unsetenv("PAGEWIRE_DUMP");
    pw_disconnect(client);
    fake_stop(fake, 0);

    if (!plain) {
        SKIP("core files of this machine go elsewhere; the flags are as they should be");
    }
    return 0;
}
