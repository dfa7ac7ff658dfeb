/* Publishing, subscribing, frame after frame at one address, the end; and what is refused. */
#include "stream_check.h"

#include <pthread.h>

#define WORDS (FAKE_STREAM_SIZE / 8)

static void fill(uint64_t *words, uint64_t number) {
    uint64_t sum = number;
    words[0] = number;
    for (uint64_t i = 1; i < WORDS - 1; i++) {
        words[i] = number * 0x9E3779B97F4A7C15ull + i;
        sum ^= words[i];
    }
    words[WORDS - 1] = sum;
}

static int whole(const uint64_t *words, uint64_t number) {
    uint64_t sum = words[0];
    for (uint64_t i = 1; i < WORDS - 1; i++) {
        sum ^= words[i];
    }
    return words[0] == number && sum == words[WORDS - 1];
}

static void should_show_frames_of_the_daemon_at_one_address(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.reader_only = 1});
    struct pw_client *client = check_client(stream);
    struct pw_reader *reader = check_subscribe(client, 0);
    struct pw_frame frame;
    const volatile char *window = pw_reader_window(reader);
    CHECK(window == (const volatile char *)FAKE_STREAM_BASE && pw_reader_size(reader) == FAKE_STREAM_SIZE);
    CHECK(*pw_warning() == '\0');
    CHECK(window[0] == 0 && window[FAKE_STREAM_SIZE - 1] == 0);
    for (uint64_t number = 3; number < 40; number += 2) {
        uint32_t slot = (uint32_t)number % 7;
        fake_stream_slot(stream, slot)[77] = (char)number;
        fake_stream_frame(stream, slot, number, (uint32_t)number * 100);
        CHECK(pw_next(reader, &frame, -1) == 1);
        CHECK(frame.number == number && frame.length == number * 100 && frame.time_ns == number * 1000);
        CHECK(frame.skipped == (number == 3 ? 0 : 1));
        CHECK(pw_reader_window(reader) == window && window[77] == (char)number);
    }
    struct pw_stream_stats stats;
    pw_reader_stats(reader, &stats);
    CHECK(stats.frames == 19 && stats.skipped == 18 && stats.swap_ns > 0 && stats.swap_max_ns <= stats.swap_ns);
    CHECK(fake_stream_await(stream, PW_RELEASE, 18, 5000) == 0); /* all but the one in the window */
    pw_reader_close(reader);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void should_give_every_slot_back_after_the_next_frame_stands(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.reader_only = 1});
    struct pw_client *client = check_client(stream);
    struct pw_reader *reader = check_subscribe(client, 0);
    struct pw_frame frame;
    fake_stream_frame(stream, 1, 1, 5);
    CHECK(pw_next(reader, &frame, -1) == 1);
    CHECK(fake_stream_count(stream, PW_NEXT) == 0 && fake_stream_count(stream, PW_RELEASE) == 0);
    CHECK(pw_next(reader, &frame, 0) == -ETIMEDOUT); /* none lies there: the one in the window is finished */
    CHECK(fake_stream_await(stream, PW_NEXT, 1, 5000) == 0 && fake_stream_count(stream, PW_RELEASE) == 0);
    CHECK(*(const volatile char *)pw_reader_window(reader) == 0);
    CHECK(pw_next(reader, &frame, 0) == -ETIMEDOUT);
    fake_stream_frame(stream, 2, 2, 5);
    fake_stream_frame(stream, 3, 3, 5);
    CHECK(pw_next(reader, &frame, -1) == 1 && frame.number == 2);
    CHECK(fake_stream_await(stream, PW_RELEASE, 1, 5000) == 0 && fake_stream_newest(stream, PW_RELEASE).status == 1);
    CHECK(pw_next(reader, &frame, -1) == 1 && frame.number == 3); /* lies there already */
    CHECK(fake_stream_await(stream, PW_RELEASE, 2, 5000) == 0 && fake_stream_newest(stream, PW_RELEASE).status == 2);
    CHECK(fake_stream_count(stream, PW_NEXT) == 1);
    pw_reader_close(reader);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

struct consumer {
    struct pw_client *client;
    uint64_t frames, seed;
};

