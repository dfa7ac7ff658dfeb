/*
 * The signal handlers. They run on the thread that touched the page, with all signals blocked, keep errno, and call only
 * async-signal-safe functions; the stack they need is a few hundred bytes.
 *
 * A failed fault in mode PW_FAIL_SIGBUS sends SIGBUS to the thread itself, with the code and address the kernel would give.
 * (Putting a page that raises SIGBUS in the place of the failed one was the other way. It disturbs every other thread: one
 * forbidden store would make all readers of that page fail too.)
 */
#include "handler.h"

#include "chain.h"
#include "failure_log.h"
#include "fault.h"
#include "line.h"
#include "window.h"

#include <errno.h>
#include <string.h>
#include <ucontext.h>

/* The fault before in this thread: is the instruction getting anywhere? */
struct attempt {
    uint64_t mark;
    const struct pw_region *region;
    struct pw_series series;
    uint64_t since;  /* of the first fault without progress */
    uint64_t cpu_ns; /* the thread's CPU time when the handler last returned; 0 = not looked at */
    int applied;     /* the last fault ended with the right applied */
};

static __thread struct attempt last __attribute__((tls_model("initial-exec")));

/* So little of its own time cannot have been enough for the instruction and for coming back here. */
#define NO_PROGRESS_NS (20 * PW_US)

enum access { LOADS, STORES, EXECUTES, UNKNOWN };

#if defined(__x86_64__)
static enum access access_of(const ucontext_t *context) {
    uint64_t error = (uint64_t)context->uc_mcontext.gregs[REG_ERR];
    return error & 16 ? EXECUTES : error & 2 ? STORES : LOADS;
}

/* The same instruction with the same operands has the same mark. */
static uint64_t mark_of(const ucontext_t *context) {
    uint64_t mark = 0;
    for (int i = 0; i <= REG_RIP; i++) {
        mark = (mark ^ (uint64_t)context->uc_mcontext.gregs[i]) * 0x9E3779B97F4A7C15ull;
        mark ^= mark >> 29;
    }
    return mark;
}
_Static_assert(REG_R8 == 0 && REG_RIP == 16, "general registers come first");
#elif defined(__aarch64__)
static enum access access_of(const ucontext_t *context) {
    const unsigned char *record = context->uc_mcontext.__reserved;
    for (;;) {
        uint32_t head[2];
        memcpy(head, record, sizeof head);
        if (head[0] == 0x45535201u) { /* ESR_MAGIC */
            uint64_t esr;
            memcpy(&esr, record + sizeof head, sizeof esr);
            return (esr >> 26) == 0x20 || (esr >> 26) == 0x21 ? EXECUTES : esr & 64 ? STORES : LOADS;
        }
        if (head[0] == 0 || head[1] == 0) {
            return UNKNOWN;
        }
        record += head[1];
    }
}

static uint64_t mark_of(const ucontext_t *context) {
    uint64_t mark = context->uc_mcontext.pc ^ context->uc_mcontext.sp;
    for (int i = 0; i < 31; i++) {
        mark = (mark ^ context->uc_mcontext.regs[i]) * 0x9E3779B97F4A7C15ull;
        mark ^= mark >> 29;
    }
    return mark;
}
#else
#error "Pagewire runs on x86-64 and aarch64"
#endif

static void pause_for(uint64_t ns) {
    struct timespec pause = pw_timespec(ns);
    nanosleep(&pause, NULL);
}

static int needs(const struct pw_series *series, uint64_t page) {
    uint32_t count = series->count < PW_SERIES ? series->count : PW_SERIES;
    for (uint32_t i = 0; i < count; i++) {
        if (series->page[i] == page) {
            return 1;
        }
    }
    return 0;
}

static void longer(const struct pw_region *region, struct pw_series *series) {
    uint64_t most = pw_most_hold(region->revoke_ms);
    series->hold_ns = series->hold_ns * 2 < most ? series->hold_ns * 2 : most;
}

/* Writes down that the instruction needs the page. 1 = it had the page before and got nowhere. */
static int note(struct pw_region *region, uint64_t mark, uint64_t page, uint64_t now) {
    int again = last.mark == mark && last.region == region;
    int had = again && needs(&last.series, page);
    if (had && last.cpu_ns != 0) {
        if (last.applied && pw_clock(CLOCK_THREAD_CPUTIME_ID) - last.cpu_ns > NO_PROGRESS_NS) {
            again = 0; /* a loop that comes by here again and again, with the same registers */
            had = 0;
        } else {
            longer(region, &last.series);
        }
    }
    if (!again) {
        last.mark = mark;
        last.region = region;
        last.series.count = 0;
        last.series.hold_ns = region->least_hold_ns;
        last.since = now;
        last.cpu_ns = 0;
    }
    if (!had) {
        if (last.series.count == PW_SERIES) { /* an instruction needs no fifth page: the oldest is not of this one */
            memmove(last.series.page, last.series.page + 1, (PW_SERIES - 1) * sizeof(uint64_t));
            last.series.count--;
        }
        last.series.page[last.series.count++] = page;
    }
    return had;
}

