/*
 * local_protocol.h - the C twin of LocalLayout, MapReply, StreamReply, LeasePage, LocalStatus in java/pagewire-wire, where the bytes are
 * drawn and every message is described. Byte order of the machine. `pw_dump_layout` prints these numbers so that a Java test
 * can hold both sides together.
 */
#ifndef PAGEWIRE_LOCAL_PROTOCOL_H
#define PAGEWIRE_LOCAL_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#define PW_PROTOCOL_VERSION 1
#define PW_MAX_PAYLOAD (16u << 20)
#define PW_MAX_REQUEST_PAYLOAD 8192u
#define PW_MAX_NAME 255u

enum pw_message_type {
    PW_HELLO_CONTROL = 1,
    PW_CREATE = 2,
    PW_EXPORT = 3,
    PW_DELETE = 4,
    PW_MAP = 5,
    PW_UNMAP = 6,
    PW_FORCE = 7,
    PW_QUERY = 8,
    PW_PUBLISH = 9,
    PW_REFRESH = 10,
    PW_PROGRESS = 11,
    PW_PUBLISH_FRAMES = 12,
    PW_SUBSCRIBE_FRAMES = 13,
    PW_LEAVING = 14,
    PW_GOODBYE = 15,
    PW_HELLO_LINE = 16,
    PW_FAULT = 17,
    PW_GRANT = 18,
    PW_FAIL = 19,
    PW_HELLO_AGENT = 24,
    PW_REVOKE = 25,
    PW_REVOKED = 26,
    PW_PAGES_LOST = 27,
    PW_HELLO_STREAM = 32,
    PW_EMPTY = 33,
    PW_FILLED = 34,
    PW_WAITING = 35,
    PW_DRAIN = 36,
    PW_DRAINED = 37,
    PW_FINISH = 38,
    PW_FRAME = 39,
    PW_NEXT = 40,
    PW_RELEASE = 41,
    PW_CANCEL = 42,
    PW_CANCELLED = 43,
    PW_ENDED = 44,
    PW_DRAINING = 45,
};

enum pw_status {
    PW_ST_OK = 0,
    PW_ST_UNKNOWN_REGION = 1,
    PW_ST_REGION_EXISTS = 2,
    PW_ST_INVALID_ARGUMENT = 3,
    PW_ST_FILE = 4,
    PW_ST_DIRECTORY_UNREACHABLE = 5,
    PW_ST_PERMISSION = 6,
    PW_ST_BUSY = 7,
    PW_ST_INTERNAL = 8,
    PW_ST_REFUSED = 9,
    PW_ST_TIMEOUT = 10,
    PW_ST_VERSION = 11,
    PW_ST_LIMIT = 12,
    PW_ST_DATA_LOST = 13,
    PW_ST_OWNER_LOST = 14,
    PW_ST_RUNNING = 15, /* no answer yet */
};

/* Beside the right that a REVOKE leaves: nobody needs the pages now. */
#define PW_AT_LEISURE 0x100u
#define PW_REVOKE_LEFT 0xFFu

/* The header of every message; on fault lines and agent sockets the whole message. */
struct pw_message {
    uint8_t version;
    uint8_t type;
    uint16_t status;
    uint32_t id;
    uint64_t a;
    uint64_t b;
    uint32_t c;
    uint32_t length;
};

_Static_assert(sizeof(struct pw_message) == 32, "header length");
_Static_assert(offsetof(struct pw_message, version) == 0, "version");
_Static_assert(offsetof(struct pw_message, type) == 1, "type");
_Static_assert(offsetof(struct pw_message, status) == 2, "status");
_Static_assert(offsetof(struct pw_message, id) == 4, "id");
_Static_assert(offsetof(struct pw_message, a) == 8, "a");
_Static_assert(offsetof(struct pw_message, b) == 16, "b");
_Static_assert(offsetof(struct pw_message, c) == 24, "c");
_Static_assert(offsetof(struct pw_message, length) == 28, "length");

#define PW_FLAG_HOME 1u
#define PW_FLAG_FILE 2u
#define PW_FLAG_PRELOADED 4u
#define PW_FLAG_ANY_WRITER 8u

#define PW_MAX_HOLD_US 10000u

/* States in the answer to PW_PROGRESS. */
#define PW_PROGRESS_RUNNING 0u
#define PW_PROGRESS_DONE 1u
#define PW_PROGRESS_FAILED 2u

/* States in the answer to PW_LEAVING, and most runs of pages in it. */
#define PW_LEAVING_RUNNING 0u
#define PW_LEAVING_HOME 1u
#define PW_LEAVING_STALLED 2u
#define PW_LEAVING_LOST 3u
#define PW_LEAVING_KEPT 4u
#define PW_MOST_RUNS 4096u

