/*
 * `vasg-paper` in files. A model: paper.user (n_users, D), paper.product (n_products, D),
 * paper.kind (n_products), paper.weights (2: s1, s2), and the networks decoder.* and encoder.*
 * where there was a feature. A checkpoint: x, m, v (rows, D), the decoder with moments, numbers,
 * best.x, best.decoder; its metadata say what it is valid for.
 */
#include <math.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "model/checkpoint.h"
#include "model/paper_train.h"

/* ---------------------------------------------------------------- models */

static lb_status save_options(const paper_model *m, st_writer *w) {
    char *text = options_print(&paper_option_table, &m->options);
    if (!text) return LB_E_NOMEM;
    lb_status status = st_writer_metadata(w, "paper.options", text);
    free(text);
    return status;
}

lb_status paper_save(const void *state, st_writer *w) {
    const paper_model *m = state;
    const size_t users[2] = {m->n_users, m->dim}, products[2] = {m->n_products, m->dim},
                 two[1] = {2};
    LB_TRY(save_options(m, w));
    LB_TRY(st_writer_tensor(w, "paper.user", ST_F32, users, 2, m->user));
    LB_TRY(st_writer_tensor(w, "paper.product", ST_F32, products, 2, m->product));
    LB_TRY(st_writer_tensor(w, "paper.kind", ST_U8, products, 1, m->kind));
    LB_TRY(st_writer_tensor(w, "paper.weights", ST_F64, two, 1, m->weights));
    if (!m->decoder) return LB_OK;
    LB_TRY(autoencoder_save(w, "decoder", m->decoder, m->decoder_relu));
    return autoencoder_save(w, "encoder", m->encoder,
                            m->options.encoder_output == PAPER_ENCODER_RELU);
}

/* One "name=value" a line. */
static lb_status load_options(const st_reader *r, paper_options *out) {
    const char *text = st_reader_metadata(r, "paper.options");
    options_init(&paper_option_table, out);
    while (text && *text) {
        size_t length = strcspn(text, "\n");
        char *line = memory_bytes(text, length);
        if (!line) return LB_E_NOMEM;
        lb_status status = options_set(&paper_option_table, out, line);
        free(line);
        if (status != LB_OK) return status_prefix(LB_E_FORMAT, "the model's options");
        text += length + (text[length] == '\n');
    }
    return LB_OK;
}

static lb_status load_floats(const st_reader *r, const char *name, size_t *shape, float **out) {
    const void *data;
    LB_TRY(st_reader_find(r, name, ST_F32, 2, shape, &data));
    size_t n = shape[0] * shape[1];
    const float *values = data;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return status_fail(LB_E_FORMAT, "tensor \"%s\": value %zu is not finite", name, i);
    LB_TRY(NEW_ARRAY(*out, n));
    if (n) memcpy(*out, values, n * sizeof *values);
    return LB_OK;
}

static lb_status load_tensors(const st_reader *r, paper_model *m) {
    size_t users[2] = {m->n_users, ST_ANY}, products[2] = {m->n_products, ST_ANY}, two[1] = {2};
    const void *data;
    LB_TRY(load_floats(r, "paper.user", users, &m->user));
    if (users[1] < 1 || users[1] > 1u << 20)
        return status_fail(LB_E_FORMAT, "tensor \"paper.user\": %zu dimensions", users[1]);
    products[1] = users[1];
    m->dim = (uint32_t)users[1];
    LB_TRY(load_floats(r, "paper.product", products, &m->product));
    LB_TRY(st_reader_find(r, "paper.kind", ST_U8, 1, products, &data));
    LB_TRY(NEW_ARRAY(m->kind, m->n_products));
    if (m->n_products) memcpy(m->kind, data, m->n_products);
    for (uint32_t p = 0; p < m->n_products; p++)
        if (m->kind[p] > PAPER_COLD)
            return status_fail(LB_E_FORMAT, "tensor \"paper.kind\": product %u is of kind %u", p,
                               m->kind[p]);
    LB_TRY(st_reader_find(r, "paper.weights", ST_F64, 1, two, &data));
    memcpy(m->weights, data, sizeof m->weights);
    return LB_OK;
}

static lb_status load_networks(const st_reader *r, paper_model *m) {
    lb_status status = autoencoder_load(r, "decoder", m->dim, ST_ANY, &m->decoder,
                                        &m->decoder_relu);
    if (status == LB_E_NOT_FOUND) return LB_OK; // trained without a feature
    LB_TRY(status);
    mlp_layer last = mlp_layer_at(m->decoder, mlp_n_layers(m->decoder) - 1);
    return autoencoder_load(r, "encoder", last.out, m->dim, &m->encoder, NULL);
}

