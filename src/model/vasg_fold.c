/*
 * Fold-in: the vector of somebody known by liked products, or of a trained user with new feedback.
 * It minimises the training loss over x with products fixed, sum over liked p of [softplus(-z_p) +
 * sum over its negatives n of softplus(z_n)] + sum over disliked softplus(z)
 *   + pull / 2 |x - x0|^2,
 * by Newton steps: the loss is strictly convex in x. As in training, each pair counts in both
 * directions: the user as the centre, z = x . x_p + b_p, with negatives among all products; and the
 * product as the centre, z = x . x_p, where the user is a negative of products as often as they are
 * bought.
 */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/linalg.h"
#include "math/vector.h"
#include "model/vasg.h"

enum { STEPS = 20, NEGATIVES = 5 };

static const double CONVERGED = 1e-5; // length of a step, relative to x
/* In training a user's vector decays once per pair as the centre and once each time it is a context
 * or a negative; that many times in all per pair: 1 + 1 + NEGATIVES. */
static const double DECAYS_PER_PAIR = 2 + NEGATIVES;

typedef struct fold_terms {
    size_t n;
    uint32_t *product; // (n) rows
    uint8_t *liked;    // (n) y
    uint8_t *biased;   // (n) whether b_p is in z
} fold_terms;

static int is_listed(const uint32_t *list, size_t n, uint32_t product) {
    for (size_t i = 0; i < n; i++)
        if (list[i] == product) return 1;
    return 0;
}

static void add_term(fold_terms *t, uint32_t product, int liked, int biased) {
    t->product[t->n] = product;
    t->liked[t->n] = (uint8_t)liked;
    t->biased[t->n++] = (uint8_t)biased;
}

/* A liked product and its negatives in one direction, seeded by the product, so that the order of
 * the products does not matter. */
static void add_liked(const vasg_model *m, const model_common *common, const taste *who,
                      uint32_t product, int biased, fold_terms *t) {
    uint32_t n_train = common->user_start[common->n_users];
    random_stream r = random_open(common->seed, biased ? "fold-in" : "fold-in back", product);
    add_term(t, product, 1, biased);
    for (int k = 0; k < NEGATIVES && m->n_warm && n_train; k++) {
        uint32_t negative = biased ? m->warm[random_below(&r, m->n_warm)]
                                   : common->product[random_below(&r, n_train)];
        if (!is_listed(who->liked, who->n_liked, negative)) add_term(t, negative, 0, biased);
    }
}

static lb_status collect(const vasg_model *m, const model_common *common, const taste *who,
                         fold_terms *t) {
    size_t most = 2 * (who->n_liked * (1 + NEGATIVES) + who->n_disliked);
    LB_TRY(NEW_ARRAY(t->product, most));
    LB_TRY(NEW_ARRAY(t->liked, most));
    LB_TRY(NEW_ARRAY(t->biased, most));
    for (int biased = 0; biased <= 1; biased++) {
        for (size_t i = 0; i < who->n_liked; i++)
            add_liked(m, common, who, who->liked[i], biased, t);
        for (size_t i = 0; i < who->n_disliked; i++) add_term(t, who->disliked[i], 0, biased);
    }
    return LB_OK;
}

/* Gradient (dim) and Hessian (dim, dim; lower triangle) of the loss at x. */
static void derivatives(const vasg_model *m, const fold_terms *t, const float *x, const float *x0,
                        double pull, double *gradient, double *hessian) {
    size_t dim = m->dim;
    memset(hessian, 0, dim * dim * sizeof *hessian);
    for (size_t d = 0; d < dim; d++) {
        gradient[d] = pull * (double)(x[d] - x0[d]);
        hessian[d * dim + d] = pull;
    }
    for (size_t i = 0; i < t->n; i++) {
        const float *v = m->embedding + t->product[i] * dim;
        double bias = t->biased[i] ? (double)m->bias[t->product[i]] : 0;
        double s = 1 / (1 + exp(-(vec_dot_wide(x, v, dim) + bias)));
        double slope = s - t->liked[i], curve = s * (1 - s);
        for (size_t a = 0; a < dim; a++) {
            gradient[a] += slope * (double)v[a];
            for (size_t b = 0; b <= a; b++)
                hessian[a * dim + b] += curve * (double)v[a] * (double)v[b];
        }
    }
}

static lb_status minimise(const vasg_model *m, const fold_terms *t, const float *x0, double pull,
                          float *x) {
    size_t dim = m->dim;
    double *gradient = NULL, *hessian = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(gradient, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(hessian, dim * dim));
    for (int step = 0; step < STEPS; step++) {
        derivatives(m, t, x, x0, pull, gradient, hessian);
        LB_TRY_CLEANUP(cholesky_factor(NULL, hessian, dim));
        LB_TRY_CLEANUP(cholesky_solve(NULL, hessian, dim, gradient, 1));
        double moved = 0, length = 0;
        for (size_t d = 0; d < dim; d++) {
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

/* q and look of what is liked and, for a trained user, was bought. */
static lb_status summarise(const vasg_model *m, const model_common *common, const taste *who,
                           float *q, float *looks) {
    size_t n_history = 0, width = m->has_look ? m->cold.look_dim : 0;
    const uint32_t *history = NULL;
    if (who->user >= 0) {
        history = common->product + common->user_start[who->user];
        n_history = common->user_start[who->user + 1] - common->user_start[who->user];
    }
    uint32_t *all;
    LB_TRY(NEW_ARRAY(all, n_history + who->n_liked));
    size_t n = 0;
    for (size_t i = 0; i < n_history; i++) all[n++] = history[i];
    for (size_t i = 0; i < who->n_liked; i++)
        if (!is_listed(history, n_history, who->liked[i])) all[n++] = who->liked[i];
    spectral_fold_in(&m->spectral, all, n, q);
    for (size_t i = 0; i < n && width; i++) vec_add(looks, m->product_look + all[i] * width, width);
    vec_normalise(looks, width);
    free(all);
    return LB_OK;
}

lb_status vasg_fold_in(const void *state, const model_common *common, const taste *who,
                       float *const query[MODEL_MAX_PARTS]) {
    const vasg_model *m = state;
    float *x0 = NULL, *x = NULL, *q = NULL, *looks = NULL;
    fold_terms terms = {0};
    size_t history = 0;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(x0, m->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(x, m->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(q, m->spectral.rank));
    LB_TRY_CLEANUP(NEW_ARRAY(looks, m->has_look ? m->cold.look_dim : 0));
    if (who->user >= 0) {
        memcpy(x0, m->x + (size_t)who->user * m->dim, m->dim * sizeof *x);
        history = common->user_start[who->user + 1] - common->user_start[who->user];
    }
    memcpy(x, x0, m->dim * sizeof *x);
    LB_TRY_CLEANUP(collect(m, common, who, &terms));
    double pull = m->lambda * DECAYS_PER_PAIR * (double)(who->n_liked + who->n_disliked + history);
    if (terms.n) LB_TRY_CLEANUP(minimise(m, &terms, x0, pull, x));
    LB_TRY_CLEANUP(summarise(m, common, who, q, looks));
    vasg_query(m, x, q, looks, query);
cleanup:
    free(terms.product);
    free(terms.liked);
    free(terms.biased);
    free(x0);
    free(x);
    free(q);
    free(looks);
    return status;
}
