#include "leave.h"

#include "deadline.h"
#include "decode.h"
#include "error.h"
#include "region.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MOST_PAUSE_NS (50 * PW_MS)
#define TELL_NS (100 * PW_MS)
#define MOST_NAMED 8

static int prepare(struct pw_leave *leave, const struct pw_region *region) {
    leave->token = region->token;
    leave->session = region->session;
    leave->pages = region->pages;
    leave->page_size = region->page_size;
    memcpy(leave->name, region->name, sizeof leave->name);
    leave->aside = pw_client_aside(region->client);
    if (leave->aside == NULL) {
        return -ENOMEM;
    }
    leave->witness = pw_client_witness(region->client);
    return 0;
}

void pw_leave_begin(struct pw_leave *leave, const struct pw_region *region, uint64_t left) {
    leave->left = leave->total = left;
    if (left > 0 && prepare(leave, region) != 0) {
        pw_leave_fail(leave, pw_fail(ENOMEM, "region '%s' is unmapped, but there is no memory to ask dsmd whether what was"
                                     " written is home", region->name));
    }
}

void pw_leave_unsure(struct pw_leave *leave, const struct pw_region *region, int rc) {
    pw_leave_fail(leave, rc);
    (void)prepare(leave, region); /* no memory: the error stands */
}

void pw_leave_fail(struct pw_leave *leave, int rc) {
    leave->rc = rc;
    snprintf(leave->text, sizeof leave->text, "%s", pw_error());
}

/* One question; with pages != 0 the answer names those that are not at home, from the page first on. */
static int ask(struct pw_leave *leave, uint64_t first, int pages, struct pw_reply *reply) {
    struct pw_request request = {
        .type = PW_LEAVING,
        .a = leave->token,
        .b = first,
        .c = pages != 0,
        .what = "learn whether everything is home of region",
        .name = leave->name,
    };
    int rc = pw_request(leave->aside, &request, reply);
    if (rc == 0 && pw_decode_leaving(&reply->head) != 0) {
        rc = pw_fail(EPROTO, "dsmd's account of what is home of region '%s' makes no sense", leave->name);
    }
    if (rc == 0) {
        leave->left = reply->head.a;
        leave->total = reply->head.b;
        leave->rc = 0;
    } else if (rc != -ETIMEDOUT && rc != -EPROTO && pw_left_in_order(leave->witness, leave->session)) {
        pw_reply_release(reply);
        *reply = (struct pw_reply){.head = {.c = PW_LEAVING_HOME}, .fds = {-1, -1}};
        leave->left = 0;
        rc = 0;
    } else if (leave->rc != 0) {
        rc = pw_fail(-leave->rc, "%s", leave->text);
    } else if (rc != -ETIMEDOUT && rc != -EPROTO) {
        char why[300];
        snprintf(why, sizeof why, "%s", pw_error());
        rc = pw_fail(ECONNRESET, "region '%s' is unmapped, but dsmd has ended, and with it %" PRIu64 " bytes that were written here"
                     " and were not home: %s", leave->name, leave->left, why);
    }
    return rc;
}

/* The text behind the runs. */
static const char *reason(const struct pw_reply *reply) {
    size_t runs = reply->payload != NULL ? strlen(reply->payload) : 0;
    return runs + 1 < reply->head.length ? reply->payload + runs + 1 : "";
}

struct naming {
    char text[256];
    size_t length;
    uint32_t named;
    uint64_t pages, told;
};

static void name_run(struct naming *naming, uint64_t first, uint64_t count) {
    naming->pages += count;
    if (naming->named++ >= MOST_NAMED) {
        return;
    }
    naming->told += count;
    int more = snprintf(naming->text + naming->length, sizeof naming->text - naming->length,
                        count > 1 ? "%s%" PRIu64 "-%" PRIu64 : "%s%" PRIu64, naming->length > 0 ? ", " : "", first,
                        first + count - 1);
    naming->length += more > 0 ? (size_t)more : 0;
}

/* Goes through all pages that are not at home; *reply is the first answer, and in the end the last one. */
static int name_pages(struct pw_leave *leave, const struct pw_unmap_options *options, struct naming *naming,
                      struct pw_reply *reply) {
    for (;;) {
        const char *at = reply->payload != NULL ? reply->payload : "";
        uint64_t first, count, next = 0;
        uint32_t runs = 0;
        int length;
        while ((length = pw_decode_run(at, leave->pages, &first, &count)) > 0) {
            name_run(naming, first, count);
            if (options->not_home != NULL) {
                options->not_home(options->context, first, count);
            }
            at += length;
            next = first + count;
            runs++;
        }
        if (length < 0) {
            return pw_fail(EPROTO, "dsmd's list of pages of region '%s' that are not home makes no sense", leave->name);
        }
        if (runs < PW_MOST_RUNS || next >= leave->pages) {
            return 0;
        }
        pw_reply_release(reply);
        int rc = ask(leave, next, 1, reply);
        if (rc != 0) {
            return rc;
        }
    }
}

