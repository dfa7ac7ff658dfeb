/*
 * A mapping's address space, and the end of a mapping.
 *
 * After pw_unmap the address range of a region stays reserved and inaccessible, and only the same region may take it again, until
 * many others have been closed after it (region_table.c).
 */
#include "advice.h"
#include "agent.h"
#include "checker.h"
#include "client.h"
#include "deadline.h"
#include "error.h"
#include "events.h"
#include "failure_log.h"
#include "handler.h"
#include "leave.h"
#include "line.h"
#include "reconnect.h"
#include "region_table.h"
#include "rights.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static _Atomic int failure_mode = PW_FAIL_SIGBUS;

int pw_failure_mode(void) {
    return failure_mode;
}

int pw_set_failure_mode(enum pw_failure_mode mode) {
    if (mode != PW_FAIL_SIGBUS && mode != PW_FAIL_RECORD) {
        return pw_fail(EINVAL, "failure mode %d is neither PW_FAIL_SIGBUS nor PW_FAIL_RECORD", (int)mode);
    }
    failure_mode = mode;
    return 0;
}

int pw_reinstall_handler(void) {
    int rc = pw_handlers_install();
    return rc == 0 ? 0 : pw_fail(-rc, "cannot install the signal handlers: %s", strerror(-rc));
}

/* ---- pieces of address space; see region.h ---- */

static int fixed(struct pw_region *region, uint64_t first, uint64_t count, int protection, int flags, int fd) {
    void *at = pw_page_address(region, first);
    size_t length = count << region->page_shift;
    int where = region->bare ? MAP_FIXED_NOREPLACE : MAP_FIXED;
    off_t offset = fd >= 0 ? (off_t)(first << region->page_shift) : 0;
    if (mmap(at, length, protection, flags | where | MAP_NORESERVE, fd, offset) == MAP_FAILED) {
        return -errno;
    }
    pw_valgrind_readable(at, length);
    return pw_advise(at, length, region->dumped);
}

int pw_region_place(struct pw_region *region, uint64_t first, uint64_t count) {
    int rc = fixed(region, first, count, PROT_NONE, MAP_SHARED, region->frames);
    void *at = pw_page_address(region, first);
    return rc == 0 ? region->engine->arm(at, count << region->page_shift) : rc;
}

int pw_region_cover(struct pw_region *region, uint64_t page, int copy) {
    int flags = MAP_PRIVATE | (copy ? 0 : MAP_ANONYMOUS);
    return fixed(region, page, 1, PROT_READ | PROT_WRITE, flags, copy ? region->frames : -1);
}

