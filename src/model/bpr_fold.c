/*
 * Fold-in: the vector of somebody known by liked products, or of a trained user with new feedback.
 * It minimises the training loss over x = [g_u; th_u] with products fixed,
 *   sum over triples (i, j) of softplus(x_uj - x_ui) + 1/2 sum over d of pull_d (x_d - x0_d)^2,
 * by Newton steps: the loss is strictly convex in x. Triples are each liked product against random
 * warm ones, and random warm ones against each disliked.
 */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/linalg.h"
#include "math/vector.h"
#include "model/bpr.h"

enum { STEPS = 20, OTHERS = 5 };

static const double CONVERGED = 1e-5;  // length of a step, relative to x
static const double LEAST_PULL = 1e-3; // keeps the loss strictly convex with an L2 of 0

typedef struct fold {
    const bpr_model *m;
    size_t n, width;
    float *difference; // (n, width) of each triple's vectors
    double *bias;      // (n) of its biases
    double *pull;      // (width)
} fold;

static int is_listed(const uint32_t *list, size_t n, uint32_t product) {
    for (size_t i = 0; i < n; i++)
        if (list[i] == product) return 1;
    return 0;
}

/* A product against OTHERS random ones, seeded by the product, so that the order of the products
 * does not matter. */
static void add_product(fold *f, const model_common *common, const taste *who, uint32_t product,
                        int liked) {
    const bpr_model *m = f->m;
    const float *vector = m->product + product * f->width;
    random_stream r = random_open(common->seed, liked ? "bpr fold-in" : "bpr dislikes", product);
    for (int k = 0; k < OTHERS && m->n_warm; k++) {
        uint32_t other = m->warm[random_below(&r, m->n_warm)];
        if (is_listed(who->liked, who->n_liked, other) || other == product) continue;
        float *to = f->difference + f->n * f->width, sign = liked ? 1 : -1;
        memcpy(to, vector, f->width * sizeof *to);
        vec_axpy(to, -1, m->product + other * f->width, f->width);
        vec_scale(to, sign, f->width);
        f->bias[f->n++] = (double)(sign * (m->bias[product] - m->bias[other]));
    }
}

/* Gradient (width) and Hessian (width, width; lower triangle) of the loss at x. */
static void derivatives(const fold *f, const float *x, const float *x0, double *gradient,
                        double *hessian) {
    size_t width = f->width;
    memset(hessian, 0, width * width * sizeof *hessian);
    for (size_t d = 0; d < width; d++) {
        gradient[d] = f->pull[d] * (double)(x[d] - x0[d]);
        hessian[d * width + d] = f->pull[d];
    }
    for (size_t k = 0; k < f->n; k++) {
        const float *v = f->difference + k * width;
        double s = 1 / (1 + exp(vec_dot_wide(x, v, width) + f->bias[k])), curve = s * (1 - s);
        for (size_t a = 0; a < width; a++) {
            gradient[a] -= s * (double)v[a];
            for (size_t b = 0; b <= a; b++)
                hessian[a * width + b] += curve * (double)v[a] * (double)v[b];
        }
    }
}

static lb_status minimise(const fold *f, const float *x0, float *x) {
    size_t width = f->width;
    double *gradient = NULL, *hessian = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(gradient, width));
    LB_TRY_CLEANUP(NEW_ARRAY(hessian, width * width));
    for (int step = 0; step < STEPS; step++) {
        derivatives(f, x, x0, gradient, hessian);
        LB_TRY_CLEANUP(cholesky_factor(NULL, hessian, width));
        LB_TRY_CLEANUP(cholesky_solve(NULL, hessian, width, gradient, 1));
        double moved = 0, length = 0;
        for (size_t d = 0; d < width; d++) {
            x[d] -= (float)gradient[d];
            moved += gradient[d] * gradient[d];
            length += (double)x[d] * (double)x[d];
        }
        if (moved <= CONVERGED * CONVERGED * (length + 1e-12)) break;
    }
cleanup:
    free(gradient);
    free(hessian);
    return status;
}

lb_status bpr_fold_in(const void *state, const model_common *common, const taste *who,
                      float *const query[MODEL_MAX_PARTS]) {
    const bpr_model *m = state;
    fold f = {.m = m, .width = (size_t)m->dim + m->visual_dim};
    size_t most = OTHERS * (who->n_liked + who->n_disliked), history = 0;
    float *x0 = NULL, *x = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(f.difference, most * f.width));
    LB_TRY_CLEANUP(NEW_ARRAY(f.bias, most));
    LB_TRY_CLEANUP(NEW_ARRAY(f.pull, f.width));
    LB_TRY_CLEANUP(NEW_ARRAY(x0, f.width));
    LB_TRY_CLEANUP(NEW_ARRAY(x, f.width));
    if (who->user >= 0) {
        memcpy(x0, m->user + (size_t)who->user * f.width, f.width * sizeof *x);
        history = common->user_start[who->user + 1] - common->user_start[who->user];
    }
    memcpy(x, x0, f.width * sizeof *x);
    for (size_t i = 0; i < who->n_liked; i++) add_product(&f, common, who, who->liked[i], 1);
    for (size_t i = 0; i < who->n_disliked; i++) add_product(&f, common, who, who->disliked[i], 0);
    double triples = (double)f.n + (double)(history * OTHERS);
    for (size_t d = 0; d < f.width; d++)
        f.pull[d] = fmax(LEAST_PULL, (d < m->dim ? m->l2 : m->l2_visual) * triples);
    if (f.n) LB_TRY_CLEANUP(minimise(&f, x0, x));
    for (int i = 0; i < 2; i++) {
        memcpy(query[i], x, f.width * sizeof *x);
        query[i][f.width] = 1;
    }
cleanup:
    free(f.difference);
    free(f.bias);
    free(f.pull);
    free(x0);
    free(x);
    return status;
}
