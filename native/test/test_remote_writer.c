/* A host that does not own a region writes it: upgrades, recalls down to read and to nothing, and mappings that never write. */
#include "check.h"

#include <errno.h>
#include <unistd.h>

static void should_upgrade_and_give_up_step_by_step(void) {
    struct pw_client *client;
    struct fake_options options = {.not_home = 1, .flags = PW_FLAG_ANY_WRITER};
    struct fake *fake = fake_start(&options);
    struct pw_region *region = check_map(fake, &client);
    volatile char *memory = pw_address(region);
    CHECK(!pw_is_home(region) && strcmp(pw_engine(region), "mprotect") == 0); /* whatever is forced: markers know no writers */
    fake_frames(fake)[3 * 4096] = 'a';
    CHECK(memory[3 * 4096] == 'a');
    memory[3 * 4096] = 'b';
    CHECK(fake_faults(fake) == 2); /* to read, then the upgrade */
    memory[4 * 4096] = 'c';
    CHECK(fake_faults(fake) == 3);

    CHECK(fake_revoke(fake, 3, 1, PW_READ) == 0);
    CHECK(memory[3 * 4096] == 'b' && fake_faults(fake) == 3); /* the copy is still good to read */
    memory[3 * 4096] = 'd';
    CHECK(fake_faults(fake) == 4); /* but a store asks again */
    CHECK(fake_frames(fake)[3 * 4096] == 'd');

    CHECK(fake_revoke(fake, 3, 2, PW_NONE) == 0);
    fake_frames(fake)[3 * 4096] = 'e';
    CHECK(memory[3 * 4096] == 'e' && memory[4 * 4096] == 'c' && fake_faults(fake) == 6);
    struct pw_stats stats;
    pw_get_stats(region, &stats);
    CHECK(stats.read_faults == 3 && stats.write_faults == 3 && stats.failed_faults == 0 && stats.revokes == 2);
    CHECK(stats.handler_entries == 6);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

static int asked;

static int note_map(struct fake *fake, int fd, const struct pw_message *request, const char *payload) {
    (void)fake;
    (void)fd;
    (void)payload;
    asked = request->type == PW_MAP ? (int)request->c : asked;
    return 0;
}

static void should_never_write_through_a_read_only_mapping(void) {
    struct pw_client *client;
    struct pw_region *region;
    char *byte;
    int pipes[2];
    struct fake_options options = {.flags = PW_FLAG_ANY_WRITER, .control = note_map};
    struct fake *fake = fake_start(&options);
    struct pw_options where = {.socket = fake_socket(fake)};
    CHECK(pw_connect(&where, &client) == 0);
    CHECK(pw_map(client, FAKE_REGION, PW_MAP_READ_ONLY | PW_MAP_EAGER, &region) == 0);
    CHECK(asked == (PW_MAP_READ_ONLY | PW_MAP_EAGER));
    byte = pw_address(region);
    CHECK(check_load(byte) == 0);
    CHECK(pw_prefetch(region, 0, 1, PW_WRITE) == -EIO && strstr(pw_error(), pw_cause_text(PW_READ_ONLY)) != NULL);
    CHECK(pipe(pipes) == 0 && write(pipes[1], "x", 1) == 1);
    CHECK(read(pipes[0], byte, 1) == -1 && errno == EFAULT); /* the kernel itself */
    const char *forced = getenv("PAGEWIRE_ENGINE");
    CHECK(forced == NULL || strcmp(pw_engine(region), forced) == 0);
    pw_disconnect(client);
    fake_stop(fake, 0);

    options.lie_kind = 1;
    fake = fake_start(&options);
    where.socket = fake_socket(fake);
    CHECK(pw_connect(&where, &client) == 0);
    CHECK(pw_map(client, FAKE_REGION, PW_MAP_READ_ONLY, &region) == -EPROTO);
    CHECK(fake_unmaps(fake) == 1);
    CHECK(pw_map(client, FAKE_REGION, 16, &region) == -EINVAL);
    pw_disconnect(client);
    fake_stop(fake, 0);
}

int main(void) {
    should_upgrade_and_give_up_step_by_step();
    should_never_write_through_a_read_only_mapping();
    return 0;
}
