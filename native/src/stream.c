/* What opening, waiting and ending have in common for both ends of a stream. */
#include "stream.h"

#include "advice.h"
#include "checker.h"
#include "client.h"
#include "deadline.h"
#include "decode.h"
#include "error.h"
#include "handler.h"
#include "region_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_DEADLINE_MS 10000u
#define DEFAULT_DROP_MS 5000u
#define LEAST_DROP_MS 100u
#define MOST_DROP_MS 3600000u
#define WHY_MS 1000u /* a reason is worth that much waiting */

#define FIRST_PAUSE_MS 10u
#define LONGEST_PAUSE_MS 200u

/* ---- opening ---- */

int pw_stream_enter(void) {
    pw_error_clear();
    if (pw_in_child()) {
        return pw_fail(EPERM, "a process forked from one that uses pagewire cannot use it; start a new program (exec)");
    }
    return 0;
}

static int check_name(const char *name) {
    if (*name == '\0' || strlen(name) > PW_MAX_NAME) {
        return pw_fail(EINVAL, "a stream's name has 1 to %u bytes", PW_MAX_NAME);
    }
    return 0;
}

static int check_options(const struct pw_stream_options *options, int writer) {
    static const struct pw_stream_options none;
    uint32_t known = PW_STREAM_DUMP | (writer ? PW_STREAM_DISCARD : PW_STREAM_LATEST);
    if (options->frames != 0 && (options->frames < PW_LEAST_FRAMES || options->frames > PW_MOST_FRAMES)) {
        return pw_fail(EINVAL, "%u frames: one side of a stream has %u to %u", options->frames, PW_LEAST_FRAMES,
                       PW_MOST_FRAMES);
    }
    if (options->flags & ~known) {
        return pw_fail(EINVAL, "flags 0x%x of a stream: only PW_STREAM_DUMP and %s are known here", options->flags,
                       writer ? "PW_STREAM_DISCARD" : "PW_STREAM_LATEST");
    }
    if (writer && (options->frame_size == 0 || options->frame_size > PW_MOST_FRAME_SIZE)) {
        return pw_fail(EINVAL, "frame size %llu: a frame has 1 to %u bytes", (unsigned long long)options->frame_size,
                       PW_MOST_FRAME_SIZE);
    }
    if (writer && options->drop_ms != 0 && (options->drop_ms < LEAST_DROP_MS || options->drop_ms > MOST_DROP_MS)) {
        return pw_fail(EINVAL, "drop_ms %u: a consumer is dropped after %u to %u ms", options->drop_ms, LEAST_DROP_MS,
                       MOST_DROP_MS);
    }
    if (memcmp(options->reserved, none.reserved, sizeof none.reserved) != 0) {
        return pw_fail(EINVAL, "reserved fields of struct pw_stream_options must be 0");
    }
    return 0;
}

/* Handlers, and the page that tells a forked child. */
static int prepare(void) {
    pw_registry_lock();
    int rc = pw_cookie_prepare();
    rc = rc == 0 ? pw_handlers_install() : rc;
    pw_registry_unlock();
    return rc == 0 ? 0 : pw_fail(-rc, "cannot prepare this process for page faults: %s", strerror(-rc));
}

static int request(struct pw_client *client, const struct pw_stream *stream, const struct pw_stream_options *options, int type,
                   struct pw_reply *answer) {
    struct pw_request asked = {
        .type = type,
        .a = stream->writer ? options->frame_size : 0,
        .b = stream->writer ? (options->drop_ms != 0 ? options->drop_ms : DEFAULT_DROP_MS) : 0,
        .c = options->frames | (options->flags & ~PW_STREAM_DUMP) << 8,
        .payload = stream->name,
        .length = strlen(stream->name),
        .what = stream->writer ? "publish stream" : "subscribe to stream",
        .name = stream->name,
    };
    return pw_request(client, &asked, answer);
}

