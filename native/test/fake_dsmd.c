#include "fake_dsmd.h"

#include "deadline.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define MOST 65536

struct connection {
    struct fake *fake;
    pthread_t thread;
    int fd;
    int kind; /* PW_HELLO_CONTROL, _LINE, _AGENT */
};

struct fake {
    struct fake_options options;
    char socket[108];
    char folder[64];
    int listener, frames_fd, lease_fd;
    char *frames;
    struct pw_lease_page *lease;
    uint64_t session;
    pthread_t acceptor;
    pthread_mutex_t lock;     /* everything below */
    pthread_cond_t answered, next_turn;
    uint32_t *revoking, *wanted; /* per page: unanswered revokes, grants that wait for them */
    struct connection *connection[MOST];
    int connections;
    int agent_fd;
    uint64_t sequence, tokens, token, acknowledged[4096];
    _Atomic uint64_t faults, unmaps;
    _Atomic uint8_t highest; /* of the mapping */
    _Atomic(fake_hook) hook;
    _Atomic(fake_control) control;
    _Atomic int stopping;
};

static _Noreturn void die(const char *what) {
    fprintf(stderr, "fake dsmd: %s: %s\n", what, strerror(errno));
    exit(1);
}

void fake_raw(int fd, const void *bytes, size_t length) {
    ssize_t ignored = send(fd, bytes, length, MSG_NOSIGNAL);
    (void)ignored;
}

static int read_all(int fd, void *to, size_t length) {
    for (size_t got = 0; got < length;) {
        ssize_t n = recv(fd, (char *)to + got, length - got, 0);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return -1;
        }
        got += (size_t)n;
    }
    return 0;
}

static int any(const uint32_t *of, uint64_t first, uint64_t count) {
    for (uint64_t i = first; i < first + count; i++) {
        if (of[i] != 0) {
            return 1;
        }
    }
    return 0;
}

static void add(uint32_t *to, uint64_t first, uint64_t count, uint32_t what) {
    for (uint64_t i = first; i < first + count; i++) {
        to[i] += what;
    }
}

/* While a revoke of a page is unanswered, nothing is granted on that page; a grant that waits goes before the next revoke,
 * or a busy revoker would starve it. */
static void begin_grant(struct fake *fake, uint64_t first, uint64_t count) {
    pthread_mutex_lock(&fake->lock);
    add(fake->wanted, first, count, 1);
    while (any(fake->revoking, first, count)) {
        pthread_cond_wait(&fake->next_turn, &fake->lock);
    }
}

static void end_grant(struct fake *fake, uint64_t first, uint64_t count) {
    add(fake->wanted, first, count, UINT32_MAX);
    pthread_cond_broadcast(&fake->next_turn);
    pthread_mutex_unlock(&fake->lock);
}

static void begin_revoke(struct fake *fake, uint64_t first, uint64_t count) {
    pthread_mutex_lock(&fake->lock);
    while (any(fake->revoking, first, count) || any(fake->wanted, first, count)) {
        pthread_cond_wait(&fake->next_turn, &fake->lock);
    }
    add(fake->revoking, first, count, 1);
    pthread_mutex_unlock(&fake->lock);
}

static void end_revoke(struct fake *fake, uint64_t first, uint64_t count) {
    pthread_mutex_lock(&fake->lock);
    add(fake->revoking, first, count, UINT32_MAX);
    pthread_cond_broadcast(&fake->next_turn);
    pthread_mutex_unlock(&fake->lock);
}

uint64_t fake_sequence(struct fake *fake) {
    pthread_mutex_lock(&fake->lock);
    uint64_t sequence = ++fake->sequence;
    pthread_mutex_unlock(&fake->lock);
    return sequence;
}

static void answer_with(int fd, const struct pw_message *request, int status, uint64_t a, uint64_t b, uint32_t c,
                        const void *payload, size_t length) {
    char bytes[512];
    struct pw_message head = {
        .version = PW_PROTOCOL_VERSION,
        .type = request->type,
        .status = (uint16_t)status,
        .id = request->id,
        .a = a,
        .b = b,
        .c = c,
        .length = (uint32_t)length,
    };
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, payload, length);
    fake_raw(fd, bytes, sizeof head + length);
}

static void answer(int fd, const struct pw_message *request, int status, uint64_t a, uint32_t c, const void *payload,
                   size_t length) {
    answer_with(fd, request, status, a, 0, c, payload, length);
}

