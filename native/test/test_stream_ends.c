/* How a stream ends: in order, for a reason, with dsmd, or by bytes that make no sense. What has come is given out first. */
#include "stream_check.h"

static const struct {
    int cause, reader, writer;
} ends[] = {
    {0, 0, -EPROTO}, /* a writer ends its stream itself */
    {PW_PRODUCER_LOST, -EPIPE, -EPIPE},
    {PW_OWNER_LOST, -EHOSTDOWN, -EPIPE},
    {PW_TOO_SLOW, -ENOBUFS, -EPIPE},
    {PW_DAEMON_LOST, -ECONNRESET, -ECONNRESET},
    {PW_FENCED, -EIO, -EPIPE},
};

static void should_tell_a_consumer_how_the_stream_ended(const char *why) {
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.reader_only = 1, .why = why});
        struct pw_client *client = check_client(stream);
        struct pw_reader *reader = check_subscribe(client, i % 2 ? PW_STREAM_LATEST : 0);
        struct pw_frame frame;
        fake_stream_slot(stream, 3)[0] = 'l';
        fake_stream_frame(stream, 2, 1, 1);
        fake_stream_frame(stream, 3, 2, 1);
        fake_stream_end(stream, 0, ends[i].cause);
        CHECK(pw_next(reader, &frame, -1) == 1 && frame.number == 1);
        CHECK(pw_next(reader, &frame, -1) == 1 && frame.number == 2);
        for (int again = 0; again < 3; again++) {
            CHECK(pw_next(reader, &frame, -1) == ends[i].reader);
            CHECK(ends[i].cause == 0
                  || strstr(pw_error(), why != NULL ? why : pw_cause_text(ends[i].cause)) != NULL);
            CHECK(ends[i].cause == 0 || strstr(pw_error(), FAKE_STREAM) != NULL);
            CHECK(why != NULL || ends[i].cause != PW_DAEMON_LOST || strstr(pw_error(), "open the stream again") != NULL);
        }
        if (why != NULL && ends[i].cause != 0) { /* asked for once, and remembered */
            CHECK(fake_stream_count(stream, PW_QUERY) == 1);
        }
        CHECK(*(const volatile char *)pw_reader_window(reader) == 'l'); /* stays until it is closed */
        pw_reader_close(reader);
        pw_disconnect(client);
        fake_stream_stop(stream);
    }
}

static void should_tell_a_producer_that_the_stream_is_over(void) {
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.manual = 1, .why = "fenced off"});
        struct pw_client *client = check_client(stream);
        struct pw_writer *writer = check_publish(client);
        CHECK(pw_swap(writer, 1, -1) == 0);
        fake_stream_end(stream, 1, ends[i].cause);
        CHECK(pw_swap(writer, 1, 0) == ends[i].writer && strstr(pw_error(), FAKE_STREAM) != NULL);
        CHECK(ends[i].cause == 0 || strstr(pw_error(), "fenced off") != NULL);
        CHECK(pw_swap(writer, 1, -1) == ends[i].writer && pw_drain(writer, -1) == ends[i].writer);
        memset(pw_writer_window(writer), 'x', FAKE_STREAM_SIZE);
        pw_writer_close(writer);
        pw_disconnect(client);
        fake_stream_stop(stream);
    }
}

static void should_fail_when_its_producer_abandons_it(void) {
    struct fake_stream *stream = fake_stream_start(NULL);
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer = check_publish(client);
    struct pw_reader *reader = check_subscribe(client, 0);
    struct pw_frame frame;
    CHECK(pw_swap(writer, 1, -1) == 0 && fake_stream_await(stream, PW_FILLED, 1, 5000) == 0);
    pw_writer_abandon(writer);
    pw_writer_abandon(NULL);
    CHECK(pw_next(reader, &frame, -1) == 1 && pw_next(reader, &frame, -1) == -EPIPE);
    pw_reader_close(reader);
    pw_disconnect(client);
    fake_stream_stop(stream);
    CHECK(check_mappings("pagewire-stream") == 0);
}

static void should_end_with_its_producer(int finishes) {
    struct fake_stream *stream = fake_stream_start(NULL);
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer = check_publish(client);
    struct pw_reader *reader = check_subscribe(client, 0);
    struct pw_frame frame;
    CHECK(pw_swap(writer, 1, -1) == 0 && fake_stream_await(stream, PW_FILLED, 1, 5000) == 0);
    if (finishes) {
        pw_writer_close(writer);
        CHECK(pw_next(reader, &frame, -1) == 1 && pw_next(reader, &frame, -1) == 0);
    } else {
        fake_stream_kill(stream);
        CHECK(pw_next(reader, &frame, -1) == 1);
        CHECK(pw_next(reader, &frame, -1) == -ECONNRESET && strstr(pw_error(), FAKE_STREAM) != NULL);
        CHECK(pw_swap(writer, 1, -1) == -ECONNRESET && pw_drain(writer, -1) == -ECONNRESET);
        CHECK(pw_swap(writer, 1, 0) == -ECONNRESET);
        pw_writer_close(writer);
    }
    pw_reader_close(reader);
    pw_disconnect(client);
    fake_stream_stop(stream);
    CHECK(check_mappings("pagewire-stream") == 0);
}

