/*
 * The producer's end. Slots that dsmd has given wait in a list; swapping takes one of them into the window and hands the one that
 * was there to dsmd. The list is a stack: the slot that was used last is the likeliest one to be in a cache.
 */
#include "stream.h"

#include "deadline.h"
#include "error.h"

#include <errno.h>
#include <stdlib.h>

#define LEAST_DRAIN_MS 100 /* for dsmd's answer */

struct pw_writer {
    struct pw_stream stream; /* first */
    uint8_t slot[PW_MOST_SLOTS];
    uint32_t empty;   /* entries of slot[] */
    uint32_t waiting; /* dsmd knows that we wait for a slot */
    uint32_t drained; /* id of the newest DRAIN that was answered */
    uint32_t moves;   /* DRAININGs: how often consumers have got on */
};

static int hear(struct pw_stream *stream, const struct pw_message *message) {
    struct pw_writer *writer = (struct pw_writer *)stream;
    if (message->type == PW_DRAINED || message->type == PW_DRAINING) {
        if (message->id - writer->drained > stream->next_id - writer->drained) {
            return -EPROTO; /* nobody has asked that */
        }
        if (message->type == PW_DRAINING) {
            writer->moves++;
        } else {
            writer->drained = message->id;
        }
        return 0;
    }
    if ((int)message->status == stream->window.shown) {
        return -EPROTO;
    }
    for (uint32_t i = 0; i < writer->empty; i++) {
        if (writer->slot[i] == message->status) {
            return -EPROTO;
        }
    }
    writer->slot[writer->empty++] = (uint8_t)message->status;
    writer->waiting = 0;
    return 0;
}

/* 0 = there is an empty slot, or the stream is over; -ETIMEDOUT. */
static int await_empty(struct pw_writer *writer, uint64_t deadline) {
    struct pw_stream *stream = &writer->stream;
    pw_stream_listen(stream);
    if (writer->empty > 0 || stream->over != 0) {
        return 0;
    }
    uint64_t began = pw_now();
    int rc = 0;
    if (!writer->waiting) {
        writer->waiting = 1;
        pw_stream_say(stream, PW_WAITING, 0, 0, 0, 0);
    }
    while (rc == 0 && writer->empty == 0 && stream->over == 0) {
        rc = pw_stream_wait(stream, deadline);
        pw_stream_listen(stream);
    }
    pw_stream_waited(stream, began);
    return writer->empty > 0 || stream->over != 0 ? 0 : rc;
}

/* All slots of this side, which dsmd gives without being asked: the first swaps need not wait for any. */
static int first_slots(struct pw_writer *writer) {
    struct pw_stream *stream = &writer->stream;
    uint64_t ns;
    uint64_t deadline = pw_deadline_in_ms(stream->answer_ms);
    int rc = 0;
    pw_stream_listen(stream);
    while (rc == 0 && writer->empty < stream->frames && stream->over == 0) {
        rc = pw_stream_wait(stream, deadline);
        pw_stream_listen(stream);
    }
    if (stream->over != 0) {
        return pw_stream_say_over(stream);
    }
    if (writer->empty < stream->frames) {
        return pw_fail(ETIMEDOUT, "cannot open stream '%s': dsmd gave it %u of %u frames within %u ms", stream->name,
                       writer->empty, stream->frames, stream->answer_ms);
    }
    rc = pw_window_show(&stream->window, writer->slot[writer->empty - 1], &ns);
    if (rc != 0) {
        return pw_fail(-rc, "cannot map the frames of stream '%s': error %d", stream->name, -rc);
    }
    writer->empty--;
    return 0;
}

