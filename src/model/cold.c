#include "model/cold.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/gemm.h"
#include "math/pca.h"
#include "math/vector.h"

enum { SPREAD_USERS = 1000, USERS_PER_PIECE = 16, BLOCK = 2048 };

static const double TASTE_STRENGTH = 1, LEVEL_STRENGTH = 3; // of the ridges for zeta and l
static const float COSINE_WEIGHT = 0.5f, LOOK_WEIGHT = 0.4f, LEVEL_WEIGHT = 0.5f, DOT_WEIGHT = 0.5f;

/* What a view is fitted on: warm products that have its features. */
typedef struct warm_rows {
    size_t n;
    uint32_t *row;  // (n) of the look table
    double *weight; // (n)
    double *target; // (n, dim + 1) x_p - mu; xbar . x_p + b_p, centred
} warm_rows;

/* What a view says of some of them by fits without them. */
typedef struct left_rows {
    ridge_left_out out; // (.., dim + 1) zeta, l
    float *look;        // (n, look_dim) by the view's features
    float *norm;        // (n) of zeta
} left_rows;

static void warm_free(warm_rows *w) {
    free(w->row);
    free(w->weight);
    free(w->target);
}

static void left_free(left_rows *l) {
    ridge_left_out_free(&l->out);
    free(l->look);
    free(l->norm);
}

/* The looks of all warm products, as users see them. */
typedef struct seen_looks {
    float *look;      // (n_warm, look_dim)
    uint32_t *row_of; // (n_products) 1 + the row here of a product; 0 = none
} seen_looks;

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

/* The components of rows of a view, each of length one. */
static lb_status look_of_view(job *j, const cold_head *h, uint32_t view, const row_source *f,
                              float *out) {
    const float *axis = h->axis + (view ? h->space.start[view - 1] : 0);
    size_t block = f->n < BLOCK ? f->n : BLOCK;
    float *rows;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(rows, block * f->dim));
    for (size_t first = 0; first < f->n; first += block) {
        size_t n = f->n - first < block ? f->n - first : block;
        LB_TRY_CLEANUP(rows_fetch(j, f, first, n, rows));
        LB_TRY_CLEANUP(matrix_multiply_parallel(j, 0, 1, n, h->look_dim, f->dim, 1, rows, f->dim,
                                                axis, h->space.dim, 0, out + first * h->look_dim,
                                                h->look_dim));
    }
cleanup:
    free(rows);
    return status;
}

lb_status cold_look(job *j, const cold_head *h, const row_source *f, float *out) {
    return look_of_view(j, h, 0, f, out);
}

/* ---- spreads of the terms within a user */

typedef struct spread_context {
    const cold_input *in;
    const cold_head *h;
    const left_rows *left;
    const seen_looks *seen;
    const uint32_t *user; // (n_users)
    double (*spread)[3];  // (n_users): of the cosine, the look, the inner product
} spread_context;

/* Running mean and sum of squared deviations (Welford). */
typedef struct moments {
    double n, mean, m2;
} moments;

static void moments_add(moments *m, double x) {
    double delta = x - m->mean;
    m->n++;
    m->mean += delta / m->n;
    m->m2 += delta * (x - m->mean);
}

static double moments_sd(const moments *m) {
    return m->n > 0 ? sqrt(m->m2 / m->n) : 0;
}

/* The mean look of a user's warm products, of length one; zero if none has a feature. */
static void mean_look(const spread_context *c, uint32_t u, float *out) {
    const split *s = c->in->split;
    const seen_looks *seen = c->seen;
    size_t width = c->h->look_dim;
    memset(out, 0, width * sizeof *out);
    for (uint32_t k = s->user_start[u]; k < s->user_start[u + 1]; k++) {
        uint32_t row = seen->row_of[s->product[k]];
        if (row) vec_add(out, seen->look + (row - 1) * width, width);
    }
    vec_normalise(out, width);
}

/* The three spreads of one user; `query` is scratch of dim + look_dim floats. */
static void spread_of_user(const spread_context *c, uint32_t u, float *query, double spread[3]) {
    const cold_head *h = c->h;
    size_t dim = h->dim;
    float *centred = query, *seen = query + dim;
    memcpy(centred, c->in->x + u * dim, dim * sizeof *centred);
    vec_axpy(centred, -1, h->user_mean, dim);
    float norm = vec_norm(centred, dim);
    mean_look(c, u, seen);
    moments cosine = {0}, looks = {0}, dot = {0};
    for (size_t p = 0; p < c->left->out.n; p++) {
        float inner = vec_dot(centred, c->left->out.value + p * (dim + 1), dim);
        float norms = norm * c->left->norm[p];
        moments_add(&dot, (double)inner);
        moments_add(&cosine, norms > 0 ? (double)(inner / norms) : 0);
        moments_add(&looks, (double)vec_dot(seen, c->left->look + p * h->look_dim, h->look_dim));
    }
    spread[0] = moments_sd(&cosine);
    spread[1] = moments_sd(&looks);
    spread[2] = moments_sd(&dot);
}

