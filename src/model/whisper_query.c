/* Who asks for what, as vectors of whisper's partitions. */
#include <string.h>

#include "core/memory.h"
#include "math/vector.h"
#include "model/whisper.h"

/* v (dim): what the layer `text` makes of a text; *said = whether it has words. */
static lb_status read_text(const whisper_model *m, const whisper_lexicon *l, const char *text,
                           float *v, bool *said) {
    size_t dim = m->net.dim;
    const whisper_words *w = l ? &l->all : &m->words;
    subwords scratch = {0};
    float *r;
    LB_TRY(NEW_ARRAY(r, w->width + WHISPER_SKETCH_DIM));
    lb_status status = whisper_words_read(w, text, &scratch, r);
    *said = scratch.n > 0;
    if (status == LB_OK && l) {
        const whisper_layout *layout = &m->net.layout;
        for (uint32_t k = 0; k < layout->n_requests; k++)
            vec_scale(r + layout->start[k], m->net.request_gain[k],
                      layout->start[k + 1] - layout->start[k]);
        status = mlp_predict(m->net.text, NULL, r, 1, v);
    } else if (status == LB_OK) {
        mlp_layer layer = mlp_layer_at(m->net.text, 0);
        const float *sketch = layer.w + layer.in - WHISPER_SKETCH_DIM;
        for (size_t d = 0; d < dim; d++)
            v[d] = r[d] + vec_dot(sketch + d * layer.in, r + dim, WHISPER_SKETCH_DIM);
    }
    free(r);
    subwords_free(&scratch);
    return status;
}

lb_status whisper_encode(const whisper_model *m, const whisper_lexicon *l, const char *text,
                         const uint32_t *history, size_t n_history, float *s) {
    size_t dim = m->net.dim, step = n_history / WHISPER_MAX_HISTORY + 1, n = 0;
    float *v = NULL, *z = NULL;
    bool said = false;
    lb_status status = LB_OK;
    memset(s, 0, dim * sizeof *s);
    LB_TRY_CLEANUP(NEW_ARRAY(v, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(z, (n_history / step + 1) * dim));
    LB_TRY_CLEANUP(read_text(m, l, text, v, &said));
    if (m->options.request) memset(v, 0, dim * sizeof *v);
    if (!said) goto cleanup; // nothing is asked for
    for (size_t k = 0; k < n_history; k += step)
        memcpy(z + n++ * dim, m->z + (size_t)history[k] * dim, dim * sizeof *z);
    LB_TRY_CLEANUP(whisper_net_speak(&m->net, v, z, n, s));
cleanup:
    free(v);
    free(z);
    return status;
}

/* Where the vasg inside writes its part of the queries. */
static void after_speech(const whisper_model *m, float *const query[MODEL_MAX_PARTS],
                         float *taste_query[MODEL_MAX_PARTS]) {
    for (int i = 0; i < MODEL_MAX_PARTS; i++) taste_query[i] = query[i] + m->net.dim;
}

/* The speech in front of each query. */
static lb_status speak(const whisper_model *m, const char *text, const uint32_t *history,
                       size_t n_history, float *const query[MODEL_MAX_PARTS]) {
    LB_TRY(whisper_encode(m, NULL, text, history, n_history, query[0]));
    for (int i = 1; i < MODEL_MAX_PARTS; i++)
        memcpy(query[i], query[0], m->net.dim * sizeof **query);
    return LB_OK;
}

/* Somebody of whom nothing is known, or who is to count for nothing. */
static void forget_taste(const whisper_model *m, float *const query[MODEL_MAX_PARTS]) {
    const size_t width[MODEL_MAX_PARTS] = {vasg_warm_width(m->taste), vasg_cold_width(m->taste)};
    for (int i = 0; i < MODEL_MAX_PARTS; i++)
        memset(query[i] + m->net.dim, 0, width[i] * sizeof **query);
}

lb_status whisper_query_request(const void *state, const model_common *common, int64_t user,
                                const char *text, float *const query[MODEL_MAX_PARTS]) {
    const whisper_model *m = state;
    float *taste_query[MODEL_MAX_PARTS];
    size_t first = user >= 0 ? common->user_start[user] : 0;
    size_t n = user >= 0 ? common->user_start[user + 1] - first : 0;
    after_speech(m, query, taste_query);
    if (n && !m->options.user)
        LB_TRY(vasg_class.query_user(m->taste, common, (uint32_t)user, taste_query));
    else
        forget_taste(m, query);
    return speak(m, text, common->product + first, n, query);
}

lb_status whisper_query_user(const void *state, const model_common *common, uint32_t user,
                             float *const query[MODEL_MAX_PARTS]) {
    const whisper_model *m = state;
    float *taste_query[MODEL_MAX_PARTS];
    after_speech(m, query, taste_query);
    LB_TRY(vasg_class.query_user(m->taste, common, user, taste_query));
    return speak(m, NULL, NULL, 0, query);
}

lb_status whisper_fold_in(const void *state, const model_common *common, const taste *who,
                          float *const query[MODEL_MAX_PARTS]) {
    const whisper_model *m = state;
    float *taste_query[MODEL_MAX_PARTS];
    size_t first = who->user >= 0 ? common->user_start[who->user] : 0;
    size_t n = who->user >= 0 ? common->user_start[who->user + 1] - first : 0;
    uint32_t *history;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(history, n + who->n_liked));
    if (n) memcpy(history, common->product + first, n * sizeof *history);
    for (size_t i = 0; i < who->n_liked; i++) history[n++] = who->liked[i];
    after_speech(m, query, taste_query);
    if (n + who->n_disliked && !m->options.user)
        LB_TRY_CLEANUP(vasg_fold_in(m->taste, common, who, taste_query));
    else
        forget_taste(m, query);
    LB_TRY_CLEANUP(speak(m, who->text, history, n, query));
cleanup:
    free(history);
    return status;
}

