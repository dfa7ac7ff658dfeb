/*
 * A daemon ended, was killed or talked nonsense. Its frames are worth nothing from that moment: another host may be told
 * that this one is dead. All access goes at once; then the mapping waits for a daemon at the same socket and joins its
 * session as if it were new: HELLO, MAP by name, new frames in the place of the old ones, no rights. (A preloaded mapping gets
 * its rights when it is filled again, see agent.c.) When the region is
 * another one by then, or stands elsewhere, the mapping stays failed.
 */
#include "reconnect.h"

#include "agent.h"
#include "client.h"
#include "decode.h"
#include "error.h"
#include "events.h"
#include "failure_log.h"
#include "fault.h"
#include "line.h"
#include "rights.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIRST_PAUSE_MS 20
#define LONGEST_PAUSE_MS 1000

void pw_lease_unmap(struct pw_region *region) {
    if (region->lease != NULL) {
        munmap((void *)(uintptr_t)region->lease, PW_LEASE_LENGTH);
        region->lease = NULL;
    }
}

const struct pw_lease_page *pw_lease_map(int fd, uint64_t session) {
    struct stat about;
    if (fstat(fd, &about) != 0 || about.st_size < (off_t)PW_LEASE_LENGTH) {
        return NULL;
    }
    void *memory = mmap(NULL, PW_LEASE_LENGTH, PROT_READ, MAP_SHARED, fd, 0);
    if (memory == MAP_FAILED) {
        return NULL;
    }
    madvise(memory, PW_LEASE_LENGTH, MADV_DONTFORK);
    const struct pw_lease_page *lease = memory;
    if (pw_decode_lease(lease, session) != 0) {
        munmap(memory, PW_LEASE_LENGTH);
        return NULL;
    }
    return lease;
}

int pw_frames_check(int fd, const struct pw_map_reply *reply) {
    struct stat about;
    if (fstat(fd, &about) != 0) {
        return -errno;
    }
    /* A file may have been cut since; that is an error of its pages, not of the mapping. */
    return reply->flags & PW_FLAG_FILE || (uint64_t)about.st_size >= reply->span ? 0 : -EPROTO;
}

static void forget_mapping(struct pw_region *region) {
    struct pw_reply reply;
    struct pw_request request = {.type = PW_UNMAP, .a = region->token, .what = "unmap region", .name = region->name};
    (void)pw_request(region->client, &request, &reply); /* the daemon forgets it with our sockets at the latest */
    pw_reply_release(&reply);
}

/* Ends what the mapping has of a session that it cannot use. All rights are gone. Where the daemon may still know the mapping it is
 * told before the agent's socket closes, and the lease page is given back before that: dsmd takes a process that has the page and
 * no agent for one that may go on storing, and kills it. */
static void hang_up(struct pw_region *region, int tell) {
    pw_lines_shut(region);
    pw_lines_close(region);
    if (tell) {
        forget_mapping(region);
    }
    if (region->agent_fd >= 0) {
        close(region->agent_fd);
        region->agent_fd = -1;
    }
}

static void lose(struct pw_region *region, uint32_t cause) {
    sigset_t before;
    pw_lock_masked(region, &before);
    int open = region->state == PW_OPEN;
    int stored = open && region->standing == PW_WRITE;
    if (open) {
        region->lost_cause = cause;
        region->state = PW_LOST;
        region->ready = !pw_is_preloaded(region);
        region->locked = 0;
        pw_rights_take_all_locked(region);
        pw_lease_unmap(region);
    }
    pw_unlock_masked(region, &before);
    if (stored) { /* nobody else knows what was stored into these frames and not published */
        pw_pages_lost(region, 0, region->pages);
    }
    if (open) { /* only our socket may have broken; the same daemon then still knows the mapping */
        hang_up(region, region->client->session == region->session);
    }
}

/* 1 = the mapping closes. */
static int pause_for(struct pw_region *region, int ms) {
    struct pollfd wake = {.fd = region->wake_fd, .events = POLLIN};
    uint64_t ignored;
    if (poll(&wake, 1, ms) > 0) {
        ssize_t drained = read(region->wake_fd, &ignored, sizeof ignored);
        (void)drained;
    }
    return region->state != PW_LOST;
}

