/* A dsmd that stops in order says so on every connection; then what was written is home, though nobody can be asked any more. */
#include "check.h"

#include <errno.h>
#include <sys/socket.h>

enum way { SILENT, GOODBYE, OF_ANOTHER };

static enum way way;
static int control_fd;
static uint64_t session; /* of the daemon that runs: they are counted from 1 */

static void say_goodbye(void) {
    struct pw_message goodbye = {
        .version = PW_PROTOCOL_VERSION,
        .type = PW_GOODBYE,
        .a = way == OF_ANOTHER ? session + 1 : session,
    };
    if (way != SILENT) {
        fake_raw(control_fd, &goodbye, sizeof goodbye);
    }
}

/* Dies as soon as it has said that bytes are left. */
static int leave_behind(struct fake *fake, int fd, const struct pw_message *request, const char *payload) {
    (void)fake;
    (void)payload;
    switch (request->type) {
    case PW_MAP:
        control_fd = fd;
        return 0;
    case PW_UNMAP:
        fake_answer(fd, request, PW_ST_OK, 4096, 0, 0, "");
        say_goodbye();
        return 1;
    case PW_LEAVING:
        shutdown(fd, SHUT_RDWR);
        return 1;
    default:
        return 0;
    }
}

static int dies_meanwhile(enum way how) {
    struct fake_options options = {.not_home = 1, .flags = PW_FLAG_ANY_WRITER, .control = leave_behind};
    struct fake *fake = fake_start(&options);
    struct pw_client *client;
    struct pw_region *region = check_map(fake, &client);
    session++;
    way = how;
    *(volatile char *)pw_address(region) = 1;
    int rc = pw_unmap(region);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return rc;
}

static int has_died_before(enum way how) {
    struct fake_options options = {.not_home = 1, .flags = PW_FLAG_ANY_WRITER, .control = leave_behind};
    struct fake *fake = fake_start(&options);
    struct pw_client *client;
    struct pw_region *region = check_map(fake, &client);
    session++;
    way = how;
    *(volatile char *)pw_address(region) = 1;
    say_goodbye();
    fake_stop(fake, 0);
    int rc = pw_unmap(region);
    pw_disconnect(client);
    return rc;
}

int main(void) {
    CHECK(dies_meanwhile(GOODBYE) == 0);
    CHECK(dies_meanwhile(SILENT) == -ECONNRESET && strstr(pw_error(), "4096 bytes") != NULL);
    CHECK(dies_meanwhile(OF_ANOTHER) == -ECONNRESET);
    CHECK(has_died_before(GOODBYE) == 0);
    CHECK(has_died_before(SILENT) == -ECONNRESET && strstr(pw_error(), "dsmd has ended meanwhile") != NULL);
    CHECK(has_died_before(OF_ANOTHER) == -ECONNRESET);
    return 0;
}
