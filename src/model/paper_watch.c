/* What is watched while `vasg-paper` trains: losses, task weights, the mean cosine between users,
 * the AUC on validation pairs; and the best state, kept. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/vector.h"
#include "model/evaluation.h"
#include "model/paper_train.h"

enum { FIRST_STEP = 16 };

static const double COLLAPSING = 0.5; // mean cosine between users above which the log says so

static size_t decoder_size(const mlp *m) {
    size_t n = 0;
    for (size_t i = 0; m && i < mlp_n_layers(m); i++) {
        mlp_layer l = mlp_layer_at(m, i);
        n += l.out * (l.in + 1);
    }
    return n;
}

static size_t warm_validation_pairs(const split *s) {
    size_t n = 0;
    for (size_t i = 0; i < s->n_valid; i++) n += s->degree[s->valid[i].product] > 0;
    return n;
}

lb_status paper_watch_new(const paper_trainer *t, const split *s, paper_watch *out) {
    paper_watch w = {.split = s, .auc = NAN, .cosine = NAN, .first_cosine = NAN};
    lb_status status = LB_OK;
    w.best.auc = -1;
    w.keep = t->options->stop == PAPER_STOP_VALIDATION && warm_validation_pairs(s) > 0;
    if (w.keep) {
        w.best.n_decoder = decoder_size(t->decoder);
        LB_TRY_CLEANUP(NEW_ARRAY(w.best.x, t->n_nodes * t->dim));
        LB_TRY_CLEANUP(NEW_ARRAY(w.best.decoder, w.best.n_decoder));
    }
    *out = w;
    return LB_OK;
cleanup:
    paper_watch_free(&w);
    return status;
}

void paper_watch_free(paper_watch *w) {
    free(w->best.x);
    free(w->best.decoder);
    w->best.x = w->best.decoder = NULL;
}

/* ---------------------------------------------------------------- measuring */

/* Sum over i < j of cos(u_i, u_j) = (|sum of unit vectors|^2 - n) / 2. */
double paper_user_cosine(const paper_trainer *t) {
    double n = 0, squares = 0;
    double *sum = memory_new(t->dim, sizeof *sum);
    if (!sum) return NAN;
    for (size_t u = 0; u < t->graph->n_users; u++) {
        const float *x = t->x + u * t->dim;
        double norm = sqrt(vec_dot_wide(x, x, t->dim));
        if (bipartite_degree(t->graph, u) == 0 || norm == 0) continue;
        for (size_t d = 0; d < t->dim; d++) sum[d] += (double)x[d] / norm;
        n++;
    }
    for (size_t d = 0; d < t->dim; d++) squares += sum[d] * sum[d];
    free(sum);
    return n < 2 ? NAN : (squares - n) / (n * (n - 1));
}

/* Cosines of users with all products, (n, n_products). */
typedef struct scorer {
    const float *unit; // (n_nodes, dim)
    size_t n_users, n_products, dim;
} scorer;

static lb_status score(void *context, const uint32_t *users, size_t n, float *scores,
                       unsigned worker) {
    const scorer *s = context;
    float *queries;
    (void)worker;
    LB_TRY(NEW_ARRAY(queries, n * s->dim));
    for (size_t i = 0; i < n; i++)
        memcpy(queries + i * s->dim, s->unit + users[i] * s->dim, s->dim * sizeof *queries);
    lb_status status = matrix_multiply(0, 1, n, s->n_products, s->dim, 1, queries, s->dim,
                                       s->unit + s->n_users * s->dim, s->dim, 0, scores,
                                       s->n_products);
    free(queries);
    return status;
}

/* AUC of warm validation products among warm candidates. */
static lb_status validate(job *j, const paper_trainer *t, const split *s, double *auc) {
    pair *tests = NULL;
    float *unit = NULL;
    size_t n = 0;
    double all[EVAL_KINDS][EVAL_SETS];
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(tests, s->n_valid));
    LB_TRY_CLEANUP(NEW_ARRAY(unit, t->n_nodes * t->dim));
    for (size_t i = 0; i < s->n_valid; i++)
        if (s->degree[s->valid[i].product] > 0) tests[n++] = s->valid[i];
    memcpy(unit, t->x, t->n_nodes * t->dim * sizeof *unit);
    for (size_t i = 0; i < t->n_nodes; i++) vec_normalise(unit + i * t->dim, t->dim);
    eval_input input = evaluation_input(s, tests, n, NULL, 0);
    scorer scores = {unit, s->n_users, s->n_products, t->dim};
    LB_TRY_CLEANUP(eval_auc_quick(j, &input, score, &scores, all));
    *auc = all[EVAL_WARM][EVAL_OWN];
