/* The spaces that products are compared in, and the places of products that came after training. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "live/live_impl.h"
#include "math/vector.h"

static lb_status space_new(uint32_t n, uint32_t dim, live_space *out) {
    out->dim = dim;
    LB_TRY(NEW_ARRAY(out->vector, (size_t)n * dim));
    return NEW_ARRAY(out->known, n);
}

void live_space_free(live_space *s) {
    free(s->vector);
    free(s->known);
    *s = (live_space){0};
}

/* Puts a product at a direction; what is zero or not finite has no place. */
static void space_put(live_space *s, uint32_t product, const float *vector) {
    float *own = s->vector + (size_t)product * s->dim;
    if (own != vector) memcpy(own, vector, s->dim * sizeof *own);
    float norm = vec_normalise(own, s->dim);
    s->known[product] = isfinite(norm) && norm > 0;
    if (!s->known[product]) memset(own, 0, s->dim * sizeof *own);
}

double live_cosine(const live_space *s, uint32_t a, uint32_t b) {
    if (!s->dim || !s->known[a] || !s->known[b]) return (double)NAN;
    return (double)vec_dot(s->vector + (size_t)a * s->dim, s->vector + (size_t)b * s->dim, s->dim);
}

static lb_status copy_space(const lb_recommender *r, const float *from, uint32_t dim,
                            live_space *out) {
    LB_TRY(space_new(r->n_products, dim, out));
    for (uint32_t p = 0; p < r->model->common.n_products; p++)
        space_put(out, p, from + (size_t)p * dim);
    return LB_OK;
}

/* ---- looks from the dataset, for models without their own */

static lb_status look_from_feature(lb_recommender *r, const feature_set *f) {
    float *mean = NULL, *row;
    size_t n = 0;
    lb_status status = LB_OK;
    uint32_t n_products = f->n_products < r->n_products ? f->n_products : r->n_products;
    LB_TRY_CLEANUP(space_new(r->n_products, f->dim, &r->look));
    LB_TRY_CLEANUP(NEW_ARRAY(mean, f->dim));
    for (uint32_t p = 0; p < n_products; p++) {
        row = r->look.vector + (size_t)p * f->dim;
        if (!feature_row(f, p, row) || live_is_new(r, p)) continue;
        vec_add(mean, row, f->dim);
        n++;
    }
    if (n) vec_scale(mean, 1.0f / (float)n, f->dim);
    for (uint32_t p = 0; p < n_products; p++) {
        if (!f->present[p]) continue;
        row = r->look.vector + (size_t)p * f->dim;
        vec_axpy(row, -1, mean, f->dim);
        space_put(&r->look, p, row);
    }
cleanup:
    free(mean);
    return status;
}

/* The model's features in the dataset, or the dataset's first if the model has none.
 * LB_E_NOT_FOUND if one is not there, or there is none. */
static lb_status open_features(const lb_recommender *r, feature_set *out, size_t *n) {
    const char *names = r->model->common.feature;
    if (*names) return dataset_features_open(r->dataset, names, out, n);
    *n = 1;
    return dataset_feature_open(r->dataset, NULL, out);
}

/* ---- products that the dataset has gained since */

static bool has_feature(const feature_set *f, uint32_t product) {
    return product < f->n_products && f->present[product];
}

static bool has_any(const feature_set *f, size_t n_features, uint32_t product) {
    for (size_t k = 0; k < n_features; k++)
        if (has_feature(&f[k], product)) return true;
    return false;
}

/* Fills r->gained with the gained products that have one of the features; *rows (n, dim) are
 * theirs, side by side, NaN where one is lacking. */
static lb_status gather_gained(lb_recommender *r, const feature_set *f, size_t n_features,
                               size_t dim, float **rows, uint32_t *n) {
    uint32_t first = r->model->common.n_products;
    LB_TRY(NEW_ARRAY(r->gained, r->n_products - first));
    for (uint32_t p = first; p < r->n_products; p++)
        if (has_any(f, n_features, p)) r->gained[(*n)++] = p;
    LB_TRY(NEW_ARRAY(*rows, *n * dim));
    float *out = *rows;
    for (uint32_t i = 0; i < *n; i++)
        for (size_t k = 0; k < n_features; out += f[k++].dim)
            if (!has_feature(&f[k], r->gained[i]) || !feature_row(&f[k], r->gained[i], out))
                out[0] = NAN;
    return LB_OK;
}

static lb_status place_gained(lb_recommender *r, const feature_set *f, size_t n_features) {
    const model_class *class = r->model->class;
    uint32_t width = r->query_dim[r->n_queries - 1], n = 0;
    size_t dim = 0;
    float *rows = NULL, *places = NULL, *looks = NULL;
    lb_status status = LB_OK;
    for (size_t k = 0; k < n_features; k++) dim += f[k].dim;
    LB_TRY_CLEANUP(gather_gained(r, f, n_features, dim, &rows, &n));
    if (!n) goto cleanup;
    LB_TRY_CLEANUP(NEW_ARRAY(r->gained_vector, (size_t)n * width));
    LB_TRY_CLEANUP(NEW_ARRAY(places, (size_t)n * r->taste.dim));
    LB_TRY_CLEANUP(NEW_ARRAY(looks, (size_t)n * r->look.dim));
    status = class->place(r->model->state, rows, n, dim, r->gained_vector,
                          r->taste.dim ? places : NULL, looks);
    if (status != LB_OK) {
        status = status_prefix(status, "feature %s of %s", r->model->common.feature,
                               dataset_directory(r->dataset));
        goto cleanup;
    }
    for (uint32_t i = 0; i < n; i++) {
        if (r->taste.dim) space_put(&r->taste, r->gained[i], places + (size_t)i * r->taste.dim);
        space_put(&r->look, r->gained[i], looks + (size_t)i * r->look.dim);
    }
    live_part *part = &r->part[r->n_parts];
    *part = (live_part){.query = r->n_queries - 1, .n = n, .n_new = n, .product = r->gained};
    LB_TRY_CLEANUP(index_exact_new(NULL, r->gained_vector, n, width, NULL, &part->index));
    r->n_parts++;
cleanup:
    free(rows);
    free(places);
    free(looks);
    return status;
}

lb_status live_spaces_new(lb_recommender *r) {
    const model_class *class = r->model->class;
    uint32_t taste_dim = 0, look_dim = 0;
    const float *places = class->embedding ? class->embedding(r->model->state, &taste_dim) : NULL;
    const float *looks = class->look ? class->look(r->model->state, &look_dim) : NULL;
    feature_set f[DATASET_MAX_FEATURES];
    size_t n_features;
    if (places) LB_TRY(copy_space(r, places, taste_dim, &r->taste));
    if (looks) LB_TRY(copy_space(r, looks, look_dim, &r->look));
    bool gained = class->place && looks && r->n_products > r->model->common.n_products;
    if (!r->dataset || (looks && !gained)) return LB_OK;
    lb_status status = open_features(r, f, &n_features);
    if (status == LB_E_NOT_FOUND) return LB_OK; // a dataset without the feature still has titles
    LB_TRY(status);
    status = gained ? place_gained(r, f, n_features) : look_from_feature(r, f);
    feature_sets_close(f, n_features);
    return status;
}