void fake_answer(int fd, const struct pw_message *request, int status, uint64_t a, uint64_t b, uint32_t c, const char *text) {
    answer_with(fd, request, status, a, b, c, text, strlen(text));
}

void fake_answer_payload(int fd, const struct pw_message *request, const void *payload, size_t length) {
    answer(fd, request, PW_ST_OK, 0, 0, payload, length);
}

void fake_grant(struct fake *fake, int fd, const struct pw_message *fault, uint64_t first, uint32_t count, int right) {
    struct pw_message grant = {
        .version = PW_PROTOCOL_VERSION,
        .type = PW_GRANT,
        .status = (uint16_t)right,
        .id = fault->id,
        .a = first,
        .c = count,
    };
    begin_grant(fake, first, count);
    grant.b = ++fake->sequence;
    fake_raw(fd, &grant, sizeof grant);
    end_grant(fake, first, count);
}

void fake_fail(struct fake *fake, int fd, const struct pw_message *fault, int cause) {
    (void)fake;
    struct pw_message fail = {
        .version = PW_PROTOCOL_VERSION,
        .type = PW_FAIL,
        .status = (uint16_t)cause,
        .id = fault->id,
        .a = fault->a,
    };
    fake_raw(fd, &fail, sizeof fail);
}

void fake_default(struct fake *fake, int fd, const struct pw_message *fault) {
    if (fault->status > fake->highest) {
        fake_fail(fake, fd, fault, PW_READ_ONLY);
    } else {
        fake_grant(fake, fd, fault, fault->a, 1, fault->status);
    }
}

void fake_send_fd(int fd, int passed) {
    char zero = 0;
    struct iovec one = {.iov_base = &zero, .iov_len = 1};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = {0}};
    struct msghdr message = {.msg_iov = &one, .msg_iovlen = 1};
    if (passed >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        struct cmsghdr *part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(part), &passed, sizeof passed);
    }
    ssize_t ignored = sendmsg(fd, &message, MSG_NOSIGNAL);
    (void)ignored;
}

int fake_reopened(int fd, int flags) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int again = open(path, flags | O_CLOEXEC);
    if (again < 0) {
        die(path);
    }
    return again;
}

/* The number of the region with this name, 0 = FAKE_REGION, -1 = none. */
static int64_t number_of(const struct fake *fake, const char *name) {
    static const char prefix[] = FAKE_REGION "-";
    if (fake->options.many && strncmp(name, prefix, sizeof prefix - 1) == 0) {
        return strtoll(name + sizeof prefix - 1, NULL, 10);
    }
    return strcmp(name, FAKE_REGION) == 0 ? 0 : -1;
}

static void answer_map(struct fake *fake, int fd, const struct pw_message *request, uint64_t number) {
    const struct fake_options *o = &fake->options;
    pthread_mutex_lock(&fake->lock);
    fake->token = fake->session * 1000 + ++fake->tokens;
    uint64_t token = fake->token;
    pthread_mutex_unlock(&fake->lock);
    uint32_t asked = o->lie_kind ? 0 : request->c;
    uint8_t highest = asked & PW_MAP_READ_ONLY ? PW_READ : o->highest;
    int preloaded = (asked & PW_MAP_PRELOADED) != 0;
    fake->highest = highest;
    struct pw_map_reply reply = {
        .token = token,
        .region_id = o->region_id + number,
        .base = o->base + number * (4u << 20),
        .span = o->pages * o->page_size,
        .size = o->size,
        .session = fake->session,
        .epoch = 1,
        .page_size = o->page_size,
        .fault_deadline_ms = o->fault_ms,
        .revoke_deadline_ms = o->revoke_ms,
        .flags = o->flags | (o->not_home ? 0 : PW_FLAG_HOME) | (o->file != NULL ? PW_FLAG_FILE : 0)
                 | (preloaded ? PW_FLAG_PRELOADED : 0),
        .initial_right = preloaded && !o->lie_initial ? highest : o->initial,
        .highest_right = highest,
        .max_lines = o->max_lines,
        .hold_us = o->hold_us,
    };
    answer(fd, request, PW_ST_OK, 0, 0, &reply, sizeof reply);
    int frames = fake_reopened(fake->frames_fd, highest == PW_WRITE ? O_RDWR : O_RDONLY);
    int lease = fake_reopened(fake->lease_fd, O_RDONLY);
    fake_send_fd(fd, o->lie_truncate_fds ? -1 : frames);
    fake_send_fd(fd, o->lie_truncate_fds ? -1 : lease);
    close(frames);
    close(lease);
}

