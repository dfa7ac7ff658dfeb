/*
 * The signal handlers. They run on the thread that touched the page, with all signals blocked, keep errno, and call only
 * async-signal-safe functions; the stack they need is a few hundred bytes.
 *
 * A failed fault in mode PW_FAIL_SIGBUS sends SIGBUS to the thread itself, with the code and address the kernel would give.
 * (Putting a page that raises SIGBUS in the place of the failed one was the other way. It disturbs every other thread: one
 * forbidden store would make all readers of that page fail too.)
 */
#include "handler.h"

#include "attempt.h"
#include "chain.h"
#include "error.h"
#include "failure_log.h"
#include "fault.h"
#include "graves.h"
#include "hold.h"
#include "untold.h"
#include "window.h"

#include <errno.h>
#include <string.h>
#include <ucontext.h>

static __thread struct pw_attempt last __attribute__((tls_model("initial-exec")));

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

static int recorded(struct pw_region *region, uint64_t page, uint32_t cause, int store, uint64_t mark) {
    return region->mode == PW_FAIL_RECORD && pw_failure_begin(region, page, cause, store, mark) >= 0;
}

static void raise_bus(const siginfo_t *info, void *context) {
    siginfo_t bus;
    memset(&bus, 0, sizeof bus);
    bus.si_signo = SIGBUS;
    bus.si_code = BUS_ADRERR;
    bus.si_addr = info->si_addr;
    pw_chain_raise(SIGBUS, &bus, context);
}

/* The daemon answers, but its lease is over, so nothing may be applied until it is renewed: 0 = try again, else enum pw_cause. */
static uint32_t barred(uint64_t now, uint64_t patience) {
    last.barred_since = last.barred_since != 0 ? last.barred_since : now;
    if (now - last.barred_since > patience) {
        return pw_deadline_for(PW_LEASE_OVER);
    }
    pause_for(200 * PW_US);
    return 0;
}

/* A load or store in an open region: 0 = try the instruction again, else enum pw_cause. It is tried again for as long as the daemon
 * gives the page, however often somebody else takes it away first. */
static uint32_t serve(struct pw_region *region, uint64_t page, enum access access, const ucontext_t *context) {
    uint64_t started = pw_now();
    pw_attempt_begin(&last, region, mark_of(context), page);
    if (access == UNKNOWN) {
        pw_lock(&region->lock);
        access = region->right != NULL && region->right[page] == PW_READ ? STORES : LOADS;
        pw_unlock(&region->lock);
    }
    struct pw_want want = {
        .page = page,
        .right = access == STORES ? PW_WRITE : PW_READ,
        .patience = (region->fault_ms + PW_GRACE_MS) * PW_MS,
        .series = &last.series,
        .skip_known = !last.had,
    };
    uint32_t outcome = pw_fault(region, &want);
    int applied = outcome == 0;
    pw_fault_count(region, &want, outcome, started);
    if (outcome == PW_BARRED) {
        outcome = barred(started, want.patience);
    } else {
        last.barred_since = 0;
        outcome = outcome == PW_AGAIN ? 0 : outcome;
    }
    if (outcome != 0) {
        last.mark = 0;
    }
    pw_attempt_end(&last, applied);
    pw_fault_end(region, &want);
    return outcome;
}

/* 1 = the signal was ours and is dealt with. */
static int on_fault(siginfo_t *info, void *context) {
    if (info->si_code != SEGV_MAPERR && info->si_code != SEGV_ACCERR) {
        return 0;
    }
    uint64_t address = (uint64_t)(uintptr_t)info->si_addr;
    if (pw_in_child()) {
        return 0;
    }
    struct pw_region *region = pw_region_enter_at(address);
    if (region == NULL) {
        if (info->si_code == SEGV_MAPERR && pw_window_met_swap(address)) {
            return 1;
        }
        region = pw_graves_enter_at(address);
    }
    if (region == NULL) {
        return 0;
    }
    region->handler_entries++;
    enum access access = access_of(context);
    if (access == EXECUTES) {
        pw_region_leave(region);
        return 0;
    }
    uint32_t thread = (uint32_t)syscall(SYS_gettid);
    int cancelling; /* glibc's own signal for it cannot be blocked, and a thread that ended in here would take its line along */
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelling);
    pw_visit_begin(region, thread);
    uint64_t page = (address - region->base) >> region->page_shift;
    uint32_t state = region->state, cause = 0;
    if (state == PW_OPEN || state == PW_LOST) {
        pw_untold_in_fault(1);
        cause = pw_failure_again(region, page, mark_of(context));
        cause = cause != 0 ? cause : serve(region, page, access, context);
        pw_untold_in_fault(0);
    } else if (state == PW_SHUT) {
        cause = PW_CLOSED;
    }
    pw_visit_end(region, thread);
    int failed = cause != 0 && !recorded(region, page, cause, access == STORES, mark_of(context));
    pw_region_leave(region);
    pthread_setcancelstate(cancelling, NULL);
    if (state == PW_CLOSING) {
        pause_for(200 * PW_US);
    }
    if (failed) {
        raise_bus(info, context);
    }
    return 1;
}

/* In mode PW_FAIL_RECORD no SIGBUS may reach a JVM: the file behind a region was cut short, or memory is out. */
static int on_bus_error(siginfo_t *info, const void *context) {
    if (info->si_code != BUS_ADRERR) {
        return 0;
    }
    uint64_t address = (uint64_t)(uintptr_t)info->si_addr;
    struct pw_region *region = pw_in_child() ? NULL : pw_region_enter_at(address);
    if (region == NULL) {
        return 0;
    }
    uint64_t page = (address - region->base) >> region->page_shift;
    uint32_t cause = region->flags & PW_FLAG_FILE ? PW_FILE_ERROR : PW_NO_MEMORY;
    struct pw_want want = {.page = page, .right = PW_READ};
    if (region->mode == PW_FAIL_RECORD) {
        pw_fault_count(region, &want, cause, pw_now());
    }
    int done = recorded(region, page, cause, 0, mark_of(context));
    pw_region_leave(region);
    return done;
}

static void handle(int signal, siginfo_t *info, void *context) {
    int saved = errno;
    int ours = signal == SIGSEGV ? on_fault(info, context) : on_bus_error(info, context);
    if (!ours) {
        pw_chain_next(signal, info, context);
    }
    errno = saved;
}

int pw_handlers_install(void) {
    int rc = pw_chain_install(SIGSEGV, handle);
    return rc == 0 ? pw_chain_install(SIGBUS, handle) : rc;
}
