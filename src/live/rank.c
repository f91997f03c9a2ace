#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "live/live_impl.h"
#include "live/mask.h"
#include "math/vector.h"

/* ---- queries */

/* Of what a person likes and dislikes, and bought since training, only so many are folded in. */
enum { MOST_FOLDED = 1000 };

static uint32_t search_stand_in(const lb_recommender *r, uint32_t product) {
    uint32_t nearest = UINT32_MAX;
    double best = -INFINITY;
    for (uint32_t p = 0; p < r->model->common.n_products; p++) {
        if (live_is_new(r, p)) continue;
        double cosine = live_cosine(r, &r->look, p, product);
        if (cosine > best) {
            best = cosine;
            nearest = p + 1;
        }
    }
    return nearest;
}

/* The trained product that looks most like one that came after training; -1 if none does. Threads
 * that look for it at the same time find the same. */
static int64_t stand_in(const lb_recommender *r, uint32_t product) {
    uint32_t found = atomic_load_explicit(&r->stand_in[product], memory_order_relaxed);
    if (!found) {
        found = search_stand_in(r, product);
        atomic_store_explicit(&r->stand_in[product], found, memory_order_relaxed);
    }
    return found == UINT32_MAX ? -1 : (int64_t)found - 1;
}

/* Rows to be folded in, each once; `listed` (n_products bits) has those that are there. */
typedef struct row_list {
    uint32_t *row;
    size_t n, room;
    uint64_t *listed;
} row_list;

/* The model folds in products that it knows: one that came after training is stood for by the
 * trained one that looks most like it, or left out. */
static void add_known(const lb_recommender *r, const uint32_t *from, size_t n, row_list *list) {
    for (size_t i = 0; i < n && list->n < list->room; i++) {
        int64_t p = from[i] < r->model->common.n_products ? from[i] : stand_in(r, from[i]);
        if (p < 0 || (list->listed[p / 64] >> p % 64 & 1)) continue;
        list->listed[p / 64] |= (uint64_t)1 << p % 64;
        list->row[list->n++] = (uint32_t)p;
    }
}

static lb_status fold_in(const lb_recommender *r, const person *p, ranking *k) {
    const model *m = r->model;
    row_list liked = {.room = MOST_FOLDED}, disliked = {.room = MOST_FOLDED};
    size_t words = m->common.n_products / 64 + 1;
    lb_status status = LB_OK;
    if (!m->class->fold_in)
        return status_fail(LB_E_UNSUPPORTED,
                           "a %s model knows trained users only: it cannot take liked or disliked "
                           "products",
                           m->class->name);
    LB_TRY_CLEANUP(NEW_ARRAY(liked.listed, 2 * words));
    LB_TRY_CLEANUP(NEW_ARRAY(liked.row, 2 * MOST_FOLDED));
    disliked.listed = liked.listed + words;
    disliked.row = liked.row + MOST_FOLDED;
    add_known(r, p->liked, p->n_liked, &liked);
    add_known(r, p->bought, p->n_bought, &liked);
    add_known(r, p->disliked, p->n_disliked, &disliked);
    taste who = {.user = p->user,
                 .liked = liked.row,
                 .disliked = disliked.row,
                 .n_liked = liked.n,
                 .n_disliked = disliked.n,
                 .text = p->text};
    LB_TRY_CLEANUP(m->class->fold_in(m->state, &m->common, &who, k->query));
cleanup:
    free(liked.row);
    free(liked.listed);
    return status;
}

/* Whether the trained vector of a user is all there is to know. */
static bool is_as_trained(const lb_recommender *r, const person *p) {
    if (p->user < 0) return false;
    if (r->people && !r->model->class->fold_in) return true; // what is newer cannot be taken in
    return !p->n_liked && !p->n_disliked && !p->n_bought;
}

/* ---- folding in takes as long as the search, so it is done once after each change of a user */

static bool recall(const lb_recommender *r, live_query *kept, ranking *k) {
    const float *from = kept ? atomic_load(kept) : NULL;
    if (!from) return false;
    for (size_t i = 0; i < r->n_queries; from += r->query_dim[i++])
        memcpy(k->query[i], from, r->query_dim[i] * sizeof *from);
    return true;
}

