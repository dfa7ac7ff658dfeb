/* The daemon ends: in the middle of a fault, between faults; and comes back, as the same region or as another. */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

static _Atomic int asked;

static void no_answer(struct fake *fake, int fd, const struct pw_message *fault) {
    (void)fake;
    (void)fd;
    (void)fault;
    asked = 1;
}

static void *toucher(void *argument) {
    return (void *)(intptr_t)check_load(argument);
}

static int comes_back(volatile char *at) {
    for (int i = 0; i < 500; i++) {
        if (check_load(at) >= 0) {
            return 1;
        }
        check_sleep_ms(10);
    }
    return 0;
}

static int is_taken(volatile char *memory) {
    for (int i = 0; i < 200; i++) {
        if (check_load(memory) == -1) {
            return 1;
        }
        check_sleep_ms(10);
    }
    return 0;
}

int main(void) {
    char socket[108];
    struct pw_client *client;
    pthread_t thread;
    void *result;
    struct fake *fake = fake_start(NULL);
    strcpy(socket, fake_socket(fake));
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    check_catch_bus();
    fake_frames(fake)[0] = 'a';
    CHECK(memory[0] == 'a');

    /* In mid-fault: the thread gets its error at once, not at the deadline. */
    fake_set_hook(fake, no_answer);
    uint64_t began = pw_now();
    pthread_create(&thread, NULL, toucher, (void *)(uintptr_t)(memory + 4096));
    while (!asked) {
        check_sleep_ms(1);
    }
    fake_stop(fake, 1);
    pthread_join(thread, &result);
    CHECK((intptr_t)result == -1);
    CHECK(pw_now() - began < 3000 * PW_MS);

    /* Everything is taken away, also what was granted before; the line may break a moment before the agent's socket does. */
    CHECK(is_taken(memory));
    CHECK(check_bus_address == (void *)(uintptr_t)memory && check_bus_code == BUS_ADRERR);
    CHECK(pw_prefetch(region, 0, 1, PW_READ) == -EIO);
    CHECK(strstr(pw_error(), "dsmd") != NULL);

    /* Back with new frames: the same addresses, the new contents, nothing of the old. */
    struct fake_options options = {.socket = socket};
    fake = fake_start(&options);
    fake_frames(fake)[0] = 'b';
    CHECK(comes_back(memory));
    CHECK(check_load(memory) == 'b');
    CHECK(check_store(memory + 8192, 'c') == 0 && fake_frames(fake)[8192] == 'c');
    CHECK(fake_revoke(fake, 0, 0, PW_NONE) == 0);
    fake_stop(fake, 1);

    /* Back as another region: the mapping stays failed. */
    options.region_id = 99;
    fake = fake_start(&options);
    check_sleep_ms(300);
    CHECK(check_load(memory) == -1);
    CHECK(pw_prefetch(region, 0, 1, PW_READ) == -EIO);
    CHECK(strstr(pw_error(), pw_cause_text(PW_UNKNOWN_REGION)) != NULL);
    CHECK(fake_unmaps(fake) > 0);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
