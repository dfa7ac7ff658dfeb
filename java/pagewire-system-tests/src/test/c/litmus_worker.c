/*
 * One thread of a litmus test as a process of its own, in C. LitmusBoard.java draws the board: what to do, when, and where
 * the registers go. Everything but the two accesses under test is apparatus.
 *
 *     litmus_worker BOARD INDEX SOCKET REGION
 */
#include <pagewire/pagewire.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { RACE = 1, LOOK = 2, REMAP = 3, PREFETCH = 4, SNAPSHOT = 5, END = 9 };
enum { NOTHING = 0, WRITE = 1, READ = 2 };
enum { PLAIN = 0, ACQ_REL = 1, SEQ_CST = 2 };
enum { PLANT_NONE = 0, PLANT_SWAP = 1, PLANT_STALE = 2 };
enum { SPARE_SHARE = 64 };

/* Longs of the board. */
enum {
    PHASE, COMMAND, ROUND, MODE, COUNT, STRIDE, START, STEP, DIRT, PLANT, OFFSET_X, OFFSET_Y, MOST, BYTES, LOOKERS, PAUSE,
    PAGE,
    WORKERS = 64, PER_WORKER = 16, RESULTS = 1024,
};
enum { DONE, KIND_1, VAR_1, KIND_2, VAR_2, DELAY, FAILED, WEAK, SHIFT };

static int64_t *board;
static int64_t *mine;
static int64_t *results;
static char *memory;
static struct pw_region *region;
static struct pw_client *client;
static char *stale;
static int number; /* of this worker */
static _Atomic int dirty;

static _Atomic int64_t *shared(int64_t *at) {
    return (_Atomic int64_t *)at;
}

static void die(const char *what) {
    fprintf(stderr, "litmus_worker: %s: %s\n", what, pw_error());
    atomic_store(shared(&mine[FAILED]), 1);
    exit(1);
}

static uint64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

static void nap(long ns) {
    struct timespec pause = {.tv_nsec = ns};
    nanosleep(&pause, NULL);
}

/* ---- the accesses ---- */

static inline int64_t get(const char *at, int64_t mode) {
    if (mode == PLAIN) {
        return *(const volatile int64_t *)at;
    }
    _Atomic int64_t *cell = (_Atomic int64_t *)(uintptr_t)at;
    return mode == ACQ_REL ? atomic_load_explicit(cell, memory_order_acquire) : atomic_load(cell);
}

static inline void put(char *at, int64_t mode, int64_t value) {
    _Atomic int64_t *cell = (_Atomic int64_t *)at;
    if (mode == PLAIN) {
        *(volatile int64_t *)at = value;
    } else if (mode == ACQ_REL) {
        atomic_store_explicit(cell, value, memory_order_release);
    } else {
        atomic_store(cell, value);
    }
}

static inline size_t cell(int64_t i, int64_t stride, int64_t page) {
    int64_t in_page = (page - page / SPARE_SHARE) / stride;
    return (size_t)(i / in_page * page + i % in_page * stride);
}

/* Between instances, so that pages change hands between those they hold. */
static inline void pause_for(uint32_t turns) {
    for (; turns > 0; turns--) {
#if defined(__x86_64__)
        __asm__ volatile("pause" ::: "memory");
#else
        __asm__ volatile("" ::: "memory");
#endif
    }
}

/* One function per shape and mode, so that between the two accesses there is nothing but address arithmetic. */
#define LOOP(body)                                                                     \
    for (int64_t n = 0, i = (board[START] + mine[SHIFT]) % count; n < count; n++) {    \
        size_t at = cell(i, stride, page);                                                 \
        char *a = first + at, *b = second + at;                                        \
        int64_t *r = results + 4 * i;                                                  \
        (void)b;                                                                       \
        (void)r;                                                                       \
        body;                                                                          \
        pause_for((uint32_t)(8 * n + number) * 0x9E3779B1u >> 29 & most);                \
        i += step;                                                                     \
        i = i >= count ? i - count : i;                                                \
    }

static inline __attribute__((always_inline)) void loops(char *first, char *second, int64_t value, int64_t mode) {
    int64_t count = board[COUNT], stride = board[STRIDE], page = board[PAGE], step = board[STEP];
    uint32_t most = (uint32_t)board[PAUSE];
    int64_t k1 = mine[KIND_1], k2 = mine[KIND_2];
    if (k1 == WRITE && k2 == WRITE) {
        LOOP(put(a, mode, value); put(b, mode, value))
    } else if (k1 == WRITE && k2 == READ) {
        LOOP(put(a, mode, value); r[1] = get(b, mode))
    } else if (k1 == READ && k2 == WRITE) {
        LOOP(r[0] = get(a, mode); put(b, mode, value))
    } else if (k1 == READ && k2 == READ) {
        LOOP(r[0] = get(a, mode); r[1] = get(b, mode))
    } else {
        LOOP(put(a, mode, value))
    }
}

/* ---- planted bugs: a thread that is weaker than the memory it stands for ---- */

/* Long enough for the others to come between two accesses, also where only one of them runs at a time. */
static inline void linger(void) {
    nap(200000);
}

/* A reader with a stale copy shows it only where the others were quicker: it begins when the first instance has been stored to. */
static void await_store(const char *first, int64_t value) {
    int64_t i = (board[START] + mine[SHIFT]) % board[COUNT];
    const char *a = first + cell(i, board[STRIDE], board[PAGE]);
    for (int tries = 0; tries < 10000 && get(a, PLAIN) >> 2 != value >> 2; tries++) {
        linger();
    }
}

