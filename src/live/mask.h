/*
 * Sets of products as bits, made for the searches: first the bits of each part in the part's own
 * order, then those of all products by row. What index_search must not find is so at hand without a
 * pass over the products.
 */
#ifndef LB_LIVE_MASK_H
#define LB_LIVE_MASK_H

#include <string.h>

#include "live/live.h"

/* Where the bits by row begin. */
static inline size_t mask_rows(const lb_recommender *r) {
    return r->mask_words - ((size_t)r->capacity + 63) / 64;
}

static inline void mask_put(uint64_t *words, uint32_t bit, bool on) {
    uint64_t one = (uint64_t)1 << bit % 64;
    words[bit / 64] = on ? words[bit / 64] | one : words[bit / 64] & ~one;
}

/* Whether a product is in the set. */
static inline bool mask_has(const lb_recommender *r, const uint64_t *mask, uint32_t product) {
    return mask[mask_rows(r) + product / 64] >> product % 64 & 1;
}

/* The bit of its part, if it is searched in one. */
static inline void mask_put_part(const lb_recommender *r, uint64_t *mask, uint32_t product,
                                 bool on) {
    if (product < r->n_fixed && r->part_of[product] < LIVE_MAX_PARTS)
        mask_put(mask + r->part[r->part_of[product]].word, r->place_of[product], on);
}

static inline void mask_set(const lb_recommender *r, uint64_t *mask, uint32_t product, bool on) {
    mask_put(mask + mask_rows(r), product, on);
    mask_put_part(r, mask, product, on);
}

static inline void mask_add(const lb_recommender *r, uint64_t *mask, const uint64_t *other) {
    for (size_t i = 0; i < r->mask_words; i++) mask[i] |= other[i];
}

#endif