/* Asks again and again while there is no such stream. */
static int request_until(struct pw_client *client, const struct pw_stream *stream, const struct pw_stream_options *options,
                         int type, struct pw_reply *answer) {
    uint64_t deadline = pw_deadline_in_ms(options->wait_ms);
    uint64_t pause = FIRST_PAUSE_MS * PW_MS;
    for (;;) {
        int rc = request(client, stream, options, type, answer);
        /* -ENOENT is also "no socket": only an answer can say that the stream is unknown. */
        int unknown = rc == -ENOENT && answer->head.status == PW_ST_UNKNOWN_REGION;
        if (!unknown || stream->writer) {
            return rc;
        }
        uint64_t left = pw_left(deadline);
        if (left == 0) {
            return options->wait_ms == 0 ? rc
                                         : pw_fail(ENOENT, "no program has published stream '%s' within %u ms; start its"
                                                   " producer, or wait for longer", stream->name, options->wait_ms);
        }
        pw_reply_release(answer);
        struct timespec sleep = pw_timespec(pause < left ? pause : left);
        nanosleep(&sleep, NULL);
        pause = pause * 2 < LONGEST_PAUSE_MS * PW_MS ? pause * 2 : LONGEST_PAUSE_MS * PW_MS;
    }
}

/* Is it what was asked for? */
static int fits(const struct pw_stream *stream, const struct pw_stream_options *options, const struct pw_stream_reply *reply) {
    if (stream->writer) {
        return reply->frame_size == options->frame_size && (options->frames == 0 || reply->frames == options->frames);
    }
    return ((options->flags & PW_STREAM_LATEST) != 0) == ((reply->flags & PW_STREAM_FLAG_LATEST) != 0);
}

/* The socket comes first: closing it is how dsmd hears that the rest did not succeed. */
static int join(struct pw_stream *stream, const struct pw_client *client, const struct pw_stream_reply *reply, int *frames) {
    uint64_t deadline = pw_deadline_in_ms(client->connect_ms);
    int rc = pw_stream_connect(stream, client->socket, deadline);
    if (rc != 0) {
        return pw_fail(-rc, "cannot open stream '%s': dsmd at socket '%s' did not accept its connection: %s", stream->name,
                       client->socket, strerror(-rc));
    }
    rc = pw_window_open(&stream->window, reply, *frames, stream->writer, stream->dumped, stream->name);
    if (rc == 0) {
        *frames = -1;
    }
    return rc;
}

int pw_stream_open(struct pw_stream *stream, struct pw_client *client, const char *name,
                   const struct pw_stream_options *options, int type) {
    stream->writer = type == PW_PUBLISH_FRAMES;
    stream->fd = -1;
    int rc = pw_check_sanitizer();
    rc = rc == 0 ? check_name(name) : rc;
    rc = rc == 0 ? check_options(options, stream->writer) : rc;
    rc = rc == 0 ? prepare() : rc;
    if (rc != 0) {
        return rc;
    }
    strcpy(stream->name, name);
    stream->dumped = pw_dump_wanted((options->flags & PW_STREAM_DUMP) != 0);
    stream->deadline_ms = options->deadline_ms != 0 ? options->deadline_ms : DEFAULT_DEADLINE_MS;
    stream->answer_ms = client->connect_ms;
    stream->aside = pw_client_aside(client);
    if (stream->aside == NULL) {
        return pw_fail(ENOMEM, "no memory for the books of stream '%s'", name);
    }
    struct pw_reply answer = {.fds = {-1, -1}};
    struct pw_stream_reply reply;
    rc = request_until(client, stream, options, type, &answer);
    if (rc == 0 && pw_decode_stream_reply(answer.payload, answer.head.length, stream->writer, &reply) != 0) {
        rc = pw_fail(EPROTO, "cannot open stream '%s': dsmd's answer makes no sense", name);
    }
    if (rc == 0) {
        stream->token = reply.token;
        stream->frame_size = reply.frame_size;
        stream->frames = reply.frames;
        rc = fits(stream, options, &reply) ? join(stream, client, &reply, &answer.fds[0])
                                           : pw_fail(EPROTO, "cannot open stream '%s': dsmd handed out another kind of stream"
                                                     " than was asked for; run the same version of dsmd and library", name);
    }
    pw_reply_release(&answer);
    if (rc != 0) {
        pw_stream_close(stream);
    }
    return rc;
}

void pw_stream_close(struct pw_stream *stream) {
    if (stream->fd >= 0) {
        close(stream->fd);
        stream->fd = -1;
    }
    pw_window_close(&stream->window);
    pw_client_free(stream->aside);
    stream->aside = NULL;
}

