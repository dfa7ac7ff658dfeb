/*
 * The workload of tools/chaos: writes and reads checksummed records in a region (records.h) until SIGTERM, whatever happens.
 *
 *     records make REGION CLOCK STRIDE [FILE [PAGE]]   a new region; with FILE that file is made, of zeros, and exported, with
 *                                               pages of so many bytes, which the region of `share` then has as well
 *     records write REGION CLOCK CELL           the only writer; goes on after the last completed record
 *     records read REGION CLOCK CELL            checks every record it reads; reports each broken promise in a line
 *     records check REGION CLOCK SECONDS        every completed record must be there within that time; prints their digest
 *     records check-file FILE CLOCK             the same for the file behind an exported region
 *     records share REGION CLOCK FILE           makes that file, of zeros, and a region of it that every host may write
 *     records force-a REGION CLOCK CELL         stores and forces numbers as host a (b, c), and checks those of all hosts
 *     records check-forced REGION CLOCK SECONDS every forced number must be there within that time; prints the digest of all
 *     records check-forced-file FILE CLOCK      the same for the file behind that region
 *     records send-frames STREAM CLOCK CELL     swaps checked frames; finishes the stream now and then and opens it anew
 *     records take-frames STREAM CLOCK CELL     checks every frame of it; take-newest skips to the newest
 *
 * A broken promise is reported as "stale WHEN SLOT READ WANTED WHY DONE": times in ns of CLOCK_MONOTONIC, WANTED the least number
 * that the slot had to hold, DONE when that was complete (0 = not known); of a frame, SLOT is the stream's life. Exit code: 0 done, 1 failed, 2 usage.
 */
#include "output.h"
#include "records.h"

#include <pagewire/pagewire.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MOST_REPORTS 1000
#define PAUSE_AFTER_FAILURE_NS 2000000
#define PAUSE_OF_WRITER_NS 250000
#define PAUSE_OF_READER_NS 50000

static volatile int told_to_end;
static struct clock *clock_;
static struct pw_client *client;

static void on_term(int number) {
    (void)number;
    told_to_end = 1;
}

void pause_for(long ns) {
    struct timespec pause = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    nanosleep(&pause, NULL);
}

void complain(const char *text) {
    static char last[512];
    if (strcmp(last, text) != 0) {
        snprintf(last, sizeof last, "%s", text);
        fprintf(stderr, "records: %" PRIu64 " %s\n", now_ns(), text);
    }
}

/* Connects and maps; tries until it is told to end, or for so many seconds if that is not 0. */
static struct pw_region *map(const char *name, uint64_t seconds) {
    struct pw_region *region = NULL;
    uint64_t end = now_ns() + seconds * 1000000000u;
    while (!told_to_end && (seconds == 0 || now_ns() < end)) {
        if (client == NULL && pw_connect(NULL, &client) < 0) {
            client = NULL;
        } else if (pw_map(client, name, 0, &region) == 0) {
            return region;
        } else {
            pw_disconnect(client); /* dsmd may be another one by now */
            client = NULL;
        }
        complain(pw_error());
        pause_for(50000000);
    }
    return NULL;
}

