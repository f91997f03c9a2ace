#include <string.h>

#include "core/memory.h"
#include "data/tombstone.h"
#include "live/live_impl.h"

/* Rows of ids, each once. `marked` (n_products bits) gets a bit for them; `other` has those of the
 * opposite opinion. */
static lb_status find_products(const lb_recommender *r, const char *const *ids, size_t n,
                               uint64_t *marked, const uint64_t *other, uint32_t **rows,
                               size_t *n_rows) {
    for (size_t i = 0; i < n; i++) {
        uint32_t product;
        LB_TRY(live_find_product(r, ids[i], &product));
        uint64_t bit = (uint64_t)1 << product % 64;
        if (other[product / 64] & bit)
            return status_fail(LB_E_ARGUMENT, "product \"%s\" is both liked and disliked", ids[i]);
        if (marked[product / 64] & bit) continue;
        marked[product / 64] |= bit;
        (*rows)[(*n_rows)++] = product;
    }
    return LB_OK;
}

/* The newest first: only so many are folded in. */
static int by_time(const void *a, const void *b) {
    const live_event *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? 1 : -1;
    return (x->product > y->product) - (x->product < y->product);
}

/* Appends what feedback says, but for products on which the request has an opinion. */
static lb_status append(const lb_recommender *r, const live_event *events, uint32_t n,
                        const uint64_t *liked, const uint64_t *disliked, uint32_t *rows,
                        size_t *n_rows) {
    live_event *newest;
    LB_TRY(NEW_ARRAY(newest, n));
    if (n) memcpy(newest, events, n * sizeof *newest);
    qsort(newest, n, sizeof *newest, by_time);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t p = newest[i].product;
        if ((liked[p / 64] | disliked[p / 64]) >> p % 64 & 1) continue;
        if (!id_is_tombstone(r->products.id[p])) rows[(*n_rows)++] = p;
    }
    free(newest);
    return LB_OK;
}

/* ---- histories */

/* Of a model's user: what it was trained on. */
static lb_status model_history(const lb_recommender *r, uint32_t user, person *p) {
    const model_common *c = &r->model->common;
    uint32_t n = c->user_start[user + 1] - c->user_start[user];
    const uint32_t *from = c->product + c->user_start[user];
    LB_TRY(NEW_ARRAY(p->history, n));
    for (uint32_t i = 0; i < n; i++)
        if (!id_is_tombstone(r->products.id[from[i]])) p->history[p->n_history++] = from[i];
    // the vector of a user without training interactions is what training happened to start from
    if (n) p->user = user;
    return LB_OK;
}

/* Of the dataset's user: all that was bought, and what of it the model was not trained on. Both
 * lists are in order of products. */
static lb_status dataset_history(const lb_recommender *r, uint32_t user, const live_user *known,
                                 person *p) {
    const model_common *c = &r->model->common;
    const uint32_t *trained = NULL, *end = NULL;
    if (user < c->n_users) {
        trained = c->product + c->user_start[user];
        end = c->product + c->user_start[user + 1];
    }
    if (trained != end) p->user = user;
    LB_TRY(NEW_ARRAY(p->history, known->n_bought));
    LB_TRY(NEW_ARRAY(p->bought, known->n_bought));
    for (uint32_t i = 0; i < known->n_bought; i++) {
        uint32_t product = known->bought[i].product;
        while (trained != end && *trained < product) trained++;
        if (id_is_tombstone(r->products.id[product])) continue;
        p->history[p->n_history++] = product;
        if (trained == end || *trained != product) p->bought[p->n_bought++] = product;
    }
    return LB_OK;
}

static lb_status open_history(const lb_recommender *r, const char *id, live_user *known,
                              person *p) {
    uint32_t user;
    if (!r->people) {
        LB_TRY(live_find_user(r, id, &user));
        return model_history(r, user, p);
    }
    if (id_is_tombstone(id) || !idmap_find(&r->people->ids, id, &user)) return LB_OK;
    *known = live_people_user(r->people, user);
    p->kept = &r->people->query[user];
    p->has_feedback = known->n_liked || known->n_disliked;
    return dataset_history(r, user, known, p);
}

static bool marked(const uint64_t *bits, uint32_t product) {
    return bits[product / 64] >> product % 64 & 1;
}

static lb_status gather_own(person *p, const uint64_t *liked, const uint64_t *disliked) {
    size_t first = p->n_history > LIVE_HISTORY ? p->n_history - LIVE_HISTORY : 0;
    LB_TRY(NEW_ARRAY(p->own, p->n_liked + p->n_history - first));
    for (size_t i = 0; i < p->n_liked; i++) p->own[p->n_own++] = p->liked[i];
    for (size_t i = first; i < p->n_history; i++)
        if (!marked(liked, p->history[i]) && !marked(disliked, p->history[i]))
            p->own[p->n_own++] = p->history[i];
    return LB_OK;
}

lb_status person_open(const lb_recommender *r, const lb_recommend_options *o, person *out) {
    person p = {.user = -1, .text = spoken_any(o->text) ? o->text : NULL};
    live_user known = {0};
    size_t words = (size_t)r->n_products / 64 + 1;
    uint64_t *liked = NULL, *disliked;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(liked, 2 * words));
    disliked = liked + words;
    if (o->user) LB_TRY_CLEANUP(open_history(r, o->user, &known, &p));
    LB_TRY_CLEANUP(NEW_ARRAY(p.liked, o->n_liked + known.n_liked));
    LB_TRY_CLEANUP(NEW_ARRAY(p.disliked, o->n_disliked + known.n_disliked));
    LB_TRY_CLEANUP(find_products(r, o->liked, o->n_liked, liked, disliked, &p.liked, &p.n_liked));
    LB_TRY_CLEANUP(
        find_products(r, o->disliked, o->n_disliked, disliked, liked, &p.disliked, &p.n_disliked));
    if (p.n_liked || p.n_disliked) p.kept = NULL;
    LB_TRY_CLEANUP(append(r, known.liked, known.n_liked, liked, disliked, p.liked, &p.n_liked));
    LB_TRY_CLEANUP(
        append(r, known.disliked, known.n_disliked, liked, disliked, p.disliked, &p.n_disliked));
    for (size_t i = 0; i < p.n_liked; i++) liked[p.liked[i] / 64] |= (uint64_t)1 << p.liked[i] % 64;
    for (size_t i = 0; i < p.n_disliked; i++)
        disliked[p.disliked[i] / 64] |= (uint64_t)1 << p.disliked[i] % 64;
    LB_TRY_CLEANUP(gather_own(&p, liked, disliked));
    *out = p;
cleanup:
    free(liked);
    if (status != LB_OK) person_close(&p);
    return status;
}

void person_close(person *p) {
    free(p->liked);
    free(p->disliked);
    free(p->bought);
    free(p->history);
    free(p->own);
    *p = (person){0};
}
