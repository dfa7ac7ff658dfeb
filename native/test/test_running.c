/* Whatever is asked for: dsmd says that it is at work, takes longer than it may be silent, and its reason is the caller's error.
 * One that is silent is given up, and the error names what was asked for. */
#include "check.h"

#include <errno.h>
#include <stdatomic.h>

#define SILENT_MS 300
static _Atomic int says;

static int take_time(struct fake *fake, int fd, const struct pw_message *request, const char *payload) {
    (void)fake;
    (void)payload;
    if (request->type == PW_HELLO_CONTROL) {
        return 0;
    }
    for (int i = 0; i < 10; i++) {
        if (says) {
            fake_answer(fd, request, PW_ST_RUNNING, 0, 0, 0, "");
        }
        check_sleep_ms(SILENT_MS / 3);
    }
    fake_answer(fd, request, PW_ST_DIRECTORY_UNREACHABLE, 0, 0, 0, "no directory answers");
    return 1;
}

static void should_tell(int rc, int code, const char *text) {
    CHECK(rc == -code);
    if (strcmp(pw_error(), text) != 0) {
        fprintf(stderr, "told: %s\n", pw_error());
    }
    CHECK(strcmp(pw_error(), text) == 0);
}

int main(void) {
    struct fake_options faked = {.control = take_time};
    struct fake *fake = fake_start(&faked);
    struct pw_options options = {.socket = fake_socket(fake), .connect_ms = SILENT_MS};
    struct pw_client *client;
    struct pw_region *region;
    char *answer;
    char text[512];
    CHECK(pw_connect(&options, &client) == 0);

    says = 1;
    should_tell(pw_create(client, "r", 4096, 4096), EHOSTUNREACH, "cannot create region 'r': no directory answers");
    should_tell(pw_delete(client, "r"), EHOSTUNREACH, "cannot delete region 'r': no directory answers");
    should_tell(pw_map(client, "r", 0, &region), EHOSTUNREACH, "cannot map region 'r': no directory answers");
    should_tell(pw_query(client, "regions", &answer), EHOSTUNREACH, "cannot ask dsmd for 'regions': no directory answers");

    says = 0;
    snprintf(text, sizeof text,
             "cannot ask dsmd for 'regions': dsmd at socket '%s' did not answer within %d ms; if it is stopped, continue it, else look"
             " at its log", fake_socket(fake), SILENT_MS);
    should_tell(pw_query(client, "regions", &answer), ETIMEDOUT, text);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
