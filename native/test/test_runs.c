/* Grants of runs, large pages, a stale grant that comes after a newer revoke. */
#include "check.h"

static int run_length = 16;
static uint64_t old_sequence;

static void runs(struct fake *fake, int fd, const struct pw_message *fault) {
    uint64_t first = fault->a - fault->a % (uint64_t)run_length;
    fake_grant(fake, fd, fault, first, (uint32_t)run_length, fault->status);
}

/* The first answer carries a number from before the last revoke. */
static void stale_first(struct fake *fake, int fd, const struct pw_message *fault) {
    if (old_sequence != 0) {
        struct pw_message grant = {
            .version = PW_PROTOCOL_VERSION,
            .type = PW_GRANT,
            .status = fault->status,
            .id = fault->id,
            .a = fault->a,
            .b = old_sequence,
            .c = 1,
        };
        old_sequence = 0;
        fake_raw(fd, &grant, sizeof grant);
    } else {
        fake_default(fake, fd, fault);
    }
}

static void should_cost_one_fault_a_run(uint32_t page_size) {
    struct pw_client *client;
    struct fake_options options = {.base = FAKE_BASE + page_size * 4096ull, .pages = 64, .page_size = page_size, .highest = PW_READ, .hook = runs};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    memset(fake_frames(fake), 'm', 64ul * page_size);
    for (uint64_t i = 0; i < 64ul * page_size; i += 4096) {
        CHECK(memory[i] == 'm');
    }
    CHECK(fake_faults(fake) == 4);
    CHECK(fake_revoke(fake, 10, 20, PW_NONE) == 0);
    CHECK(memory[9ul * page_size] == 'm' && memory[30ul * page_size] == 'm');
    CHECK(fake_faults(fake) == 4);
    CHECK(memory[10ul * page_size] == 'm');
    CHECK(fake_faults(fake) == 5);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static void should_not_apply_a_grant_older_than_the_last_revoke(void) {
    struct pw_client *client;
    struct fake_options options = {.hook = stale_first};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    struct pw_stats stats;
    for (int whole = 0; whole < 2; whole++) {
        old_sequence = fake_sequence(fake);
        CHECK(fake_revoke(fake, whole ? 0 : 7, whole ? 0 : 1, PW_NONE) == 0);
        CHECK(memory[7 * 4096] == 0);
        pw_get_stats(region, &stats);
        CHECK(stats.retried_faults == (uint64_t)whole + 1);
    }
    CHECK(fake_faults(fake) == 4);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

int main(void) {
    should_cost_one_fault_a_run(4096);
    should_cost_one_fault_a_run(65536);
    should_cost_one_fault_a_run(2u << 20);
    should_not_apply_a_grant_older_than_the_last_revoke();
    return 0;
}
