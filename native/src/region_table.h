/* region_table.h - all address ranges of this process that belong to regions, open or closed. */
#ifndef PAGEWIRE_REGION_TABLE_H
#define PAGEWIRE_REGION_TABLE_H

#include "region.h"

/* Handlers look regions up without a lock; whoever changes the table holds this one. */
void pw_registry_lock(void);
void pw_registry_unlock(void);

/* Waits until some thread has called pw_registry_changed. (registry lock, which is given up meanwhile) */
void pw_registry_wait(void);
void pw_registry_changed(void);

/* A name that a thread is about to map: nobody else can. On that thread's stack. */
struct pw_naming {
    const char *name;
    struct pw_naming *next;
};

/* 0, or -EBUSY when a region of this name is mapped; waits while another thread maps or unmaps it. (registry lock) */
int pw_name_claim(struct pw_naming *naming);
void pw_name_release(struct pw_naming *naming);

/* The closed region whose range is exactly this; NULL = none. (registry lock) */
struct pw_region *pw_region_closed_at(uint64_t base, uint64_t span);

/* Makes the region visible to the handler, in the place of old if that is not NULL. -ENOSPC. (registry lock) */
int pw_region_publish(struct pw_region *region, struct pw_region *old);

int pw_region_unmap_all(struct pw_client *client);

/* Once, before the first mapping: the page that is empty in children. 0 or negative errno. */
int pw_cookie_prepare(void);

#endif
