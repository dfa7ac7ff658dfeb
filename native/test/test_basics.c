/* Connecting, mapping, faults in both directions, revokes, unmapping and mapping again, and the errors of each. */
#include "check.h"

#include <errno.h>

static struct pw_client *client;

static void should_name_the_socket_when_there_is_no_daemon(void) {
    struct pw_options options = {.socket = "/tmp/pagewire-no-such-folder/sock"};
    CHECK(pw_connect(&options, &client) == -ENOENT);
    CHECK(strstr(pw_error(), "/tmp/pagewire-no-such-folder/sock") != NULL);
}

static void should_load_and_store_through_faults(struct fake *fake) {
    struct pw_region *region = check_map(fake, &client);
    CHECK(pw_address(region) == (void *)FAKE_BASE);
    CHECK(pw_size(region) == 64 * 4096 && pw_page_size(region) == 4096 && pw_is_home(region));
    volatile char *memory = pw_address(region);
    fake_frames(fake)[5 * 4096 + 1] = 'x';
    CHECK(memory[5 * 4096 + 1] == 'x');
    CHECK(fake_faults(fake) == 1);
    memory[5 * 4096 + 2] = 'y';
    CHECK(fake_faults(fake) == 2);
    CHECK(fake_frames(fake)[5 * 4096 + 2] == 'y');
    memory[5 * 4096 + 3] = 'z';
    CHECK(fake_faults(fake) == 2);

    CHECK(fake_revoke(fake, 5, 1, PW_READ) == 0);
    CHECK(memory[5 * 4096 + 3] == 'z');
    CHECK(fake_faults(fake) == 2);
    memory[5 * 4096 + 3] = 'a';
    CHECK(fake_faults(fake) == 3);
    CHECK(fake_revoke(fake, 0, 0, PW_NONE) == 0);
    CHECK(memory[5 * 4096 + 3] == 'a');
    CHECK(fake_faults(fake) == 4);

    struct pw_stats stats;
    CHECK(pw_get_stats(region, &stats) == 0);
    CHECK(stats.read_faults == 2 && stats.write_faults == 2 && stats.revokes == 2 && stats.failed_faults == 0);
    CHECK(stats.fault_ns > 0 && stats.fault_max_ns <= stats.fault_ns);
}

static void should_refuse_a_second_mapping(void) {
    struct pw_region *second;
    CHECK(pw_map(client, FAKE_REGION, 0, &second) == -EBUSY);
}

static void should_say_which_region_is_unknown(void) {
    struct pw_region *region;
    CHECK(pw_map(client, "nonesuch", 0, &region) == -ENOENT);
    CHECK(strstr(pw_error(), "nonesuch") != NULL);
}

static void should_fetch_runs_with_prefetch_and_check_ranges(struct fake *fake) {
    struct pw_client *other;
    struct pw_region *region = check_map(fake, &other);
    uint64_t before = fake_faults(fake);
    CHECK(pw_prefetch(region, 4096, 3 * 4096, PW_READ) == 0);
    CHECK(fake_faults(fake) == before + 3);
    volatile char *memory = pw_address(region);
    CHECK(memory[4096] == 0 && memory[3 * 4096] == 0);
    CHECK(fake_faults(fake) == before + 3);
    CHECK(pw_prefetch(region, 64 * 4096 - 1, 2, PW_READ) == -ERANGE);
    CHECK(pw_prefetch(region, 0, 1, 7) == -EINVAL);
    pw_disconnect(other);
}

static void should_hear_events(struct fake *fake) {
    struct pw_client *other;
    struct pw_region *region = check_map(fake, &other);
    struct pw_event event;
    CHECK(pw_next_event(region, &event, 0) == 0);
    ((volatile char *)pw_address(region))[9 * 4096] = 1;
    CHECK(pw_next_event(region, &event, 1000) == 1);
    CHECK(event.kind == PW_EVENT_WRITE && event.page == 9 && event.duration_ns > 0);
    CHECK(fake_revoke(fake, 9, 1, PW_NONE) == 0);
    CHECK(pw_next_event(region, &event, 1000) == 1);
    CHECK(event.kind == PW_EVENT_REVOKED && event.page == 9 && event.count == 1);
    pw_disconnect(other);
}

int main(void) {
    should_name_the_socket_when_there_is_no_daemon();
    struct fake *fake = fake_start(NULL);
    should_load_and_store_through_faults(fake);
    should_refuse_a_second_mapping();
    should_say_which_region_is_unknown();
    pw_disconnect(client);
    CHECK(fake_unmaps(fake) == 1);
    should_fetch_runs_with_prefetch_and_check_ranges(fake);
    should_hear_events(fake);
    pw_unmap(NULL);
    fake_stop(fake, 0);
    return 0;
}
