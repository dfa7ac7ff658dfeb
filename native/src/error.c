/* Error texts, and the one place where statuses of the daemon become errno values. */
#include "error.h"

#include "local_protocol.h"
#include "pagewire/pagewire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __thread char text[640];
static __thread uint32_t failed_cause;
static __thread uint64_t failed_page;

/* Warnings are rare and long, and the room for a library's thread-locals in a running JVM is small. */
#define WARNING_BYTES 1024u
static pthread_key_t warning_key;
static pthread_once_t warning_once = PTHREAD_ONCE_INIT;
static int have_key;

static void make_key(void) {
    have_key = pthread_key_create(&warning_key, free) == 0;
}

static char *warning_of_thread(void) {
    pthread_once(&warning_once, make_key);
    return have_key ? pthread_getspecific(warning_key) : NULL;
}

static char *new_warning(void) {
    char *warning = have_key ? calloc(1, WARNING_BYTES) : NULL;
    if (warning != NULL && pthread_setspecific(warning_key, warning) != 0) {
        free(warning);
        warning = NULL;
    }
    return warning;
}

int pw_fail(int code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof text) {
        strcpy(text + sizeof text - sizeof "...", "...");
    }
    failed_cause = 0;
    return -code;
}

static const char *reason_text(uint32_t cause) {
    if (pw_plain_cause(cause) != PW_DEADLINE) {
        return "";
    }
    switch ((enum pw_reason)(cause >> 8)) {
    case PW_NO_PAGE:
        return " (dsmd on this host could not get the page)";
    case PW_NO_ANSWER:
        return " (dsmd on this host did not answer itself: it is stopped, or the machine is too busy)";
    case PW_NO_LINE:
        return " (the thread waited for a fault line, and no other thread was given a page meanwhile)";
    case PW_LEASE_OVER:
        return " (dsmd on this host answers, but its lease is over and is not renewed)";
    case PW_NOT_FILLED:
        return " (the preloaded mapping is being filled again after a restart of dsmd)";
    }
    return "";
}

int pw_fail_page(const char *region, uint64_t page, uint32_t cause) {
    pw_fail(EIO, "page %" PRIu64 " of region '%s' cannot be served: %s%s", page, region, pw_cause_text((int)pw_plain_cause(cause)),
            reason_text(cause));
    failed_cause = cause;
    failed_page = page;
    return -EIO;
}

void pw_error_stream_over(uint32_t cause) {
    failed_cause = cause;
    failed_page = 0;
}

void pw_warn(const char *format, ...) {
    char *warning = warning_of_thread();
    warning = warning != NULL ? warning : new_warning();
    if (warning == NULL) {
        return; /* no memory for a text: what it warns of has been done all the same */
    }
    size_t length = strlen(warning);
    va_list arguments;
    if (length > 0 && length + 2 < WARNING_BYTES) {
        memcpy(warning + length, "; ", 3);
        length += 2;
    }
    va_start(arguments, format);
    vsnprintf(warning + length, WARNING_BYTES - length, format, arguments);
    va_end(arguments);
}

void pw_error_clear(void) {
    text[0] = '\0';
    char *warning = warning_of_thread();
    if (warning != NULL) {
        warning[0] = '\0';
    }
    failed_cause = 0;
}

uint32_t pw_error_cause(uint64_t *page) {
    if (failed_cause != 0) {
        *page = failed_page;
    }
    return failed_cause;
}

const char *pw_error(void) {
    return text;
}

const char *pw_warning(void) {
    const char *warning = warning_of_thread();
    return warning != NULL ? warning : "";
}

const char *pw_cause_text(int cause) {
    switch (cause) {
    case PW_OWNER_LOST:
        return "the owner of the region cannot be reached";
    case PW_DEADLINE:
        return "no answer within the fault deadline";
    case PW_REFUSED:
        return "the owner refused to share the region";
    case PW_READ_ONLY:
        return "only processes on the owning host may write to this region";
    case PW_UNKNOWN_REGION:
        return "the directory knows no such region";
    case PW_DATA_LOST:
        return "the region's contents were lost when its owner stopped";
    case PW_FILE_ERROR:
        return "the exported file cannot be read or written at this place (truncated, disk full or I/O error)";
    case PW_DIRECTORY_UNREACHABLE:
        return "the directory cannot be reached";
    case PW_DAEMON_LOST:
        return "the local dsmd is not running any more";
    case PW_CLOSED:
        return "the mapping has been closed";
    case PW_OUT_OF_RANGE:
        return "the page lies beyond the end of the region";
    case PW_PROTOCOL:
        return "an answer broke the protocol";
    case PW_NO_MEMORY:
        return "no memory for the page";
    case PW_NO_OWNER:
        return "no host owns the region at present";
    case PW_FENCED:
        return "the owner has lost its directory session and may not serve the region";
    case PW_PRODUCER_LOST:
        return "the producer of the stream ended without finishing it";
    case PW_TOO_SLOW:
        return "the consumer was dropped because it held the producer up for too long";
    default:
        return "the page cannot be served for a reason that this version does not know";
    }
}

int pw_status_errno(unsigned status) {
    switch (status) {
    case PW_ST_OK:
        return 0;
    case PW_ST_UNKNOWN_REGION:
        return ENOENT;
    case PW_ST_REGION_EXISTS:
        return EEXIST;
    case PW_ST_INVALID_ARGUMENT:
        return EINVAL;
    case PW_ST_DIRECTORY_UNREACHABLE:
        return EHOSTUNREACH;
    case PW_ST_PERMISSION:
        return EACCES;
    case PW_ST_BUSY:
        return EBUSY;
    case PW_ST_REFUSED:
        return EPERM;
    case PW_ST_TIMEOUT:
        return ETIMEDOUT;
    case PW_ST_VERSION:
        return EPROTO;
    case PW_ST_LIMIT:
        return ENOBUFS;
    case PW_ST_DATA_LOST:
        return ESTALE;
    case PW_ST_OWNER_LOST:
        return EHOSTDOWN;
    case PW_ST_FILE:
    case PW_ST_INTERNAL:
    default:
        return EIO;
    }
}
