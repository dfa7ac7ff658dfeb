/*
 * One instruction may need four pages at once: movsq with source and destination across page boundaries. While somebody
 * takes all of them away again and again, it must complete, and with few faults. And where a revoke follows each grant on
 * its heels, every store must still cost one fault. Both hold on an idle machine and on one where everything takes many times as long.
 */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define BURNERS 12
#define FAULTS 1000
#define STORES 2000

static struct fake *fake;
static _Atomic int stop;
static uint64_t regions;

/* Each at a place of its own: the range of a mapping that was closed stays reserved. */
static struct fake *start(fake_hook hook) {
    regions++;
    struct fake_options options = {.base = FAKE_BASE + (regions << 30), .region_id = regions, .hook = hook};
    return fake_start(&options);
}

static void *thief(void *argument) {
    (void)argument;
    while (!stop) {
        for (uint64_t page = 0; page < 4; page++) {
            CHECK(fake_revoke(fake, page, 1, PW_NONE) == 0);
        }
    }
    return NULL;
}

#if defined(__x86_64__)
static void should_complete_an_instruction_that_needs_four_pages(void) {
    struct pw_client *client;
    pthread_t thread;
    fake = start(NULL);
    struct pw_region *region = check_map(fake, &client);
    char *memory = pw_address(region);
    stop = 0;
    pthread_create(&thread, NULL, thief, NULL);
    uint64_t began = pw_now(), moves = 0, hit = 0, before = 0, worst = 0;
    struct pw_stats stats;
    while (before < FAULTS && pw_now() - began < 30 * 1000 * PW_MS) {
        const char *from = memory + 4096 - 4;
        char *to = memory + 3 * 4096 - 4;
        *(volatile uint32_t *)(void *)(memory + 4096) = (uint32_t)moves;
        __asm__ volatile("movsq" : "+S"(from), "+D"(to) : : "memory");
        CHECK(*(volatile uint32_t *)(void *)(memory + 3 * 4096) == (uint32_t)moves);
        pw_get_stats(region, &stats);
        uint64_t faults = stats.read_faults + stats.write_faults + stats.retried_faults;
        moves++;
        hit += faults > before;
        worst = faults - before > worst ? faults - before : worst;
        before = faults;
    }
    uint64_t ms = (pw_now() - began) / PW_MS;
    stop = 1;
    pthread_join(thread, NULL);
    printf("%lu moves, %lu of them robbed, in %lu ms: %lu faults, at most %lu for one move, %lu overtaken, %lu revokes held"
           " %lu us each\n",
           moves, hit, (unsigned long)ms, before, worst, stats.retried_faults, stats.revokes,
           stats.hold_ns / 1000 / stats.revokes);
    CHECK(before >= FAULTS);   /* the thief did steal, and nothing hung */
    CHECK(before < hit * 8);   /* and a robbed move needed little more than its four pages */
    pw_disconnect(client);
    fake_stop(fake, 0);
}
#else
static void should_complete_an_instruction_that_needs_four_pages(void) {
    printf("movsq is an x86-64 instruction\n");
}
#endif

static void grant_and_revoke(struct fake *to, int fd, const struct pw_message *fault) {
    fake_grant(to, fd, fault, fault->a, 1, fault->status);
    fake_revoke_send(to, fault->a, 1, PW_NONE);
}

static void should_cost_one_fault_a_store(void) {
    struct pw_client *client;
    fake = start(grant_and_revoke);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    struct pw_stats stats;
    for (int i = 0; i < STORES; i++) {
        memory[i % 64 * 4096] = 1;
    }
    pw_get_stats(region, &stats);
    printf("%d stores: %lu requests, %lu overtaken\n", STORES, (unsigned long)fake_faults(fake), stats.retried_faults);
    /* Without the agent's wait for threads with an answer it is several times a store. */
    CHECK(stats.retried_faults < STORES / 20);
    CHECK(fake_faults(fake) < STORES + STORES / 4);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static pid_t burner[BURNERS];

static void start_burners(void) {
    for (int i = 0; i < BURNERS; i++) {
        burner[i] = fork();
        CHECK(burner[i] >= 0);
        if (burner[i] == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            while (getppid() != 1) {
            }
            _exit(0);
        }
    }
}

static void end_burners(void) {
    for (int i = 0; i < BURNERS; i++) {
        kill(burner[i], SIGKILL);
        CHECK(waitpid(burner[i], NULL, 0) == burner[i]);
    }
}

int main(void) {
    should_complete_an_instruction_that_needs_four_pages();
    should_cost_one_fault_a_store();
    start_burners();
    should_complete_an_instruction_that_needs_four_pages();
    should_cost_one_fault_a_store();
    end_burners();
    return 0;
}
