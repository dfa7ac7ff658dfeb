/* events.h - what listeners hear: a bounded queue a mapping, made at the first question, that never makes a fault wait. */
#ifndef PAGEWIRE_EVENTS_H
#define PAGEWIRE_EVENTS_H

#include "region.h"

/* Adds the event when somebody listens; counts it as lost when the queue is full. Fills in the thread of a fault.
 * Async-signal-safe. */
void pw_event_put(struct pw_region *region, struct pw_event *event);

/* Counts pages that went back to an older state, and tells listeners. */
void pw_pages_lost(struct pw_region *region, uint64_t first, uint64_t count);

/* Ends every pw_next_event of the region. */
void pw_events_close(struct pw_region *region);

/* Gives the queue back as well: nobody puts events into it any more. Waits for the threads in pw_next_event. */
void pw_events_free(struct pw_region *region);

#endif
