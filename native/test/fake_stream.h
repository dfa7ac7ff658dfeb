/*
 * fake_stream.h - the stream side of the fake daemon: one stream whose producer and consumers are programs of this host. By itself it
 * hands frames on as dsmd does; when it is manual it only keeps books of what it was told, and the test says what it answers.
 * Test apparatus only.
 */
#ifndef FAKE_STREAM_H
#define FAKE_STREAM_H

#include "fake_dsmd.h"

#define FAKE_STREAM "frames"
#define FAKE_STREAM_BASE 0x200000000000ull
#define FAKE_STREAM_SIZE (256u << 10)

struct fake_stream;

struct fake_stream_options {
    uint64_t base, frame_size;      /* 0: FAKE_STREAM_BASE, FAKE_STREAM_SIZE */
    uint32_t frames, slots;         /* 0: 4, 10 */
    int manual;                     /* a writer is given frames slots at first all the same */
    int gives_nothing;              /* not even those */
    int reader_only;                /* manual, and the stream is there without a writer */
    const char *why;                /* the text for every "why"; NULL = the question is refused */
    void (*lie)(struct pw_stream_reply *reply); /* changes each reply before it is sent */
    int lie_no_fd, lie_small_file, lie_read_only, lie_refuse; /* no descriptor, ...; HELLO_STREAM is refused */
    const char *socket;
};

/* Starts the daemon with it. */
struct fake_stream *fake_stream_start(const struct fake_stream_options *options);
void fake_stream_stop(struct fake_stream *stream);
struct fake *fake_stream_dsmd(struct fake_stream *stream);

/* The daemon dies: every socket closes. fake_stream_stop is still to be called. */
void fake_stream_kill(struct fake_stream *stream);

/* The daemon's own mapping of a slot. */
char *fake_stream_slot(struct fake_stream *stream, uint32_t slot);

/* Messages of this type that have come from programs, and the newest of them. await: 0, or -1 when there are fewer after ms. */
uint64_t fake_stream_count(struct fake_stream *stream, int type);
struct pw_message fake_stream_newest(struct fake_stream *stream, int type);
int fake_stream_await(struct fake_stream *stream, int type, uint64_t count, int ms);

/* Sends a message to the writer, or to the newest reader. */
void fake_stream_tell(struct fake_stream *stream, int writer, const struct pw_message *message);
void fake_stream_tell_bytes(struct fake_stream *stream, int writer, const void *bytes, size_t length);
void fake_stream_empty(struct fake_stream *stream, uint32_t slot);
void fake_stream_frame(struct fake_stream *stream, uint32_t slot, uint64_t number, uint32_t length);
void fake_stream_end(struct fake_stream *stream, int writer, int cause);

/* Programs at the stream, and slots whose bytes changed between FILLED and the next time they were given. */
int fake_stream_readers(struct fake_stream *stream);
int fake_stream_has_writer(struct fake_stream *stream);
uint64_t fake_stream_torn(struct fake_stream *stream);

#endif
