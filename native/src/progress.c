#include "progress.h"

#include "deadline.h"
#include "decode.h"
#include "error.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static int say_stuck(const struct pw_filling *filling) {
    return pw_fail(ETIMEDOUT, "cannot %s '%s': %" PRIu64 " of %" PRIu64 " bytes are in memory, and no more have come for %u ms;"
                   " look at `dsmctl status` on both hosts", filling->what, filling->name, filling->done, filling->total,
                   filling->client->connect_ms);
}

static void note(struct pw_filling *filling, const struct pw_message *answer) {
    filling->total = answer->b;
    if (filling->deadline == 0 || answer->a > filling->done) {
        filling->done = answer->a;
        filling->deadline = pw_deadline_in_ms(filling->client->connect_ms);
    }
    if (filling->done > filling->total) {
        filling->done = filling->total;
    }
}

static int judge(struct pw_filling *filling, const struct pw_reply *reply) {
    const char *text = reply->payload != NULL ? reply->payload : "";
    if (pw_decode_progress(&reply->head) != 0) {
        return pw_fail(EPROTO, "cannot %s '%s': dsmd's account of its progress makes no sense", filling->what, filling->name);
    }
    note(filling, &reply->head);
    switch (reply->head.c) {
    case PW_PROGRESS_DONE:
        if (*text != '\0') {
            pw_warn("%s", text);
        }
        filling->done = filling->total;
        return 1;
    case PW_PROGRESS_FAILED:
        return pw_fail(EIO, "cannot %s '%s': %s", filling->what, filling->name,
                       *text != '\0' ? text : "its contents could not be read into memory; dsmd's log has the details");
    default:
        return pw_left(filling->deadline) > 0 ? 0 : say_stuck(filling);
    }
}

int pw_filling_ask(struct pw_filling *filling) {
    struct pw_reply reply;
    struct pw_request request = {.type = PW_PROGRESS, .a = filling->token, .what = filling->what, .name = filling->name};
    if (filling->token == 0) {
        request.payload = filling->name;
        request.length = strlen(filling->name);
    }
    int rc = pw_request(filling->client, &request, &reply);
    rc = rc == 0 ? judge(filling, &reply) : rc;
    pw_reply_release(&reply);
    return rc;
}

int pw_filling_await(struct pw_filling *filling, int (*progress)(void *context, uint64_t done, uint64_t total), void *context,
                     const _Atomic uint32_t *stop, uint32_t expected) {
    for (;;) {
        if (stop != NULL && *stop != expected) {
            return pw_fail(ESHUTDOWN, "cannot %s '%s': it was taken away, or dsmd ended, before all was in memory",
                           filling->what, filling->name);
        }
        int rc = pw_filling_ask(filling);
        if (rc < 0) {
            return rc;
        }
        if (progress != NULL && progress(context, filling->done, filling->total) != 0) {
            return pw_fail(ECANCELED, "cannot %s '%s': its progress function ended the call", filling->what, filling->name);
        }
        if (rc == 1) {
            return 0;
        }
        struct timespec pause = pw_timespec(PW_PROGRESS_NS);
        nanosleep(&pause, NULL);
    }
}
