/* io.h - whole messages over Unix stream sockets, with deadlines. Not for the fault handler. */
#ifndef PAGEWIRE_IO_H
#define PAGEWIRE_IO_H

#include "local_protocol.h"

#include <stddef.h>
#include <stdint.h>

/* A connected, non-blocking, close-on-exec socket, or negative errno. */
int pw_io_connect(const char *path, uint64_t deadline);

/* All bytes or negative errno: -ETIMEDOUT, -ECONNRESET (the peer closed), or what the socket says. */
int pw_io_send(int fd, const void *bytes, size_t length, uint64_t deadline);
int pw_io_recv(int fd, void *bytes, size_t length, uint64_t deadline);

/* Receives one byte (whatever its value: the sender may leave it unset) and the one descriptor it carries: the descriptor, or
 * negative errno (-EPROTO when there is not just one; -EMFILE when the kernel had to drop it, which it does in silence but
 * for MSG_CTRUNC). */
int pw_io_recv_fd(int fd, uint64_t deadline);

/* Sends the first message of a line, agent or stream socket and reads its answer: 0 or negative errno. */
int pw_io_hello(int fd, int type, uint64_t token, uint64_t deadline, struct pw_message *answer);

#endif
