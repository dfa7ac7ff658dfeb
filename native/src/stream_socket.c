/* The stream socket: messages of 32 bytes both ways, none of which has a payload. */
#include "stream.h"

#include "deadline.h"
#include "decode.h"
#include "io.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int pw_stream_connect(struct pw_stream *stream, const char *socket, uint64_t deadline) {
    int fd = pw_io_connect(socket, deadline);
    if (fd < 0) {
        return fd;
    }
    struct pw_message answer;
    int rc = pw_io_hello(fd, PW_HELLO_STREAM, stream->token, deadline, &answer);
    if (rc != 0) {
        close(fd);
        return rc;
    }
    stream->fd = fd;
    return 0;
}

/* The first end counts. dsmd must see that a writer is gone, too. A reader's socket stays until it is closed: as soon as dsmd sees
 * that end, it has the frame filled anew that is still being looked at. */
static void end(struct pw_stream *stream, int over) {
    if (stream->over == 0) {
        stream->over = over;
        if (over < 0 && stream->writer) {
            shutdown(stream->fd, SHUT_RDWR);
        }
    }
}

static void deal_with(struct pw_stream *stream, const struct pw_message *message) {
    int rc = pw_decode_stream_message(message, stream->writer, stream->window.slots, stream->frame_size);
    if (rc == 0 && message->type == PW_ENDED) {
        stream->cause = message->status;
        end(stream, 1);
        return;
    }
    rc = rc == 0 ? stream->hear(stream, message) : rc;
    if (rc != 0) {
        end(stream, rc);
    }
}

void pw_stream_listen(struct pw_stream *stream) {
    while (stream->over == 0) {
        ssize_t got = recv(stream->fd, stream->inbox + stream->have, sizeof stream->inbox - stream->have, MSG_DONTWAIT);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 && errno == EAGAIN) {
            return;
        }
        if (got <= 0) {
            end(stream, -ECONNRESET);
            return;
        }
        stream->have += (size_t)got;
        size_t used = 0;
        for (; stream->have - used >= sizeof(struct pw_message) && stream->over == 0; used += sizeof(struct pw_message)) {
            struct pw_message message;
            memcpy(&message, stream->inbox + used, sizeof message);
            deal_with(stream, &message);
        }
        stream->have -= used;
        memmove(stream->inbox, stream->inbox + used, stream->have);
    }
}

void pw_stream_say(struct pw_stream *stream, int type, uint32_t slot, uint32_t id, uint64_t b, uint32_t c) {
    struct pw_message message = {
        .version = PW_PROTOCOL_VERSION,
        .type = (uint8_t)type,
        .status = (uint16_t)slot,
        .id = id,
        .b = b,
        .c = c,
    };
    if (stream->over != 0) {
        return;
    }
    /* A full socket means that dsmd hangs: the message may be cut in the middle then, so the socket is of no more use. */
    int rc = pw_io_send(stream->fd, &message, sizeof message, pw_deadline_in_ms(stream->answer_ms));
    if (rc != 0) {
        pw_stream_listen(stream); /* dsmd may have said why before it closed */
        end(stream, -ECONNRESET);
    }
}

int pw_stream_wait(const struct pw_stream *stream, uint64_t deadline) {
    for (;;) {
        uint64_t left = pw_left(deadline);
        struct pollfd ready = {.fd = stream->fd, .events = POLLIN};
        struct timespec timeout = pw_timespec(left);
        int rc = ppoll(&ready, 1, &timeout, NULL);
        if (rc > 0) {
            return 0;
        }
        if (left == 0) {
            return -ETIMEDOUT;
        }
    }
}
