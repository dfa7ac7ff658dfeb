#include "agent.h"

#include "client.h"
#include "decode.h"
#include "events.h"
#include "hold.h"
#include "lease.h"
#include "line.h"
#include "preload.h"
#include "reconnect.h"
#include "region_table.h"
#include "successor.h"
#include "rights.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define MOST_WAITING 256u
#define STACK_BYTES (256u << 10)

/* The lease is looked at this often, so that a page that had no end and got one is noticed long before that end. */
#define LEASE_LOOK_NS (250 * PW_MS)

/* A page that is kept for longer than a moment is looked at this often: does its thread still need it? */
#define HOLD_LOOK_NS (500 * PW_US)

struct waiting {
    struct pw_revoke revoke;
    uint32_t id;
    uint64_t not_before; /* a thread that is about to use the page, hold, or pin; 0 = not looked at yet */
};

/* A preloaded mapping at a new daemon: what is left to do. */
struct refill {
    enum { COMPLETE, FILLING, SETTLING } step;
    uint64_t next; /* question */
    struct pw_filling filling;
    struct pw_settling settling;
    int failed; /* negative errno: dsmd could not fill it */
};

/* What the agent thread keeps for one connection. */
struct agent {
    struct pw_region *region;
    struct waiting waiting[MOST_WAITING];
    uint32_t count;
    struct pw_message answers[MOST_WAITING]; /* not sent yet */
    uint32_t answer_count;
    size_t answer_sent; /* bytes of answers[0] that have gone */
    struct pw_message message;
    size_t got; /* bytes of message that have come */
    struct pw_successor successor;
    int lines_shut;
    int lapsed; /* the lease is over and everything was taken away for it */
    struct refill refill;
};

static int set_timer(const struct agent *agent) {
    const struct pw_region *region = agent->region;
    uint64_t now = pw_clock(CLOCK_BOOTTIME);
    uint64_t end = pw_lease_end(region);
    uint64_t at = now + LEASE_LOOK_NS;
    if (!agent->lapsed && end != PW_LEASE_NO_END && end < at) {
        at = end > now ? end : now + 1;
    }
    struct itimerspec timer = {.it_value = pw_timespec(at)};
    return timerfd_settime(region->timer_fd, TFD_TIMER_ABSTIME, &timer, NULL);
}

static void look_at_lease(struct agent *agent) {
    struct pw_region *region = agent->region;
    uint64_t ignored;
    ssize_t drained = read(region->timer_fd, &ignored, sizeof ignored);
    (void)drained;
    int over = pw_lease_over(region);
    if (over && !agent->lapsed) {
        pw_rights_take_all(region);
        struct pw_event event = {.kind = PW_EVENT_REVOKED, .count = region->pages};
        pw_event_put(region, &event);
        region->revokes++;
    }
    agent->lapsed = over;
    set_timer(agent);
}

static void answer(struct agent *agent, const struct waiting *waiting) {
    struct pw_region *region = agent->region;
    uint64_t late = pw_now() - waiting->revoke.arrived;
    agent->answers[agent->answer_count++] = (struct pw_message){
        .version = PW_PROTOCOL_VERSION,
        .type = PW_REVOKED,
        .id = waiting->id,
        .b = waiting->revoke.sequence,
    };
    region->revokes++;
    if (waiting->not_before != 0) {
        region->hold_ns += late;
    }
    struct pw_event event = {
        .kind = PW_EVENT_REVOKED,
        .page = waiting->revoke.first,
        .count = waiting->revoke.count,
        .duration_ns = late,
    };
    pw_event_put(region, &event);
}

/* Applies a revoke, or gives the moment to come back. A thread to which the daemon gave a page before the revoke, and which has not
 * returned from the handler yet, is waited for up to a quarter of the revoke deadline. */
