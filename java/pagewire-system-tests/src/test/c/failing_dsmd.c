/*
 * A dsmd that serves and fails pages on command: the fake daemon of the C tests as a process of its own, for JVMs under test.
 *
 *     failing_dsmd PAGES
 *
 * Says where its socket is; then reads commands from standard input, one a line, and says "done" after each. Its input ends
 * with the test, and so does it. Page N of the region has the number N + 1 in every long.
 *
 *     fail FIRST COUNT MS        faults on these pages fail with OWNER_LOST, after MS milliseconds
 *     serve FIRST COUNT          they are served again
 *     revoke FIRST COUNT         takes all rights on them away
 *     storm FIRST COUNT FAIL_MS SERVE_MS SECONDS US
 *                                takes the rights away, fails the pages for FAIL_MS, serves them for SERVE_MS, and so on; every
 *                                answer comes US microseconds late
 */
#include "deadline.h"
#include "fake_dsmd.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 4096u

static _Atomic int32_t *late_ms; /* a page: -1 = is served, else fails so late */
static _Atomic uint64_t late_us;

static void pause_ns(uint64_t ns) {
    struct timespec left = pw_timespec(ns);
    while (nanosleep(&left, &left) != 0) {
    }
}

static void hook(struct fake *fake, int fd, const struct pw_message *fault) {
    int32_t ms = late_ms[fault->a];
    pause_ns(late_us * PW_US);
    if (ms < 0) {
        fake_default(fake, fd, fault);
        return;
    }
    pause_ns((uint32_t)ms * PW_MS);
    fake_fail(fake, fd, fault, PW_OWNER_LOST);
}

static void set(uint64_t first, uint64_t count, int32_t ms) {
    for (uint64_t page = first; page < first + count; page++) {
        late_ms[page] = ms;
    }
}

static void revoke(struct fake *fake, uint64_t first, uint64_t count) {
    if (fake_revoke(fake, first, (uint32_t)count, PW_NONE) != 0) {
        fprintf(stderr, "the agent does not answer\n");
        exit(1);
    }
}

static void storm(struct fake *fake, uint64_t first, uint64_t count, uint64_t fail_ms, uint64_t serve_ms, uint64_t seconds) {
    uint64_t end = pw_deadline_in_ms(seconds * 1000);
    while (pw_left(end) > 0) {
        set(first, count, 0);
        revoke(fake, first, count);
        pause_ns(fail_ms * PW_MS);
        set(first, count, -1);
        pause_ns(serve_ms * PW_MS);
    }
}

int main(int argc, char **argv) {
    uint64_t pages = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
    if (pages == 0) {
        fprintf(stderr, "usage: failing_dsmd PAGES\n");
        return 2;
    }
    late_ms = calloc(pages, sizeof *late_ms);
    set(0, pages, -1);
    struct fake_options options = {.pages = pages, .hook = hook, .max_lines = 64};
    struct fake *fake = fake_start(&options);
    for (uint64_t i = 0; i < pages * PAGE / sizeof(uint64_t); i++) {
        ((uint64_t *)(void *)fake_frames(fake))[i] = i * sizeof(uint64_t) / PAGE + 1;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("%s\n", fake_socket(fake));
    char line[256];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char what[16];
        unsigned long first, count, ms = 0, serve_ms = 0, seconds = 0, us = 0;
        int fields = sscanf(line, "%15s %lu %lu %lu %lu %lu %lu", what, &first, &count, &ms, &serve_ms, &seconds, &us);
        if (fields < 3 || first >= pages || count > pages - first) {
            fprintf(stderr, "not a command: %s", line);
            return 2;
        }
        if (strcmp(what, "fail") == 0) {
            set(first, count, (int32_t)ms);
        } else if (strcmp(what, "serve") == 0) {
            set(first, count, -1);
        } else if (strcmp(what, "revoke") == 0) {
            revoke(fake, first, count);
        } else if (strcmp(what, "storm") == 0) {
            late_us = us;
            storm(fake, first, count, ms, serve_ms, seconds);
            late_us = 0;
        } else {
            fprintf(stderr, "not a command: %s", line);
            return 2;
        }
        printf("done\n");
    }
    fake_stop(fake, 0);
    return 0;
}