lb_status paper_load(const st_reader *r, const model_common *common, void **state) {
    paper_model *m;
    lb_status status;
    LB_TRY(NEW_ARRAY(m, 1));
    m->n_users = common->n_users;
    m->n_products = common->n_products;
    LB_TRY_CLEANUP(load_options(r, &m->options));
    LB_TRY_CLEANUP(load_tensors(r, m));
    LB_TRY_CLEANUP(load_networks(r, m));
    LB_TRY_CLEANUP(paper_build_parts(m));
    *state = m;
    m = NULL;
cleanup:
    paper_free(m);
    return status;
}

/* ---------------------------------------------------------------- checkpoints */

/* What a checkpoint holds beside arrays; whole numbers are exact in a double below 2^53. */
enum {
    NUMBER_STEP,
    NUMBER_DECODER_STEPS,
    NUMBER_NEXT,
    NUMBER_MEASURED,
    NUMBER_FIRST_COSINE,
    NUMBER_BEST_COSINE,
    NUMBER_BEST_AUC,
    NUMBER_BEST_STEP,
    NUMBER_EPOCH,
    NUMBER_SKIPGRAM,
    NUMBER_MSE,
    NUMBER_PAIRS,
    NUMBER_REBUILT,
    NUMBER_BEST_S,                     // 2
    NUMBER_WEIGHT = NUMBER_BEST_S + 2, // s, m, v of both
    NUMBERS = NUMBER_WEIGHT + 6
};

static void numbers_get(const paper_trainer *t, const paper_watch *w, double out[NUMBERS]) {
    out[NUMBER_STEP] = (double)t->step;
    out[NUMBER_DECODER_STEPS] = t->decoder ? (double)mlp_steps(t->decoder) : 0;
    out[NUMBER_NEXT] = (double)w->next;
    out[NUMBER_MEASURED] = (double)w->measured;
    out[NUMBER_FIRST_COSINE] = w->first_cosine;
    out[NUMBER_BEST_COSINE] = w->best_cosine;
    out[NUMBER_BEST_AUC] = w->best.auc;
    out[NUMBER_BEST_STEP] = (double)w->best.step;
    out[NUMBER_EPOCH] = w->epoch;
    out[NUMBER_SKIPGRAM] = w->skipgram;
    out[NUMBER_MSE] = w->mse;
    out[NUMBER_PAIRS] = (double)w->n;
    out[NUMBER_REBUILT] = (double)w->n_rebuilt;
    for (int i = 0; i < 2; i++) {
        out[NUMBER_BEST_S + i] = w->best.s[i];
        out[NUMBER_WEIGHT + 3 * i] = t->weight[i].s;
        out[NUMBER_WEIGHT + 3 * i + 1] = t->weight[i].m;
        out[NUMBER_WEIGHT + 3 * i + 2] = t->weight[i].v;
    }
}

static void numbers_put(const double in[NUMBERS], paper_trainer *t, paper_watch *w) {
    t->step = (uint64_t)in[NUMBER_STEP];
    w->next = (uint64_t)in[NUMBER_NEXT];
    w->measured = (uint64_t)in[NUMBER_MEASURED];
    w->first_cosine = in[NUMBER_FIRST_COSINE];
    w->best_cosine = in[NUMBER_BEST_COSINE];
    w->best.auc = in[NUMBER_BEST_AUC];
    w->best.step = (uint64_t)in[NUMBER_BEST_STEP];
    w->epoch = in[NUMBER_EPOCH];
    w->skipgram = in[NUMBER_SKIPGRAM];
    w->mse = in[NUMBER_MSE];
    w->n = (size_t)in[NUMBER_PAIRS];
    w->n_rebuilt = (size_t)in[NUMBER_REBUILT];
    for (int i = 0; i < 2; i++) {
        w->best.s[i] = in[NUMBER_BEST_S + i];
        t->weight[i].s = in[NUMBER_WEIGHT + 3 * i];
        t->weight[i].m = in[NUMBER_WEIGHT + 3 * i + 1];
        t->weight[i].v = in[NUMBER_WEIGHT + 3 * i + 2];
    }
}