/* ---- nonsense ---- */

static const struct pw_message bad_for_reader[] = {
    {.version = 9, .type = PW_FRAME, .status = 1, .a = 5},
    {.version = 1, .type = PW_FRAME, .status = 1, .a = 5, .length = 8},
    {.version = 1, .type = PW_FRAME, .status = 10, .a = 5},           /* no such slot */
    {.version = 1, .type = PW_FRAME, .status = 65535, .a = 5},
    {.version = 1, .type = PW_FRAME, .status = 1, .a = 0},
    {.version = 1, .type = PW_FRAME, .status = 1, .a = 2},            /* has come */
    {.version = 1, .type = PW_FRAME, .status = 1, .a = 1},            /* out of order */
    {.version = 1, .type = PW_FRAME, .status = 2, .a = 5},            /* slot in the window */
    {.version = 1, .type = PW_FRAME, .status = 3, .a = 5},            /* slot in the queue */
    {.version = 1, .type = PW_FRAME, .status = 1, .a = 5, .c = FAKE_STREAM_SIZE + 1},
    {.version = 1, .type = PW_EMPTY, .status = 1},
    {.version = 1, .type = PW_DRAINED},
    {.version = 1, .type = PW_CANCELLED, .id = 1},
    {.version = 1, .type = PW_CANCELLED},
    {.version = 1, .type = PW_GRANT},
    {.version = 0x67, .type = 0x61},
};

static const struct pw_message bad_for_writer[] = {
    {.version = 9, .type = PW_EMPTY, .status = 5},
    {.version = 1, .type = PW_EMPTY, .status = 10},
    {.version = 1, .type = PW_EMPTY, .status = 0},  /* given already */
    {.version = 1, .type = PW_EMPTY, .status = 3},  /* in the window */
    {.version = 1, .type = PW_EMPTY, .status = 5, .length = 1},
    {.version = 1, .type = PW_FRAME, .status = 5, .a = 1},
    {.version = 1, .type = PW_CANCELLED},
    {.version = 1, .type = PW_DRAINED, .id = 7},
    {.version = 1, .type = PW_ENDED},
};

static void should_not_believe_a_message_that_makes_no_sense(void) {
    for (size_t i = 0; i < sizeof bad_for_reader / sizeof bad_for_reader[0]; i++) {
        struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.reader_only = 1});
        struct pw_client *client = check_client(stream);
        struct pw_reader *reader = check_subscribe(client, 0);
        struct pw_frame frame;
        fake_stream_frame(stream, 2, 1, 1);
        CHECK(pw_next(reader, &frame, -1) == 1);
        fake_stream_frame(stream, 3, 2, 1);
        fake_stream_tell(stream, 0, &bad_for_reader[i]);
        CHECK(pw_next(reader, &frame, -1) == 1 && frame.number == 2);
        CHECK(pw_next(reader, &frame, -1) == -EPROTO && pw_next(reader, &frame, 0) == -EPROTO);
        check_sleep_ms(10);
        CHECK(fake_stream_readers(stream) == 1); /* its frame may not be filled anew yet */
        pw_reader_close(reader);
        for (int k = 0; fake_stream_readers(stream) > 0 && k < 1000; k++) {
            check_sleep_ms(1);
        }
        CHECK(fake_stream_readers(stream) == 0);
        pw_disconnect(client);
        fake_stream_stop(stream);
    }
    for (size_t i = 0; i < sizeof bad_for_writer / sizeof bad_for_writer[0]; i++) {
        struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.manual = 1});
        struct pw_client *client = check_client(stream);
        struct pw_writer *writer = check_publish(client);
        fake_stream_tell(stream, 1, &bad_for_writer[i]);
        CHECK(pw_drain(writer, -1) == -EPROTO && pw_swap(writer, 1, 0) == -EPROTO);
        pw_writer_close(writer);
        pw_disconnect(client);
        fake_stream_stop(stream);
    }
}

static void should_put_messages_together_that_come_in_pieces(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.reader_only = 1});
    struct pw_client *client = check_client(stream);
    struct pw_reader *reader = check_subscribe(client, 0);
    struct pw_frame frame;
    struct pw_message both[40];
    for (uint32_t i = 0; i < 9; i++) {
        both[i] = (struct pw_message){.version = 1, .type = PW_FRAME, .status = (uint16_t)i, .a = i + 1, .c = i};
    }
    fake_stream_tell_bytes(stream, 0, both, 13);
    CHECK(pw_next(reader, &frame, 20) == -ETIMEDOUT); /* what has come of it is kept */
    fake_stream_tell_bytes(stream, 0, (char *)both + 13, 20);
    CHECK(pw_next(reader, &frame, -1) == 1 && frame.number == 1);
    fake_stream_tell_bytes(stream, 0, (char *)both + 33, 9 * sizeof both[0] - 33);
    for (uint64_t i = 2; i <= 9; i++) {
        CHECK(pw_next(reader, &frame, -1) == 1 && frame.number == i && frame.length == i - 1);
    }
    pw_reader_close(reader);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void odd_base(struct pw_stream_reply *reply) { reply->base += 17; }
