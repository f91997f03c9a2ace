/* What drawing, storing and loading a split share: the part of each interaction. */
#ifndef LB_DATA_SPLIT_IMPL_H
#define LB_DATA_SPLIT_IMPL_H

#include "data/split.h"
#include "data/split_part.h"

/* The part of a pair that is neither validation nor test: PART_FEW if its user has fewer than
 * min_user products, PART_EMPTIED if its product was emptied, PART_TRAIN otherwise. part is
 * (all->n), emptied (n_products). */
void split_imply(const interactions *all, uint32_t min_user, const uint8_t *emptied, uint8_t *part);

/* Draws a leave-one-out split: the part of each of the sorted interactions, (all->n), and for which
 * part each product was emptied, (n_products): PART_VALID, PART_TEST or 0. Both come in as zeros.
 */
lb_status split_draw(const interactions *all, uint32_t n_products, const split_options *options,
                     uint8_t *part, uint8_t *emptied);

#endif
