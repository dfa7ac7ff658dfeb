/* Mode PW_FAIL_SIGBUS: a failed access is a SIGBUS at the instruction, and nobody else notices. */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

static _Atomic int fails = 1, stop;
static _Atomic uint64_t reads;

static void hook(struct fake *fake, int fd, const struct pw_message *fault) {
    if (fault->a == 9 && fails) {
        fake_fail(fake, fd, fault, PW_OWNER_LOST);
    } else {
        fake_default(fake, fd, fault);
    }
}

static void *reader(void *at) {
    while (!stop) {
        if (*(volatile char *)at != 'r') {
            return at;
        }
        reads++;
    }
    return NULL;
}

/* In a child, because it dies. 0 = a load with the default action, 1 = with SIGBUS blocked. */
static int how_it_ends(int blocked) {
    pid_t child = fork();
    if (child == 0) {
        struct pw_client *client;
        struct fake_options options = {.hook = hook, .highest = PW_READ};
        struct fake *fake = fake_start(&options);
        volatile char *memory = pw_address(check_map(fake, &client));
        unlink(fake_socket(fake));
        char folder[108];
        strcpy(folder, fake_socket(fake));
        *strrchr(folder, '/') = '\0';
        rmdir(folder);
        if (blocked) {
            check_catch_bus();
            sigset_t bus;
            sigemptyset(&bus);
            sigaddset(&bus, SIGBUS);
            sigprocmask(SIG_BLOCK, &bus, NULL);
        }
        (void)memory[9 * 4096];
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

int main(void) {
    CHECK(how_it_ends(0) == SIGBUS);
    CHECK(how_it_ends(1) == SIGBUS);

    struct pw_client *client;
    pthread_t thread;
    void *wrong;
    struct fake_options options = {.hook = hook, .highest = PW_READ};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    check_catch_bus();

    CHECK(check_load(memory + 9 * 4096 + 5) == -1);
    CHECK(check_bus_code == BUS_ADRERR && check_bus_address == (void *)(uintptr_t)(memory + 9 * 4096 + 5));
    CHECK(check_load(memory + 9 * 4096) == -1); /* every load is a new attempt */
    fails = 0;
    CHECK(check_load(memory + 9 * 4096) == 0);

    /* A forbidden store fails; a reader of the same page goes on reading. */
    fake_frames(fake)[3 * 4096] = 'r';
    pthread_create(&thread, NULL, reader, (void *)(uintptr_t)(memory + 3 * 4096));
    while (reads == 0) {
        check_sleep_ms(1);
    }
    for (int i = 0; i < 100; i++) {
        CHECK(check_store(memory + 3 * 4096, 'w') == -1);
    }
    stop = 1;
    pthread_join(thread, &wrong);
    CHECK(wrong == NULL);
    CHECK(fake_frames(fake)[3 * 4096] == 'r');

    struct pw_stats stats;
    pw_get_stats(region, &stats);
    CHECK(stats.failed_faults == 102);
    pw_unmap(region);
    CHECK(check_load(memory) == -1); /* the range is kept, and nothing stands there */
    CHECK(check_store(memory + 3 * 4096, 'w') == -1);
    CHECK(pw_map(client, FAKE_REGION, 0, &region) == 0);
    CHECK(pw_address(region) == memory && check_load(memory + 3 * 4096) == 'r');
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
