#include <math.h>

#include "core/memory.h"
#include "live/live_impl.h"
#include "live/mask.h"
#include "math/vector.h"

static lb_status check_space(const lb_recommender *r, const live_space *s, uint32_t product,
                             const char *id, bool look) {
    if (!s->dim)
        return status_fail(LB_E_ARGUMENT,
                           look ? "a %s model without features cannot compare looks; open it with "
                                  "a dataset that has a feature, or compare by taste"
                                : "a %s model has no space of taste; compare by look",
                           r->model->class->name);
    if (!live_place(r, s, product))
        return status_fail(LB_E_NOT_FOUND,
                           look ? "product \"%s\" has no feature to compare looks by"
                                : "the model has no place for product \"%s\" in the space of taste",
                           id);
    return LB_OK;
}

static lb_reason reason_of(lb_likeness by) {
    return by == LB_BY_TASTE ? LB_REASON_TASTE : by == LB_BY_LOOK ? LB_REASON_LOOK : LB_REASON_BOTH;
}

/* The product that is asked for, or a picture. */
typedef struct question {
    const lb_recommender *r;
    lb_likeness by;
    int64_t product;           // -1 = the picture
    const float *taste, *look; // where it is; NULL = nowhere
} question;

/* NaN where a product cannot be compared. */
static double cosine_to(const question *q, const live_space *s, const float *from,
                        uint32_t product) {
    const float *own = from ? live_place(q->r, s, product) : NULL;
    return own ? (double)vec_dot(from, own, s->dim) : (double)NAN;
}

/* The mean of both cosines. */
static double likeness_to(const question *q, uint32_t product) {
    const lb_recommender *r = q->r;
    double look = cosine_to(q, &r->look, q->look, product);
    if (isnan(look)) return look;
    return (cosine_to(q, &r->taste, q->taste, product) + look) / 2;
}

static void explain(const question *q, uint32_t row, lb_item *item, int64_t *looks_like) {
    item->closeness = cosine_to(q, &q->r->taste, q->taste, row);
    item->likeness = cosine_to(q, &q->r->look, q->look, row);
    *looks_like = isnan(item->likeness) ? -1 : q->product;
}

static lb_status add_items(const question *q, const best_list *best, lb_items *items) {
    for (size_t i = 0; i < best->n; i++) {
        uint32_t row = best->entries[i].row;
        int64_t looks_like;
        lb_item item = {.score = (double)best->entries[i].score,
                        .is_new = live_is_new(q->r, row),
                        .reason = q->product < 0 ? LB_REASON_LOOK : reason_of(q->by)};
        explain(q, row, &item, &looks_like);
        LB_TRY(items_add(items, q->r, row, &item, q->product, looks_like));
    }
    return items_finish(items);
}

static lb_status open_question(const lb_recommender *r, const lb_similar_options *o,
                               const live_picture *picture, question *out) {
    *out = (question){r, LB_BY_LOOK, -1, NULL, picture->look};
    if (picture->look) return LB_OK;
    uint32_t product;
    LB_TRY(live_find_product(r, o->product, &product));
    if (o->by != LB_BY_LOOK) LB_TRY(check_space(r, &r->taste, product, o->product, false));
    if (o->by != LB_BY_TASTE) LB_TRY(check_space(r, &r->look, product, o->product, true));
    *out = (question){r, o->by, product, live_place(r, &r->taste, product),
                      live_place(r, &r->look, product)};
    return LB_OK;
}

/* By one of the spaces through its index; the mean of both has none. */
static lb_status search(const question *q, const uint64_t *skip, best_list *best) {
    const lb_recommender *r = q->r;
    if (q->by != LB_BY_BOTH) {
        bool by_taste = q->by == LB_BY_TASTE;
        LB_TRY(live_nearest(r, by_taste ? &r->taste : &r->look, by_taste ? q->taste : q->look, skip,
                            false, best));
    } else {
        for (uint32_t p = 0; p < r->n_products; p++) {
            if (mask_has(r, skip, p)) continue;
            float score = (float)likeness_to(q, p);
            if (best_admits(best, score, p)) best_add(best, score, p);
        }
    }
    best_sort(best);
    return LB_OK;
}

lb_status live_similar(const lb_recommender *r, const lb_similar_options *o,
                       const live_picture *picture, lb_items **out) {
    size_t n = o->n < r->n_products ? o->n : r->n_products;
    uint64_t *skip = NULL;
    best_entry *entries = NULL;
    lb_items *items = NULL;
    question q;
    lb_status status = LB_OK;
    LB_TRY(open_question(r, o, picture, &q));
    LB_TRY_CLEANUP(NEW_ARRAY(skip, r->mask_words));
    LB_TRY_CLEANUP(NEW_ARRAY(entries, n));
    memcpy(skip, r->hidden, r->mask_words * sizeof *skip);
    if (o->category) LB_TRY_CLEANUP(live_keep_category(r, o->category, skip));
    LB_TRY_CLEANUP(live_keep_price(r, o->price_min, o->price_max, skip));
    if (q.product >= 0) mask_set(r, skip, (uint32_t)q.product, true);
    best_list best = {entries, n, 0};
    LB_TRY_CLEANUP(search(&q, skip, &best));
    LB_TRY_CLEANUP(items_new(best.n, q.product < 0 ? "image" : "product", true, &items));
    LB_TRY_CLEANUP(add_items(&q, &best, items));
    *out = items;
    items = NULL;
cleanup:
    items_free(items);
    free(entries);
    free(skip);
    return status;
}
