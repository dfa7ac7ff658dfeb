/*
 * Mapping and unmapping.
 *
 * The address range of a region belongs to it for the life of the process: after pw_unmap it stays reserved and
 * inaccessible, and only the same region may take it again.
 */
#include "agent.h"
#include "client.h"
#include "decode.h"
#include "error.h"
#include "events.h"
#include "failure_log.h"
#include "handler.h"
#include "line.h"
#include "reconnect.h"
#include "region_table.h"
#include "rights.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static _Atomic int failure_mode = PW_FAIL_SIGBUS;

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
    off_t offset = fd >= 0 ? (off_t)(first << region->page_shift) : 0;
    if (mmap(at, length, protection, flags | MAP_FIXED | MAP_NORESERVE, fd, offset) == MAP_FAILED) {
        return -errno;
    }
    return madvise(at, length, MADV_DONTFORK) == 0 ? 0 : -errno;
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
    return fixed(region, first, count, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
}

/* ---- pw_map ---- */

/* Names who stands in the way, from /proc/self/maps. */
static int say_conflict(const struct pw_region *region) {
    char line[512], who[512] = "something that /proc/self/maps does not show";
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        uint64_t start, end;
        if (sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) == 2 && start < region->base + region->span
            && end > region->base) {
            line[strcspn(line, "\n")] = '\0';
            const char *path = strpbrk(line, "/[");
            snprintf(who, sizeof who, "%s at 0x%" PRIx64 "-0x%" PRIx64, path != NULL ? path : "anonymous memory", start, end);
            break;
        }
    }
    if (maps != NULL) {
        fclose(maps);
    }
    return pw_fail(EEXIST, "cannot map region '%s' at 0x%" PRIx64 "-0x%" PRIx64 ", its address on every host: %.300s is in"
                   " the way; map regions before whatever took that place", region->name, region->base,
                   region->base + region->span, who);
}

static int claim_range(struct pw_region *region, struct pw_region *closed) {
    sigset_t before;
    if (closed != NULL) { /* our own reserved range */
        pw_lock_masked(closed, &before);
        pw_failure_forget_all(closed);
        closed->state = PW_REPLACED;
        int rc = pw_region_reserve(region, 0, region->pages);
        pw_unlock_masked(closed, &before);
        return rc == 0 ? 0 : pw_fail(-rc, "cannot map region '%s': %s", region->name, strerror(-rc));
    }
    void *wanted = pw_page_address(region, 0);
    void *got = mmap(wanted, region->span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1,
                     0);
    if (got == wanted) {
        return 0;
    }
    if (got != MAP_FAILED) { /* a kernel before 4.17 takes the address for a hint */
        munmap(got, region->span);
        return say_conflict(region);
    }
    return errno == EEXIST ? say_conflict(region)
                           : pw_fail(errno, "cannot map region '%s': %s", region->name, strerror(errno));
}

static struct pw_region *new_region(struct pw_client *client, const char *name, const struct pw_map_reply *reply) {
    struct pw_region *region = calloc(1, sizeof *region);
    if (region == NULL) {
        return NULL;
    }
    region->client = client;
    strcpy(region->name, name);
    region->id = reply->region_id;
    region->base = reply->base;
    region->span = reply->span;
    region->size = reply->size;
    region->page_size = reply->page_size;
    region->page_shift = (uint32_t)__builtin_ctz(reply->page_size);
    region->pages = reply->span >> region->page_shift;
    region->flags = reply->flags;
    region->revoke_ms = reply->revoke_deadline_ms;
    region->fault_ms = reply->fault_deadline_ms;
    region->highest = reply->highest_right;
    region->max_lines = reply->max_lines;
    region->token = reply->token;
    region->session = reply->session;
    region->mode = failure_mode;
    region->state = PW_LOST; /* PW_OPEN when everything stands */
    region->lost_cause = PW_DAEMON_LOST;
    region->frames = region->agent_fd = region->wake_fd = region->timer_fd = -1;
    size_t bytes = region->max_lines * sizeof(struct pw_line);
    region->line = aligned_alloc(_Alignof(struct pw_line), bytes);
    if (region->line == NULL || pw_rights_init(region) != 0) {
        free(region->line);
        free(region);
        return NULL;
    }
    memset(region->line, 0, bytes);
    return region;
}

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
    close_fd(&region->agent_fd);
    close_fd(&region->wake_fd);
    close_fd(&region->timer_fd);
    close_fd(&region->frames);
    if (region->lease != NULL) {
        munmap((void *)(uintptr_t)region->lease, PW_LEASE_LENGTH);
        region->lease = NULL;
    }
    pw_rights_free(region);
    free(region->line);
    region->line = NULL;
    region->lines = 0;
    pw_unlock_masked(region, &before);
}

