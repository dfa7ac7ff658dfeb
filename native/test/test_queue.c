/*
 * More threads than fault lines: whoever asked first is served first, and a thread fails only when nobody is served for the whole
 * deadline, however long it waits while others are.
 */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY 2000
#define SOME 60
#define ROUNDS 40
#define BASE(n) (FAKE_BASE + ((uint64_t)(n) << 30))

static _Atomic uint32_t failed, begun;
static _Atomic uint32_t serve_us;
static pthread_barrier_t gate;

/* How many faults have come to the daemon, in all and when each thread asked; the most that came between a thread and its fault. */
static _Atomic uint64_t arrived, asked[MANY], overtaken;
static uint64_t touches_each;

static void slowly(struct fake *fake, int fd, const struct pw_message *fault) {
    uint64_t before = arrived++ - asked[fault->a / touches_each];
    uint64_t most = overtaken;
    while (before > most && !atomic_compare_exchange_weak(&overtaken, &most, before)) {
    }
    usleep(serve_us);
    fake_default(fake, fd, fault);
}

struct task {
    pthread_t thread;
    volatile char *page;
    uint32_t touches, index;
    uint64_t longest;
};

static void load_all(struct task *task) {
    for (uint32_t i = 0; i < task->touches; i++) {
        uint64_t started = pw_now();
        asked[task->index] = arrived;
        failed += check_load(task->page + (uint64_t)i * 4096) < 0;
        uint64_t took = pw_now() - started;
        task->longest = took > task->longest ? took : task->longest;
    }
}

static void *touch(void *argument) {
    pthread_barrier_wait(&gate);
    load_all(argument);
    return NULL;
}

static void run(struct task *tasks, uint32_t count, struct pw_region *region, uint32_t touches) {
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, 64 << 10);
    failed = 0;
    arrived = overtaken = 0;
    touches_each = touches;
    pthread_barrier_init(&gate, NULL, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        tasks[i] = (struct task){
            .page = (char *)pw_address(region) + (uint64_t)i * touches * 4096,
            .touches = touches,
            .index = i,
        };
        CHECK(pthread_create(&tasks[i].thread, &small, touch, &tasks[i]) == 0);
    }
    pthread_barrier_wait(&gate);
    for (uint32_t i = 0; i < count; i++) {
        pthread_join(tasks[i].thread, NULL);
    }
    pthread_barrier_destroy(&gate);
    pthread_attr_destroy(&small);
}

/* All of them wait for several times the deadline, and each is served. */
static void should_serve_every_thread_while_the_queue_moves(void) {
    static struct task tasks[MANY];
    struct pw_client *client;
    struct fake_options options = {.base = BASE(0), .region_id = 1, .pages = MANY, .max_lines = 2, .fault_ms = 500, .hook = slowly};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    serve_us = 3000;
    uint64_t began = pw_now();
    run(tasks, MANY, region, 1);
    uint64_t took = pw_now() - began, longest = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        longest = tasks[i].longest > longest ? tasks[i].longest : longest;
    }
    printf("%d threads on 2 lines: %u failed, the longest wait was %lu ms of %lu ms\n", MANY, failed, (unsigned long)(longest / PW_MS),
           (unsigned long)(took / PW_MS));
    CHECK(failed == 0);
    CHECK(longest > 2 * (500 + 500) * PW_MS); /* with PW_GRACE_MS: the deadline of one who waits in vain, twice */
    pw_disconnect(client);
    fake_stop(fake, 0);
}

/* Counted in faults and not in time, which a busy machine takes from anybody: while a thread waits, every other one is served
 * once, and some more where it was slow to take its place. */
