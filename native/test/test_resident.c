/* Kinds of regions: what is asked of dsmd, and an export that returns when its file is in memory. */
#include "check.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

static struct pw_message last;  /* CREATE or EXPORT */
static _Atomic int deletes, polls, ending;
static char watched[64];
enum { DONE, WARNS, FAILS, STUCK, GONE, NONSENSE };

static int daemon_side(struct fake *fake, int fd, const struct pw_message *request, const char *payload) {
    (void)fake;
    if (request->type == PW_CREATE || request->type == PW_EXPORT) {
        last = *request;
    }
    deletes += request->type == PW_DELETE;
    if (request->type != PW_PROGRESS) {
        return 0;
    }
    snprintf(watched, sizeof watched, "%s", request->a == 0 ? payload : "");
    uint64_t done = (uint64_t)polls++ * 100;
    if (done < 500 && ending != NONSENSE) {
        fake_answer(fd, request, PW_ST_OK, done, 500, PW_PROGRESS_RUNNING, "");
        return 1;
    }
    switch (ending) {
    case STUCK:
        fake_answer(fd, request, PW_ST_OK, 400, 500, PW_PROGRESS_RUNNING, "");
        break;
    case FAILS:
        fake_answer(fd, request, PW_ST_OK, 400, 500, PW_PROGRESS_FAILED, "block 7 cannot be read");
        break;
    case GONE:
        fake_answer(fd, request, PW_ST_UNKNOWN_REGION, 0, 0, 0, "somebody deleted it");
        break;
    case NONSENSE:
        fake_answer(fd, request, PW_ST_OK, 501, 500, PW_PROGRESS_RUNNING, "");
        break;
    default:
        fake_answer(fd, request, PW_ST_OK, 500, 500, PW_PROGRESS_DONE, ending == WARNS ? "dsmd may lock 64 KiB only" : "");
    }
    return 1;
}

static uint64_t told[64], told_total;
static int tells, stop_at;

static int progress(void *context, uint64_t done, uint64_t total) {
    CHECK(context == &tells);
    told[tells++] = done;
    told_total = total;
    return tells == stop_at;
}

static int export(struct pw_client *client, int how) {
    struct pw_region_options options = {
        .page_size = 65536,
        .flags = PW_REGION_RESIDENT | PW_REGION_ANY_WRITER,
        .progress = progress,
        .context = &tells,
    };
    ending = how;
    polls = deletes = tells = 0;
    return pw_export_with(client, "file", "/proc/self/exe", &options);
}

static void should_ask_for_the_kind_of_region(struct pw_client *client) {
    struct pw_region_options options = {.flags = PW_REGION_ANY_WRITER, .page_size = 8192};
    CHECK(pw_create_with(client, "r", 8192, &options) == 0);
    CHECK(last.type == PW_CREATE && last.a == 8192 && last.b == PW_REGION_ANY_WRITER && last.c == 8192);
    CHECK(pw_create_with(client, "r", 8192, NULL) == 0 && last.b == 0 && last.c == 4096);
    CHECK(pw_create(client, "r", 8192, 16384) == 0 && last.b == 0 && last.c == 16384);
    CHECK(pw_export(client, "r", "/proc/self/exe", 0) == 0 && last.type == PW_EXPORT && last.b == 0 && last.c == 4096);
    CHECK(polls == 0);
    options.flags = PW_REGION_RESIDENT;
    CHECK(pw_create_with(client, "r", 8192, &options) == -EINVAL && strstr(pw_error(), "exported") != NULL);
    options.flags = 4;
    CHECK(pw_export_with(client, "r", "/proc/self/exe", &options) == -EINVAL && strstr(pw_error(), "0x4") != NULL);
    options.flags = 0;
    options.page_size = 5000;
    CHECK(pw_create_with(client, "r", 8192, &options) == -EINVAL && strstr(pw_error(), "5000") != NULL);
    options.page_size = 0;
    options.reserved[3] = 1;
    CHECK(pw_create_with(client, "r", 8192, &options) == -EINVAL && strstr(pw_error(), "reserved") != NULL);
}

static void should_tell_progress_until_all_is_in_memory(struct pw_client *client) {
    CHECK(export(client, DONE) == 0 && deletes == 0);
    CHECK(last.b == (PW_REGION_RESIDENT | PW_REGION_ANY_WRITER) && last.c == 65536 && strcmp(watched, "file") == 0);
    CHECK(tells == 6 && told_total == 500);
    for (int i = 0; i < tells; i++) {
        CHECK(told[i] == (uint64_t)i * 100);
    }
    CHECK(*pw_warning() == '\0');
    CHECK(export(client, WARNS) == 0 && strcmp(pw_warning(), "dsmd may lock 64 KiB only") == 0);
    CHECK(pw_delete(client, "file") == 0 && *pw_warning() == '\0');
}

static void should_leave_no_region_behind_when_it_fails(struct pw_client *client) {
    CHECK(export(client, FAILS) == -EIO && deletes == 1 && strstr(pw_error(), "block 7 cannot be read") != NULL);
    uint64_t began = pw_now();
    CHECK(export(client, STUCK) == -ETIMEDOUT && deletes == 1);
    CHECK(pw_now() - began >= 1000 * PW_MS); /* counted from the last byte that moved */
    CHECK(strstr(pw_error(), "400 of 500 bytes") != NULL);
    CHECK(export(client, NONSENSE) == -EPROTO && deletes == 1 && tells == 0);
    CHECK(export(client, GONE) == -ENOENT && deletes == 0);
    stop_at = 3;
    CHECK(export(client, DONE) == -ECANCELED && deletes == 1 && tells == 3);
    stop_at = 0;
}

int main(void) {
    struct pw_client *client;
    struct fake_options options = {.control = daemon_side};
    struct fake *fake = fake_start(&options);
    struct pw_options where = {.socket = fake_socket(fake), .connect_ms = 1000};
    CHECK(pw_connect(&where, &client) == 0);
    should_ask_for_the_kind_of_region(client);
    should_tell_progress_until_all_is_in_memory(client);
    should_leave_no_region_behind_when_it_fails(client);
    pw_disconnect(client);
    fake_stop(fake, 0);
    return 0;
}
