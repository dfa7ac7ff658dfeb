/* Waiting for frames in both directions: deadlines, reasons, and what is said to dsmd meanwhile. */
#include "stream_check.h"

#include <pthread.h>

static const char why[] = "consumer \\\"slow\\\" of host b holds 3 frames";
static const char why_text[] = "consumer \"slow\" of host b holds 3 frames";

static int took(uint64_t began, uint64_t least, uint64_t most) {
    uint64_t ms = (pw_now() - began) / PW_MS;
    return ms >= least && ms < most;
}

static void should_say_who_holds_the_frames(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.manual = 1, .why = why});
    struct pw_client *client = check_client(stream);
    struct pw_stream_options options = {.frame_size = FAKE_STREAM_SIZE, .deadline_ms = 150};
    struct pw_writer *writer;
    CHECK(pw_publish_frames(client, FAKE_STREAM, &options, &writer) == 0);
    char *window = pw_writer_window(writer);
    for (int i = 0; i < 3; i++) {
        CHECK(pw_swap(writer, 1, -1) == 0);
    }
    strcpy(window, "not swapped");
    uint64_t began = pw_now();
    CHECK(pw_swap(writer, 1, 100) == -ETIMEDOUT && took(began, 100, 1000));
    CHECK(strstr(pw_error(), why_text) != NULL && strstr(pw_error(), "100 ms") != NULL && strstr(pw_error(), FAKE_STREAM) != NULL);
    struct pw_message asked = fake_stream_newest(stream, PW_QUERY);
    CHECK(asked.length == strlen("why 1000 2"));
    CHECK(strcmp(window, "not swapped") == 0 && fake_stream_await(stream, PW_FILLED, 3, 5000) == 0);
    CHECK(pw_drain(writer, 0) == -ETIMEDOUT && fake_stream_await(stream, PW_DRAIN, 1, 5000) == 0); /* all before that has come */
    uint64_t waits = fake_stream_count(stream, PW_WAITING);
    CHECK(waits > 0 && fake_stream_count(stream, PW_FILLED) == 3);
    began = pw_now();
    CHECK(pw_swap(writer, 1, -1) == -ETIMEDOUT && took(began, 150, 1000) && strstr(pw_error(), "150 ms") != NULL);
    began = pw_now();
    CHECK(pw_swap(writer, 1, 0) == -ETIMEDOUT && took(began, 0, 100) && *pw_error() != '\0');
    CHECK(pw_drain(writer, 0) == -ETIMEDOUT && fake_stream_await(stream, PW_DRAIN, 2, 5000) == 0);
    CHECK(fake_stream_count(stream, PW_WAITING) == waits); /* one wait, whatever the number of calls */
    fake_stream_empty(stream, 7);
    CHECK(pw_swap(writer, 1, -1) == 0 && fake_stream_await(stream, PW_FILLED, 4, 5000) == 0);
    CHECK(strcmp(fake_stream_slot(stream, fake_stream_newest(stream, PW_FILLED).status), "not swapped") == 0);
    CHECK(pw_swap(writer, 1, 0) == -ETIMEDOUT && fake_stream_await(stream, PW_WAITING, waits + 1, 5000) == 0);
    struct pw_stream_stats stats;
    pw_writer_stats(writer, &stats);
    CHECK(stats.waits >= 4 && stats.wait_ns >= 250 * PW_MS && stats.frames == 4);
    pw_writer_close(writer);
    CHECK(fake_stream_await(stream, PW_FINISH, 1, 5000) == 0);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void should_do_without_a_reason_that_dsmd_does_not_give(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.manual = 1});
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer = check_publish(client);
    for (int i = 0; i < 3; i++) {
        CHECK(pw_swap(writer, 1, -1) == 0);
    }
    CHECK(pw_swap(writer, 1, 10) == -ETIMEDOUT && strstr(pw_error(), "10 ms") != NULL);
    pw_writer_close(writer);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

struct later {
    struct fake_stream *stream;
    struct pw_message message;
};

static void *tell_later(void *argument) {
    struct later *later = argument;
    check_sleep_ms(100);
    fake_stream_tell(later->stream, later->message.type == PW_EMPTY || later->message.type == PW_DRAINED, &later->message);
    return NULL;
}

