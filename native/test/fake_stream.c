#include "fake_stream.h"

#include "deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST_READERS 8
#define MOST_FRAMES 64 /* queued for one reader */
#define WRITER_TOKEN 1000u

struct frame {
    uint32_t slot, length;
    uint64_t number, time;
};

struct reader {
    int fd; /* -1 = unused */
    uint64_t token;
    int latest, credit;
    struct frame queue[MOST_FRAMES];
    int queued;
    uint64_t holds[PW_MOST_SLOTS]; /* delivered and not released */
};

struct slot {
    int used; /* readers that have it queued or delivered, and 1 for the kept ones */
    int filled;
    uint64_t sum;
};

struct fake_stream {
    struct fake_stream_options options;
    struct fake_stream_side side;
    struct fake *dsmd;
    int fd;
    char *memory;
    uint64_t span, stride;
    pthread_mutex_t lock; /* everything below */
    pthread_cond_t heard;
    uint64_t counts[256], tokens, latest_token, number, torn;
    struct pw_message newest[256];
    int writer_fd, there, finished, killed, drain_asked;
    uint32_t drain_id;
    int newest_reader;
    struct slot slot[PW_MOST_SLOTS];
    struct reader reader[MOST_READERS];
    struct frame kept[MOST_FRAMES];
    int kept_count, had_reader;
};

static struct fake_stream *current; /* control requests have no context */

static void tell(int fd, int type, uint32_t status, uint32_t id, uint64_t a, uint64_t b, uint32_t c) {
    struct pw_message message = {
        .version = PW_PROTOCOL_VERSION,
        .type = (uint8_t)type,
        .status = (uint16_t)status,
        .id = id,
        .a = a,
        .b = b,
        .c = c,
    };
    if (fd >= 0) {
        fake_raw(fd, &message, sizeof message);
    }
}

char *fake_stream_slot(struct fake_stream *stream, uint32_t slot) {
    return stream->memory + slot * stream->stride;
}

/* ---- the hub; under the lock ---- */

static uint64_t sum_of(struct fake_stream *stream, uint32_t slot) {
    const uint64_t *words = (const uint64_t *)(const void *)fake_stream_slot(stream, slot);
    uint64_t sum = 0;
    for (uint64_t i = 0; i < stream->span / 8; i++) {
        sum = (sum ^ words[i]) * 0x9E3779B97F4A7C15ull;
    }
    return sum;
}

static void unuse(struct fake_stream *stream, uint32_t slot) {
    if (--stream->slot[slot].used == 0 && stream->slot[slot].filled) {
        stream->torn += sum_of(stream, slot) != stream->slot[slot].sum;
        stream->slot[slot].filled = 0;
        tell(stream->writer_fd, PW_EMPTY, slot, 0, 0, 0, 0);
    }
}

static int drained(const struct fake_stream *stream) {
    int left = stream->kept_count;
    for (int i = 0; i < MOST_READERS; i++) {
        left += stream->reader[i].fd >= 0 ? stream->reader[i].queued : 0;
    }
    return left == 0;
}

static void deliver(struct fake_stream *stream, struct reader *reader) {
    while (reader->queued > 0 && (!reader->latest || reader->credit > 0)) {
        int which = reader->latest ? reader->queued - 1 : 0;
        struct frame frame = reader->queue[which];
        for (int i = 0; i < which; i++) { /* skipped */
            unuse(stream, reader->queue[i].slot);
        }
        reader->queued -= which + 1;
        memmove(reader->queue, reader->queue + which + 1, (size_t)reader->queued * sizeof frame);
        reader->credit--;
        reader->holds[frame.slot] = 1;
        tell(reader->fd, PW_FRAME, frame.slot, 0, frame.number, frame.time, frame.length);
    }
    if (stream->finished && reader->queued == 0) {
        tell(reader->fd, PW_ENDED, stream->finished == 1 ? 0 : PW_PRODUCER_LOST, 0, stream->number, 0, 0);
    }
    if (stream->drain_asked && drained(stream)) {
        stream->drain_asked = 0;
        tell(stream->writer_fd, PW_DRAINED, 0, stream->drain_id, 0, 0, 0);
    }
}

