#include "model/ease.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "eval/eval.h"
#include "graph/bipartite.h"
#include "math/linalg.h"
#include "model/evaluation.h"
#include "model/tensors.h"

enum { ROWS_PER_PIECE = 32, LIST = 20 };

static const double USUAL_L2 = 250;
static const double L2_GRID[] = {30, 100, 300, 1000, 3000};
enum { GRID = sizeof L2_GRID / sizeof *L2_GRID };

#define FIELD(member) offsetof(ease_options, member)

static const option_field fields[] = {
    {"l2", OPTION_REAL, FIELD(l2), -1, -1, 1e9, NULL,
     "ridge; -1 = the best of 30, 100, 300, 1000, 3000 on validation pairs, 250 without any"},
    {"max-products", OPTION_INT, FIELD(max_products), 20000, 1, 100000, NULL,
     "refuse more products than that: memory grows with their square, time with the cube"},
};

static const option_table ease_option_table = {fields, sizeof fields / sizeof *fields,
                                               sizeof(ease_options)};

static void ease_free(void *state) {
    ease_model *m = state;
    if (!m) return;
    free(m->product);
    free(m->row_of);
    free(m->weight);
    free(m);
}

/* A model of the warm products, without weights. */
static lb_status ease_new(const model_common *common, ease_model **out) {
    ease_model *m;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(m, 1));
    LB_TRY_CLEANUP(NEW_ARRAY(m->product, common->n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(m->row_of, common->n_products));
    for (uint32_t p = 0; p < common->n_products; p++) {
        m->row_of[p] = common->degree[p] ? (int32_t)m->n : -1;
        if (common->degree[p]) m->product[m->n++] = p;
    }
    *out = m;
    m = NULL;
cleanup:
    ease_free(m);
    return status;
}

/* ---- the closed form */

typedef struct gram_context {
    const ease_model *model;
    const bipartite *graph;
    double *gram; // (n, n)
} gram_context;

/* Rows of the lower triangle of X^T X: how many users bought both. */
static lb_status count_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const gram_context *c = context;
    const ease_model *m = c->model;
    const bipartite *g = c->graph;
    for (size_t i = begin; i < end; i++) {
        size_t node = (size_t)g->n_users + m->product[i];
        double *row = c->gram + i * m->n;
        memset(row, 0, m->n * sizeof *row);
        for (size_t k = g->start[node]; k < g->start[node + 1]; k++) {
            size_t user = g->neighbour[k];
            for (size_t e = g->start[user]; e < g->start[user + 1] && g->neighbour[e] <= node; e++)
                row[m->row_of[g->neighbour[e] - g->n_users]]++;
        }
    }
    return LB_OK;
}

/* Fills m->weight for one l2; gram and inverse are scratch (n, n). */
static lb_status solve(job *j, const bipartite *g, double l2, ease_model *m, double *gram,
                       double *inverse) {
    size_t n = m->n;
    gram_context c = {m, g, gram};
    LB_TRY(job_run_range(j, n, ROWS_PER_PIECE, count_rows, &c));
    memset(inverse, 0, n * n * sizeof *inverse);
    for (size_t i = 0; i < n; i++) {
        gram[i * n + i] += l2;
        inverse[i * n + i] = 1;
    }
    lb_status status = cholesky_factor(j, gram, n);
    if (status == LB_E_NUMERIC)
        return status_fail(LB_E_NUMERIC, "ease: l2 = %g is too little for this data; raise it", l2);
    LB_TRY(status);
    LB_TRY(cholesky_solve(j, gram, n, inverse, n));
    for (size_t k = 0; k < n; k++) {
        const double *row = inverse + k * n;
        for (size_t i = 0; i < n; i++)
            m->weight[k * n + i] = i == k ? 0 : (float)(-row[i] / row[k]);
    }
    m->l2 = l2;
    return LB_OK;
}

/* ---- scores */

/* Sums in the order of the user's products. */
static lb_status score(const void *state, const model_common *common, const uint32_t *users,
                       size_t n_users, float *out) {
    const ease_model *m = state;
    for (size_t i = 0; i < n_users * common->n_products; i++) out[i] = -INFINITY;
    for (size_t k = 0; k < m->n; k++) {
        const float *weight = m->weight + k * m->n;
        for (size_t u = 0; u < n_users; u++) {
            double sum = 0;
            for (uint32_t e = common->user_start[users[u]]; e < common->user_start[users[u] + 1];
                 e++)
                sum += (double)weight[m->row_of[common->product[e]]];
            out[u * common->n_products + m->product[k]] = (float)sum;
        }
    }
    return LB_OK;
}

static size_t parts(const void *state, model_part part[MODEL_MAX_PARTS]) {
    const ease_model *m = state;
    part[0] = (model_part){m->n, m->n, m->product, m->weight};
    return 1;
}

/* The user's row of X, extended by what is liked (1) and disliked (-1). */
static lb_status fold_in(const void *state, const model_common *common, const taste *who,
                         float *const query[MODEL_MAX_PARTS]) {
    const ease_model *m = state;
    memset(query[0], 0, m->n * sizeof **query);
    if (who->user >= 0)
        for (uint32_t k = common->user_start[who->user]; k < common->user_start[who->user + 1]; k++)
            query[0][m->row_of[common->product[k]]] = 1;
    for (size_t i = 0; i < who->n_liked; i++)
        if (m->row_of[who->liked[i]] >= 0) query[0][m->row_of[who->liked[i]]] = 1;
    for (size_t i = 0; i < who->n_disliked; i++)
        if (m->row_of[who->disliked[i]] >= 0) query[0][m->row_of[who->disliked[i]]] = -1;
    return LB_OK;
}