static lb_status spread_of_users(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    spread_context *c = context;
    float *query;
    LB_TRY(NEW_ARRAY(query, (size_t)c->h->dim + c->h->look_dim));
    for (size_t i = begin; i < end; i++) spread_of_user(c, c->user[i], query, c->spread[i]);
    free(query);
    return LB_OK;
}

static size_t sample_users(const split *s, uint64_t seed, uint32_t *order) {
    size_t n = 0;
    for (uint32_t u = 0; u < s->n_users; u++)
        if (s->user_start[u] < s->user_start[u + 1]) order[n++] = u;
    random_stream r = random_open(seed, "spread", 0);
    random_shuffle(&r, order, n);
    return n < SPREAD_USERS ? n : SPREAD_USERS;
}

static float scale_to(double weight, double target, double spread) {
    return spread > 0 ? (float)(weight * target / spread) : 0;
}

static lb_status fit_scales(job *j, const cold_input *in, const cold_head *h, left_rows *left,
                            const seen_looks *seen, cold_view *v) {
    uint32_t *order = NULL;
    double(*spread)[3] = NULL, mean[3] = {0};
    moments level = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(order, in->split->n_users));
    LB_TRY_CLEANUP(NEW_ARRAY(spread, SPREAD_USERS));
    LB_TRY_CLEANUP(NEW_ARRAY(left->norm, left->out.n));
    for (size_t p = 0; p < left->out.n; p++) {
        const float *value = left->out.value + p * (h->dim + 1);
        left->norm[p] = vec_norm(value, h->dim);
        moments_add(&level, (double)value[h->dim]);
    }
    size_t n_users = sample_users(in->split, in->seed, order);
    spread_context c = {in, h, left, seen, order, spread};
    LB_TRY_CLEANUP(job_run_range(j, n_users, USERS_PER_PIECE, spread_of_users, &c));
    for (size_t i = 0; i < n_users; i++)
        for (int t = 0; t < 3; t++) mean[t] += spread[i][t] / (double)n_users;
    v->scale[COLD_COSINE] = scale_to((double)COSINE_WEIGHT, mean[2], mean[0]);
    v->scale[COLD_LOOK] = scale_to((double)LOOK_WEIGHT, mean[2], mean[1]);
    v->scale[COLD_LEVEL] = scale_to((double)LEVEL_WEIGHT, mean[2], moments_sd(&level));
cleanup:
    free(order);
    free(spread);
    return status;
}

/* ---- fitting */

/* Fits zeta and l at once: they share landmarks, and all that is done with the rows. */
static lb_status fit_ridge(job *j, const cold_input *in, const warm_rows *w, const row_source *f,
                           kernel_ridge *out, ridge_left_out *left) {
    double *strength;
    LB_TRY(NEW_ARRAY(strength, in->dim + 1));
    for (size_t d = 0; d < in->dim; d++) strength[d] = TASTE_STRENGTH;
    strength[in->dim] = LEVEL_STRENGTH;
    ridge_targets targets = {in->dim + 1, w->target, strength};
    lb_status status = kernel_ridge_fit_rows(j, f, w->weight, &targets, in->max_landmarks, in->seed,
                                             out, left);
    free(strength);
    return status;
}

/* The looks of the rows that were left out, which `w` is left with. */
static lb_status look_at_left(job *j, const cold_input *in, const cold_head *h, uint32_t view,
                              warm_rows *w, left_rows *left) {
    LB_TRY(NEW_ARRAY(left->look, left->out.n * h->look_dim));
    for (size_t i = 0; i < left->out.n; i++) w->row[i] = w->row[left->out.row[i]];
    look_view looks = {in->look, w->row, false, view};
    row_source f = look_rows(&looks, left->out.n);
    return look_of_view(j, h, view, &f, left->look);
}

static lb_status fit_view(job *j, const cold_input *in, const cold_head *h, uint32_t view,
                          const seen_looks *seen, cold_view *out) {
    warm_rows w = {0};
    left_rows left = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(gather_warm(in, h, view, &w));
    if (!w.n) { // nobody has bought a product with this feature
        out->ridge = (kernel_ridge){.dim = cold_view_dim(h, view), .n_targets = h->dim + 1};
        goto cleanup;
    }
    look_view looks = {in->look, w.row, false, view};
    row_source f = look_rows(&looks, w.n);
    LB_TRY_CLEANUP(fit_ridge(j, in, &w, &f, &out->ridge, &left.out));
    LB_TRY_CLEANUP(look_at_left(j, in, h, view, &w, &left));
    LB_TRY_CLEANUP(fit_scales(j, in, h, &left, seen, out));
cleanup:
    left_free(&left);
    warm_free(&w);
    return status;
}

