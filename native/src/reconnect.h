/* reconnect.h - what the agent does when its daemon is gone. */
#ifndef PAGEWIRE_RECONNECT_H
#define PAGEWIRE_RECONNECT_H

#include "region.h"

/* Takes all access away, then tries until a daemon serves the same region again (1) or the mapping closes (0). why: negative
 * errno when dsmd is there and could not fill a preloaded mapping, which it is not asked for at once again; else 0. (agent) */
int pw_reconnect(struct pw_region *region, int why);

/* Maps the lease page of a reply. NULL: it is not one, or belongs to another session. */
const struct pw_lease_page *pw_lease_map(int fd, uint64_t session);

/* Gives the lease page back: from now on dsmd may see that this process has no right left. (lock, or no thread uses the region) */
void pw_lease_unmap(struct pw_region *region);

/* Are the frames as large as the reply says? 0 or negative errno. */
int pw_frames_check(int fd, const struct pw_map_reply *reply);

#endif