cleanup:
    free(tests);
    free(unit);
    return status;
}

/* ---------------------------------------------------------------- logging and keeping */

static void keep(paper_watch *w, const paper_trainer *t) {
    paper_best *b = &w->best;
    float *out = b->decoder;
    b->auc = w->auc;
    b->step = t->step;
    w->best_cosine = w->cosine;
    memcpy(b->x, t->x, t->n_nodes * t->dim * sizeof *b->x);
    for (int i = 0; i < 2; i++) b->s[i] = t->weight[i].s;
    for (size_t i = 0; t->decoder && i < mlp_n_layers(t->decoder); i++) {
        mlp_layer l = mlp_layer_at(t->decoder, i);
        mlp_export(t->decoder, i, out, out + l.in * l.out);
        out += l.out * (l.in + 1);
    }
}

static void log_state(job *j, const paper_watch *w, const paper_trainer *t) {
    char losses[128] = "", auc[48] = "";
    if (w->n) snprintf(losses, sizeof losses, "skip-gram loss %.4f, ", w->skipgram / (double)w->n);
    if (w->n_rebuilt)
        snprintf(losses + strlen(losses), sizeof losses - strlen(losses),
                 "feature loss %.5f, s %.3f %.3f, ", w->mse / (double)w->n_rebuilt, t->weight[0].s,
                 t->weight[1].s);
    if (!isnan(w->auc)) snprintf(auc, sizeof auc, ", validation AUC %.4f", w->auc);
    job_note(j, "skip-gram", "batch %llu: %smean cosine between users %.3f%s",
             (unsigned long long)t->step, losses, w->cosine, auc);
}

static void add_loss(paper_watch *w, const paper_loss *l) {
    w->skipgram += l->skipgram * (double)l->n;
    w->mse += l->mse * (double)l->n_rebuilt;
    w->n += l->n;
    w->n_rebuilt += l->n_rebuilt;
}

lb_status paper_watch_step(job *j, paper_watch *w, const paper_trainer *t, bool last) {
    if (!last) add_loss(w, &t->loss);
    if (last ? w->measured == t->step && t->step > 0 : t->step < w->next) return LB_OK;
    w->cosine = paper_user_cosine(t);
    if (w->keep) LB_TRY(validate(j, t, w->split, &w->auc));
    if (t->step == 0) w->first_cosine = w->cosine;
    log_state(j, w, t);
    w->skipgram = w->mse = 0;
    w->n = w->n_rebuilt = 0;
    w->measured = t->step;
    while (w->next <= t->step)
        w->next = w->next ? (uint64_t)ceil((double)w->next * 1.414) : FIRST_STEP;
    if (w->keep && t->step > 0 && w->auc > w->best.auc) keep(w, t);
    return LB_OK;
}

/* Says it where a reader of the log will look: what the objective has done to the space. */
static void log_outcome(job *j, const paper_watch *w, const paper_trainer *t) {
    if (w->cosine > COLLAPSING && t->options->negatives == 0)
        job_note(j, "skip-gram",
                 "the space collapses: the mean cosine between users went from %.3f to %.3f. "
                 "Without negative samples the paper's objective only attracts",
                 w->first_cosine, w->cosine);
    if (w->best.auc < 0)
        job_note(j, "skip-gram", "kept the state after batch %llu, the last%s",
                 (unsigned long long)t->step,
                 w->split->n_valid ? "" : ": there are no validation pairs to stop by");
    else if (w->best.step == t->step)
        job_note(j, "skip-gram",
                 "kept the state after batch %llu, the last and the best: validation AUC %.4f",
                 (unsigned long long)t->step, w->best.auc);
    else
        job_note(j, "skip-gram",
                 "kept the state after batch %llu: validation AUC %.4f, mean cosine %.3f; after "
                 "batch %llu they were %.4f and %.3f",
                 (unsigned long long)w->best.step, w->best.auc, w->best_cosine,
                 (unsigned long long)t->step, w->auc, w->cosine);
}

lb_status paper_watch_finish(job *j, paper_watch *w, paper_trainer *t) {
    const float *in = w->best.decoder;
    log_outcome(j, w, t);
    if (w->best.auc < 0) return LB_OK;
    memcpy(t->x, w->best.x, t->n_nodes * t->dim * sizeof *t->x);
    for (int i = 0; i < 2; i++) t->weight[i].s = w->best.s[i];
    for (size_t i = 0; t->decoder && i < mlp_n_layers(t->decoder); i++) {
        mlp_layer l = mlp_layer_at(t->decoder, i);
        mlp_import(t->decoder, i, in, in + l.in * l.out);
        in += l.out * (l.in + 1);
    }
    return LB_OK;
}
