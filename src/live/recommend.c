#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "live/live_impl.h"
#include "live/mask.h"
#include "math/vector.h"

/* Of what looks most like a picture, only so many are weighed by the person's taste; and the pool
 * that a diverse list is chosen from. */
enum { LOOK_POOL = 500, DIVERSE_LEAST = 100, DIVERSE_MOST = 2000, DIVERSE_TIMES = 10 };

/* A question being answered. */
typedef struct answer {
    const lb_recommender *r;
    const lb_recommend_options *o;
    const live_picture *picture;
    person p;
    spoken words; // of the request, where reasons are given
    uint64_t *skip;
    best_entry *entry; // (room)
    size_t room, n;
} answer;

/* A mask of what may not be recommended: liked and disliked products always. A service does not
 * mind the exclusion of a product that it does not have (any more). */
static lb_status mark_skipped(answer *a) {
    const lb_recommender *r = a->r;
    const lb_recommend_options *o = a->o;
    const person *p = &a->p;
    LB_TRY(NEW_ARRAY(a->skip, r->mask_words));
    memcpy(a->skip, o->only_available ? r->hidden : r->gone, r->mask_words * sizeof *a->skip);
    if (o->category) LB_TRY(live_keep_category(r, o->category, a->skip));
    LB_TRY(live_keep_price(r, o->price_min, o->price_max, a->skip));
    for (size_t i = 0; i < o->n_exclude; i++) {
        uint32_t product;
        lb_status status = live_find_product(r, o->exclude[i], &product);
        if (status == LB_E_NOT_FOUND && r->people) continue;
        LB_TRY(status);
        mask_set(r, a->skip, product, true);
    }
    for (size_t i = 0; i < p->n_liked; i++) mask_set(r, a->skip, p->liked[i], true);
    for (size_t i = 0; i < p->n_disliked; i++) mask_set(r, a->skip, p->disliked[i], true);
    for (size_t i = 0; i < p->n_history && o->exclude_seen; i++)
        mask_set(r, a->skip, p->history[i], true);
    return LB_OK;
}

static bool any_place(const lb_recommender *r, const uint32_t *products, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (live_place(r, &r->taste, products[i]) || live_place(r, &r->look, products[i]))
            return true;
    return false;
}

/* Whether the model can place anything of the person: a liked product may have no interactions and
 * no feature. A model without a space of taste is asked. A service does without what the model
 * cannot take in. */
static bool is_known(const lb_recommender *r, const person *p) {
    if (p->user >= 0) return true;
    if (!r->model->class->fold_in && r->people) return false;
    if (!r->taste.dim && (p->n_liked || p->n_bought)) return true;
    return any_place(r, p->liked, p->n_liked) || any_place(r, p->bought, p->n_bought);
}

static const char *based_on(const answer *a) {
    const person *p = &a->p;
    if (p->known && (p->user >= 0 || p->n_history)) return "history";
    if (p->known && p->has_feedback) return "feedback";
    if (p->known && p->n_liked) return "liked";
    if (p->text) return "text";
    return a->picture->look ? "image" : "popular";
}

/* ---- what to list */

/* Whether the model has something to go by. */
static bool is_personal(const answer *a) {
    return a->p.known || a->p.text;
}

/* How many candidates the list is chosen from. */
static size_t pool_size(const answer *a) {
    size_t n = (size_t)a->o->offset + a->o->n, pool = n;
    if (a->o->diversity > 0) {
        pool = n * DIVERSE_TIMES;
        if (pool < DIVERSE_LEAST) pool = DIVERSE_LEAST;
        if (pool > DIVERSE_MOST) pool = n > DIVERSE_MOST ? n : DIVERSE_MOST;
    }
    if (a->picture->look && is_personal(a) && pool < LOOK_POOL) pool = LOOK_POOL;
    return pool < a->r->n_products ? pool : a->r->n_products;
}

static void scale(double *value, size_t n) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(value[i])) continue;
        low = fmin(low, value[i]);
        high = fmax(high, value[i]);
    }
    for (size_t i = 0; i < n; i++)
        value[i] = !isfinite(value[i]) ? 0 : high > low ? (value[i] - low) / (high - low) : 1;
}

