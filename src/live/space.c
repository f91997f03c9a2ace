/* The spaces that products are compared in, and the places of products that came after training. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "live/live_impl.h"
#include "math/vector.h"

static lb_status space_new(uint32_t n, uint32_t dim, live_space *out) {
    out->n = n;
    out->dim = dim;
    LB_TRY(NEW_ARRAY(out->vector, (size_t)n * dim));
    return NEW_ARRAY(out->known, n);
}

void live_space_free(live_space *s) {
    index_free(s->index);
    free(s->vector);
    free(s->known);
    *s = (live_space){0};
}

bool live_direction(float *vector, uint32_t dim) {
    float norm = vec_normalise(vector, dim);
    bool known = isfinite(norm) && norm > 0;
    if (!known) memset(vector, 0, dim * sizeof *vector);
    return known;
}

/* Puts a product at a direction; what is zero or not finite has no place. */
static void space_put(live_space *s, uint32_t product, const float *vector) {
    float *own = s->vector + (size_t)product * s->dim;
    if (own != vector) memcpy(own, vector, s->dim * sizeof *own);
    s->known[product] = live_direction(own, s->dim);
}

/* A place among the fresh ones, which has a length unless it is none. */
static const float *fresh_place(const float *rows, uint32_t i, uint32_t dim) {
    const float *row = rows + (size_t)i * dim;
    return vec_dot(row, row, dim) > 0 ? row : NULL;
}

const float *live_place(const lb_recommender *r, const live_space *s, uint32_t product) {
    const live_fresh *f = &r->fresh;
    uint32_t slot = f->slot[product];
    if (!s->dim) return NULL;
    if (slot && s == &r->look) return fresh_place(f->look, slot - 1, s->dim);
    if (slot && f->tasted[slot - 1]) return fresh_place(f->taste, slot - 1, s->dim);
    if (product >= s->n || !s->known[product]) return NULL;
    return s->vector + (size_t)product * s->dim;
}

double live_cosine(const lb_recommender *r, const live_space *s, uint32_t a, uint32_t b) {
    const float *x = live_place(r, s, a), *y = live_place(r, s, b);
    return x && y ? (double)vec_dot(x, y, s->dim) : (double)NAN;
}

static lb_status copy_space(const lb_recommender *r, const float *from, uint32_t dim,
                            live_space *out) {
    LB_TRY(space_new(r->n_fixed, dim, out));
    for (uint32_t p = 0; p < r->model->common.n_products; p++)
        space_put(out, p, from + (size_t)p * dim);
    return LB_OK;
}

/* ---- looks from the dataset, for models without their own */

static lb_status look_from_feature(lb_recommender *r, const feature_set *f) {
    float *row;
    size_t n = 0;
    uint32_t n_products = f->n_products < r->n_fixed ? f->n_products : r->n_fixed;
    LB_TRY(space_new(r->n_fixed, f->dim, &r->look));
    LB_TRY(NEW_ARRAY(r->look_mean, f->dim));
    for (uint32_t p = 0; p < n_products; p++) {
        row = r->look.vector + (size_t)p * f->dim;
        if (!feature_row(f, p, row) || live_is_new(r, p)) continue;
        vec_add(r->look_mean, row, f->dim);
        n++;
    }
    if (n) vec_scale(r->look_mean, 1.0f / (float)n, f->dim);
    for (uint32_t p = 0; p < n_products; p++) {
        if (!f->present[p]) continue;
        row = r->look.vector + (size_t)p * f->dim;
        vec_axpy(row, -1, r->look_mean, f->dim);
        space_put(&r->look, p, row);
    }
    return LB_OK;
}

/* The model's features in the dataset, or the dataset's first if the model has none. A dataset
 * without them still has titles. */
static lb_status open_features(lb_recommender *r) {
    const char *names = r->model->common.feature;
    lb_status status = *names ? dataset_features_open(r->dataset, names, r->feature, &r->n_features)
                              : dataset_feature_open(r->dataset, NULL, &r->feature[0]);
    if (status == LB_E_NOT_FOUND) return LB_OK;
    if (status == LB_OK && !*names) r->n_features = 1;
    for (size_t k = 0; k < r->n_features; k++) r->feature_dim += r->feature[k].dim;
    return status;
}

/* ---- products that the dataset has gained since */

static bool has_feature(const feature_set *f, uint32_t product) {
    return product < f->n_products && f->present[product];
}

static bool has_any(const lb_recommender *r, uint32_t product) {
    for (size_t k = 0; k < r->n_features; k++)
        if (has_feature(&r->feature[k], product)) return true;
    return false;
}