static void should_serve_threads_in_the_order_in_which_they_asked(void) {
    static struct task tasks[SOME];
    struct pw_client *client;
    struct fake_options options = {.base = BASE(1), .region_id = 2, .pages = SOME * ROUNDS, .max_lines = 4, .hook = slowly};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    serve_us = 500;
    run(tasks, SOME, region, ROUNDS);
    printf("%d threads on 4 lines: at most %lu faults of others came before one's own\n", SOME, (unsigned long)overtaken);
    CHECK(failed == 0);
    CHECK(overtaken < 4 * SOME);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void silent(struct fake *fake, int fd, const struct pw_message *fault) {
    (void)fake;
    (void)fd;
    (void)fault;
    begun++;
}

static void should_give_up_when_nobody_is_served_for_the_deadline(void) {
    static struct task tasks[SOME];
    struct pw_client *client;
    struct fake_options options = {.base = BASE(2), .region_id = 3, .pages = SOME, .max_lines = 2, .fault_ms = 200, .hook = silent};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    uint64_t began = pw_now();
    run(tasks, SOME, region, 1);
    CHECK(failed == SOME);
    CHECK(pw_now() - began >= 700 * PW_MS);
    fake_set_hook(fake, fake_default);
    CHECK(check_load(pw_address(region)) == 0);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void *disconnect(void *client) {
    pw_disconnect(client);
    return NULL;
}

/* Threads in the queue let go when the mapping is closed under them, and none is left behind. */
static void should_let_go_of_a_region_that_closes(void) {
    static struct task tasks[SOME];
    struct pw_client *client;
    pthread_t closer;
    struct fake_options options = {.base = BASE(3), .region_id = 4, .pages = SOME, .max_lines = 2, .fault_ms = 60000, .hook = silent};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    begun = 0;
    pthread_barrier_init(&gate, NULL, SOME);
    for (uint32_t i = 0; i < SOME; i++) {
        tasks[i] = (struct task){.page = (char *)pw_address(region) + (uint64_t)i * 4096, .touches = 1, .index = i};
        CHECK(pthread_create(&tasks[i].thread, NULL, touch, &tasks[i]) == 0);
    }
    while (begun < 2) {
        usleep(1000);
    }
    uint64_t began = pw_now();
    pthread_create(&closer, NULL, disconnect, client);
    pthread_join(closer, NULL);
    for (uint32_t i = 0; i < SOME; i++) {
        pthread_join(tasks[i].thread, NULL);
    }
    CHECK(pw_now() - began < 20 * 1000 * PW_MS);
    pthread_barrier_destroy(&gate);
    fake_stop(fake, 0);
}

#ifndef __SANITIZE_ADDRESS__
static void *cancellable(void *argument) {
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    pthread_barrier_wait(&gate);
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
    load_all(argument);
    return NULL;
}

/* A thread that is cancelled while it waits goes after its turn, a child that is forked meanwhile knows nothing of the queue: no
 * line is lost with either. */
static void should_survive_threads_that_are_cancelled_and_a_fork(void) {
    static struct task tasks[SOME];
    struct pw_client *client;
    struct fake_options options = {.base = BASE(4), .region_id = 5, .pages = SOME, .max_lines = 2, .hook = slowly};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    failed = 0;
    serve_us = 5000;
    touches_each = 1;
    pthread_barrier_init(&gate, NULL, SOME + 1);
    for (uint32_t i = 0; i < SOME; i++) {
        tasks[i] = (struct task){.page = (char *)pw_address(region) + (uint64_t)i * 4096, .touches = 1, .index = i};
        CHECK(pthread_create(&tasks[i].thread, NULL, cancellable, &tasks[i]) == 0);
    }
    pthread_barrier_wait(&gate);
    for (uint32_t i = 0; i < SOME; i += 2) {
        pthread_cancel(tasks[i].thread);
    }
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    int status;
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    for (uint32_t i = 0; i < SOME; i++) {
        pthread_join(tasks[i].thread, NULL);
    }
    pthread_barrier_destroy(&gate);
    CHECK(failed == 0);
    for (int page = 0; page < SOME; page += 2) { /* both lines are there */
        CHECK(fake_revoke(fake, (uint64_t)page, 1, PW_NONE) == 0 && check_load((char *)pw_address(region) + page * 4096) == 0);
    }
    pw_disconnect(client);
    fake_stop(fake, 0);
}
#endif

int main(void) {
    check_catch_bus();
    should_serve_every_thread_while_the_queue_moves();
    should_serve_threads_in_the_order_in_which_they_asked();
    should_give_up_when_nobody_is_served_for_the_deadline();
    should_let_go_of_a_region_that_closes();
#ifndef __SANITIZE_ADDRESS__ /* it takes the stack of a thread that is cancelled in the middle of a function for overrun */
    should_survive_threads_that_are_cancelled_and_a_fork();
#endif
    return 0;
}
