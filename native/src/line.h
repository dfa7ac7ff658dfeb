/*
 * line.h - fault lines: sockets that are open before they are needed, so that a thread in the fault handler can ask the
 * daemon with nothing but send and recv. A line serves one thread at a time; taking one is a compare-and-set.
 */
#ifndef PAGEWIRE_LINE_H
#define PAGEWIRE_LINE_H

#include "rights.h"

/* A free line, taken, when nobody waits for one, else the one that the queue gives; see queue.h for the deadline. NULL when it
 * passed or the region is not open any more. Async-signal-safe; signals are blocked. */
struct pw_line *pw_line_take(struct pw_region *region, uint64_t *deadline, uint64_t patience);

/* A free line, taken, looked for from the one with this number on; NULL when there is none. For the queue. */
struct pw_line *pw_line_try(struct pw_region *region, uint32_t start);

/* Gives a line back whose answer was dealt with, or one that must never be used again. Async-signal-safe. */
void pw_line_release(struct pw_region *region, struct pw_line *line);
void pw_line_break(struct pw_region *region, struct pw_line *line);

/* Asks for a right and reads the answer; the deadline begins anew while the daemon sees large pages on their way. 0 = answer is a
 * sound GRANT or FAIL for this request; -ETIMEDOUT, -ECONNRESET, -EPROTO: the line must be broken. Async-signal-safe. */
int pw_line_ask(struct pw_region *region, struct pw_line *line, uint64_t page, int right, uint64_t deadline,
                struct pw_message *answer);

/* Opens lines up to count and waits for each answer. How many are open, or negative errno when none is. (agent) */
int pw_lines_open(struct pw_region *region, uint32_t count, uint64_t deadline);

/* A line that has answered HELLO becomes usable. (agent) */
void pw_line_ready(struct pw_region *region, uint32_t index, int fd);

/* Makes every line unusable and wakes the threads that wait on one; returns when no thread uses any. (agent) */
void pw_lines_shut(struct pw_region *region);

/* Closes the descriptors of lines that are not in use. (agent) */
void pw_lines_close(struct pw_region *region);

/* Before a revoke: how many threads have an answer that came before it and have not returned from the handler with it. Each of
 * them wakes the agent when it does. (agent) */
int pw_lines_owe(struct pw_region *region, const struct pw_revoke *revoke);

/* Wakes the agent. Async-signal-safe. */
void pw_agent_poke(struct pw_region *region);

#endif
