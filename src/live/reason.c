/*
 * Why a product is recommended: the person's product closest to it in taste, and the one it looks
 * most like. The kind is
 *   POPULAR  if neither is known, for all that the model `pop` recommends, and for a bought product
 *            of a model without a space of taste that looks like nothing of the person's;
 *   LOOK     for a new product that looks like something, and for another one whose likeness is
 *            strong while its closeness is not;
 *   BOTH     for a bought product if both are strong;
 *   TASTE    otherwise;
 *   WORDS    instead of all of these if words of a request speak for it, and instead of POPULAR
 *            where something is asked for.
 * Strong is a cosine of at least STRONG: chance reaches about .25 as the largest of 500 cosines in
 * 128 dimensions.
 */
#include <math.h>

#include "live/live_impl.h"
#include "model/simple.h"

static const double STRONG = 0.3;

/* The person's product nearest to `product`, itself aside; ties go to the first. -1 if none. */
static int64_t nearest(const lb_recommender *r, const live_space *s, const person *p,
                       uint32_t product, double *cosine) {
    int64_t found = -1;
    *cosine = (double)NAN;
    if (!live_place(r, s, product)) return -1;
    for (size_t i = 0; i < p->n_own; i++) {
        if (p->own[i] == product) continue;
        double c = live_cosine(r, s, product, p->own[i]);
        if (isnan(c) || (found >= 0 && c <= *cosine)) continue;
        found = p->own[i];
        *cosine = c;
    }
    return found;
}

static lb_reason kind_of(const lb_item *item, bool has_taste, bool has_look) {
    bool close = has_taste && item->closeness >= STRONG;
    bool alike = has_look && item->likeness >= STRONG;
    if (!has_taste && !(has_look && (alike || item->is_new))) return LB_REASON_POPULAR;
    if (item->is_new && has_look) return LB_REASON_LOOK;
    if (close && alike) return LB_REASON_BOTH;
    if (alike && !close) return LB_REASON_LOOK;
    return LB_REASON_TASTE;
}

void reason_find(const lb_recommender *r, const person *p, uint32_t product, lb_item *item,
                 int64_t *because, int64_t *looks_like) {
    item->is_new = live_is_new(r, product);
    *because = *looks_like = -1;
    item->closeness = item->likeness = (double)NAN;
    item->reason = LB_REASON_POPULAR;
    if (r->model->class == &pop_class) return;
    *because = nearest(r, &r->taste, p, product, &item->closeness);
    *looks_like = nearest(r, &r->look, p, product, &item->likeness);
    item->reason = kind_of(item, *because >= 0, *looks_like >= 0);
    if (item->reason == LB_REASON_POPULAR) {
        *looks_like = -1;
        item->likeness = (double)NAN;
    }
    if (item->reason != LB_REASON_LOOK) return;
    // the product that it looks like is the reason, and closeness is to that one
    *because = *looks_like;
    item->closeness = live_cosine(r, &r->taste, product, (uint32_t)*looks_like);
}

void reason_add_words(const char *words, lb_item *item, int64_t *because, int64_t *looks_like) {
    item->words = words;
    if (!words && item->reason != LB_REASON_POPULAR) return;
    item->reason = LB_REASON_WORDS;
    if (!(item->closeness >= STRONG)) {
        item->closeness = (double)NAN;
        *because = -1;
    }
    if (*looks_like >= 0 && !(item->likeness >= STRONG)) {
        item->likeness = (double)NAN;
        *looks_like = -1;
    }
}
