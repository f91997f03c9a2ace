/*
 * Where people stand, with products fixed: x is what is most likely given what they like and
 * dislike and the prior of people (user_prior.h). It minimises the training loss over x,
 *   sum over liked p of [softplus(-z_p) + `negatives` times the mean over its negatives n of
 *   softplus(z_n)] + sum over disliked softplus(z) + 1/2 (x - mean) . S^-1 (x - mean),
 * by Newton steps: the loss is strictly convex in x. Training draws its negatives of a pair anew on
 * each walk; here more of them weigh as much, so that a short list does not hang on what it met. As
 * in training, each pair counts in both directions: the user as the centre, z = x . x_p + b_p, with
 * negatives among all products; and the product as the centre, z = x . x_p, where the user is a
 * negative of products as often as they are bought.
 *
 * A trained user stands halfway between where Skip-Gram left him and there: two estimates of one
 * place, whose errors differ. New feedback moves him from there, the prior then being the Gaussian
 * around it with the precision S^-1 + the information of the training history.
 */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "model/density.h"
#include "model/logistic.h"
#include "model/vasg.h"

enum {
    DRAWN = 20,       // negatives of a liked product, in either direction
    MOST_DRAWN = 250, // of all together
    USERS_PER_PIECE = 16,
    USERS_PER_STEP = 4096, // between two reports of progress
};

static void add_term(const vasg_model *m, uint32_t product, double weight, int liked, int biased,
                     logistic_terms *t) {
    double bias = biased ? (double)m->bias[product] : 0;
    logistic_add(t, m->embedding + (size_t)product * m->dim, bias, weight, liked);
}

/* Negatives drawn for each of n liked products. */
static size_t drawn_for(size_t n) {
    size_t each = n ? MOST_DRAWN / n : 0;
    return each < 1 ? 1 : each < DRAWN ? each : DRAWN;
}

/* The training history of a user, as somebody's who likes it. */
static taste history_of(const model_common *common, size_t user) {
    uint32_t start = common->user_start[user];
    return (taste){.user = -1,
                   .liked = common->product + start,
                   .n_liked = common->user_start[user + 1] - start};
}

static bool likes(const model_common *common, const taste *who, uint32_t product) {
    if (rows_hold(who->liked, who->n_liked, product)) return true;
    if (who->user < 0) return false;
    taste history = history_of(common, (size_t)who->user);
    return rows_hold(history.liked, history.n_liked, product);
}

/* A liked product and its negatives in one direction, seeded by the product, so that the order of
 * the products does not matter. */
static void add_liked(const vasg_model *m, const model_common *common, const taste *who,
                      uint32_t product, int biased, logistic_terms *t) {
    uint32_t n_train = common->user_start[common->n_users];
    random_stream r = random_open(common->seed, biased ? "fold-in" : "fold-in back", product);
    size_t n = drawn_for(who->n_liked);
    add_term(m, product, 1, 1, biased, t);
    for (size_t k = 0; k < n && m->n_warm && n_train; k++) {
        uint32_t negative = biased ? m->warm[random_below(&r, m->n_warm)]
                                   : common->product[random_below(&r, n_train)];
        if (!likes(common, who, negative))
            add_term(m, negative, m->negatives / (double)n, 0, biased, t);
    }
}

/* The terms of the loss, with the prior's precision. Free with logistic_free. */
static lb_status collect(const vasg_model *m, const model_common *common, const taste *who,
                         logistic_terms *t) {
    size_t most = 2 * (who->n_liked * (1 + drawn_for(who->n_liked)) + who->n_disliked);
    LB_TRY(logistic_new(most, m->dim, t));
    for (size_t i = 0; i < (size_t)m->dim * m->dim; i++)
        t->precision[i] = (double)m->people.precision[i];
    for (int biased = 0; biased <= 1; biased++) {
        for (size_t i = 0; i < who->n_liked; i++)
            add_liked(m, common, who, who->liked[i], biased, t);
        for (size_t i = 0; i < who->n_disliked; i++) add_term(m, who->disliked[i], 1, 0, biased, t);
    }
    return LB_OK;
}

/* x (dim), a start, receives the place of somebody of whom nothing else is known. */
static lb_status settle(const vasg_model *m, const model_common *common, const taste *who,
                        float *x) {
    logistic_terms terms;
    LB_TRY(collect(m, common, who, &terms));
    lb_status status = logistic_minimise(&terms, m->people.mean, x);
    logistic_free(&terms);
    return status;
}

