/* Regions one after another for as long as a process lives, and many at once: nothing is left of those that were closed, and a
 * pointer into one of them still fails, also while others come and go. */
#include "check.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#define ONE_AFTER_ANOTHER 1200u /* it keeps mappings of its own for every thread, and the kernel has a limit of those */
#else
#define ONE_AFTER_ANOTHER 4500u /* more than a process could have in its life before, 4095 */
#endif
#define AT_ONCE 300u

static _Atomic int stop;
static _Atomic uint64_t failed_loads;
static volatile char *_Atomic kept;

static long resident_kib(void) {
    long total, pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");
    CHECK(statm != NULL && fscanf(statm, "%ld %ld", &total, &pages) == 2);
    fclose(statm);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static int count_lines(const char *path) {
    int lines = 0, byte;
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    while ((byte = getc(file)) != EOF) {
        lines += byte == '\n';
    }
    fclose(file);
    return lines;
}

static struct pw_region *map(struct pw_client *client, uint32_t number) {
    char name[64];
    struct pw_region *region;
    snprintf(name, sizeof name, "%s-%" PRIu32, FAKE_REGION, number);
    CHECK(pw_map(client, name, 0, &region) == 0);
    return region;
}

/* In a process of its own: what it keeps of connections is not the library's. It ends when ends[1] closes. */
static pid_t start_daemon(char *socket, int *ends) {
    int path[2];
    char ignored;
    CHECK(pipe(ends) == 0 && pipe(path) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        struct fake_options options = {.many = 1, .pages = 16};
        close(ends[1]);
        struct fake *fake = fake_start(&options);
        CHECK(write(path[1], fake_socket(fake), strlen(fake_socket(fake)) + 1) > 0);
        CHECK(read(ends[0], &ignored, 1) == 0);
        fake_stop(fake, 0);
        _exit(0);
    }
    close(ends[0]);
    CHECK(read(path[0], socket, 108) > 0);
    return child;
}

/* Touches what was closed a moment or an age ago. */
static void *touch_closed(void *argument) {
    volatile char *old = argument;
    while (!stop) {
        volatile char *at = kept;
        int value = check_load(old); /* on a line of its own: a jump comes back here */
        CHECK(value == -1);
        failed_loads++;
        if (at != NULL) {
            (void)check_load(at);
        }
    }
    return NULL;
}

int main(void) {
    struct pw_client *client;
    struct pw_region *region, *more[AT_ONCE];
    pthread_t thread;
    struct pw_event event;
    long before = 0;
    int mappings = 0;
    char socket[108];
    int ends[2];
    pid_t daemon = start_daemon(socket, ends);
    struct pw_options where = {.socket = socket};
    CHECK(pw_connect(&where, &client) == 0);
    check_catch_bus();

    region = map(client, 1);
    volatile char *first = pw_address(region);
    CHECK(first[0] == 0);
    pw_unmap(region);
    CHECK(check_load(first) == -1 && check_bus_address == (void *)(uintptr_t)first);
    CHECK(pthread_create(&thread, NULL, touch_closed, (void *)(uintptr_t)first) == 0);
    for (uint32_t i = 2; i < ONE_AFTER_ANOTHER; i++) {
        region = map(client, i);
        volatile char *memory = pw_address(region);
        memory[4096] = (char)i;
        CHECK(memory[4096] == (char)i);
        CHECK(pw_next_event(region, &event, 0) >= 0); /* a queue of events */
        kept = memory;
        pw_unmap(region);
        if (i == ONE_AFTER_ANOTHER / 4) {
            before = resident_kib();
            mappings = count_lines("/proc/self/maps");
        }
    }
#ifdef __SANITIZE_ADDRESS__ /* whose allocator keeps what was freed */
    (void)before, (void)mappings;
#else
    CHECK(resident_kib() < before + 2048);
    CHECK(count_lines("/proc/self/maps") < mappings + 50);
#endif
    kept = NULL;
    stop = 1;
    pthread_join(thread, NULL);
    CHECK(failed_loads > 0);
    CHECK(check_load(first) == -1);

    /* The same region again, long after it was closed and forgotten. */
    region = map(client, 1);
    CHECK(pw_address(region) == (void *)(uintptr_t)first && check_load(first) == 0);
    pw_unmap(region);

    for (uint32_t i = 0; i < AT_ONCE; i++) {
        more[i] = map(client, AT_ONCE - i);
    }
    for (uint32_t i = 0; i < AT_ONCE; i++) {
        ((volatile char *)pw_address(more[i]))[0] = (char)i;
    }
    pw_disconnect(client);
    close(ends[1]);
    CHECK(waitpid(daemon, NULL, 0) == daemon);
    return 0;
}
