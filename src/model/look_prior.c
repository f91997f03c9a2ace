#include "model/look_prior.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/linalg.h"
#include "math/pca.h"
#include "math/vector.h"

enum {
    BLOCK = 4096, // products whose rows are in double at a time
    GRAIN = 256,  // products that a thread takes at once
    CHOICES = 13, // ridges tried
};

/* Ridges from 1/1000 to 1000 times the sum of the weights, two a decade. */
static double strength_choice(int i) {
    return pow(10, 0.5 * i - 3);
}

/* ---- axes */

/* Of the warm products among begin..end-1: rows sqrt(w) [components, 1], (n, k + 1). Returns n. */
static size_t weighted_components(const look_prior *p, const look_table *l, size_t begin,
                                  size_t end, double *out) {
    size_t k = p->n_components, n = 0;
    for (size_t i = begin; i < end; i++) {
        if (l->weight[i] <= 0) continue;
        double root = sqrt((double)l->weight[i]);
        for (size_t c = 0; c < k; c++) *out++ = root * (double)p->component[i * k + c];
        *out++ = root;
        n++;
    }
    return n;
}

/* The weighted mean (k) of the components over warm products, and their scatter around it, lower
 * triangle of (k, k). */
static lb_status weighted_scatter(job *j, const look_prior *p, const look_table *l, double *mean,
                                  double *scatter) {
    size_t k = p->n_components, width = k + 1;
    double *rows = NULL, *gram = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(rows, BLOCK * width));
    LB_TRY_CLEANUP(NEW_ARRAY(gram, width * width));
    for (size_t begin = 0; begin < p->n; begin += BLOCK) {
        size_t end = p->n - begin < BLOCK ? p->n : begin + BLOCK;
        size_t n = weighted_components(p, l, begin, end, rows);
        LB_TRY_CLEANUP(matrix_gram_f64(j, 1, width, n, 1, rows, width, 1, gram, width));
    }
    const double *sums = gram + k * width;
    for (size_t c = 0; c < k; c++) mean[c] = sums[c] / sums[k];
    for (size_t a = 0; a < k; a++)
        for (size_t b = 0; b <= a; b++)
            scatter[a * k + b] = gram[a * width + b] - sums[a] * mean[b];
cleanup:
    free(rows);
    free(gram);
    return status;
}

/* Turns the components, centred at their mean (k), to the axes (k, k). */
static lb_status turn_components(job *j, look_prior *p, const double *mean, const double *axes) {
    size_t k = p->n_components, block = p->n < BLOCK ? p->n : BLOCK;
    float *axis = NULL, *centred = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(axis, k * k));
    LB_TRY_CLEANUP(NEW_ARRAY(centred, block * k));
    for (size_t c = 0; c < k * k; c++) axis[c] = (float)axes[c];
    for (size_t begin = 0; begin < p->n; begin += block) {
        size_t n = p->n - begin < block ? p->n - begin : block;
        float *rows = p->component + begin * k;
        for (size_t i = 0; i < n; i++)
            for (size_t c = 0; c < k; c++)
                centred[i * k + c] = (float)((double)rows[i * k + c] - mean[c]);
        LB_TRY_CLEANUP(
            matrix_multiply_parallel(j, 0, 1, n, k, k, 1, centred, k, axis, k, 0, rows, k));
    }
cleanup:
    free(axis);
    free(centred);
    return status;
}

/* Axes along which the components do not covary, so that a ridge of any strength is a division. */
static lb_status separate_components(job *j, const look_table *l, look_prior *p) {
    size_t k = p->n_components;
    double *mean = NULL, *scatter = NULL, *axes = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(mean, k));
    LB_TRY_CLEANUP(NEW_ARRAY(scatter, k * k));
    LB_TRY_CLEANUP(NEW_ARRAY(axes, k * k));
    LB_TRY_CLEANUP(weighted_scatter(j, p, l, mean, scatter));
    LB_TRY_CLEANUP(symmetric_eigen(j, scatter, k, p->spread, axes));
    LB_TRY_CLEANUP(turn_components(j, p, mean, axes));
cleanup:
    free(mean);
    free(scatter);
    free(axes);
    return status;
}

/* One common scale, so that the mean square over warm products and components is one. */
static void scale_components(const look_table *l, look_prior *p) {
    double squares = 0;
    size_t k = p->n_components;
    for (size_t i = 0; i < p->n; i++)
        if (l->weight[i] > 0)
            squares += vec_dot_wide(p->component + i * k, p->component + i * k, k);
    double mean_square = squares / (double)(l->n_warm * k);
    double scale = mean_square > 0 ? 1 / sqrt(mean_square) : 0;
    vec_scale(p->component, (float)scale, p->n * k);
    for (size_t c = 0; c < k; c++) p->spread[c] = fmax(0, p->spread[c]) * scale * scale;
}

