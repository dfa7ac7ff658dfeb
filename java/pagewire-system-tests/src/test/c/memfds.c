/*
 * Prints how many bytes of memory the frames of a dsmd have, as the kernel counts them: the blocks of all its memfds at one
 * moment.
 *
 *     memfds PID
 *
 * Frames go from one region to another all the time. Added up over a while, they would count twice, or not at all; so a look that
 * took longer than a moment (this process had to give way to others) is taken again.
 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 1024, MOMENT_NS = 2000000 };

static char paths[MOST][64];
static struct stat files[MOST];

static int64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (int64_t)at.tv_sec * 1000000000 + at.tv_nsec;
}

/* The descriptors of regions, from /proc/PID/fd; how many, or -1. */
static int find(const char *pid) {
    char folder[32];
    snprintf(folder, sizeof folder, "/proc/%.10s/fd", pid);
    DIR *open = opendir(folder);
    if (!open) {
        return -1;
    }
    int count = 0;
    for (struct dirent *entry; count < MOST && (entry = readdir(open));) {
        char target[64];
        snprintf(paths[count], sizeof paths[count], "%s/%.20s", folder, entry->d_name);
        ssize_t length = readlink(paths[count], target, sizeof target - 1);
        target[length > 0 ? length : 0] = 0;
        count += strncmp(target, "/memfd:pagewire:", 16) == 0;
    }
    closedir(open);
    return count;
}

/* The memory of all of them; a file that has several descriptors counts once, one that was closed meanwhile not at all. */
static int64_t total(int count) {
    int64_t bytes = 0;
    for (int i = 0; i < count; i++) {
        int known = 0;
        for (int j = 0; j < i && !known; j++) {
            known = files[j].st_ino == files[i].st_ino;
        }
        bytes += known ? 0 : (int64_t)files[i].st_blocks * 512;
    }
    return bytes;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: memfds PID\n");
        return 2;
    }
    for (;;) {
        int count = find(argv[1]);
        if (count < 0 || count == MOST) {
            fprintf(stderr, count < 0 ? "process %s cannot be looked at\n" : "process %s has too many memfds\n", argv[1]);
            return 1;
        }
        int64_t begin = now();
        for (int i = 0; i < count; i++) {
            if (stat(paths[i], &files[i]) != 0) {
                memset(&files[i], 0, sizeof files[i]);
            }
        }
        if (now() - begin < MOMENT_NS) {
            printf("%" PRId64 "\n", total(count));
            return 0;
        }
    }
}
