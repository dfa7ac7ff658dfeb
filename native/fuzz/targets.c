/*
 * The decoders of libpagewire. Each input begins with a few bytes that choose what the library is waiting for; the rest is
 * what the daemon says. Where the library reads from a socket, the bytes go through one.
 */
#include "fuzz.h"

#include "client.h"
#include "deadline.h"
#include "decode.h"
#include "fault.h"
#include "io.h"
#include "reconnect.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

void fuzz_take(struct fuzz_input *input, void *to, size_t length) {
    size_t here = length < input->left ? length : input->left;
    memset(to, 0, length);
    if (here > 0) {
        memcpy(to, input->at, here);
    }
    input->at += here;
    input->left -= here;
}

/* ---- a socket whose other end is the daemon ---- */

static int ours, theirs, some_file;

static void open_sockets(void) {
    int pair[2];
    HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) == 0);
    ours = pair[0];
    theirs = pair[1];
}

static void close_sockets(void) {
    close(ours);
    close(theirs);
}

static void begin_sockets(void) {
    open_sockets();
    some_file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    HOLDS(some_file >= 0);
}

static void end_sockets(void) {
    close_sockets();
    close(some_file);
}

static void send_bytes(const uint8_t *bytes, size_t length) {
    if (length > 0) {
        HOLDS(send(theirs, bytes, length, MSG_NOSIGNAL) == (ssize_t)length);
    }
}

/* One byte with so many descriptors, as dsmd passes frames and lease page (it sends one each). */
static void send_descriptors(uint8_t byte, int count) {
    struct iovec one = {.iov_base = &byte, .iov_len = 1};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(6 * sizeof(int))];
    } control = {.bytes = {0}};
    struct msghdr message = {.msg_iov = &one, .msg_iovlen = 1};
    if (count > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int));
        struct cmsghdr *part = CMSG_FIRSTHDR(&message);
        part->cmsg_level = SOL_SOCKET;
        part->cmsg_type = SCM_RIGHTS;
        part->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
        for (int i = 0; i < count; i++) {
            memcpy(CMSG_DATA(part) + (size_t)i * sizeof(int), &some_file, sizeof(int));
        }
    }
    HOLDS(sendmsg(theirs, &message, MSG_NOSIGNAL) == 1);
}

/* What was not read must not be there for the next input; draining is cheaper than new sockets. */
static void drain(int fd) {
    char rest[8192];
    char control[CMSG_SPACE(16 * sizeof(int))];
    for (;;) {
        struct iovec one = {.iov_base = rest, .iov_len = sizeof rest};
        struct msghdr message = {.msg_iov = &one, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
        if (recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) <= 0) {
            return;
        }
        for (struct cmsghdr *part = CMSG_FIRSTHDR(&message); part != NULL; part = CMSG_NXTHDR(&message, part)) {
            size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (size_t i = 0; i < count; i++) {
                int received;
                memcpy(&received, CMSG_DATA(part) + i * sizeof(int), sizeof(int));
                close(received);
            }
        }
    }
}

/* ---- answers on the control connection ---- */

static void run_reply(const uint8_t *bytes, size_t length) {
    static const uint8_t types[] = {PW_HELLO_CONTROL, PW_CREATE,  PW_MAP,   PW_QUERY,          PW_PROGRESS,
                                    PW_PUBLISH,       PW_REFRESH, PW_FORCE, PW_PUBLISH_FRAMES, PW_SUBSCRIBE_FRAMES};
    struct fuzz_input input = {bytes, length};
    uint8_t which, how;
    fuzz_take(&input, &which, 1);
    fuzz_take(&input, &how, 1);
    struct pw_message sent = {.version = PW_PROTOCOL_VERSION, .type = types[which % sizeof types], .id = which / 64u};
    send_bytes(input.at, input.left);
    for (int i = how & 3; i > 0; i--) {
        send_descriptors((uint8_t)(how >> 7), how >> 2 & 7 ? (how >> 2 & 7) % 6 : 1);
    }
    if (how & 32) {
        shutdown(theirs, SHUT_WR);
    }
    struct pw_reply reply = {.fds = {-1, -1}};
    int rc = pw_read_reply(ours, &sent, &reply, 0);
    if (rc == 0) {
        HOLDS(reply.head.type == sent.type && reply.head.id == sent.id && reply.head.length <= PW_MAX_PAYLOAD);
        HOLDS((reply.payload == NULL) == (reply.head.length == 0));
        HOLDS(reply.payload == NULL || reply.payload[reply.head.length] == '\0');
        int mapped = sent.type == PW_MAP && reply.head.status == PW_ST_OK;
        int stream = (sent.type == PW_PUBLISH_FRAMES || sent.type == PW_SUBSCRIBE_FRAMES) && reply.head.status == PW_ST_OK;
        HOLDS((reply.fds[0] >= 0) == (mapped || stream) && (reply.fds[1] >= 0) == mapped);
    } else {
        HOLDS(rc == -EPROTO || rc == -ETIMEDOUT || rc == -ECONNRESET || rc == -EMFILE || rc == -ENOMEM);
    }
    pw_reply_release(&reply);
    if (how & 32) {
        close_sockets();
        open_sockets();
    } else {
        drain(ours);
    }
}

