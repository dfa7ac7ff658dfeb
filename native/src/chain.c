/*
 * Handlers that were there before ours form a list, oldest first. Ours calls the newest; when that one was installed over
 * ours it may call ours again for the same signal, and then the next older one has its turn. Without that rule two handlers
 * that chain to each other would do so for ever.
 *
 * "The same signal" is told by the context's address together with the stack: a call from within the chain stands lower in
 * the stack than the call it came from. (A mark that is reset on return would not do: handlers may leave by siglongjmp.)
 */
#include "chain.h"

#include "checker.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define MOST 16

struct chain {
    pw_handler ours;
    _Atomic int count;
    struct sigaction before[MOST];
    _Atomic int spent[MOST]; /* SA_RESETHAND was obeyed */
};

static struct chain chains[2];
static pthread_mutex_t installing = PTHREAD_MUTEX_INITIALIZER;

/* Where this thread is in the chain. initial-exec: reached without a call into the dynamic linker. */
static __thread struct {
    void *context;
    char *frame;
    int level;
} here __attribute__((tls_model("initial-exec")));

static struct chain *chain_of(int signal) {
    return &chains[signal == SIGBUS];
}

static int same(const struct sigaction *one, const struct sigaction *two) {
    return one->sa_sigaction == two->sa_sigaction && ((one->sa_flags ^ two->sa_flags) & SA_SIGINFO) == 0;
}

static int install(struct chain *chain, int signal, pw_handler handler) {
    struct sigaction now;
    if (sigaction(signal, NULL, &now) != 0) {
        return -errno;
    }
    if ((now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == handler) {
        return 0;
    }
    int known = 0;
    for (int i = 0; i < chain->count; i++) {
        known |= same(&chain->before[i], &now);
    }
    if (!known) {
        if (chain->count == MOST) {
            return -ENOSPC;
        }
        chain->before[chain->count] = now;
        chain->spent[chain->count] = 0;
        chain->count++;
    }
    chain->ours = handler;
    /* SA_ONSTACK: programs that catch stack overflow need it, and the JVM uses it itself. */
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    sigfillset(&action.sa_mask);
    return sigaction(signal, &action, NULL) == 0 ? 0 : -errno;
}

int pw_chain_install(int signal, pw_handler handler) {
    pthread_mutex_lock(&installing);
    int rc = install(chain_of(signal), signal, handler);
    pthread_mutex_unlock(&installing);
    return rc;
}

static void send_to_self(int signal, siginfo_t *info) {
    if (pw_on_valgrind() && info->si_code > 0) {
        info->si_code = SI_QUEUE; /* it dies of a signal that claims to come from the kernel; the address stays where it is */
    }
    syscall(SYS_rt_tgsigqueueinfo, getpid(), syscall(SYS_gettid), signal, info);
}

/* Signals that no instruction repeats must be sent again: they end the process when our handler returns. */
static void by_default(int signal, siginfo_t *info) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    sigaction(signal, &action, NULL);
    if (info->si_code <= 0 || signal == SIGBUS) {
        send_to_self(signal, info);
    }
}

static void call(const struct sigaction *action, int signal, siginfo_t *info, void *context) {
    /* The mask the kernel would have set for that handler: the interrupted code's, its own, and the signal itself. */
    sigset_t mask, saved;
    sigorset(&mask, &((const ucontext_t *)context)->uc_sigmask, &action->sa_mask);
    if (!(action->sa_flags & SA_NODEFER)) {
        sigaddset(&mask, signal);
    }
    pthread_sigmask(SIG_SETMASK, &mask, &saved);
    if (action->sa_flags & SA_SIGINFO) {
        action->sa_sigaction(signal, info, context);
    } else {
        action->sa_handler(signal);
    }
    pthread_sigmask(SIG_SETMASK, &saved, NULL);
}

__attribute__((noinline)) void pw_chain_next(int signal, siginfo_t *info, void *context) {
    struct chain *chain = chain_of(signal);
    char *frame = __builtin_frame_address(0);
    int level = here.context == context && frame < here.frame ? here.level + 1 : 0;
    int index = chain->count - 1 - level;
    const struct sigaction *action = index < 0 ? NULL : &chain->before[index];
    int once = action != NULL && ((unsigned)action->sa_flags & SA_RESETHAND) != 0;
    int spent = once && atomic_exchange(&chain->spent[index], 1);
    int plain = action != NULL && !(action->sa_flags & SA_SIGINFO);
    if (plain && action->sa_handler == SIG_IGN && info->si_code <= 0) {
        return;
    }
    if (action == NULL || spent || (plain && (action->sa_handler == SIG_DFL || action->sa_handler == SIG_IGN))) {
        by_default(signal, info);
        return;
    }
    void *outer_context = here.context;
    char *outer_frame = here.frame;
    int outer_level = here.level;
    here.context = context;
    here.frame = frame;
    here.level = level;
    call(action, signal, info, context);
    here.context = outer_context;
    here.frame = outer_frame;
    here.level = outer_level;
}

void pw_chain_raise(int signal, siginfo_t *info, void *context) {
    ucontext_t *interrupted = context;
    if (sigismember(&interrupted->uc_sigmask, signal) == 1) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = SIG_DFL;
        sigaction(signal, &action, NULL);
        sigdelset(&interrupted->uc_sigmask, signal);
    }
    send_to_self(signal, info);
}
