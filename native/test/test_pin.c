/* Pins: pages stay for system calls, for a bounded time. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int main(void) {
    struct pw_client *client;
    int pipes[2];
    uint64_t pin, pins[64];
    struct fake_options options = {.revoke_ms = 1000};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    char *memory = pw_address(region);
    CHECK(pipe(pipes) == 0);

    /* Without a pin the kernel does not fault pages in. */
    CHECK(write(pipes[1], memory + 4096, 1) == -1 && errno == EFAULT);
    CHECK(pw_pin(region, 4096, 2 * 4096, PW_WRITE, 0, &pin) == 0);
    CHECK(write(pipes[1], memory + 4096, 100) == 100);
    CHECK(read(pipes[0], memory + 8192, 100) == 100);

    /* A revoke waits for the unpin... */
    uint64_t sequence = fake_revoke_send(fake, 1, 1, PW_NONE);
    CHECK(fake_await(fake, sequence, 150) == -1);
    CHECK(write(pipes[1], memory + 4096, 1) == 1);
    CHECK(fake_revoke(fake, 5, 1, PW_NONE) == 0); /* ...which holds up no other page */
    CHECK(pw_unpin(region, pin) == 0);
    CHECK(fake_await(fake, sequence, 100) == 0);
    CHECK(write(pipes[1], memory + 4096, 1) == -1);
    CHECK(pw_unpin(region, pin) == -EINVAL);

    /* ...and at most for half its deadline. */
    CHECK(pw_pin(region, 4096, 4096, PW_READ, 100000, &pin) == 0);
    uint64_t began = pw_now();
    CHECK(fake_revoke(fake, 1, 1, PW_NONE) == 0);
    CHECK(pw_now() - began > 200 * PW_MS && pw_now() - began < 900 * PW_MS);
    CHECK(pw_unpin(region, pin) == -ESTALE);

    CHECK(pw_pin(region, 4096, 4096, PW_READ, 20, &pin) == 0);
    began = pw_now();
    CHECK(fake_revoke(fake, 1, 1, PW_NONE) == 0);
    CHECK(pw_now() - began < 200 * PW_MS);
    CHECK(pw_unpin(region, pin) == -ESTALE);

    /* A revoke that nobody needs waits for a pin as well. */
    CHECK(pw_pin(region, 2 * 4096, 4096, PW_WRITE, 0, &pin) == 0);
    sequence = fake_revoke_send(fake, 2, 1, PW_READ | PW_AT_LEISURE);
    CHECK(fake_await(fake, sequence, 150) == -1);
    CHECK(write(pipes[1], memory + 8192, 1) == 1 && read(pipes[0], memory + 8192, 1) == 1);
    CHECK(pw_unpin(region, pin) == 0);
    CHECK(fake_await(fake, sequence, 1000) == 0);
    CHECK(read(pipes[0], memory + 8192, 100) == -1 && errno == EFAULT); /* the page can be read, and no longer written */

    /* Taking write access away is no matter for a pin that reads. */
    CHECK(pw_pin(region, 4096, 4096, PW_READ, 0, &pin) == 0);
    began = pw_now();
    CHECK(fake_revoke(fake, 1, 1, PW_READ) == 0);
    CHECK(pw_now() - began < 200 * PW_MS);
    CHECK(pw_unpin(region, pin) == 0);

    for (int i = 0; i < 64; i++) {
        CHECK(pw_pin(region, (uint64_t)i * 4096, 4096, PW_READ, 0, &pins[i]) == 0);
    }
    CHECK(pw_pin(region, 0, 1, PW_READ, 0, &pin) == -EAGAIN);
    for (int i = 0; i < 64; i++) {
        CHECK(pw_unpin(region, pins[i]) == 0);
    }
    CHECK(pw_pin(region, 0, 0, PW_READ, 0, &pin) == -EINVAL);
    CHECK(pw_pin(region, 64 * 4096, 1, PW_READ, 0, &pin) == -ERANGE);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
