/* Pages whose writer is gone go back to an older state, and whoever listens is told which. */
#include "check.h"

static struct pw_message lost(uint64_t page, uint32_t count) {
    return (struct pw_message){.version = PW_PROTOCOL_VERSION, .type = PW_PAGES_LOST, .a = page, .c = count};
}

static void await_new_agent(struct fake *fake, volatile char *memory) {
    int back = 0;
    for (int i = 0; i < 500 && !back; i++) {
        check_sleep_ms(10);
        back = check_load(memory) >= 0 && fake_agent_fd(fake) >= 0;
    }
    CHECK(back);
}

int main(void) {
    struct pw_client *client;
    struct pw_event event;
    struct pw_stats stats;
    struct fake_options options = {.not_home = 1, .flags = PW_FLAG_ANY_WRITER};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    check_catch_bus();
    CHECK(pw_next_event(region, &event, 0) == 0);
    struct pw_message messages[] = {lost(7, 3), lost(63, 1)};
    fake_tell_agent(fake, &messages[0]);
    fake_tell_agent(fake, &messages[1]);
    CHECK(pw_next_event(region, &event, 5000) == 1);
    CHECK(event.kind == PW_EVENT_LOST && event.page == 7 && event.count == 3 && event.thread == 0 && event.cause == 0);
    CHECK(pw_next_event(region, &event, 5000) == 1);
    CHECK(event.kind == PW_EVENT_LOST && event.page == 63 && event.count == 1);
    CHECK(fake_revoke(fake, 1, 1, PW_NONE) == 0); /* nothing else was disturbed */
    pw_get_stats(region, &stats);
    CHECK(stats.lost_pages == 4);

    struct pw_message lies[] = {lost(0, 0), lost(63, 2), lost(64, 1), lost(0, UINT32_MAX), lost(0, 1), lost(0, 1), lost(0, 1)};
    lies[4].length = 1;
    lies[5].status = PW_READ;
    lies[6].version = 9;
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        fake_tell_agent(fake, &lies[i]);
        for (int k = 0; k < 500 && fake_agent_fd(fake) >= 0; k++) { /* the library hangs up */
            check_sleep_ms(10);
        }
        await_new_agent(fake, memory);
    }
    pw_get_stats(region, &stats);
    CHECK(stats.lost_pages == 4);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
