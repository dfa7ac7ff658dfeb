/* A daemon that talks nonsense costs the access in hand, never the process, and never more than its deadline. */
#include "check.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static int kind;

static void nonsense(struct fake *fake, int fd, const struct pw_message *fault) {
    struct pw_message grant = {
        .version = PW_PROTOCOL_VERSION,
        .type = PW_GRANT,
        .status = fault->status,
        .id = fault->id,
        .a = fault->a,
        .b = fake_sequence(fake),
        .c = 1,
    };
    switch (kind) {
    case 0:
        grant.id++;
        break;
    case 1:
        grant.version = 9;
        break;
    case 2:
        grant.type = PW_REVOKE;
        break;
    case 3:
        grant.status = 3;
        break;
    case 4:
        grant.c = 0;
        break;
    case 5:
        grant.a = fault->a + 1;
        break;
    case 6:
        grant.c = 1000000;
        break;
    case 7:
        grant.length = 5;
        break;
    case 8:
        grant.status = 0;
        break;
    case 9:
        grant.type = PW_FAIL;
        grant.status = 0;
        break;
    default:
        fake_raw(fd, "garbage garbage garbage garbage garbage", 32);
        return;
    }
    fake_raw(fd, &grant, sizeof grant);
}

static void half_an_answer(struct fake *fake, int fd, const struct pw_message *fault) {
    (void)fake;
    fake_raw(fd, fault, 13);
    shutdown(fd, SHUT_RDWR);
}

static void in_pieces(struct fake *fake, int fd, const struct pw_message *fault) {
    struct pw_message grant = {
        .version = PW_PROTOCOL_VERSION,
        .type = PW_GRANT,
        .status = fault->status,
        .id = fault->id,
        .a = fault->a,
        .b = fake_sequence(fake),
        .c = 1,
    };
    for (size_t i = 0; i < sizeof grant; i++) {
        fake_raw(fd, (char *)&grant + i, 1);
        check_sleep_ms(1);
    }
}

static void unknown_cause(struct fake *fake, int fd, const struct pw_message *fault) {
    fake_fail(fake, fd, fault, 4711);
}

int main(void) {
    struct pw_client *client;
    struct fake_options options = {.fault_ms = 2000};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    check_catch_bus();
    for (kind = 0; kind <= 10; kind++) {
        fake_set_hook(fake, nonsense);
        uint64_t began = pw_now();
        CHECK(check_load(memory + kind * 4096) == -1);
        CHECK(pw_prefetch(region, (uint64_t)kind * 4096, 1, PW_READ) == -EIO);
        CHECK(strstr(pw_error(), pw_cause_text(PW_PROTOCOL)) != NULL);
        CHECK(pw_now() - began < 1000 * PW_MS);
        fake_set_hook(fake, fake_default); /* on a new line */
        CHECK(check_load(memory + kind * 4096) == 0);
    }
    fake_set_hook(fake, unknown_cause);
    CHECK(pw_prefetch(region, 20 * 4096, 1, PW_READ) == -EIO);
    CHECK(strstr(pw_error(), pw_cause_text(PW_PROTOCOL)) != NULL);
    fake_set_hook(fake, half_an_answer);
    CHECK(check_load(memory + 20 * 4096) == -1);
    fake_set_hook(fake, in_pieces);
    CHECK(check_load(memory + 20 * 4096) == 0);

    /* On the agent's socket: everything goes, and a new session begins. */
    fake_set_hook(fake, fake_default);
    fake_raw(fake_agent_fd(fake), "garbage garbage garbage garbage garbage", 32);
    int back = 0;
    for (int i = 0; i < 500 && !back; i++) {
        check_sleep_ms(10);
        back = check_load(memory + 30 * 4096) == 0 && fake_agent_fd(fake) >= 0;
    }
    CHECK(back);
    CHECK(fake_revoke(fake, 30, 1, PW_NONE) == 0);
    pw_disconnect(client);
    fake_stop(fake, 0);

    options.lie_truncate_fds = 1;
    fake = fake_start(&options);
    struct pw_options where = {.socket = fake_socket(fake)};
    CHECK(pw_connect(&where, &client) == 0);
    CHECK(pw_map(client, FAKE_REGION, 0, &region) == -EPROTO);
    pw_disconnect(client);
    fake_stop(fake, 0);

    struct fake_options odd[] = {
        {.base = 4096},
        {.page_size = 4096, .base = FAKE_BASE + 17},
        {.size = 1ull << 40},
        {.initial = PW_WRITE, .highest = PW_READ},
        {.hold_us = PW_MAX_HOLD_US + 1},
        {.flags = 16},
        {.flags = PW_FLAG_PRELOADED}, /* without a right that could hold for good */
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        fake = fake_start(&odd[i]);
        where.socket = fake_socket(fake);
        CHECK(pw_connect(&where, &client) == 0);
        CHECK(pw_map(client, FAKE_REGION, 0, &region) == -EPROTO);
        pw_disconnect(client);
        fake_stop(fake, 0);
    }
    return 0;
}
