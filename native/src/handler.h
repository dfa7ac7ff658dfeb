/* handler.h - SIGSEGV and SIGBUS. */
#ifndef PAGEWIRE_HANDLER_H
#define PAGEWIRE_HANDLER_H

/* Makes ours the first handlers. 0 or negative errno. */
int pw_handlers_install(void);

#endif
