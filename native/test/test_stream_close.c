/* What is left of a window: nothing of the frames, never memory of somebody else, nothing in a child. */
#include "stream_check.h"

#include "decode.h"

#include <sys/wait.h>

static void on_fault(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    check_bus_address = info->si_addr;
    siglongjmp(check_jump, 1);
}

static void should_leave_an_inaccessible_range(struct fake_stream *stream, struct pw_client *client) {
    struct pw_writer *writer = check_publish(client);
    struct pw_reader *reader = check_subscribe(client, 0);
    struct pw_frame frame;
    char *out = pw_writer_window(writer);
    char *in = (char *)(uintptr_t)pw_reader_window(reader);
    for (int i = 0; i < 10; i++) {
        out[9] = 'o';
        CHECK(pw_swap(writer, 1, -1) == 0 && pw_next(reader, &frame, -1) == 1 && in[9] == 'o');
    }
    CHECK(check_mappings("pagewire-stream") > 3);
    pw_writer_close(writer);
    CHECK(check_load(out + 9) == -1 && check_bus_address == out + 9 && in[9] == 'o');
    pw_reader_close(reader);
    CHECK(check_load(in + 9) == -1 && check_bus_address == in + 9);
    CHECK(check_mappings("pagewire-stream") == 1); /* the fake daemon's */
    void *taken = mmap(out, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(taken != out); /* valgrind gives another address instead of an error */
    if (taken != MAP_FAILED) {
        munmap(taken, 4096);
    }
    for (int i = 0; fake_stream_has_writer(stream) && i < 1000; i++) {
        check_sleep_ms(5);
    }
}

static void should_leave_memory_of_zeros_in_a_jvm(struct fake_stream *stream, struct pw_client *client) {
    CHECK(pw_set_failure_mode(PW_FAIL_RECORD) == 0);
    struct pw_writer *writer = check_publish(client); /* in the range that the window before has left */
    struct pw_reader *reader = check_subscribe(client, 0);
    struct pw_frame frame;
    char *out = pw_writer_window(writer);
    const char *in = pw_reader_window(reader);
    CHECK(out == (char *)FAKE_STREAM_BASE);
    out[9] = 'o';
    CHECK(pw_swap(writer, 1, -1) == 0 && pw_next(reader, &frame, -1) == 1 && in[9] == 'o');
    pw_writer_close(writer);
    pw_reader_close(reader);
    CHECK(in[9] == 0 && out[9] == 0);
    out[9] = 'k';
    CHECK(out[9] == 'k' && in[9] == 0);
    CHECK(check_mappings("pagewire-stream") == 1);
    CHECK(pw_set_failure_mode(PW_FAIL_SIGBUS) == 0);
    for (int i = 0; fake_stream_has_writer(stream) && i < 1000; i++) {
        check_sleep_ms(5);
    }
}

/* ---- children ---- */

static volatile char *window;
static struct pw_writer *parents_writer;
static struct pw_reader *parents_reader;
static struct pw_client *parents_client;

static void in_child_fault(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    _exit(info->si_addr == (void *)(uintptr_t)(window + 4096) ? 43 : 44);
}

static int in_child(int what) {
    pid_t child = fork();
    if (child == 0) {
        struct pw_frame frame;
        struct pw_stream_options options = {.frame_size = 1};
        struct pw_writer *writer;
        struct pw_reader *reader;
        switch (what) {
        case 0:
            window[4096] = 'c';
            _exit(1);
        case 1:
            _exit(pw_swap(parents_writer, 1, 0) == -EPERM && pw_drain(parents_writer, 0) == -EPERM
                  && pw_next(parents_reader, &frame, 0) == -EPERM
                  && pw_publish_frames(parents_client, "other", &options, &writer) == -EPERM
                  && pw_subscribe_frames(parents_client, FAKE_STREAM, NULL, &reader) == -EPERM
                  && check_mappings("pagewire-stream") == 1 ? 42 : 1);
        default:
            pw_writer_close(parents_writer);
            pw_reader_close(parents_reader);
            _exit(42);
        }
    }
    int status;
    CHECK(waitpid(child, &status, 0) == child);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void should_not_be_there_in_a_child(struct fake_stream *stream, struct pw_client *client) {
    struct pw_frame frame;
    parents_client = client;
    parents_writer = check_publish(client);
    parents_reader = check_subscribe(client, 0);
    for (int i = 0; i < 6; i++) { /* every slot, before and after it was moved */
        window = pw_writer_window(parents_writer);
        window[4096] = 'p';
        CHECK(in_child(0) == 43);
        window = (volatile char *)(uintptr_t)pw_reader_window(parents_reader);
        CHECK(in_child(0) == 43);
        CHECK(in_child(1) == 42);
        CHECK(in_child(2) == 42);
        CHECK(pw_swap(parents_writer, 1, -1) == 0 && pw_next(parents_reader, &frame, -1) == 1);
        CHECK(window[4096] == 'p');
    }
    CHECK(fake_stream_count(stream, PW_FINISH) == 2); /* of the tests before */
    pw_writer_close(parents_writer);
    pw_reader_close(parents_reader);
    for (int i = 0; fake_stream_has_writer(stream) && i < 1000; i++) {
        check_sleep_ms(5);
    }
}

/* ---- somebody is there ---- */

static void should_name_who_is_in_the_way(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.base = FAKE_STREAM_BASE + (64u << 20)});
    struct pw_client *client = check_client(stream);
    struct pw_stream_options options = {.frame_size = FAKE_STREAM_SIZE};
    struct pw_writer *writer;
    char *base = (char *)(FAKE_STREAM_BASE + (64u << 20));
    int fd = memfd_create("somebody-else", 0);
    CHECK(ftruncate(fd, 4096) == 0);
    char *there = mmap(base + 8192, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
    CHECK(there == base + 8192);
    *there = 'x';
    CHECK(pw_publish_frames(client, FAKE_STREAM, &options, &writer) == -EEXIST);
    CHECK(strstr(pw_error(), "somebody-else") != NULL && strstr(pw_error(), FAKE_STREAM) != NULL);
    CHECK(*there == 'x');
    CHECK(munmap(there, 4096) == 0 && close(fd) == 0);
    int rc = -EBUSY;
    for (int i = 0; rc == -EBUSY && i < 1000; i++) { /* until dsmd has heard that nobody publishes any more */
        check_sleep_ms(5);
        rc = pw_publish_frames(client, FAKE_STREAM, &options, &writer);
    }
    CHECK(rc == 0);
    CHECK(pw_writer_window(writer) == base && *pw_warning() == '\0');
    pw_writer_close(writer);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void should_take_a_longer_window_where_a_shorter_one_was(void) {
    static const uint64_t sizes[] = {8192, 4096, 5u << 20, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.frame_size = sizes[i]});
        struct pw_client *client = check_client(stream);
        struct pw_stream_options options = {.frame_size = sizes[i]};
        struct pw_writer *writer;
        CHECK(pw_publish_frames(client, FAKE_STREAM, &options, &writer) == 0);
        CHECK(pw_writer_window(writer) == (void *)FAKE_STREAM_BASE && pw_writer_size(writer) == sizes[i]);
        memset(pw_writer_window(writer), 'x', sizes[i]);
        CHECK(pw_swap(writer, sizes[i], -1) == 0);
        pw_writer_close(writer);
        pw_disconnect(client);
        fake_stream_stop(stream);
    }
}

