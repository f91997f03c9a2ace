#include "model/cold.h"

#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/pca.h"
#include "math/vector.h"

enum { BLOCK = 2048 };

/* Of the ridges for zeta and l: how much is bought shows less in a look than what it goes with. */
static const double TASTE_STRENGTH = 0.1, LEVEL_STRENGTH = 3;

/* What a view is fitted on: warm products that have its features. */
typedef struct warm_rows {
    size_t n;
    uint32_t *row;  // (n) of the look table
    double *weight; // (n)
    double *target; // (n, dim + 1) x_p - mu; xbar . x_p + b_p, centred
} warm_rows;

static void warm_free(warm_rows *w) {
    free(w->row);
    free(w->weight);
    free(w->target);
}

void cold_mean_user(const split *s, const float *x, uint32_t dim, float *out) {
    size_t n = 0;
    memset(out, 0, dim * sizeof *out);
    for (uint32_t u = 0; u < s->n_users; u++) {
        if (s->user_start[u] == s->user_start[u + 1]) continue;
        vec_add(out, x + (size_t)u * dim, dim);
        n++;
    }
    vec_scale(out, 1.0f / (float)n, dim);
}

static void mean_product(const cold_input *in, float *out) {
    const look_table *l = in->look;
    double sum = 0;
    for (size_t i = 0; i < l->n; i++) {
        size_t node = (size_t)in->split->n_users + l->product[i];
        vec_axpy(out, l->weight[i], in->x + node * in->dim, in->dim);
        sum += (double)l->weight[i];
    }
    vec_scale(out, (float)(1 / sum), in->dim);
}

static void gather_row(const cold_input *in, const cold_head *h, size_t i, warm_rows *w) {
    const look_table *l = in->look;
    uint32_t p = l->product[w->row[i]];
    const float *x = in->x + ((size_t)in->split->n_users + p) * in->dim;
    double *target = w->target + i * (in->dim + 1);
    w->weight[i] = (double)l->weight[w->row[i]];
    for (size_t d = 0; d < in->dim; d++) target[d] = (double)x[d] - (double)h->product_mean[d];
    target[in->dim] = vec_dot_wide(h->user_mean, x, in->dim) + (double)in->bias[p];
}

static lb_status gather_warm(const cold_input *in, const cold_head *h, uint32_t view,
                             warm_rows *w) {
    const look_table *l = in->look;
    LB_TRY(NEW_ARRAY(w->row, l->n_warm));
    w->n = l->n_warm;
    memcpy(w->row, l->warm, w->n * sizeof *w->row);
    if (view) w->n = look_warm_with(l, view - 1, w->row);
    LB_TRY(NEW_ARRAY(w->weight, w->n));
    size_t width = (size_t)in->dim + 1;
    LB_TRY(NEW_ARRAY(w->target, w->n * width));
    double sum = 0, weights = 0, *level = w->target + in->dim;
    for (size_t i = 0; i < w->n; i++) {
        gather_row(in, h, i, w);
        sum += w->weight[i] * level[i * width];
        weights += w->weight[i];
    }
    for (size_t i = 0; i < w->n; i++) level[i * width] -= sum / weights;
    return LB_OK;
}

/* Of the warm products' features. */
static lb_status fit_axes(job *j, const cold_input *in, const row_source *f, cold_head *h) {
    float *mean = NULL;
    double *variance = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(mean, f->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(variance, h->look_dim));
    LB_TRY_CLEANUP(pca_fit_rows(j, f, NULL, h->look_dim, in->seed, mean, h->axis, variance));
cleanup:
    free(mean);
    free(variance);
    return status;
}

lb_status cold_look(job *j, const cold_head *h, const row_source *f, float *out) {
    size_t block = f->n < BLOCK ? f->n : BLOCK;
    float *rows;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(rows, block * f->dim));
    for (size_t first = 0; first < f->n; first += block) {
        size_t n = f->n - first < block ? f->n - first : block;
        LB_TRY_CLEANUP(rows_fetch(j, f, first, n, rows));
        LB_TRY_CLEANUP(matrix_multiply_parallel(j, 0, 1, n, h->look_dim, f->dim, 1, rows, f->dim,
                                                h->axis, h->space.dim, 0, out + first * h->look_dim,
                                                h->look_dim));
    }
cleanup:
    free(rows);
    return status;
}

/* ---- fitting */

/* Fits zeta and l at once: they share landmarks, and all that is done with the rows. */
static lb_status fit_ridge(job *j, const cold_input *in, const warm_rows *w, const row_source *f,
                           kernel_ridge *out) {
    double *strength;
    LB_TRY(NEW_ARRAY(strength, in->dim + 1));
    for (size_t d = 0; d < in->dim; d++) strength[d] = TASTE_STRENGTH;
    strength[in->dim] = LEVEL_STRENGTH;
    ridge_targets targets = {in->dim + 1, w->target, strength};
    lb_status status = kernel_ridge_fit_rows(j, f, w->weight, &targets, in->max_landmarks, in->seed,
                                             out);
    free(strength);
    return status;
}

