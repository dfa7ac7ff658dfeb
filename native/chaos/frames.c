/*
 * The stream of frames (records.h): a producer that opens it again and again, and consumers that demand every frame whole, in order,
 * once, and of a lossless subscription every one, up to the end that the producer has made or an error that says otherwise.
 */
#include "records.h"

#include <pagewire/pagewire.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FRAMES 3
#define DROP_MS 2000
#define WAIT_MS 500
#define PAUSE_NS 4000000
#define PAUSE_AFTER_FAILURE_NS 50000000
#define LONG_PAUSE_NS 30000000

static struct pw_client *client;

static uint64_t mix(uint64_t x) {
    x = (x ^ (x >> 31)) * 0x9e3779b97f4a7c15u;
    return x ^ (x >> 29);
}

/* Word 0 is the life, word 1 the number, all others follow from both. */
static uint64_t word_of(uint64_t life, uint64_t number, uint64_t index) {
    return index == 0 ? life : index == 1 ? number : mix((life << 40 ^ number) * 0x100000001b3u + index);
}

static uint64_t length_of(uint64_t life, uint64_t number) {
    return number % 3 == 0 ? FRAME_SIZE : 16 + mix(life ^ number << 20) % (FRAME_SIZE / 8 - 1) * 8;
}

static void begin(struct cell *cell) { __atomic_store_n(&cell->since_ns, now_ns(), __ATOMIC_RELAXED); }

static void end_of_attempt(struct cell *cell) { __atomic_store_n(&cell->since_ns, 0, __ATOMIC_RELAXED); }

static int failed(struct cell *cell) {
    complain(pw_error());
    cell->failures++;
    pw_disconnect(client); /* dsmd may be another one by now */
    client = NULL;
    pause_for(PAUSE_AFTER_FAILURE_NS);
    return -1;
}

static int connected(struct cell *cell) {
    if (client == NULL && pw_connect(NULL, &client) < 0) {
        client = NULL;
        complain(pw_error());
        cell->failures++;
        pause_for(PAUSE_AFTER_FAILURE_NS);
        return 0;
    }
    return 1;
}

/* ---- the producer ---- */

static void fill(uint64_t *window, uint64_t life, uint64_t number) {
    for (uint64_t i = 0; i < length_of(life, number) / 8; i++) {
        window[i] = word_of(life, number, i);
    }
}

/* One swap, tried until there is a frame for it: a consumer that is stopped holds it up until it is dropped. */
static int swap(struct pw_writer *writer, struct cell *cell, uint64_t length, const volatile int *end) {
    int rc;
    do {
        begin(cell);
        rc = pw_swap(writer, length, WAIT_MS);
        end_of_attempt(cell);
    } while (rc == -ETIMEDOUT && !*end);
    return rc;
}

/* One life of so many frames; 0 when it was finished or we were told to end. */
static int live(struct pw_writer *writer, struct clock *clock, struct cell *cell, uint64_t frames, const volatile int *end) {
    struct streaming *told = &clock->streaming;
    __atomic_store_n(&told->begun, 0, __ATOMIC_SEQ_CST);
    uint64_t life = __atomic_add_fetch(&told->life, 1, __ATOMIC_SEQ_CST);
    uint64_t number = 0;
    while (number < frames && !*end) {
        uint64_t completed = __atomic_load_n(&clock->completed, __ATOMIC_ACQUIRE);
        fill(pw_writer_window(writer), life, number + 1);
        __atomic_store_n(&told->begun, number + 1, __ATOMIC_SEQ_CST);
        int rc = swap(writer, cell, length_of(life, number + 1), end);
        if (rc == -ETIMEDOUT) {
            break; /* told to end while it waited */
        }
        if (rc != 0) {
            return -1;
        }
        number++;
        cell->reads++;
        cell->newest = completed; /* for the driver: this program works since then */
        __atomic_add_fetch(&told->sent, 1, __ATOMIC_RELAXED);
        pause_for(PAUSE_NS);
    }
    struct finished *finished = &clock->finished[life % LIVES];
    __atomic_store_n(&finished->frames, number, __ATOMIC_RELAXED);
    __atomic_store_n(&finished->life, life, __ATOMIC_SEQ_CST);
    return 0;
}

int send_frames(const char *name, struct clock *clock, struct cell *cell, const volatile int *end) {
    struct pw_stream_options options = {.frame_size = FRAME_SIZE, .frames = FRAMES, .drop_ms = DROP_MS};
    while (!*end) {
        struct pw_writer *writer = NULL;
        if (!connected(cell)) {
            continue;
        }
        if (pw_publish_frames(client, name, &options, &writer) != 0) {
            failed(cell);
            continue;
        }
        int rc = live(writer, clock, cell, 100 + mix(now_ns()) % 900, end);
        if (rc != 0) {
            complain(pw_error());
        }
        pw_writer_close(writer);
        if (rc != 0) {
            failed(cell);
        }
    }
    pw_disconnect(client);
    return 0;
}

/* ---- consumers ---- */

/* What one subscription has seen. */
struct seen {
    uint64_t life;
    uint64_t number;
};

static int whole(const uint64_t *window, uint64_t life, uint64_t number, uint64_t length) {
    for (uint64_t i = 0; i < length / 8; i++) {
        if (window[i] != word_of(life, number, i)) {
            return 0;
        }
    }
    return 1;
}