/* What threads that touch the region meanwhile are told. */
static uint32_t cause_of(int rc) {
    switch (-rc) {
    case ENOENT:
        return PW_UNKNOWN_REGION;
    case ESTALE:
        return PW_DATA_LOST;
    case EHOSTUNREACH:
        return PW_DIRECTORY_UNREACHABLE;
    case EHOSTDOWN:
        return PW_OWNER_LOST;
    case EPERM:
    case EACCES:
        return PW_REFUSED;
    default:
        return PW_DAEMON_LOST;
    }
}

static int same_region(const struct pw_region *region, const struct pw_map_reply *reply) {
    return reply->region_id == region->id && reply->base == region->base && reply->span == region->span
           && reply->page_size == region->page_size && reply->size == region->size
           && reply->highest_right <= region->highest
           && ((reply->flags ^ region->flags) & PW_FLAG_PRELOADED) == 0;
}

static int place_frames(struct pw_region *region, const struct pw_map_reply *reply, struct pw_reply *answer,
                        const struct pw_lease_page *lease) {
    sigset_t before;
    pw_lock_masked(region, &before);
    int rc = -ECANCELED;
    if (region->state == PW_LOST) {
        int old = region->frames;
        region->frames = answer->fds[0];
        rc = pw_region_place(region, 0, region->pages);
        if (rc != 0) {
            region->frames = old;
        } else {
            pw_failure_forget_all(region); /* their private pages went with everything else */
            answer->fds[0] = old; /* released with the reply */
            region->lease = lease;
            pw_rights_unnumber(region);
            region->initial = reply->initial_right;
            rc = pw_is_preloaded(region) ? 0 : pw_rights_initial(region, reply->initial_right);
        }
    }
    pw_unlock_masked(region, &before);
    return rc;
}

/* The mapping's sockets at the new session, then the frames, then the state: threads fault again from then on. */
static int join(struct pw_region *region, const struct pw_map_reply *reply, struct pw_reply *answer) {
    uint64_t deadline = pw_deadline_in_ms(region->client->connect_ms);
    const struct pw_lease_page *lease = pw_lease_map(answer->fds[1], reply->session);
    if (lease == NULL || pw_frames_check(answer->fds[0], reply) != 0) {
        return -EPROTO;
    }
    region->token = reply->token;
    region->session = reply->session;
    region->fault_ms = reply->fault_deadline_ms;
    region->least_hold_ns = pw_least_hold(reply);
    int rc = pw_agent_connect(region, deadline);
    if (rc == 0) {
        rc = pw_lines_open(region, pw_first_lines(region), deadline);
        rc = rc > 0 ? place_frames(region, reply, answer, lease) : rc;
    }
    if (rc != 0) {
        munmap((void *)(uintptr_t)lease, PW_LEASE_LENGTH);
    }
    return rc;
}

static int attempt(struct pw_region *region) {
    struct pw_reply answer;
    struct pw_request request = {
        .type = PW_MAP,
        .a = region->period_ms,
        .c = region->map_flags & ~PW_MAP_EAGER,
        .payload = region->name,
        .length = strlen(region->name),
        .what = "map region",
        .name = region->name,
    };
    int rc = pw_request(region->client, &request, &answer);
    if (rc != 0) {
        /* -ENOENT is also "no socket": only an answer can say that the region is unknown. */
        region->lost_cause = answer.head.status != 0 ? cause_of(rc) : PW_DAEMON_LOST;
        pw_reply_release(&answer);
        return rc;
    }
    struct pw_map_reply reply = {0};
    rc = pw_decode_map_reply(answer.payload, answer.head.length, &reply);
    if (rc != 0) {
        region->lost_cause = PW_PROTOCOL;
    } else if (!same_region(region, &reply)) {
        region->lost_cause = PW_UNKNOWN_REGION;
        rc = -ESTALE;
    } else {
        rc = join(region, &reply, &answer);
    }
    pw_reply_release(&answer);
    if (rc != 0) {
        region->token = reply.token;
        hang_up(region, 1);
        return rc;
    }
    uint32_t lost = PW_LOST;
    atomic_compare_exchange_strong(&region->state, &lost, PW_OPEN);
    return 0;
}

int pw_reconnect(struct pw_region *region, int why) {
    lose(region, why != 0 ? cause_of(why) : PW_DAEMON_LOST);
    for (int pause = why != 0 ? LONGEST_PAUSE_MS : FIRST_PAUSE_MS; !pause_for(region, pause);) {
        if (attempt(region) == 0) {
            return 1;
        }
        pause = pause * 2 < LONGEST_PAUSE_MS ? pause * 2 : LONGEST_PAUSE_MS;
    }
    return 0;
}
