/*
 * decode.h - what may be believed of a daemon's bytes. Pure functions: no sockets, no clock, no memory of their own; so a
 * fuzzer can call them millions of times (native/fuzz). Whoever acts on a message has it from here, or not at all.
 */
#ifndef PAGEWIRE_DECODE_H
#define PAGEWIRE_DECODE_H

#include "local_protocol.h"

#include <stddef.h>
#include <stdint.h>

/* No region is longer (RegionRecord.MAX_SIZE). The library's books grow with the span, so a lie must not make them huge. */
#define PW_MOST_SPAN (1ull << 40)

/* Where the library parks frames of streams that are not in their window (place.c). No window is there. */
#define PW_PARKING_START 0x640000000000ull
#define PW_PARKING_END 0x660000000000ull

/* No deadline is longer, ms. dsmd's own settings end far below. */
#define PW_MOST_DEADLINE_MS (24u * 3600u * 1000u)

/* Is this the head of an answer to the request of that type and id? 0 or -EPROTO. */
int pw_decode_answer(const struct pw_message *head, int type, uint32_t id);

/* Is this a sound answer of 32 bytes to HELLO_LINE or HELLO_AGENT? 0, -ECONNREFUSED (dsmd said no) or -EPROTO. */
int pw_decode_hello(const struct pw_message *answer, int type);

/* The payload of the answer to MAP: 0 or -EPROTO. reply is filled in either way when the length is right. */
int pw_decode_map_reply(const void *payload, size_t length, struct pw_map_reply *reply);

/* A GRANT or FAIL for the request with this id, page and right, of a mapping with so many pages: 0 or -EPROTO. */
int pw_decode_fault_answer(const struct pw_message *answer, uint32_t id, uint64_t page, int right, uint64_t pages,
                           int highest);

/* A REVOKE for a mapping with so many pages: 0 and the pages it means, or -EPROTO. */
int pw_decode_revoke(const struct pw_message *message, uint64_t pages, uint64_t *first, uint64_t *count);

/* A LOST for a mapping with so many pages: 0 and the pages it means, or -EPROTO. */
int pw_decode_lost(const struct pw_message *message, uint64_t pages, uint64_t *first, uint64_t *count);

/* The head of an answer to PROGRESS whose status is OK: 0 or -EPROTO. */
int pw_decode_progress(const struct pw_message *answer);

/* The head of an answer to LEAVING whose status is OK: 0 or -EPROTO. */
int pw_decode_leaving(const struct pw_message *answer);

/* One run of pages, "FIRST+COUNT", of a region with so many, and the blank behind it: how many bytes it has, 0 at the end of the
 * text, or -EPROTO. */
int pw_decode_run(const char *text, uint64_t pages, uint64_t *first, uint64_t *count);

/* The payload of the answer to PUBLISH_FRAMES (writer) or SUBSCRIBE_FRAMES: 0 or -EPROTO. reply is filled in either way when the
 * length is right. */
int pw_decode_stream_reply(const void *payload, size_t length, int writer, struct pw_stream_reply *reply);

/* A message on the stream socket of a writer, or of a reader, with so many slots and so large a frame: 0 or -EPROTO. */
int pw_decode_stream_message(const struct pw_message *message, int writer, uint32_t slots, uint64_t frame_size);

/* The text in the answer to QUERY "why"; size >= 1. 0, or -EPROTO and text is empty. */
int pw_decode_why(const char *json, char *text, size_t size);

/* A lease page of this session: 0 or -EPROTO. */
int pw_decode_lease(const struct pw_lease_page *lease, uint64_t session);

#endif
