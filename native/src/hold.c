#include "hold.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void pw_hold_keep(struct pw_line *line, const struct pw_series *series, int longer) {
    uint64_t until = pw_now() + series->hold_ns;
    for (uint32_t i = 0; i < series->count; i++) {
        struct pw_hold *place = &line->hold[0];
        for (uint32_t k = 0; k < PW_LINE_HOLDS && place->page != series->page[i]; k++) {
            struct pw_hold *next = &line->hold[k];
            place = next->page == series->page[i] || next->until < place->until ? next : place;
        }
        place->page = series->page[i];
        place->thread = line->thread;
        place->longer = longer;
        place->until = until;
    }
}

void pw_hold_begin(struct pw_line *line, const struct pw_series *series) {
    uint64_t until = pw_now() + series->hold_ns;
    for (uint32_t k = 0; k < PW_LINE_HOLDS; k++) {
        for (uint32_t i = 0; i < series->count; i++) {
            if (line->hold[k].page == series->page[i] && line->hold[k].thread == line->thread) {
                line->hold[k].until = until;
            }
        }
    }
}

static int keeps(const struct pw_region *region, const struct pw_hold *hold, const struct pw_revoke *revoke) {
    return hold->page - revoke->first < revoke->count && pw_rights_of(region, hold->page) > revoke->left;
}

uint64_t pw_hold_until(const struct pw_region *region, const struct pw_revoke *revoke) {
    uint64_t until = 0;
    uint32_t lines = region->lines;
    for (uint32_t i = 0; i < lines; i++) {
        for (uint32_t k = 0; k < PW_LINE_HOLDS; k++) {
            const struct pw_hold *hold = &region->line[i].hold[k];
            if (hold->until > until && keeps(region, hold, revoke)) {
                until = hold->until;
            }
        }
    }
    return until;
}

static struct pw_visits *visits_of(struct pw_region *region, uint32_t thread) {
    return &region->visits[thread % PW_VISITS];
}

void pw_visit_begin(struct pw_region *region, uint32_t thread) {
    visits_of(region, thread)->begun++;
}

void pw_visit_end(struct pw_region *region, uint32_t thread) {
    visits_of(region, thread)->ended++;
}

/* 1 = the thread sleeps and was not in the handler when that was seen. A page fault of its own counts as no sleep: the kernel waits
 * for it uninterruptibly. */
static int asleep(struct pw_region *region, uint32_t thread) {
    struct pw_visits *visits = visits_of(region, thread);
    char path[64], text[512];
    uint32_t begun = visits->begun;
    if (begun != visits->ended) {
        return 0;
    }
    snprintf(path, sizeof path, "/proc/self/task/%u/stat", thread);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    text[got > 0 ? got : 0] = '\0';
    const char *state = strrchr(text, ')'); /* behind the thread's name, which may hold anything */
    return state != NULL && strncmp(state, ") S", 3) == 0 && visits->begun == begun;
}

/* Of the threads behind after, the first one with a long hold on pages of the revoke; 0 = none. */
static uint32_t next_holder(struct pw_region *region, const struct pw_revoke *revoke, uint32_t after) {
    uint32_t thread = 0;
    uint64_t now = pw_now();
    pw_lock(&region->lock);
    for (uint32_t i = 0; i < region->lines; i++) {
        for (uint32_t k = 0; k < PW_LINE_HOLDS; k++) {
            const struct pw_hold *hold = &region->line[i].hold[k];
            if (hold->longer && hold->until > now && hold->thread > after && (thread == 0 || hold->thread < thread)
                && keeps(region, hold, revoke)) {
                thread = hold->thread;
            }
        }
    }
    pw_unlock(&region->lock);
    return thread;
}

static void end_holds_of(struct pw_region *region, const struct pw_revoke *revoke, uint32_t thread) {
    pw_lock(&region->lock);
    for (uint32_t i = 0; i < region->lines; i++) {
        for (uint32_t k = 0; k < PW_LINE_HOLDS; k++) {
            struct pw_hold *hold = &region->line[i].hold[k];
            if (hold->longer && hold->thread == thread && keeps(region, hold, revoke)) {
                hold->until = 0;
            }
        }
    }
    pw_unlock(&region->lock);
}

uint32_t pw_hold_end_asleep(struct pw_region *region, const struct pw_revoke *revoke, uint32_t *ended) {
    uint32_t left = 0;
    *ended = 0;
    for (uint32_t thread = 0; (thread = next_holder(region, revoke, thread)) != 0;) {
        if (asleep(region, thread)) {
            end_holds_of(region, revoke, thread);
            ++*ended;
        } else {
            left++;
        }
    }
    return left;
}
