/* Connecting and asking. */
#include "client.h"

#include "deadline.h"
#include "decode.h"
#include "error.h"
#include "io.h"
#include "region_table.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_MS 5000u

/* $PAGEWIRE_SOCKET, else one socket per user: $XDG_RUNTIME_DIR/pagewire/dsmd.sock or /tmp/pagewire-UID/dsmd.sock. */
static int choose_socket(const struct pw_options *options, char *path, size_t size) {
    const char *given = options->socket != NULL ? options->socket : getenv("PAGEWIRE_SOCKET");
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    int length;
    if (given != NULL && *given != '\0') {
        length = snprintf(path, size, "%s", given);
    } else if (runtime != NULL && *runtime == '/') {
        length = snprintf(path, size, "%s/pagewire/dsmd.sock", runtime);
    } else {
        length = snprintf(path, size, "/tmp/pagewire-%u/dsmd.sock", (unsigned)getuid());
    }
    if (length < 0 || (size_t)length >= size) {
        return pw_fail(ENAMETOOLONG, "the socket path '%s' is longer than the %zu bytes that a Unix socket may have", given,
                       size - 1);
    }
    return 0;
}

static void choose_program(const struct pw_options *options, char *name, size_t size) {
    if (options->program != NULL && *options->program != '\0') {
        snprintf(name, size, "%s", options->program);
        return;
    }
    snprintf(name, size, "pid %d", (int)getpid());
    int fd = open("/proc/self/comm", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t got = read(fd, name, size - 1);
        if (got > 1) {
            name[got - 1] = '\0';
        }
        close(fd);
    }
}

/* Sessions of daemons that have said GOODBYE. More than a few matter to nobody: who asks does it soon after. */
#define MOST_GOODBYES 16u
static _Atomic uint64_t goodbye[MOST_GOODBYES];
static _Atomic uint32_t goodbyes;

static int heard_goodbye(uint64_t session) {
    for (uint32_t i = 0; i < MOST_GOODBYES; i++) {
        if (goodbye[i] == session) {
            return 1;
        }
    }
    return 0;
}

static void hear_goodbye(const struct pw_message *message) {
    if (message->version == PW_PROTOCOL_VERSION && message->type == PW_GOODBYE && message->id == 0 && message->length == 0
        && message->a != 0 && !heard_goodbye(message->a)) {
        goodbye[goodbyes++ % MOST_GOODBYES] = message->a;
    }
}

/* The last words of a dsmd that has ended lie in the socket until they are read; behind an answer that somebody waits for still. */
static void look_for_goodbye(int fd) {
    char lying[8192];
    ssize_t got = recv(fd, lying, sizeof lying, MSG_PEEK | MSG_DONTWAIT);
    if (got >= (ssize_t)sizeof(struct pw_message)) {
        struct pw_message last;
        memcpy(&last, lying + got - sizeof last, sizeof last);
        hear_goodbye(&last);
    }
}

static void drop_connection(struct pw_client *client) {
    if (client->fd >= 0) {
        look_for_goodbye(client->fd);
        close(client->fd);
        client->fd = -1;
    }
}

/* How many descriptors come with the answer. */
static int descriptors(int type) {
    return type == PW_MAP ? 2 : type == PW_PUBLISH_FRAMES || type == PW_SUBSCRIBE_FRAMES ? 1 : 0;
}

int pw_read_reply(int fd, const struct pw_message *sent, struct pw_reply *reply, uint64_t deadline) {
    int rc = pw_io_recv(fd, &reply->head, sizeof reply->head, deadline);
    rc = rc == 0 ? pw_decode_answer(&reply->head, sent->type, sent->id) : rc;
    if (rc != 0) {
        return rc;
    }
    if (reply->head.length > 0) {
        reply->payload = malloc(reply->head.length + 1ul);
        if (reply->payload == NULL) {
            return -ENOMEM;
        }
        reply->payload[reply->head.length] = '\0';
        rc = pw_io_recv(fd, reply->payload, reply->head.length, deadline);
    }
    int fds = rc == 0 && reply->head.status == PW_ST_OK ? descriptors(sent->type) : 0;
    if (fds > 0 && reply->head.length != (fds == 2 ? sizeof(struct pw_map_reply) : sizeof(struct pw_stream_reply))) {
        return -EPROTO;
    }
    for (int i = 0; i < fds && rc == 0; i++) {
        reply->fds[i] = pw_io_recv_fd(fd, deadline);
        rc = reply->fds[i] < 0 ? reply->fds[i] : 0;
    }
    return rc;
}

