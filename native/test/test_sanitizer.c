/* A program that was built with -fsanitize=thread is told that it cannot map, and why; what else it asks of dsmd works. */
#include "check.h"

#include <errno.h>

/* By this the library knows such programs. */
void __tsan_init(void);
void __tsan_init(void) {}

int main(void) {
    struct fake_options none = {0};
    struct fake *fake = fake_start(&none);
    struct pw_options options = {.socket = fake_socket(fake)};
    struct pw_client *client;
    struct pw_region *region;
    struct pw_reader *reader;
    CHECK(pw_connect(&options, &client) == 0);
    CHECK(pw_map(client, FAKE_REGION, 0, &region) == -ENOTSUP);
    CHECK(strstr(pw_error(), "-fsanitize=thread") != NULL);
    CHECK(pw_subscribe_frames(client, "frames", NULL, &reader) == -ENOTSUP);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
