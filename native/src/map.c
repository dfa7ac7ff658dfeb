/* Mapping: what dsmd says, the sockets, the address range, the first right, the agent. */
#include "advice.h"
#include "agent.h"
#include "checker.h"
#include "client.h"
#include "conflict.h"
#include "decode.h"
#include "error.h"
#include "failure_log.h"
#include "fault.h"
#include "graves.h"
#include "handler.h"
#include "line.h"
#include "preload.h"
#include "reconnect.h"
#include "region_table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

static int say_conflict(const struct pw_region *region) {
    char who[400];
    pw_conflict_name(region->base, region->base + region->span, who, sizeof who);
    return pw_fail(EEXIST, "cannot map region '%s' at 0x%" PRIx64 "-0x%" PRIx64 ", its address on every host: %.300s is in"
                   " the way; map regions before whatever took that place", region->name, region->base,
                   region->base + region->span, who);
}

/* Which limit of the process it may be. */
static const char *limit(int rc) {
    switch (rc) {
    case -EMFILE:
        return "; this process may have no more descriptors (ulimit -n)";
    case -ENOMEM:
        return "; when there is memory, this process may have no more mappings (sysctl vm.max_map_count)";
    case -EAGAIN:
        return "; this user or machine may have no more threads (ulimit -u, sysctl kernel.threads-max)";
    default:
        return "";
    }
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
    pw_graves_uncover();
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
                           : pw_fail(errno, "cannot map region '%s': %s%s", region->name, strerror(errno), limit(-errno));
}

static struct pw_region *new_region(struct pw_client *client, const char *name, const struct pw_map_options *options,
                                    const struct pw_map_reply *reply) {
    struct pw_region *region = pw_region_new();
    if (region == NULL) {
        return NULL;
    }
    region->client = client;
    region->map_flags = options->flags & ~PW_MAP_DUMP;
    region->dumped = (uint8_t)pw_dump_wanted((options->flags & PW_MAP_DUMP) != 0);
    region->period_ms = options->period_ms;
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
    region->initial = reply->initial_right;
    region->least_hold_ns = pw_least_hold(reply);
    region->ready = !pw_is_preloaded(region);
    region->mode = pw_failure_mode();
    region->state = PW_LOST; /* PW_OPEN when everything stands */
    region->lost_cause = PW_DAEMON_LOST;
    region->frames = region->agent_fd = region->wake_fd = region->timer_fd = -1;
    size_t bytes = region->max_lines * sizeof(struct pw_line);
    region->line = aligned_alloc(_Alignof(struct pw_line), bytes);
    region->aside = pw_client_aside(client);
    if (region->line == NULL || region->aside == NULL || pw_rights_init(region) != 0) {
        free(region->line);
        pw_client_free(region->aside);
        pw_region_discard(region);
        return NULL;
    }
    memset(region->line, 0, bytes);
    return region;
}

