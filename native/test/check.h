/* check.h - what every test program uses. Exit codes: 0 passed, 1 failed, 77 cannot be tested here. */
#ifndef CHECK_H
#define CHECK_H

#include "deadline.h"
#include "fake_dsmd.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                                    \
    do {                                                                                                    \
        if (!(condition)) {                                                                                 \
            fprintf(stderr, "%s:%d: not so: %s (last error: %s)\n", __FILE__, __LINE__, #condition, pw_error()); \
            exit(1);                                                                                        \
        }                                                                                                   \
    } while (0)

#define SKIP(why)                            \
    do {                                     \
        printf("skipped: %s\n", why);        \
        exit(77);                            \
    } while (0)

/* Connects and maps the fake daemon's region. */
static inline struct pw_region *check_map(struct fake *fake, struct pw_client **client) {
    struct pw_options options = {.socket = fake_socket(fake)};
    struct pw_region *region;
    CHECK(pw_connect(&options, client) == 0);
    CHECK(pw_map(*client, FAKE_REGION, 0, &region) == 0);
    return region;
}

/* What /proc/self/smaps says of the mapping that begins at this address, in KiB; -1 when there is none. */
static inline long check_smaps(const void *start, const char *what) {
    char line[512], begins[32], format[64];
    FILE *maps = fopen("/proc/self/smaps", "r");
    int here = 0;
    long kib = -1;
    CHECK(maps != NULL);
    snprintf(begins, sizeof begins, "%lx-", (unsigned long)(uintptr_t)start);
    snprintf(format, sizeof format, "%s: %%ld kB", what);
    while (kib < 0 && fgets(line, sizeof line, maps) != NULL) {
        here = here || strncmp(line, begins, strlen(begins)) == 0;
        if (here) {
            (void)sscanf(line, format, &kib);
        }
    }
    fclose(maps);
    return kib;
}

static inline void check_sleep_ms(uint64_t ms) {
    struct timespec pause = pw_timespec(ms * PW_MS);
    while (nanosleep(&pause, &pause) != 0) {
    }
}

/* Loads one byte: its value, or -1 when the load raised SIGBUS. */
static __thread sigjmp_buf check_jump;
static volatile sig_atomic_t check_bus_code;
static void *volatile check_bus_address;

static inline void check_on_bus(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    check_bus_code = info->si_code;
    check_bus_address = info->si_addr;
    siglongjmp(check_jump, 1);
}

static inline void check_catch_bus(void) {
    struct sigaction action = {.sa_sigaction = check_on_bus, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
}

static inline int check_load(const volatile char *at) {
    if (sigsetjmp(check_jump, 1) != 0) {
        return -1;
    }
    return (unsigned char)*at;
}

static inline int check_store(volatile char *at, char value) {
    if (sigsetjmp(check_jump, 1) != 0) {
        return -1;
    }
    *at = value;
    return 0;
}

#endif