static void control(struct fake *fake, int fd, const struct pw_message *request) {
    char payload[PW_MAX_REQUEST_PAYLOAD + 1];
    if (request->length > PW_MAX_REQUEST_PAYLOAD || read_all(fd, payload, request->length) != 0) {
        return;
    }
    payload[request->length] = '\0';
    static const char unknown[] = "no such region";
    fake_control look = fake->control;
    if (look != NULL && look(fake, fd, request, payload)) {
        return;
    }
    uint64_t span = fake->options.pages * fake->options.page_size;
    switch (request->type) {
    case PW_MAP:
        if (number_of(fake, payload) < 0) {
            answer(fd, request, PW_ST_UNKNOWN_REGION, 0, 0, unknown, sizeof unknown - 1);
        } else {
            answer_map(fake, fd, request, (uint64_t)number_of(fake, payload));
        }
        break;
    case PW_UNMAP:
        if (fake->unmaps++ < (uint64_t)fake->options.deaf_unmaps) {
            return;
        }
        answer(fd, request, PW_ST_OK, 0, 0, "", 0);
        break;
    case PW_PROGRESS:
        fake_answer(fd, request, PW_ST_OK, span, span, PW_PROGRESS_DONE, "");
        break;
    case PW_QUERY:
        answer(fd, request, PW_ST_OK, 0, 0, "{}", 2);
        break;
    default:
        answer(fd, request, PW_ST_OK, 1, 0, "", 0);
    }
}

static void hello(struct connection *connection, const struct pw_message *request) {
    struct fake *fake = connection->fake;
    connection->kind = request->type;
    if (request->type == PW_HELLO_CONTROL) {
        char program[PW_MAX_NAME + 1];
        read_all(connection->fd, program, request->length <= PW_MAX_NAME ? request->length : 0);
        answer(connection->fd, request, PW_ST_OK, fake->session, fake->options.fault_ms, "fakehost", 8);
        return;
    }
    if (request->type == PW_HELLO_AGENT) {
        pthread_mutex_lock(&fake->lock);
        fake->agent_fd = connection->fd;
        pthread_mutex_unlock(&fake->lock);
    }
    const struct fake_stream_side *streams = fake->options.streams;
    if (request->type == PW_HELLO_STREAM) {
        int known = streams != NULL && streams->hello(streams->context, request->a);
        answer(connection->fd, request, known ? PW_ST_OK : PW_ST_REFUSED, 0, 0, "", 0);
        if (known) {
            streams->opened(streams->context, connection->fd, request->a);
        } else {
            connection->kind = 0;
        }
        return;
    }
    struct stat own = {0};
    int other = fake->options.clock_ns != 0 || stat("/proc/self/ns/time", &own) != 0;
    uint64_t now = fake->options.no_clock ? 0 : pw_clock(CLOCK_BOOTTIME) + (uint64_t)fake->options.clock_ns;
    int known = request->a == fake->token || fake->options.many;
    fake_answer(connection->fd, request, known ? PW_ST_OK : PW_ST_REFUSED, other ? 1 : own.st_ino, now, 0, "");
}

static void *serve(void *argument) {
    struct connection *connection = argument;
    struct fake *fake = connection->fake;
    struct pw_message message;
    while (read_all(connection->fd, &message, sizeof message) == 0) {
        if (connection->kind == 0) {
            hello(connection, &message);
        } else if (connection->kind == PW_HELLO_CONTROL) {
            control(fake, connection->fd, &message);
        } else if (connection->kind == PW_HELLO_STREAM) {
            fake->options.streams->message(fake->options.streams->context, connection->fd, &message);
        } else if (message.type == PW_FAULT) {
            fake->faults++;
            fake->hook(fake, connection->fd, &message);
        } else if (message.type == PW_REVOKED) {
            pthread_mutex_lock(&fake->lock);
            fake->acknowledged[message.b % 4096] = message.b;
            pthread_cond_broadcast(&fake->answered);
            pthread_mutex_unlock(&fake->lock);
        }
    }
    if (connection->kind == PW_HELLO_STREAM) {
        fake->options.streams->closed(fake->options.streams->context, connection->fd);
    }
    pthread_mutex_lock(&fake->lock);
    if (fake->agent_fd == connection->fd) {
        fake->agent_fd = -1;
    }
    if (!fake->stopping) {
        close(connection->fd);
        connection->fd = -1;
    }
    pthread_mutex_unlock(&fake->lock);
    return NULL;
}