/* Payload of the answer to PW_MAP. */
struct pw_map_reply {
    uint64_t token;
    uint64_t region_id;
    uint64_t base;
    uint64_t span;
    uint64_t size;
    uint64_t session;
    uint64_t epoch;
    uint32_t page_size;
    uint32_t fault_deadline_ms;
    uint32_t revoke_deadline_ms;
    uint32_t flags;
    uint8_t initial_right;
    uint8_t highest_right;
    uint16_t max_lines;
    uint32_t hold_us;
};

_Static_assert(sizeof(struct pw_map_reply) == 80, "map reply length");
_Static_assert(offsetof(struct pw_map_reply, token) == 0, "token");
_Static_assert(offsetof(struct pw_map_reply, region_id) == 8, "region id");
_Static_assert(offsetof(struct pw_map_reply, base) == 16, "base");
_Static_assert(offsetof(struct pw_map_reply, span) == 24, "span");
_Static_assert(offsetof(struct pw_map_reply, size) == 32, "size");
_Static_assert(offsetof(struct pw_map_reply, session) == 40, "session");
_Static_assert(offsetof(struct pw_map_reply, epoch) == 48, "epoch");
_Static_assert(offsetof(struct pw_map_reply, page_size) == 56, "page size");
_Static_assert(offsetof(struct pw_map_reply, fault_deadline_ms) == 60, "fault deadline");
_Static_assert(offsetof(struct pw_map_reply, revoke_deadline_ms) == 64, "revoke deadline");
_Static_assert(offsetof(struct pw_map_reply, flags) == 68, "flags");
_Static_assert(offsetof(struct pw_map_reply, initial_right) == 72, "initial right");
_Static_assert(offsetof(struct pw_map_reply, highest_right) == 73, "highest right");
_Static_assert(offsetof(struct pw_map_reply, max_lines) == 74, "max lines");
_Static_assert(offsetof(struct pw_map_reply, hold_us) == 76, "hold");

/* Flags in the requests for streams; PW_STREAM_DISCARD and PW_STREAM_LATEST are public. */
#define PW_LEAST_FRAMES 2u
#define PW_MOST_FRAMES 16u
#define PW_DEFAULT_FRAMES 4u
#define PW_MOST_FRAME_SIZE (1u << 30)
#define PW_MOST_SLOTS 80u

#define PW_STREAM_FLAG_HOME 1u
#define PW_STREAM_FLAG_LATEST 2u

/* Payload of the answer to PW_PUBLISH_FRAMES and PW_SUBSCRIBE_FRAMES. */
struct pw_stream_reply {
    uint64_t token;
    uint64_t stream_id;
    uint64_t base;
    uint64_t span;
    uint64_t frame_size;
    uint64_t session;
    uint64_t stride;
    uint32_t frames;
    uint32_t slots;
    uint32_t drop_ms;
    uint32_t flags;
};

_Static_assert(sizeof(struct pw_stream_reply) == 72, "stream reply length");
_Static_assert(offsetof(struct pw_stream_reply, token) == 0, "token");
_Static_assert(offsetof(struct pw_stream_reply, stream_id) == 8, "stream id");
_Static_assert(offsetof(struct pw_stream_reply, base) == 16, "base");
_Static_assert(offsetof(struct pw_stream_reply, span) == 24, "span");
_Static_assert(offsetof(struct pw_stream_reply, frame_size) == 32, "frame size");
_Static_assert(offsetof(struct pw_stream_reply, session) == 40, "session");
_Static_assert(offsetof(struct pw_stream_reply, stride) == 48, "stride");
_Static_assert(offsetof(struct pw_stream_reply, frames) == 56, "frames");
_Static_assert(offsetof(struct pw_stream_reply, slots) == 60, "slots");
_Static_assert(offsetof(struct pw_stream_reply, drop_ms) == 64, "drop");
_Static_assert(offsetof(struct pw_stream_reply, flags) == 68, "flags");

#define PW_LEASE_MAGIC 0x534C5750u
#define PW_LEASE_VERSION 1u
#define PW_LEASE_LENGTH 4096u
#define PW_LEASE_NO_END UINT64_MAX

/* The page that a daemon shares with its applications. */
struct pw_lease_page {
    uint32_t magic;
    uint32_t version;
    uint64_t session;
    _Atomic uint64_t end_ns; /* CLOCK_BOOTTIME */
    _Atomic uint64_t moved;  /* counts up while a large page is on its way between the hosts */
};

_Static_assert(offsetof(struct pw_lease_page, magic) == 0, "lease magic");
_Static_assert(offsetof(struct pw_lease_page, version) == 4, "lease version");
_Static_assert(offsetof(struct pw_lease_page, session) == 8, "lease session");
_Static_assert(offsetof(struct pw_lease_page, end_ns) == 16, "lease end");
_Static_assert(offsetof(struct pw_lease_page, moved) == 24, "lease moved");

#endif