static int say_setup(const struct pw_region *region, const char *what, int rc) {
    const char *why = rc == -EPROTO ? "its answer makes no sense; run the same version of dsmd and library" : strerror(-rc);
    return pw_fail(-rc, "cannot map region '%s': %s: %s%s", region->name, what, why, limit(rc));
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

/* The range is ours and the handler knows it. (registry lock) */
static int take_range(struct pw_region *region) {
    int rc = claim_range(region, pw_region_closed_at(region->base, region->span));
    if (rc != 0) {
        return rc;
    }
    rc = pw_region_publish(region);
    if (rc != 0) {
        munmap(pw_page_address(region, 0), region->span);
        return pw_fail(-rc, "cannot map region '%s': this process has as many regions mapped as it can", region->name);
    }
    return 0;
}

/* PROT_NONE, then what the engine needs for "no access", then the first right. */
static int put_in_place(struct pw_region *region) {
    const struct pw_engine *engine;
    sigset_t before;
    int rc = pw_engine_choose(region->highest, region->span, &engine);
    if (rc != 0) {
        return pw_fail(-rc, "PAGEWIRE_ENGINE must be guard or mprotect, and guard needs Linux 6.15");
    }
    if (pw_is_preloaded(region)) { /* markers and locked memory exclude each other */
        engine = &pw_engine_mprotect;
    }
    region->engine = engine;
    pw_registry_lock();
    rc = take_range(region);
    pw_registry_unlock();
    if (rc != 0) {
        return rc;
    }
    pw_lock_masked(region, &before);
    rc = pw_region_place(region, 0, region->pages);
    if (rc != 0 && engine == &pw_engine_guard) { /* for example a filesystem's own memory type */
        region->engine = &pw_engine_mprotect;
        rc = pw_region_place(region, 0, region->pages);
    }
    if (rc == 0 && region->ready) {
        rc = pw_rights_initial(region, region->initial);
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

/* Is it what was asked for? */
static int fits(const struct pw_map_options *options, const struct pw_map_reply *reply) {
    int preloaded = (options->flags & PW_MAP_PRELOADED) != 0;
    return preloaded == ((reply->flags & PW_FLAG_PRELOADED) != 0)
           && (!(options->flags & PW_MAP_READ_ONLY) || reply->highest_right == PW_READ);
}

static int set_up(struct pw_client *client, const char *name, const struct pw_map_options *options, struct pw_reply *answer,
                  struct pw_region **out) {
    struct pw_map_reply reply;
    if (pw_decode_map_reply(answer->payload, answer->head.length, &reply) != 0) {
        return pw_fail(EPROTO, "cannot map region '%s': dsmd's answer makes no sense", name);
    }
    struct pw_region *region = new_region(client, name, options, &reply);
    if (region == NULL) {
        return pw_fail(ENOMEM, "no memory for the books of region '%s'%s", name, limit(-ENOMEM));
    }
    int rc = 0;
    region->frames = answer->fds[0];
    answer->fds[0] = -1;
    region->lease = pw_lease_map(answer->fds[1], reply.session);
    if (region->lease == NULL || pw_frames_check(region->frames, &reply) != 0) {
        rc = pw_fail(EPROTO, "cannot map region '%s': dsmd handed out frames or a lease page of the wrong kind", name);
    } else if (!fits(options, &reply)) {
        rc = pw_fail(EPROTO, "cannot map region '%s': dsmd handed out a mapping of another kind than was asked for; run the"
                     " same version of dsmd and library", name);
    }
    rc = rc == 0 ? connect_sockets(region) : rc;
    rc = rc == 0 ? put_in_place(region) : rc;
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
        (void)pw_region_forget(region, NULL);
        pw_region_release(region);
        if (published) {
            pw_registry_lock();
            pw_region_closed(region);
            pw_registry_unlock();
        } else {
            pw_region_discard(region);
        }
        return pw_fail(-rc, "%s", text);
    }
    pw_region_enter(region); /* nobody unmaps it before the call is done with it */
    pw_registry_lock();
    region->next_of_client = client->regions;
    client->regions = region;
    pw_registry_unlock();
    *out = region;
    return 0;
}

static int prepare(void) {
    int rc = pw_cookie_prepare();
    if (rc == 0 && pw_failure_mode() == PW_FAIL_RECORD) {
        rc = pw_failure_prepare();
    }
    if (rc == 0) {
        rc = pw_handlers_install();
    }
    return rc == 0 ? 0 : pw_fail(-rc, "cannot prepare this process for page faults: %s", strerror(-rc));
}

static int map_named(struct pw_client *client, const char *name, const struct pw_map_options *options,
                     struct pw_region **out) {
    struct pw_reply answer;
    struct pw_request request = {
        .type = PW_MAP,
        .a = options->period_ms,
        .c = options->flags & ~PW_MAP_DUMP,
        .payload = name,
        .length = strlen(name),
        .what = "map region",
        .name = name,
    };
    int rc = pw_request(client, &request, &answer);
    if (rc == 0) {
        rc = set_up(client, name, options, &answer, out);
    }
    pw_reply_release(&answer);
    return rc;
}

/* dsmd may take its time; other threads map and unmap other regions meanwhile. */
static int map(struct pw_client *client, const char *name, const struct pw_map_options *options, struct pw_region **out) {
    struct pw_naming naming = {.name = name};
    pw_registry_lock();
    int rc = prepare();
    if (rc == 0 && (rc = pw_name_claim(&naming)) != 0) {
        rc = pw_fail(-rc, "region '%s' is mapped in this process already", name);
    }
    pw_registry_unlock();
    if (rc != 0) {
        return rc;
    }
    rc = map_named(client, name, options, out);
    pw_registry_lock();
    pw_name_release(&naming);
    pw_registry_unlock();
    return rc;
}

static int check(const char *name, const struct pw_map_options *options) {
    static const struct pw_map_options none;
    if (pw_in_child()) {
        return pw_fail(EPERM, "a process forked from one that uses pagewire cannot use it; start a new program (exec)");
    }
    if (*name == '\0' || strlen(name) > PW_MAX_NAME) {
        return pw_fail(EINVAL, "a region's name has 1 to %u bytes, not %zu", PW_MAX_NAME, strlen(name));
    }
    if (options->flags & ~(PW_MAP_EAGER | PW_MAP_READ_ONLY | PW_MAP_PRELOADED | PW_MAP_DUMP)) {
        return pw_fail(EINVAL, "flags 0x%x: only PW_MAP_EAGER, PW_MAP_READ_ONLY, PW_MAP_PRELOADED and PW_MAP_DUMP are known",
                       options->flags);
    }
    if (options->period_ms != 0 && !(options->flags & PW_MAP_PRELOADED)) {
        return pw_fail(EINVAL, "cannot map region '%s': a period is for preloaded mappings only", name);
    }
    int rc = pw_check_sanitizer();
    if (rc != 0) {
        return rc;
    }
    if (memcmp(options->reserved, none.reserved, sizeof none.reserved) != 0) {
        return pw_fail(EINVAL, "reserved fields of struct pw_map_options must be 0");
    }
    return 0;
}

/* Leaves nothing mapped when it fails. The region is entered, and left. */
static int fill(struct pw_region *region, const struct pw_map_options *options) {
    char text[512];
    int rc = pw_preload(region, region->token, options);
    pw_region_leave(region);
    if (rc == 0) {
        return 0;
    }
    snprintf(text, sizeof text, "%s", pw_error());
    pw_unmap(region);
    return pw_fail(-rc, "%s", text);
}

int pw_map_with(struct pw_client *client, const char *name, const struct pw_map_options *options, struct pw_region **out) {
    static const struct pw_map_options none;
    struct pw_region *region = NULL;
    options = options != NULL ? options : &none;
    pw_error_clear();
    int rc = check(name, options);
    if (rc != 0) {
        return rc;
    }
    rc = map(client, name, options, &region);
    if (rc == 0 && pw_is_preloaded(region)) {
        rc = fill(region, options);
    } else if (rc == 0) {
        pw_region_leave(region);
    }
    if (rc == 0) {
        *out = region;
    }
    return rc;
}

int pw_map(struct pw_client *client, const char *name, uint32_t flags, struct pw_region **region) {
    struct pw_map_options options = {.flags = flags};
    return pw_map_with(client, name, &options, region);
}
