/* What is watched while `vasg-paper` trains: losses, task weights, the mean cosine between users,
 * the AUC on validation pairs; and the best state, kept. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "math/vector.h"
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

lb_status paper_watch_new(const paper_trainer *t, const split *s, paper_watch *out) {
    paper_watch w = {.split = s, .auc = NAN, .cosine = NAN, .first_cosine = NAN};
    lb_status status = LB_OK;
    w.best.auc = -1;
    w.measure = curve_has_warm_validation(s);
    w.keep = w.measure && t->options->stop == PAPER_STOP_VALIDATION;
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

/* AUC of warm validation products among warm candidates, by cosine. */
static lb_status validate(job *j, const paper_trainer *t, const split *s, double *auc) {
    float *unit;
    double kinds[EVAL_KINDS];
    LB_TRY(NEW_ARRAY(unit, t->n_nodes * t->dim));
    memcpy(unit, t->x, t->n_nodes * t->dim * sizeof *unit);
    for (size_t i = 0; i < t->n_nodes; i++) vec_normalise(unit + i * t->dim, t->dim);
    curve_space space = {.user = unit,
                         .product = unit + (size_t)s->n_users * t->dim,
                         .n_products = s->n_products,
                         .dim = t->dim};
    lb_status status = curve_auc(j, s, curve_score, &space, kinds);
    free(unit);
    *auc = kinds[EVAL_WARM];
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

static lb_status record(const paper_watch *w) {
    const curve_value values[] = {
        {CURVE_LOSS, w->n ? w->skipgram / (double)w->n : NAN},
        {CURVE_FEATURE_LOSS, w->n_rebuilt ? w->mse / (double)w->n_rebuilt : NAN},
        {CURVE_AUC_WARM, w->auc},
        {CURVE_USER_COSINE, w->cosine},
    };
    return curve_add(w->curve, w->epoch, values, sizeof values / sizeof *values);
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
    w->cosine = curve_user_cosine(w->split, t->x, t->dim, t->dim);
    if (w->measure) LB_TRY(validate(j, t, w->split, &w->auc));
    if (t->step == 0) w->first_cosine = w->cosine;
    log_state(j, w, t);
    LB_TRY(record(w));
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