/* ---- in use ---- */

uint64_t pw_stream_deadline(const struct pw_stream *stream, int timeout_ms) {
    return pw_deadline_in_ms(timeout_ms < 0 ? stream->deadline_ms : (uint64_t)timeout_ms);
}

int pw_stream_show(struct pw_stream *stream, uint32_t slot, uint64_t bytes) {
    uint64_t ns = 0;
    int rc = pw_window_show(&stream->window, slot, &ns);
    if (rc != 0) {
        return pw_fail(-rc, "cannot swap the window of stream '%s': %s", stream->name, strerror(-rc));
    }
    struct pw_stream_stats *stats = &stream->stats;
    stats->frames++;
    stats->bytes += bytes;
    stats->swap_ns += ns;
    stats->swap_max_ns = ns > stats->swap_max_ns ? ns : stats->swap_max_ns;
    return 0;
}

void pw_stream_waited(struct pw_stream *stream, uint64_t began) {
    stream->stats.waits++;
    stream->stats.wait_ns += pw_now() - began;
}

/* ---- reasons ---- */

/* dsmd's words for what keeps the stream or has ended it; ours where dsmd has none. Leaves the thread's error text changed. */
static void ask_why(struct pw_stream *stream, uint32_t cause, char *text, size_t size) {
    char question[64];
    snprintf(question, sizeof question, "why %llu %u", (unsigned long long)stream->token, cause);
    struct pw_reply reply = {.fds = {-1, -1}};
    struct pw_request request = {
        .type = PW_QUERY,
        .payload = question,
        .length = strlen(question),
        .what = "ask dsmd for",
        .name = question,
        .timeout_ms = WHY_MS,
    };
    int rc = pw_request(stream->aside, &request, &reply);
    if (rc != 0 || reply.payload == NULL || pw_decode_why(reply.payload, text, size) != 0) {
        snprintf(text, size, "%s%s", cause == PW_DEADLINE ? "dsmd does not say why" : pw_cause_text((int)cause),
                 cause == PW_DAEMON_LOST ? "; open the stream again when it runs" : "");
    }
    pw_reply_release(&reply);
}

static int errno_of(const struct pw_stream *stream) {
    switch (stream->cause) {
    case PW_PRODUCER_LOST:
        return EPIPE;
    case PW_DAEMON_LOST:
        return ECONNRESET;
    case PW_OWNER_LOST:
    case PW_NO_OWNER:
        return stream->writer ? EPIPE : EHOSTDOWN;
    case PW_TOO_SLOW:
        return stream->writer ? EPIPE : ENOBUFS;
    default:
        return stream->writer ? EPIPE : EIO;
    }
}

static int say_over(struct pw_stream *stream) {
    if (stream->over == -EPROTO) {
        return pw_fail(EPROTO, "stream '%s' is over: dsmd sent a message that makes no sense; run the same version of dsmd and"
                       " library", stream->name);
    }
    if (stream->over < 0) {
        return pw_fail(ECONNRESET, "stream '%s' is over: dsmd at socket '%s' has closed its connection; open the stream again"
                       " when dsmd runs", stream->name, stream->aside->socket);
    }
    if (stream->why[0] == '\0') {
        ask_why(stream, stream->cause, stream->why, sizeof stream->why);
    }
    return pw_fail(errno_of(stream), "stream '%s' is over: %s", stream->name, stream->why);
}

int pw_stream_say_over(struct pw_stream *stream) {
    int rc = say_over(stream);
    pw_error_stream_over(stream->over == -EPROTO ? PW_PROTOCOL : stream->over < 0 ? PW_DAEMON_LOST : stream->cause);
    return rc;
}

int pw_stream_say_timeout(struct pw_stream *stream, const char *what, int timeout_ms) {
    char why[400];
    if (timeout_ms == 0) {
        return pw_fail(ETIMEDOUT, "stream '%s': %s", stream->name, what);
    }
    ask_why(stream, PW_DEADLINE, why, sizeof why);
    return pw_fail(ETIMEDOUT, "stream '%s': %s within %u ms: %s", stream->name, what,
                   timeout_ms < 0 ? stream->deadline_ms : (uint32_t)timeout_ms, why);
}
