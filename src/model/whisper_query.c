/* Who asks for what, as vectors of whisper's partitions. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/vector.h"
#include "model/whisper.h"

void whisper_hide(const whisper_model *m, uint8_t *present, size_t n) {
    const unsigned own = (1u << WHISPER_SAID) - 1;
    for (size_t i = 0; i < n && m->options.words; i++) present[i] = (uint8_t)(present[i] & ~own);
}

/* Whether a network may find something in a text. */
static bool is_written(const char *text) {
    for (; text && *text; text++)
        if ((unsigned char)*text > ' ' && *text != 0x7f) return true;
    return false;
}

/* What the reader finds in a text, out (reader.dim). */
static lb_status read_network(const whisper_model *m, text_encoder *reader, const whisper_heard *h,
                              const char *text, float *out) {
    const float *known = h ? whisper_heard_find(h, text) : NULL;
    if (known) {
        memcpy(out, known, m->reader.dim * sizeof *out);
        return LB_OK;
    }
    if (reader) return text_encoder_read(reader, text, m->reader.dim, out);
    return status_fail(LB_E_UNSUPPORTED,
                       "the model reads requests with the network that made one of "
                       "the dataset's features, and that is not at hand: open the "
                       "model with its dataset");
}

lb_status whisper_hear(const whisper_model *m, text_encoder *reader, const whisper_lexicon *l,
                       const whisper_words *w, const char *text, subwords *scratch, float *r,
                       bool *said) {
    size_t own = w->width + whisper_sketch_dim(w);
    memset(r, 0, (own + m->reader.dim) * sizeof *r);
    *said = false;
    if (!m->options.words) {
        LB_TRY(whisper_words_read(w, text, scratch, r));
        *said = scratch->n > 0;
    }
    if (!m->reader.dim || !is_written(text)) return LB_OK;
    *said = true;
    return read_network(m, reader, l ? &l->heard : NULL, text, r + own);
}

/* v (dim): what the layer `text` of a trained model makes of r; the words' part is in their table.
 */
static void project(const whisper_model *m, const float *r, float *v) {
    size_t dim = m->net.dim, tail = whisper_sketch_dim(&m->words) + m->reader.dim;
    mlp_layer layer = mlp_layer_at(m->net.text, 0);
    const float *rest = layer.w + layer.in - tail;
    for (size_t d = 0; d < dim; d++) v[d] = r[d] + vec_dot(rest + d * layer.in, r + dim, tail);
}

/* v (dim): what the layer `text` makes of a text; *said = whether there is something in it. */
static lb_status read_text(const whisper_model *m, text_encoder *reader, const whisper_lexicon *l,
                           const char *text, float *v, bool *said) {
    const whisper_words *w = l ? &l->all : &m->words;
    subwords scratch = {0};
    float *r;
    LB_TRY(NEW_ARRAY(r, w->width + whisper_sketch_dim(w) + m->reader.dim));
    lb_status status = whisper_hear(m, reader, l, w, text, &scratch, r, said);
    if (status == LB_OK && l) {
        const uint32_t *start = m->net.layout.request_start;
        for (uint32_t k = 0; k < m->net.layout.n_requests; k++)
            vec_scale(r + start[k], m->net.request_gain[k], start[k + 1] - start[k]);
        status = mlp_predict(m->net.text, NULL, r, 1, v);
    } else if (status == LB_OK) {
        project(m, r, v);
    }
    free(r);
    subwords_free(&scratch);
    return status;
}

lb_status whisper_encode(const whisper_model *m, text_encoder *reader, const whisper_lexicon *l,
                         const char *text, const uint32_t *history, size_t n_history, float *s) {
    size_t dim = m->net.dim, step = n_history / WHISPER_MAX_HISTORY + 1, n = 0;
    float *v = NULL, *z = NULL;
    bool said = false;
    lb_status status = LB_OK;
    memset(s, 0, dim * sizeof *s);
    LB_TRY_CLEANUP(NEW_ARRAY(v, dim));
    LB_TRY_CLEANUP(NEW_ARRAY(z, (n_history / step + 1) * dim));
    LB_TRY_CLEANUP(read_text(m, reader, l, text, v, &said));
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
    for (int i = 0; i < MODEL_MAX_PARTS; i++) taste_query[i] = query[i] + whisper_front(m);
}

static bool is_zero(const float *x, size_t n) {
    for (size_t k = 0; k < n; k++)
        if (x[k] != 0) return false;
    return true;
}

/* The speech in front of each query, of a person, or of nobody in particular: then both partitions
 * count alike, as in a search. */