static lb_status add_best(st_writer *w, const paper_trainer *t, const paper_best *b) {
    const size_t shape[2] = {t->n_nodes, t->dim}, flat[1] = {b->n_decoder};
    if (!b->x) return LB_OK;
    LB_TRY(st_writer_tensor(w, "best.x", ST_F32, shape, 2, b->x));
    return st_writer_tensor(w, "best.decoder", ST_F32, flat, 1, b->decoder);
}

lb_status paper_checkpoint_write(const paper_trainer *t, const paper_watch *watch,
                                 const char *settings, const fit_input *in) {
    const size_t shape[2] = {t->n_rows, t->dim}, count[1] = {NUMBERS};
    double numbers[NUMBERS];
    st_writer *w;
    lb_status status;
    numbers_get(t, watch, numbers);
    LB_TRY(st_writer_new(&w));
    LB_TRY_CLEANUP(st_writer_metadata(w, "paper.checkpoint", settings));
    LB_TRY_CLEANUP(st_writer_tensor(w, "numbers", ST_F64, count, 1, numbers));
    LB_TRY_CLEANUP(st_writer_tensor(w, "x", ST_F32, shape, 2, t->x));
    LB_TRY_CLEANUP(st_writer_tensor(w, "m", ST_F32, shape, 2, t->m));
    LB_TRY_CLEANUP(st_writer_tensor(w, "v", ST_F32, shape, 2, t->v));
    if (t->decoder) {
        LB_TRY_CLEANUP(autoencoder_save(w, "decoder", t->decoder, t->decoder_relu));
        LB_TRY_CLEANUP(autoencoder_save_moments(w, "decoder", t->decoder));
    }
    LB_TRY_CLEANUP(add_best(w, t, &watch->best));
    LB_TRY_CLEANUP(checkpoint_save(w, in));
cleanup:
    st_writer_free(w);
    return status;
}

static lb_status copy_tensor(const st_reader *r, const char *name, size_t rows, size_t columns,
                             float *out) {
    size_t shape[2] = {rows, columns};
    const void *data;
    LB_TRY(st_reader_find(r, name, ST_F32, columns ? 2 : 1, shape, &data));
    size_t n = rows * (columns ? columns : 1);
    if (n) memcpy(out, data, n * sizeof *out);
    return LB_OK;
}

static lb_status read_state(const st_reader *r, paper_trainer *t, paper_watch *w) {
    static const int counts[] = {NUMBER_STEP,     NUMBER_DECODER_STEPS, NUMBER_NEXT,
                                 NUMBER_MEASURED, NUMBER_BEST_STEP,     NUMBER_PAIRS,
                                 NUMBER_REBUILT};
    size_t count[1] = {NUMBERS};
    const void *data;
    double numbers[NUMBERS];
    LB_TRY(st_reader_find(r, "numbers", ST_F64, 1, count, &data));
    memcpy(numbers, data, sizeof numbers);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (!(numbers[counts[i]] >= 0 && numbers[counts[i]] < 0x1p53))
            return status_fail(LB_E_FORMAT, "tensor \"numbers\": a count is out of range");
    LB_TRY(copy_tensor(r, "x", t->n_rows, t->dim, t->x));
    LB_TRY(copy_tensor(r, "m", t->n_rows, t->dim, t->m));
    LB_TRY(copy_tensor(r, "v", t->n_rows, t->dim, t->v));
    if (t->decoder) {
        LB_TRY(autoencoder_read(r, "decoder", t->decoder));
        LB_TRY(autoencoder_read_moments(r, "decoder", t->decoder,
                                        (uint64_t)numbers[NUMBER_DECODER_STEPS]));
    }
    if (w->best.x) {
        LB_TRY(copy_tensor(r, "best.x", t->n_nodes, t->dim, w->best.x));
        LB_TRY(copy_tensor(r, "best.decoder", w->best.n_decoder, 0, w->best.decoder));
    }
    numbers_put(numbers, t, w);
    return curve_read(r, w->curve);
}

lb_status paper_checkpoint_read(paper_trainer *t, paper_watch *w, const char *settings,
                                const char *path) {
    st_reader *r;
    if (!file_exists(path)) return LB_OK;
    LB_TRY(st_reader_open(path, &r));
    const char *made_with = st_reader_metadata(r, "paper.checkpoint");
    lb_status status;
    if (!made_with || strcmp(made_with, settings) != 0)
        status = status_fail(LB_E_MISMATCH,
                             "%s: an unfinished training with other options, seed "
                             "or data; remove it, or train without --resume",
                             path);
    else
        status = read_state(r, t, w);
    st_reader_close(r);
    return status;
}