static int say_setup(const struct pw_region *region, const char *what, int rc) {
    return pw_fail(-rc, "cannot map region '%s': %s: %s", region->name, what, strerror(-rc));
}

static int connect_sockets(struct pw_region *region) {
    uint64_t deadline = pw_deadline_in_ms(region->client->connect_ms);
    int rc = pw_agent_prepare(region);
    if (rc != 0) {
        return say_setup(region, "no descriptors for its agent", rc);
    }
    rc = pw_agent_connect(region, deadline);
    if (rc != 0) {
        return say_setup(region, "dsmd did not accept the agent's connection", rc);
    }
    rc = pw_lines_open(region, pw_first_lines(region), deadline);
    return rc > 0 ? 0 : say_setup(region, "dsmd did not accept a fault line", rc);
}

/* PROT_NONE, then what the engine needs for "no access", then the first right. */
static int put_in_place(struct pw_region *region, uint8_t initial) {
    const struct pw_engine *engine;
    sigset_t before;
    int rc = pw_engine_choose(region->highest, region->span, &engine);
    if (rc != 0) {
        return pw_fail(-rc, "PAGEWIRE_ENGINE must be guard or mprotect, and guard needs Linux 6.15");
    }
    struct pw_region *closed = pw_region_closed_at(region->base, region->span);
    region->engine = engine;
    rc = claim_range(region, closed);
    if (rc != 0) {
        return rc;
    }
    rc = pw_region_publish(region, closed);
    if (rc != 0) {
        munmap(pw_page_address(region, 0), region->span);
        return pw_fail(-rc, "this process has had too many regions");
    }
    pw_lock_masked(region, &before);
    rc = pw_region_place(region, 0, region->pages);
    if (rc != 0 && engine == &pw_engine_guard) { /* for example a filesystem's own memory type */
        region->engine = &pw_engine_mprotect;
        rc = pw_region_place(region, 0, region->pages);
    }
    if (rc == 0) {
        rc = pw_rights_initial(region, initial);
    }
    if (rc == 0) {
        region->state = PW_OPEN;
    } else {
        (void)pw_region_reserve(region, 0, region->pages);
        region->state = PW_SHUT;
    }
    pw_unlock_masked(region, &before);
    return rc == 0 ? 0 : say_setup(region, "the kernel refused the mapping", rc);
}

/* 0 = the daemon knows, or is gone and has forgotten by itself; -ETIMEDOUT = it does not answer. */
static int forget_at_daemon(struct pw_region *region) {
    struct pw_reply reply;
    struct pw_request request = {.type = PW_UNMAP, .a = region->token, .what = "unmap region", .name = region->name};
    int rc = pw_request(region->client, &request, &reply);
    pw_reply_release(&reply);
    return rc == -ETIMEDOUT ? rc : 0;
}

static int set_up(struct pw_client *client, const char *name, struct pw_reply *answer, struct pw_region **out) {
    struct pw_map_reply reply;
    if (pw_decode_map_reply(answer->payload, answer->head.length, &reply) != 0) {
        return pw_fail(EPROTO, "cannot map region '%s': dsmd's answer makes no sense", name);
    }
    struct pw_region *region = new_region(client, name, &reply);
    if (region == NULL) {
        return pw_fail(ENOMEM, "no memory for the books of region '%s'", name);
    }
    int rc = 0;
    region->frames = answer->fds[0];
    answer->fds[0] = -1;
    region->lease = pw_lease_map(answer->fds[1], reply.session);
    if (region->lease == NULL || pw_frames_check(region->frames, &reply) != 0) {
        rc = pw_fail(EPROTO, "cannot map region '%s': dsmd handed out frames or a lease page of the wrong kind", name);
    }
    rc = rc == 0 ? connect_sockets(region) : rc;
    rc = rc == 0 ? put_in_place(region, reply.initial_right) : rc;
    int published = rc == 0 || region->state == PW_SHUT;
    if (rc == 0 && (rc = pw_agent_start(region)) != 0) {
        sigset_t before;
        pw_lock_masked(region, &before);
        (void)pw_region_reserve(region, 0, region->pages);
        region->state = PW_SHUT;
        pw_unlock_masked(region, &before);
        say_setup(region, "no thread for its agent", rc);
    }
    if (rc != 0) {
        char text[512];
        snprintf(text, sizeof text, "%s", pw_error());
        (void)forget_at_daemon(region);
        pw_region_release(region);
        if (!published) {
            free(region);
        }
        return pw_fail(-rc, "%s", text);
    }
    region->next_of_client = client->regions;
    client->regions = region;
    *out = region;
    return 0;
}

