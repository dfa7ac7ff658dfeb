/*
 * The C program of the system tests: takes one command a line, answers with a line of the same number.
 *
 *     app SOCKET
 *     17 get prices 4096
 *     17 = 42
 *     18 ! SIGBUS - at 0x660000001000
 */
#include <pagewire/pagewire.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_REGIONS 8

static struct pw_client *client;
static struct mapped {
    char name[64];
    struct pw_region *region;
} mapped[MOST_REGIONS];

static sigjmp_buf failed;
static void *volatile failed_at;

static void on_bus(int number, siginfo_t *info, void *context) {
    (void)number;
    (void)context;
    failed_at = info->si_addr;
    siglongjmp(failed, 1);
}

static struct pw_region *find(const char *name) {
    for (int i = 0; i < MOST_REGIONS; i++) {
        if (mapped[i].region != NULL && strcmp(mapped[i].name, name) == 0) {
            return mapped[i].region;
        }
    }
    return NULL;
}

static void refuse(const char *id, int rc, const char *text) { printf("%s ! %s - %s\n", id, strerrorname_np(-rc), text); }

static void map(const char *id, const char *name) {
    struct pw_region *region;
    int rc = pw_map(client, name, 0, &region);
    if (rc < 0) {
        refuse(id, rc, pw_error());
        return;
    }
    for (int i = 0; i < MOST_REGIONS; i++) {
        if (mapped[i].region == NULL) {
            snprintf(mapped[i].name, sizeof mapped[i].name, "%s", name);
            mapped[i].region = region;
            printf("%s = %p %" PRIu64 " %s\n", id, pw_address(region), pw_size(region), pw_engine(region));
            return;
        }
    }
    pw_unmap(region);
    refuse(id, -ENFILE, "too many regions for this program");
}

static void load(const char *id, const struct pw_region *region, uint64_t offset) {
    const volatile int64_t *word = (const volatile int64_t *)(const volatile void *)((char *)pw_address(region) + offset);
    if (sigsetjmp(failed, 1) == 0) {
        printf("%s = %" PRId64 "\n", id, *word);
    } else {
        printf("%s ! SIGBUS - at %p\n", id, failed_at);
    }
}

static void store(const char *id, const struct pw_region *region, uint64_t offset, int64_t value) {
    volatile int64_t *word = (volatile int64_t *)(volatile void *)((char *)pw_address(region) + offset);
    if (sigsetjmp(failed, 1) == 0) {
        *word = value;
        printf("%s = done\n", id);
    } else {
        printf("%s ! SIGBUS - at %p\n", id, failed_at);
    }
}

/* Tries to give the frames write access behind the library's back; a program of another user must not be able to. */
static void make_writable(const char *id, const struct pw_region *region) {
    if (mprotect(pw_address(region), pw_page_size(region), PROT_READ | PROT_WRITE) < 0) {
        refuse(id, -errno, "mprotect");
    } else {
        printf("%s = writable\n", id);
    }
}

/* A child that allocates and ends; with touch it also loads from the region, which it must not have. */
static void fork_child(const char *id, const struct pw_region *region, int touch) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGBUS, SIG_DFL);
        char *memory = malloc(1 << 20);
        if (memory == NULL) {
            _exit(3);
        }
        memset(memory, 7, 1 << 20);
        int got = touch ? *(const volatile char *)pw_address(region) : memory[100] - 7;
        _exit(got == 0 ? 0 : 4);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        refuse(id, -errno, "fork");
    } else if (WIFSIGNALED(status)) {
        printf("%s = %s\n", id, sigabbrev_np(WTERMSIG(status)));
    } else {
        printf("%s = exit %d\n", id, WEXITSTATUS(status));
    }
}

/* Puts something of the program's own where a region would stand. */
static void occupy(const char *id, const char *address, uint64_t length) {
    void *wanted = (void *)(uintptr_t)strtoull(address, NULL, 16);
    void *got = mmap(wanted, length, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (got == wanted) {
        printf("%s = done\n", id);
    } else {
        refuse(id, -errno, "mmap");
    }
}

/* Moves this process, which has one thread as yet, to a time namespace whose clocks are so many seconds ahead. */
static void change_clock(const char *id, long long seconds) {
    FILE *offsets = NULL;
    int fd = -1;
    int rc = unshare(CLONE_NEWTIME);
    if (rc == 0 && (offsets = fopen("/proc/self/timens_offsets", "we")) != NULL) {
        fprintf(offsets, "monotonic %lld 0\nboottime %lld 0\n", seconds, seconds);
        rc = fclose(offsets);
        fd = rc == 0 ? open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC) : -1;
    }
    if (fd >= 0 && setns(fd, CLONE_NEWTIME) == 0) {
        printf("%s = done\n", id);
    } else {
        refuse(id, -errno, "time namespace");
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void run(char *line) {
    char *words[6] = {0};
    int count = 0;
    for (char *word = strtok(line, " \n"); word != NULL && count < 6; word = strtok(NULL, " \n")) {
        words[count++] = word;
    }
    if (count < 2) {
        return;
    }
    const char *id = words[0], *what = words[1];
    if (strcmp(what, "hello") == 0) {
        printf("%s = hello\n", id);
    } else if (strcmp(what, "map") == 0 && count == 3) {
        map(id, words[2]);
    } else if (strcmp(what, "occupy") == 0 && count == 4) {
        occupy(id, words[2], strtoull(words[3], NULL, 10));
    } else if (strcmp(what, "change-clock") == 0 && count == 3) {
        change_clock(id, atoll(words[2]));
    } else if (strcmp(what, "mlockall") == 0) {
        if (mlockall(MCL_CURRENT | MCL_FUTURE) < 0) {
            refuse(id, -errno, "mlockall");
        } else {
            printf("%s = done\n", id);
        }
    } else {
        struct pw_region *region = count > 2 ? find(words[2]) : NULL;
        if (region == NULL) {
            printf("%s ! usage - no such command or region\n", id);
        } else if (strcmp(what, "get") == 0 && count == 4) {
            load(id, region, strtoull(words[3], NULL, 10));
        } else if (strcmp(what, "put") == 0 && count == 5) {
            store(id, region, strtoull(words[3], NULL, 10), strtoll(words[4], NULL, 10));
        } else if (strcmp(what, "make-writable") == 0) {
            make_writable(id, region);
        } else if (strcmp(what, "fork") == 0) {
            fork_child(id, region, 0);
        } else if (strcmp(what, "fork-touch") == 0) {
            fork_child(id, region, 1);
        } else {
            printf("%s ! usage - no such command\n", id);
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: app SOCKET\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct sigaction action = {.sa_sigaction = on_bus, .sa_flags = SA_SIGINFO};
    sigaction(SIGBUS, &action, NULL);
    struct pw_options options = {.socket = argv[1], .program = "system-test", .connect_ms = 30000};
    if (pw_connect(&options, &client) < 0) {
        fprintf(stderr, "app: %s\n", pw_error());
        return 1;
    }
    char line[512];
    while (fgets(line, sizeof line, stdin) != NULL) {
        run(line);
    }
    pw_disconnect(client);
    return 0;
}