/* ---- the answer to HELLO_LINE and HELLO_AGENT ---- */

static void run_hello(const uint8_t *bytes, size_t length) {
    struct fuzz_input input = {bytes, length};
    uint8_t which;
    fuzz_take(&input, &which, 1);
    int type = which & 1 ? PW_HELLO_LINE : PW_HELLO_AGENT;
    send_bytes(input.at, input.left);
    struct pw_message answer;
    int rc = pw_io_hello(ours, type, 4711, 0, &answer);
    HOLDS(rc == 0 || rc == -EPROTO || rc == -ETIMEDOUT || rc == -ECONNREFUSED);
    if (rc == 0) {
        HOLDS(input.left >= sizeof answer && memcmp(&answer, input.at, sizeof answer) == 0);
        HOLDS(answer.type == type && answer.status == 0 && answer.length == 0); /* else the next message would be its tail */
    }
    drain(ours);
    drain(theirs);
}

/* ---- the payload of the answer to MAP ---- */

static void run_map_reply(const uint8_t *bytes, size_t length) {
    struct pw_map_reply reply;
    if (pw_decode_map_reply(bytes, length, &reply) != 0) {
        return;
    }
    HOLDS(reply.page_size >= 4096 && reply.span % reply.page_size == 0 && reply.base % reply.page_size == 0);
    HOLDS(reply.size > 0 && reply.size <= reply.span && reply.span <= PW_MOST_SPAN);
    HOLDS(reply.base >= 1ull << 32 && reply.base + reply.span > reply.base && reply.base + reply.span <= 1ull << 47);
    HOLDS(reply.initial_right <= reply.highest_right && reply.highest_right <= PW_WRITE && reply.max_lines > 0);
    HOLDS(reply.flags < 16 && (reply.initial_right >= PW_READ || !(reply.flags & PW_FLAG_PRELOADED)));
    HOLDS(reply.hold_us <= PW_MAX_HOLD_US && pw_least_hold(&reply) <= reply.revoke_deadline_ms * PW_MS / 4);
    /* What line.c and rights.c compute of it in 32 and 64 bits. */
    HOLDS((uint64_t)(reply.fault_deadline_ms + 500u) == reply.fault_deadline_ms + 500ull);
    HOLDS(reply.fault_deadline_ms * PW_MS / PW_MS == reply.fault_deadline_ms);
}

/* ---- GRANT and FAIL ---- */

static void run_fault_answer(const uint8_t *bytes, size_t length) {
    struct fuzz_input input = {bytes, length};
    struct {
        uint64_t page, pages;
        uint32_t id;
        uint8_t right, highest;
    } asked;
    struct pw_message answer;
    fuzz_take(&input, &asked, sizeof asked);
    fuzz_take(&input, &answer, sizeof answer);
    asked.pages = asked.pages % (PW_MOST_SPAN / 4096) + 1;
    asked.page %= asked.pages;
    asked.highest = asked.highest % 2 + 1;
    asked.right = asked.right % asked.highest + 1;
    if (pw_decode_fault_answer(&answer, asked.id, asked.page, asked.right, asked.pages, asked.highest) != 0) {
        return;
    }
    HOLDS(answer.id == asked.id);
    if (answer.type == PW_GRANT) {
        HOLDS(answer.status >= asked.right && answer.status <= asked.highest);
        HOLDS(answer.a <= asked.page && asked.page < answer.a + answer.c && answer.a + answer.c <= asked.pages);
    } else {
        HOLDS(answer.type == PW_FAIL && answer.status != 0);
    }
}

/* ---- REVOKE ---- */

static void run_revoke(const uint8_t *bytes, size_t length) {
    struct fuzz_input input = {bytes, length};
    uint64_t pages, first, count;
    struct pw_message message;
    fuzz_take(&input, &pages, sizeof pages);
    fuzz_take(&input, &message, sizeof message);
    pages = pages % (PW_MOST_SPAN / 4096) + 1;
    if (pw_decode_revoke(&message, pages, &first, &count) == 0) {
        HOLDS(count > 0 && first < pages && count <= pages && first + count <= pages
              && (message.status & ~(uint32_t)PW_AT_LEISURE) < PW_WRITE);
    }
}

/* ---- LOST ---- */

static void run_lost(const uint8_t *bytes, size_t length) {
    struct fuzz_input input = {bytes, length};
    uint64_t pages, first, count;
    struct pw_message message;
    fuzz_take(&input, &pages, sizeof pages);
    fuzz_take(&input, &message, sizeof message);
    pages = pages % (PW_MOST_SPAN / 4096) + 1;
    if (pw_decode_lost(&message, pages, &first, &count) == 0) {
        HOLDS(count > 0 && first < pages && count <= pages && first + count <= pages && message.type == PW_PAGES_LOST);
    }
}

/* ---- the answer to PROGRESS ---- */