static int exchange(struct pw_client *client, const struct pw_request *request, struct pw_reply *reply, uint64_t deadline) {
    struct pw_message head = {
        .version = PW_PROTOCOL_VERSION,
        .type = (uint8_t)request->type,
        .id = ++client->id,
        .a = request->a,
        .b = request->b,
        .c = request->c,
        .length = (uint32_t)request->length,
    };
    char bytes[sizeof head + PW_MAX_REQUEST_PAYLOAD];
    memcpy(bytes, &head, sizeof head);
    if (request->length > 0) {
        memcpy(bytes + sizeof head, request->payload, request->length);
    }
    int rc = pw_io_send(client->fd, bytes, sizeof head + request->length, deadline);
    rc = rc == 0 ? pw_read_reply(client->fd, &head, reply, deadline) : rc;
    while (rc == 0 && reply->head.status == PW_ST_RUNNING) { /* dsmd judges how long it may take, we whether dsmd lives */
        pw_reply_release(reply);
        client->alive_ns = pw_now();
        rc = pw_read_reply(client->fd, &head, reply, pw_deadline_in_ms(request->timeout_ms));
    }
    if (rc == -EPROTO && reply->head.type == PW_GOODBYE) {
        hear_goodbye(&reply->head);
        rc = -ECONNRESET;
    }
    return rc;
}

/* What was asked for, with its name if it has one: what every message begins with. */
static const char *asked(const struct pw_request *request, char *text, size_t size) {
    if (request->name != NULL) {
        snprintf(text, size, "%s '%s'", request->what, request->name);
    } else {
        snprintf(text, size, "%s", request->what);
    }
    return text;
}

static int say_transport(const struct pw_client *client, const struct pw_request *request, int rc) {
    char text[PW_MAX_NAME + 64];
    const char *socket = client->socket;
    const char *what = asked(request, text, sizeof text);
    switch (-rc) {
    case ENOENT:
        return pw_fail(ENOENT, "cannot %s: there is no dsmd at socket '%s'; start one, or name another socket with"
                       " PAGEWIRE_SOCKET", what, socket);
    case ECONNREFUSED:
        return pw_fail(ECONNREFUSED, "cannot %s: nobody listens at socket '%s' any more; start dsmd again", what, socket);
    case EACCES:
        return pw_fail(EACCES, "cannot %s: this user may not use socket '%s'; start a dsmd of your own, or name another socket"
                       " with PAGEWIRE_SOCKET", what, socket);
    case ETIMEDOUT:
        return pw_fail(ETIMEDOUT, "cannot %s: dsmd at socket '%s' did not answer within %u ms; if it is stopped, continue it,"
                       " else look at its log", what, socket, request->timeout_ms);
    case ECONNRESET:
        return pw_fail(ECONNRESET, "cannot %s: dsmd at socket '%s' closed the connection before it had answered; if it has"
                       " ended, start it again, else look at its log", what, socket);
    case EPROTO:
        return pw_fail(EPROTO, "cannot %s: the answer at socket '%s' is not one of dsmd's protocol version %d; run the same"
                       " version of dsmd and library", what, socket, PW_PROTOCOL_VERSION);
    case EMFILE:
        return pw_fail(EMFILE, "cannot %s: this process has no file descriptor left; raise its limit (ulimit -n)", what);
    default:
        return pw_fail(-rc, "cannot %s over socket '%s': %s", what, socket, strerror(-rc));
    }
}

static int say_refusal(const struct pw_request *request, const struct pw_reply *reply) {
    char what[PW_MAX_NAME + 64];
    int code = pw_status_errno(reply->head.status);
    const char *text = reply->payload != NULL ? reply->payload : strerror(code);
    return pw_fail(code, "cannot %s: %s", asked(request, what, sizeof what), text);
}