static void planted(char *first, char *second, int64_t value, int64_t mode) {
    int64_t count = board[COUNT], stride = board[STRIDE], page = board[PAGE], step = board[STEP];
    uint32_t most = (uint32_t)board[PAUSE];
    int64_t k1 = mine[KIND_1], k2 = mine[KIND_2];
    int swap = board[PLANT] == PLANT_SWAP;
    if (!swap && k1 == READ) {
        await_store(first, value);
    }
    LOOP({
        if (!swap && k1 == READ) {
            r[0] = get(a, mode);
        } else if (!swap) {
            put(a, mode, value);
        }
        if (k2 == READ) {
            r[1] = swap ? get(b, mode) : *(int64_t *)(stale + (second - memory) + at);
        } else if (k2 == WRITE) {
            put(b, mode, value);
        }
        if (swap) {
            linger();
        }
        if (swap && k1 == READ) {
            r[0] = get(a, mode);
        } else if (swap) {
            put(a, mode, value);
        }
    })
}

/* ---- rounds ---- */

static void race(void) {
    char *variables[] = {memory + board[OFFSET_X], memory + board[OFFSET_Y]};
    char *first = variables[mine[VAR_1]], *second = variables[mine[VAR_2]];
    int64_t value = board[ROUND] * 4 + 1 + number;
    for (uint64_t go = now() + (uint64_t)mine[DELAY]; now() < go;) {
    }
    if (mine[WEAK] && board[PLANT] != PLANT_NONE) {
        planted(first, second, value, board[MODE]);
    } else if (board[MODE] == PLAIN) {
        loops(first, second, value, PLAIN);
    } else if (board[MODE] == ACQ_REL) {
        loops(first, second, value, ACQ_REL);
    } else {
        loops(first, second, value, SEQ_CST);
    }
}

static void look(void) {
    for (int64_t i = 0; i < board[COUNT]; i++) {
        size_t at = cell(i, board[STRIDE], board[PAGE]);
        results[4 * i + 2] = get(memory + board[OFFSET_X] + at, PLAIN);
        results[4 * i + 3] = get(memory + board[OFFSET_Y] + at, PLAIN);
    }
}

/* Stores to the spare end of pages, so that copies of pages under test are purged in the middle of everything. */
static void *make_dirt(void *argument) {
    uint64_t turn = 1;
    (void)argument;
    for (;;) {
        if (!atomic_load(&dirty)) {
            nap(50000);
            continue;
        }
        turn = turn * 6364136223846793005u + 1442695040888963407u;
        uint64_t page = (uint64_t)board[PAGE];
        uint64_t pages = (uint64_t)board[BYTES] / page;
        put(memory + (turn >> 33) % pages * page + page - 8, PLAIN, (int64_t)turn);
        nap(20000);
    }
    return NULL;
}

static void map(const char *name) {
    if (pw_map(client, name, 0, &region) != 0) {
        die("map");
    }
    memory = pw_address(region);
}

int main(int argc, char **argv) {
    if (argc != 5) {
        fprintf(stderr, "usage: litmus_worker BOARD INDEX SOCKET REGION\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    number = atoi(argv[2]);
    int fd = open(argv[1], O_RDWR | O_CLOEXEC);
    struct stat about;
    if (fd < 0 || fstat(fd, &about) != 0) {
        perror(argv[1]);
        return 1;
    }
    board = mmap(NULL, (size_t)about.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (board == MAP_FAILED) {
        perror("mmap");
        return 1;
    }
    mine = board + WORKERS + PER_WORKER * number;
    results = board + RESULTS + 4 * board[MOST] * number;
    struct pw_options options = {.socket = argv[3], .connect_ms = 60000};
    if (pw_connect(&options, &client) != 0) {
        die("connect");
    }
    map(argv[4]);
    stale = calloc(1, (size_t)board[BYTES]);
    if (number == 0) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, make_dirt, NULL) != 0) {
            die("thread");
        }
    }
    atomic_store(shared(&mine[DONE]), 0);
    for (int64_t done = 0;;) {
        int64_t phase;
        for (int tries = 0; (phase = atomic_load(shared(&board[PHASE]))) == done; tries++) {
            if (tries > 100) {
                nap(50000);
            }
        }
        switch (board[COMMAND]) {
        case RACE:
            atomic_store(&dirty, board[DIRT] != 0);
            if (mine[KIND_1] != NOTHING) {
                race();
            }
            atomic_store(&dirty, 0);
            break;
        case SNAPSHOT: /* before anybody stores: a copy taken in the race would be as new as its stores on a busy machine */
            if (mine[WEAK] && board[PLANT] == PLANT_STALE) {
                memcpy(stale, memory, (size_t)board[BYTES]);
            }
            break;
        case LOOK:
            if (number < board[LOOKERS]) {
                look();
            }
            break;
        case REMAP:
            if (!pw_is_home(region) && number != 0) {
                pw_unmap(region);
                map(argv[4]);
            }
            break;
        case PREFETCH:
            if (pw_prefetch(region, 0, (uint64_t)board[BYTES], PW_READ) != 0) {
                die("prefetch");
            }
            break;
        default:
            pw_disconnect(client);
            return 0;
        }
        done = phase;
        atomic_store(shared(&mine[DONE]), done);
    }
}
