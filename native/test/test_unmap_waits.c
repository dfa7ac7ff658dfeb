/* What waits for a region, because a thread is inside of it for long, holds up no other region of the process. */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

static _Atomic int holds = 1, publishing;
static struct pw_client *client;

static int hold_publish(struct fake *fake, int fd, const struct pw_message *request, const char *payload) {
    (void)fake;
    (void)payload;
    while (request->type == PW_PUBLISH && holds) {
        fake_answer(fd, request, PW_ST_RUNNING, 0, 0, 0, "");
        publishing = 1;
        check_sleep_ms(10);
    }
    return 0;
}

static void *publish(void *region) {
    CHECK(pw_publish(region, NULL) == 0);
    return NULL;
}

static void *unmap(void *region) {
    CHECK(pw_unmap(region) == 0);
    return NULL;
}

int main(void) {
    struct fake_options options = {.many = 1, .not_home = 1, .flags = PW_FLAG_ANY_WRITER, .control = hold_publish};
    struct fake *fake = fake_start(&options);
    struct pw_options where = {.socket = fake_socket(fake)};
    struct pw_map_options preloaded = {.flags = PW_MAP_PRELOADED};
    struct pw_region *busy, *other;
    pthread_t inside, waiting;
    CHECK(pw_connect(&where, &client) == 0);
    CHECK(pw_map_with(client, "region-1", &preloaded, &busy) == 0);
    CHECK(pthread_create(&inside, NULL, publish, busy) == 0);
    while (!publishing) {
        check_sleep_ms(1);
    }
    CHECK(pthread_create(&waiting, NULL, unmap, busy) == 0);
    check_sleep_ms(50); /* it waits by now; should it not yet, the rest is easier */
    for (int i = 0; i < 20; i++) {
        CHECK(pw_map(client, "region-2", 0, &other) == 0);
        *(volatile char *)pw_address(other) = 1;
        CHECK(pw_unmap(other) == 0);
    }
    CHECK(holds && pthread_tryjoin_np(waiting, NULL) == EBUSY);
    holds = 0;
    pthread_join(inside, NULL);
    pthread_join(waiting, NULL);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