/* The connection is there and nothing unasked-for lies in it. A daemon that ended since the last request shows here. */
static int connection_sound(const struct pw_client *client) {
    char byte;
    return client->fd >= 0 && recv(client->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && (errno == EAGAIN || errno == EINTR);
}

/* Says what went wrong itself. */
static int connect_now(struct pw_client *client, const struct pw_request *request, uint64_t deadline) {
    drop_connection(client);
    int fd = pw_io_connect(client->socket, deadline);
    if (fd < 0) {
        return say_transport(client, request, fd);
    }
    client->fd = fd;
    struct pw_request hello = {
        .type = PW_HELLO_CONTROL,
        .a = (uint64_t)getpid(),
        .payload = client->program,
        .length = strlen(client->program),
        .what = "connect to dsmd",
    };
    struct pw_reply reply = {.fds = {-1, -1}};
    int rc = exchange(client, &hello, &reply, deadline);
    if (rc < 0) {
        rc = say_transport(client, request, rc);
    } else if (reply.head.status != PW_ST_OK) {
        rc = say_refusal(&hello, &reply);
    }
    if (rc == 0 && client->host[0] == '\0') {
        snprintf(client->host, sizeof client->host, "%s", reply.payload != NULL ? reply.payload : "");
    }
    client->session = reply.head.a;
    if (rc != 0) {
        drop_connection(client);
    }
    pw_reply_release(&reply);
    return rc;
}

void pw_reply_release(struct pw_reply *reply) {
    free(reply->payload);
    reply->payload = NULL;
    for (int i = 0; i < 2; i++) {
        if (reply->fds[i] >= 0) {
            close(reply->fds[i]);
            reply->fds[i] = -1;
        }
    }
}

/* Waits behind another thread's request for as long as dsmd says that it gets on. */
static int lock(struct pw_client *client, uint32_t timeout_ms, uint64_t *deadline) {
    *deadline = pw_deadline_in_ms(timeout_ms);
    for (;;) {
        struct timespec until = pw_timespec(*deadline);
        if (pthread_mutex_clocklock(&client->lock, CLOCK_MONOTONIC, &until) == 0) {
            return 0;
        }
        uint64_t extended = client->alive_ns + timeout_ms * PW_MS;
        if (extended <= *deadline) {
            return -ETIMEDOUT;
        }
        *deadline = extended;
    }
}

int pw_request(struct pw_client *client, const struct pw_request *given, struct pw_reply *reply) {
    struct pw_request request = *given;
    if (request.timeout_ms == 0) {
        request.timeout_ms = client->connect_ms;
    }
    uint64_t deadline;
    *reply = (struct pw_reply){.fds = {-1, -1}};
    if (lock(client, request.timeout_ms, &deadline) != 0) {
        return say_transport(client, &request, -ETIMEDOUT);
    }
    int rc = connection_sound(client) ? 0 : connect_now(client, &request, deadline);
    if (rc == 0 && request.type != PW_HELLO_CONTROL) {
        rc = exchange(client, &request, reply, deadline);
        if (rc < 0) {
            drop_connection(client);
            rc = say_transport(client, &request, rc);
        } else if (reply->head.status != PW_ST_OK) {
            rc = say_refusal(&request, reply);
        }
    }
    pthread_mutex_unlock(&client->lock);
    return rc;
}

int pw_client_witness(struct pw_client *client) {
    uint64_t deadline;
    int witness = -1;
    if (lock(client, client->connect_ms, &deadline) == 0) {
        witness = client->fd >= 0 ? fcntl(client->fd, F_DUPFD_CLOEXEC, 3) : -1;
        pthread_mutex_unlock(&client->lock);
    }
    return witness;
}

int pw_left_in_order(int witness, uint64_t session) {
    if (witness >= 0) {
        look_for_goodbye(witness);
    }
    return session != 0 && heard_goodbye(session);
}

struct pw_client *pw_client_aside(const struct pw_client *client) {
    struct pw_client *aside = calloc(1, sizeof *aside);
    if (aside != NULL) {
        aside->fd = -1;
        aside->connect_ms = client->connect_ms;
        memcpy(aside->socket, client->socket, sizeof aside->socket);
        memcpy(aside->program, client->program, sizeof aside->program);
        pthread_mutex_init(&aside->lock, NULL);
    }
    return aside;
}

void pw_client_free(struct pw_client *client) {
    if (client != NULL) {
        drop_connection(client);
        pthread_mutex_destroy(&client->lock);
        free(client);
    }
}

int pw_connect(const struct pw_options *given, struct pw_client **out) {
    static const struct pw_options defaults;
    const struct pw_options *options = given != NULL ? given : &defaults;
    pw_error_clear();
    if (pw_in_child()) {
        return pw_fail(EPERM, "a process forked from one that uses pagewire cannot use it; start a new program (exec)");
    }
    struct pw_client *client = calloc(1, sizeof *client);
    if (client == NULL) {
        return pw_fail(ENOMEM, "no memory for a connection");
    }
    client->fd = -1;
    client->connect_ms = options->connect_ms != 0 ? options->connect_ms : DEFAULT_MS;
    pthread_mutex_init(&client->lock, NULL);
    choose_program(options, client->program, sizeof client->program);
    int rc = choose_socket(options, client->socket, sizeof client->socket);
    if (rc == 0) {
        struct pw_request hello = {.type = PW_HELLO_CONTROL, .what = "connect to dsmd"};
        struct pw_reply reply;
        rc = pw_request(client, &hello, &reply);
        pw_reply_release(&reply);
    }
    if (rc != 0) {
        pw_client_free(client);
        return rc;
    }
    *out = client;
    return 0;
}

int pw_disconnect(struct pw_client *client) {
    if (client == NULL) {
        return 0;
    }
    if (pw_in_child()) {
        return pw_fail(EPERM, "a process forked from one that uses pagewire cannot use it; start a new program (exec)");
    }
    int rc = pw_region_unmap_all(client);
    pw_client_free(client);
    return rc;
}

const char *pw_host(const struct pw_client *client) {
    return client->host;
}

const char *pw_socket(const struct pw_client *client) {
    return client->socket;
}
