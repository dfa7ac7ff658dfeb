/* Prints `Class.CONSTANT value` for every number the Java side has too; a Java test compares. */
#include "error.h"
#include "local_protocol.h"
#include "output.h"
#include "pagewire/pagewire.h"

#include <inttypes.h>
#include <stdio.h>

#define SHOW(name, value) printf("%s %" PRId64 "\n", name, (int64_t)(value))
#define HEADER(name, field) SHOW("LocalLayout." name, offsetof(struct pw_message, field))
#define REPLY(name, field) SHOW("MapReply." name, offsetof(struct pw_map_reply, field))
#define STREAM(name, field) SHOW("StreamReply." name, offsetof(struct pw_stream_reply, field))
#define LEASE(name, field) SHOW("LeasePage." name, offsetof(struct pw_lease_page, field))
#define TYPE(name) SHOW("LocalLayout." #name, PW_##name)
#define STATUS(name) SHOW("LocalStatus." #name, PW_ST_##name)
#define CAUSE(name) SHOW("FaultCause." #name, PW_##name)
#define REASON(name) SHOW("DeadlineReason." #name, PW_##name)

int main(void) {
    SHOW("LocalLayout.PROTOCOL_VERSION", PW_PROTOCOL_VERSION);
    SHOW("LocalLayout.HEADER_LENGTH", sizeof(struct pw_message));
    HEADER("VERSION", version);
    HEADER("TYPE", type);
    HEADER("STATUS", status);
    HEADER("ID", id);
    HEADER("A", a);
    HEADER("B", b);
    HEADER("C", c);
    HEADER("LENGTH", length);
    SHOW("LocalLayout.MAX_PAYLOAD", PW_MAX_PAYLOAD);
    SHOW("LocalLayout.MAX_REQUEST_PAYLOAD", PW_MAX_REQUEST_PAYLOAD);
    SHOW("LocalLayout.MAX_NAME", PW_MAX_NAME);
    TYPE(HELLO_CONTROL);
    TYPE(CREATE);
    TYPE(EXPORT);
    TYPE(DELETE);
    TYPE(MAP);
    TYPE(UNMAP);
    TYPE(FORCE);
    TYPE(QUERY);
    TYPE(PUBLISH);
    TYPE(REFRESH);
    TYPE(PROGRESS);
    TYPE(LEAVING);
    TYPE(GOODBYE);
    TYPE(PUBLISH_FRAMES);
    TYPE(SUBSCRIBE_FRAMES);
    TYPE(HELLO_STREAM);
    TYPE(EMPTY);
    TYPE(FILLED);
    TYPE(WAITING);
    TYPE(DRAIN);
    TYPE(DRAINED);
    TYPE(FINISH);
    TYPE(FRAME);
    TYPE(NEXT);
    TYPE(RELEASE);
    TYPE(CANCEL);
    TYPE(CANCELLED);
    TYPE(ENDED);
    TYPE(DRAINING);
    TYPE(STREAM_DISCARD);
    TYPE(STREAM_LATEST);
    TYPE(LEAST_FRAMES);
    TYPE(MOST_FRAMES);
    TYPE(DEFAULT_FRAMES);
    TYPE(MOST_FRAME_SIZE);
    TYPE(MOST_SLOTS);
    TYPE(HELLO_LINE);
    TYPE(FAULT);
    TYPE(GRANT);
    TYPE(FAIL);
    TYPE(HELLO_AGENT);
    TYPE(REVOKE);
    TYPE(REVOKED);
    SHOW("LocalLayout.LOST", PW_PAGES_LOST);
    SHOW("LocalLayout.AT_LEISURE", PW_AT_LEISURE);
    TYPE(MAP_EAGER);
    TYPE(MAP_READ_ONLY);
    TYPE(MAP_PRELOADED);
    TYPE(REGION_ANY_WRITER);
    TYPE(REGION_RESIDENT);
    TYPE(PROGRESS_RUNNING);
    TYPE(PROGRESS_DONE);
    TYPE(PROGRESS_FAILED);
    TYPE(LEAVING_RUNNING);
    TYPE(LEAVING_HOME);
    TYPE(LEAVING_STALLED);
    TYPE(LEAVING_LOST);
    TYPE(LEAVING_KEPT);
    TYPE(MOST_RUNS);
    SHOW("LocalLayout.RIGHT_NONE", PW_NONE);
    SHOW("LocalLayout.RIGHT_READ", PW_READ);
    SHOW("LocalLayout.RIGHT_WRITE", PW_WRITE);

    REPLY("TOKEN", token);
    REPLY("REGION_ID", region_id);
    REPLY("BASE", base);
    REPLY("SPAN", span);
    REPLY("SIZE", size);
    REPLY("SESSION", session);
    REPLY("EPOCH", epoch);
    REPLY("PAGE_SIZE", page_size);
    REPLY("FAULT_DEADLINE_MS", fault_deadline_ms);
    REPLY("REVOKE_DEADLINE_MS", revoke_deadline_ms);
    REPLY("FLAGS", flags);
    REPLY("INITIAL_RIGHT", initial_right);
    REPLY("HIGHEST_RIGHT", highest_right);
    REPLY("MAX_LINES", max_lines);
    REPLY("HOLD_US", hold_us);
    SHOW("MapReply.LENGTH", sizeof(struct pw_map_reply));
    SHOW("MapReply.FLAG_HOME", PW_FLAG_HOME);
    SHOW("MapReply.FLAG_FILE", PW_FLAG_FILE);
    SHOW("MapReply.FLAG_PRELOADED", PW_FLAG_PRELOADED);
    SHOW("MapReply.FLAG_ANY_WRITER", PW_FLAG_ANY_WRITER);

    STREAM("TOKEN", token);
    STREAM("STREAM_ID", stream_id);
    STREAM("BASE", base);
    STREAM("SPAN", span);
    STREAM("FRAME_SIZE", frame_size);
    STREAM("SESSION", session);
    STREAM("STRIDE", stride);
    STREAM("FRAMES", frames);
    STREAM("SLOTS", slots);
    STREAM("DROP_MS", drop_ms);
    STREAM("FLAGS", flags);
    SHOW("StreamReply.LENGTH", sizeof(struct pw_stream_reply));
    SHOW("StreamReply.FLAG_HOME", PW_STREAM_FLAG_HOME);
    SHOW("StreamReply.FLAG_LATEST", PW_STREAM_FLAG_LATEST);

    LEASE("MAGIC", magic);
    LEASE("VERSION", version);
    LEASE("SESSION", session);
    LEASE("END_NS", end_ns);
    LEASE("MOVED", moved);
    SHOW("LeasePage.LENGTH", PW_LEASE_LENGTH);
    SHOW("LeasePage.MAGIC_VALUE", PW_LEASE_MAGIC);
    SHOW("LeasePage.VERSION_VALUE", PW_LEASE_VERSION);
    SHOW("LeasePage.NO_END", PW_LEASE_NO_END);

    STATUS(OK);
    STATUS(UNKNOWN_REGION);
    STATUS(REGION_EXISTS);
    STATUS(INVALID_ARGUMENT);
    STATUS(FILE);
    STATUS(DIRECTORY_UNREACHABLE);
    STATUS(PERMISSION);
    STATUS(BUSY);
    STATUS(INTERNAL);
    STATUS(REFUSED);
    STATUS(TIMEOUT);
    STATUS(VERSION);
    STATUS(LIMIT);
    STATUS(DATA_LOST);
    STATUS(OWNER_LOST);
    STATUS(RUNNING);

    CAUSE(OWNER_LOST);
    CAUSE(DEADLINE);
    CAUSE(REFUSED);
    CAUSE(READ_ONLY);
    CAUSE(UNKNOWN_REGION);
    CAUSE(DATA_LOST);
    CAUSE(FILE_ERROR);
    CAUSE(DIRECTORY_UNREACHABLE);
    CAUSE(DAEMON_LOST);
    CAUSE(CLOSED);
    CAUSE(OUT_OF_RANGE);
    CAUSE(PROTOCOL);
    CAUSE(NO_MEMORY);
    CAUSE(NO_OWNER);
    CAUSE(FENCED);
    CAUSE(PRODUCER_LOST);
    CAUSE(TOO_SLOW);
    REASON(NO_PAGE);
    REASON(NO_ANSWER);
    REASON(NO_LINE);
    REASON(LEASE_OVER);
    REASON(NOT_FILLED);
    return pw_output_ended("dump_layout", 0);
}
