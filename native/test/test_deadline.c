/* Who does not answer in time: the access ends with an error, the line is never used again, others go on. */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static int late_fd = -1;
static struct pw_message late_fault;

static void silent(struct fake *fake, int fd, const struct pw_message *fault) {
    if (fault->a == 1) {
        late_fd = fd;
        late_fault = *fault;
    } else {
        fake_default(fake, fd, fault);
    }
}

static void *touch(void *at) {
    return (void *)(intptr_t)check_load(at);
}

static void should_give_up_shortly_after_the_fault_deadline(struct fake *fake, struct pw_region *region) {
    volatile char *memory = pw_address(region);
    uint64_t began = pw_now();
    CHECK(check_load(memory + 4096) == -1);
    uint64_t took = pw_now() - began;
    CHECK(took > 650 * PW_MS && took < 1500 * PW_MS);
    CHECK(pw_prefetch(region, 4096, 1, PW_READ) == -EIO);
    CHECK(strstr(pw_error(), pw_cause_text(PW_DEADLINE)) != NULL && strstr(pw_error(), "did not answer itself") != NULL);
    fake_grant(fake, late_fd, &late_fault, 1, 1, PW_READ); /* goes nowhere: that line is closed */
    CHECK(check_load(memory + 2 * 4096) == 0);
    CHECK(check_load(memory + 4096) == -1);
}

/* More silent faults than lines: those that wait for a line have the same deadline. */
static void should_give_up_waiting_for_a_line(struct pw_region *region) {
    pthread_t threads[6];
    char *memory = pw_address(region);
    uint64_t began = pw_now();
    for (int i = 0; i < 6; i++) {
        pthread_create(&threads[i], NULL, touch, memory + 4096);
    }
    for (int i = 0; i < 6; i++) {
        void *result;
        pthread_join(threads[i], &result);
        CHECK((intptr_t)result == -1);
    }
    CHECK(pw_now() - began < 3000 * PW_MS);
    CHECK(check_load(memory + 3 * 4096) == 0);
}

static void slow(struct fake *fake, int fd, const struct pw_message *fault) {
    check_sleep_ms(400);
    fake_default(fake, fd, fault);
}

/* SIGSTOP and SIGCONT interrupt recv even with all signals blocked. */
static void should_survive_stop_and_continue_in_mid_fault(volatile char *memory, struct fake *fake) {
    fake_set_hook(fake, slow);
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        check_sleep_ms(50);
        for (int i = 0; i < 5; i++) {
            kill(parent, SIGSTOP);
            check_sleep_ms(20);
            kill(parent, SIGCONT);
            check_sleep_ms(20);
        }
        _exit(0);
    }
    CHECK(check_load(memory + 5 * 4096) == 0);
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    CHECK(status == 0);
}

int main(void) {
    struct pw_client *client;
    struct fake_options options = {.fault_ms = 200, .max_lines = 2, .hook = silent};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    check_catch_bus();
    should_give_up_shortly_after_the_fault_deadline(fake, region);
    should_give_up_waiting_for_a_line(region);
    should_survive_stop_and_continue_in_mid_fault(pw_address(region), fake);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