static void *consume(void *argument) {
    struct consumer *self = argument;
    struct pw_reader *reader = check_subscribe(self->client, 0);
    struct pw_frame frame;
    int rc;
    while ((rc = pw_next(reader, &frame, -1)) == 1) {
        CHECK(frame.number == ++self->frames && frame.length == frame.number && frame.skipped == 0);
        CHECK(whole(pw_reader_window(reader), frame.number));
        self->seed = self->seed * 6364136223846793005ull + 1442695040888963407ull;
        if (self->seed >> 62 == 0) {
            check_sleep_ms(self->seed >> 33 & 3);
        }
        CHECK(whole(pw_reader_window(reader), frame.number)); /* stays until the next one */
    }
    CHECK(rc == 0 && pw_next(reader, &frame, 0) == 0);
    pw_reader_close(reader);
    return NULL;
}

static void should_carry_every_frame_whole_and_in_order(void) {
    struct fake_stream *stream = fake_stream_start(NULL);
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer = check_publish(client);
    struct consumer consumers[3] = {{client, 0, 1}, {client, 0, 2}, {client, 0, 3}};
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        CHECK(pthread_create(&threads[i], NULL, consume, &consumers[i]) == 0);
    }
    for (int i = 0; fake_stream_readers(stream) < 3 && i < 1000; i++) {
        check_sleep_ms(5);
    }
    uint64_t *window = pw_writer_window(writer);
    CHECK(window == (uint64_t *)FAKE_STREAM_BASE && pw_writer_size(writer) == FAKE_STREAM_SIZE);
    for (uint64_t number = 1; number <= 300; number++) {
        fill(window, number);
        CHECK(pw_swap(writer, number, -1) == 0);
        CHECK(pw_writer_window(writer) == window);
    }
    CHECK(pw_drain(writer, -1) == 0);
    struct pw_stream_stats stats;
    pw_writer_stats(writer, &stats);
    CHECK(stats.frames == 300 && stats.bytes == 300 * 301 / 2 && stats.swap_ns >= stats.swap_max_ns && stats.swap_max_ns > 0);
    CHECK((stats.waits == 0) == (stats.wait_ns == 0));
    pw_writer_close(writer);
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        CHECK(consumers[i].frames == 300);
    }
    CHECK(fake_stream_torn(stream) == 0);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void should_stand_elsewhere_when_the_process_has_a_window_of_the_stream(void) {
    struct fake_stream *stream = fake_stream_start(NULL);
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer = check_publish(client);
    struct pw_reader *reader = check_subscribe(client, 0);
    CHECK(strstr(pw_warning(), FAKE_STREAM) != NULL && strstr(pw_warning(), "0x200000000000") != NULL);
    const volatile char *there = pw_reader_window(reader);
    CHECK(there != (const volatile char *)FAKE_STREAM_BASE && (uint64_t)(uintptr_t)there % (2u << 20) == 0);
    struct pw_frame frame;
    memset(pw_writer_window(writer), 'a', FAKE_STREAM_SIZE);
    CHECK(pw_swap(writer, FAKE_STREAM_SIZE, -1) == 0);
    CHECK(pw_next(reader, &frame, -1) == 1 && there[0] == 'a' && there[FAKE_STREAM_SIZE - 1] == 'a');
    pw_reader_close(reader);
    struct pw_reader *again = check_subscribe(client, 0); /* has the address range that is free now */
    CHECK(pw_reader_window(again) == (const void *)(uintptr_t)there && there[0] == 0);
    pw_writer_close(writer);
    for (int i = 0; fake_stream_has_writer(stream) && i < 1000; i++) {
        check_sleep_ms(5);
    }
    writer = check_publish(client); /* and its own address, while the other one stands elsewhere */
    CHECK(pw_writer_window(writer) == (void *)FAKE_STREAM_BASE && *pw_warning() == '\0');
    pw_writer_close(writer);
    pw_reader_close(again);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void *publish_later(void *argument) {
    check_sleep_ms(150);
    struct pw_writer *writer = check_publish(argument);
    check_sleep_ms(50);
    return writer;
}

static void should_wait_for_a_producer(void) {
    struct fake_stream *stream = fake_stream_start(NULL);
    struct pw_client *client = check_client(stream);
    struct pw_reader *reader;
    struct pw_stream_options options = {.wait_ms = 10000};
    CHECK(pw_subscribe_frames(client, FAKE_STREAM, NULL, &reader) == -ENOENT && strstr(pw_error(), FAKE_STREAM) != NULL);
    pthread_t thread;
    void *writer;
    CHECK(pthread_create(&thread, NULL, publish_later, client) == 0);
    CHECK(pw_subscribe_frames(client, FAKE_STREAM, &options, &reader) == 0);
    pthread_join(thread, &writer);
    options.wait_ms = 120;
    struct pw_reader *other;
    uint64_t began = pw_now();
    CHECK(pw_subscribe_frames(client, "nonesuch", &options, &other) == -ENOENT);
    CHECK(pw_now() - began >= 120 * PW_MS && strstr(pw_error(), "120 ms") != NULL);
    pw_writer_close(writer);
    pw_reader_close(reader);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void should_refuse_what_it_does_not_know(void) {
    struct fake_stream *stream = fake_stream_start(NULL);
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer;
    struct pw_reader *reader;
    struct pw_stream_options bad[] = {
        {.frame_size = 0},
        {.frame_size = (1ull << 30) + 1},
        {.frame_size = 1, .frames = 1},
        {.frame_size = 1, .frames = 17},
        {.frame_size = 1, .flags = PW_STREAM_LATEST},
        {.frame_size = 1, .flags = 8},
        {.frame_size = 1, .drop_ms = 99},
        {.frame_size = 1, .drop_ms = 3600001},
        {.frame_size = 1, .reserved = {0, 0, 0, 0, 1}},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CHECK(pw_publish_frames(client, FAKE_STREAM, &bad[i], &writer) == -EINVAL && *pw_error() != '\0');
    }
    CHECK(pw_publish_frames(client, "", &(struct pw_stream_options){.frame_size = 1}, &writer) == -EINVAL);
    CHECK(pw_publish_frames(client, FAKE_STREAM, NULL, &writer) == -EINVAL);
    CHECK(pw_subscribe_frames(client, FAKE_STREAM, &(struct pw_stream_options){.flags = PW_STREAM_DISCARD}, &reader) == -EINVAL);
    CHECK(fake_stream_count(stream, PW_PUBLISH_FRAMES) == 0 && fake_stream_count(stream, PW_SUBSCRIBE_FRAMES) == 0);

    writer = check_publish(client);
    struct pw_message asked = fake_stream_newest(stream, PW_PUBLISH_FRAMES);
    CHECK(asked.a == FAKE_STREAM_SIZE && asked.b == 5000 && asked.c == 0);
    CHECK(pw_swap(writer, FAKE_STREAM_SIZE + 1, -1) == -EMSGSIZE && strstr(pw_error(), FAKE_STREAM) != NULL);
    struct pw_writer *second;
    struct pw_stream_options options = {.frame_size = FAKE_STREAM_SIZE, .frames = 4, .flags = PW_STREAM_DISCARD, .drop_ms = 200};
    CHECK(pw_publish_frames(client, FAKE_STREAM, &options, &second) == -EBUSY);
    CHECK(strstr(pw_error(), "its producer is this process") != NULL);
    pw_writer_close(writer);
    pw_writer_close(NULL);
    pw_reader_close(NULL);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void should_live_on_without_its_client(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.why = "nobody takes frames"});
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer = check_publish(client);
    pw_disconnect(client);
    for (int i = 0; i < 3; i++) {
        CHECK(pw_swap(writer, 1, -1) == 0);
    }
    CHECK(pw_swap(writer, 1, 50) == -ETIMEDOUT && strstr(pw_error(), "nobody takes frames") != NULL);
    pw_writer_close(writer);
    fake_stream_stop(stream);
}

int main(void) {
    should_show_frames_of_the_daemon_at_one_address();
    should_give_every_slot_back_after_the_next_frame_stands();
    should_carry_every_frame_whole_and_in_order();
    should_stand_elsewhere_when_the_process_has_a_window_of_the_stream();
    should_wait_for_a_producer();
    should_refuse_what_it_does_not_know();
    should_live_on_without_its_client();
    return 0;
}
