#include "line.h"

#include "client.h"
#include "decode.h"
#include "fault.h"
#include "io.h"
#include "lease.h"
#include "queue.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

void pw_agent_poke(struct pw_region *region) {
    uint64_t one = 1;
    ssize_t ignored = write(region->wake_fd, &one, sizeof one);
    (void)ignored;
}

struct pw_line *pw_line_try(struct pw_region *region, uint32_t start) {
    uint32_t lines = region->lines;
    for (uint32_t i = 0; i < lines; i++) {
        struct pw_line *line = &region->line[(start + i) % lines];
        uint32_t expected = PW_LINE_FREE;
        if (line->state == PW_LINE_FREE && atomic_compare_exchange_strong(&line->state, &expected, PW_LINE_BUSY)) {
            return line;
        }
    }
    return NULL;
}

struct pw_line *pw_line_take(struct pw_region *region, uint64_t *deadline, uint64_t patience) {
    uint32_t thread = (uint32_t)syscall(SYS_gettid);
    struct pw_line *line = NULL;
    if (region->line_wanted == 0) {
        /* A thread starts at the same line each time, so that lines and threads pair up and the agent finds their holds. */
        line = pw_line_try(region, thread * 2654435761u >> 8);
    }
    if (line == NULL) {
        line = pw_queue_wait(region, deadline, patience);
    }
    if (line != NULL) {
        line->thread = thread;
    }
    return line;
}

static void done(struct pw_region *region, struct pw_line *line, uint32_t state) {
    line->asked = 0;
    line->answered = 0;
    line->turn++;
    if (line->watched) {
        line->watched = 0;
        pw_futex_wake(&line->turn, 1);
        pw_agent_poke(region);
    }
    line->state = state;
    if (state == PW_LINE_FREE && region->line_wanted > 0) {
        pw_queue_serve(region);
    }
}

void pw_line_release(struct pw_region *region, struct pw_line *line) {
    done(region, line, PW_LINE_FREE);
}

void pw_line_break(struct pw_region *region, struct pw_line *line) {
    done(region, line, PW_LINE_BROKEN);
    pw_agent_poke(region);
}

/* Waits in ppoll and not in recv: when the daemon takes the request out of the socket, the kernel wakes whoever sleeps in
 * recv at this end, because there is room to send again; a sleeper in ppoll is woken by its answer only. ppoll ends early
 * when the process was stopped and continued, even with all signals blocked. */
static int receive(struct pw_region *region, struct pw_line *line, struct pw_message *answer, uint64_t deadline) {
    char *bytes = (char *)answer;
    size_t got = 0;
    uint64_t patience = pw_left(deadline), moved = pw_lease_moved(region);
    for (;;) {
        uint64_t left = pw_left(deadline);
        struct timespec timeout = pw_timespec(left);
        struct pollfd ready = {.fd = line->fd, .events = POLLIN};
        /* The agent looks for an answer in the socket and here: there is no moment in which it would find it in neither. */
        line->answered = ppoll(&ready, 1, &timeout, NULL) > 0;
        ssize_t n = recv(line->fd, bytes + got, sizeof *answer - got, MSG_DONTWAIT);
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
            return -ECONNRESET;
        }
        got += n > 0 ? (size_t)n : 0;
        if (got == sizeof *answer) {
            return 0;
        }
        if (left == 0) {
            uint64_t seen = moved;
            moved = pw_lease_moved(region);
            if (moved == seen) {
                return -ETIMEDOUT;
            }
            region->line_moved = pw_now();
            /* Those in the queue, who wait for the whole of it, hear of it before theirs ends. */
            deadline = pw_now() + patience / 2;
        }
        line->answered = 0;
        if (line->watched) {
            line->watched = 0;
            pw_agent_poke(region);
        }
    }
}