/* Of threads that fold in the same at once, the first keeps its result. */
static lb_status remember(const lb_recommender *r, live_query *kept, const ranking *k) {
    size_t n = 0;
    float *all, *none = NULL;
    if (!kept) return LB_OK;
    for (size_t i = 0; i < r->n_queries; i++) n += r->query_dim[i];
    LB_TRY(NEW_ARRAY(all, n));
    float *to = all;
    for (size_t i = 0; i < r->n_queries; to += r->query_dim[i++])
        memcpy(to, k->query[i], r->query_dim[i] * sizeof *to);
    if (!atomic_compare_exchange_strong(kept, &none, all)) free(all);
    return LB_OK;
}

static lb_status make_taste(const lb_recommender *r, const person *p, ranking *k) {
    const model *m = r->model;
    if (is_as_trained(r, p))
        return m->class->query_user(m->state, &m->common, (uint32_t)p->user, k->query);
    if (recall(r, p->kept, k)) return LB_OK;
    LB_TRY(fold_in(r, p, k));
    return remember(r, p->kept, k);
}

/* Nothing of a request is kept: the next one asks for something else. */
static lb_status make_request(const lb_recommender *r, const person *p, ranking *k) {
    const model *m = r->model;
    if (p->known && !is_as_trained(r, p)) return fold_in(r, p, k);
    return m->class->query_request(m->state, &m->common, p->known ? p->user : -1, p->text,
                                   k->query);
}

static lb_status make_queries(const lb_recommender *r, const person *p, ranking *k) {
    for (size_t i = 0; i < r->n_queries; i++) LB_TRY(NEW_ARRAY(k->query[i], r->query_dim[i]));
    LB_TRY(p->text ? make_request(r, p, k) : make_taste(r, p, k));
    for (size_t i = 0; i < r->n_queries; i++)
        for (size_t d = 0; d < r->query_dim[i]; d++)
            if (!isfinite(k->query[i][d]))
                return status_fail(LB_E_NUMERIC, "the model's vector of this person is not finite; "
                                                 "train again");
    return LB_OK;
}

