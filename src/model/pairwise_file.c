/*
 * Checkpoints of `bpr` and `vbpr`: the table (user, product, bias, look_bias, map, map_bias), the
 * moments of Adam, the best state so far (best.*) and the curve.
 */
#include <limits.h>

#include "core/memory.h"
#include "model/checkpoint.h"
#include "model/pairwise.h"
#include "model/tensors.h"

/* An array of the state: its name in the file, its shape and where it is. */
typedef struct part {
    const char *name;
    size_t rows, columns;
    float **at;
} part;

enum { MAX_PARTS = 14 };

static size_t list_parts(pairwise_table *t, pairwise_progress *p, part out[MAX_PARTS]) {
    const size_t width = pairwise_width(t), n_users = t->n_users, n_products = t->n_products,
                 map = t->n_components;
    const part table[] = {{"user", n_users, width, &t->user},
                          {"product", n_products, width, &t->product},
                          {"bias", n_products, 1, &t->bias},
                          {"look_bias", n_products, 1, &t->look_bias}};
    const part look[] = {{"map", t->visual_dim, map, &t->map},
                         {"map_bias", 1, map, &t->map_bias},
                         {"moment1", (size_t)t->visual_dim + 1, map, &p->moments[0]},
                         {"moment2", (size_t)t->visual_dim + 1, map, &p->moments[1]}};
    const part best[] = {
        {"best.user", n_users, width, &p->user},   {"best.product", n_products, width, &p->product},
        {"best.bias", n_products, 1, &p->bias},    {"best.look_bias", n_products, 1, &p->look_bias},
        {"best.map", t->visual_dim, map, &p->map}, {"best.map_bias", 1, map, &p->map_bias}};
    size_t n = 0;
    for (size_t i = 0; i < 4; i++) out[n++] = table[i];
    for (size_t i = 0; t->visual_dim && i < 4; i++) out[n++] = look[i];
    for (size_t i = 0; p->user && i < (t->visual_dim ? 6 : 4); i++) out[n++] = best[i];
    return n;
}

lb_status pairwise_checkpoint_write(const char *name, const fit_input *in,
                                    const model_common *common, const pairwise_table *t,
                                    const pairwise_progress *p) {
    pairwise_table table = *t;
    pairwise_progress progress = *p;
    part parts[MAX_PARTS];
    size_t n = list_parts(&table, &progress, parts);
    st_writer *w = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(checkpoint_new(name, in, common, &w));
    LB_TRY_CLEANUP(tensor_write_number(w, "epoch", p->epoch));
    LB_TRY_CLEANUP(tensor_write_number(w, "map_step", (double)p->map_step));
    LB_TRY_CLEANUP(tensor_write_number(w, "best_epoch", p->best_epoch));
    LB_TRY_CLEANUP(tensor_write_number(w, "best_auc", p->best_auc));
    for (size_t i = 0; i < n; i++)
        LB_TRY_CLEANUP(
            tensor_write_f32(w, parts[i].name, parts[i].rows, parts[i].columns, *parts[i].at));
    LB_TRY_CLEANUP(checkpoint_save(w, in));
cleanup:
    st_writer_free(w);
    return status;
}

static lb_status read_state(const st_reader *r, pairwise_table *t, pairwise_progress *p) {
    uint64_t epoch, best_epoch;
    part parts[MAX_PARTS];
    size_t n = list_parts(t, p, parts);
    LB_TRY(checkpoint_count(r, "epoch", INT_MAX, &epoch));
    LB_TRY(checkpoint_count(r, "best_epoch", epoch, &best_epoch));
    LB_TRY(checkpoint_count(r, "map_step", CHECKPOINT_MOST, &p->map_step));
    LB_TRY(tensor_read_number(r, "best_auc", &p->best_auc));
    for (size_t i = 0; i < n; i++) {
        float *read;
        LB_TRY(
            tensor_read_f32(r, parts[i].name, parts[i].rows, parts[i].columns, &read, NULL, NULL));
        free(*parts[i].at);
        *parts[i].at = read;
    }
    p->epoch = (int)epoch;
    p->best_epoch = (int)best_epoch;
    return curve_read(r, t->curve);
}

lb_status pairwise_checkpoint_read(job *j, const char *name, const fit_input *in,
                                   const model_common *common, pairwise_table *t,
                                   pairwise_progress *p) {
    st_reader *r;
    LB_TRY(checkpoint_open(j, name, in, common, &r));
    if (!r) return LB_OK;
    lb_status status = read_state(r, t, p);
    if (status == LB_OK) job_note(j, name, "going on after epoch %d", p->epoch);
    st_reader_close(r);
    return status;
}
