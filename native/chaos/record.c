/* One record, and the clock. See records.h. */
#include "records.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RECORDS_A_PAGE 63 /* of large pages; each such one then begins a few bytes before the end of a page */
#define MOST_LOOKS 200 /* at a record that is being written, before the reader goes elsewhere */

static sigjmp_buf failed;

static void on_bus(int number) {
    (void)number;
    siglongjmp(failed, 1);
}

void catch_failures(void) {
    struct sigaction action = {.sa_handler = on_bus, .sa_flags = SA_NODEFER};
    sigaction(SIGBUS, &action, NULL);
}

uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

struct clock *open_clock(const char *path, uint64_t stride_if_new) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(struct clock)) < 0) {
        fprintf(stderr, "records: clock %s: %m\n", path);
        return NULL;
    }
    struct clock *clock = mmap(NULL, sizeof *clock, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (clock == MAP_FAILED) {
        fprintf(stderr, "records: clock %s: %m\n", path);
        return NULL;
    }
    if (clock->stride == 0) {
        clock->stride = stride_if_new % (SLOTS - 1) + 1;
        clock->page = 4096;
    }
    return clock;
}

uint32_t slot_of(const struct clock *clock, uint64_t number) { return (uint32_t)(number % SLOTS * clock->stride % SLOTS); }

uint64_t number_in_slot(const struct clock *clock, uint32_t slot, uint64_t newest) {
    for (uint64_t back = 0; back < SLOTS && back < newest; back++) {
        if (slot_of(clock, newest - back) == slot) {
            return newest - back;
        }
    }
    return 0;
}

static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 31)) * 0x9e3779b97f4a7c15u;
    return x ^ (x >> 29);
}

static uint64_t add(uint64_t sum, uint64_t word) { return mix(sum ^ word) + sum; }

size_t record_at(const struct clock *clock, uint32_t slot) {
    size_t apart = clock->page / RECORDS_A_PAGE & ~(size_t)7;
    return slot * (apart > sizeof(struct record) ? apart : sizeof(struct record));
}

uint32_t shared_pages(const struct clock *clock) {
    uint64_t pages = (1u << 20) / clock->page;
    return pages > MOST_SHARED_PAGES ? MOST_SHARED_PAGES : pages < LEAST_SHARED_PAGES ? LEAST_SHARED_PAGES : (uint32_t)pages;
}

int write_record(struct record *record, uint64_t number) {
    if (sigsetjmp(failed, 0) != 0) {
        return -1;
    }
    __atomic_store_n(&record->version, 2 * number - 1, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
    uint64_t sum = mix(2 * number);
    for (uint32_t i = 0; i < PAYLOAD; i++) {
        uint64_t word = mix(number * PAYLOAD + i);
        sum = add(sum, word);
        __atomic_store_n(&record->payload[i], word, __ATOMIC_RELAXED);
    }
    __atomic_store_n(&record->checksum, sum, __ATOMIC_RELAXED);
    __atomic_store_n(&record->version, 2 * number, __ATOMIC_RELEASE);
    return 0;
}

int store_word(uint64_t *word, uint64_t value) {
    if (sigsetjmp(failed, 0) != 0) {
        return -1;
    }
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
    return 0;
}

int load_word(const uint64_t *word, uint64_t *value) {
    if (sigsetjmp(failed, 0) != 0) {
        return -1;
    }
    *value = __atomic_load_n(word, __ATOMIC_ACQUIRE);
    return 0;
}

enum look read_record(const struct record *record, uint64_t *number) {
    if (sigsetjmp(failed, 0) != 0) {
        return LOOK_FAILED;
    }
    for (int looks = 0; looks < MOST_LOOKS; looks++) {
        uint64_t version = __atomic_load_n(&record->version, __ATOMIC_ACQUIRE);
        if (version == 0) {
            return LOOK_NEVER_WRITTEN;
        }
        uint64_t sum = mix(version);
        for (uint32_t i = 0; i < PAYLOAD; i++) {
            sum = add(sum, __atomic_load_n(&record->payload[i], __ATOMIC_RELAXED));
        }
        uint64_t checksum = __atomic_load_n(&record->checksum, __ATOMIC_RELAXED);
        __atomic_thread_fence(__ATOMIC_ACQUIRE);
        if (version % 2 == 0 && __atomic_load_n(&record->version, __ATOMIC_RELAXED) == version) {
            *number = version / 2;
            return checksum == sum ? LOOK_READ : LOOK_DAMAGED;
        }
        struct timespec moment = {.tv_nsec = 20000};
        nanosleep(&moment, NULL);
    }
    return LOOK_BUSY;
}
