/*
 * agent.h - the thread of each mapping that takes rights away when the daemon says so, when the lease ends, and when the
 * daemon is gone. It never attaches to a JVM, has every signal blocked, and blocks on nothing but its descriptors, so neither
 * a stopped world nor a slow listener delays a revoke.
 */
#ifndef PAGEWIRE_AGENT_H
#define PAGEWIRE_AGENT_H

#include "region.h"

#include "io.h"

/* The agent's descriptors, before the daemon is told about the mapping's agent. 0 or negative errno. */
int pw_agent_prepare(struct pw_region *region);

/* Connects and introduces the agent socket. 0 or negative errno. */
int pw_agent_connect(struct pw_region *region, uint64_t deadline);

int pw_agent_start(struct pw_region *region);

/* Ends and joins the agent; the state must not be PW_OPEN or PW_LOST any more. Closes its descriptors. */
void pw_agent_stop(struct pw_region *region);

/* Lets the agent end by itself, as soon as the daemon has taken note of the unmapping or is gone. Does not wait. */
void pw_agent_leave(struct pw_region *region);

/* How many lines a mapping starts with. */
uint32_t pw_first_lines(const struct pw_region *region);

#endif