static void should_go_on_when_a_frame_is_given_in_time(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.manual = 1});
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer = check_publish(client);
    struct later later = {stream, {.version = PW_PROTOCOL_VERSION, .type = PW_EMPTY, .status = 8}};
    pthread_t thread;
    for (int i = 0; i < 3; i++) {
        CHECK(pw_swap(writer, 1, -1) == 0);
    }
    CHECK(pthread_create(&thread, NULL, tell_later, &later) == 0);
    uint64_t began = pw_now();
    CHECK(pw_swap(writer, 1, 20000) == 0 && took(began, 50, 10000));
    pthread_join(thread, NULL);
    pw_writer_close(writer);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void should_drain(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.manual = 1, .why = why});
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer = check_publish(client);
    uint64_t began = pw_now();
    CHECK(pw_drain(writer, 0) == -ETIMEDOUT && took(began, 100, 1000) && strstr(pw_error(), why_text) != NULL);
    struct later later = {stream, {.version = PW_PROTOCOL_VERSION, .type = PW_DRAINED}};
    later.message.id = fake_stream_newest(stream, PW_DRAIN).id; /* an answer to the call before is none to this one */
    fake_stream_tell(stream, 1, &later.message);
    CHECK(pw_drain(writer, 100) == -ETIMEDOUT);
    CHECK(fake_stream_await(stream, PW_DRAIN, 2, 5000) == 0);
    later.message.id = fake_stream_newest(stream, PW_DRAIN).id + 1;
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, tell_later, &later) == 0);
    began = pw_now();
    CHECK(pw_drain(writer, 20000) == 0 && took(began, 50, 10000));
    pthread_join(thread, NULL);
    pw_writer_close(writer);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

/* Consumers get on eight times, 100 ms apart; then all is there, or nothing more is heard. */
struct draining {
    struct fake_stream *stream;
    uint32_t id;
    int to_its_end;
};

static void *drain_slowly(void *argument) {
    struct draining *draining = argument;
    struct pw_message message = {.version = PW_PROTOCOL_VERSION, .type = PW_DRAINING, .id = draining->id};
    for (int i = 0; i < 8; i++) {
        check_sleep_ms(100);
        fake_stream_tell(draining->stream, 1, &message);
    }
    message.type = PW_DRAINED;
    if (draining->to_its_end) {
        fake_stream_tell(draining->stream, 1, &message);
    }
    return NULL;
}

static int drain(struct fake_stream *stream, struct pw_writer *writer, uint32_t id, int to_its_end, int timeout_ms) {
    struct draining draining = {stream, id, to_its_end};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, drain_slowly, &draining) == 0);
    int rc = pw_drain(writer, timeout_ms);
    pthread_join(thread, NULL);
    return rc;
}

static void should_drain_for_as_long_as_consumers_get_on(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.manual = 1, .why = why});
    struct pw_client *client = check_client(stream);
    struct pw_stream_options options = {.frame_size = FAKE_STREAM_SIZE, .deadline_ms = 400};
    struct pw_writer *writer;
    CHECK(pw_publish_frames(client, FAKE_STREAM, &options, &writer) == 0);
    CHECK(pw_drain(writer, 0) == -ETIMEDOUT && fake_stream_await(stream, PW_DRAIN, 1, 5000) == 0);
    uint32_t id = fake_stream_newest(stream, PW_DRAIN).id;
    CHECK(drain(stream, writer, id + 1, 1, -1) == 0);
    uint64_t began = pw_now();
    CHECK(drain(stream, writer, id + 2, 0, -1) == -ETIMEDOUT && took(began, 1000, 10000));
    CHECK(strstr(pw_error(), "none has got on within 400 ms") != NULL);
    CHECK(drain(stream, writer, id + 3, 1, 400) == -ETIMEDOUT); /* a limit of the caller's is one */
    pw_writer_close(writer);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void should_wait_for_frames_with_a_deadline(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.reader_only = 1, .why = why});
    struct pw_client *client = check_client(stream);
    struct pw_stream_options options = {.deadline_ms = 150};
    struct pw_reader *reader;
    struct pw_frame frame;
    CHECK(pw_subscribe_frames(client, FAKE_STREAM, &options, &reader) == 0);
    uint64_t began = pw_now();
    CHECK(pw_next(reader, &frame, -1) == -ETIMEDOUT && took(began, 150, 1000) && strstr(pw_error(), why_text) != NULL);
    began = pw_now();
    CHECK(pw_next(reader, &frame, 0) == -ETIMEDOUT && took(began, 0, 100));
    CHECK(fake_stream_count(stream, PW_NEXT) == 0 && fake_stream_count(stream, PW_CANCEL) == 0);
    struct later later = {stream, {.version = PW_PROTOCOL_VERSION, .type = PW_FRAME, .status = 2, .a = 9, .c = 3}};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, tell_later, &later) == 0);
    CHECK(pw_next(reader, &frame, 20000) == 1 && frame.number == 9 && frame.length == 3 && frame.skipped == 0);
    pthread_join(thread, NULL);
    struct pw_stream_stats stats;
    pw_reader_stats(reader, &stats);
    CHECK(stats.waits == 3 && stats.wait_ns >= 200 * PW_MS && stats.frames == 1 && stats.bytes == 3);
    pw_reader_close(reader);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