static void queue(struct fake_stream *stream, struct reader *reader, struct frame frame) {
    stream->slot[frame.slot].used++;
    if (reader->latest && reader->queued > 0) { /* only the newest one is of use */
        unuse(stream, reader->queue[--reader->queued].slot);
    }
    reader->queue[reader->queued++] = frame;
}

static void on_filled(struct fake_stream *stream, const struct pw_message *message) {
    struct frame frame = {message->status, message->c, ++stream->number, message->b};
    struct slot *slot = &stream->slot[frame.slot];
    slot->filled = 1;
    slot->used = 1;
    slot->sum = sum_of(stream, frame.slot);
    for (int i = 0; i < MOST_READERS; i++) {
        if (stream->reader[i].fd >= 0) {
            queue(stream, &stream->reader[i], frame);
        }
    }
    if (!stream->had_reader) {
        slot->used++;
        stream->kept[stream->kept_count++] = frame;
    }
    for (int i = 0; i < MOST_READERS; i++) {
        if (stream->reader[i].fd >= 0) {
            deliver(stream, &stream->reader[i]);
        }
    }
    unuse(stream, frame.slot);
}

static void remove_reader(struct fake_stream *stream, struct reader *reader) {
    reader->fd = -1;
    for (int i = 0; i < reader->queued; i++) {
        unuse(stream, reader->queue[i].slot);
    }
    for (uint32_t i = 0; i < PW_MOST_SLOTS; i++) {
        if (reader->holds[i]) {
            unuse(stream, i);
        }
    }
}

static void on_writer(struct fake_stream *stream, const struct pw_message *message) {
    if (message->type == PW_FILLED) {
        on_filled(stream, message);
    } else if (message->type == PW_DRAIN) {
        stream->drain_asked = 1;
        stream->drain_id = message->id;
        if (drained(stream)) {
            stream->drain_asked = 0;
            tell(stream->writer_fd, PW_DRAINED, 0, message->id, 0, 0, 0);
        }
    } else if (message->type == PW_FINISH) {
        stream->finished = 1;
        for (int i = 0; i < MOST_READERS; i++) {
            if (stream->reader[i].fd >= 0) {
                deliver(stream, &stream->reader[i]);
            }
        }
    }
}

static void on_reader(struct fake_stream *stream, struct reader *reader, const struct pw_message *message) {
    if (message->type == PW_NEXT) {
        reader->credit = 1;
        deliver(stream, reader);
    } else if (message->type == PW_CANCEL) {
        reader->credit = 0;
        tell(reader->fd, PW_CANCELLED, 0, message->id, 0, 0, 0);
    } else if (message->type == PW_RELEASE && message->status < PW_MOST_SLOTS && reader->holds[message->status]) {
        reader->holds[message->status] = 0;
        unuse(stream, message->status);
    }
}

/* ---- sockets ---- */

static int hello(void *context, uint64_t token) {
    const struct fake_stream *stream = context;
    return !stream->options.lie_refuse && token >= WRITER_TOKEN;
}

static void open_writer(struct fake_stream *stream, int fd) {
    stream->writer_fd = fd;
    for (uint32_t i = 0; i < stream->options.frames && !stream->options.gives_nothing; i++) {
        tell(fd, PW_EMPTY, i, 0, 0, 0, 0);
    }
}

