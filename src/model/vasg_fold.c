/*
 * Fold-in: the vector of somebody known by liked products, or of a trained user with new feedback.
 * It minimises the training loss over x with products fixed, sum over liked p of [softplus(-z_p) +
 * 5 times the mean over its negatives n of softplus(z_n)] + sum over disliked softplus(z)
 *   + pull / 2 |x - x0|^2,
 * by Newton steps: the loss is strictly convex in x. Training draws 5 negatives of a pair anew on
 * each walk; here DRAWN weigh as much as 5, so that a short list does not hang on what it met. As
 * in training, each pair counts in both directions: the user as the centre, z = x . x_p + b_p, with
 * negatives among all products; and the product as the centre, z = x . x_p, where the user is a
 * negative of products as often as they are bought.
 */
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "model/logistic.h"
#include "model/vasg.h"

enum { NEGATIVES = 5, DRAWN = 20 };

/* In training a user's vector decays once per pair as the centre and once each time it is a context
 * or a negative; that many times in all per pair: 1 + 1 + NEGATIVES. */
static const double DECAYS_PER_PAIR = 2 + NEGATIVES;

static void add_term(const vasg_model *m, uint32_t product, double weight, int liked, int biased,
                     logistic_terms *t) {
    double bias = biased ? (double)m->bias[product] : 0;
    logistic_add(t, m->embedding + (size_t)product * m->dim, bias, weight, liked);
}

/* A liked product and its negatives in one direction, seeded by the product, so that the order of
 * the products does not matter. */
static void add_liked(const vasg_model *m, const model_common *common, const taste *who,
                      uint32_t product, int biased, logistic_terms *t) {
    uint32_t n_train = common->user_start[common->n_users];
    random_stream r = random_open(common->seed, biased ? "fold-in" : "fold-in back", product);
    add_term(m, product, 1, 1, biased, t);
    for (int k = 0; k < DRAWN && m->n_warm && n_train; k++) {
        uint32_t negative = biased ? m->warm[random_below(&r, m->n_warm)]
                                   : common->product[random_below(&r, n_train)];
        if (!rows_hold(who->liked, who->n_liked, negative))
            add_term(m, negative, (double)NEGATIVES / DRAWN, 0, biased, t);
    }
}

static lb_status collect(const vasg_model *m, const model_common *common, const taste *who,
                         double pull, logistic_terms *t) {
    size_t most = 2 * (who->n_liked * (1 + DRAWN) + who->n_disliked);
    LB_TRY(logistic_new(most, m->dim, t));
    for (size_t d = 0; d < m->dim; d++) t->pull[d] = pull;
    for (int biased = 0; biased <= 1; biased++) {
        for (size_t i = 0; i < who->n_liked; i++)
            add_liked(m, common, who, who->liked[i], biased, t);
        for (size_t i = 0; i < who->n_disliked; i++) add_term(m, who->disliked[i], 1, 0, biased, t);
    }
    return LB_OK;
}

/* q of what is liked and, for a trained user, was bought. */
static lb_status summarise(const vasg_model *m, const model_common *common, const taste *who,
                           float *q) {
    size_t n_history = 0;
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
        if (!rows_hold(history, n_history, who->liked[i])) all[n++] = who->liked[i];
    spectral_fold_in(&m->spectral, all, n, q);
    free(all);
    return LB_OK;
}

lb_status vasg_fold_in(const void *state, const model_common *common, const taste *who,
                       float *const query[MODEL_MAX_PARTS]) {
    const vasg_model *m = state;
    float *x0 = NULL, *x = NULL, *q = NULL;
    logistic_terms terms = {0};
    size_t history = 0;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(x0, m->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(x, m->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(q, m->spectral.rank));
    if (who->user >= 0) {
        memcpy(x0, m->x + (size_t)who->user * m->dim, m->dim * sizeof *x);
        history = common->user_start[who->user + 1] - common->user_start[who->user];
    }
    memcpy(x, x0, m->dim * sizeof *x);
    double pull = m->lambda * DECAYS_PER_PAIR * (double)(who->n_liked + who->n_disliked + history);
    LB_TRY_CLEANUP(collect(m, common, who, pull, &terms));
    if (terms.n) LB_TRY_CLEANUP(logistic_minimise(&terms, x0, x));
    LB_TRY_CLEANUP(summarise(m, common, who, q));
    vasg_query(m, x, q, query);
cleanup:
    logistic_free(&terms);
    free(x0);
    free(x);
    free(q);
    return status;
}