static void low_base(struct pw_stream_reply *reply) { reply->base = 4096; }
static void parked_base(struct pw_stream_reply *reply) { reply->base = 0x650000000000ull; }
static void high_base(struct pw_stream_reply *reply) { reply->base = 1ull << 47; }
static void long_span(struct pw_stream_reply *reply) { reply->span += 4096; }
static void short_stride(struct pw_stream_reply *reply) { reply->stride -= 4096; }
static void huge_stride(struct pw_stream_reply *reply) { reply->stride = 1ull << 60; }
static void one_frame(struct pw_stream_reply *reply) { reply->frames = 1; }
static void many_slots(struct pw_stream_reply *reply) { reply->slots = 81; }
static void more_slots(struct pw_stream_reply *reply) { reply->slots = 20; } /* than the memory has */
static void few_slots(struct pw_stream_reply *reply) { reply->slots = 3; }
static void odd_flags(struct pw_stream_reply *reply) { reply->flags |= 4; }
static void other_kind(struct pw_stream_reply *reply) { reply->flags ^= PW_STREAM_FLAG_LATEST; }
static void other_size(struct pw_stream_reply *reply) { reply->frame_size = 0; }

static void should_refuse(const struct fake_stream_options *options, int rc) {
    struct fake_stream *stream = fake_stream_start(options);
    struct pw_client *client = check_client(stream);
    struct pw_stream_options asked = {.frame_size = FAKE_STREAM_SIZE};
    struct pw_writer *writer;
    struct pw_reader *reader;
    if (options->reader_only) {
        CHECK(pw_subscribe_frames(client, FAKE_STREAM, &asked, &reader) == rc);
    } else {
        CHECK(pw_publish_frames(client, FAKE_STREAM, &asked, &writer) == rc);
    }
    CHECK(strstr(pw_error(), FAKE_STREAM) != NULL || rc != -EPROTO || options->lie_no_fd);
    CHECK(check_mappings("pagewire-stream") == 1); /* the fake daemon's */
    for (int i = 0; (fake_stream_has_writer(stream) || fake_stream_readers(stream) > 0) && i < 1000; i++) {
        check_sleep_ms(5);
    }
    CHECK(!fake_stream_has_writer(stream) && fake_stream_readers(stream) == 0);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void should_not_open_what_makes_no_sense(void) {
    static void (*const lies[])(struct pw_stream_reply *) = {
        odd_base,  low_base,   parked_base, high_base, long_span, short_stride, huge_stride,
        one_frame, many_slots, more_slots,  few_slots, odd_flags, other_kind,   other_size,
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        should_refuse(&(struct fake_stream_options){.lie = lies[i]}, -EPROTO);
        should_refuse(&(struct fake_stream_options){.lie = lies[i], .reader_only = 1}, -EPROTO);
    }
    for (int reader = 0; reader <= 1; reader++) {
        should_refuse(&(struct fake_stream_options){.lie_no_fd = 1, .reader_only = reader}, -EPROTO);
        should_refuse(&(struct fake_stream_options){.lie_small_file = 1, .reader_only = reader}, -EPROTO);
        should_refuse(&(struct fake_stream_options){.lie_refuse = 1, .reader_only = reader}, -ECONNREFUSED);
    }
    should_refuse(&(struct fake_stream_options){.lie_read_only = 1}, -EPROTO);
}

static void should_not_wait_for_ever_for_the_first_frame(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.gives_nothing = 1, .manual = 1});
    struct pw_options where = {.socket = fake_socket(fake_stream_dsmd(stream)), .connect_ms = 200};
    struct pw_client *client;
    struct pw_writer *writer;
    struct pw_stream_options options = {.frame_size = FAKE_STREAM_SIZE};
    CHECK(pw_connect(&where, &client) == 0);
    uint64_t began = pw_now();
    CHECK(pw_publish_frames(client, FAKE_STREAM, &options, &writer) == -ETIMEDOUT && pw_now() - began < 2000 * PW_MS);
    CHECK(strstr(pw_error(), FAKE_STREAM) != NULL);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

int main(void) {
    should_tell_a_consumer_how_the_stream_ended("host b cannot be reached; start its dsmd");
    should_tell_a_consumer_how_the_stream_ended(NULL);
    should_tell_a_producer_that_the_stream_is_over();
    should_end_with_its_producer(1);
    should_end_with_its_producer(0);
    should_fail_when_its_producer_abandons_it();
    should_not_believe_a_message_that_makes_no_sense();
    should_put_messages_together_that_come_in_pieces();
    should_not_open_what_makes_no_sense();
    should_not_wait_for_ever_for_the_first_frame();
    return 0;
}
