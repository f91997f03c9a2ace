/* What drawing and storing the pairs of products share. */
#ifndef LB_DATA_RELATIONS_IMPL_H
#define LB_DATA_RELATIONS_IMPL_H

#include "data/relations.h"

/* Draws the pairs of a split; `all` holds every purchase of the dataset. */
lb_status relations_draw(const interactions *all, const split *s, uint64_t seed, relations *out);

#endif