static lb_status score_directly(const lb_recommender *r, const person *p, ranking *k) {
    const model *m = r->model;
    if (!is_as_trained(r, p)) return fold_in(r, p, k);
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

void ranking_free(ranking *k) {
    for (size_t i = 0; i < MODEL_MAX_PARTS; i++) free(k->query[i]);
    free(k->score);
    *k = (ranking){0};
}

/* ---- search */

static float dot(const ranking *k, size_t query, const float *vector) {
    return vec_dot(k->query[query], vector, k->r->query_dim[query]);
}

float ranking_score(const ranking *k, uint32_t product) {
    const lb_recommender *r = k->r;
    const live_fresh *f = &r->fresh;
    uint32_t slot = f->slot[product];
    if (k->popular) return (float)r->buyers[product];
    if (k->score) return product < r->n_fixed ? k->score[product] : -INFINITY;
    if (k->look) {
        const float *own = live_place(r, &r->look, product);
        return own ? vec_dot(k->look, own, r->look.dim) : -INFINITY;
    }
    if (slot && f->searched[slot - 1]) {
        size_t query = r->n_queries - 1;
        return dot(k, query, f->vector + (size_t)(slot - 1) * r->query_dim[query]);
    }
    if (product >= r->n_fixed || r->part_of[product] == LIVE_MAX_PARTS) return -INFINITY;
    const live_part *part = &r->part[r->part_of[product]];
    return dot(k, part->query,
               part->vector + (size_t)r->place_of[product] * r->query_dim[part->query]);
}

typedef struct part_filter {
    const ranking *k;
    const live_part *part;
} part_filter;

static bool is_bought(void *context, size_t query, uint32_t row) {
    (void)query;
    const part_filter *f = context;
    return !live_is_new(f->k->r, f->part->product[row]);
}

static void keep(best_list *best, float score, uint32_t product) {
    if (best_admits(best, score, product)) best_add(best, score, product);
}

static lb_status search_part(const ranking *k, const live_part *part, bool only_new,
                             best_list *best) {
    part_filter f = {k, part};
    index_filter filter = {k->skip + part->word, only_new ? is_bought : NULL, &f};
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

static void search_one(const ranking *k, uint32_t product, bool only_new, best_list *best) {
    if (mask_has(k->r, k->skip, product) || (only_new && !live_is_new(k->r, product))) return;
    float score = ranking_score(k, product);
    if (isfinite(score)) keep(best, score, product);
}

/* Most products are bought too seldom to be looked at: equal ones in order of rows. */
static void search_popular(const ranking *k, bool only_new, best_list *best) {
    const uint32_t *buyers = k->r->buyers;
    for (uint32_t p = 0; p < k->r->n_products; p++)
        if (best->n < best->capacity || (float)buyers[p] > best->entries[0].score)
            search_one(k, p, only_new, best);
}

/* Fills and sorts `best` with new products only, or with all. */
static lb_status search(const ranking *k, bool only_new, best_list *best) {
    const lb_recommender *r = k->r;
    if (k->popular && best->capacity) {
        search_popular(k, only_new, best);
    } else if (k->look && best->capacity) {
        LB_TRY(live_nearest(r, &r->look, k->look, k->skip, only_new, best));
    } else if (k->score || k->popular || k->look) {
        for (uint32_t p = 0; p < r->n_products; p++) search_one(k, p, only_new, best);
    } else {
        for (size_t i = 0; i < r->n_parts; i++)
            if (only_new ? r->part[i].n_new : r->part[i].n)
                LB_TRY(search_part(k, &r->part[i], only_new, best));
        for (uint32_t i = 0; i < r->fresh.n; i++)
            if (r->fresh.searched[i]) search_one(k, r->fresh.row[i], only_new, best);
    }
    best_sort(best);
    return LB_OK;
}

/* One page: the best of `every` and `fresh` that are not listed yet, n_new places for fresh ones.
 */
typedef struct page_source {
    const ranking *k;
    best_list every, fresh; // sorted
    size_t next, next_new;  // the new ones come in the same order in both
    size_t met_new;         // among those of `every` before `next`
} page_source;

static void fill_page(page_source *s, size_t n, size_t n_new, best_list *out) {
    size_t reserved = 0;
    for (; reserved < n_new && s->next_new < s->fresh.n; reserved++, s->next_new++)
        keep(out, s->fresh.entries[s->next_new].score, s->fresh.entries[s->next_new].row);
    /* New ones that stand on this or an earlier page are passed over in `every`; one that is good
     * enough without a reserved place is the next in `fresh`, too. */
    for (; s->next < s->every.n && out->n < n; s->next++) {
        best_entry e = s->every.entries[s->next];
        if (live_is_new(s->k->r, e.row)) {
            if (s->met_new++ < s->next_new) continue;
            s->next_new++;
        }
        keep(out, e.score, e.row);
    }
    best_sort(out);
}

lb_status ranking_best(const ranking *k, size_t n, size_t page, size_t n_new, best_entry *entries,
                       size_t *found) {
    best_entry *all = NULL, *reserved = NULL;
    size_t done = 0;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(all, n));
    LB_TRY_CLEANUP(NEW_ARRAY(reserved, n_new ? n : 0));
    page_source s = {k, {all, n, 0}, {reserved, n_new ? n : 0, 0}, 0, 0, 0};
    LB_TRY_CLEANUP(search(k, false, &s.every));
    if (n_new) LB_TRY_CLEANUP(search(k, true, &s.fresh));
    while (done < n) {
        best_list out = {entries + done, n - done < page ? n - done : page, 0};
        fill_page(&s, out.capacity, n_new < out.capacity ? n_new : out.capacity, &out);
        if (!out.n) break;
        done += out.n;
    }
    *found = done;
cleanup:
    free(all);
    free(reserved);
    return status;
}
