/* What a program on valgrind sees: the first touch of a page is no error, and one that cannot be had is a SIGBUS at its address. */
#include "check.h"

static void hook(struct fake *fake, int fd, const struct pw_message *fault) {
    if (fault->a == 9) {
        fake_fail(fake, fd, fault, PW_OWNER_LOST);
    } else {
        fake_default(fake, fd, fault);
    }
}

int main(void) {
    struct pw_client *client;
    struct fake_options options = {.hook = hook, .highest = PW_WRITE};
    struct fake *fake = fake_start(&options);
    volatile char *memory = pw_address(check_map(fake, &client));

    (void)memory[4 * 4096];
    memory[5 * 4096] = 1;
    CHECK(memory[5 * 4096] == 1);

    check_catch_bus();
    for (int i = 0; i < 3; i++) {
        CHECK(check_load(memory + 9 * 4096 + 5) == -1);
        CHECK(check_bus_address == (void *)(uintptr_t)(memory + 9 * 4096 + 5));
        CHECK(check_store(memory + 9 * 4096 + 6, 1) == -1);
        memory[(10 + i) * 4096] = 1; /* life goes on */
    }
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