static void fail(struct pw_region *region, uint64_t page, uint32_t cause, int store, siginfo_t *info, void *context) {
    if (region->mode == PW_FAIL_RECORD && pw_failure_begin(region, page, cause, store) >= 0) {
        return;
    }
    siginfo_t bus;
    memset(&bus, 0, sizeof bus);
    bus.si_signo = SIGBUS;
    bus.si_code = BUS_ADRERR;
    bus.si_addr = info->si_addr;
    pw_chain_raise(SIGBUS, &bus, context);
}

static int lease_over(struct pw_region *region) {
    pw_lock(&region->lock);
    int over = region->state == PW_OPEN && pw_lease_over(region);
    pw_unlock(&region->lock);
    return over;
}

/* A load or store in an open region: 0 = try the instruction again, else enum pw_cause. */
static uint32_t serve(struct pw_region *region, uint64_t page, enum access access, const ucontext_t *context) {
    uint64_t started = pw_now();
    uint64_t patience = (region->fault_ms + PW_GRACE_MS) * PW_MS;
    int had = note(region, mark_of(context), page, started);
    if (access == UNKNOWN) {
        pw_lock(&region->lock);
        access = region->right != NULL && region->right[page] == PW_READ ? STORES : LOADS;
        pw_unlock(&region->lock);
    }
    struct pw_want want = {
        .page = page,
        .right = access == STORES ? PW_WRITE : PW_READ,
        .deadline = started + patience,
        .series = &last.series,
        .skip_known = !had,
    };
    uint32_t outcome = had && started - last.since > patience ? (uint32_t)PW_DEADLINE : pw_fault(region, &want);
    pw_fault_count(region, &want, outcome, started);
    last.applied = outcome == 0;
    if (outcome == PW_AGAIN) {
        longer(region, &last.series);
        if (lease_over(region)) {
            pause_for(200 * PW_US); /* the daemon answers, but nothing may be applied until the lease is renewed */
        }
        outcome = 0;
    }
    if (outcome != 0) {
        last.mark = 0;
    }
    last.cpu_ns = had ? pw_clock(CLOCK_THREAD_CPUTIME_ID) : 0;
    return outcome;
}

/* 1 = the signal was ours and is dealt with. */
static int on_fault(siginfo_t *info, void *context) {
    if (info->si_code != SEGV_MAPERR && info->si_code != SEGV_ACCERR) {
        return 0;
    }
    uint64_t address = (uint64_t)(uintptr_t)info->si_addr;
    struct pw_region *region = pw_region_at(address);
    if (pw_in_child()) {
        return 0;
    }
    if (region == NULL) {
        return info->si_code == SEGV_MAPERR && pw_window_met_swap(address);
    }
    region->handler_entries++;
    enum access access = access_of(context);
    if (access == EXECUTES) {
        return 0;
    }
    pw_region_enter(region);
    uint64_t page = (address - region->base) >> region->page_shift;
    uint32_t state = region->state, cause = 0;
    if (state == PW_OPEN || state == PW_LOST) {
        cause = serve(region, page, access, context);
    } else if (state == PW_SHUT) {
        cause = PW_CLOSED;
    }
    pw_region_leave(region);
    if (state == PW_CLOSING) {
        pause_for(200 * PW_US);
    }
    if (cause != 0) {
        fail(region, page, cause, access == STORES, info, context);
    }
    return 1;
}

/* In mode PW_FAIL_RECORD no SIGBUS may reach a JVM: the file behind a region was cut short, or memory is out. */
static int on_bus_error(siginfo_t *info) {
    if (info->si_code != BUS_ADRERR) {
        return 0;
    }
    uint64_t address = (uint64_t)(uintptr_t)info->si_addr;
    struct pw_region *region = pw_region_at(address);
    if (region == NULL || region->mode != PW_FAIL_RECORD || pw_in_child()) {
        return 0;
    }
    uint64_t page = (address - region->base) >> region->page_shift;
    uint32_t cause = region->flags & PW_FLAG_FILE ? PW_FILE_ERROR : PW_NO_MEMORY;
    struct pw_want want = {.page = page, .right = PW_READ};
    pw_fault_count(region, &want, cause, pw_now());
    return pw_failure_begin(region, page, cause, 0) >= 0;
}

static void handle(int signal, siginfo_t *info, void *context) {
    int saved = errno;
    int ours = signal == SIGSEGV ? on_fault(info, context) : on_bus_error(info);
    if (!ours) {
        pw_chain_next(signal, info, context);
    }
    errno = saved;
}

int pw_handlers_install(void) {
    int rc = pw_chain_install(SIGSEGV, handle);
    return rc == 0 ? pw_chain_install(SIGBUS, handle) : rc;
}