static lb_status speak(const whisper_model *m, const model_common *common, const char *text,
                       const uint32_t *history, size_t n_history, bool person,
                       float *const query[MODEL_MAX_PARTS]) {
    size_t dim = m->net.dim;
    LB_TRY(whisper_encode(m, common->reader, NULL, text, history, n_history, query[0]));
    query[0][dim] = person && !is_zero(query[0], dim);
    for (int i = 1; i < MODEL_MAX_PARTS; i++) {
        memcpy(query[i], query[0], (dim + 1) * sizeof **query);
        if (!person && m->weight[i] > 0)
            vec_scale(query[i], (float)(m->weight[0] / m->weight[i]), dim);
    }
    return LB_OK;
}

/* Somebody of whom nothing is known, or who is to count for nothing. */
static void forget_taste(const whisper_model *m, float *const query[MODEL_MAX_PARTS]) {
    const size_t width[MODEL_MAX_PARTS] = {vasg_warm_width(m->taste), vasg_cold_width(m->taste)};
    for (int i = 0; i < MODEL_MAX_PARTS; i++)
        memset(query[i] + whisper_front(m), 0, width[i] * sizeof **query);
}

lb_status whisper_query_request(const void *state, const model_common *common, int64_t user,
                                const char *text, float *const query[MODEL_MAX_PARTS]) {
    const whisper_model *m = state;
    float *taste_query[MODEL_MAX_PARTS];
    size_t first = user >= 0 ? common->user_start[user] : 0;
    size_t n = user >= 0 ? common->user_start[user + 1] - first : 0;
    after_speech(m, query, taste_query);
    bool person = n && !m->options.user;
    if (person)
        LB_TRY(vasg_class.query_user(m->taste, common, (uint32_t)user, taste_query));
    else
        forget_taste(m, query);
    return speak(m, common, text, common->product + first, n, person, query);
}

lb_status whisper_query_user(const void *state, const model_common *common, uint32_t user,
                             float *const query[MODEL_MAX_PARTS]) {
    const whisper_model *m = state;
    float *taste_query[MODEL_MAX_PARTS];
    after_speech(m, query, taste_query);
    LB_TRY(vasg_class.query_user(m->taste, common, user, taste_query));
    return speak(m, common, NULL, NULL, 0, true, query);
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
    bool person = n + who->n_disliked && !m->options.user;
    if (person)
        LB_TRY_CLEANUP(vasg_fold_in(m->taste, common, who, taste_query));
    else
        forget_taste(m, query);
    LB_TRY_CLEANUP(speak(m, common, who->text, history, n, person, query));
cleanup:
    free(history);
    return status;
}

/* Whether a word was said of a product or stands in the text of one that was trained. */
static bool is_said(const whisper_words *w, const subwords *s) {
    for (size_t i = 0; i < s->n; i++)
        if (s->item[i].word && w->slot[s->item[i].hash % w->n_buckets] != WHISPER_UNSAID)
            return true;
    return false;
}

/* A network reads a request as a whole: of single words only the learned ones tell. Of a word that
 * was never said its runs of letters do; its sketch would be like some titles' by chance. The
 * weight of a partition is taken out, so that [v; 0] . [weight z; ..] is v . z. */
lb_status whisper_query_word(const void *state, const char *word,
                             float *const query[MODEL_MAX_PARTS], double *length) {
    const whisper_model *m = state;
    size_t dim = m->net.dim;
    subwords scratch = {0};
    float *r = NULL, *v = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(r, dim + whisper_sketch_dim(&m->words) + m->reader.dim));
    LB_TRY_CLEANUP(NEW_ARRAY(v, dim));
    LB_TRY_CLEANUP(whisper_words_read(&m->words, word, &scratch, r));
    if (!is_said(&m->words, &scratch))
        memset(r + dim, 0, whisper_sketch_dim(&m->words) * sizeof *r);
    project(m, r, v);
    bool counts = scratch.n > 0 && !m->options.request && !m->options.words;
    double norm = counts ? (double)vec_norm(v, dim) : 0;
    *length = norm / (double)m->net.softness;
    forget_taste(m, query);
    for (int i = 0; i < MODEL_MAX_PARTS; i++) {
        double scale = norm > 0 && m->weight[i] > 0 ? 1 / (norm * m->weight[i]) : 0;
        for (size_t d = 0; d < dim; d++) query[i][d] = (float)(scale * (double)v[d]);
        query[i][dim] = 0;
    }
cleanup:
    free(r);
    free(v);
    subwords_free(&scratch);
    return status;
}

/* ---- vectors */

