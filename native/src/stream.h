/*
 * stream.h - what both ends of a frame stream have: the window, the socket, how it ended. One thread at a time uses an end, so
 * nothing here is locked.
 */
#ifndef PAGEWIRE_STREAM_H
#define PAGEWIRE_STREAM_H

#include "local_protocol.h"
#include "pagewire/pagewire.h"
#include "window.h"

#include <stddef.h>
#include <stdint.h>

#define PW_STREAM_INBOX 16u /* messages that are read at once */

struct pw_stream {
    struct pw_window window;
    struct pw_client *aside; /* for questions: they must not wait behind somebody's long request */
    char name[PW_MAX_NAME + 1];
    uint64_t token, frame_size;
    uint32_t deadline_ms, answer_ms; /* of waiting for frames; of dsmd's answers */
    int writer;
    int dumped;      /* its frames are in core dumps */
    uint32_t frames; /* of this side */
    int fd;          /* the stream socket */
    uint32_t next_id;

    int over;       /* nothing comes any more: 1 = dsmd said so (cause), else negative errno of the socket */
    uint32_t cause; /* enum pw_cause, 0 = end of stream */
    char why[400];  /* dsmd's words for it, once they were asked for */

    /* The end's own part: takes what pw_decode_stream_message let pass, except ENDED. 0 or -EPROTO. */
    int (*hear)(struct pw_stream *stream, const struct pw_message *message);
    size_t have; /* bytes in inbox */
    char inbox[PW_STREAM_INBOX * sizeof(struct pw_message)];

    struct pw_stream_stats stats; /* retries are the window's */
};

/* ---- stream.c ---- */

/* The checks, the request, the socket and the window; name is checked and kept. type: PW_PUBLISH_FRAMES or PW_SUBSCRIBE_FRAMES.
 * 0, or negative errno with the thread's error text set and nothing left behind. */
int pw_stream_open(struct pw_stream *stream, struct pw_client *client, const char *name,
                   const struct pw_stream_options *options, int type);

/* Closes the socket, takes the window away and frees what belongs to the stream, but not the stream itself. */
void pw_stream_close(struct pw_stream *stream);

/* What begins every call: forgets the thread's texts. 0, or -EPERM in a forked child. */
int pw_stream_enter(void);

/* The moment that a caller's timeout (-1 = the options' deadline) means. */
uint64_t pw_stream_deadline(const struct pw_stream *stream, int timeout_ms);

/* Shows the slot and counts it as a frame of so many bytes. 0 or negative errno with the text set. */
int pw_stream_show(struct pw_stream *stream, uint32_t slot, uint64_t bytes);

/* Counts a wait that began then. */
void pw_stream_waited(struct pw_stream *stream, uint64_t began);

/* The stream is over, and not by an orderly end: sets the text, gives the negative errno that pagewire.h says. */
int pw_stream_say_over(struct pw_stream *stream);

/* -ETIMEDOUT with the text "stream NAME: WHAT within N ms: REASON of dsmd"; dsmd is not asked when timeout_ms is 0. */
int pw_stream_say_timeout(struct pw_stream *stream, const char *what, int timeout_ms);

/* ---- stream_socket.c ---- */

/* Connects and says which stream it is. 0 or negative errno. */
int pw_stream_connect(struct pw_stream *stream, const char *socket, uint64_t deadline);

/* Sends a message. An error is noted as the stream's end. */
void pw_stream_say(struct pw_stream *stream, int type, uint32_t slot, uint32_t id, uint64_t b, uint32_t c);

/* Deals with everything that lies in the socket, without waiting. */
void pw_stream_listen(struct pw_stream *stream);

/* Waits until something lies there, or the deadline: 0 or -ETIMEDOUT. */
int pw_stream_wait(const struct pw_stream *stream, uint64_t deadline);

#endif
