#include "decode.h"

#include "pagewire/pagewire.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int pw_decode_answer(const struct pw_message *head, int type, uint32_t id) {
    return head->version == PW_PROTOCOL_VERSION && head->type == type && head->id == id && head->length <= PW_MAX_PAYLOAD
               ? 0
               : -EPROTO;
}

int pw_decode_hello(const struct pw_message *answer, int type) {
    if (answer->version != PW_PROTOCOL_VERSION || answer->type != type) {
        return -EPROTO;
    }
    if (answer->status != PW_ST_OK) {
        return -ECONNREFUSED; /* a reason may follow; the socket is closed without reading it */
    }
    return answer->length == 0 ? 0 : -EPROTO;
}

#define KNOWN_FLAGS (PW_FLAG_HOME | PW_FLAG_FILE | PW_FLAG_PRELOADED | PW_FLAG_ANY_WRITER)

static int deadline_sound(uint32_t ms) {
    return ms > 0 && ms <= PW_MOST_DEADLINE_MS;
}

static int map_reply_sound(const struct pw_map_reply *reply) {
    uint64_t page = reply->page_size;
    return page >= 4096 && page <= 2u << 20 && (page & (page - 1)) == 0 && page % (uint64_t)sysconf(_SC_PAGESIZE) == 0
           && reply->span > 0 && reply->span <= PW_MOST_SPAN && reply->span % page == 0 && reply->size > 0
           && reply->size <= reply->span && reply->base % page == 0 && reply->base >= 1ull << 32
           && reply->base <= (1ull << 47) - reply->span && reply->highest_right >= PW_READ
           && reply->highest_right <= PW_WRITE && reply->initial_right <= reply->highest_right && reply->max_lines > 0
           && deadline_sound(reply->fault_deadline_ms) && deadline_sound(reply->revoke_deadline_ms)
           && reply->hold_us <= PW_MAX_HOLD_US && (reply->flags & ~KNOWN_FLAGS) == 0
           && (reply->initial_right >= PW_READ || !(reply->flags & PW_FLAG_PRELOADED));
}

int pw_decode_map_reply(const void *payload, size_t length, struct pw_map_reply *reply) {
    if (length != sizeof *reply) {
        return -EPROTO;
    }
    memcpy(reply, payload, sizeof *reply);
    return map_reply_sound(reply) ? 0 : -EPROTO;
}

int pw_decode_fault_answer(const struct pw_message *answer, uint32_t id, uint64_t page, int right, uint64_t pages,
                           int highest) {
    if (answer->version != PW_PROTOCOL_VERSION || answer->id != id || answer->length != 0) {
        return -EPROTO;
    }
    if (answer->type == PW_FAIL) {
        return answer->status != 0 ? 0 : -EPROTO;
    }
    int sound = answer->type == PW_GRANT && answer->status >= right && answer->status <= highest && answer->c > 0
                && answer->a <= page && page - answer->a < answer->c && answer->c <= pages - answer->a;
    return sound ? 0 : -EPROTO;
}

int pw_decode_revoke(const struct pw_message *message, uint64_t pages, uint64_t *first, uint64_t *count) {
    uint64_t wanted = message->c == 0 ? pages : message->c;
    if (message->version != PW_PROTOCOL_VERSION || message->type != PW_REVOKE || message->length != 0
        || (message->status & ~PW_AT_LEISURE) > PW_READ || (message->c == 0 && message->a != 0) || message->a >= pages
        || wanted > pages - message->a) {
        return -EPROTO;
    }
    *first = message->a;
    *count = wanted;
    return 0;
}

int pw_decode_lost(const struct pw_message *message, uint64_t pages, uint64_t *first, uint64_t *count) {
    if (message->version != PW_PROTOCOL_VERSION || message->type != PW_PAGES_LOST || message->status != 0
        || message->length != 0 || message->c == 0 || message->a >= pages || message->c > pages - message->a) {
        return -EPROTO;
    }
    *first = message->a;
    *count = message->c;
    return 0;
}

int pw_decode_progress(const struct pw_message *answer) {
    return answer->c <= PW_PROGRESS_FAILED && answer->a <= answer->b ? 0 : -EPROTO;
}