int pw_region_reserve(struct pw_region *region, uint64_t first, uint64_t count) {
    if (region->bare) {
        return munmap(pw_page_address(region, first), count << region->page_shift) == 0 ? 0 : -errno;
    }
    return fixed(region, first, count, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

/* ---- pw_unmap ---- */

static void close_fd(int *fd) {
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
}

void pw_region_release(struct pw_region *region) {
    sigset_t before;
    pw_lines_shut(region);
    pw_lines_close(region);
    pw_lock_masked(region, &before);
    pw_lease_unmap(region); /* before the agent's socket, see reconnect.c */
    close_fd(&region->agent_fd);
    close_fd(&region->wake_fd);
    close_fd(&region->timer_fd);
    close_fd(&region->frames);
    pw_rights_free(region);
    pw_client_free(region->aside);
    region->aside = NULL;
    free(region->line);
    region->line = NULL;
    region->lines = 0;
    pw_unlock_masked(region, &before);
    pw_events_free(region);
}

static int say_dsmd_gone(const struct pw_region *region, const char *error) {
    char why[300];
    snprintf(why, sizeof why, "%s", error);
    return pw_fail(ECONNRESET, "region '%s' is unmapped, but dsmd has ended meanwhile, and with it what was written here and was"
                   " not home by then: %s", region->name, why);
}

int pw_region_forget(struct pw_region *region, struct pw_leave *leave) {
    struct pw_reply reply;
    struct pw_request request = {.type = PW_UNMAP, .a = region->token, .what = "unmap region", .name = region->name};
    int rc = pw_request(region->client, &request, &reply);
    if (leave != NULL && rc == 0) {
        pw_leave_begin(leave, region, reply.head.a);
    } else if (leave != NULL && pw_may_have_written(region)) {
        if (rc == -ETIMEDOUT) {
            pw_leave_fail(leave, rc);
        } else {
            pw_leave_unsure(leave, region, say_dsmd_gone(region, pw_error()));
        }
    }
    pw_reply_release(&reply);
    return rc == -ETIMEDOUT ? rc : 0;
}

/* (registry lock) */
static void unlink_from_client(struct pw_region *region) {
    struct pw_region **link = &region->client->regions;
    while (*link != NULL && *link != region) {
        link = &(*link)->next_of_client;
    }
    if (*link != NULL) {
        *link = region->next_of_client;
    }
}

/* The whole range at once, and the books of failed pages with it. */
static void take_away(struct pw_region *region) {
    sigset_t before;
    pw_lock_masked(region, &before);
    pw_rights_take_all_locked(region);
    (void)pw_region_reserve(region, 0, region->pages); /* should it fail: no access is left already */
    region->state = PW_SHUT;
    pw_unlock_masked(region, &before);
}

/* PW_OPEN or PW_LOST: the state until now, and the caller is the one who closes the mapping; else 0. */
static uint32_t begin_closing(struct pw_region *region) {
    sigset_t before;
    pw_lock_masked(region, &before);
    uint32_t state = region->state == PW_OPEN || region->state == PW_LOST ? region->state : 0;
    if (state != 0) {
        region->state = PW_CLOSING;
    }
    pw_unlock_masked(region, &before);
    return state;
}

/* Everything that may take its time: other threads map and unmap meanwhile. 1 = done, 0 = the agent must stay. */
static int close_mapping(struct pw_region *region, uint32_t before, struct pw_leave *leave) {
    /* The agent shuts the lines, so threads that wait for an answer come back; they find the region closing. */
    pw_agent_poke(region);
    while (region->users > 0) {
        struct timespec pause = pw_timespec(50 * PW_US);
        nanosleep(&pause, NULL);
    }
    take_away(region);
    /* While the agent still answers. An agent that leaves without UNMAP looks to dsmd like a process that is dying, and
     * it makes sure that it does; so when dsmd hangs, the agent stays behind until it can say goodbye. One that was looking
     * for a daemon uses the client until its requests have met their deadlines, and has something to say only when it has just
     * found one. */
    if (before == PW_LOST) {
        pw_agent_stop(region);
        if (region->agent_fd >= 0) {
            (void)pw_region_forget(region, leave);
        } else if (pw_may_have_written(region)) {
            pw_leave_unsure(leave, region, say_dsmd_gone(region, "no dsmd has answered since"));
        }
        pw_region_release(region);
    } else if (pw_region_forget(region, leave) == 0) {
        pw_agent_stop(region);
        pw_region_release(region);
    } else {
        pw_events_close(region);
        return 0;
    }
    return 1;
}

/* (registry lock, which is given up meanwhile) */
static void unmap(struct pw_region *region, struct pw_leave *leave) {
    uint32_t before = begin_closing(region);
    if (before != 0) {
        pw_registry_unlock();
        int done = close_mapping(region, before, leave);
        pw_registry_lock();
        unlink_from_client(region);
        if (done) {
            pw_region_closed(region);
        } else {
            pw_agent_leave(region);
            region->client = NULL;
            pw_registry_changed();
        }
    } else {
        while (region->client != NULL) { /* another thread closes it */
            pw_registry_wait();
        }
    }
}

static int check(const struct pw_unmap_options *options) {
    static const struct pw_unmap_options none;
    if (pw_in_child()) {
        return pw_fail(EPERM, "a process forked from one that uses pagewire cannot use it; start a new program (exec)");
    }
    if (options->flags != 0 || memcmp(options->reserved, none.reserved, sizeof none.reserved) != 0) {
        return pw_fail(EINVAL, "flags and reserved fields of struct pw_unmap_options must be 0");
    }
    return 0;
}

void pw_unmap_begin(struct pw_region *region, struct pw_leave *leave) {
    pw_registry_lock();
    unmap(region, leave);
    pw_registry_unlock();
}

int pw_unmap_with(struct pw_region *region, const struct pw_unmap_options *options) {
    static const struct pw_unmap_options none;
    struct pw_leave leave = {.token = 0};
    uint64_t started = pw_now();
    options = options != NULL ? options : &none;
    if (region == NULL) {
        return 0;
    }
    int rc = check(options);
    if (rc != 0) {
        return rc;
    }
    pw_unmap_begin(region, &leave);
    return pw_leave_await(&leave, options, started);
}

int pw_unmap(struct pw_region *region) {
    return pw_unmap_with(region, NULL);
}

int pw_region_unmap_all(struct pw_client *client) {
    char text[512] = "";
    int first = 0;
    pw_registry_lock();
    while (client->regions != NULL) {
        struct pw_leave leave = {.token = 0};
        unmap(client->regions, &leave);
        pw_registry_unlock(); /* others map and unmap meanwhile */
        int rc = pw_leave_await(&leave, NULL, pw_now());
        if (rc != 0 && first == 0) {
            first = rc;
            snprintf(text, sizeof text, "%s", pw_error());
        }
        pw_registry_lock();
    }
    pw_registry_unlock();
    return first != 0 ? pw_fail(-first, "%s", text) : 0;
}