static void open_reader(struct fake_stream *stream, int fd, uint64_t token) {
    int i = 0;
    while (i < MOST_READERS - 1 && stream->reader[i].fd >= 0) {
        i++;
    }
    struct reader *reader = &stream->reader[i];
    memset(reader, 0, sizeof *reader);
    reader->fd = fd;
    reader->latest = token == stream->latest_token;
    stream->newest_reader = i;
    for (int k = 0; k < stream->kept_count; k++) {
        queue(stream, reader, stream->kept[k]);
        unuse(stream, stream->kept[k].slot);
    }
    stream->kept_count = 0;
    stream->had_reader = 1;
    if (!stream->options.manual) {
        deliver(stream, reader);
    }
}

static void opened(void *context, int fd, uint64_t token) {
    struct fake_stream *stream = context;
    pthread_mutex_lock(&stream->lock);
    if (token == WRITER_TOKEN) {
        open_writer(stream, fd);
    } else {
        open_reader(stream, fd, token);
    }
    pthread_cond_broadcast(&stream->heard);
    pthread_mutex_unlock(&stream->lock);
}

static struct reader *reader_at(struct fake_stream *stream, int fd) {
    for (int i = 0; i < MOST_READERS; i++) {
        if (stream->reader[i].fd == fd) {
            return &stream->reader[i];
        }
    }
    return NULL;
}

static void message(void *context, int fd, const struct pw_message *message) {
    struct fake_stream *stream = context;
    pthread_mutex_lock(&stream->lock);
    stream->counts[message->type]++;
    stream->newest[message->type] = *message;
    struct reader *reader = reader_at(stream, fd);
    if (!stream->options.manual && fd == stream->writer_fd) {
        on_writer(stream, message);
    } else if (!stream->options.manual && reader != NULL) {
        on_reader(stream, reader, message);
    }
    pthread_cond_broadcast(&stream->heard);
    pthread_mutex_unlock(&stream->lock);
}

static void closed(void *context, int fd) {
    struct fake_stream *stream = context;
    pthread_mutex_lock(&stream->lock);
    struct reader *reader = reader_at(stream, fd);
    if (reader != NULL) {
        remove_reader(stream, reader);
    } else if (fd == stream->writer_fd) {
        stream->writer_fd = -1;
        stream->there = stream->options.reader_only;
        if (!stream->finished && !stream->options.manual && !stream->killed) {
            stream->finished = 2;
            for (int i = 0; i < MOST_READERS; i++) {
                if (stream->reader[i].fd >= 0) {
                    deliver(stream, &stream->reader[i]);
                }
            }
        }
    }
    pthread_cond_broadcast(&stream->heard);
    pthread_mutex_unlock(&stream->lock);
}

/* ---- control ---- */

static void answer_opening(struct fake_stream *stream, int fd, const struct pw_message *request) {
    const struct fake_stream_options *o = &stream->options;
    int writer = request->type == PW_PUBLISH_FRAMES;
    int latest = !writer && (request->c >> 8 & PW_STREAM_LATEST) != 0;
    pthread_mutex_lock(&stream->lock);
    uint64_t token = writer ? WRITER_TOKEN : WRITER_TOKEN + ++stream->tokens;
    stream->latest_token = latest ? token : stream->latest_token;
    if (writer) {
        stream->there = 1;
        stream->finished = 0;
        stream->had_reader = 0;
        memset(stream->slot, 0, sizeof stream->slot);
    }
    pthread_mutex_unlock(&stream->lock);
    struct pw_stream_reply reply = {
        .token = token,
        .stream_id = 11,
        .base = o->base,
        .span = stream->span,
        .frame_size = o->frame_size,
        .session = 1,
        .stride = stream->stride,
        .frames = o->frames,
        .slots = o->slots,
        .drop_ms = 5000,
        .flags = PW_STREAM_FLAG_HOME | (latest ? PW_STREAM_FLAG_LATEST : 0),
    };
    if (o->lie != NULL) {
        o->lie(&reply);
    }
    fake_answer_payload(fd, request, &reply, sizeof reply);
    int frames = fake_reopened(stream->fd, writer && !o->lie_read_only ? O_RDWR : O_RDONLY);
    if (o->lie_small_file) {
        close(frames);
        frames = memfd_create("small", MFD_CLOEXEC);
    }
    fake_send_fd(fd, o->lie_no_fd ? -1 : frames);
    close(frames);
}

