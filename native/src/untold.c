/*
 * The word of a slot says what state it is in and, above that, how many failures it has held; so a claim that comes late for one
 * failure cannot hit the next. Its thread fills the slot, anybody claims, and a slot whose thread has ended goes to the next
 * thread that needs one.
 */
#include "untold.h"

#include "futex.h"

#include <errno.h>
#include <sys/mman.h>

#define LOCAL __attribute__((tls_model("initial-exec"))) /* a signal handler must not allocate its thread-locals */
#define SLOTS 128u

enum state { FREE, FILLING, UNTOLD, TOLD };
#define STATE 3u

struct slot {
    _Alignas(64) _Atomic uint64_t word;
    _Atomic int32_t thread;
    _Atomic uint32_t in_fault, wanted;
    _Atomic uint64_t count; /* failures of its threads, claimed or not */
    uint64_t generation, since;
    struct pw_failure failure;
};

struct chunk {
    struct slot slot[SLOTS];
    struct chunk *_Atomic next;
};

static struct chunk first;
static __thread struct slot *own LOCAL;
static _Atomic uint32_t news, idle;

static enum state state_of(uint64_t word) {
    return (enum state)(word & STATE);
}

static uint64_t next_word(uint64_t word, enum state state) {
    return (word & ~(uint64_t)STATE) + STATE + 1 + state;
}

static int has_ended(int32_t thread) {
    return syscall(SYS_tgkill, getpid(), thread, 0) != 0 && errno == ESRCH;
}

static struct slot *take_from(struct chunk *chunk) {
    for (uint32_t i = 0; i < SLOTS; i++) {
        struct slot *slot = &chunk->slot[i];
        uint64_t word = slot->word;
        int free = state_of(word) == FREE || (state_of(word) == TOLD && has_ended(slot->thread));
        if (free && atomic_compare_exchange_strong(&slot->word, &word, next_word(word, FILLING))) {
            slot->thread = (int32_t)syscall(SYS_gettid);
            slot->in_fault = 0;
            return slot;
        }
    }
    return NULL;
}

static struct chunk *chunk_after(struct chunk *chunk) {
    if (chunk->next != NULL) {
        return chunk->next;
    }
    void *memory = mmap(NULL, sizeof(struct chunk), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct chunk *none = NULL;
    if (memory != MAP_FAILED && !atomic_compare_exchange_strong(&chunk->next, &none, memory)) {
        munmap(memory, sizeof(struct chunk));
    }
    return chunk->next;
}

int pw_untold_prepare(void) {
    for (struct chunk *chunk = &first; own == NULL && chunk != NULL; chunk = chunk_after(chunk)) {
        own = take_from(chunk);
    }
    return own != NULL ? 0 : -ENOMEM;
}

void pw_untold_put(const struct pw_failure *failure, uint64_t generation) {
    uint64_t word = own->word;
    own->count++;
    if (state_of(word) == UNTOLD) {
        return;
    }
    if (state_of(word) == TOLD) {
        word = next_word(word, FILLING);
        own->word = word;
    }
    own->wanted = 0;
    own->failure = *failure;
    own->generation = generation;
    own->since = pw_now();
    own->word = (word & ~(uint64_t)STATE) | UNTOLD;
    news++;
    if (idle) {
        pw_futex_wake(&news, 1);
    }
}

int pw_untold_any(void) {
    return own != NULL && state_of(own->word) == UNTOLD;
}

int pw_untold_claim(void *at, uint64_t ticket) {
    struct slot *slot = at;
    if (state_of(ticket) != UNTOLD
        || !atomic_compare_exchange_strong(&slot->word, &ticket, (ticket & ~(uint64_t)STATE) | TOLD)) {
        return 0;
    }
    slot->wanted = 0;
    return 1;
}

/* Of two that write one and read the other at least one sees what the other wrote: either the caller sees the fault, or the
 * fault sees that its thread is wanted and fails at once. */
int pw_untold_want(void *at, uint64_t ticket) {
    struct slot *slot = at;
    slot->wanted = 1;
    if (slot->word != ticket) { /* claimed meanwhile; what it holds now is not wanted yet */
        slot->wanted = 0;
    }
    return slot->in_fault == 0;
}

uint32_t pw_untold_wanted(void) {
    return own != NULL && own->wanted && state_of(own->word) == UNTOLD ? own->failure.cause : 0;
}

int pw_untold_claim_wanted(struct pw_failure *out) {
    if (!pw_untold_any()) {
        return 0;
    }
    *out = own->failure;
    return pw_untold_claim(own, own->word);
}

int pw_untold_claim_any(void *at) {
    struct slot *slot = at;
    return pw_untold_claim(at, slot->word);
}

/* The slot changes under nobody's hands here: only its own thread fills it. */
void pw_untold_claim_own(const struct pw_region *region, uint64_t id) {
    if (pw_untold_any() && own->failure.region == region && own->failure.id == id) {
        (void)pw_untold_claim(own, own->word);
    }
}

int pw_untold_claim_access(const struct pw_region *region, uint64_t first_page, uint64_t last_page, uint64_t generation,
                           struct pw_failure *out) {
    if (!pw_untold_any() || own->failure.region != region || own->failure.page < first_page || own->failure.page > last_page
        || own->generation <= generation) {
        return 0;
    }
    *out = own->failure;
    return pw_untold_claim(own, own->word);
}

void pw_untold_in_fault(int waits) {
    if (own != NULL) {
        own->in_fault = (uint32_t)waits;
    }
}

int pw_untold_speaks_of(const struct pw_region *region) {
    for (struct chunk *chunk = &first; chunk != NULL; chunk = chunk->next) {
        for (uint32_t i = 0; i < SLOTS; i++) {
            if (state_of(chunk->slot[i].word) == UNTOLD && chunk->slot[i].failure.region == region) {
                return 1;
            }
        }
    }
    return 0;
}

static int look(struct slot *slot, struct pw_untold *out) {
    uint64_t word = slot->word;
    if (state_of(word) != UNTOLD) {
        return 0;
    }
    uint64_t now = pw_now();
    *out = (struct pw_untold){
        .failure = slot->failure,
        .slot = slot,
        .ticket = word,
        .age_ns = now > slot->since ? now - slot->since : 0,
        .count = slot->count,
    };
    atomic_thread_fence(memory_order_acquire);
    return slot->word == word; /* else it was filled anew while we looked: it is young, and seen next time */
}

uint32_t pw_untold_list(struct pw_untold *out, uint32_t most) {
    uint32_t count = 0;
    struct pw_untold found;
    for (struct chunk *chunk = &first; chunk != NULL; chunk = chunk->next) {
        for (uint32_t i = 0; i < SLOTS; i++) {
            if (look(&chunk->slot[i], &found)) {
                if (count < most) {
                    out[count] = found;
                }
                count++;
            }
        }
    }
    return count;
}

void pw_untold_await(int timeout_ms) {
    uint64_t deadline = timeout_ms < 0 ? UINT64_MAX : pw_deadline_in_ms((uint64_t)timeout_ms);
    struct pw_untold ignored;
    uint64_t left = 1;
    idle = 1;
    while (left > 0) {
        uint32_t seen = news;
        if (pw_untold_list(&ignored, 1) > 0) {
            break;
        }
        left = deadline == UINT64_MAX ? UINT64_MAX : pw_left(deadline);
        pw_futex_wait(&news, seen, left);
    }
    idle = 0;
}
