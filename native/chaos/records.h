/*
 * Checksummed records in a region, and a clock beside it: an ordinary file that all programs of this machine map, so that what
 * readers see can be held against what the writer has done by means that are not under test.
 *
 * Record numbers count up from 1. Number n stands in slot (n * stride) mod SLOTS, so every number says which slots held what
 * before it. SLOTS is prime; records are not aligned to pages, so that some stand on two. In large pages they stand apart, so that
 * they fill several.
 */
#ifndef PAGEWIRE_CHAOS_RECORDS_H
#define PAGEWIRE_CHAOS_RECORDS_H

#include <stddef.h>
#include <stdint.h>

#define SLOTS 509u
#define PAYLOAD 124u
#define CELLS 32u

/*
 * The other region, which every host may write: each host has words of its own in every page, stores the next number into all of
 * them and calls pw_force. What was forced is the least that anybody may read there afterwards, whoever was killed meanwhile.
 */
#define HOSTS 3u
#define MOST_SHARED_PAGES 16u
#define LEAST_SHARED_PAGES 4u
#define WORDS_A_PAGE 4u

/* version: 2n - 1 while number n is being written, 2n when it is complete; 0: never written. */
struct record {
    uint64_t version;
    uint64_t checksum; /* over version and payload */
    uint64_t payload[PAYLOAD];
};

/* What one process is at; for the driver, which must tell a slow process from one that hangs. */
struct cell {
    int64_t pid;
    uint64_t reads;    /* or writes */
    uint64_t failures; /* loads or stores that could not be served */
    uint64_t busy;     /* records found half written for long */
    uint64_t since_ns; /* start of the attempt under way (CLOCK_MONOTONIC), 0 = none */
    uint64_t stale;    /* broken promises reported */
    uint64_t newest;   /* highest number read */
    uint64_t reserved;
};

/* What one host has done in the other region. */
struct shared {
    uint64_t begun;     /* highest number of which a store may have been tried */
    uint64_t forced;    /* highest number that pw_force has brought home */
    uint64_t forced_ns; /* when it returned (CLOCK_MONOTONIC) */
    uint64_t lost;      /* numbers that were lost before they were forced, and that was told */
};

/*
 * Beside the regions there is a stream of frames. It has many lives: the producer finishes it now and then and opens it anew, and
 * does so whenever it was lost. Every byte of a frame follows from life and number, so one look tells a frame that is torn or old.
 */
#define FRAME_SIZE (256u * 1024u)
#define LIVES 1024u

/* What the stream's producer has done, and what its consumers have seen. */
struct streaming {
    uint64_t life;    /* of the stream that is open now or was last; counts from 1 */
    uint64_t begun;   /* highest number of this life of which a swap may have been tried */
    uint64_t sent;    /* frames swapped, of all lives */
    uint64_t seen;    /* frames that came whole and in order, at all consumers */
    uint64_t skipped; /* frames that consumers of the newest were told to have skipped */
    uint64_t ends;    /* times that a consumer was told the end of a life */
    uint64_t drops;   /* ... that it was dropped because it was too slow */
    uint64_t losses;  /* ... that it was told anything else: producer, its host or its own dsmd was lost */
};

/* A life that its producer has finished, or begun to finish. */
struct finished {
    uint64_t life;
    uint64_t frames;
};

struct clock {
    uint64_t stride;             /* 1 to SLOTS - 1 */
    uint64_t begun;              /* highest number whose first store may have been tried */
    uint64_t completed;          /* highest number whose last store is complete; all lower ones are as well */
    uint64_t page;               /* bytes in a page of both regions */
    uint64_t reserved[4];
    struct cell cells[CELLS];
    struct streaming streaming;
    uint64_t done[SLOTS];        /* highest completed number of the slot */
    uint64_t done_ns[SLOTS];     /* when it completed (CLOCK_MONOTONIC) */
    struct shared shared[HOSTS];
    struct finished finished[LIVES]; /* life mod LIVES */
};

/* What a look at a slot found. */
enum look { LOOK_READ, LOOK_NEVER_WRITTEN, LOOK_BUSY, LOOK_FAILED, LOOK_DAMAGED };

uint64_t now_ns(void);
struct clock *open_clock(const char *path, uint64_t stride_if_new);
uint32_t slot_of(const struct clock *clock, uint64_t number);

/* The highest number not above newest that stands in the slot; 0 = none. */
uint64_t number_in_slot(const struct clock *clock, uint32_t slot, uint64_t newest);

/* Where the record of a slot stands, in bytes from the start of its region; the whole region has those of SLOTS. */
size_t record_at(const struct clock *clock, uint32_t slot);

/* Pages of the other region; fewer when they are large, because all of them travel at each pw_force. */
uint32_t shared_pages(const struct clock *clock);

/* Writes a record; 0, or -1 when a store could not be served: it is then half written, and may be written again. */
int write_record(struct record *record, uint64_t number);

/* Reads a record; number is set for LOOK_READ. */
enum look read_record(const struct record *record, uint64_t *number);

/* One word; 0, or -1 when the load or store could not be served. */
int store_word(uint64_t *word, uint64_t value);
int load_word(const uint64_t *word, uint64_t *value);

/* From now on a load or store that cannot be served makes the functions above say so. For one thread. */
void catch_failures(void);

/* forced.c: stores numbers and forces them, as the host of that number, until *end; checks all words. */
struct pw_region;
void force_all(struct pw_region *region, struct clock *clock, struct cell *cell, uint32_t host, const volatile int *end);
int check_forced(const void *memory, const struct clock *clock, uint64_t seconds);

/* frames.c: opens the stream and swaps checked frames; takes frames, all or the newest, and checks them. Until *end. */
int send_frames(const char *name, struct clock *clock, struct cell *cell, const volatile int *end);
int take_frames(const char *name, struct clock *clock, struct cell *cell, int newest, const volatile int *end);
void report(struct cell *cell, uint32_t slot, uint64_t got, uint64_t wanted, const char *why, uint64_t done);
void complain(const char *text);
void pause_for(long ns);

#endif