static uint64_t apply(struct pw_region *region, const struct pw_revoke *revoke) {
    uint64_t patience = revoke->arrived + region->revoke_ms * PW_MS / 4;
    if (pw_now() < patience && pw_lines_owe(region, revoke) > 0) {
        return patience;
    }
    uint64_t until = pw_rights_revoke(region, revoke);
    uint64_t look = pw_now() + HOLD_LOOK_NS;
    if (until <= look) {
        return until;
    }
    uint32_t ended, left = pw_hold_end_asleep(region, revoke, &ended);
    until = ended > 0 ? pw_rights_revoke(region, revoke) : until;
    return left > 0 && until > look ? look : until;
}

/* Applies what is due; the moment of the next one, UINT64_MAX when there is none. */
static uint64_t work(struct agent *agent) {
    struct pw_region *region = agent->region;
    uint64_t next = UINT64_MAX;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < agent->count; i++) {
        struct waiting *waiting = &agent->waiting[i];
        const struct pw_revoke *revoke = &waiting->revoke;
        if (waiting->not_before <= pw_now()) {
            uint64_t until = apply(region, revoke);
            if (until == 0) {
                answer(agent, waiting);
                continue;
            }
            waiting->not_before = until;
        }
        next = waiting->not_before < next ? waiting->not_before : next;
        agent->waiting[kept++] = *waiting;
    }
    agent->count = kept;
    return next;
}

/* 0, or -1 when the daemon is gone. */
static int send_answers(struct agent *agent) {
    while (agent->answer_count > 0) {
        size_t all = agent->answer_count * sizeof(struct pw_message);
        ssize_t sent = send(agent->region->agent_fd, (char *)agent->answers + agent->answer_sent,
                            all - agent->answer_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0) {
            return errno == EAGAIN || errno == EINTR ? 0 : -1;
        }
        agent->answer_sent += (size_t)sent;
        uint32_t whole = (uint32_t)(agent->answer_sent / sizeof(struct pw_message));
        agent->answer_count -= whole;
        agent->answer_sent -= whole * sizeof(struct pw_message);
        memmove(agent->answers, agent->answers + whole, agent->answer_count * sizeof(struct pw_message));
    }
    return 0;
}

static int has_room(const struct agent *agent) {
    return agent->count + agent->answer_count < MOST_WAITING;
}

static int take_in(struct agent *agent) {
    const struct pw_region *region = agent->region;
    const struct pw_message *message = &agent->message;
    uint64_t first, count;
    if (pw_decode_lost(message, region->pages, &first, &count) == 0) {
        pw_pages_lost(agent->region, first, count);
        return 0;
    }
    if (pw_decode_revoke(message, region->pages, &first, &count) != 0) {
        return -1;
    }
    agent->waiting[agent->count++] = (struct waiting){
        .revoke = {
            .first = first,
            .count = count,
            .sequence = message->b,
            .left = message->status & PW_REVOKE_LEFT,
            .whole = message->c == 0,
            .at_leisure = (message->status & PW_AT_LEISURE) != 0,
            .arrived = pw_now(),
        },
        .id = message->id,
    };
    return 0;
}

/* 0, or -1 when the daemon is gone or talks nonsense. */
static int read_messages(struct agent *agent) {
    while (has_room(agent)) {
        ssize_t n = recv(agent->region->agent_fd, (char *)&agent->message + agent->got,
                         sizeof agent->message - agent->got, MSG_DONTWAIT);
        if (n == 0) {
            return -1;
        }
        if (n < 0) {
            return errno == EAGAIN || errno == EINTR ? 0 : -1;
        }
        agent->got += (size_t)n;
        if (agent->got == sizeof agent->message) {
            agent->got = 0;
            if (take_in(agent) != 0) {
                return -1;
            }
        }
    }
    return 0;
}

static void drain_wake(struct agent *agent) {
    uint64_t ignored;
    if (read(agent->region->wake_fd, &ignored, sizeof ignored) > 0) {
        for (uint32_t i = 0; i < agent->count; i++) { /* a pin may be gone */
            agent->waiting[i].not_before = agent->waiting[i].not_before != 0 ? 1 : 0;
        }
    }
}