static lb_status fit_view(job *j, const cold_input *in, const cold_head *h, uint32_t view,
                          kernel_ridge *out) {
    warm_rows w = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(gather_warm(in, h, view, &w));
    if (!w.n) { // nobody has bought a product with this feature
        *out = (kernel_ridge){.dim = cold_view_dim(h, view), .n_targets = h->dim + 1};
        goto cleanup;
    }
    look_view looks = {in->look, w.row, false, view};
    row_source f = look_rows(&looks, w.n);
    LB_TRY_CLEANUP(fit_ridge(j, in, &w, &f, out));
cleanup:
    warm_free(&w);
    return status;
}

lb_status cold_fit(job *j, const cold_input *in, cold_head *out) {
    const look_table *l = in->look;
    uint32_t most = l->dim < l->n_warm ? l->dim : (uint32_t)l->n_warm;
    cold_head h = {.dim = in->dim, .space = l->space};
    h.look_dim = in->look_dim < most ? in->look_dim : most;
    h.space.mean = NULL;
    h.n_views = l->space.n_features == 1 ? 1 : 1 + l->space.n_features;
    look_view view = {l, l->warm, false, 0};
    row_source f = look_rows(&view, l->n_warm);
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(h.user_mean, h.dim));
    LB_TRY_CLEANUP(NEW_ARRAY(h.product_mean, h.dim));
    LB_TRY_CLEANUP(NEW_ARRAY(h.space.mean, l->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(h.axis, (size_t)h.look_dim * l->dim));
    memcpy(h.space.mean, l->space.mean, l->dim * sizeof(float));
    cold_mean_user(in->split, in->x, in->dim, h.user_mean);
    mean_product(in, h.product_mean);
    LB_TRY_CLEANUP(fit_axes(j, in, &f, &h));
    for (uint32_t v = 0; v < h.n_views; v++) LB_TRY_CLEANUP(fit_view(j, in, &h, v, &h.view[v]));
    *out = h;
cleanup:
    if (status != LB_OK) cold_free(&h);
    return status;
}

void cold_free(cold_head *h) {
    free(h->user_mean);
    free(h->product_mean);
    free(h->space.mean);
    free(h->axis);
    for (uint32_t v = 0; v < h->n_views; v++) kernel_ridge_free(&h->view[v]);
    *h = (cold_head){0};
}

/* ---- placing */

/* The view that a row is placed by: of its only feature, or else of all. */
static uint32_t view_of(const cold_head *h, const float *row) {
    uint32_t found = 0, n = 0;
    for (uint32_t f = 0; f < h->space.n_features; f++) {
        uint32_t width = look_width(&h->space, f), k = 0;
        while (k < width && row[h->space.start[f] + k] == 0) k++;
        if (k == width) continue;
        found = f + 1;
        n++;
    }
    return h->n_views > 1 && n == 1 && h->view[found].n_landmarks ? found : 0;
}

/* Some of the rows to place, as a source of the blocks that a view looks at. */
typedef struct placing {
    const cold_head *h;
    const float *f;      // (.., space.dim)
    const uint32_t *row; // those that the view places
    uint32_t view;
} placing;

static void fetch_placed(const void *context, size_t i, float *out) {
    const placing *p = context;
    const look_space *s = &p->h->space;
    const float *row = p->f + (size_t)p->row[i] * s->dim + (p->view ? s->start[p->view - 1] : 0);
    memcpy(out, row, cold_view_dim(p->h, p->view) * sizeof *out);
}

static lb_status place_view(job *j, const placing *p, size_t n, float *vectors, size_t stride,
                            float *embedding) {
    const cold_head *h = p->h;
    size_t width = cold_width(h);
    row_source f = {n, cold_view_dim(h, p->view), fetch_placed, p, NULL};
    float *predicted;
    LB_TRY(NEW_ARRAY(predicted, n * width));
    lb_status status = kernel_ridge_predict_rows(j, &h->view[p->view], &f, predicted);
    for (size_t i = 0; i < n; i++) {
        size_t row = p->row[i];
        const float *zeta = predicted + i * width;
        memcpy(vectors + row * stride, zeta, width * sizeof *zeta);
        for (size_t d = 0; embedding && d < h->dim; d++)
            embedding[row * h->dim + d] = h->product_mean[d] + zeta[d];
    }
    free(predicted);
    return status;
}

lb_status cold_place(job *j, const cold_head *h, const float *f, size_t n, float *vectors,
                     size_t stride, float *embedding) {
    uint32_t *row, *view = NULL;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(row, n));
    LB_TRY_CLEANUP(NEW_ARRAY(view, n));
    for (size_t i = 0; i < n; i++) view[i] = view_of(h, f + i * h->space.dim);
    for (uint32_t v = 0; v < h->n_views; v++) {
        placing p = {h, f, row, v};
        size_t n_placed = 0;
        for (size_t i = 0; i < n; i++)
            if (view[i] == v) row[n_placed++] = (uint32_t)i;
        if (n_placed) LB_TRY_CLEANUP(place_view(j, &p, n_placed, vectors, stride, embedding));
    }
cleanup:
    free(row);
    free(view);
    return status;
}

void cold_query(const cold_head *h, const float *x, float *out) {
    for (size_t d = 0; d < h->dim; d++) out[d] = x[d] - h->user_mean[d];
    out[h->dim] = 1;
}
