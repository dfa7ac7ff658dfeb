/* Small questions about a mapping and to the daemon. */
#include "client.h"
#include "error.h"
#include "region.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
        .handler_entries = region->handler_entries,
        .lost_pages = region->lost_pages,
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
