/* publish.h - what a preloaded mapping exchanges with home. */
#ifndef PAGEWIRE_PUBLISH_H
#define PAGEWIRE_PUBLISH_H

#include "region.h"

/* The deadline of a request that may move the whole region, ms. */
uint32_t pw_exchange_ms(const struct pw_region *region);

#endif
