/*
 * The C program of the tests about ends: maps a region, stores into every word of it, and lets go of it in a way of its choice.
 *
 *     ending SOCKET REGION fill SEED unmap [LIMIT_MS]     pw_unmap_with, then disconnects
 *     ending SOCKET REGION fill SEED disconnect           pw_disconnect alone
 *     ending SOCKET REGION fill SEED exit                 _exit without a word
 *     ending SOCKET REGION fill SEED stay                 until its input ends; then pw_disconnect
 *     ending SOCKET REGION scatter SEED COUNT             COUNT stores at random places, pw_unmap
 *     ending SOCKET REGION check SEED                     counts the words that are not what fill has stored
 *     ending SOCKET REGION gathered SEED COUNT            the same for scatter
 */
#include <pagewire/pagewire.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint64_t mix(uint64_t value) {
    value ^= value >> 31;
    value *= 0x9E3779B97F4A7C15u;
    return value ^ value >> 29;
}

static uint64_t word_of(uint64_t seed, uint64_t index) { return mix(seed * 0x100000001B3u + index + 1); }

static int progress(void *context, uint64_t left, uint64_t total) {
    (void)context;
    printf("left %" PRIu64 " of %" PRIu64 "\n", left, total);
    return 0;
}

static void not_home(void *context, uint64_t first, uint64_t count) {
    (void)context;
    printf("not home %" PRIu64 "+%" PRIu64 "\n", first, count);
}

static int ended(const char *what, int rc) {
    printf("%s %d%s%s\n", what, rc, rc < 0 ? ": " : "", rc < 0 ? pw_error() : "");
    return rc < 0 ? 3 : 0;
}

static void fill(uint64_t *words, uint64_t count, uint64_t seed) {
    for (uint64_t i = 0; i < count; i++) {
        words[i] = word_of(seed, i);
    }
}

static void check(const uint64_t *words, uint64_t count, uint64_t seed) {
    uint64_t wrong = 0, first = 0;
    for (uint64_t i = 0; i < count; i++) {
        if (words[i] != word_of(seed, i)) {
            first = wrong++ == 0 ? i : first;
        }
    }
    printf("wrong %" PRIu64 " from byte %" PRIu64 "\n", wrong, first * 8);
}

/* Each store has a place of its own: later ones would otherwise hide whether earlier ones came home. */
static uint64_t place(uint64_t seed, uint64_t n, uint64_t stores, uint64_t count) {
    uint64_t slot = count / stores;
    return n * slot + word_of(seed, n) % slot;
}

static int let_go(struct pw_client *client, struct pw_region *region, const char *how, const char *limit) {
    if (strcmp(how, "exit") == 0) {
        fflush(stdout);
        _exit(0);
    }
    int rc = 0;
    if (strcmp(how, "unmap") == 0) {
        struct pw_unmap_options options = {.progress = progress, .not_home = not_home};
        options.limit_ms = limit != NULL ? (uint32_t)strtoul(limit, NULL, 10) : 0;
        rc = ended("unmap", pw_unmap_with(region, &options));
    } else if (strcmp(how, "stay") == 0) {
        while (getchar() != EOF) {
        }
    }
    int end = ended("disconnect", pw_disconnect(client));
    return rc != 0 ? rc : end;
}

int main(int argc, char **argv) {
    struct pw_client *client;
    struct pw_region *region;
    if (argc < 5) {
        fprintf(stderr, "usage: ending SOCKET REGION fill|scatter|check|gathered SEED ...\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    struct pw_options options = {.socket = argv[1], .program = "ending"};
    if (pw_connect(&options, &client) < 0 || pw_map(client, argv[2], 0, &region) < 0) {
        fprintf(stderr, "ending: %s\n", pw_error());
        return 1;
    }
    const char *what = argv[3];
    uint64_t seed = strtoull(argv[4], NULL, 10);
    uint64_t *words = pw_address(region);
    uint64_t count = pw_size(region) / sizeof *words;
    uint64_t stores = argc > 5 ? strtoull(argv[5], NULL, 10) : 0;
    if (strcmp(what, "fill") == 0 && argc > 5) {
        fill(words, count, seed);
        printf("stored\n");
        return let_go(client, region, argv[5], argc > 6 ? argv[6] : NULL);
    }
    if (strcmp(what, "scatter") == 0 && stores > 0) {
        for (uint64_t n = 0; n < stores; n++) {
            words[place(seed, n, stores, count)] = word_of(seed, n);
        }
        return let_go(client, region, "unmap", NULL);
    }
    if (strcmp(what, "gathered") == 0 && stores > 0) {
        uint64_t wrong = 0;
        for (uint64_t n = 0; n < stores; n++) {
            wrong += words[place(seed, n, stores, count)] != word_of(seed, n);
        }
        printf("wrong %" PRIu64 "\n", wrong);
    } else {
        check(words, count, seed);
    }
    return pw_disconnect(client) < 0;
}