/* x (dim) receives the place of a trained user with feedback that is new. */
static lb_status update(const vasg_model *m, const model_common *common, const taste *who,
                        const taste *history, float *x) {
    const float *x0 = m->x + (size_t)who->user * m->dim;
    logistic_terms known = {0}, news = {0};
    lb_status status = LB_OK;
    memcpy(x, x0, m->dim * sizeof *x);
    if (!who->n_liked && !who->n_disliked) return LB_OK;
    LB_TRY_CLEANUP(collect(m, common, history, &known));
    LB_TRY_CLEANUP(collect(m, common, who, &news));
    LB_TRY_CLEANUP(logistic_add_information(&known, x0, news.precision));
    LB_TRY_CLEANUP(logistic_minimise(&news, x0, x));
cleanup:
    logistic_free(&known);
    logistic_free(&news);
    return status;
}

/* ---- trained users */

typedef struct settling {
    vasg_model *m;
    const model_common *common;
    size_t first;
} settling;

static lb_status settle_users(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const settling *c = context;
    size_t dim = c->m->dim;
    lb_status status = LB_OK;
    float *place;
    LB_TRY(NEW_ARRAY(place, dim));
    for (size_t u = c->first + begin; u < c->first + end; u++) {
        taste history = history_of(c->common, u);
        float *x = c->m->x + u * dim;
        if (!history.n_liked) continue;
        memcpy(place, x, dim * sizeof *x);
        LB_TRY_CLEANUP(settle(c->m, c->common, &history, place));
        for (size_t d = 0; d < dim; d++) x[d] = (x[d] + place[d]) / 2;
    }
cleanup:
    free(place);
    return status;
}

lb_status vasg_settle_users(job *j, vasg_model *m, const model_common *common, const split *s) {
    density d = density_of(s);
    // in training a user's vector decays once per pair as the centre and once each time it is a
    // context or a negative
    double pull = m->lambda * (2 + m->negatives) * d.n_train / d.n_users;
    LB_TRY(user_prior_fit(j, s, m->x, m->dim, 1 / fmax(pull, LOGISTIC_LEAST_PULL), &m->people));
    settling c = {m, common, 0};
    for (; c.first < m->n_users; c.first += USERS_PER_STEP) {
        size_t n = m->n_users - c.first < USERS_PER_STEP ? m->n_users - c.first : USERS_PER_STEP;
        LB_TRY(job_progress(j, "places of users", "users", c.first, m->n_users));
        LB_TRY(job_run_range(j, n, USERS_PER_PIECE, settle_users, &c));
    }
    return job_progress(j, "places of users", "users", m->n_users, m->n_users);
}

/* ---- the query */

/* q of what is liked and, for a trained user, was bought. */
static lb_status summarise(const vasg_model *m, const taste *who, const taste *history, float *q) {
    uint32_t *all;
    LB_TRY(NEW_ARRAY(all, history->n_liked + who->n_liked));
    size_t n = 0;
    for (size_t i = 0; i < history->n_liked; i++) all[n++] = history->liked[i];
    for (size_t i = 0; i < who->n_liked; i++)
        if (!rows_hold(history->liked, history->n_liked, who->liked[i])) all[n++] = who->liked[i];
    spectral_fold_in(&m->spectral, all, n, q);
    free(all);
    return LB_OK;
}

lb_status vasg_fold_in(const void *state, const model_common *common, const taste *who,
                       float *const query[MODEL_MAX_PARTS]) {
    const vasg_model *m = state;
    taste history = {.n_liked = 0};
    float *x = NULL, *q = NULL;
    lb_status status = LB_OK;
    if (who->user >= 0) history = history_of(common, (size_t)who->user);
    LB_TRY_CLEANUP(NEW_ARRAY(x, m->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(q, m->spectral.rank));
    // of whom nothing is known x is zero: popularity decides
    if (history.n_liked) {
        LB_TRY_CLEANUP(update(m, common, who, &history, x));
    } else if (who->n_liked || who->n_disliked) {
        memcpy(x, m->people.mean, m->dim * sizeof *x);
        LB_TRY_CLEANUP(settle(m, common, who, x));
    }
    LB_TRY_CLEANUP(summarise(m, who, &history, q));
    vasg_query(m, x, q, query);
cleanup:
    free(x);
    free(q);
    return status;
}