/* What the products that the dataset has gained are placed by. */
typedef struct gained {
    float *feature;      // (n, feature_dim) side by side, NaN where one is lacking
    words_product *said; // (n), of `info`; NULL where the model reads nothing
    product_info *info;  // (n_info) of all of them
    uint32_t n_info;
} gained;

static void gained_free(gained *g) {
    for (uint32_t i = 0; g->info && i < g->n_info; i++) product_info_free(&g->info[i]);
    free(g->info);
    free(g->said);
    free(g->feature);
}

static bool is_written(const words_product *said) {
    return said->title || said->category || said->brand;
}

static words_product words_of(const gained *g, uint32_t i) {
    const product_info none = {0}, *info = g->info ? &g->info[i] : &none;
    return (words_product){info->title, info->category, info->brand, NULL};
}

/* Fills r->gained with those that have one of the features, or words for a model that reads them.
 */
static lb_status gather_gained(lb_recommender *r, gained *g, uint32_t *n) {
    uint32_t first = r->model->common.n_products, all = r->n_fixed - first;
    LB_TRY(NEW_ARRAY(r->gained, all));
    if (r->model->class->takes_text) {
        LB_TRY(NEW_ARRAY(g->info, all));
        LB_TRY(dataset_product_infos(r->dataset, first, all, g->info));
        g->n_info = all;
        LB_TRY(NEW_ARRAY(g->said, all));
    }
    for (uint32_t i = 0; i < all; i++) {
        words_product said = words_of(g, i);
        if (!has_any(r, first + i) && !is_written(&said)) continue;
        if (g->said) g->said[*n] = said;
        r->gained[(*n)++] = first + i;
    }
    LB_TRY(NEW_ARRAY(g->feature, *n * r->feature_dim));
    float *out = g->feature;
    for (uint32_t i = 0; i < *n; i++)
        for (size_t k = 0; k < r->n_features; out += r->feature[k++].dim)
            if (!has_feature(&r->feature[k], r->gained[i]) ||
                !feature_row(&r->feature[k], r->gained[i], out))
                out[0] = NAN;
    return LB_OK;
}

static lb_status place_gained(lb_recommender *r) {
    uint32_t width = r->query_dim[r->n_queries - 1], n = 0;
    gained g = {0};
    placed p = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(gather_gained(r, &g, &n));
    if (!n) goto cleanup;
    LB_TRY_CLEANUP(live_place_features(r, g.feature, n, g.said, &p));
    for (uint32_t i = 0; i < n; i++) {
        if (r->taste.dim) space_put(&r->taste, r->gained[i], p.taste + (size_t)i * r->taste.dim);
        space_put(&r->look, r->gained[i], p.look + (size_t)i * r->look.dim);
    }
    r->gained_vector = p.vector;
    p.vector = NULL;
    live_part *part = &r->part[r->n_parts];
    *part = (live_part){r->n_queries - 1, n, n, r->gained, r->gained_vector, NULL, 0};
    LB_TRY_CLEANUP(index_exact_new(NULL, r->gained_vector, n, width, NULL, &part->index));
    r->n_parts++;
cleanup:
    gained_free(&g);
    placed_free(&p);
    return status;
}

static lb_status fill_spaces(lb_recommender *r) {
    const model_class *class = r->model->class;
    uint32_t taste_dim = 0, look_dim = 0;
    const float *places = class->embedding ? class->embedding(r->model->state, &taste_dim) : NULL;
    const float *looks = class->look ? class->look(r->model->state, &look_dim) : NULL;
    if (places) LB_TRY(copy_space(r, places, taste_dim, &r->taste));
    if (looks) LB_TRY(copy_space(r, looks, look_dim, &r->look));
    if (!r->dataset) return LB_OK;
    // a model that has looks without a feature has learnt from words alone
    bool by_words = looks && !*r->model->common.feature && class->takes_text;
    if (!by_words) LB_TRY(open_features(r));
    if (!r->n_features && !by_words) return LB_OK;
    if (!looks) return look_from_feature(r, &r->feature[0]);
    r->can_place = class->place != NULL;
    if (!r->can_place || r->n_fixed == r->model->common.n_products) return LB_OK;
    return place_gained(r);
}

static lb_status index_space(job *j, live_space *s) {
    return s->dim ? index_exact_new(j, s->vector, s->n, s->dim, NULL, &s->index) : LB_OK;
}

lb_status live_spaces_new(job *j, lb_recommender *r) {
    LB_TRY(fill_spaces(r));
    LB_TRY(index_space(j, &r->taste));
    return index_space(j, &r->look);
}