int pw_publish_frames(struct pw_client *client, const char *name, const struct pw_stream_options *options,
                      struct pw_writer **out) {
    static const struct pw_stream_options none;
    int rc = pw_stream_enter();
    if (rc != 0) {
        return rc;
    }
    struct pw_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL) {
        return pw_fail(ENOMEM, "no memory for a stream");
    }
    writer->stream.hear = hear;
    rc = pw_stream_open(&writer->stream, client, name, options != NULL ? options : &none, PW_PUBLISH_FRAMES);
    if (rc == 0 && (rc = first_slots(writer)) != 0) {
        pw_stream_close(&writer->stream);
    }
    if (rc != 0) {
        free(writer);
        return rc;
    }
    *out = writer;
    return 0;
}

void *pw_writer_window(const struct pw_writer *writer) {
    return (void *)(uintptr_t)writer->stream.window.base;
}

uint64_t pw_writer_size(const struct pw_writer *writer) {
    return writer->stream.frame_size;
}

int pw_swap(struct pw_writer *writer, uint64_t length, int timeout_ms) {
    struct pw_stream *stream = &writer->stream;
    int rc = pw_stream_enter();
    if (rc != 0) {
        return rc;
    }
    if (length > stream->frame_size) {
        return pw_fail(EMSGSIZE, "%llu bytes used: a frame of stream '%s' has %llu", (unsigned long long)length, stream->name,
                       (unsigned long long)stream->frame_size);
    }
    rc = await_empty(writer, pw_stream_deadline(stream, timeout_ms));
    if (stream->over != 0) {
        return pw_stream_say_over(stream);
    }
    if (rc != 0) {
        return pw_stream_say_timeout(stream, "no frame is free", timeout_ms);
    }
    uint32_t filled = (uint32_t)stream->window.shown;
    rc = pw_stream_show(stream, writer->slot[writer->empty - 1], length);
    if (rc != 0) {
        return rc;
    }
    writer->empty--;
    pw_stream_say(stream, PW_FILLED, filled, 0, pw_clock(CLOCK_REALTIME), (uint32_t)length);
    return stream->over < 0 ? pw_stream_say_over(stream) : 0;
}

int pw_drain(struct pw_writer *writer, int timeout_ms) {
    struct pw_stream *stream = &writer->stream;
    int rc = pw_stream_enter();
    if (rc != 0) {
        return rc;
    }
    int least = timeout_ms < 0 || timeout_ms > LEAST_DRAIN_MS ? timeout_ms : LEAST_DRAIN_MS;
    uint64_t deadline = pw_stream_deadline(stream, least);
    uint32_t id = ++stream->next_id;
    pw_stream_listen(stream);
    pw_stream_say(stream, PW_DRAIN, 0, id, 0, 0);
    while (rc == 0 && writer->drained != id && stream->over == 0) {
        uint32_t moves = writer->moves;
        rc = pw_stream_wait(stream, deadline);
        pw_stream_listen(stream);
        if (timeout_ms < 0 && writer->moves != moves) {
            deadline = pw_stream_deadline(stream, timeout_ms); /* of consumers that stand still, not of those that get on */
        }
    }
    if (writer->drained == id) {
        return 0;
    }
    return stream->over != 0 ? pw_stream_say_over(stream)
                             : pw_stream_say_timeout(stream, least < 0 ? "not every consumer has been given all frames, and none has got on"
                                                               : "not every consumer has been given all frames", least);
}

void pw_writer_stats(const struct pw_writer *writer, struct pw_stream_stats *stats) {
    *stats = writer->stream.stats;
    stats->retries = pw_window_retries(&writer->stream.window);
}

void pw_writer_close(struct pw_writer *writer) {
    if (writer == NULL || pw_stream_enter() != 0) {
        return;
    }
    pw_stream_say(&writer->stream, PW_FINISH, 0, 0, 0, 0);
    pw_stream_close(&writer->stream);
    free(writer);
}

void pw_writer_abandon(struct pw_writer *writer) {
    if (writer == NULL || pw_stream_enter() != 0) {
        return;
    }
    pw_stream_close(&writer->stream);
    free(writer);
}