int pw_line_ask(struct pw_region *region, struct pw_line *line, uint64_t page, int right, uint64_t deadline,
                struct pw_message *answer) {
    struct pw_message request = {
        .version = PW_PROTOCOL_VERSION,
        .type = PW_FAULT,
        .status = (uint16_t)right,
        .id = ++line->next_id,
        .a = page,
        .b = line->thread,
    };
    line->asked = page + 1;
    ssize_t sent;
    do { /* nothing else is in the socket, so 32 bytes go at once or never */
        sent = send(line->fd, &request, sizeof request, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    if (sent != (ssize_t)sizeof request) {
        return -ECONNRESET;
    }
    int rc = receive(region, line, answer, deadline);
    return rc == 0 ? pw_decode_fault_answer(answer, request.id, page, right, region->pages, region->highest) : rc;
}

void pw_line_ready(struct pw_region *region, uint32_t index, int fd) {
    struct pw_line *line = &region->line[index];
    line->fd = fd;
    if (index >= region->lines) {
        region->lines = index + 1;
    }
    done(region, line, PW_LINE_FREE);
}

int pw_lines_open(struct pw_region *region, uint32_t count, uint64_t deadline) {
    int opened = 0, rc = 0;
    for (uint32_t i = 0; i < count && rc == 0; i++) {
        int fd = pw_io_connect(region->client->socket, deadline);
        if (fd < 0) {
            rc = fd;
            break;
        }
        struct pw_message answer;
        uint64_t sent = pw_clock(CLOCK_BOOTTIME);
        rc = pw_io_hello(fd, PW_HELLO_LINE, region->token, deadline, &answer);
        rc = rc == 0 ? pw_lease_meet(region, sent, &answer) : rc;
        if (rc != 0) {
            close(fd);
            break;
        }
        pw_line_ready(region, i, fd);
        opened++;
    }
    return opened > 0 ? opened : rc;
}

void pw_lines_shut(struct pw_region *region) {
    for (uint32_t i = 0; i < region->lines; i++) {
        struct pw_line *line = &region->line[i];
        while (line->state != PW_LINE_BROKEN && line->state != PW_LINE_NONE) {
            uint32_t expected = PW_LINE_FREE;
            if (atomic_compare_exchange_strong(&line->state, &expected, PW_LINE_BROKEN)) {
                break;
            }
            /* Its thread wakes from recv, finds the end of the stream and breaks the line itself. */
            shutdown(line->fd, SHUT_RDWR);
            uint32_t turn = line->turn;
            line->watched = 1;
            if (line->state == PW_LINE_BUSY) {
                pw_futex_wait(&line->turn, turn, PW_MS);
            }
            line->watched = 0;
        }
    }
    pw_queue_wake_all(region);
}

void pw_lines_close(struct pw_region *region) {
    for (uint32_t i = 0; i < region->lines; i++) {
        struct pw_line *line = &region->line[i];
        if (line->state == PW_LINE_BROKEN) {
            close(line->fd);
            line->fd = -1;
            line->state = PW_LINE_NONE;
        }
    }
}

/* Has the line's thread an answer that came before the revoke and is not dealt with yet? */
static int owes(const struct pw_line *line, const struct pw_revoke *revoke) {
    struct pw_message answer;
    uint64_t asked = line->asked;
    if (line->state != PW_LINE_BUSY || asked == 0 || asked - 1 - revoke->first >= revoke->count) {
        return 0;
    }
    if (line->answered) {
        return 1;
    }
    ssize_t got = recv(line->fd, &answer, sizeof answer, MSG_PEEK | MSG_DONTWAIT);
    return (got == (ssize_t)sizeof answer && answer.type == PW_GRANT && answer.b < revoke->sequence) || line->answered;
}

int pw_lines_owe(struct pw_region *region, const struct pw_revoke *revoke) {
    int owed = 0;
    for (uint32_t i = 0; i < region->lines; i++) {
        struct pw_line *line = &region->line[i];
        if (owes(line, revoke)) {
            line->watched = 1; /* its thread wakes the agent, unless it was quicker */
            owed += owes(line, revoke);
        }
    }
    return owed;
}
