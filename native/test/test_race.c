/*
 * Grants and revokes from both sides at once. When the agent has answered a revoke, the daemon puts poison into the page and
 * takes it out again before it grants anything: a load that sees poison, or a store that lands in it, had access that was
 * said to be gone.
 */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

#define PAGES 16u
#define THREADS 3
#define ROUNDS 6000u
#define ENOUGH 500u
#define SOON_MS 3000u     /* with all rounds or with enough of them */
#define LONGEST_MS 25000u /* on a machine that is very busy with other things */
#define POISON 0xDEADDEADDEADDEADull

static struct fake *fake;
static struct pw_region *region;
static int highest;
static _Atomic int stop;
static _Atomic uint64_t accesses;

/* Half of the grants are for a run of four. */
static void hook(struct fake *to, int fd, const struct pw_message *fault) {
    if (fault->id % 2 == 0) {
        fake_grant(to, fd, fault, fault->a & ~3ull, 4, fault->status);
    } else {
        fake_grant(to, fd, fault, fault->a, 1, fault->status);
    }
}

static void *toucher(void *argument) {
    uint64_t random = (uint64_t)(uintptr_t)argument + 88172645463325252ull;
    uint64_t mine = 0;
    while (!stop) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        volatile uint64_t *word = (volatile uint64_t *)(void *)((char *)pw_address(region) + random % PAGES * 4096);
        if (highest == PW_WRITE && (random >> 32) % 2 == 0) {
            *word = random >> 1;
        } else if (*word == POISON) {
            fprintf(stderr, "page %lu could be read after its revoke was answered\n", random % PAGES);
            exit(1);
        }
        if (++mine % 512 == 0) { /* others shall get at the processor too, or every wake-up takes a time slice */
            struct timespec pause = pw_timespec(20 * PW_US);
            nanosleep(&pause, NULL);
        }
    }
    accesses += mine;
    return NULL;
}

struct range {
    uint64_t first, count;
};

static void poison(void *argument) {
    const struct range *range = argument;
    for (int on = 1; on >= 0; on--) {
        for (uint64_t i = range->first; i < range->first + range->count; i++) {
            _Atomic uint64_t *word = (_Atomic uint64_t *)(void *)(fake_frames(fake) + i * 4096);
            uint64_t was = atomic_exchange(word, on ? POISON : 0);
            if (!on && was != POISON) {
                fprintf(stderr, "page %lu could be written after its revoke was answered\n", i);
                exit(1);
            }
        }
        struct timespec pause = pw_timespec(on ? 20 * PW_US : 0);
        nanosleep(&pause, NULL);
    }
}

static void run(int right, int initial, uint32_t rounds) {
    struct pw_client *client;
    pthread_t threads[THREADS];
    struct fake_options options = {.pages = PAGES, .highest = (uint8_t)right, .initial = (uint8_t)initial, .hook = hook};
    highest = right;
    stop = 0;
    fake = fake_start(&options);
    region = check_map(fake, &client);
    for (uint64_t i = 0; i < THREADS; i++) {
        pthread_create(&threads[i], NULL, toucher, (void *)(uintptr_t)(i * 7919));
    }
    uint64_t soon = pw_deadline_in_ms(SOON_MS), latest = pw_deadline_in_ms(LONGEST_MS);
    for (uint64_t round = 1; round <= rounds && pw_left(latest) > 0 && (round <= ENOUGH || pw_left(soon) > 0); round++) {
        struct range range = {round * 7 % PAGES, 1};
        if (round % 50 == 0) {
            range = (struct range){0, PAGES};
            CHECK(fake_revoke_then(fake, 0, 0, PW_NONE, poison, &range) == 0);
        } else {
            CHECK(fake_revoke_then(fake, range.first, 1, PW_NONE, poison, &range) == 0);
        }
    }
    stop = 1;
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    struct pw_stats stats;
    pw_get_stats(region, &stats);
    printf("%s: %lu accesses, %lu+%lu faults, %lu overtaken, %lu revokes, held %lu us each\n", pw_engine(region),
           (unsigned long)accesses, stats.read_faults, stats.write_faults, stats.retried_faults, stats.revokes,
           stats.hold_ns / 1000 / stats.revokes);
    CHECK(stats.revokes >= ENOUGH && stats.read_faults > 100);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

int main(void) {
    run(PW_READ, PW_READ, ROUNDS);
    run(PW_WRITE, PW_NONE, ROUNDS);
    return 0;
}