static void *accept_all(void *argument) {
    struct fake *fake = argument;
    int fd;
    while ((fd = accept4(fake->listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
        struct connection *connection = calloc(1, sizeof *connection);
        connection->fake = fake;
        connection->fd = fd;
        pthread_mutex_lock(&fake->lock);
        if (fake->connections == MOST) {
            die("too many connections");
        }
        fake->connection[fake->connections++] = connection;
        pthread_create(&connection->thread, NULL, serve, connection);
        pthread_mutex_unlock(&fake->lock);
    }
    return NULL;
}

static char open_socket[108];
static pid_t owner;

/* Also when a test fails: a failed CHECK ends in exit(). */
static void remove_socket(void) {
    if (getpid() == owner && open_socket[0] != '\0') {
        char folder[108];
        unlink(open_socket);
        strcpy(folder, open_socket);
        *strrchr(folder, '/') = '\0';
        rmdir(folder);
        open_socket[0] = '\0';
    }
}

static int memory(const char *name, uint64_t size) {
    int fd = memfd_create(name, MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, (off_t)size) != 0) {
        die(name);
    }
    return fd;
}

struct fake *fake_start(const struct fake_options *given) {
    static uint64_t sessions;
    struct fake *fake = calloc(1, sizeof *fake);
    struct fake_options *o = &fake->options;
    *o = given != NULL ? *given : (struct fake_options){0};
    o->base = o->base != 0 ? o->base : FAKE_BASE;
    o->pages = o->pages != 0 ? o->pages : 64;
    o->region_id = o->region_id != 0 ? o->region_id : 7;
    o->page_size = o->page_size != 0 ? o->page_size : 4096;
    o->fault_ms = o->fault_ms != 0 ? o->fault_ms : 5000;
    o->revoke_ms = o->revoke_ms != 0 ? o->revoke_ms : 2000;
    o->highest = o->highest != 0 ? o->highest : PW_WRITE;
    o->max_lines = o->max_lines != 0 ? o->max_lines : 8;
    uint64_t span = o->pages * o->page_size;
    o->size = o->size != 0 ? o->size : span;
    fake->hook = o->hook != NULL ? o->hook : fake_default;
    fake->control = o->control;
    fake->session = ++sessions;
    fake->agent_fd = -1;
    pthread_mutex_init(&fake->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&fake->answered, &monotonic);
    pthread_cond_init(&fake->next_turn, NULL);
    fake->revoking = calloc(o->pages, sizeof(uint32_t));
    fake->wanted = calloc(o->pages, sizeof(uint32_t));
    fake->frames_fd = o->file != NULL ? open(o->file, O_RDWR | O_CLOEXEC) : memory("frames", span);
    fake->lease_fd = memory("lease", PW_LEASE_LENGTH);
    fake->frames = mmap(NULL, span, PROT_READ | PROT_WRITE, MAP_SHARED, fake->frames_fd, 0);
    fake->lease = mmap(NULL, PW_LEASE_LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fake->lease_fd, 0);
    if (fake->frames == MAP_FAILED || fake->lease == MAP_FAILED) {
        die("map frames and lease");
    }
    fake->lease->magic = PW_LEASE_MAGIC;
    fake->lease->version = PW_LEASE_VERSION;
    fake->lease->session = fake->session;
    fake->lease->end_ns = PW_LEASE_NO_END;

    if (o->socket != NULL) {
        strcpy(fake->socket, o->socket);
        unlink(fake->socket);
    } else {
        strcpy(fake->folder, "/tmp/pagewire-test-XXXXXX");
        if (mkdtemp(fake->folder) == NULL) {
            die(fake->folder);
        }
        snprintf(fake->socket, sizeof fake->socket, "%s/sock", fake->folder);
    }
    if (owner != getpid()) {
        owner = getpid();
        atexit(remove_socket);
    }
    strcpy(open_socket, fake->socket);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, fake->socket);
    fake->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fake->listener < 0 || bind(fake->listener, (struct sockaddr *)&address, sizeof address) != 0
        || listen(fake->listener, 64) != 0) {
        die(fake->socket);
    }
    pthread_create(&fake->acceptor, NULL, accept_all, fake);
    return fake;
}