/* Mappings where windows and frames may be. */
static int windows(void) {
    char line[512];
    unsigned long start;
    int count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    while (fgets(line, sizeof line, maps) != NULL) {
        CHECK(sscanf(line, "%lx-", &start) == 1);
        count += (start >= FAKE_STREAM_BASE && start < FAKE_STREAM_BASE + (1ull << 40))
                 || (start >= PW_PARKING_START && start < PW_PARKING_END);
    }
    fclose(maps);
    return count;
}

static void should_come_and_go_without_a_trace(void) {
    struct fake_stream *stream = fake_stream_start(NULL);
    struct pw_client *client = check_client(stream);
    int before = 0;
    for (int i = 0; i < 100; i++) {
        struct pw_writer *writer = check_publish(client);
        struct pw_reader *reader = check_subscribe(client, 0);
        struct pw_frame frame;
        CHECK(pw_swap(writer, 1, -1) == 0 && pw_next(reader, &frame, -1) == 1 && frame.number > 0);
        pw_reader_close(reader);
        pw_writer_close(writer);
        for (int k = 0; (fake_stream_has_writer(stream) || fake_stream_readers(stream) > 0) && k < 1000; k++) {
            check_sleep_ms(1);
        }
        before = i == 0 ? windows() : before;
        CHECK(before > 0 && windows() == before);
    }
    pw_disconnect(client);
    fake_stream_stop(stream);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
    struct fake_stream *stream = fake_stream_start(NULL);
    struct pw_client *client = check_client(stream);
    should_leave_an_inaccessible_range(stream, client);
    should_leave_memory_of_zeros_in_a_jvm(stream, client);
    /* Before us and ours again: pw_publish_frames puts our handler in front of it. */
    action.sa_sigaction = in_child_fault;
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
    should_not_be_there_in_a_child(stream, client);
    pw_disconnect(client);
    fake_stream_stop(stream);
    should_name_who_is_in_the_way();
    should_take_a_longer_window_where_a_shorter_one_was();
    should_come_and_go_without_a_trace();
    return 0;
}
