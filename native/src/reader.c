/*
 * A consumer's end. Frames that dsmd has sent wait in a queue, oldest first; the one in the window stays until the next one has
 * taken its place, and only then its slot is given back.
 */
#include "stream.h"

#include "deadline.h"
#include "error.h"

#include <errno.h>
#include <stdlib.h>

#define CANCEL_MS 1000 /* for dsmd's answer to CANCEL */

struct queued {
    struct pw_frame frame;
    uint32_t slot;
};

struct pw_reader {
    struct pw_stream stream; /* first */
    int latest;
    uint32_t asked;      /* NEXT was said, and no frame has come since */
    uint32_t cancelling; /* id of a CANCEL that is not answered, else 0 */
    uint64_t heard;      /* number of the newest frame that has come, 0 = none */
    uint64_t number;     /* of the frame in the window, 0 = none */
    uint32_t first, count;
    struct queued queue[PW_MOST_SLOTS]; /* a ring */
};

static int has_slot(const struct pw_reader *reader, uint32_t slot) {
    if ((int)slot == reader->stream.window.shown) {
        return 1;
    }
    for (uint32_t i = 0; i < reader->count; i++) {
        if (reader->queue[(reader->first + i) % PW_MOST_SLOTS].slot == slot) {
            return 1;
        }
    }
    return 0;
}

static int hear(struct pw_stream *stream, const struct pw_message *message) {
    struct pw_reader *reader = (struct pw_reader *)stream;
    if (message->type == PW_CANCELLED) {
        if (message->id != reader->cancelling || message->id == 0) {
            return -EPROTO;
        }
        reader->cancelling = 0;
        reader->asked = 0;
        return 0;
    }
    if (message->a <= reader->heard || has_slot(reader, message->status)) {
        return -EPROTO;
    }
    reader->heard = message->a;
    reader->asked = 0;
    /* No slot stands here twice, so there is room. */
    reader->queue[(reader->first + reader->count++) % PW_MOST_SLOTS] = (struct queued){
        .frame = {.number = message->a, .length = message->c, .time_ns = message->b},
        .slot = message->status,
    };
    return 0;
}

int pw_subscribe_frames(struct pw_client *client, const char *name, const struct pw_stream_options *options,
                        struct pw_reader **out) {
    static const struct pw_stream_options none;
    options = options != NULL ? options : &none;
    int rc = pw_stream_enter();
    if (rc != 0) {
        return rc;
    }
    struct pw_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return pw_fail(ENOMEM, "no memory for a stream");
    }
    reader->stream.hear = hear;
    reader->latest = (options->flags & PW_STREAM_LATEST) != 0;
    rc = pw_stream_open(&reader->stream, client, name, options, PW_SUBSCRIBE_FRAMES);
    if (rc != 0) {
        free(reader);
        return rc;
    }
    *out = reader;
    return 0;
}

const void *pw_reader_window(const struct pw_reader *reader) {
    return (const void *)(uintptr_t)reader->stream.window.base;
}

uint64_t pw_reader_size(const struct pw_reader *reader) {
    return reader->stream.frame_size;
}

/* Says that the frame in the window is finished, and where it is needed, that one frame may come. A lossless consumer that holds
 * none has nothing to say. */
static void ask(struct pw_reader *reader) {
    if (!reader->asked && reader->cancelling == 0 && (reader->latest || reader->number != 0)) {
        reader->asked = 1;
        pw_stream_say(&reader->stream, PW_NEXT, 0, 0, 0, 0);
    }
}

static int settled(const struct pw_reader *reader) {
    return reader->count > 0 || reader->stream.over != 0;
}

/* Until a frame is queued or the stream is over; 0 or -ETIMEDOUT. */
static int await_frame(struct pw_reader *reader, uint64_t deadline) {
    struct pw_stream *stream = &reader->stream;
    int rc = 0;
    while (rc == 0 && !settled(reader)) {
        ask(reader); /* again, when the CANCEL of an earlier call is answered only now */
        rc = pw_stream_wait(stream, deadline);
        pw_stream_listen(stream);
    }
    return settled(reader) ? 0 : rc;
}

/* Takes the NEXT back, so that no frame is sent to nobody. One that is underway has come before the answer. */
static void cancel(struct pw_reader *reader) {
    struct pw_stream *stream = &reader->stream;
    if (reader->asked && reader->cancelling == 0) {
        stream->next_id += stream->next_id + 1 == 0 ? 2 : 1;
        reader->cancelling = stream->next_id;
        pw_stream_say(stream, PW_CANCEL, 0, reader->cancelling, 0, 0);
    }
    uint64_t deadline = pw_deadline_in_ms(CANCEL_MS);
    int rc = 0;
    while (rc == 0 && reader->cancelling != 0 && stream->over == 0) {
        rc = pw_stream_wait(stream, deadline);
        pw_stream_listen(stream);
    }
}

static int show(struct pw_reader *reader, struct pw_frame *frame) {
    struct pw_stream *stream = &reader->stream;
    const struct queued *next = &reader->queue[reader->first];
    int old = stream->window.shown;
    int rc = pw_stream_show(stream, next->slot, next->frame.length);
    if (rc != 0) {
        return rc;
    }
    *frame = next->frame;
    frame->skipped = reader->number != 0 ? frame->number - reader->number - 1 : 0;
    stream->stats.skipped += frame->skipped;
    reader->number = frame->number;
    reader->first = (reader->first + 1) % PW_MOST_SLOTS;
    reader->count--;
    if (old >= 0) { /* should it fail: the next call says that the stream is over, this frame is whole */
        pw_stream_say(stream, PW_RELEASE, (uint32_t)old, 0, 0, 0);
    }
    return 1;
}

int pw_next(struct pw_reader *reader, struct pw_frame *frame, int timeout_ms) {
    struct pw_stream *stream = &reader->stream;
    int rc = pw_stream_enter();
    if (rc != 0) {
        return rc;
    }
    pw_stream_listen(stream);
    if (!settled(reader)) {
        uint64_t began = pw_now();
        rc = await_frame(reader, pw_stream_deadline(stream, timeout_ms));
        if (rc != 0 && reader->latest) {
            cancel(reader);
        }
        pw_stream_waited(stream, began);
    }
    if (reader->count > 0) {
        return show(reader, frame);
    }
    if (stream->over == 1 && stream->cause == 0) {
        return 0;
    }
    return stream->over != 0 ? pw_stream_say_over(stream) : pw_stream_say_timeout(stream, "no frame has come", timeout_ms);
}

void pw_reader_stats(const struct pw_reader *reader, struct pw_stream_stats *stats) {
    *stats = reader->stream.stats;
    stats->retries = pw_window_retries(&reader->stream.window);
}

void pw_reader_close(struct pw_reader *reader) {
    if (reader == NULL || pw_stream_enter() != 0) {
        return;
    }
    pw_stream_close(&reader->stream);
    free(reader);
}
