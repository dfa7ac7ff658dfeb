/*
 * Runs the targets on mutated messages without any fuzzing engine: every input follows from seed, target and number, so a
 * finding is repeated by naming them. Works with gcc and the address sanitizer.
 *
 * Ends with 0; with 1 at the first finding (the sanitizer, a broken HOLDS, an input that takes too long, descriptors or
 * memory left behind); with 2 on wrong usage.
 */
#include "fuzz.h"

#include "deadline.h"
#include "output.h"

#include <dirent.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif

#define MOST_SEEDS 64u
#define HANG_SECONDS 2
#define MOST_GROWTH_KB (64l << 10)

struct seed {
    uint8_t bytes[FUZZ_MOST];
    size_t length;
};

static struct seed seeds[MOST_SEEDS];
static size_t seed_count;
static const char *corpus;
static uint64_t random_seed = 1;
static const struct fuzz_target *running;
static volatile uint64_t number;
static volatile uint64_t slowest_ns;

/* ---- random numbers: splitmix64, good enough and the same everywhere ---- */

static uint64_t state;

static uint64_t next(void) {
    uint64_t z = state += 0x9e3779b97f4a7c15ull;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static size_t below(size_t bound) {
    return (size_t)(next() % bound);
}

/* ---- one mutation ---- */

static size_t room(size_t length, size_t at, size_t wanted) {
    return length - at < wanted ? length - at : wanted;
}

static void number_at(uint8_t *bytes, size_t length) {
    static const uint64_t odd[] = {0, 1, 2, 3, 15, 16, 17, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
                                   0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 4096, 1u << 24};
    uint64_t value = next() & 1 ? odd[below(sizeof odd / sizeof odd[0])] : next() >> below(64);
    size_t width = (size_t)1 << below(4);
    if (length >= width) {
        memcpy(bytes + (next() & 1 ? below(length / width) * width : below(length - width + 1)), &value, width);
    }
}

static size_t mutate(uint8_t *bytes, size_t length) {
    size_t at = length > 0 ? below(length) : 0;
    size_t many = length > 0 ? 1 + below(length - at < 32 ? length - at : 32) : 0;
    const struct seed *other = &seeds[below(seed_count)];
    switch (next() % 9) {
    case 0:
    case 1:
        if (length > 0) {
            bytes[at] ^= (uint8_t)(1u << below(8));
        }
        return length;
    case 2:
        if (length > 0) {
            bytes[at] = (uint8_t)next();
        }
        return length;
    case 3:
    case 4:
        number_at(bytes, length);
        return length;
    case 5: /* cut out */
        memmove(bytes + at, bytes + at + many, length - at - many);
        return length - many;
    case 6: /* say twice */
        many = room(FUZZ_MOST, length, many);
        memmove(bytes + at + many, bytes + at, length - at);
        return length + many;
    case 7: /* go on with another message */
        many = room(FUZZ_MOST, length, other->length);
        memcpy(bytes + length, other->bytes, many);
        return length + many;
    default:
        return next() & 1 ? at : length;
    }
}

static size_t make(uint64_t which, uint8_t *bytes) {
    state = random_seed * 0x2545f4914f6cdd1dull + which;
    const struct seed *seed = &seeds[below(seed_count)];
    size_t length = seed->length;
    memcpy(bytes, seed->bytes, length);
    for (size_t i = below(6); i > 0; i--) {
        length = mutate(bytes, length);
    }
    return length;
}

/* ---- the corpus ---- */

static void read_corpus(const char *name) {
    char path[1024];
    seed_count = 0;
    snprintf(path, sizeof path, "%s/%s", corpus, name);
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder != NULL && (entry = readdir(folder)) != NULL && seed_count < MOST_SEEDS;) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        snprintf(path, sizeof path, "%s/%s/%s", corpus, name, entry->d_name);
        FILE *file = fopen(path, "rb");
        if (file != NULL) {
            struct seed *seed = &seeds[seed_count++];
            seed->length = fread(seed->bytes, 1, sizeof seed->bytes, file);
            fclose(file);
        }
    }
    if (folder != NULL) {
        closedir(folder);
    }
    if (seed_count == 0) {
        fprintf(stderr, "no messages for target %s in %s\n", name, corpus);
        exit(2);
    }
    /* readdir knows no order; inputs must not depend on it */
    for (size_t i = 1; i < seed_count; i++) {
        for (size_t k = i; k > 0; k--) {
            size_t a = seeds[k - 1].length, b = seeds[k].length;
            int order = memcmp(seeds[k - 1].bytes, seeds[k].bytes, a < b ? a : b);
            if (order < 0 || (order == 0 && a <= b)) {
                break;
            }
            struct seed swap = seeds[k];
            seeds[k] = seeds[k - 1];
            seeds[k - 1] = swap;
        }
    }
}