static int control(struct fake *fake, int fd, const struct pw_message *request, const char *payload) {
    (void)fake;
    struct fake_stream *stream = current;
    char text[600];
    pthread_mutex_lock(&stream->lock);
    stream->counts[request->type]++;
    stream->newest[request->type] = *request;
    pthread_cond_broadcast(&stream->heard);
    pthread_mutex_unlock(&stream->lock);
    switch (request->type) {
    case PW_PUBLISH_FRAMES:
        if (stream->there) {
            fake_answer(fd, request, PW_ST_BUSY, 0, 0, 0, "its producer is this process");
        } else {
            answer_opening(stream, fd, request);
        }
        break;
    case PW_SUBSCRIBE_FRAMES:
        if (!stream->there || strcmp(payload, FAKE_STREAM) != 0) {
            fake_answer(fd, request, PW_ST_UNKNOWN_REGION, 0, 0, 0, "there is no such stream");
        } else {
            answer_opening(stream, fd, request);
        }
        break;
    case PW_QUERY:
        snprintf(text, sizeof text, "{\"asked\":\"%s\",\"text\":\"%s\"}", payload, stream->options.why);
        if (stream->options.why == NULL) {
            fake_answer(fd, request, PW_ST_INVALID_ARGUMENT, 0, 0, 0, "no");
        } else {
            fake_answer(fd, request, PW_ST_OK, 0, 0, 0, text);
        }
        break;
    default:
        return 0;
    }
    return 1;
}

/* ---- for tests ---- */

struct fake_stream *fake_stream_start(const struct fake_stream_options *given) {
    struct fake_stream *stream = calloc(1, sizeof *stream);
    struct fake_stream_options *o = &stream->options;
    *o = given != NULL ? *given : (struct fake_stream_options){0};
    o->base = o->base != 0 ? o->base : FAKE_STREAM_BASE;
    o->frame_size = o->frame_size != 0 ? o->frame_size : FAKE_STREAM_SIZE;
    o->frames = o->frames != 0 ? o->frames : 4;
    o->slots = o->slots != 0 ? o->slots : 10;
    o->manual = o->manual || o->reader_only;
    stream->there = o->reader_only;
    stream->span = (o->frame_size + 4095) / 4096 * 4096;
    stream->stride = stream->span;
    stream->fd = memfd_create("pagewire-stream", MFD_CLOEXEC);
    stream->writer_fd = -1;
    for (int i = 0; i < MOST_READERS; i++) {
        stream->reader[i].fd = -1;
    }
    if (stream->fd < 0 || ftruncate(stream->fd, (off_t)(stream->stride * o->slots)) != 0) {
        perror("fake stream");
        exit(1);
    }
    stream->memory = mmap(NULL, stream->stride * o->slots, PROT_READ | PROT_WRITE, MAP_SHARED, stream->fd, 0);
    if (stream->memory == MAP_FAILED) {
        perror("fake stream");
        exit(1);
    }
    pthread_mutex_init(&stream->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&stream->heard, &monotonic);
    stream->side = (struct fake_stream_side){stream, hello, opened, message, closed};
    current = stream;
    struct fake_options options = {.control = control, .streams = &stream->side, .socket = o->socket};
    stream->dsmd = fake_start(&options);
    return stream;
}

void fake_stream_kill(struct fake_stream *stream) {
    pthread_mutex_lock(&stream->lock);
    int first = !stream->killed;
    stream->killed = 1; /* sockets close one by one, and nobody may be told of that */
    pthread_mutex_unlock(&stream->lock);
    if (first) {
        fake_stop(stream->dsmd, 0);
    }
}