static void run_progress(const uint8_t *bytes, size_t length) {
    struct fuzz_input input = {bytes, length};
    struct pw_message answer;
    fuzz_take(&input, &answer, sizeof answer);
    if (pw_decode_progress(&answer) == 0) {
        HOLDS(answer.a <= answer.b);
        HOLDS(answer.c == PW_PROGRESS_RUNNING || answer.c == PW_PROGRESS_DONE || answer.c == PW_PROGRESS_FAILED);
    }
}

/* ---- streams: the answer that opens one, the messages, the reason ---- */

static void run_stream(const uint8_t *bytes, size_t length) {
    struct fuzz_input input = {bytes, length};
    uint8_t writer;
    struct pw_stream_reply reply;
    struct pw_message message;
    fuzz_take(&input, &writer, 1);
    writer &= 1;
    size_t here = input.left < sizeof reply ? input.left : sizeof reply;
    if (pw_decode_stream_reply(input.at, here, writer, &reply) != 0) {
        return;
    }
    input.at += here;
    input.left -= here;
    HOLDS(reply.frame_size > 0 && reply.frame_size <= reply.span && reply.span - reply.frame_size < 4096);
    HOLDS(reply.span <= reply.stride && reply.slots <= PW_MOST_SLOTS && reply.frames <= reply.slots && reply.frames >= 2);
    HOLDS(reply.stride * reply.slots / reply.slots == reply.stride && reply.stride * reply.slots < 1ull << 40);
    HOLDS(reply.base >= 1ull << 32 && reply.base + reply.span > reply.base && reply.base + reply.span <= 1ull << 47);
    HOLDS(reply.base + reply.span <= PW_PARKING_START || reply.base >= PW_PARKING_END);
    while (input.left > 0) {
        fuzz_take(&input, &message, sizeof message);
        if (pw_decode_stream_message(&message, writer, reply.slots, reply.frame_size) != 0) {
            return;
        }
        HOLDS(message.length == 0);
        HOLDS((message.type != PW_EMPTY && message.type != PW_FRAME) || message.status < reply.slots);
        HOLDS(message.type != PW_FRAME || (message.a > 0 && message.c <= reply.frame_size && !writer));
        HOLDS(message.type != PW_ENDED || !writer || message.status != 0);
    }
}

static void run_why(const uint8_t *bytes, size_t length) {
    char *json = malloc(length + 1);
    char text[64];
    HOLDS(json != NULL);
    if (length > 0) {
        memcpy(json, bytes, length);
    }
    json[length] = '\0';
    size_t size = 1 + strlen(json) % sizeof text;
    memset(text, 'x', sizeof text);
    int rc = pw_decode_why(json, text, size);
    HOLDS(memchr(text, '\0', size) != NULL);
    HOLDS(rc == 0 ? size == 1 || text[0] != '\0' : text[0] == '\0');
    for (const char *c = text; *c != '\0'; c++) {
        HOLDS((unsigned char)*c >= ' ');
    }
    free(json);
}

/* ---- the lease page, also one that is too short ---- */

static int lease_file;

static void begin_lease(void) {
    lease_file = memfd_create("fuzz-lease", MFD_CLOEXEC);
    HOLDS(lease_file >= 0);
}

static void end_lease(void) {
    close(lease_file);
}

static void run_lease(const uint8_t *bytes, size_t length) {
    struct fuzz_input input = {bytes, length};
    uint64_t session;
    uint16_t size;
    fuzz_take(&input, &session, sizeof session);
    fuzz_take(&input, &size, sizeof size);
    HOLDS(ftruncate(lease_file, 0) == 0 && ftruncate(lease_file, size) == 0);
    HOLDS(pwrite(lease_file, input.at, input.left, 0) == (ssize_t)input.left);
    const struct pw_lease_page *lease = pw_lease_map(lease_file, session);
    if (lease != NULL) {
        HOLDS(size >= PW_LEASE_LENGTH || input.left >= PW_LEASE_LENGTH);
        HOLDS(lease->session == session && lease->magic == PW_LEASE_MAGIC && lease->version == PW_LEASE_VERSION);
        munmap((void *)(uintptr_t)lease, PW_LEASE_LENGTH);
    }
}

const struct fuzz_target fuzz_targets[] = {
    {"reply", begin_sockets, run_reply, end_sockets},
    {"hello", begin_sockets, run_hello, end_sockets},
    {"map-reply", NULL, run_map_reply, NULL},
    {"fault-answer", NULL, run_fault_answer, NULL},
    {"revoke", NULL, run_revoke, NULL},
    {"lost", NULL, run_lost, NULL},
    {"progress", NULL, run_progress, NULL},
    {"stream", NULL, run_stream, NULL},
    {"why", NULL, run_why, NULL},
    {"lease", begin_lease, run_lease, end_lease},
    {"rights", fuzz_rights_begin, fuzz_rights_run, fuzz_rights_end},
};
const size_t fuzz_target_count = sizeof fuzz_targets / sizeof fuzz_targets[0];
