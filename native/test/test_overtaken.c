/* Every answer is overtaken by a revoke for far longer than the fault deadline: the daemon gives the page all the time, so the
 * thread goes on asking and does not fail. */
#include "check.h"

#include <stdatomic.h>

#define OVERTAKEN_MS 2000

static uint64_t began;
static _Atomic uint32_t overtaken;

static void too_late(struct fake *fake, int fd, const struct pw_message *fault) {
    if (pw_now() - began > OVERTAKEN_MS * PW_MS) {
        fake_default(fake, fd, fault);
        return;
    }
    struct pw_message grant = {
        .version = PW_PROTOCOL_VERSION,
        .type = PW_GRANT,
        .status = fault->status,
        .id = fault->id,
        .a = fault->a,
        .b = fake_sequence(fake),
        .c = 1,
    };
    CHECK(fake_revoke(fake, fault->a, 1, PW_NONE) == 0);
    overtaken++;
    check_sleep_ms(1);
    fake_raw(fd, &grant, sizeof grant);
}

int main(void) {
    struct pw_client *client;
    struct fake_options options = {.fault_ms = 100, .hook = too_late};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    check_catch_bus();
    began = pw_now();
    CHECK(check_load(pw_address(region)) == 0);
    CHECK(pw_now() - began >= OVERTAKEN_MS * PW_MS);
    CHECK(overtaken > 0);
    began = pw_now();
    CHECK(pw_prefetch(region, 4096, 1, PW_READ) == 0);
    CHECK(pw_now() - began >= OVERTAKEN_MS * PW_MS);
    struct pw_stats stats;
    pw_get_stats(region, &stats);
    printf("%u answers came too late, %lu faults failed\n", overtaken, stats.failed_faults);
    CHECK(stats.failed_faults == 0 && stats.retried_faults == overtaken);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