void fake_stream_stop(struct fake_stream *stream) {
    fake_stream_kill(stream);
    munmap(stream->memory, stream->stride * stream->options.slots);
    close(stream->fd);
    pthread_mutex_destroy(&stream->lock);
    pthread_cond_destroy(&stream->heard);
    free(stream);
}

struct fake *fake_stream_dsmd(struct fake_stream *stream) {
    return stream->dsmd;
}

uint64_t fake_stream_count(struct fake_stream *stream, int type) {
    pthread_mutex_lock(&stream->lock);
    uint64_t count = stream->counts[type];
    pthread_mutex_unlock(&stream->lock);
    return count;
}

struct pw_message fake_stream_newest(struct fake_stream *stream, int type) {
    pthread_mutex_lock(&stream->lock);
    struct pw_message newest = stream->newest[type];
    pthread_mutex_unlock(&stream->lock);
    return newest;
}

int fake_stream_await(struct fake_stream *stream, int type, uint64_t count, int ms) {
    struct timespec until = pw_timespec(pw_deadline_in_ms((uint64_t)ms));
    int rc = 0;
    pthread_mutex_lock(&stream->lock);
    while (rc == 0 && stream->counts[type] < count) {
        rc = pthread_cond_timedwait(&stream->heard, &stream->lock, &until);
    }
    rc = stream->counts[type] >= count ? 0 : -1;
    pthread_mutex_unlock(&stream->lock);
    return rc;
}

void fake_stream_tell_bytes(struct fake_stream *stream, int writer, const void *bytes, size_t length) {
    pthread_mutex_lock(&stream->lock);
    struct timespec until = pw_timespec(pw_deadline_in_ms(5000));
    int *fd = writer ? &stream->writer_fd : &stream->reader[stream->newest_reader].fd;
    while (*fd < 0 && pthread_cond_timedwait(&stream->heard, &stream->lock, &until) == 0) {
    }
    fake_raw(*fd, bytes, length);
    pthread_mutex_unlock(&stream->lock);
}

void fake_stream_tell(struct fake_stream *stream, int writer, const struct pw_message *message) {
    fake_stream_tell_bytes(stream, writer, message, sizeof *message);
}

void fake_stream_empty(struct fake_stream *stream, uint32_t slot) {
    struct pw_message message = {.version = PW_PROTOCOL_VERSION, .type = PW_EMPTY, .status = (uint16_t)slot};
    fake_stream_tell(stream, 1, &message);
}

void fake_stream_frame(struct fake_stream *stream, uint32_t slot, uint64_t number, uint32_t length) {
    struct pw_message message = {
        .version = PW_PROTOCOL_VERSION,
        .type = PW_FRAME,
        .status = (uint16_t)slot,
        .a = number,
        .b = number * 1000,
        .c = length,
    };
    fake_stream_tell(stream, 0, &message);
}

void fake_stream_end(struct fake_stream *stream, int writer, int cause) {
    struct pw_message message = {.version = PW_PROTOCOL_VERSION, .type = PW_ENDED, .status = (uint16_t)cause};
    fake_stream_tell(stream, writer, &message);
}

int fake_stream_readers(struct fake_stream *stream) {
    int count = 0;
    pthread_mutex_lock(&stream->lock);
    for (int i = 0; i < MOST_READERS; i++) {
        count += stream->reader[i].fd >= 0;
    }
    pthread_mutex_unlock(&stream->lock);
    return count;
}

int fake_stream_has_writer(struct fake_stream *stream) {
    pthread_mutex_lock(&stream->lock);
    int has = stream->writer_fd >= 0;
    pthread_mutex_unlock(&stream->lock);
    return has;
}

uint64_t fake_stream_torn(struct fake_stream *stream) {
    pthread_mutex_lock(&stream->lock);
    uint64_t torn = stream->torn;
    pthread_mutex_unlock(&stream->lock);
    return torn;
}
