/* What takes everything away from a large mapping costs what was used of it, not what might be. */
#include "check.h"

#include <unistd.h>

#define PAGES (1ull << 24) /* 64 GiB */
#ifdef __SANITIZE_ADDRESS__
#define MOST_KIB (64 << 10) /* its allocator keeps what was freed, and fills what it gives again */
#else
#define MOST_KIB (8 << 10)
#endif

static long resident_kib(void) {
    long total, pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    CHECK(statm != NULL && fscanf(statm, "%ld %ld", &total, &pages) == 2);
    fclose(statm);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int becomes(volatile char *at, int value) {
    for (int i = 0; i < 1000; i++) {
        if (check_load(at) == value) {
            return 1;
        }
        check_sleep_ms(10);
    }
    return 0;
}

int main(void) {
    char socket[108];
    struct pw_client *client;
    struct fake_options options = {.pages = PAGES};
    struct fake *fake = fake_start(&options);
    strcpy(socket, fake_socket(fake));
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    check_catch_bus();
    for (uint64_t page = 0; page < PAGES; page += PAGES / 16) {
        memory[page * 4096] = 'a';
    }
    long before = resident_kib();

    /* The lease ends, and begins again. */
    fake_lease(fake, 1);
    check_sleep_ms(600); /* the agent looks every 250 ms */
    fake_lease(fake, PW_LEASE_NO_END);
    CHECK(becomes(memory, 'a'));
    CHECK(resident_kib() < before + MOST_KIB);

    /* Another daemon. */
    fake_stop(fake, 1);
    options.socket = socket;
    fake = fake_start(&options);
    CHECK(becomes(memory, 0));
    CHECK(resident_kib() < before + MOST_KIB);
    pw_unmap(region);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
