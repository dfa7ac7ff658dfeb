/* chain.h - our signal handlers and those that were there before. */
#ifndef PAGEWIRE_CHAIN_H
#define PAGEWIRE_CHAIN_H

#include <signal.h>

typedef void (*pw_handler)(int signal, siginfo_t *info, void *context);

/* Makes handler the first one for SIGSEGV or SIGBUS, unless it is already. Whoever is there now is remembered. 0 or
 * negative errno. */
int pw_chain_install(int signal, pw_handler handler);

/* Passes a signal on to the handler that was there before, with the same three arguments, the way the kernel would have
 * called it; by default the process ends as without us. Async-signal-safe. */
void pw_chain_next(int signal, siginfo_t *info, void *context);

/* Sends the signal to the calling thread as the kernel sends one for an instruction: it arrives at that instruction when the
 * handler returns, before anything else. A thread that blocks the signal ends the process, as with the kernel's own. */
void pw_chain_raise(int signal, siginfo_t *info, void *context);

#endif
