#include "place.h"

#include "decode.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

struct place {
    uint64_t start, end;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all below */
static struct place *places;                             /* by address */
static size_t count, room;

static uint64_t next_like(uint64_t from, uint64_t like) {
    uint64_t start = from / PW_DIRECTORY * PW_DIRECTORY + like % PW_DIRECTORY;
    return start >= from ? start : start + PW_DIRECTORY;
}

/* The first free range from there on, with unused address space on both sides, so that neighbours that are parts of one file
 * never become one mapping of the kernel. 0 = none; *index is where its entry belongs. */
static uint64_t find(uint64_t from, uint64_t length, uint64_t like, size_t *index) {
    uint64_t start = next_like(from, like);
    size_t i = 0;
    for (; i < count && places[i].start < start + length + PW_DIRECTORY; i++) {
        if (places[i].end + PW_DIRECTORY > start) {
            start = next_like(places[i].end + PW_DIRECTORY, like);
        }
    }
    *index = i;
    return start + length <= PW_PARKING_END ? start : 0;
}

static int make_room(void) {
    if (count == room) {
        size_t more = room == 0 ? 64 : 2 * room;
        struct place *grown = realloc(places, more * sizeof *grown);
        if (grown == NULL) {
            return -1;
        }
        places = grown;
        room = more;
    }
    return 0;
}

void *pw_place_map(uint64_t length, uint64_t like, int prot, int flags, int fd, uint64_t offset) {
    void *got = NULL;
    size_t index = 0;
    uint64_t step = PW_DIRECTORY;
    pthread_mutex_lock(&lock);
    int error = make_room() == 0 ? EEXIST : ENOMEM;
    uint64_t start = PW_PARKING_START;
    while (error == EEXIST && (start = find(start, length, like, &index)) != 0) {
        void *wanted = (void *)(uintptr_t)start;
        got = mmap(wanted, length, prot, flags | MAP_FIXED_NOREPLACE, fd, (off_t)offset);
        error = got == MAP_FAILED ? errno : 0;
        if (error == 0 && got != wanted) { /* a kernel before 4.17 takes the address for a hint */
            munmap(got, length);
            error = EEXIST;
        }
        if (error == EEXIST) { /* somebody asked for an address here, however large that mapping is */
            start += step;
            step *= 2;
        }
    }
    if (error == 0) {
        memmove(places + index + 1, places + index, (count - index) * sizeof *places);
        places[index] = (struct place){start, start + length};
        count++;
    } else {
        got = NULL;
    }
    pthread_mutex_unlock(&lock);
    errno = error == EEXIST ? ENOMEM : error;
    return got;
}

void pw_place_forget(void *place) {
    pthread_mutex_lock(&lock);
    for (size_t i = 0; i < count; i++) {
        if (places[i].start == (uint64_t)(uintptr_t)place) {
            count--;
            memmove(places + i, places + i + 1, (count - i) * sizeof *places);
            break;
        }
    }
    pthread_mutex_unlock(&lock);
}

void pw_place_unmap(void *place, uint64_t length) {
    munmap(place, length);
    pw_place_forget(place);
}
