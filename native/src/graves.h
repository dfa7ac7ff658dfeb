/*
 * graves.h - address ranges of regions that were closed and forgotten. Nothing stands there, and the directory gives no address
 * a second time; so a pointer that was kept reads no other memory, and its access still fails as one to a closed region.
 */
#ifndef PAGEWIRE_GRAVES_H
#define PAGEWIRE_GRAVES_H

#include "region.h"

/* (registry lock) */
void pw_graves_add(uint64_t start, uint64_t end);

/* The region that stands for all of them when the address is in one, entered; else NULL. Async-signal-safe. */
struct pw_region *pw_graves_enter_at(uint64_t address);

/* Takes away what covers failed pages there: a region is about to be mapped. */
void pw_graves_uncover(void);

#endif
