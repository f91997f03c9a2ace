#include <math.h>

#include "core/memory.h"
#include "live/live_impl.h"

static lb_status check_space(const lb_recommender *r, const live_space *s, uint32_t product,
                             const char *id, bool look) {
    if (!s->dim)
        return status_fail(LB_E_ARGUMENT,
                           look ? "a %s model without features cannot compare looks; open it with "
                                  "a dataset that has a feature, or compare by taste"
                                : "a %s model has no space of taste; compare by look",
                           r->model->class->name);
    if (!s->known[product])
        return status_fail(LB_E_NOT_FOUND,
                           look ? "product \"%s\" has no feature to compare looks by"
                                : "the model has no place for product \"%s\" in the space of taste",
                           id);
    return LB_OK;
}

/* NaN where a product cannot be compared. */
static double likeness_of(const lb_recommender *r, lb_likeness by, uint32_t a, uint32_t b) {
    if (by == LB_BY_TASTE) return live_cosine(&r->taste, a, b);
    if (by == LB_BY_LOOK) return live_cosine(&r->look, a, b);
    return (live_cosine(&r->taste, a, b) + live_cosine(&r->look, a, b)) / 2;
}

static lb_reason reason_of(lb_likeness by) {
    return by == LB_BY_TASTE ? LB_REASON_TASTE : by == LB_BY_LOOK ? LB_REASON_LOOK : LB_REASON_BOTH;
}

static lb_status add_items(const lb_recommender *r, lb_likeness by, uint32_t product,
                           const best_list *best, lb_items *items) {
    for (size_t i = 0; i < best->n; i++) {
        uint32_t row = best->entries[i].row;
        lb_item item = {.score = (double)best->entries[i].score,
                        .is_new = live_is_new(r, row),
                        .reason = reason_of(by),
                        .closeness = live_cosine(&r->taste, product, row),
                        .likeness = live_cosine(&r->look, product, row)};
        int64_t looks_like = isnan(item.likeness) ? -1 : (int64_t)product;
        LB_TRY(items_add(items, r, row, &item, product, looks_like));
    }
    return items_finish(items);
}

lb_status live_similar(const lb_recommender *r, const lb_similar_options *o, lb_items **out) {
    size_t n = o->n < r->n_products ? o->n : r->n_products;
    uint8_t *skip = NULL;
    best_entry *entries = NULL;
    lb_items *items = NULL;
    uint32_t product;
    lb_status status = LB_OK;
    LB_TRY(live_find_product(r, o->product, &product));
    if (o->by != LB_BY_LOOK) LB_TRY(check_space(r, &r->taste, product, o->product, false));
    if (o->by != LB_BY_TASTE) LB_TRY(check_space(r, &r->look, product, o->product, true));
    LB_TRY_CLEANUP(NEW_ARRAY(skip, r->n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(entries, n));
    if (o->category) LB_TRY_CLEANUP(live_keep_category(r, o->category, skip));
    skip[product] = 1;
    best_list best = {entries, n, 0};
    for (uint32_t p = 0; p < r->n_products; p++) {
        if (skip[p]) continue;
        float score = (float)likeness_of(r, o->by, product, p);
        if (best_admits(&best, score, p)) best_add(&best, score, p);
    }
    best_sort(&best);
    LB_TRY_CLEANUP(items_new(best.n, &items));
    LB_TRY_CLEANUP(add_items(r, o->by, product, &best, items));
    *out = items;
    items = NULL;
cleanup:
    items_free(items);
    free(entries);
    free(skip);
    return status;
}