/* Whether so high a number may have been swapped; a life that is over by now cannot be told. */
static int known(struct clock *clock, uint64_t life, uint64_t number) {
    uint64_t before = __atomic_load_n(&clock->streaming.life, __ATOMIC_SEQ_CST);
    uint64_t begun = __atomic_load_n(&clock->streaming.begun, __ATOMIC_SEQ_CST);
    uint64_t after = __atomic_load_n(&clock->streaming.life, __ATOMIC_SEQ_CST);
    return life <= before && (life != before || before != after || number <= begun);
}

/* What is wrong with the frame in the window, or NULL. */
static const char *fault(struct clock *clock, const uint64_t *window, const struct pw_frame *frame, const struct seen *seen,
                         int newest) {
    if (frame->length < 16 || window[1] != frame->number) {
        return "frame-other";
    }
    if (frame->length != length_of(window[0], frame->number) || !whole(window, window[0], frame->number, frame->length)) {
        return "frame-torn";
    }
    if (!known(clock, window[0], frame->number)) {
        return "frame-invented";
    }
    if (seen->life == 0) {
        return NULL;
    }
    if (window[0] != seen->life) {
        return "frame-of-other-life";
    }
    if (frame->number <= seen->number) {
        return "frame-again";
    }
    if (frame->skipped != frame->number - seen->number - 1) {
        return "frame-miscounted";
    }
    return !newest && frame->skipped != 0 ? "frame-missing" : NULL;
}

static void at_end(struct clock *clock, struct cell *cell, const struct seen *seen, int newest) {
    __atomic_add_fetch(&clock->streaming.ends, 1, __ATOMIC_RELAXED);
    if (seen->life == 0) {
        return;
    }
    const struct finished *finished = &clock->finished[seen->life % LIVES];
    if (__atomic_load_n(&finished->life, __ATOMIC_SEQ_CST) != seen->life) {
        report(cell, (uint32_t)seen->life, seen->number, 0, "frame-end-of-unfinished", 0);
    } else if (!newest && finished->frames != seen->number) {
        report(cell, (uint32_t)seen->life, seen->number, finished->frames, "frame-missing-at-end", 0);
    }
}

static void at_loss(struct streaming *told, int rc) {
    __atomic_add_fetch(rc == -ENOBUFS ? &told->drops : &told->losses, 1, __ATOMIC_RELAXED);
}

/* One subscription, until it ends by itself or we are told to end; 0 when the client is still good. */
static int subscription(struct pw_reader *reader, struct clock *clock, struct cell *cell, int newest, const volatile int *end) {
    const uint64_t *window = pw_reader_window(reader);
    struct seen seen = {0};
    struct pw_frame frame;
    uint64_t random = now_ns() | 1;
    while (!*end) {
        uint64_t completed = __atomic_load_n(&clock->completed, __ATOMIC_ACQUIRE);
        begin(cell);
        int rc = pw_next(reader, &frame, WAIT_MS);
        end_of_attempt(cell);
        if (rc == -ETIMEDOUT) {
            continue;
        }
        if (rc == 0) {
            at_end(clock, cell, &seen, newest);
            return 0;
        }
        if (rc < 0) {
            complain(pw_error());
            at_loss(&clock->streaming, rc);
            if (seen.life != 0 && !whole(window, seen.life, seen.number, length_of(seen.life, seen.number))) {
                report(cell, (uint32_t)seen.life, seen.number, seen.number, "frame-torn-later", 0);
            }
            return rc == -ENOBUFS || rc == -EPIPE ? 0 : -1;
        }
        random = random * 6364136223846793005u + 1442695040888963407u;
        const char *why = fault(clock, window, &frame, &seen, newest);
        if (why == NULL && random >> 60 == 0) {
            pause_for(LONG_PAUSE_NS); /* a frame stays as it is for as long as it is looked at */
            why = whole(window, window[0], frame.number, frame.length) ? NULL : "frame-torn-later";
        }
        if (why != NULL) {
            report(cell, (uint32_t)window[0], frame.number, seen.number + 1, why, 0);
        }
        seen = (struct seen){.life = window[0], .number = frame.number};
        cell->reads++;
        cell->newest = completed;
        __atomic_add_fetch(&clock->streaming.seen, 1, __ATOMIC_RELAXED);
        __atomic_add_fetch(&clock->streaming.skipped, frame.skipped, __ATOMIC_RELAXED);
    }
    return 0;
}

int take_frames(const char *name, struct clock *clock, struct cell *cell, int newest, const volatile int *end) {
    struct pw_stream_options options = {.frames = FRAMES, .flags = newest ? PW_STREAM_LATEST : 0, .wait_ms = WAIT_MS};
    while (!*end) {
        struct pw_reader *reader = NULL;
        if (!connected(cell)) {
            continue;
        }
        if (pw_subscribe_frames(client, name, &options, &reader) != 0) {
            failed(cell);
            continue;
        }
        int rc = subscription(reader, clock, cell, newest, end);
        pw_reader_close(reader);
        if (rc != 0) {
            failed(cell);
        }
    }
    pw_disconnect(client);
    return 0;
}
