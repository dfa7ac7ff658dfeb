/* Whoever gives a mapping up says so before its agent's socket closes, and has given the lease page back by then: dsmd ends a
 * process that has the page and no agent. */
#include "check.h"

#include <pthread.h>
#include <stdatomic.h>

static _Atomic int goodbyes, orderly, hold_map, maps, ending;

/* The daemon of this test has a mapping of its own. */
static int lease_pages(void) {
    char line[512];
    int count = 0;
    FILE *maps_file = fopen("/proc/self/maps", "r");
    CHECK(maps_file != NULL);
    while (fgets(line, sizeof line, maps_file) != NULL) {
        count += strstr(line, "memfd:lease") != NULL;
    }
    fclose(maps_file);
    return count;
}

static int look(struct fake *fake, int fd, const struct pw_message *request, const char *payload) {
    (void)payload;
    /* Of a mapping of this daemon: one of the daemon before may be given up here, when its end was seen late. */
    if (request->type == PW_UNMAP && !ending && request->a == fake_token(fake)) {
        check_sleep_ms(50); /* a socket that was closed before is seen to be closed by now */
        orderly += fake_agent_fd(fake) >= 0 && lease_pages() == 1;
        goodbyes++;
    } else if (request->type == PW_MAP) {
        maps++;
        while (hold_map) {
            check_sleep_ms(1);
        }
    } else if (request->type == PW_PROGRESS && maps > 1) {
        fake_answer(fd, request, PW_ST_OWNER_LOST, 0, 0, 0, "the owner is down");
        return 1;
    }
    return 0;
}

/* A daemon that ends closes the sockets of agents first; what is said to it then is said in vain. */
static void end(struct fake *fake) {
    ending = 1;
    fake_stop(fake, 1);
    ending = 0;
}

static void await(const _Atomic int *count, int least) {
    for (int i = 0; i < 1000 && *count < least; i++) {
        check_sleep_ms(10);
    }
    CHECK(*count >= least);
}

static void *let_go(void *argument) {
    (void)argument;
    check_sleep_ms(200);
    hold_map = 0;
    return NULL;
}

int main(void) {
    char socket[108];
    struct pw_client *client;
    struct pw_region *region;
    struct pw_map_options preloaded = {.flags = PW_MAP_PRELOADED};
    pthread_t thread;

    /* A new daemon that cannot fill a preloaded mapping again. */
    struct fake_options options = {.control = look};
    struct fake *fake = fake_start(&options);
    strcpy(socket, fake_socket(fake));
    struct pw_options where = {.socket = socket};
    CHECK(pw_connect(&where, &client) == 0);
    CHECK(pw_map_with(client, FAKE_REGION, &preloaded, &region) == 0);
    CHECK(goodbyes == 0 && lease_pages() == 2);
    end(fake);
    options.socket = socket;
    fake = fake_start(&options);
    await(&goodbyes, 1);
    CHECK(orderly == goodbyes);
    pw_unmap(region);
    end(fake);

    /* A mapping that is closed while its agent joins a new daemon. */
    maps = goodbyes = orderly = 0;
    fake = fake_start(&options);
    CHECK(pw_map(client, FAKE_REGION, 0, &region) == 0);
    end(fake);
    hold_map = 1;
    fake = fake_start(&options);
    await(&maps, 2);
    CHECK(pthread_create(&thread, NULL, let_go, NULL) == 0);
    pw_unmap(region);
    pthread_join(thread, NULL);
    CHECK(goodbyes > 0 && orderly == goodbyes);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