/* The wait is over without all being home. */
static int say_not_home(struct pw_leave *leave, const struct pw_unmap_options *options, int code, const char *why,
                        struct pw_reply *reply) {
    struct naming naming = {.text = ""};
    char because[320];
    snprintf(because, sizeof because, "%s", why);
    int rc = name_pages(leave, options, &naming, reply);
    if (rc != 0) {
        return rc;
    }
    char more[48] = "";
    if (naming.pages > naming.told) {
        snprintf(more, sizeof more, ", ... and %" PRIu64 " more", naming.pages - naming.told);
    }
    return pw_fail(code, "region '%s' is unmapped, but %" PRIu64 " of its pages are not home: %s; pages %.220s%s", leave->name,
                   naming.pages, because, naming.text, more);
}

static int give_up(struct pw_leave *leave, const struct pw_unmap_options *options, int code, const char *why) {
    struct pw_reply reply;
    int rc = ask(leave, 0, 1, &reply);
    if (rc == 0 && (reply.head.c == PW_LEAVING_HOME || reply.head.c == PW_LEAVING_KEPT)) {
        pw_reply_release(&reply); /* in this very moment */
        return 0;
    }
    rc = rc == 0 ? say_not_home(leave, options, code, why, &reply) : rc;
    pw_reply_release(&reply);
    return rc;
}

/* 1 = go on asking, 0 = all is well, else a negative errno. */
static int judge(struct pw_leave *leave, const struct pw_unmap_options *options, struct pw_reply *reply) {
    char why[300];
    switch (reply->head.c) {
    case PW_LEAVING_RUNNING:
        return 1;
    case PW_LEAVING_HOME:
    case PW_LEAVING_KEPT:
        return 0;
    case PW_LEAVING_STALLED:
        snprintf(why, sizeof why, "%.260s; they stay with dsmd", reason(reply));
        return say_not_home(leave, options, ETIMEDOUT, why, reply);
    default:
        return say_not_home(leave, options, ESTALE, reason(reply), reply);
    }
}

static int await(struct pw_leave *leave, const struct pw_unmap_options *options, uint64_t started) {
    uint64_t limit = options->limit_ms > 0 ? started + options->limit_ms * PW_MS : UINT64_MAX;
    uint64_t tell = 0;
    for (uint64_t wait = PW_MS;; wait = wait * 2 < MOST_PAUSE_NS ? wait * 2 : MOST_PAUSE_NS) {
        struct pw_reply reply;
        int rc = ask(leave, 0, 0, &reply);
        rc = rc == 0 ? judge(leave, options, &reply) : rc;
        pw_reply_release(&reply);
        if (options->progress != NULL && (rc == 0 || (rc == 1 && pw_now() >= tell))) {
            tell = pw_now() + TELL_NS;
            if (options->progress(options->context, leave->left, leave->total) != 0 && rc == 1) {
                return give_up(leave, options, ECANCELED, "the progress function ended the wait; dsmd goes on with it");
            }
        }
        if (rc != 1) {
            return rc;
        }
        if (pw_now() >= limit) {
            char why[80];
            snprintf(why, sizeof why, "the limit of %u ms is over; dsmd goes on with it", options->limit_ms);
            return give_up(leave, options, ETIMEDOUT, why);
        }
        uint64_t now = pw_now();
        struct timespec pause = pw_timespec(limit > now && limit - now < wait ? limit - now : wait);
        nanosleep(&pause, NULL);
    }
}

int pw_leave_await(struct pw_leave *leave, const struct pw_unmap_options *options, uint64_t started) {
    static const struct pw_unmap_options none;
    int rc = leave->rc;
    if (leave->aside != NULL) {
        rc = await(leave, options != NULL ? options : &none, started);
        if (leave->witness >= 0) {
            close(leave->witness);
        }
    } else if (rc != 0) {
        rc = pw_fail(-rc, "%s", leave->text);
    }
    pw_client_free(leave->aside);
    leave->aside = NULL;
    return rc;
}