static int stream_reply_sound(const struct pw_stream_reply *reply, int writer) {
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    return reply->frame_size > 0 && reply->frame_size <= PW_MOST_FRAME_SIZE
           && reply->span == (reply->frame_size + 4095) / 4096 * 4096 && reply->span % page == 0
           && reply->stride >= reply->span && reply->stride <= 2ull * PW_MOST_FRAME_SIZE && reply->stride % page == 0
           && reply->base % page == 0 && reply->base >= 1ull << 32 && reply->base <= (1ull << 47) - reply->span
           && (reply->base + reply->span <= PW_PARKING_START || reply->base >= PW_PARKING_END)
           && reply->frames >= PW_LEAST_FRAMES && reply->frames <= PW_MOST_FRAMES && reply->slots >= reply->frames
           && reply->slots <= PW_MOST_SLOTS && deadline_sound(reply->drop_ms)
           && (reply->flags & ~(PW_STREAM_FLAG_HOME | PW_STREAM_FLAG_LATEST)) == 0
           && (!writer || reply->flags == PW_STREAM_FLAG_HOME);
}

int pw_decode_leaving(const struct pw_message *answer) {
    return answer->c <= PW_LEAVING_KEPT && answer->a <= PW_MOST_SPAN && answer->b <= PW_MOST_SPAN ? 0 : -EPROTO;
}

/* How many digits; 0 when there is no number that fits. */
static int decimal(const char *text, uint64_t *value) {
    int length = 0;
    for (*value = 0; text[length] >= '0' && text[length] <= '9'; length++) {
        if (length == 15) {
            return 0;
        }
        *value = *value * 10 + (uint64_t)(text[length] - '0');
    }
    return length;
}

int pw_decode_run(const char *text, uint64_t pages, uint64_t *first, uint64_t *count) {
    if (*text == '\0') {
        return 0;
    }
    int one = decimal(text, first);
    if (one == 0 || text[one] != '+') {
        return -EPROTO;
    }
    int two = decimal(text + one + 1, count);
    int length = one + 1 + two;
    if (two == 0 || *count == 0 || *first >= pages || *count > pages - *first
        || (text[length] != ' ' && text[length] != '\0')) {
        return -EPROTO;
    }
    return text[length] == ' ' ? length + 1 : length;
}

int pw_decode_stream_reply(const void *payload, size_t length, int writer, struct pw_stream_reply *reply) {
    if (length != sizeof *reply) {
        return -EPROTO;
    }
    memcpy(reply, payload, sizeof *reply);
    return stream_reply_sound(reply, writer) ? 0 : -EPROTO;
}

int pw_decode_stream_message(const struct pw_message *message, int writer, uint32_t slots, uint64_t frame_size) {
    if (message->version != PW_PROTOCOL_VERSION || message->length != 0) {
        return -EPROTO;
    }
    int sound;
    switch (message->type) {
    case PW_EMPTY:
        sound = writer && message->status < slots;
        break;
    case PW_DRAINED:
    case PW_DRAINING:
        sound = writer;
        break;
    case PW_FRAME:
        sound = !writer && message->status < slots && message->a > 0 && message->c <= frame_size;
        break;
    case PW_CANCELLED:
        sound = !writer;
        break;
    case PW_ENDED:
        sound = !writer || message->status != 0; /* a writer ends its stream itself, or loses it for a reason */
        break;
    default:
        sound = 0;
    }
    return sound ? 0 : -EPROTO;
}

/* One character of a JSON string; *at moves behind it. Control and wide characters, which no text of ours has, become '?'. */
static char json_character(const char **at) {
    char c = *(*at)++;
    if (c != '\\' || **at == '\0') {
        return (unsigned char)c < ' ' ? '?' : c;
    }
    c = *(*at)++;
    if (c == 'u') {
        for (int i = 0; i < 4 && **at != '\0' && **at != '"'; i++) {
            (*at)++;
        }
        return '?';
    }
    return c == 'n' || c == 't' || c == 'r' ? ' ' : c == 'b' || c == 'f' || (unsigned char)c < ' ' ? '?' : c;
}

int pw_decode_why(const char *json, char *text, size_t size) {
    static const char key[] = "\"text\"";
    const char *at = strstr(json, key);
    size_t length = 0;
    text[0] = '\0';
    if (at == NULL) {
        return -EPROTO;
    }
    at += sizeof key - 1;
    at += strspn(at, " :");
    if (*at++ != '"') {
        return -EPROTO;
    }
    while (*at != '"' && *at != '\0') {
        char c = json_character(&at);
        if (length + 1 < size) {
            text[length++] = c;
        }
    }
    text[*at == '"' ? length : 0] = '\0';
    return *at == '"' && length > 0 ? 0 : -EPROTO;
}

int pw_decode_lease(const struct pw_lease_page *lease, uint64_t session) {
    return lease->magic == PW_LEASE_MAGIC && lease->version == PW_LEASE_VERSION && lease->session == session ? 0 : -EPROTO;
}
