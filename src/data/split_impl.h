/* What drawing, storing and loading a split share: the part of each interaction. */
#ifndef LB_DATA_SPLIT_IMPL_H
#define LB_DATA_SPLIT_IMPL_H

#include "data/split.h"
#include "data/split_part.h"
#include "data/sql.h"

enum { SPLIT_NAME_SIZE = 96 };

/* The part of a pair that is neither validation nor test: PART_FEW if its user has fewer than
 * min_user products, PART_EMPTIED if its product was emptied, PART_TRAIN otherwise. part is
 * (all->n), emptied (n_products). */
void split_imply(const interactions *all, uint32_t min_user, const uint8_t *emptied, uint8_t *part);

/* Draws a leave-one-out split: the part of each of the sorted interactions, (all->n), and for which
 * part each product was emptied, (n_products): PART_VALID, PART_TEST or 0. Both come in as zeros.
 */
lb_status split_draw(const interactions *all, uint32_t n_products, const split_options *options,
                     uint8_t *part, uint8_t *emptied);

/* ---- the stored form, split.c */

/* One step of a fingerprint. */
static inline uint64_t split_mix(uint64_t h, uint64_t value) {
    h = (h ^ value) * 0x9e3779b97f4a7c15u;
    return h ^ (h >> 29);
}

/* Of the numbers of users and pairs and of every pair, in order. */
int64_t split_fingerprint(const interactions *all, uint32_t n_users);

/* The name it is stored under: options that draw the same split have the same one. */
void split_name(const split_options *o, char name[SPLIT_NAME_SIZE]);

/* The number of the stored split of this name, 0 if there is none or of other interactions. */
lb_status split_find(const sql *db, const char *name, int64_t fingerprint, int64_t *id);

#endif
