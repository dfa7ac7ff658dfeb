/* The application locks its memory: rights must still go when they must. */
#include "check.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>

static int may_lock_all;

/* mlockall where it is allowed, else the same mark on the region's memory alone. */
static void lock(struct pw_region *region) {
    if (may_lock_all) {
        CHECK(mlockall(MCL_CURRENT) == 0);
    } else {
        CHECK(mlock(pw_address(region), pw_size(region)) == 0 || errno == ENOMEM); /* ENOMEM: pages without access */
    }
}

static void run(int future) {
    struct pw_client *client;
    struct fake_options options = {.highest = PW_READ, .initial = PW_READ};
    struct fake *fake = fake_start(&options);
    if (future) {
        CHECK(mlockall(MCL_CURRENT | MCL_FUTURE) == 0);
    }
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    const char *engine = pw_engine(region);
    CHECK(memory[0] == 0);
    for (int i = 0; i < 20; i++) {
        lock(region);
        uint64_t before = fake_faults(fake);
        CHECK(fake_revoke(fake, 0, 8, PW_NONE) == 0);
        fake_frames(fake)[0] = (char)i;
        CHECK(memory[0] == (char)i);
        CHECK(fake_faults(fake) == before + 1);
        if (i == 10) {
            CHECK(fake_revoke(fake, 0, 0, PW_NONE) == 0);
            CHECK(memory[4096] == 0 && fake_faults(fake) == before + 2);
        }
    }
    CHECK(strcmp(pw_engine(region), engine) == 0); /* munlock was enough */
    munlockall();
    pw_disconnect(client);
    fake_stop(fake, 0);
}

int main(void) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    (void)setrlimit(RLIMIT_MEMLOCK, &limit);
    may_lock_all = mlockall(MCL_CURRENT) == 0;
    munlockall();
    run(0);
    if (may_lock_all) {
        run(1);
    } else {
        printf("this process may not lock all its memory; the region alone was locked\n");
    }
    return 0;
}