lb_status look_prior_new(job *j, const look_table *l, uint32_t n_components, double strength,
                         uint64_t seed, look_prior *out) {
    uint32_t most = l->dim < l->n_warm ? l->dim : (uint32_t)l->n_warm;
    look_prior p = {
        .n = l->n, .n_components = n_components < most ? n_components : most, .strength = strength};
    size_t k = p.n_components;
    float *mean = NULL, *axes = NULL;
    double *variance = NULL;
    // one feature is regressed on as it was imported, several as they stand side by side
    look_view view = {l, NULL, l->space.n_features == 1, 0};
    row_source looks = look_rows(&view, l->n);
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(p.component, l->n * k));
    LB_TRY_CLEANUP(NEW_ARRAY(p.spread, k));
    LB_TRY_CLEANUP(NEW_ARRAY(mean, l->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(axes, k * l->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(variance, k));
    // every warm product counts once here: the weights are about x_p, not about the pictures
    float *once;
    LB_TRY_CLEANUP(NEW_ARRAY(once, l->n));
    for (size_t i = 0; i < l->n; i++) once[i] = l->weight[i] > 0;
    status = pca_fit_rows(j, &looks, once, k, seed, mean, axes, variance);
    free(once);
    LB_TRY_CLEANUP(status);
    LB_TRY_CLEANUP(pca_transform_rows(j, &looks, mean, axes, k, p.component));
    LB_TRY_CLEANUP(separate_components(j, l, &p));
    scale_components(l, &p);
    for (size_t i = 0; i < l->n; i++) p.weights += (double)l->weight[i];
    *out = p;
cleanup:
    if (status != LB_OK) look_prior_free(&p);
    free(mean);
    free(axes);
    free(variance);
    return status;
}

void look_prior_free(look_prior *p) {
    free(p->component);
    free(p->spread);
    *p = (look_prior){0};
}

/* ---- predictions */

/* What a refit works on. */
typedef struct regression {
    const look_prior *prior;
    const look_table *look;
    const float *x; // (n_products, stride)
    uint32_t stride;
    double ridge;
    double *mean;     // (stride) weighted, of x over warm products
    double *covary;   // (k, stride): sum of w component (x - mean)^T over warm products
    float *map;       // (k, stride)
    float *predicted; // (n, stride)
} regression;

static const float *vector_of(const regression *r, size_t i) {
    return r->x + (size_t)r->look->product[i] * r->stride;
}

static void mean_vector(regression *r) {
    for (size_t i = 0; i < r->prior->n; i++) {
        double w = (double)r->look->weight[i] / r->prior->weights;
        for (size_t d = 0; w > 0 && d < r->stride; d++)
            r->mean[d] += w * (double)vector_of(r, i)[d];
    }
}

static lb_status sum_covariance(job *j, regression *r) {
    size_t k = r->prior->n_components;
    double *left = NULL, *right = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(left, BLOCK * k));
    LB_TRY_CLEANUP(NEW_ARRAY(right, (size_t)BLOCK * r->stride));
    for (size_t begin = 0; begin < r->prior->n; begin += BLOCK) {
        size_t end = r->prior->n - begin < BLOCK ? r->prior->n : begin + BLOCK, n = 0;
        for (size_t i = begin; i < end; i++) {
            double w = (double)r->look->weight[i];
            if (w <= 0) continue;
            const float *component = r->prior->component + i * k, *x = vector_of(r, i);
            for (size_t c = 0; c < k; c++) left[n * k + c] = w * (double)component[c];
            for (size_t d = 0; d < r->stride; d++)
                right[n * r->stride + d] = (double)x[d] - r->mean[d];
            n++;
        }
        LB_TRY_CLEANUP(matrix_multiply_f64(j, 1, 0, k, r->stride, n, 1, left, k, right, r->stride,
                                           1, r->covary, r->stride));
    }
cleanup:
    free(left);
    free(right);
    return status;
}

/* What the weight of a product's own vector in its prediction is. */
static double leverage(const regression *r, size_t i) {
    size_t k = r->prior->n_components;
    double sum = 1 / r->prior->weights;
    for (size_t c = 0; c < k; c++) {
        double q = (double)r->prior->component[i * k + c];
        sum += q * q / (r->prior->spread[c] + r->ridge);
    }
    return (double)r->look->weight[i] * sum;
}

