/* What drawing, storing and loading a split share: the part of each interaction. */
#ifndef LB_DATA_SPLIT_IMPL_H
#define LB_DATA_SPLIT_IMPL_H

#include "data/split.h"
#include "data/split_part.h"

/* Draws a leave-one-out split: part[k] of each of the sorted interactions, (all->n). */
lb_status split_draw(const interactions *all, uint32_t n_products, const split_options *options,
                     uint8_t *part);

#endif
