/* Small questions about a mapping, and requests that only the daemon can answer. */
#include "client.h"
#include "error.h"
#include "region.h"
#include "region_table.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int ask(struct pw_client *client, const struct pw_request *request) {
    struct pw_reply reply;
    pw_error_clear();
    if (pw_in_child()) {
        return pw_fail(EPERM, "a process forked from one that uses pagewire cannot use it; start a new program (exec)");
    }
    int rc = pw_request(client, request, &reply);
    pw_reply_release(&reply);
    return rc;
}

static int check_name(const char *name) {
    if (*name == '\0' || strlen(name) > PW_MAX_NAME) {
        return pw_fail(EINVAL, "a region's name has 1 to %u bytes", PW_MAX_NAME);
    }
    return 0;
}

static int check_page_size(uint32_t size) {
    if (size < 4096 || size > 2u << 20 || (size & (size - 1)) != 0) {
        return pw_fail(EINVAL, "page size %u is not a power of two from 4096 to 2097152", size);
    }
    return 0;
}

int pw_create(struct pw_client *client, const char *name, uint64_t size, uint32_t page_size) {
    page_size = page_size == 0 ? 4096 : page_size;
    int rc = check_name(name);
    rc = rc == 0 ? check_page_size(page_size) : rc;
    if (rc == 0 && size == 0) {
        rc = pw_fail(EINVAL, "a region of no bytes");
    }
    struct pw_request request = {
        .type = PW_CREATE,
        .a = size,
        .c = page_size,
        .payload = name,
        .length = strlen(name),
        .what = "create region",
        .name = name,
    };
    return rc == 0 ? ask(client, &request) : rc;
}

int pw_export(struct pw_client *client, const char *name, const char *path, uint32_t page_size) {
    char payload[PW_MAX_NAME + 1 + PATH_MAX];
    char absolute[PATH_MAX];
    page_size = page_size == 0 ? 4096 : page_size;
    int rc = check_name(name);
    rc = rc == 0 ? check_page_size(page_size) : rc;
    if (rc != 0) {
        return rc;
    }
    if (realpath(path, absolute) == NULL || access(absolute, R_OK) != 0) {
        return pw_fail(errno, "cannot export file '%s': %s", path, strerror(errno));
    }
    size_t first = strlen(name) + 1, second = strlen(absolute);
    memcpy(payload, name, first);
    memcpy(payload + first, absolute, second);
    struct pw_request request = {
        .type = PW_EXPORT,
        .c = page_size,
        .payload = payload,
        .length = first + second,
        .what = "export a file as region",
        .name = name,
    };
    return ask(client, &request);
}

int pw_delete(struct pw_client *client, const char *name) {
    int rc = check_name(name);
    struct pw_request request = {
        .type = PW_DELETE,
        .payload = name,
        .length = strlen(name),
        .what = "delete region",
        .name = name,
    };
    return rc == 0 ? ask(client, &request) : rc;
}

int pw_force(struct pw_region *region, uint64_t offset, uint64_t length) {
    if (offset > region->size || length > region->size - offset) {
        return pw_fail(ERANGE, "the range lies outside region '%s'", region->name);
    }
    if (length == 0) {
        return 0;
    }
    uint64_t first = offset >> region->page_shift;
    uint64_t count = ((offset + length - 1) >> region->page_shift) + 1 - first;
    pw_region_enter(region);
    uint32_t state = region->state;
    int rc;
    if (state == PW_OPEN || state == PW_LOST) {
        struct pw_request request = {
            .type = PW_FORCE,
            .a = region->token,
            .b = first,
            .c = count > UINT32_MAX ? 0 : (uint32_t)count,
            .what = "force region",
            .name = region->name,
        };
        rc = ask(region->client, &request);
    } else {
        rc = pw_fail(ESHUTDOWN, "region '%s' has been unmapped", region->name);
    }
    pw_region_leave(region);
    return rc;
}

int pw_query(struct pw_client *client, const char *what, char **json) {
    struct pw_reply reply;
    struct pw_request request = {.type = PW_QUERY, .payload = what, .length = strlen(what), .what = "ask dsmd for", .name = what};
    pw_error_clear();
    if (request.length > PW_MAX_REQUEST_PAYLOAD) {
        return pw_fail(EINVAL, "the question is longer than %u bytes", PW_MAX_REQUEST_PAYLOAD);
    }
    if (pw_in_child()) {
        return pw_fail(EPERM, "a process forked from one that uses pagewire cannot use it; start a new program (exec)");
    }
    int rc = pw_request(client, &request, &reply);
    if (rc == 0) {
        *json = reply.payload != NULL ? reply.payload : calloc(1, 1);
        reply.payload = NULL;
        if (*json == NULL) {
            rc = pw_fail(ENOMEM, "no memory for the answer");
        }
    }
    pw_reply_release(&reply);
    return rc;
}

int pw_get_stats(const struct pw_region *region, struct pw_stats *stats) {
    *stats = (struct pw_stats){
        .read_faults = region->read_faults,
        .write_faults = region->write_faults,
        .failed_faults = region->failed_faults,
        .retried_faults = region->retried_faults,
        .revokes = region->revokes,
        .lost_events = region->lost_events,
        .fault_ns = region->fault_ns,
        .fault_max_ns = region->fault_max_ns,
        .vma_resets = region->vma_resets,
        .hold_ns = region->hold_ns,
    };
    return 0;
}

void *pw_address(const struct pw_region *region) {
    return (void *)(uintptr_t)region->base;
}

uint64_t pw_size(const struct pw_region *region) {
    return region->size;
}

uint32_t pw_page_size(const struct pw_region *region) {
    return region->page_size;
}

int pw_is_home(const struct pw_region *region) {
    return (region->flags & PW_FLAG_HOME) != 0;
}

const char *pw_engine(const struct pw_region *region) {
    return region->engine->name;
}

uint64_t pw_region_token(const struct pw_region *region) {
    return region->token;
}

const char *pw_region_name(const struct pw_region *region) {
    return region->name;
}