/* Fills a preloaded mapping again, a step at a time: one question to the daemon, or one piece of memory locked. The moment of
 * the next step, UINT64_MAX when there is none. */
static uint64_t refill(struct agent *agent) {
    struct pw_region *region = agent->region;
    struct refill *refill = &agent->refill;
    if (refill->step == COMPLETE || region->state != PW_OPEN || pw_now() < refill->next) {
        return refill->step == COMPLETE || region->state != PW_OPEN ? UINT64_MAX : refill->next;
    }
    if (refill->step == SETTLING) {
        if (pw_preload_settle(region, &refill->settling) != 0) { /* done, or no memory: then its pages come one by one */
            refill->step = COMPLETE;
            return UINT64_MAX;
        }
        return refill->next;
    }
    int rc = pw_filling_ask(&refill->filling);
    rc = rc == 1 ? pw_preload_open(region, refill->filling.token) : rc == 0 ? -EAGAIN : rc;
    if (rc == 0) {
        refill->step = SETTLING;
    } else if (rc == -EAGAIN) {
        refill->next = pw_now() + PW_PROGRESS_NS;
    } else {
        refill->failed = rc;
    }
    return refill->next;
}

static uint64_t sooner(uint64_t one, uint64_t two) {
    return one < two ? one : two;
}

/* Works for one connection until it is lost (1) or the mapping closes (0). */
static int serve(struct agent *agent) {
    struct pw_region *region = agent->region;
    set_timer(agent);
    for (;;) {
        uint64_t next = sooner(work(agent), refill(agent));
        if (send_answers(agent) != 0 || agent->refill.failed != 0) {
            return 1;
        }
        if (region->closing_ready) {
            return 0;
        }
        if (region->state == PW_OPEN) {
            pw_successor_tend(region, &agent->successor);
        } else if (!agent->lines_shut) { /* threads that wait for answers must let go of a closing region */
            pw_successor_drop(&agent->successor);
            pw_lines_shut(region);
            agent->lines_shut = 1;
        }
        struct pollfd ready[4] = {
            {.fd = region->agent_fd, .events = (short)((has_room(agent) ? POLLIN : 0) | (agent->answer_count > 0 ? POLLOUT : 0))},
            {.fd = region->wake_fd, .events = POLLIN},
            {.fd = region->timer_fd, .events = POLLIN},
            {.fd = agent->successor.fd, .events = POLLIN},
        };
        struct timespec timeout = pw_timespec(next == UINT64_MAX ? 0 : pw_left(next));
        if (ppoll(ready, 4, next == UINT64_MAX ? NULL : &timeout, NULL) < 0 && errno != EINTR) {
            return 1;
        }
        if (ready[2].revents != 0) {
            look_at_lease(agent);
        }
        if (ready[0].revents & (POLLIN | POLLHUP | POLLERR) && read_messages(agent) != 0) {
            return 1;
        }
        if (ready[1].revents != 0) {
            drain_wake(agent);
        }
        if (ready[3].revents != 0) {
            pw_successor_read(region, &agent->successor);
        }
    }
}

/* Answers revokes for ms, or until the daemon is gone (1). */
static int answer_for(struct agent *agent, uint64_t ms) {
    uint64_t until = pw_deadline_in_ms(ms);
    for (uint64_t left; (left = pw_left(until)) > 0;) {
        (void)work(agent);
        struct timespec timeout = pw_timespec(left);
        struct pollfd ready = {.fd = agent->region->agent_fd,
                               .events = (short)(POLLIN | (agent->answer_count > 0 ? POLLOUT : 0))};
        if (send_answers(agent) != 0) {
            return 1;
        }
        if (ppoll(&ready, 1, &timeout, NULL) > 0 && read_messages(agent) != 0) {
            return 1;
        }
    }
    return 0;
}

