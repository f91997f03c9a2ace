#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "live/live_impl.h"
#include "math/vector.h"

/* ---- queries */

/* The trained product that looks most like one that came after training; -1 if none does. */
static int64_t nearest_trained(const lb_recommender *r, uint32_t product) {
    int64_t nearest = -1;
    double best = -INFINITY;
    for (uint32_t p = 0; p < r->model->common.n_products; p++) {
        if (live_is_new(r, p)) continue;
        double cosine = live_cosine(&r->look, p, product);
        if (cosine > best) {
            best = cosine;
            nearest = p;
        }
    }
    return nearest;
}

/* The model folds in products that it knows: one that came after training is stood for by the
 * trained one that looks most like it, or left out. */
static lb_status known_products(const lb_recommender *r, const uint32_t *from, size_t n,
                                uint32_t **out, size_t *n_out) {
    LB_TRY(NEW_ARRAY(*out, n));
    for (size_t i = 0; i < n; i++) {
        int64_t p = from[i] < r->model->common.n_products ? from[i] : nearest_trained(r, from[i]);
        bool listed = p < 0;
        for (size_t k = 0; k < *n_out && !listed; k++) listed = (*out)[k] == p;
        if (!listed) (*out)[(*n_out)++] = (uint32_t)p;
    }
    return LB_OK;
}

static lb_status fold_in(const lb_recommender *r, const person *p, ranking *k) {
    const model *m = r->model;
    uint32_t *liked = NULL, *disliked = NULL;
    taste who = {.user = p->user};
    lb_status status = LB_OK;
    if (!m->class->fold_in)
        return status_fail(LB_E_UNSUPPORTED,
                           "a %s model knows trained users only: it cannot take liked or disliked "
                           "products",
                           m->class->name);
    LB_TRY_CLEANUP(known_products(r, p->liked, p->n_liked, &liked, &who.n_liked));
    LB_TRY_CLEANUP(known_products(r, p->disliked, p->n_disliked, &disliked, &who.n_disliked));
    who.liked = liked;
    who.disliked = disliked;
    LB_TRY_CLEANUP(m->class->fold_in(m->state, &m->common, &who, k->query));
cleanup:
    free(liked);
    free(disliked);
    return status;
}

static lb_status make_queries(const lb_recommender *r, const person *p, ranking *k) {
    const model *m = r->model;
    for (size_t i = 0; i < r->n_queries; i++) LB_TRY(NEW_ARRAY(k->query[i], r->query_dim[i]));
    if (p->user >= 0 && !p->n_liked && !p->n_disliked)
        LB_TRY(m->class->query_user(m->state, &m->common, (uint32_t)p->user, k->query));
    else
        LB_TRY(fold_in(r, p, k));
    for (size_t i = 0; i < r->n_queries; i++)
        for (size_t d = 0; d < r->query_dim[i]; d++)
            if (!isfinite(k->query[i][d]))
                return status_fail(LB_E_NUMERIC, "the model's vector of this person is not finite; "
                                                 "train again");
    return LB_OK;
}

static lb_status score_directly(const lb_recommender *r, const person *p, ranking *k) {
    const model *m = r->model;
    if (p->user < 0 || p->n_liked || p->n_disliked) return fold_in(r, p, k);
    uint32_t user = (uint32_t)p->user;
    LB_TRY(NEW_ARRAY(k->score, r->n_products));
    for (uint32_t i = 0; i < r->n_products; i++) k->score[i] = -INFINITY;
    return m->class->score(m->state, &m->common, &user, 1, k->score);
}

lb_status ranking_personal(const lb_recommender *r, const person *p, ranking *out) {
    ranking k = {.r = r, .skip = out->skip};
    lb_status status = r->n_parts ? make_queries(r, p, &k) : score_directly(r, p, &k);
    if (status == LB_OK)
        *out = k;
    else
        ranking_free(&k);
    return status;
}

lb_status ranking_popular(const lb_recommender *r, ranking *out) {
    float *score;
    LB_TRY(NEW_ARRAY(score, r->n_products));
    for (uint32_t p = 0; p < r->model->common.n_products; p++)
        score[p] = (float)r->model->common.degree[p];
    *out = (ranking){.r = r, .skip = out->skip, .score = score};
    return LB_OK;
}

void ranking_free(ranking *k) {
    for (size_t i = 0; i < MODEL_MAX_PARTS; i++) free(k->query[i]);
    free(k->score);
    *k = (ranking){0};
}

/* ---- search */

typedef struct part_filter {
    const ranking *k;
    const live_part *part;
    bool only_new;
} part_filter;

static bool left_out(const ranking *k, uint32_t product, bool only_new) {
    return k->skip[product] || (only_new && !live_is_new(k->r, product));
}

static bool excludes(void *context, size_t query, uint32_t row) {
    (void)query;
    const part_filter *f = context;
    return left_out(f->k, f->part->product[row], f->only_new);
}

static void keep(best_list *best, float score, uint32_t product) {
    if (best_admits(best, score, product)) best_add(best, score, product);
}

static lb_status search_part(const ranking *k, const live_part *part, bool only_new,
                             best_list *best) {
    part_filter f = {k, part, only_new};
    index_filter filter = {.excludes = excludes, .context = &f};
    size_t most = best->capacity < part->n ? best->capacity : part->n, found = 0;
    uint32_t *rows = NULL;
    float *scores = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(rows, most));
    LB_TRY_CLEANUP(NEW_ARRAY(scores, most));
    LB_TRY_CLEANUP(index_search(part->index, k->query[part->query], 1, most, &filter, rows, scores,
                                &found, NULL));
    for (size_t i = 0; i < found; i++)
        if (isfinite(scores[i])) keep(best, scores[i], part->product[rows[i]]);
cleanup:
    free(rows);
    free(scores);
    return status;
}

/* Fills and sorts `best` with new products only, or with all. */
static lb_status search(const ranking *k, bool only_new, best_list *best) {
    const lb_recommender *r = k->r;
    if (k->score) {
        for (uint32_t p = 0; p < r->n_products; p++)
            if (isfinite(k->score[p]) && !left_out(k, p, only_new)) keep(best, k->score[p], p);
    } else {
        for (size_t i = 0; i < r->n_parts; i++)
            if (only_new ? r->part[i].n_new : r->part[i].n)
                LB_TRY(search_part(k, &r->part[i], only_new, best));
    }
    best_sort(best);
    return LB_OK;
}

lb_status ranking_best(const ranking *k, size_t n, size_t n_new, best_entry *entries,
                       size_t *found) {
    best_entry *all = NULL, *reserved = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(all, n));
    LB_TRY_CLEANUP(NEW_ARRAY(reserved, n_new));
    best_list every = {all, n, 0}, fresh = {reserved, n_new, 0}, out = {entries, n, 0};
    LB_TRY_CLEANUP(search(k, false, &every));
    if (n_new) LB_TRY_CLEANUP(search(k, true, &fresh));
    for (size_t i = 0; i < fresh.n; i++) keep(&out, fresh.entries[i].score, fresh.entries[i].row);
    size_t n_seen = 0; // new products come in the same order in both lists
    for (size_t i = 0; i < every.n && out.n < n; i++) {
        if (live_is_new(k->r, every.entries[i].row) && n_seen++ < fresh.n) continue;
        keep(&out, every.entries[i].score, every.entries[i].row);
    }
    best_sort(&out);
    *found = out.n;
cleanup:
    free(all);
    free(reserved);
    return status;
}
