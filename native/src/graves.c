#include "graves.h"

#include "decode.h"
#include "failure_log.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define MOST_GRAVES 4096u
#define GAP (2ull << 20) /* what the directory leaves free behind a region: no region begins there */
#define PAGE (64u << 10) /* the largest that a kernel has */

struct grave {
    uint64_t start, end;
};

static struct grave graves[MOST_GRAVES]; /* by address; (ground.lock) */
static uint32_t count;                   /* (ground.lock) */

/* All addresses that regions may have, as one region that is closed. */
static struct pw_region ground = {
    .name = "(closed)",
    .base = PW_REGIONS_START,
    .span = PW_REGIONS_END - PW_REGIONS_START,
    .size = PW_REGIONS_END - PW_REGIONS_START,
    .pages = (PW_REGIONS_END - PW_REGIONS_START) / PAGE,
    .page_size = PAGE,
    .page_shift = 16,
    .state = PW_SHUT,
    .bare = 1,
    .frames = -1,
};

static void join(uint32_t i) { /* with the next one */
    graves[i].end = graves[i].end > graves[i + 1].end ? graves[i].end : graves[i + 1].end;
    count--;
    memmove(graves + i + 1, graves + i + 2, (count - i - 1) * sizeof *graves);
}

/* The two that are closest to each other become one: what lies between them is no memory of a region that is mapped, because
 * those are looked up first. */
static void join_closest(void) {
    uint32_t closest = 0;
    for (uint32_t i = 1; i + 1 < count; i++) {
        if (graves[i + 1].start - graves[i].end < graves[closest + 1].start - graves[closest].end) {
            closest = i;
        }
    }
    join(closest);
}

void pw_graves_add(uint64_t start, uint64_t end) {
    sigset_t before;
    pw_lock_masked(&ground, &before);
    ground.mode = pw_failure_mode();
    if (count == MOST_GRAVES) {
        join_closest();
    }
    uint32_t at = count;
    while (at > 0 && graves[at - 1].start > start) {
        at--;
    }
    memmove(graves + at + 1, graves + at, (count - at) * sizeof *graves);
    graves[at] = (struct grave){start, end};
    count++;
    if (at + 1 < count && graves[at + 1].start <= end + GAP) {
        join(at);
    }
    if (at > 0 && start <= graves[at - 1].end + GAP) {
        join(at - 1);
    }
    pw_unlock_masked(&ground, &before);
}

struct pw_region *pw_graves_enter_at(uint64_t address) {
    if (address - ground.base >= ground.span) {
        return NULL;
    }
    pw_lock(&ground.lock); /* all signals are blocked, here and wherever else it is taken */
    uint32_t at = count;
    while (at > 0 && graves[at - 1].start > address) {
        at--;
    }
    int dead = at > 0 && address < graves[at - 1].end;
    pw_unlock(&ground.lock);
    unsigned char ignored;
    /* What somebody else has put there since is not ours, however it fails. */
    if (!dead || mincore(pw_page_address(&ground, (address - ground.base) / PAGE), PAGE, &ignored) == 0 || errno != ENOMEM) {
        return NULL;
    }
    pw_region_enter(&ground);
    return &ground;
}

void pw_graves_uncover(void) {
    sigset_t before;
    pw_lock_masked(&ground, &before);
    int rc = pw_failure_end_all(&ground);
    pw_unlock_masked(&ground, &before);
    (void)rc; /* a page that stays makes itself known to whoever wants its address */
}
