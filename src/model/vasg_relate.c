/*
 * Which products are bought together. A pair is likely where both are bought much and where the
 * same people buy them. Somebody who bought a stands off the mean user in the direction in which a
 * stands off the mean product mu (that of the mean warm vector), c times as far, so that the
 * log-odds of b rise by c (x_a - mu) . (x_b - mu) over its level, what they are for the mean user:
 *     score(a, b) = l_a + l_b + c (x_a - mu) . (x_b - mu),   l_p = xbar . x_p + b_p.
 * c is the least squares of x_u - xbar on x_p - mu over the training interactions: how long the
 * vectors of users are beside those of products is nothing that the ranking settles.
 * The level and place of a completely cold product are what its feature predicts; of one without,
 * the mean ones.
 */
#include <string.h>

#include "core/memory.h"
#include "math/vector.h"
#include "model/vasg.h"

static double buyer_scale(const vasg_model *m, const split *s, const float *mean_user) {
    double both = 0, squares = 0;
    for (size_t u = 0; u < s->n_users; u++)
        for (size_t k = s->user_start[u]; k < s->user_start[u + 1]; k++) {
            const float *user = m->x + u * m->dim;
            const float *product = m->embedding + (size_t)s->product[k] * m->dim;
            for (size_t d = 0; d < m->dim; d++) {
                double off = (double)product[d] - (double)m->mean_warm[d];
                both += off * ((double)user[d] - (double)mean_user[d]);
                squares += off * off;
            }
        }
    return squares > 0 ? both / squares : 0;
}

lb_status vasg_build_levels(vasg_model *m, const split *s) {
    double sum = 0;
    float *mean_user;
    LB_TRY(NEW_ARRAY(mean_user, m->dim));
    cold_mean_user(s, m->x, m->dim, mean_user);
    for (size_t i = 0; i < m->n_warm; i++) {
        size_t p = m->warm[i];
        double level = vec_dot_wide(mean_user, m->embedding + p * m->dim, m->dim);
        m->level[p] = (float)(level + (double)m->bias[p]);
        sum += (double)m->level[p];
    }
    m->buyer_scale = buyer_scale(m, s, mean_user);
    free(mean_user);
    // of a product drawn at random: weighted by trust the mean would be that of popular ones
    float mean = (float)(sum / m->n_warm);
    for (size_t i = 0; i < m->n_cold; i++) m->level[m->unseen[i]] += mean;
    return LB_OK;
}

/* x_p - mu; zero for a product without a place. */
static void centre(const vasg_model *m, uint32_t product, float *out) {
    const float *x = m->embedding + (size_t)product * m->dim;
    memcpy(out, x, m->dim * sizeof *out);
    if (vec_norm(x, m->dim) > 0) vec_axpy(out, -1, m->mean_warm, m->dim);
}

lb_status vasg_relate(const void *state, const model_common *common, const relation *pairs,
                      size_t n, float *scores) {
    (void)common;
    const vasg_model *m = state;
    float *a;
    LB_TRY(NEW_ARRAY(a, 2 * (size_t)m->dim));
    float *b = a + m->dim;
    for (size_t i = 0; i < n; i++) {
        centre(m, pairs[i].a, a);
        centre(m, pairs[i].b, b);
        scores[i] = (float)m->buyer_scale * vec_dot(a, b, m->dim) + m->level[pairs[i].a] +
                    m->level[pairs[i].b];
    }
    free(a);
    return LB_OK;
}