static int make_file(const char *file, size_t bytes) {
    int fd = open(file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int rc = fd < 0 ? errno : posix_fallocate(fd, 0, (off_t)((bytes + 4095) & ~(size_t)4095));
    if (rc != 0) {
        fprintf(stderr, "records: %s: %s\n", file, strerror(rc));
    }
    if (fd >= 0) {
        close(fd);
    }
    return rc;
}

static int share(const char *name, const char *file) {
    struct pw_region_options options = {.flags = PW_REGION_ANY_WRITER, .page_size = (uint32_t)clock_->page};
    if (make_file(file, shared_pages(clock_) * clock_->page) != 0) {
        return 1;
    }
    if (pw_connect(NULL, &client) < 0 || pw_export_with(client, name, file, &options) < 0) {
        fprintf(stderr, "records: %s\n", pw_error());
        return 1;
    }
    return 0;
}

static int make(const char *name, const char *file) {
    size_t bytes = record_at(clock_, SLOTS);
    if (file != NULL && make_file(file, bytes) != 0) {
        return 1;
    }
    if (pw_connect(NULL, &client) < 0 ||
        (file != NULL ? pw_export(client, name, file, (uint32_t)clock_->page) : pw_create(client, name, bytes, 0)) < 0) {
        fprintf(stderr, "records: %s\n", pw_error());
        return 1;
    }
    return 0;
}

static struct record *slot_in(const void *records, uint32_t slot) {
    return (struct record *)((uintptr_t)records + record_at(clock_, slot));
}

static void write_all(void *records, struct cell *cell) {
    while (!told_to_end) {
        uint64_t number = __atomic_load_n(&clock_->completed, __ATOMIC_ACQUIRE) + 1;
        uint32_t slot = slot_of(clock_, number);
        __atomic_store_n(&clock_->begun, number, __ATOMIC_SEQ_CST);
        __atomic_store_n(&cell->since_ns, now_ns(), __ATOMIC_RELAXED);
        int rc = write_record(slot_in(records, slot), number);
        __atomic_store_n(&cell->since_ns, 0, __ATOMIC_RELAXED);
        if (rc < 0) {
            cell->failures++;
            pause_for(PAUSE_AFTER_FAILURE_NS);
            continue;
        }
        __atomic_store_n(&clock_->done_ns[slot], now_ns(), __ATOMIC_RELAXED);
        __atomic_store_n(&clock_->done[slot], number, __ATOMIC_SEQ_CST);
        __atomic_store_n(&clock_->completed, number, __ATOMIC_SEQ_CST);
        cell->reads++;
        cell->newest = number;
        pause_for(PAUSE_OF_WRITER_NS);
    }
}

void report(struct cell *cell, uint32_t slot, uint64_t got, uint64_t wanted, const char *why, uint64_t done) {
    if (cell->stale++ < MOST_REPORTS) {
        printf("stale %" PRIu64 " %u %" PRIu64 " %" PRIu64 " %s %" PRIu64 "\n", now_ns(), slot, got, wanted, why, done);
        fflush(stdout);
    }
}

/* One look at a slot, held against the clock as it was before and against all that this process has seen. */
static enum look look(const void *records, uint32_t slot, struct cell *cell, uint64_t *seen) {
    uint64_t done = __atomic_load_n(&clock_->done[slot], __ATOMIC_SEQ_CST);
    uint64_t done_ns = __atomic_load_n(&clock_->done_ns[slot], __ATOMIC_RELAXED);
    uint64_t before = number_in_slot(clock_, slot, cell->newest);
    uint64_t number = 0;
    __atomic_store_n(&cell->since_ns, now_ns(), __ATOMIC_RELAXED);
    enum look found = read_record(slot_in(records, slot), &number);
    __atomic_store_n(&cell->since_ns, 0, __ATOMIC_RELAXED);
    if (found == LOOK_FAILED) {
        cell->failures++;
        return found;
    }
    if (found == LOOK_BUSY) {
        cell->busy++;
        return found;
    }
    cell->reads++;
    if (found == LOOK_DAMAGED) {
        report(cell, slot, number, number, "checksum", 0);
    } else if (number < done) {
        report(cell, slot, number, done, "completed", done_ns);
    } else if (number < seen[slot]) {
        report(cell, slot, number, seen[slot], "seen", 0);
    } else if (number < before) {
        report(cell, slot, number, before, "order", 0);
    } else if (number > __atomic_load_n(&clock_->begun, __ATOMIC_SEQ_CST) || (number > 0 && slot_of(clock_, number) != slot)) {
        report(cell, slot, number, 0, "invented", 0);
    } else {
        seen[slot] = number;
        if (number > cell->newest) {
            cell->newest = number;
        }
    }
    return found;
}

/* Half of the looks at what was written last, where writer and readers meet; half anywhere. */
static void read_all(const void *records, struct cell *cell) {
    uint64_t *seen = calloc(SLOTS, sizeof *seen);
    uint64_t random = (uint64_t)getpid() * 0x9e3779b97f4a7c15u + 1;
    if (seen == NULL) {
        return;
    }
    while (!told_to_end) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint64_t number = __atomic_load_n(&clock_->completed, __ATOMIC_ACQUIRE) + random / 2 % 3;
        uint32_t slot = (random & 1) != 0 ? slot_of(clock_, number) : (uint32_t)(random / 2 % SLOTS);
        enum look found = look(records, slot, cell, seen);
        pause_for(found == LOOK_FAILED ? PAUSE_AFTER_FAILURE_NS : PAUSE_OF_READER_NS);
    }
    free(seen);
}

/* Every slot must hold the number that was completed last; what is on the way to a host may still come until the end. */
static int check(const void *records, uint64_t seconds) {
    uint64_t end = now_ns() + seconds * 1000000000u, digest = 0, missing = 0, failed = 0;
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        uint64_t number = 0, wanted = clock_->done[slot];
        enum look found;
        while ((found = read_record(slot_in(records, slot), &number)) == LOOK_FAILED && now_ns() < end) {
            failed++;
            pause_for(20000000);
        }
        int fine = (found == LOOK_READ && number >= wanted) || (found == LOOK_NEVER_WRITTEN && wanted == 0) ||
                   (found == LOOK_BUSY && wanted < clock_->begun && slot_of(clock_, clock_->begun) == slot);
        if (!fine) {
            static const char *const words[] = {"holds", "is empty", "is half written", "cannot be read", "is damaged"};
            fprintf(stderr, "records: slot %u %s, number %" PRIu64 "; %" PRIu64 " was completed\n", slot, words[found], number, wanted);
            missing++;
        }
        digest = (digest ^ number) * 0x100000001b3u + slot;
    }
    printf("digest %016" PRIx64 " completed %" PRIu64 " missing %" PRIu64 " failures %" PRIu64 "\n", digest, clock_->completed,
           missing, failed);
    return missing == 0 ? 0 : 1;
}

