/* What a swap is to the memory: page tables move and nothing faults again; what other threads store meanwhile never lands in a frame
 * that travels; a swap that fails leaves the window as it was. */
#include "stream_check.h"

#include "decode.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/time.h>

#define PAGE 4096u
#define PAGES 64u
#define SLOTS 4u

static uint64_t faults(void) {
    struct rusage usage;
    CHECK(getrusage(RUSAGE_THREAD, &usage) == 0);
    return (uint64_t)(usage.ru_minflt + usage.ru_majflt);
}

static void should_not_fault_again_in_a_writer(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.manual = 1});
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer = check_publish(client);
    volatile char *window = pw_writer_window(writer);
    uint64_t before = 0;
    for (uint32_t turn = 0; turn < 100 * SLOTS; turn++) {
        before = turn == 10 * SLOTS ? faults() : before;
        for (uint32_t page = 0; page < PAGES; page++) {
            window[page * PAGE] = (char)turn;
        }
        CHECK(pw_swap(writer, FAKE_STREAM_SIZE, -1) == 0);
        CHECK(fake_stream_await(stream, PW_FILLED, turn + 1, 5000) == 0);
        struct pw_message filled = fake_stream_newest(stream, PW_FILLED);
        for (uint32_t page = 0; page < PAGES; page++) {
            CHECK(fake_stream_slot(stream, filled.status)[page * PAGE] == (char)turn);
        }
        if (turn >= SLOTS - 2) { /* so that every slot has its turn */
            fake_stream_empty(stream, filled.status);
        }
    }
    uint64_t after = faults();
    if (after != before) {
        fprintf(stderr, "%llu faults\n", (unsigned long long)(after - before));
    }
    CHECK(after == before);
    pw_writer_close(writer);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void should_not_fault_again_in_a_reader(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.reader_only = 1});
    struct pw_client *client = check_client(stream);
    struct pw_reader *reader = check_subscribe(client, 0);
    const volatile char *window = pw_reader_window(reader);
    struct pw_frame frame;
    uint64_t before = 0;
    for (uint32_t turn = 0; turn < 100 * SLOTS; turn++) {
        uint32_t slot = turn % SLOTS;
        before = turn == 10 * SLOTS ? faults() : before;
        for (uint32_t page = 0; page < PAGES; page++) {
            fake_stream_slot(stream, slot)[page * PAGE] = (char)turn;
        }
        fake_stream_frame(stream, slot, turn + 1, FAKE_STREAM_SIZE);
        CHECK(pw_next(reader, &frame, -1) == 1 && frame.number == turn + 1);
        for (uint32_t page = 0; page < PAGES; page++) {
            CHECK(window[page * PAGE] == (char)turn);
        }
    }
    CHECK(faults() == before);
    pw_reader_close(reader);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

/* ---- threads that touch the window all the time ---- */

static _Atomic int stopping;
static volatile uint64_t *stored_to;
static _Atomic uint64_t stores;

static void block_alarm(void) {
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarm, NULL);
}

static void *store(void *argument) {
    uint64_t lane = (uint64_t)(uintptr_t)argument;
    block_alarm();
    for (uint64_t i = 1; !stopping; i++) {
        stored_to[(i % PAGES) * (PAGE / 8) + lane] = i;
        stores++;
    }
    return NULL;
}

static void *system_calls(void *argument) {
    volatile char *window = argument;
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    block_alarm();
    CHECK(zero >= 0);
    for (uint64_t i = 0; !stopping; i++) {
        ssize_t got = read(zero, (void *)(uintptr_t)(window + i % PAGES * PAGE + 2048), 512);
        CHECK(got == 512 || (got < 0 && errno == EFAULT && check_holes()) || (got >= 0 && check_holes()));
    }
    close(zero);
    return NULL;
}

static void on_alarm(int signal) {
    (void)signal;
    stored_to[5] = 4711;
}

static void *consume(void *argument) {
    struct pw_reader *reader = argument;
    struct pw_frame frame;
    int rc;
    uint64_t number = 0;
    block_alarm();
    while ((rc = pw_next(reader, &frame, -1)) == 1) {
        CHECK(frame.number == ++number);
    }
    CHECK(rc == 0);
    return NULL;
}

static void should_not_let_stores_into_a_frame_that_travels(void) {
    struct fake_stream *stream = fake_stream_start(NULL);
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer = check_publish(client);
    struct pw_reader *reader = check_subscribe(client, 0);
    struct pw_stream_stats stats;
    pthread_t threads[4];
    stored_to = pw_writer_window(writer);
    CHECK(pthread_create(&threads[0], NULL, store, (void *)1) == 0);
    CHECK(pthread_create(&threads[1], NULL, store, (void *)2) == 0);
    CHECK(pthread_create(&threads[2], NULL, consume, reader) == 0);
    CHECK(pthread_create(&threads[3], NULL, system_calls, pw_writer_window(writer)) == 0);
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    struct itimerval often = {.it_interval = {.tv_usec = 500}, .it_value = {.tv_usec = 500}};
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    uint64_t until = pw_deadline_in_ms(20000), swaps = 0;
    do {
        CHECK(pw_swap(writer, FAKE_STREAM_SIZE, -1) == 0);
        pw_writer_stats(writer, &stats);
        swaps++;
    } while (swaps < 1000 || (check_holes() && stats.retries == 0 && pw_now() < until));
    struct itimerval never = {0};
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);
    stopping = 1;
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    pthread_join(threads[3], NULL);
    CHECK(pw_drain(writer, -1) == 0);
    pw_writer_close(writer);
    pthread_join(threads[2], NULL);
    pw_reader_close(reader);
    CHECK(fake_stream_torn(stream) == 0 && stores > 0 && stats.frames == swaps);
    CHECK(check_holes() ? stats.retries > 0 : stats.retries == 0);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