/* The weight of a partition is taken out, so that [v; 0] . [weight z; ..] is v . z. */
lb_status whisper_query_word(const void *state, const char *word,
                             float *const query[MODEL_MAX_PARTS], double *length) {
    const whisper_model *m = state;
    size_t dim = m->net.dim;
    bool said = false;
    float *v;
    LB_TRY(NEW_ARRAY(v, dim));
    lb_status status = read_text(m, NULL, word, v, &said);
    *length = said && !m->options.request ? (double)vec_norm(v, dim) : 0;
    forget_taste(m, query);
    for (int i = 0; i < MODEL_MAX_PARTS; i++) {
        double scale = *length > 0 && m->weight[i] > 0 ? 1 / (*length * m->weight[i]) : 0;
        for (size_t d = 0; d < dim; d++) query[i][d] = (float)(scale * (double)v[d]);
    }
    free(v);
    return status;
}

/* ---- vectors */

/* [weight z; the vasg inside's vector] */
static void join(const whisper_model *m, int which, const float *z, const float *vector,
                 size_t width, float *out) {
    size_t dim = m->net.dim;
    for (size_t d = 0; d < dim; d++) out[d] = (float)(m->weight[which] * (double)z[d]);
    memcpy(out + dim, vector, width * sizeof *out);
}

lb_status whisper_build_parts(whisper_model *m) {
    model_part part[MODEL_MAX_PARTS];
    size_t n_parts = vasg_class.parts(m->taste, part), dim = m->net.dim;
    for (size_t i = 0; i < n_parts; i++) {
        size_t width = part[i].dim;
        LB_TRY(NEW_ARRAY(m->vector[i], part[i].n * (dim + width)));
        for (size_t k = 0; k < part[i].n; k++)
            join(m, (int)i, m->z + (size_t)part[i].product[k] * dim, part[i].vector + k * width,
                 width, m->vector[i] + k * (dim + width));
    }
    return LB_OK;
}

lb_status whisper_place(const void *state, float *feature, size_t n, size_t feature_dim,
                        float *vectors, float *embedding, float *look) {
    const whisper_model *m = state;
    size_t width = vasg_cold_width(m->taste), dim = m->net.dim;
    size_t place_dim = m->taste->dim, look_dim = m->taste->has_look ? m->taste->cold.look_dim : 0;
    float *own = NULL, *x = NULL, *z = NULL;
    uint8_t *present = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(own, n * width));
    LB_TRY_CLEANUP(NEW_ARRAY(x, n * m->items.width));
    LB_TRY_CLEANUP(NEW_ARRAY(z, n * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(present, n));
    LB_TRY_CLEANUP(vasg_place(m->taste, feature, n, feature_dim, own, embedding, look));
    for (size_t i = 0; i < n; i++) {
        const float *const raw[WHISPER_BLOCKS] = {
            [WHISPER_LOOK] = look + i * look_dim, [WHISPER_PLACE] = embedding + i * place_dim};
        present[i] = whisper_items_put(&m->items, raw, x + i * m->items.width);
    }
    LB_TRY_CLEANUP(whisper_net_items(&m->net, NULL, x, present, n, z));
    for (size_t i = 0; i < n; i++)
        join(m, MODEL_MAX_PARTS - 1, z + i * dim, own + i * width, width,
             vectors + i * (dim + width));
cleanup:
    free(own);
    free(x);
    free(z);
    free(present);
    return status;
}