/* Orders what looks like the picture by the mean of look and taste. */
static lb_status weigh_by_taste(answer *a, const ranking *personal) {
    double *look = NULL, *close = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(look, a->n));
    LB_TRY_CLEANUP(NEW_ARRAY(close, a->n));
    for (size_t i = 0; i < a->n; i++) {
        look[i] = (double)a->entry[i].score;
        close[i] = (double)ranking_score(personal, a->entry[i].row);
    }
    scale(look, a->n);
    scale(close, a->n);
    for (size_t i = 0; i < a->n; i++) a->entry[i].score = (float)((look[i] + close[i]) / 2);
    best_list list = {a->entry, a->n, a->n};
    best_sort(&list);
cleanup:
    free(look);
    free(close);
    return status;
}

static lb_status search(answer *a) {
    const lb_recommend_options *o = a->o;
    bool by_look = a->picture->look != NULL, by_model = is_personal(a);
    ranking personal = {0}, k = {.r = a->r,
                                 .skip = a->skip,
                                 .popular = !by_model && !by_look,
                                 .look = a->picture->look};
    lb_status status = LB_OK;
    a->room = pool_size(a);
    LB_TRY_CLEANUP(NEW_ARRAY(a->entry, a->room));
    personal.skip = a->skip;
    if (by_model) LB_TRY_CLEANUP(ranking_personal(a->r, &a->p, &personal));
    LB_TRY_CLEANUP(ranking_best(by_model && !by_look ? &personal : &k, a->room, o->n, o->n_new,
                                a->entry, &a->n));
    if (by_model && by_look) LB_TRY_CLEANUP(weigh_by_taste(a, &personal));
    if (o->diversity > 0)
        LB_TRY_CLEANUP(
            diverse_choose(a->r, o->diversity, a->entry, &a->n, (size_t)o->offset + o->n));
cleanup:
    ranking_free(&personal);
    return status;
}

/* ---- the list */

/* `*words` is to be freed. */
static lb_status explain(const answer *a, uint32_t product, lb_item *item, int64_t *because,
                         int64_t *looks_like, char **words) {
    reason_find(a->r, &a->p, product, item, because, looks_like);
    if (a->picture->look && *because < 0 && *looks_like < 0) {
        const float *own = live_place(a->r, &a->r->look, product);
        item->reason = LB_REASON_LOOK; // like the picture
        if (own) item->likeness = (double)vec_dot(a->picture->look, own, a->r->look.dim);
    }
    if (!a->p.text) return LB_OK;
    LB_TRY(spoken_find(&a->words, product, words));
    reason_add_words(*words, item, because, looks_like);
    return LB_OK;
}

static lb_status make_items(const answer *a, lb_items **out) {
    lb_items *items;
    size_t end = (size_t)a->o->offset + a->o->n;
    if (end > a->n) end = a->n;
    size_t first = a->o->offset < end ? a->o->offset : end;
    LB_TRY(items_new(end - first, based_on(a), a->o->explain, &items));
    lb_status status = LB_OK;
    for (size_t i = first; i < end; i++) {
        uint32_t product = a->entry[i].row;
        lb_item item = {.score = (double)a->entry[i].score,
                        .is_new = live_is_new(a->r, product),
                        .closeness = (double)NAN,
                        .likeness = (double)NAN};
        int64_t because = -1, looks_like = -1;
        char *words = NULL;
        if (a->o->explain) status = explain(a, product, &item, &because, &looks_like, &words);
        if (status == LB_OK) status = items_add(items, a->r, product, &item, because, looks_like);
        free(words);
        LB_TRY_CLEANUP(status);
    }
    LB_TRY_CLEANUP(items_finish(items));
    *out = items;
    return LB_OK;
cleanup:
    items_free(items);
    return status;
}

static lb_status check_takes_text(const model_class *class) {
    if (class->takes_text) return LB_OK;
    return status_fail(LB_E_UNSUPPORTED,
                       "a %s model takes no request in words; train one that does: lookbook train "
                       "--model whisper",
                       class->name);
}

lb_status live_recommend(const lb_recommender *r, const lb_recommend_options *o,
                         const live_picture *picture, lb_items **out) {
    answer a = {.r = r, .o = o, .picture = picture};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(person_open(r, o, &a.p));
    LB_TRY_CLEANUP(mark_skipped(&a));
    a.p.known = is_known(r, &a.p);
    if (a.p.text) LB_TRY_CLEANUP(check_takes_text(r->model->class));
    if (a.p.text && o->explain) LB_TRY_CLEANUP(spoken_open(r, a.p.text, &a.words));
    LB_TRY_CLEANUP(search(&a));
    LB_TRY_CLEANUP(make_items(&a, out));
cleanup:
    spoken_close(&a.words);
    free(a.entry);
    free(a.skip);
    person_close(&a.p);
    return status;
}