void fake_stop(struct fake *fake, int keep_socket) {
    fake->stopping = 1;
    shutdown(fake->listener, SHUT_RDWR);
    pthread_join(fake->acceptor, NULL);
    close(fake->listener);
    for (int i = 0; i < fake->connections; i++) {
        pthread_mutex_lock(&fake->lock);
        if (fake->connection[i]->fd >= 0) {
            shutdown(fake->connection[i]->fd, SHUT_RDWR);
        }
        pthread_mutex_unlock(&fake->lock);
    }
    for (int i = 0; i < fake->connections; i++) {
        pthread_join(fake->connection[i]->thread, NULL);
        if (fake->connection[i]->fd >= 0) {
            close(fake->connection[i]->fd);
        }
        free(fake->connection[i]);
    }
    munmap(fake->frames, fake->options.pages * fake->options.page_size);
    munmap(fake->lease, PW_LEASE_LENGTH);
    close(fake->frames_fd);
    close(fake->lease_fd);
    if (!keep_socket) {
        remove_socket();
    }
    pthread_mutex_destroy(&fake->lock);
    pthread_cond_destroy(&fake->answered);
    pthread_cond_destroy(&fake->next_turn);
    free(fake->revoking);
    free(fake->wanted);
    free(fake);
}

static uint64_t send_revoke(struct fake *fake, uint64_t page, uint32_t count, int left) {
    struct pw_message revoke = {
        .version = PW_PROTOCOL_VERSION,
        .type = PW_REVOKE,
        .status = (uint16_t)left,
        .a = page,
        .b = fake_sequence(fake),
        .c = count,
    };
    revoke.id = (uint32_t)revoke.b;
    fake_raw(fake_agent_fd(fake), &revoke, sizeof revoke);
    return revoke.b;
}

uint64_t fake_revoke_send(struct fake *fake, uint64_t page, uint32_t count, int left) {
    return send_revoke(fake, page, count, left);
}

int fake_await(struct fake *fake, uint64_t sequence, int ms) {
    struct timespec until = pw_timespec(pw_deadline_in_ms((uint64_t)ms));
    int rc = 0;
    pthread_mutex_lock(&fake->lock);
    while (rc == 0 && fake->acknowledged[sequence % 4096] != sequence) {
        rc = pthread_cond_timedwait(&fake->answered, &fake->lock, &until);
    }
    pthread_mutex_unlock(&fake->lock);
    return rc == 0 ? 0 : -1;
}

int fake_revoke_then(struct fake *fake, uint64_t page, uint32_t count, int left, void (*then)(void *), void *argument) {
    uint64_t pages = count == 0 ? fake->options.pages : count;
    begin_revoke(fake, page, pages);
    int rc = fake_await(fake, send_revoke(fake, page, count, left), 10000);
    if (rc == 0 && then != NULL) {
        then(argument);
    }
    end_revoke(fake, page, pages);
    return rc;
}

int fake_revoke(struct fake *fake, uint64_t page, uint32_t count, int left) {
    return fake_revoke_then(fake, page, count, left, NULL, NULL);
}

const char *fake_socket(const struct fake *fake) {
    return fake->socket;
}

char *fake_frames(struct fake *fake) {
    return fake->frames;
}

void fake_set_hook(struct fake *fake, fake_hook hook) {
    fake->hook = hook;
}

void fake_set_control(struct fake *fake, fake_control control) {
    fake->control = control;
}

void fake_tell_agent(struct fake *fake, const struct pw_message *message) {
    fake_raw(fake_agent_fd(fake), message, sizeof *message);
}

void fake_lease(struct fake *fake, uint64_t end_boottime_ns) {
    fake->lease->end_ns = end_boottime_ns;
}

uint64_t fake_faults(const struct fake *fake) {
    return fake->faults;
}

uint64_t fake_unmaps(const struct fake *fake) {
    return fake->unmaps;
}

uint64_t fake_token(const struct fake *fake) {
    return fake->token;
}

int fake_agent_fd(const struct fake *fake) {
    return fake->agent_fd;
}
