/*
 * A frame stream from both sides:
 *
 *     frames produce STREAM FRAME-SIZE COUNT      publishes COUNT frames of a pattern that tells their number
 *     frames consume STREAM                       checks every byte of every frame until the stream ends
 *
 * Prints how many frames there were, and what a swap cost. Exit code: 0 done, 1 failed, 2 usage. The daemon is found as by every
 * program: $PAGEWIRE_SOCKET or default.
 */
#include <pagewire/pagewire.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 30000u

static unsigned char pattern(uint64_t number, uint64_t at) {
    return (unsigned char)(number * 31 + at);
}

static int fail(void) {
    fprintf(stderr, "frames: %s\n", pw_error());
    return 1;
}

static void report(const struct pw_stream_stats *stats) {
    printf("frames %" PRIu64 " bytes %" PRIu64 " skipped %" PRIu64 "; swap mean %" PRIu64 " us, longest %" PRIu64 " us\n",
           stats->frames, stats->bytes, stats->skipped, stats->frames > 0 ? stats->swap_ns / stats->frames / 1000 : 0,
           stats->swap_max_ns / 1000);
}

static int produce(struct pw_client *client, const char *name, uint64_t size, uint64_t count) {
    const struct pw_stream_options options = {.frame_size = size};
    struct pw_writer *writer;
    struct pw_stream_stats stats;
    if (pw_publish_frames(client, name, &options, &writer) < 0) {
        return fail();
    }
    unsigned char *window = pw_writer_window(writer); /* stays the same */
    int rc = 0;
    for (uint64_t number = 1; number <= count && rc == 0; number++) {
        for (uint64_t at = 0; at < size; at++) {
            window[at] = pattern(number, at);
        }
        rc = pw_swap(writer, size, -1);
    }
    if (rc == 0) {
        rc = pw_drain(writer, -1);
    }
    if (rc < 0) {
        fail();
    }
    pw_writer_stats(writer, &stats);
    report(&stats);
    pw_writer_close(writer);
    return rc < 0 ? 1 : 0;
}

static int check(const unsigned char *window, const struct pw_frame *frame) {
    for (uint64_t at = 0; at < frame->length; at++) {
        if (window[at] != pattern(frame->number, at)) {
            fprintf(stderr, "frames: frame %" PRIu64 " is wrong at byte %" PRIu64 "\n", frame->number, at);
            return 1;
        }
    }
    return 0;
}

static int consume(struct pw_client *client, const char *name) {
    const struct pw_stream_options options = {.wait_ms = WAIT_MS};
    struct pw_reader *reader;
    struct pw_frame frame;
    struct pw_stream_stats stats;
    if (pw_subscribe_frames(client, name, &options, &reader) < 0) {
        return fail();
    }
    const unsigned char *window = pw_reader_window(reader);
    int rc, wrong = 0;
    while ((rc = pw_next(reader, &frame, -1)) == 1 && !wrong) {
        wrong = check(window, &frame);
    }
    if (rc < 0) {
        fail();
    }
    pw_reader_stats(reader, &stats);
    report(&stats);
    pw_reader_close(reader);
    return rc < 0 || wrong ? 1 : 0;
}

int main(int argc, char **argv) {
    int produces = argc == 5 && strcmp(argv[1], "produce") == 0;
    struct pw_client *client;
    if (!produces && !(argc == 3 && strcmp(argv[1], "consume") == 0)) {
        fprintf(stderr, "usage: frames produce STREAM FRAME-SIZE COUNT | frames consume STREAM\n");
        return 2;
    }
    if (pw_connect(NULL, &client) < 0) {
        return fail();
    }
    int rc = produces ? produce(client, argv[2], strtoull(argv[3], NULL, 0), strtoull(argv[4], NULL, 0))
                      : consume(client, argv[2]);
    pw_disconnect(client);
    if (ferror(stdout) || fflush(stdout) != 0) {
        perror("frames: cannot write to standard output");
        return 1;
    }
    return rc;
}
