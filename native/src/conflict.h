/* conflict.h - who stands where something of ours belongs. */
#ifndef PAGEWIRE_CONFLICT_H
#define PAGEWIRE_CONFLICT_H

#include <stddef.h>
#include <stdint.h>

/* Names the first mapping of this process that overlaps the range, from /proc/self/maps. Not for the fault handler. */
void pw_conflict_name(uint64_t base, uint64_t end, char *who, size_t size);

#endif