static const void *map_file(const char *file, size_t bytes) {
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    const void *memory = fd < 0 ? MAP_FAILED : mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        fprintf(stderr, "records: %s: %m\n", file);
        return NULL;
    }
    return memory;
}

static int check_file(const char *file) {
    const void *records = map_file(file, record_at(clock_, SLOTS));
    return records == NULL ? 1 : check(records, 0);
}

static int check_forced_file(const char *file) {
    const void *memory = map_file(file, shared_pages(clock_) * clock_->page);
    return memory == NULL ? 1 : check_forced(memory, clock_, 0);
}

static int usage(void) {
    fprintf(stderr, "usage: records make REGION CLOCK STRIDE [FILE [PAGE]] | write REGION CLOCK CELL | read REGION CLOCK CELL\n"
                    "     | check REGION CLOCK SECONDS | check-file FILE CLOCK\n"
                    "     | share REGION CLOCK FILE | force-a REGION CLOCK CELL (-b, -c)\n"
                    "     | check-forced REGION CLOCK SECONDS | check-forced-file FILE CLOCK\n"
                    "     | send-frames STREAM CLOCK CELL | take-frames STREAM CLOCK CELL | take-newest STREAM CLOCK CELL\n");
    return 2;
}

static int work(const char *what, const char *name, uint64_t number) {
    int checks = strncmp(what, "check", 5) == 0;
    struct pw_region *region = map(name, checks ? number : 0);
    if (region == NULL) {
        return told_to_end ? 0 : 1;
    }
    void *records = pw_address(region);
    struct cell *cell = &clock_->cells[number % CELLS];
    if (checks) {
        return strcmp(what, "check") == 0 ? check(records, number) : check_forced(records, clock_, number);
    }
    *cell = (struct cell){.pid = getpid()};
    if (strcmp(what, "write") == 0) {
        write_all(records, cell);
    } else if (strncmp(what, "force-", 6) == 0) {
        force_all(region, clock_, cell, (uint32_t)(what[6] - 'a'), &told_to_end);
    } else {
        read_all(records, cell);
    }
    return 0;
}

static int stream(const char *what, const char *name, uint64_t number) {
    struct cell *cell = &clock_->cells[number % CELLS];
    *cell = (struct cell){.pid = getpid()};
    if (strcmp(what, "send-frames") == 0) {
        return send_frames(name, clock_, cell, &told_to_end);
    }
    return take_frames(name, clock_, cell, strcmp(what, "take-newest") == 0, &told_to_end);
}

static int is_stream(const char *what) {
    return strcmp(what, "send-frames") == 0 || strcmp(what, "take-frames") == 0 || strcmp(what, "take-newest") == 0;
}

static int is_work(const char *what) {
    static const char *const all[] = {"write", "read", "check", "check-forced", "force-a", "force-b", "force-c"};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(what, all[i]) == 0) {
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc < 4 || argc > 7) {
        return usage();
    }
    struct sigaction action = {.sa_handler = on_term};
    sigaction(SIGTERM, &action, NULL);
    catch_failures();
    const char *what = argv[1];
    uint64_t number = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
    clock_ = open_clock(argv[3], number);
    if (clock_ == NULL) {
        return 1;
    }
    int rc;
    if (strcmp(what, "make") == 0 && argc >= 5) {
        if (argc == 7) {
            clock_->page = strtoull(argv[6], NULL, 10);
        }
        rc = clock_->page < 4096 ? usage() : make(argv[2], argc >= 6 ? argv[5] : NULL);
    } else if (strcmp(what, "share") == 0 && argc == 5) {
        rc = share(argv[2], argv[4]);
    } else if (strcmp(what, "check-file") == 0 && argc == 4) {
        rc = check_file(argv[2]);
    } else if (strcmp(what, "check-forced-file") == 0 && argc == 4) {
        rc = check_forced_file(argv[2]);
    } else if (is_stream(what) && argc == 5) {
        rc = stream(what, argv[2], number);
    } else if (is_work(what) && argc == 5) {
        rc = work(what, argv[2], number);
    } else {
        return usage();
    }
    pw_disconnect(client);
    return pw_output_ended("records", rc);
}