/* Takes a warm product's own vector out of its prediction. */
static lb_status leave_out(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const regression *r = context;
    for (size_t i = begin; i < end; i++) {
        double own = leverage(r, i), others = fmax(1 - own, 1e-9);
        float *row = r->predicted + i * r->stride;
        const float *x = vector_of(r, i);
        for (size_t d = 0; d < r->stride; d++)
            row[d] = (float)(((double)row[d] + r->mean[d] - own * (double)x[d]) / others);
    }
    return LB_OK;
}

/* What each product's look says of its vector by the regression on all other products. */
static lb_status predict(job *j, regression *r, double strength) {
    size_t k = r->prior->n_components;
    r->ridge = strength * r->prior->weights;
    for (size_t c = 0; c < k; c++)
        for (size_t d = 0; d < r->stride; d++)
            r->map[c * r->stride + d] = (float)(r->covary[c * r->stride + d] /
                                                (r->prior->spread[c] + r->ridge));
    LB_TRY(matrix_multiply_parallel(j, 0, 0, r->prior->n, r->stride, k, 1, r->prior->component, k,
                                    r->map, r->stride, 0, r->predicted, r->stride));
    return math_run_range(j, r->prior->n, GRAIN, leave_out, r);
}

/* The weighted sum of the squared errors of what is predicted. */
static double squared_error(const regression *r) {
    double sum = 0;
    for (size_t i = 0; i < r->prior->n; i++)
        if (r->look->weight[i] > 0)
            sum += (double)r->look->weight[i] *
                   (double)vec_squared_distance(vector_of(r, i), r->predicted + i * r->stride,
                                                r->stride);
    return sum;
}

static double share_explained(const regression *r) {
    double scatter = 0;
    for (size_t i = 0; i < r->prior->n; i++) {
        double squares = 0;
        for (size_t d = 0; r->look->weight[i] > 0 && d < r->stride; d++) {
            double off = (double)vector_of(r, i)[d] - r->mean[d];
            squares += off * off;
        }
        scatter += (double)r->look->weight[i] * squares;
    }
    return scatter > 0 ? fmax(0, 1 - squared_error(r) / scatter) : 0;
}

static lb_status choose_strength(job *j, regression *r, double *best) {
    double least = INFINITY;
    *best = strength_choice(CHOICES - 1);
    for (int i = CHOICES - 1; i >= 0; i--) {
        LB_TRY(predict(j, r, strength_choice(i)));
        double error = squared_error(r);
        if (error >= least) continue;
        least = error;
        *best = strength_choice(i);
    }
    return LB_OK;
}

lb_status look_prior_mean(const split *s, const float *x, uint32_t stride, float *prior) {
    double *mean, weights = 0;
    LB_TRY(NEW_ARRAY(mean, stride));
    for (size_t p = 0; p < s->n_products; p++) {
        double w = look_trust(s->degree[p]);
        for (size_t d = 0; w > 0 && d < stride; d++) mean[d] += w * (double)x[p * stride + d];
        weights += w;
    }
    for (size_t p = 0; weights > 0 && p < s->n_products; p++)
        for (size_t d = 0; d < stride; d++) prior[p * stride + d] = (float)(mean[d] / weights);
    free(mean);
    return LB_OK;
}

lb_status look_prior_refit(job *j, look_prior *p, const look_table *l, const float *x,
                           uint32_t stride, float *prior) {
    size_t k = p->n_components;
    regression r = {.prior = p, .look = l, .x = x, .stride = stride};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(r.mean, stride));
    LB_TRY_CLEANUP(NEW_ARRAY(r.covary, k * stride));
    LB_TRY_CLEANUP(NEW_ARRAY(r.map, k * stride));
    LB_TRY_CLEANUP(NEW_ARRAY(r.predicted, (size_t)p->n * stride));
    mean_vector(&r);
    LB_TRY_CLEANUP(sum_covariance(j, &r));
    if (p->strength <= 0) LB_TRY_CLEANUP(choose_strength(j, &r, &p->strength));
    LB_TRY_CLEANUP(predict(j, &r, p->strength));
    p->explained = share_explained(&r);
    for (size_t i = 0; i < p->n; i++)
        memcpy(prior + (size_t)l->product[i] * stride, r.predicted + i * stride,
               stride * sizeof *prior);
cleanup:
    free(r.mean);
    free(r.covary);
    free(r.map);
    free(r.predicted);
    return status;
}