/* The mapping is gone and the daemon did not answer when it was told. It is told again until it knows. The client may be
 * gone as well, so this goes over a connection of its own. */
static void linger(struct agent *agent) {
    struct pw_region *region = agent->region;
    struct pw_client client = {.fd = -1, .connect_ms = 1000};
    struct pw_request request = {.type = PW_UNMAP, .a = region->token, .what = "unmap region", .name = region->name};
    snprintf(client.socket, sizeof client.socket, "%s", region->lingers_at);
    snprintf(client.program, sizeof client.program, "unmap %.200s", region->name);
    pthread_mutex_init(&client.lock, NULL);
    int rc = -ETIMEDOUT;
    for (uint64_t pause = 100; rc == -ETIMEDOUT && answer_for(agent, pause) == 0; pause = pause < 5000 ? pause * 2 : 5000) {
        struct pw_reply reply;
        rc = pw_request(&client, &request, &reply);
        pw_reply_release(&reply);
    }
    if (client.fd >= 0) {
        close(client.fd);
    }
    pthread_mutex_destroy(&client.lock);
}

static struct agent fresh(struct pw_region *region) {
    return (struct agent){.region = region, .successor = {.fd = -1}};
}

static void *run(void *argument) {
    struct pw_region *region = argument;
    struct agent agent = fresh(region);
    prctl(PR_SET_NAME, "pagewire-agent");
    prctl(PR_SET_TIMERSLACK, 1000ul);
    /* Where it is allowed: a revoke makes another host wait. */
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), -10);
    while (serve(&agent) != 0) {
        pw_successor_drop(&agent.successor);
        if (!pw_reconnect(region, agent.refill.failed)) {
            break;
        }
        agent = fresh(region);
        if (pw_is_preloaded(region)) {
            agent.refill.step = FILLING;
            pw_preload_begin(&agent.refill.filling, region, region->token);
        }
    }
    pw_successor_drop(&agent.successor);
    if (region->lingering) {
        if (region->agent_fd >= 0) {
            linger(&agent);
        }
        pw_region_release(region);
        pw_registry_lock();
        pw_region_closed(region);
        pw_registry_unlock();
    }
    return NULL;
}

int pw_agent_prepare(struct pw_region *region) {
    region->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    region->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    return region->wake_fd < 0 || region->timer_fd < 0 ? -errno : 0;
}

int pw_agent_connect(struct pw_region *region, uint64_t deadline) {
    int fd = pw_io_connect(region->client->socket, deadline);
    if (fd < 0) {
        return fd;
    }
    struct pw_message answer;
    pw_lease_begin(region);
    uint64_t sent = pw_clock(CLOCK_BOOTTIME);
    int rc = pw_io_hello(fd, PW_HELLO_AGENT, region->token, deadline, &answer);
    rc = rc == 0 ? pw_lease_meet(region, sent, &answer) : rc;
    if (rc != 0) {
        close(fd);
        return rc;
    }
    region->agent_fd = fd;
    return 0;
}

int pw_agent_start(struct pw_region *region) {
    pthread_attr_t attributes;
    sigset_t all, before;
    sigfillset(&all);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int rc = pthread_create(&region->agent, &attributes, run, region);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -rc;
}

void pw_agent_stop(struct pw_region *region) {
    region->closing_ready = 1;
    pw_agent_poke(region);
    pthread_join(region->agent, NULL);
}

void pw_agent_leave(struct pw_region *region) {
    snprintf(region->lingers_at, sizeof region->lingers_at, "%s", region->client->socket);
    pthread_detach(region->agent);
    region->lingering = 1;
    region->closing_ready = 1;
    pw_agent_poke(region);
}

uint32_t pw_first_lines(const struct pw_region *region) {
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t wanted = processors < 4 ? 4 : processors > 16 ? 16 : (uint32_t)processors;
    return wanted < region->max_lines ? wanted : region->max_lines;
}