/* ---- watching ---- */

static void say_where(void) {
    char text[200];
    int length = snprintf(text, sizeof text, "\nfinding: tools/fuzz --target c-%s --seed %llu --only %llu\n", running->name,
                          (unsigned long long)random_seed, (unsigned long long)number);
    ssize_t ignored = write(STDERR_FILENO, text, (size_t)length);
    (void)ignored;
}

static void on_abort(int signal) {
    (void)signal;
    say_where();
    _exit(1);
}

static void on_alarm(int signal) {
    static uint64_t before = UINT64_MAX;
    static int seen;
    (void)signal;
    seen = number == before ? seen + 1 : 0;
    before = number;
    if (seen >= HANG_SECONDS) {
        static const char text[] = "an input takes longer than 2 s\n";
        ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
        (void)ignored;
        say_where();
        _exit(1);
    }
}

static int descriptors(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

static long resident_kb(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void run(const struct fuzz_target *target, uint64_t from, uint64_t to) {
    /* A buffer of its own for each input, as long as the input: one byte too far is seen. */
    static uint8_t scratch[2 * FUZZ_MOST];
    running = target;
    read_corpus(target->name);
    int open = descriptors();
    if (target->begin != NULL) {
        target->begin();
    }
    long before = 0;
    uint64_t began = pw_now();
    slowest_ns = 0;
    for (number = from; number < to; number++) {
        size_t length = make(number, scratch);
        uint8_t *bytes = malloc(length);
        if (length > 0) {
            memcpy(bytes, scratch, length);
        }
        uint64_t start = pw_now();
        target->run(bytes, length);
        uint64_t took = pw_now() - start;
        slowest_ns = took > slowest_ns ? took : slowest_ns;
        free(bytes);
        if (number - from == (to - from) / 8) {
            before = resident_kb(); /* the sanitizer's own memory has grown by now */
        }
    }
    uint64_t took = pw_now() - began;
    long grown = resident_kb() - before;
    if (target->end != NULL) {
        target->end();
    }
    if (descriptors() != open) {
        fprintf(stderr, "target %s left %d descriptors open\n", target->name, descriptors() - open);
        abort();
    }
    if (to - from >= 1000 && grown > MOST_GROWTH_KB) {
        fprintf(stderr, "target %s: the process grew by %ld KiB\n", target->name, grown);
        abort();
    }
    printf("c-%s %llu %llu %llu %ld\n", target->name, (unsigned long long)(to - from), (unsigned long long)(took / PW_MS),
           (unsigned long long)(slowest_ns / PW_US), grown > 0 ? grown : 0);
    if (pw_output_ended("pw_fuzz", 0) != 0) {
        exit(1);
    }
}

int main(int argc, char **argv) {
    if (argc < 4) {
        fprintf(stderr, "usage: pw_fuzz CORPUS SEED INPUTS [TARGET [ONLY]]\n");
        return 2;
    }
    corpus = argv[1];
    random_seed = strtoull(argv[2], NULL, 10);
    uint64_t inputs = strtoull(argv[3], NULL, 10);
    const char *wanted = argc > 4 ? argv[4] : NULL;
    uint64_t from = argc > 5 ? strtoull(argv[5], NULL, 10) : 0;
    uint64_t to = argc > 5 ? from + 1 : inputs;
    signal(SIGALRM, on_alarm);
    signal(SIGABRT, on_abort);
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_set_death_callback(say_where);
#endif
    struct itimerval second = {.it_interval = {.tv_sec = 1}, .it_value = {.tv_sec = 1}};
    setitimer(ITIMER_REAL, &second, NULL);
    int ran = 0;
    for (size_t i = 0; i < fuzz_target_count; i++) {
        if (wanted == NULL || strcmp(wanted, fuzz_targets[i].name) == 0) {
            run(&fuzz_targets[i], from, to);
            ran++;
        }
    }
    if (ran == 0) {
        fprintf(stderr, "no target is called %s\n", wanted);
        return 2;
    }
    return 0;
}
