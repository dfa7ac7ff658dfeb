/*
 * Grants and revokes in any order, on a real mapping: what has passed the decoders is applied, and afterwards the books, an
 * independent count of what the messages allow, and the kernel must agree.
 */
#include "fuzz.h"

#include "decode.h"
#include "line.h"
#include "rights.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGES 16u

static struct pw_region region;
static struct pw_line line;
static struct pw_lease_page lease = {.magic = PW_LEASE_MAGIC, .version = PW_LEASE_VERSION, .end_ns = PW_LEASE_NO_END};

/* The referee: per page the right and the sequence of the last revoke, by the words of local_protocol.h alone. */
static int allowed[PAGES];
static uint64_t newest[PAGES];
static uint64_t newest_whole;

void fuzz_rights_begin(void) {
    region.page_size = 4096;
    region.page_shift = 12;
    region.pages = PAGES;
    region.span = region.size = PAGES * 4096u;
    region.highest = PW_WRITE;
    region.revoke_ms = 1000;
    region.state = PW_OPEN;
    region.lease = &lease;
    region.line = &line;
    region.lines = 1;
    region.frames = memfd_create("fuzz-frames", MFD_CLOEXEC);
    region.engine = &pw_engine_mprotect;
    HOLDS(region.frames >= 0 && ftruncate(region.frames, (off_t)region.span) == 0);
    void *place = mmap(NULL, region.span, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    HOLDS(place != MAP_FAILED);
    region.base = (uint64_t)(uintptr_t)place;
    HOLDS(pw_rights_init(&region) == 0 && pw_region_place(&region, 0, PAGES) == 0);
}

void fuzz_rights_end(void) {
    pw_rights_free(&region);
    munmap(pw_page_address(&region, 0), region.span);
    close(region.frames);
}

static void start_again(void) {
    pw_lock(&region.lock);
    pw_rights_take_all_locked(&region);
    region.floor = 0;
    memset(region.revoked, 0, PAGES * sizeof(uint64_t));
    memset(region.pin, 0, sizeof region.pin);
    pw_unlock(&region.lock);
    memset(&line, 0, sizeof line);
    memset(allowed, 0, sizeof allowed);
    memset(newest, 0, sizeof newest);
    newest_whole = 0;
}

static void give(const struct pw_message *answer) {
    uint64_t page = answer->id % PAGES;
    int right = 1 + (answer->id >> 8 & 1u ? 1 : 0);
    if (pw_decode_fault_answer(answer, answer->id, page, right, PAGES, region.highest) != 0 || answer->type != PW_GRANT) {
        return;
    }
    struct pw_grant given = {
        .first = answer->a,
        .count = answer->c,
        .sequence = answer->b,
        .right = answer->status,
        .generation = region.generation,
    };
    struct pw_series series = {.page = {page}, .count = 1, .hold_ns = 0};
    int rc = pw_rights_grant(&region, &given, page, &line, &series);
    int overtaken = given.sequence < newest_whole || given.sequence < newest[page];
    HOLDS(rc == (overtaken ? 0 : 1));
    for (uint64_t i = given.first; !overtaken && i < given.first + given.count; i++) {
        if (given.sequence >= newest[i] && allowed[i] < given.right) {
            allowed[i] = given.right;
        }
    }
}

static void take(const struct pw_message *message) {
    struct pw_revoke taken = {.sequence = message->b, .left = message->status & PW_REVOKE_LEFT, .whole = message->c == 0};
    if (pw_decode_revoke(message, PAGES, &taken.first, &taken.count) != 0) {
        return;
    }
    HOLDS(pw_rights_revoke(&region, &taken) == 0); /* no hold is running */
    for (uint64_t i = taken.first; i < taken.first + taken.count; i++) {
        allowed[i] = allowed[i] < taken.left ? allowed[i] : taken.left;
        newest[i] = !taken.whole && newest[i] < taken.sequence ? taken.sequence : newest[i];
    }
    newest_whole = taken.whole && newest_whole < taken.sequence ? taken.sequence : newest_whole;
}

/* What the kernel lets this process do with the page. */
static int kernel_right(uint64_t page) {
    char byte;
    struct iovec local = {.iov_base = &byte, .iov_len = 1};
    struct iovec remote = {.iov_base = pw_page_address(&region, page), .iov_len = 1};
    if (process_vm_readv(getpid(), &local, 1, &remote, 1, 0) != 1) {
        return PW_NONE;
    }
    return process_vm_writev(getpid(), &local, 1, &remote, 1, 0) == 1 ? PW_WRITE : PW_READ;
}

void fuzz_rights_run(const uint8_t *bytes, size_t length) {
    struct fuzz_input input = {bytes, length};
    uint64_t last = 0;
    start_again();
    for (int i = 0; i < 24 && input.left > 0; i++) {
        struct pw_message message;
        fuzz_take(&input, &message, sizeof message);
        last = message.a % PAGES;
        if (message.type == PW_REVOKE) {
            take(&message);
        } else {
            give(&message);
        }
    }
    for (uint64_t page = 0; page < PAGES; page++) {
        HOLDS(region.right[page] == allowed[page]);
    }
    HOLDS(kernel_right(last) == allowed[last]);
}
