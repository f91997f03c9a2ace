#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "live/live_impl.h"

/* skip[p] = 1 for what may not be recommended: liked and disliked products always. */
static lb_status mark_skipped(const lb_recommender *r, const lb_recommend_options *o,
                              const person *p, uint8_t *skip) {
    if (o->category) LB_TRY(live_keep_category(r, o->category, skip));
    for (size_t i = 0; i < o->n_exclude; i++) {
        uint32_t product;
        LB_TRY(live_find_product(r, o->exclude[i], &product));
        skip[product] = 1;
    }
    for (size_t i = 0; i < p->n_liked; i++) skip[p->liked[i]] = 1;
    for (size_t i = 0; i < p->n_disliked; i++) skip[p->disliked[i]] = 1;
    for (size_t i = 0; i < p->n_history && o->exclude_seen; i++) skip[p->history[i]] = 1;
    return LB_OK;
}

/* Whether the model can place anything of the person: a liked product may have no interactions and
 * no feature. A model without a space of taste is asked. */
static bool is_known(const lb_recommender *r, const person *p) {
    if (p->user >= 0 || (!r->taste.dim && p->n_liked)) return true;
    for (size_t i = 0; i < p->n_liked; i++)
        if (r->taste.known[p->liked[i]] || (r->look.dim && r->look.known[p->liked[i]])) return true;
    return false;
}

static lb_status make_items(const lb_recommender *r, const person *p, const best_entry *entries,
                            size_t n, lb_items **out) {
    lb_items *items;
    LB_TRY(items_new(n, &items));
    lb_status status = LB_OK;
    for (size_t i = 0; i < n; i++) {
        lb_item item = {.score = (double)entries[i].score};
        int64_t because, looks_like;
        reason_find(r, p, entries[i].row, &item, &because, &looks_like);
        LB_TRY_CLEANUP(items_add(items, r, entries[i].row, &item, because, looks_like));
    }
    LB_TRY_CLEANUP(items_finish(items));
    *out = items;
    return LB_OK;
cleanup:
    items_free(items);
    return status;
}

lb_status live_recommend(const lb_recommender *r, const lb_recommend_options *o, lb_items **out) {
    size_t n = o->n < r->n_products ? o->n : r->n_products, found = 0;
    size_t n_new = o->n_new < n ? o->n_new : n;
    person p = {0};
    uint8_t *skip = NULL;
    best_entry *entries = NULL;
    ranking k = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(person_open(r, o, &p));
    LB_TRY_CLEANUP(NEW_ARRAY(skip, r->n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(entries, n));
    LB_TRY_CLEANUP(mark_skipped(r, o, &p, skip));
    k.skip = skip;
    LB_TRY_CLEANUP(is_known(r, &p) ? ranking_personal(r, &p, &k) : ranking_popular(r, &k));
    LB_TRY_CLEANUP(ranking_best(&k, n, n_new, entries, &found));
    LB_TRY_CLEANUP(make_items(r, &p, entries, found, out));
cleanup:
    ranking_free(&k);
    free(entries);
    free(skip);
    person_close(&p);
    return status;
}