static lb_status query_user(const void *state, const model_common *common, uint32_t user,
                            float *const query[MODEL_MAX_PARTS]) {
    return fold_in(state, common, &(taste){.user = user}, query);
}

/* ---- the choice of l2 */

typedef struct candidate {
    const ease_model *model;
    const model_common *common;
} candidate;

static lb_status score_candidate(void *context, const uint32_t *users, size_t n, float *scores,
                                 unsigned worker) {
    (void)worker;
    const candidate *c = context;
    return score(c->model, c->common, users, n, scores);
}

/* Mean Recall@20 of the warm validation pairs among warm products; -1 if there are none. */
static lb_status measure(job *j, const split *s, candidate *c, double *recall) {
    eval_input input = evaluation_input(s, s->valid, s->n_valid, NULL, 0);
    eval_result *result;
    double sum = 0;
    size_t n = 0;
    LB_TRY(eval_run(j, &input, score_candidate, c, LIST, &result));
    for (size_t i = 0; i < result->n_users; i++) {
        double value = eval_value(result, i, EVAL_WARM, EVAL_OWN, EVAL_RECALL);
        if (isnan(value)) continue;
        sum += value;
        n++;
    }
    *recall = n ? sum / (double)n : -1;
    eval_result_free(result);
    return LB_OK;
}

static int has_warm_pairs(const split *s) {
    for (size_t i = 0; i < s->n_valid; i++)
        if (s->degree[s->valid[i].product]) return 1;
    return 0;
}

static lb_status choose(job *j, const split *s, const model_common *common, const bipartite *g,
                        ease_model *m, double *gram, double *inverse) {
    candidate c = {m, common};
    double best = -1, best_l2 = USUAL_L2;
    for (size_t i = 0; i < GRID; i++) {
        double recall;
        LB_TRY(solve(j, g, L2_GRID[i], m, gram, inverse));
        LB_TRY(measure(j, s, &c, &recall));
        job_note(j, "ease", "l2 %g: validation Recall@%d %.4f", L2_GRID[i], LIST, recall);
        if (recall > best) {
            best = recall;
            best_l2 = L2_GRID[i];
        }
        LB_TRY(job_progress(j, "ease", "fits", i + 1, GRID));
    }
    return m->l2 == best_l2 ? LB_OK : solve(j, g, best_l2, m, gram, inverse);
}

static lb_status check_size(const ease_model *m, const ease_options *o) {
    double gigabytes = 16 * (double)m->n * (double)m->n * 1e-9;
    if (m->n == 0) return status_fail(LB_E_EMPTY, "no interactions to learn from");
    if (m->n <= (uint32_t)o->max_products) return LB_OK;
    return status_fail(
        LB_E_UNSUPPORTED,
        "ease: %u products are more than max-products = %d; raise it (training takes "
        "%.1f GB and long) or choose another model",
        m->n, o->max_products, gigabytes);
}

static lb_status fit(job *j, const fit_input *in, const model_common *common, const void *options,
                     void **state) {
    const ease_options *o = options;
    const split *s = in->split;
    ease_model *m = NULL;
    bipartite *g = NULL;
    double *gram = NULL, *inverse = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(ease_new(common, &m));
    LB_TRY_CLEANUP(check_size(m, o));
    LB_TRY_CLEANUP(bipartite_new(s->n_users, s->n_products, s->user_start, s->product, NULL, &g));
    LB_TRY_CLEANUP(NEW_ARRAY(m->weight, (size_t)m->n * m->n));
    LB_TRY_CLEANUP(NEW_ARRAY(gram, (size_t)m->n * m->n));
    LB_TRY_CLEANUP(NEW_ARRAY(inverse, (size_t)m->n * m->n));
    if (o->l2 < 0 && has_warm_pairs(s))
        LB_TRY_CLEANUP(choose(j, s, common, g, m, gram, inverse));
    else
        LB_TRY_CLEANUP(solve(j, g, o->l2 < 0 ? USUAL_L2 : o->l2, m, gram, inverse));
    *state = m;
    m = NULL;
cleanup:
    free(gram);
    free(inverse);
    bipartite_free(g);
    ease_free(m);
    return status;
}

/* ---- files: ease.weight (n, n) as in memory */

static lb_status save(const void *state, st_writer *w) {
    const ease_model *m = state;
    LB_TRY(tensor_write_number(w, "ease.l2", m->l2));
    return tensor_write_f32(w, "ease.weight", m->n, m->n, m->weight);
}

/* Every product of a history has a row, as the scores rely on. */
static lb_status check_histories(const ease_model *m, const model_common *common) {
    for (uint32_t k = 0; k < common->user_start[common->n_users]; k++)
        if (m->row_of[common->product[k]] < 0)
            return status_fail(LB_E_FORMAT,
                               "tensor train.degree: product %u was bought, but its degree is 0",
                               common->product[k]);
    return LB_OK;
}

static lb_status load(const st_reader *r, const model_common *common, void **state) {
    ease_model *m = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(ease_new(common, &m));
    LB_TRY_CLEANUP(check_histories(m, common));
    LB_TRY_CLEANUP(tensor_read_number(r, "ease.l2", &m->l2));
    LB_TRY_CLEANUP(tensor_read_f32(r, "ease.weight", m->n, m->n, &m->weight, NULL, NULL));
    *state = m;
    m = NULL;
cleanup:
    ease_free(m);
    return status;
}

const model_class ease_class = {
    .name = "ease",
    .seedless = true,
    .summary = "linear autoencoder in closed form, warm products only (a reference)",
    .options = &ease_option_table,
    .fit = fit,
    .free = ease_free,
    .save = save,
    .load = load,
    .parts = parts,
    .query_user = query_user,
    .fold_in = fold_in,
    .score = score,
};
