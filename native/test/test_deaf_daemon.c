/* A daemon that hangs while a region is unmapped: pw_unmap comes back, and the agent stays until the daemon knows. */
#include "check.h"

int main(void) {
    struct pw_client *client;
    struct pw_region *region;
    struct fake_options options = {.deaf_unmaps = 2};
    struct fake *fake = fake_start(&options);
    struct pw_options where = {.socket = fake_socket(fake), .connect_ms = 300};
    CHECK(pw_connect(&where, &client) == 0);
    CHECK(pw_map(client, FAKE_REGION, 0, &region) == 0);
    volatile char *memory = pw_address(region);
    memory[0] = 'm';
    check_catch_bus();
    uint64_t began = pw_now();
    pw_unmap(region);
    CHECK(pw_now() - began < 2000 * PW_MS);
    CHECK(check_load(memory) == -1);
    CHECK(fake_agent_fd(fake) >= 0 && fake_unmaps(fake) == 1);
    CHECK(fake_revoke(fake, 0, 0, PW_NONE) == 0);
    pw_disconnect(client);
    for (int i = 0; i < 500 && fake_agent_fd(fake) >= 0; i++) {
        check_sleep_ms(10);
    }
    CHECK(fake_agent_fd(fake) == -1 && fake_unmaps(fake) == 3);

    CHECK(pw_connect(&where, &client) == 0);
    CHECK(pw_map(client, FAKE_REGION, 0, &region) == 0);
    CHECK(check_load(memory) == 'm');
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