static int prepare(void) {
    int rc = pw_cookie_prepare();
    if (rc == 0 && failure_mode == PW_FAIL_RECORD) {
        rc = pw_failure_prepare();
    }
    if (rc == 0) {
        rc = pw_handlers_install();
    }
    return rc == 0 ? 0 : pw_fail(-rc, "cannot prepare this process for page faults: %s", strerror(-rc));
}

static int map_locked(struct pw_client *client, const char *name, uint32_t flags, struct pw_region **out) {
    int rc = prepare();
    if (rc != 0) {
        return rc;
    }
    if (pw_region_open_named(name) != NULL) {
        return pw_fail(EBUSY, "region '%s' is mapped in this process already", name);
    }
    struct pw_reply answer;
    struct pw_request request = {
        .type = PW_MAP,
        .c = flags,
        .payload = name,
        .length = strlen(name),
        .what = "map region",
        .name = name,
    };
    rc = pw_request(client, &request, &answer);
    if (rc == 0) {
        rc = set_up(client, name, &answer, out);
    }
    pw_reply_release(&answer);
    return rc;
}

int pw_map(struct pw_client *client, const char *name, uint32_t flags, struct pw_region **region) {
    pw_error_clear();
    if (pw_in_child()) {
        return pw_fail(EPERM, "a process forked from one that uses pagewire cannot use it; start a new program (exec)");
    }
    if (*name == '\0' || strlen(name) > PW_MAX_NAME) {
        return pw_fail(EINVAL, "a region's name has 1 to %u bytes", PW_MAX_NAME);
    }
    if (flags & ~PW_MAP_EAGER) {
        return pw_fail(EINVAL, "flags 0x%x: only PW_MAP_EAGER is known", flags);
    }
    pw_registry_lock();
    int rc = map_locked(client, name, flags, region);
    pw_registry_unlock();
    return rc;
}

/* ---- pw_unmap ---- */

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

static void unmap_locked(struct pw_region *region) {
    sigset_t before;
    pw_lock_masked(region, &before);
    int open = region->state == PW_OPEN || region->state == PW_LOST;
    if (open) {
        region->state = PW_CLOSING;
    }
    pw_unlock_masked(region, &before);
    if (!open) {
        return;
    }
    /* The agent shuts the lines, so threads that wait for an answer come back; they find the region closing. */
    pw_agent_poke(region);
    while (region->users > 0) {
        struct timespec pause = pw_timespec(50 * PW_US);
        nanosleep(&pause, NULL);
    }
    take_away(region);
    /* While the agent still answers. An agent that leaves without UNMAP looks to dsmd like a process that is dying, and
     * it makes sure that it does; so when dsmd hangs, the agent stays behind until it can say goodbye. */
    if (forget_at_daemon(region) == 0) {
        pw_agent_stop(region);
        pw_region_release(region);
    } else {
        pw_agent_leave(region);
    }
    unlink_from_client(region);
    pw_events_close(region);
    region->client = NULL;
}

void pw_unmap(struct pw_region *region) {
    if (region == NULL || pw_in_child()) {
        return;
    }
    pw_registry_lock();
    unmap_locked(region);
    pw_registry_unlock();
}

void pw_region_unmap_all(struct pw_client *client) {
    pw_registry_lock();
    while (client->regions != NULL) {
        unmap_locked(client->regions);
    }
    pw_registry_unlock();
}
