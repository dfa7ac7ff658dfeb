/*
 * stream_check.h - what the tests of frame streams use beside check.h. Each runs twice: with the kernel as it is, and with
 * PAGEWIRE_TEST_HOLES=1 as on one that cannot move a shared mapping and keep the old place mapped (before Linux 5.13).
 */
#ifndef STREAM_CHECK_H
#define STREAM_CHECK_H

#include "check.h"
#include "fake_stream.h"

#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

/* The first move that is to fail, 1 = the next one, and how many do. Only moves to a place that is asked for count. */
static _Atomic int check_failing_move, check_failing_moves;

static inline int check_holes(void) {
    const char *set = getenv("PAGEWIRE_TEST_HOLES");
    return set != NULL && *set == '1';
}

/* Stands in front of libc's. */
void *mremap(void *from, size_t old, size_t new, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    void *to = flags & (MREMAP_FIXED | MREMAP_DONTUNMAP) ? va_arg(arguments, void *) : NULL;
    va_end(arguments);
    if (flags & MREMAP_DONTUNMAP && check_holes()) {
        errno = EINVAL;
        return MAP_FAILED;
    }
    if (flags & MREMAP_FIXED && check_failing_moves > 0 && (check_failing_move <= 1 || --check_failing_move < 1)) {
        check_failing_moves--;
        munmap(to, old); /* as the kernel does before it runs out of memory */
        errno = ENOMEM;
        return MAP_FAILED;
    }
    return (void *)syscall(SYS_mremap, from, old, new, flags, to);
}

static inline struct pw_client *check_client(struct fake_stream *stream) {
    struct pw_options options = {.socket = fake_socket(fake_stream_dsmd(stream))};
    struct pw_client *client;
    CHECK(pw_connect(&options, &client) == 0);
    return client;
}

static inline struct pw_writer *check_publish(struct pw_client *client) {
    struct pw_stream_options options = {.frame_size = FAKE_STREAM_SIZE};
    struct pw_writer *writer;
    CHECK(pw_publish_frames(client, FAKE_STREAM, &options, &writer) == 0);
    return writer;
}

static inline struct pw_reader *check_subscribe(struct pw_client *client, uint32_t flags) {
    struct pw_stream_options options = {.flags = flags};
    struct pw_reader *reader;
    CHECK(pw_subscribe_frames(client, FAKE_STREAM, &options, &reader) == 0);
    return reader;
}

/* How many mappings of this process name it. */
static inline int check_mappings(const char *name) {
    char line[512];
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL) {
        count += strstr(line, name) != NULL;
    }
    fclose(maps);
    return count;
}

#endif
