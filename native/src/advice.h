/* advice.h - what the kernel is told of all memory that shows frames. */
#ifndef PAGEWIRE_ADVICE_H
#define PAGEWIRE_ADVICE_H

#include <stddef.h>

/* Not for forked children; and not for core dumps, unless dumped. 0 or negative errno. A dump loads every page of a mapping, and
 * where frames have a hole the kernel fills it: dumping a region would take all its memory, beyond the bound of dsmd, and as much of
 * the disk. */
int pw_advise(void *at, size_t length, int dumped);

/* 1 = the frames are to be in core dumps: the caller has asked for it, or the user has, by PAGEWIRE_DUMP=1. */
int pw_dump_wanted(int asked);

#endif
