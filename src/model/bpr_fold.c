/*
 * Fold-in: the vector of somebody known by liked products, or of a trained user with new feedback.
 * It minimises the training loss over x = [g_u; th_u] with products fixed,
 *   sum over triples (i, j) of softplus(x_uj - x_ui) + 1/2 sum over d of pull_d (x_d - x0_d)^2,
 * by Newton steps: the loss is strictly convex in x. Triples are each liked product against random
 * warm ones, and random warm ones against each disliked.
 */
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/vector.h"
#include "model/bpr.h"
#include "model/logistic.h"

enum { OTHERS = 5 };

typedef struct fold {
    const bpr_model *m;
    size_t width;
    float *difference;    // (terms.n, width) of each triple's vectors
    logistic_terms terms; // all to be positive
} fold;

/* A product against OTHERS random ones, seeded by the product, so that the order of the products
 * does not matter. */
static void add_product(fold *f, const model_common *common, const taste *who, uint32_t product,
                        int liked) {
    const bpr_model *m = f->m;
    const float *vector = m->product + product * f->width;
    random_stream r = random_open(common->seed, liked ? "bpr fold-in" : "bpr dislikes", product);
    for (int k = 0; k < OTHERS && m->n_warm; k++) {
        uint32_t other = m->warm[random_below(&r, m->n_warm)];
        if (rows_hold(who->liked, who->n_liked, other) || other == product) continue;
        float *to = f->difference + f->terms.n * f->width, sign = liked ? 1 : -1;
        memcpy(to, vector, f->width * sizeof *to);
        vec_axpy(to, -1, m->product + other * f->width, f->width);
        vec_scale(to, sign, f->width);
        logistic_add(&f->terms, to, (double)(sign * (m->bias[product] - m->bias[other])), 1, 1);
    }
}

lb_status bpr_fold_in(const void *state, const model_common *common, const taste *who,
                      float *const query[MODEL_MAX_PARTS]) {
    const bpr_model *m = state;
    fold f = {.m = m, .width = (size_t)m->dim + m->visual_dim};
    size_t most = OTHERS * (who->n_liked + who->n_disliked), history = 0;
    float *x0 = NULL, *x = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(f.difference, most * f.width));
    LB_TRY_CLEANUP(logistic_new(most, f.width, &f.terms));
    LB_TRY_CLEANUP(NEW_ARRAY(x0, f.width));
    LB_TRY_CLEANUP(NEW_ARRAY(x, f.width));
    if (who->user >= 0) {
        memcpy(x0, m->user + (size_t)who->user * f.width, f.width * sizeof *x);
        history = common->user_start[who->user + 1] - common->user_start[who->user];
    }
    memcpy(x, x0, f.width * sizeof *x);
    for (size_t i = 0; i < who->n_liked; i++) add_product(&f, common, who, who->liked[i], 1);
    for (size_t i = 0; i < who->n_disliked; i++) add_product(&f, common, who, who->disliked[i], 0);
    double triples = (double)f.terms.n + (double)(history * OTHERS);
    for (size_t d = 0; d < f.width; d++)
        logistic_pull(&f.terms, d, (d < m->dim ? m->l2 : m->l2_visual) * triples);
    if (f.terms.n) LB_TRY_CLEANUP(logistic_minimise(&f.terms, x0, x));
    for (int i = 0; i < 2; i++) {
        memcpy(query[i], x, f.width * sizeof *x);
        query[i][f.width] = 1;
    }
cleanup:
    free(f.difference);
    logistic_free(&f.terms);
    free(x0);
    free(x);
    return status;
}
