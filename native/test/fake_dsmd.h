/*
 * fake_dsmd.h - a daemon inside the test: the local protocol over a real Unix socket, one region, and hooks to misbehave
 * with. Test apparatus only.
 */
#ifndef FAKE_DSMD_H
#define FAKE_DSMD_H

#include "local_protocol.h"
#include "pagewire/pagewire.h"

#include <stddef.h>
#include <stdint.h>

#define FAKE_BASE 0x660000000000ull
#define FAKE_REGION "region"

struct fake;

/* Answers a FAULT that came on socket fd. */
typedef void (*fake_hook)(struct fake *fake, int fd, const struct pw_message *fault);

/* Looks at a control request before the daemon does; payload ends with a zero byte. 1 = it has answered (or never will). */
typedef int (*fake_control)(struct fake *fake, int fd, const struct pw_message *request, const char *payload);

/* The stream side (fake_stream.c). hello: 1 = accepted; opened: the answer to it has been sent. closed: nothing more comes from that
 * socket, which closes afterwards. */
struct fake_stream_side {
    void *context;
    int (*hello)(void *context, uint64_t token);
    void (*opened)(void *context, int fd, uint64_t token);
    void (*message)(void *context, int fd, const struct pw_message *message);
    void (*closed)(void *context, int fd);
};

struct fake_options {
    uint64_t base, pages, region_id; /* 0: FAKE_BASE, 64, 7 */
    uint32_t page_size;              /* 0: 4096 */
    uint32_t fault_ms, revoke_ms;    /* 0: 5000, 2000 */
    uint8_t initial, highest;        /* highest 0: PW_WRITE; a read-only mapping gets PW_READ, a preloaded one the highest */
    uint32_t flags;                  /* of MapReply, beside those of the request */
    uint32_t hold_us;
    int not_home;
    int64_t clock_ns;                /* of CLOCK_BOOTTIME: this daemon's, in another time namespace, is so far ahead; 0 = the same */
    int no_clock;                    /* does not say what its clock shows */
    uint16_t max_lines;              /* 0: 8 */
    const char *file;                /* frames are this file, and it is exported */
    const char *socket;              /* reuse this path, else a new one is made */
    uint64_t size;                   /* of content; 0 = all pages */
    fake_control control;            /* NULL: every request succeeds, and what is to be filled is */
    fake_hook hook;                  /* NULL: grants what is asked for, if the region allows it */
    int deaf_unmaps;                 /* so many UNMAPs get no answer */
    int lie_kind;                    /* map neither preloaded nor read-only, whatever was asked for */
    int lie_initial;                 /* initial is the right of preloaded mappings too */
    int many;                        /* "region-N" for any N is a region too, 4 MiB behind the one before */
    int lie_truncate_fds;            /* send MAP's descriptors without the descriptors */
    const struct fake_stream_side *streams; /* NULL: a HELLO_STREAM is refused */
};

struct fake *fake_start(const struct fake_options *options);

/* Every socket closes at once, as when the process is killed; frees everything. The socket's folder stays for fake_socket
 * until keep_socket is 0. */
void fake_stop(struct fake *fake, int keep_socket);

const char *fake_socket(const struct fake *fake);
char *fake_frames(struct fake *fake); /* the daemon's own mapping, read and write */

/* Takes rights away and waits for the agent. No grant is sent meanwhile. 0, or -1 when there was no answer in 10 s.
 * count 0 = the whole region. */
int fake_revoke(struct fake *fake, uint64_t page, uint32_t count, int left);

/* The same, and calls then() before any grant can follow. */
int fake_revoke_then(struct fake *fake, uint64_t page, uint32_t count, int left, void (*then)(void *), void *argument);

/* Sends a REVOKE with any bytes; fake_await waits for the answer to a sequence. */
uint64_t fake_revoke_send(struct fake *fake, uint64_t page, uint32_t count, int left);
int fake_await(struct fake *fake, uint64_t sequence, int ms);

/* Sends 32 bytes on the agent's socket. */
void fake_tell_agent(struct fake *fake, const struct pw_message *message);

/* For hooks. */
void fake_answer(int fd, const struct pw_message *request, int status, uint64_t a, uint64_t b, uint32_t c, const char *text);
void fake_grant(struct fake *fake, int fd, const struct pw_message *fault, uint64_t first, uint32_t count, int right);
void fake_fail(struct fake *fake, int fd, const struct pw_message *fault, int cause);
void fake_default(struct fake *fake, int fd, const struct pw_message *fault);
void fake_raw(int fd, const void *bytes, size_t length);

/* Sends a byte that carries the descriptor, or none for -1; opens one anew with other rights. */
void fake_send_fd(int fd, int passed);
int fake_reopened(int fd, int flags);
void fake_answer_payload(int fd, const struct pw_message *request, const void *payload, size_t length);

void fake_set_hook(struct fake *fake, fake_hook hook);
void fake_set_control(struct fake *fake, fake_control control);
void fake_lease(struct fake *fake, uint64_t end_boottime_ns);
uint64_t fake_faults(const struct fake *fake);
uint64_t fake_unmaps(const struct fake *fake);
uint64_t fake_sequence(struct fake *fake); /* the next one, used up */
/* Of the newest mapping; 0 = none. */
uint64_t fake_token(const struct fake *fake);
/* -1 when no agent is connected. */
int fake_agent_fd(const struct fake *fake);

#endif