/* [weight z; offset; the vasg inside's vector] */
static void join(const whisper_model *m, int which, const float *z, const float *vector,
                 size_t width, float *out) {
    size_t dim = m->net.dim;
    for (size_t d = 0; d < dim; d++) out[d] = (float)(m->weight[which] * (double)z[d]);
    out[dim] = which ? (float)m->offset : 0;
    memcpy(out + dim + 1, vector, width * sizeof *out);
}

void whisper_lift(whisper_model *m) {
    size_t width = whisper_front(m) + vasg_cold_width(m->taste);
    for (size_t k = 0; k < m->taste->n_cold; k++)
        m->vector[MODEL_MAX_PARTS - 1][k * width + m->net.dim] = (float)m->offset;
}

lb_status whisper_build_parts(whisper_model *m) {
    model_part part[MODEL_MAX_PARTS];
    size_t n_parts = vasg_class.parts(m->taste, part), dim = m->net.dim, front = whisper_front(m);
    for (size_t i = 0; i < n_parts; i++) {
        size_t width = part[i].dim;
        LB_TRY(NEW_ARRAY(m->vector[i], part[i].n * (front + width)));
        for (size_t k = 0; k < part[i].n; k++)
            join(m, (int)i, m->z + (size_t)part[i].product[k] * dim, part[i].vector + k * width,
                 width, m->vector[i] + k * (front + width));
    }
    return LB_OK;
}

/* What the reader's networks made of a product, out (2, reader.dim), of length one or zero. */
static void meet(const whisper_model *m, const float *feature, size_t feature_dim, float *out) {
    size_t dim = m->reader.dim;
    for (int k = 0; k < 2; k++, out += dim) {
        size_t at = m->reader.at[k];
        if (!m->reader.blocks[k] || at + dim > feature_dim || isnan(feature[at])) continue;
        memcpy(out, feature + at, dim * sizeof *out);
        vec_normalise(out, dim);
    }
}

lb_status whisper_place(const void *state, float *feature, size_t n, size_t feature_dim,
                        const words_product *said, float *vectors, float *embedding, float *look) {
    const whisper_model *m = state;
    size_t width = vasg_cold_width(m->taste), dim = m->net.dim;
    size_t place_dim = m->taste->dim, look_dim = m->taste->has_look ? m->taste->cold.look_dim : 0;
    size_t sketch_dim = whisper_sketch_dim(&m->words);
    float *own = NULL, *x = NULL, *z = NULL, *met = NULL, *sketch = NULL;
    uint8_t *present = NULL, written = 0;
    subwords scratch = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(own, n * width));
    LB_TRY_CLEANUP(NEW_ARRAY(x, n * m->items.width));
    LB_TRY_CLEANUP(NEW_ARRAY(z, n * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(present, n));
    LB_TRY_CLEANUP(NEW_ARRAY(met, n * 2 * m->reader.dim));
    for (size_t i = 0; i < n; i++)
        meet(m, feature + i * feature_dim, feature_dim, met + i * 2 * m->reader.dim);
    LB_TRY_CLEANUP(NEW_ARRAY(sketch, n * sketch_dim));
    LB_TRY_CLEANUP(whisper_place_taste(m, feature, n, feature_dim, said, own, embedding, look));
    for (size_t i = 0; i < n; i++) {
        float *title = sketch + i * sketch_dim, *kind = title + m->words.title_dim;
        if (said)
            LB_TRY_CLEANUP(
                whisper_sketch_product(&m->words, &said[i], &scratch, title, kind, &written));
        const float *const raw[WHISPER_BLOCKS] = {[WHISPER_LOOK] = look + i * look_dim,
                                                  [WHISPER_PLACE] = embedding + i * place_dim,
                                                  [WHISPER_TITLE] = title,
                                                  [WHISPER_KIND] = kind,
                                                  [WHISPER_SEEN] = met + i * 2 * m->reader.dim,
                                                  [WHISPER_READ] = met +
                                                                   (i * 2 + 1) * m->reader.dim};
        present[i] = whisper_items_put(&m->items, raw, x + i * m->items.width);
    }
    whisper_hide(m, present, n);
    LB_TRY_CLEANUP(whisper_net_items(&m->net, NULL, x, present, n, z));
    for (size_t i = 0; i < n; i++)
        join(m, MODEL_MAX_PARTS - 1, z + i * dim, own + i * width, width,
             vectors + i * (dim + 1 + width));
cleanup:
    free(own);
    free(x);
    free(z);
    free(present);
    free(met);
    free(sketch);
    subwords_free(&scratch);
    return status;
}
