/* force() goes in parts, on any host, takes as long as dsmd says that it gets on, and what dsmd says about a part is the caller's
 * error. */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#define PAGES 16384u /* 64 MiB */

static _Atomic uint64_t first[64], count[64];
static _Atomic uint32_t asked;
static _Atomic uint32_t refuse_at = 64;

static int note_force(struct fake *fake, int fd, const struct pw_message *request, const char *payload) {
    (void)fake;
    (void)payload;
    if (request->type != PW_FORCE) {
        return 0;
    }
    first[asked] = request->b;
    count[asked] = request->c;
    if (asked++ == refuse_at) {
        fake_answer(fd, request, PW_ST_FILE, 0, 0, 0, "the disk is full");
        return 1;
    }
    return 0;
}

static void should_ask_for(struct pw_region *region, uint64_t offset, uint64_t length, const uint64_t *parts, uint32_t number) {
    asked = 0;
    CHECK(pw_force(region, offset, length) == 0);
    CHECK(asked == number);
    for (uint32_t i = 0; i < number; i++) {
        CHECK(first[i] == parts[2 * i] && count[i] == parts[2 * i + 1]);
    }
}

/* dsmd says so often, or if it is 0 says nothing for as long, that the force gets on. */
#define ANSWER_MS 300
static _Atomic int says;

static int take_time(struct fake *fake, int fd, const struct pw_message *request, const char *payload) {
    (void)fake;
    (void)payload;
    for (int i = 0; request->type == PW_FORCE && i < 10; i++) {
        if (says) {
            fake_answer(fd, request, PW_ST_RUNNING, 0, 0, 0, "");
        }
        check_sleep_ms(ANSWER_MS / 3);
    }
    return 0;
}

static void *force_too(void *region) {
    CHECK(pw_force(region, 0, 1) == 0);
    return NULL;
}

static void should_take_as_long_as_it_gets_on(void) {
    struct fake_options faked = {.base = FAKE_BASE + (1ull << 30), .region_id = 8, .not_home = 1, .flags = PW_FLAG_ANY_WRITER, .control = take_time};
    struct fake *fake = fake_start(&faked);
    struct pw_options options = {.socket = fake_socket(fake), .connect_ms = ANSWER_MS};
    struct pw_client *client;
    struct pw_region *region;
    pthread_t other;
    CHECK(pw_connect(&options, &client) == 0 && pw_map(client, FAKE_REGION, 0, &region) == 0);
    says = 1;
    CHECK(pthread_create(&other, NULL, force_too, region) == 0); /* one waits for the other, longer than for an answer */
    CHECK(pw_force(region, 0, 1) == 0);
    pthread_join(other, NULL);
    says = 0;
    CHECK(pw_force(region, 0, 1) == -ETIMEDOUT && strstr(pw_error(), "did not answer within 300 ms") != NULL);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

int main(void) {
    struct pw_client *client;
    struct fake_options options = {.pages = PAGES, .not_home = 1, .flags = PW_FLAG_ANY_WRITER, .control = note_force};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    should_ask_for(region, 0, 1, (uint64_t[]){0, 1}, 1);
    should_ask_for(region, 4095, 2, (uint64_t[]){0, 2}, 1);
    should_ask_for(region, 0, PAGES * 4096ul, (uint64_t[]){0, 4096, 4096, 4096, 8192, 4096, 12288, 4096}, 4);
    should_ask_for(region, 4096 + 5, 16ul << 20, (uint64_t[]){1, 4096, 4097, 1}, 2);
    should_ask_for(region, PAGES * 4096ul, 0, NULL, 0);
    CHECK(pw_force(region, 1, PAGES * 4096ul) == -ERANGE);

    asked = 0;
    refuse_at = 2;
    CHECK(pw_force(region, 0, PAGES * 4096ul) == -EIO);
    CHECK(asked == 3 && strstr(pw_error(), "the disk is full") != NULL && strstr(pw_error(), FAKE_REGION) != NULL);
    pw_disconnect(client);
    fake_stop(fake, 0);
    should_take_as_long_as_it_gets_on();
    return 0;
}
