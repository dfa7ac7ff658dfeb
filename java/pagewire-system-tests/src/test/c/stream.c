/*
 * One end of a frame stream as a C program of its own.
 *
 *     stream SOCKET produce STREAM FRAME_SIZE FRAMES COUNT     swaps COUNT checked frames, waits until all are taken, finishes
 *     stream SOCKET consume STREAM FRAMES lossless|latest      checks every frame up to the end of the stream
 *
 * Prints "published" or "subscribed" when the end is open; a producer then waits for a line. Prints at the end "produced COUNT
 * BYTES" or "consumed SEEN FIRST LAST SKIPPED BYTES". Exit code: 0 done, 1 failed, 2 usage, 3 a promise
 * was broken.
 */
#include <pagewire/pagewire.h>

#include "checked_frames.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEADLINE_MS = 60000 };

static struct pw_client *client;

static int failed(const char *what) {
    fprintf(stderr, "stream: %s: %s\n", what, pw_error());
    return 1;
}

static int broken(const char *how, const struct pw_frame *frame, uint64_t wanted) {
    fprintf(stderr, "stream: PromiseBroken: frame %" PRIu64 " of %" PRIu64 " bytes: %s (%" PRIu64 ")\n", frame->number,
            frame->length, how, wanted);
    return 3;
}

static int produce(const char *name, uint64_t size, uint32_t frames, uint64_t count) {
    struct pw_stream_options options = {.frame_size = size, .frames = frames, .deadline_ms = DEADLINE_MS};
    struct pw_writer *writer = NULL;
    if (pw_publish_frames(client, name, &options, &writer) != 0) {
        return failed("pw_publish_frames");
    }
    char *window = pw_writer_window(writer);
    puts("published");
    if (getchar() == EOF) {
        return 1;
    }
    uint64_t bytes = 0;
    for (uint64_t number = 1; number <= count; number++) {
        uint64_t length = frame_length(number, pw_writer_size(writer));
        frame_fill(window, number, length);
        if (pw_swap(writer, length, -1) != 0) {
            return failed("pw_swap");
        }
        bytes += length;
        if (pw_writer_window(writer) != window) {
            fprintf(stderr, "stream: PromiseBroken: the window has moved\n");
            return 3;
        }
    }
    if (pw_drain(writer, DEADLINE_MS) != 0) {
        return failed("pw_drain");
    }
    pw_writer_close(writer);
    printf("produced %" PRIu64 " %" PRIu64 "\n", count, bytes);
    return 0;
}

static int consume(const char *name, uint32_t frames, int latest) {
    struct pw_stream_options options = {.frames = frames, .flags = latest ? PW_STREAM_LATEST : 0, .deadline_ms = DEADLINE_MS,
                                        .wait_ms = DEADLINE_MS};
    struct pw_reader *reader = NULL;
    if (pw_subscribe_frames(client, name, &options, &reader) != 0) {
        return failed("pw_subscribe_frames");
    }
    const char *window = pw_reader_window(reader);
    puts("subscribed");
    struct pw_frame frame;
    uint64_t seen = 0, first = 0, last = 0, skipped = 0, bytes = 0;
    int rc;
    while ((rc = pw_next(reader, &frame, -1)) == 1) {
        if (seen > 0 && frame.number != last + 1 + frame.skipped) {
            return broken("out of order, or miscounted; the one before was", &frame, last);
        }
        if (!latest && frame.skipped != 0) {
            return broken("frames were skipped", &frame, frame.skipped);
        }
        if (frame.length != frame_length(frame.number, pw_reader_size(reader))) {
            return broken("its length had to be", &frame, frame_length(frame.number, pw_reader_size(reader)));
        }
        uint64_t whole = frame_whole_up_to(window, frame.number, frame.length);
        if (whole != frame.length) {
            return broken("not whole at byte", &frame, whole);
        }
        first = seen++ == 0 ? frame.number : first;
        last = frame.number;
        skipped += frame.skipped;
        bytes += frame.length;
    }
    if (rc != 0) {
        return failed("pw_next");
    }
    pw_reader_close(reader);
    printf("consumed %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", seen, first, last, skipped, bytes);
    return 0;
}

int main(int argc, char **argv) {
    int producer = argc == 7 && strcmp(argv[2], "produce") == 0;
    if (!producer && (argc != 6 || strcmp(argv[2], "consume") != 0)) {
        fprintf(stderr, "usage: stream SOCKET produce STREAM SIZE FRAMES COUNT | consume STREAM FRAMES lossless|latest\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct pw_options options = {.socket = argv[1], .program = "stream-test", .connect_ms = 30000};
    if (pw_connect(&options, &client) != 0) {
        return failed("pw_connect");
    }
    int rc = producer ? produce(argv[3], strtoull(argv[4], NULL, 10), (uint32_t)atoi(argv[5]), strtoull(argv[6], NULL, 10))
                      : consume(argv[3], (uint32_t)atoi(argv[4]), strcmp(argv[5], "latest") == 0);
    if (rc == 0) {
        pw_disconnect(client);
    }
    return rc;
}