/* The newest frame for each call, and the NEXT is taken back when the caller does not wait for it. */
static void should_skip_to_the_newest_frame(void) {
    struct fake_stream *stream = fake_stream_start(NULL);
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer = check_publish(client);
    struct pw_reader *reader = check_subscribe(client, PW_STREAM_LATEST);
    struct pw_frame frame;
    CHECK(pw_next(reader, &frame, 0) == -ETIMEDOUT);
    CHECK(fake_stream_count(stream, PW_NEXT) == 1 && fake_stream_count(stream, PW_CANCEL) == 1);
    for (uint64_t i = 1; i <= 30; i++) {
        *(uint64_t *)pw_writer_window(writer) = i;
        CHECK(pw_swap(writer, 8, -1) == 0);
        CHECK(fake_stream_await(stream, PW_FILLED, i, 5000) == 0);
        if (i % 10 == 0) {
            CHECK(pw_next(reader, &frame, -1) == 1 && frame.number == i && frame.skipped == (i == 10 ? 0 : 9));
            CHECK(*(const uint64_t *)pw_reader_window(reader) == i);
        }
    }
    CHECK(pw_next(reader, &frame, 20) == -ETIMEDOUT && *(const uint64_t *)pw_reader_window(reader) == 30);
    struct pw_stream_stats stats;
    pw_reader_stats(reader, &stats);
    CHECK(stats.frames == 3 && stats.skipped == 18);
    CHECK(fake_stream_count(stream, PW_CANCEL) == 2);
    pw_reader_close(reader);
    pw_writer_close(writer);
    CHECK(fake_stream_torn(stream) == 0);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

struct answering {
    struct fake_stream *stream;
    int frame_first, late;
};

/* Answers the first CANCEL, maybe with a frame that was underway, maybe later than anybody waits for it. */
static void *answer_cancel(void *argument) {
    struct answering *self = argument;
    CHECK(fake_stream_await(self->stream, PW_CANCEL, 1, 5000) == 0);
    struct pw_message cancelled = {.version = PW_PROTOCOL_VERSION, .type = PW_CANCELLED};
    cancelled.id = fake_stream_newest(self->stream, PW_CANCEL).id;
    check_sleep_ms(self->late ? 1300 : 0);
    if (self->frame_first) {
        fake_stream_frame(self->stream, 3, 12, 1);
    }
    fake_stream_tell(self->stream, 0, &cancelled);
    return NULL;
}

static void should_return_a_frame_that_came_before_the_cancel(int late) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.reader_only = 1});
    struct pw_client *client = check_client(stream);
    struct pw_reader *reader = check_subscribe(client, PW_STREAM_LATEST);
    struct pw_frame frame;
    struct answering answering = {stream, 1, late};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, answer_cancel, &answering) == 0);
    if (late) {
        CHECK(pw_next(reader, &frame, 10) == -ETIMEDOUT);
    }
    CHECK(pw_next(reader, &frame, late ? 5000 : 10) == 1 && frame.number == 12);
    CHECK(fake_stream_count(stream, PW_NEXT) == 1);
    CHECK(pw_next(reader, &frame, 10) == -ETIMEDOUT && fake_stream_count(stream, PW_NEXT) == 2); /* a new one, and a new CANCEL */
    CHECK(fake_stream_count(stream, PW_CANCEL) == 2);
    pthread_join(thread, NULL);
    pw_reader_close(reader);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void should_ask_anew_when_the_cancel_is_answered_late(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.reader_only = 1});
    struct pw_client *client = check_client(stream);
    struct pw_reader *reader = check_subscribe(client, PW_STREAM_LATEST);
    struct pw_frame frame;
    struct answering answering = {stream, 0, 1};
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, answer_cancel, &answering) == 0);
    uint64_t began = pw_now();
    CHECK(pw_next(reader, &frame, 10) == -ETIMEDOUT && took(began, 1000, 1300));
    CHECK(fake_stream_count(stream, PW_NEXT) == 1);
    CHECK(pw_next(reader, &frame, 1000) == -ETIMEDOUT && fake_stream_count(stream, PW_NEXT) == 2);
    pthread_join(thread, NULL);
    pw_reader_close(reader);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

int main(void) {
    should_say_who_holds_the_frames();
    should_do_without_a_reason_that_dsmd_does_not_give();
    should_go_on_when_a_frame_is_given_in_time();
    should_drain();
    should_drain_for_as_long_as_consumers_get_on();
    should_wait_for_frames_with_a_deadline();
    should_skip_to_the_newest_frame();
    should_return_a_frame_that_came_before_the_cancel(0);
    should_return_a_frame_that_came_before_the_cancel(1);
    should_ask_anew_when_the_cancel_is_answered_late();
    return 0;
}
