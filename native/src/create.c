/* Making and deleting regions. */
#include "client.h"
#include "error.h"
#include "progress.h"
#include "region.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct pw_region_options defaults;

static int ask(struct pw_client *client, const struct pw_request *request) {
    struct pw_reply reply;
    int rc = pw_request(client, request, &reply);
    if (rc == 0 && reply.head.length > 0) {
        pw_warn("%s", reply.payload);
    }
    pw_reply_release(&reply);
    return rc;
}

static int check_name(const char *name) {
    pw_error_clear();
    if (pw_in_child()) {
        return pw_fail(EPERM, "a process forked from one that uses pagewire cannot use it; start a new program (exec)");
    }
    if (*name == '\0' || strlen(name) > PW_MAX_NAME) {
        return pw_fail(EINVAL, "a region's name has 1 to %u bytes, not %zu", PW_MAX_NAME, strlen(name));
    }
    return 0;
}

static int check_options(const char *name, const struct pw_region_options *options, uint32_t known) {
    uint32_t size = options->page_size;
    if (size != 0 && (size < 4096 || size > 2u << 20 || (size & (size - 1)) != 0)) {
        return pw_fail(EINVAL, "cannot make region '%s': page size %u is not a power of two from 4096 to 2097152", name, size);
    }
    if (options->flags & PW_REGION_RESIDENT & ~known) {
        return pw_fail(EINVAL, "cannot make region '%s': only an exported file can be resident; a created region has no file to be read"
                       " into memory", name);
    }
    if (options->flags & ~known) {
        return pw_fail(EINVAL, "flags 0x%x of a region: only PW_REGION_ANY_WRITER and PW_REGION_RESIDENT are known",
                       options->flags);
    }
    if (memcmp(options->reserved, defaults.reserved, sizeof defaults.reserved) != 0) {
        return pw_fail(EINVAL, "reserved fields of struct pw_region_options must be 0");
    }
    return 0;
}

static uint32_t page_size_of(const struct pw_region_options *options) {
    return options->page_size != 0 ? options->page_size : 4096;
}

int pw_create_with(struct pw_client *client, const char *name, uint64_t size, const struct pw_region_options *options) {
    options = options != NULL ? options : &defaults;
    int rc = check_name(name);
    rc = rc == 0 ? check_options(name, options, PW_REGION_ANY_WRITER) : rc;
    if (rc == 0 && size == 0) {
        rc = pw_fail(EINVAL, "cannot create region '%s': a region of no bytes cannot be shared; it needs at least one", name);
    }
    struct pw_request request = {
        .type = PW_CREATE,
        .a = size,
        .b = options->flags,
        .c = page_size_of(options),
        .payload = name,
        .length = strlen(name),
        .what = "create region",
        .name = name,
    };
    return rc == 0 ? ask(client, &request) : rc;
}

int pw_create(struct pw_client *client, const char *name, uint64_t size, uint32_t page_size) {
    struct pw_region_options options = {.page_size = page_size};
    return pw_create_with(client, name, size, &options);
}

/* The file is read and locked; if not, the name is free again, so that the caller can try once more. */
static int await_resident(struct pw_client *client, const char *name, const struct pw_region_options *options) {
    struct pw_filling filling = {.client = client, .what = "export a file as region", .name = name};
    int rc = pw_filling_await(&filling, options->progress, options->context, NULL, 0);
    if (rc == 0 || rc == -ENOENT) { /* somebody deleted it meanwhile */
        return rc;
    }
    char text[512];
    snprintf(text, sizeof text, "%s", pw_error());
    (void)pw_delete(client, name); /* should it fail too: the first error is the one to tell */
    return pw_fail(-rc, "%s", text);
}

int pw_export_with(struct pw_client *client, const char *name, const char *path, const struct pw_region_options *options) {
    char payload[PW_MAX_NAME + 1 + PATH_MAX];
    char absolute[PATH_MAX];
    options = options != NULL ? options : &defaults;
    int rc = check_name(name);
    rc = rc == 0 ? check_options(name, options, PW_REGION_ANY_WRITER | PW_REGION_RESIDENT) : rc;
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
        .b = options->flags,
        .c = page_size_of(options),
        .payload = payload,
        .length = first + second,
        .what = "export a file as region",
        .name = name,
    };
    rc = ask(client, &request);
    return rc == 0 && options->flags & PW_REGION_RESIDENT ? await_resident(client, name, options) : rc;
}

int pw_export(struct pw_client *client, const char *name, const char *path, uint32_t page_size) {
    struct pw_region_options options = {.page_size = page_size};
    return pw_export_with(client, name, path, &options);
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
