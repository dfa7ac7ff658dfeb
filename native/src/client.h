/* client.h - the control connection to dsmd: requests and answers, one at a time, each with a deadline. */
#ifndef PAGEWIRE_CLIENT_H
#define PAGEWIRE_CLIENT_H

#include "local_protocol.h"
#include "pagewire/pagewire.h"

#include <pthread.h>

struct pw_client {
    pthread_mutex_t lock; /* of fd, id, session; held for a whole request */
    _Atomic uint64_t alive_ns; /* when dsmd has said last that the request under way gets on */
    int fd;               /* -1 = not connected; the next request connects */
    uint32_t id;
    uint64_t session;
    uint32_t connect_ms;
    char host[256]; /* what the first daemon called its host */
    char socket[108];
    char program[PW_MAX_NAME + 1];
    struct pw_region *regions; /* under the registry's lock */
};

struct pw_request {
    int type;
    uint64_t a, b;
    uint32_t c;
    const void *payload;
    size_t length;
    const char *what; /* for error texts: "map region" */
    const char *name; /* of the region, or NULL */
    uint32_t timeout_ms; /* the longest between two messages of dsmd about it; 0 = the client's */
};

struct pw_reply {
    struct pw_message head;
    char *payload; /* malloc'ed, one zero byte behind it; NULL when empty */
    int fds[2];    /* of an answer to PW_MAP; of one for a stream the first; else -1 */
};

/* 0 = the daemon said OK; else negative errno with the thread's error text set. The reply is the caller's to release either
 * way. After a timeout or a broken answer the connection is closed; the next request makes a new one. */
int pw_request(struct pw_client *client, const struct pw_request *request, struct pw_reply *reply);
void pw_reply_release(struct pw_reply *reply);

/* A dsmd that stops in order, with everything home that its programs had written, says so on every connection before it closes it.
 * A witness shares the client's connection, and hears that also when nobody uses the client any more: a descriptor to be closed, or
 * -1. pw_left_in_order: whether the dsmd of that session has said so to anybody here, or to the witness. */
int pw_client_witness(struct pw_client *client);
int pw_left_in_order(int witness, uint64_t session);

/* A connection of its own to the same daemon, for requests that take long: others need not wait for them. NULL = no memory. */
struct pw_client *pw_client_aside(const struct pw_client *client);
void pw_client_free(struct pw_client *client);

/* Reads the answer to the request whose header was sent: 0 when it is sound, whatever its status, else negative errno. The
 * reply is the caller's to release either way. */
int pw_read_reply(int fd, const struct pw_message *sent, struct pw_reply *reply, uint64_t deadline);

#endif
