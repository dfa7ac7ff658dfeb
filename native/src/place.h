/*
 * place.h - places in the parking range. The kernel gives addresses in it to nobody who does not ask for them by number, so what
 * stands there is ours; and each place is free of anybody's mapping when it is handed out. Not for the fault handler.
 */
#ifndef PAGEWIRE_PLACE_H
#define PAGEWIRE_PLACE_H

#include <stdint.h>
#include <sys/types.h>

/* Page tables can be moved as a whole between addresses that are equal modulo this. */
#define PW_DIRECTORY (2ull << 20)

/* Maps length bytes (whole pages) at a place of their own whose address equals like modulo PW_DIRECTORY; the rest is as for mmap.
 * NULL with errno when it cannot. */
void *pw_place_map(uint64_t length, uint64_t like, int prot, int flags, int fd, uint64_t offset);

/* Unmaps what stands there and gives the place back. */
void pw_place_unmap(void *place, uint64_t length);

/* Gives the place back without touching what stands there, which is somebody else's. */
void pw_place_forget(void *place);

#endif
