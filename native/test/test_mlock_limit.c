/*
 * A process that may not lock as much memory as a preloaded mapping needs: the pages are present all the same, and the warning
 * says which limit it is and how to raise it. In a child that has given up the right to ignore the limit.
 */
#include "check.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES 64u
#define NOBODY 65534u

static void give_up_privileges(uint64_t limit) {
    struct rlimit lock = {limit, limit};
    CHECK(setrlimit(RLIMIT_MEMLOCK, &lock) == 0);
    if (geteuid() == 0) {
        CHECK(setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
        CHECK(prctl(PR_SET_DUMPABLE, 1) == 0); /* else /proc/self belongs to root */
    }
    void *memory = mmap(NULL, 256 << 10, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    if (syscall(SYS_mlock, memory, 256 << 10) == 0) { /* the address sanitizer's mlock does nothing */
        SKIP("this process may lock what it likes");
    }
    munmap(memory, 256 << 10);
}

static void should_warn(uint64_t limit, int error, uint32_t flags) {
    struct pw_client *client;
    struct pw_region *region;
    char expected[64];
    give_up_privileges(limit);
    struct fake *fake = fake_start(NULL);
    struct pw_options where = {.socket = fake_socket(fake)};
    CHECK(pw_connect(&where, &client) == 0);
    CHECK(syscall(SYS_mlock, fake_frames(fake), PAGES * 4096) == -1 && errno == error);
    CHECK(pw_map(client, FAKE_REGION, PW_MAP_PRELOADED | flags, &region) == 0);
    printf("%s\n", pw_warning());
    snprintf(expected, sizeof expected, "RLIMIT_MEMLOCK of this process is %lu KiB", (unsigned long)limit >> 10);
    CHECK(strstr(pw_warning(), expected) != NULL && strstr(pw_warning(), FAKE_REGION) != NULL);
    const char *command = strstr(pw_warning(), "`ulimit -l ");
    CHECK(command != NULL && strtoul(command + strlen("`ulimit -l "), NULL, 10) >= PAGES * 4);
    snprintf(expected, sizeof expected, " --pid %d`", (int)getpid());
    CHECK(strstr(pw_warning(), "`prlimit --memlock=") != NULL && strstr(pw_warning(), expected) != NULL);
    CHECK(check_smaps(pw_address(region), "Rss") == PAGES * 4); /* all pages are there before anybody touches one */
    CHECK(check_smaps(pw_address(region), "Locked") == 0);      /* and the limit is not used up by half of them */
    struct pw_stats stats;
    volatile char *memory = pw_address(region);
    for (uint64_t page = 0; page < PAGES; page++) {
        CHECK(memory[page * 4096] == 0);
    }
    pw_get_stats(region, &stats);
    CHECK(stats.handler_entries == 0 && fake_faults(fake) == 0);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static int in_a_child(uint64_t limit, int error, uint32_t flags) {
    fflush(stdout);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        should_warn(limit, error, flags);
        exit(0);
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

int main(void) {
    int rc = in_a_child(64 << 10, ENOMEM, 0);
    rc = rc == 0 ? in_a_child(64 << 10, ENOMEM, PW_MAP_READ_ONLY) : rc;
    return rc == 0 ? in_a_child(0, EPERM, 0) : rc;
}