/* ---- the kernel refuses ---- */

static void should_leave_the_window_as_it_was_when_a_move_fails(int first, int moves) {
    struct fake_stream *stream = fake_stream_start(NULL);
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer = check_publish(client);
    struct pw_reader *reader = check_subscribe(client, 0);
    struct pw_frame frame;
    volatile char *window = pw_writer_window(writer);
    const volatile char *shown = pw_reader_window(reader);
    for (char i = 1; i < 20; i++) {
        window[3] = i;
        window[FAKE_STREAM_SIZE - 1] = i;
        check_failing_move = first;
        check_failing_moves = moves;
        CHECK(pw_swap(writer, 7, -1) == -ENOMEM && strstr(pw_error(), FAKE_STREAM) != NULL);
        CHECK(check_failing_moves == 0);
        CHECK(window[3] == i && window[FAKE_STREAM_SIZE - 1] == i);
        window[4] = i;
        CHECK(fake_stream_count(stream, PW_FILLED) == (uint64_t)i - 1);
        CHECK(pw_swap(writer, 7, -1) == 0);
        check_failing_move = i == 1 ? 1 : first; /* nothing is in a reader's window at first */
        check_failing_moves = i == 1 ? 1 : moves;
        CHECK(pw_next(reader, &frame, -1) == -ENOMEM && shown[3] == i - 1 && shown[4] == i - 1);
        CHECK(pw_next(reader, &frame, -1) == 1 && frame.number == (uint64_t)i && shown[3] == i && shown[4] == i);
    }
    pw_writer_close(writer);
    pw_reader_close(reader);
    CHECK(fake_stream_torn(stream) == 0);
    pw_disconnect(client);
    fake_stream_stop(stream);
    CHECK(check_mappings("pagewire-stream") == 0);
}

static void should_find_a_place_beside_somebody_else(void) {
    char *there = mmap((void *)(PW_PARKING_START + (3u << 20)), PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    CHECK(there == (char *)(PW_PARKING_START + (3u << 20)));
    *there = 'x';
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.manual = 1, .frame_size = 4u << 20});
    struct pw_client *client = check_client(stream);
    struct pw_stream_options options = {.frame_size = 4u << 20};
    struct pw_writer *writer;
    CHECK(pw_publish_frames(client, FAKE_STREAM, &options, &writer) == 0);
    for (uint32_t i = 0; i < 30; i++) {
        memset(pw_writer_window(writer), 'w', 4u << 20);
        CHECK(pw_swap(writer, 1, -1) == 0);
        CHECK(fake_stream_await(stream, PW_FILLED, i + 1, 5000) == 0);
        fake_stream_empty(stream, fake_stream_newest(stream, PW_FILLED).status);
    }
    pw_writer_close(writer);
    CHECK(*there == 'x' && munmap(there, PAGE) == 0);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

/* Somebody unmaps the window: that is no swap, and the handler before ours hears of it instead of waiting for ever. */
static void before_us(int signal, siginfo_t *info, void *context) {
    (void)signal;
    (void)context;
    check_bus_address = info->si_addr;
    siglongjmp(check_jump, 1);
}

static void should_not_wait_at_a_window_that_is_gone(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.manual = 1});
    struct pw_client *client = check_client(stream);
    struct pw_writer *writer = check_publish(client);
    char *window = pw_writer_window(writer);
    CHECK(munmap(window, FAKE_STREAM_SIZE) == 0);
    CHECK(check_load(window + 99) == -1 && check_bus_address == window + 99);
    CHECK(check_load(window + 98) == -1 && check_bus_address == window + 98);
    pw_writer_close(writer);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

static void should_hand_a_store_into_a_readers_window_on(void) {
    struct fake_stream *stream = fake_stream_start(&(struct fake_stream_options){.reader_only = 1});
    struct pw_client *client = check_client(stream);
    struct pw_reader *reader = check_subscribe(client, 0);
    struct pw_frame frame;
    volatile char *window = (volatile char *)(uintptr_t)pw_reader_window(reader);
    CHECK(check_store(window + 5, 'x') == -1 && check_bus_address == window + 5);
    fake_stream_frame(stream, 0, 1, 1);
    CHECK(pw_next(reader, &frame, -1) == 1);
    CHECK(check_store(window + 6, 'x') == -1 && check_bus_address == window + 6 && window[6] == 0);
    pw_reader_close(reader);
    pw_disconnect(client);
    fake_stream_stop(stream);
}

int main(void) {
    struct sigaction action = {.sa_sigaction = before_us, .sa_flags = SA_SIGINFO};
    CHECK(sigaction(SIGSEGV, &action, NULL) == 0);
    should_not_fault_again_in_a_writer();
    should_not_fault_again_in_a_reader();
    should_not_let_stores_into_a_frame_that_travels();
    should_leave_the_window_as_it_was_when_a_move_fails(1, 1);
    should_leave_the_window_as_it_was_when_a_move_fails(2, 1);
    should_leave_the_window_as_it_was_when_a_move_fails(2, 2); /* also the move back */
    should_find_a_place_beside_somebody_else();
    should_not_wait_at_a_window_that_is_gone();
    should_hand_a_store_into_a_readers_window_on();
    return 0;
}
