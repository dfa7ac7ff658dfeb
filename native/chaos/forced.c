/*
 * The region that every host may write (records.h): numbers that are forced, and what must have become of them. A number counts as
 * forced when pw_force has returned 0 and the words still hold it; what was lost before, this program must have been told.
 */
#include "records.h"

#include <pagewire/pagewire.h>

#include <inttypes.h>
#include <stdio.h>

#define PAUSE_NS 2000000
#define PAUSE_AFTER_FAILURE_NS 5000000
#define TOLD_WITHIN_NS 1000000000u

static uint64_t *word_of(const struct clock *clock, void *memory, uint32_t page, uint32_t host, uint32_t word) {
    return (uint64_t *)memory + page * (clock->page / 8) + host * WORDS_A_PAGE + word;
}

/* 0, or -1 when one could not be served. */
static int store_all(const struct clock *clock, void *memory, uint32_t host, uint64_t number, struct cell *cell) {
    int rc = 0;
    __atomic_store_n(&cell->since_ns, now_ns(), __ATOMIC_RELAXED);
    for (uint32_t i = 0; rc == 0 && i < shared_pages(clock) * WORDS_A_PAGE; i++) {
        rc = store_word(word_of(clock, memory, i / WORDS_A_PAGE, host, i % WORDS_A_PAGE), number);
        __atomic_store_n(&cell->since_ns, now_ns(), __ATOMIC_RELAXED);
    }
    __atomic_store_n(&cell->since_ns, 0, __ATOMIC_RELAXED);
    return rc;
}

/* A word of a host holds what was forced before the look at least, and nothing that was never stored. */
static int look(void *memory, struct clock *clock, struct cell *cell, uint32_t page, uint32_t host, uint32_t word) {
    struct shared *shared = &clock->shared[host];
    uint64_t forced = __atomic_load_n(&shared->forced, __ATOMIC_SEQ_CST);
    uint64_t forced_ns = __atomic_load_n(&shared->forced_ns, __ATOMIC_RELAXED);
    uint64_t number = 0;
    __atomic_store_n(&cell->since_ns, now_ns(), __ATOMIC_RELAXED);
    int rc = load_word(word_of(clock, memory, page, host, word), &number);
    __atomic_store_n(&cell->since_ns, 0, __ATOMIC_RELAXED);
    if (rc == 0 && number < forced) {
        report(cell, page, number, forced, "forced", forced_ns);
    } else if (rc == 0 && number > __atomic_load_n(&shared->begun, __ATOMIC_SEQ_CST)) {
        report(cell, page, number, 0, "invented", 0);
    }
    return rc;
}

/* How many of the words do not hold the number; -1 when one cannot be read. */
static int differing(const struct clock *clock, void *memory, uint32_t host, uint64_t number) {
    int count = 0;
    for (uint32_t i = 0; i < shared_pages(clock) * WORDS_A_PAGE; i++) {
        uint64_t found = 0;
        if (load_word(word_of(clock, memory, i / WORDS_A_PAGE, host, i % WORDS_A_PAGE), &found) != 0) {
            return -1;
        }
        count += found != number;
    }
    return count;
}

static uint64_t lost_pages(struct pw_region *region) {
    struct pw_stats stats = {0};
    pw_get_stats(region, &stats);
    return stats.lost_pages;
}

/* Some words went back before they were forced. The report says so; "untold" is judged by what the daemon went through. */
static void lost(struct pw_region *region, struct shared *shared, struct cell *cell, uint64_t before, uint64_t number, uint64_t began) {
    uint64_t end = now_ns() + TOLD_WITHIN_NS;
    while (lost_pages(region) == before && now_ns() < end) {
        pause_for(PAUSE_NS);
    }
    if (lost_pages(region) == before) {
        report(cell, 0, number - 1, number, "untold", began);
    } else {
        __atomic_add_fetch(&shared->lost, 1, __ATOMIC_RELAXED);
    }
}

/* One number; 0 when it is forced. */
static int one(struct pw_region *region, struct clock *clock, struct cell *cell, uint32_t host) {
    struct shared *shared = &clock->shared[host];
    void *memory = pw_address(region);
    uint64_t before = lost_pages(region), began = now_ns();
    uint64_t number = __atomic_add_fetch(&shared->begun, 1, __ATOMIC_SEQ_CST);
    if (store_all(clock, memory, host, number, cell) != 0) {
        return -1;
    }
    __atomic_store_n(&cell->since_ns, now_ns(), __ATOMIC_RELAXED);
    int rc = pw_force(region, 0, shared_pages(clock) * clock->page);
    __atomic_store_n(&cell->since_ns, 0, __ATOMIC_RELAXED);
    if (rc != 0) {
        complain(pw_error());
        return -1;
    }
    int differ = differing(clock, memory, host, number);
    if (differ > 0) {
        lost(region, shared, cell, before, number, began);
    }
    if (differ != 0) {
        return -1;
    }
    __atomic_store_n(&shared->forced_ns, now_ns(), __ATOMIC_RELAXED);
    __atomic_store_n(&shared->forced, number, __ATOMIC_SEQ_CST);
    return 0;
}

void force_all(struct pw_region *region, struct clock *clock, struct cell *cell, uint32_t host, const volatile int *end) {
    uint64_t random = now_ns() | 1;
    while (!*end) {
        uint64_t completed = __atomic_load_n(&clock->completed, __ATOMIC_ACQUIRE);
        int rc = one(region, clock, cell, host);
        for (uint32_t i = 0; i < 2 * HOSTS && rc == 0; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            rc = look(pw_address(region), clock, cell, (uint32_t)(random >> 33) % shared_pages(clock), i % HOSTS, i / HOSTS);
        }
        if (rc == 0) {
            cell->reads++;
            cell->newest = completed; /* for the driver: this program works since then */
        } else {
            cell->failures++;
        }
        pause_for(rc == 0 ? PAUSE_NS : PAUSE_AFTER_FAILURE_NS);
    }
}

int check_forced(const void *memory, const struct clock *clock, uint64_t seconds) {
    uint64_t end = now_ns() + seconds * 1000000000u, digest = 0, missing = 0, failed = 0;
    for (uint32_t i = 0; i < shared_pages(clock) * WORDS_A_PAGE * HOSTS; i++) {
        uint32_t host = i / WORDS_A_PAGE % HOSTS;
        uint64_t wanted = clock->shared[host].forced, number = 0;
        const uint64_t *word = (const uint64_t *)memory + i / (WORDS_A_PAGE * HOSTS) * (clock->page / 8) + i % (WORDS_A_PAGE * HOSTS);
        int rc;
        while ((rc = load_word(word, &number)) != 0 && now_ns() < end) {
            failed++;
            pause_for(20000000);
        }
        if (rc != 0 || number < wanted) {
            fprintf(stderr, "records: word %u of host %c holds %" PRIu64 "; %" PRIu64 " was forced%s\n", i, 'a' + (int)host, number,
                    wanted, rc != 0 ? ", and it cannot be read" : "");
            missing++;
        }
        digest = (digest ^ number) * 0x100000001b3u + i;
    }
    uint64_t told = 0, forced = 0;
    for (uint32_t host = 0; host < HOSTS; host++) {
        told += clock->shared[host].lost;
        forced += clock->shared[host].forced;
    }
    printf("digest %016" PRIx64 " forced %" PRIu64 " lost and told %" PRIu64 " missing %" PRIu64 " failures %" PRIu64 "\n", digest,
           forced, told, missing, failed);
    return missing == 0 ? 0 : 1;
}