static lb_status see_looks(job *j, const cold_input *in, const cold_head *h, const row_source *f,
                           seen_looks *out) {
    LB_TRY(NEW_ARRAY(out->look, f->n * h->look_dim));
    LB_TRY(NEW_ARRAY(out->row_of, in->split->n_products));
    for (size_t i = 0; i < f->n; i++)
        out->row_of[in->look->product[in->look->warm[i]]] = (uint32_t)i + 1;
    return cold_look(j, h, f, out->look);
}

lb_status cold_fit(job *j, const cold_input *in, cold_head *out) {
    const look_table *l = in->look;
    uint32_t most = l->dim < l->n_warm ? l->dim : (uint32_t)l->n_warm;
    cold_head h = {.dim = in->dim, .space = l->space};
    h.look_dim = in->look_dim < most ? in->look_dim : most;
    h.space.mean = NULL;
    h.n_views = l->space.n_features == 1 ? 1 : 1 + l->space.n_features;
    seen_looks seen = {0};
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
    LB_TRY_CLEANUP(see_looks(j, in, &h, &f, &seen));
    for (uint32_t v = 0; v < h.n_views; v++)
        LB_TRY_CLEANUP(fit_view(j, in, &h, v, &seen, &h.view[v]));
    *out = h;
cleanup:
    free(seen.look);
    free(seen.row_of);
    if (status != LB_OK) cold_free(&h);
    return status;
}

void cold_free(cold_head *h) {
    free(h->user_mean);
    free(h->product_mean);
    free(h->space.mean);
    free(h->axis);
    for (uint32_t v = 0; v < h->n_views; v++) kernel_ridge_free(&h->view[v].ridge);
    *h = (cold_head){0};
}

/* ---- placing */

/* By what the ridge says, zeta and the level. */
static void place_one(const cold_head *h, const cold_view *v, const float *zeta, const float *looks,
                      float *out) {
    size_t dim = h->dim;
    float norm = vec_norm(zeta, dim);
    for (size_t d = 0; d < dim; d++) {
        out[d] = DOT_WEIGHT * zeta[d];
        out[dim + d] = norm > 0 ? v->scale[COLD_COSINE] * zeta[d] / norm : 0;
    }
    for (size_t c = 0; c < h->look_dim; c++) out[2 * dim + c] = v->scale[COLD_LOOK] * looks[c];
    out[2 * dim + h->look_dim] = v->scale[COLD_LEVEL] * zeta[dim];
}

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
    return h->n_views > 1 && n == 1 && h->view[found].ridge.n_landmarks ? found : 0;
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
    const cold_view *v = &h->view[p->view];
    row_source f = {n, cold_view_dim(h, p->view), fetch_placed, p, NULL};
    float *predicted = NULL, *looks = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(predicted, n * v->ridge.n_targets));
    LB_TRY_CLEANUP(NEW_ARRAY(looks, n * h->look_dim));
    LB_TRY_CLEANUP(kernel_ridge_predict_rows(j, &v->ridge, &f, predicted));
    LB_TRY_CLEANUP(look_of_view(j, h, p->view, &f, looks));
    for (size_t i = 0; i < n; i++) {
        size_t row = p->row[i];
        const float *zeta = predicted + i * v->ridge.n_targets;
        place_one(h, v, zeta, looks + i * h->look_dim, vectors + row * stride);
        for (size_t d = 0; embedding && d < h->dim; d++)
            embedding[row * h->dim + d] = h->product_mean[d] + zeta[d];
    }
cleanup:
    free(predicted);
    free(looks);
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

float cold_level(const cold_head *h, const float *f, const float *vector) {
    float scale = h->view[view_of(h, f)].scale[COLD_LEVEL];
    return scale > 0 ? vector[2 * (size_t)h->dim + h->look_dim] / scale : 0;
}

void cold_query(const cold_head *h, const float *x, const float *user_look, float *out) {
    size_t dim = h->dim;
    for (size_t d = 0; d < dim; d++) out[d] = out[dim + d] = x[d] - h->user_mean[d];
    vec_normalise(out + dim, dim);
    memcpy(out + 2 * dim, user_look, h->look_dim * sizeof *out);
    out[2 * dim + h->look_dim] = 1;
}
