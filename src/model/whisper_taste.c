/* The vasg inside whisper, which also learns what titles, kinds and brands say. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "model/whisper.h"
#include "text/words.h"

/* Whether a feature is one of words already. */
static bool is_of_words(const feature_set *f) {
    return strncmp(f->encoder, "words-", 6) == 0;
}

static bool needs_words(const fit_input *in) {
    if (!in->texts || in->n_features >= DATASET_MAX_FEATURES) return false;
    for (size_t k = 0; k < in->n_features; k++)
        if (is_of_words(&in->features[k])) return false;
    return true;
}

/* Of each product's texts, what the encoder "words" makes of them; *found if a trained one has
 * any. */
static lb_status make_words(const fit_input *in, feature_set *out, bool *found) {
    const product_texts *t = in->texts;
    uint32_t n = in->split->n_products;
    words_scratch scratch = {0};
    float *rows = NULL;
    uint8_t *present = NULL;
    lb_status status = LB_OK;
    *found = false;
    LB_TRY_CLEANUP(NEW_ARRAY(rows, (size_t)n * WORDS_DIM));
    LB_TRY_CLEANUP(NEW_ARRAY(present, n));
    for (uint32_t p = 0; p < n && p < t->n; p++) {
        const words_product said = {t->title[p], t->category[p], t->brand[p], NULL};
        bool any;
        LB_TRY_CLEANUP(
            words_encode(&scratch, &said, WORDS_FIELDS, rows + (size_t)p * WORDS_DIM, &any));
        present[p] = any;
        *found |= any && in->split->degree[p];
    }
    LB_TRY_CLEANUP(feature_set_of_rows("titles", rows, present, n, WORDS_DIM, out));
cleanup:
    words_scratch_free(&scratch);
    free(rows);
    free(present);
    return status;
}

lb_status whisper_fit_taste(job *j, const fit_input *in, const model_common *common,
                            whisper_model *m) {
    feature_set all[DATASET_MAX_FEATURES];
    fit_input inside = *in;
    vasg_options o;
    void *state;
    lb_status status = LB_OK;
    feature_set *words = &all[in->n_features < DATASET_MAX_FEATURES ? in->n_features : 0];
    bool made = needs_words(in);
    if (in->n_features) memcpy(all, in->features, in->n_features * sizeof *all);
    if (made) {
        LB_TRY(make_words(in, words, &made));
        if (!made) feature_set_close(words);
    }
    if (made) {
        m->own_words = WORDS_DIM;
        inside.features = all;
        inside.n_features++;
    }
    options_init(&vasg_option_table, &o);
    o.dim = m->options.taste_dim;
    o.epochs = m->options.taste_epochs;
    o.look_dim = m->options.look_dim;
    o.rank = o.item_rank = m->options.rank;
    o.decoder_epochs = 0;
    status = vasg_class.fit(j, &inside, common, &o, &state);
    if (status == LB_OK) m->taste = state;
    if (made) feature_set_close(words);
    return status;
}

lb_status whisper_place_taste(const whisper_model *m, float *feature, size_t n, size_t feature_dim,
                              const words_product *said, float *vectors, float *embedding,
                              float *look) {
    size_t width = feature_dim + m->own_words;
    words_scratch scratch = {0};
    float *wide;
    lb_status status = LB_OK;
    if (!m->own_words)
        return vasg_place(m->taste, feature, n, feature_dim, NULL, vectors, embedding, look);
    LB_TRY(NEW_ARRAY(wide, n * width));
    for (size_t i = 0; i < n; i++) {
        float *words = wide + i * width + feature_dim;
        bool any = false;
        memcpy(wide + i * width, feature + i * feature_dim, feature_dim * sizeof *wide);
        if (said) LB_TRY_CLEANUP(words_encode(&scratch, &said[i], WORDS_FIELDS, words, &any));
        if (!any) words[0] = NAN;
    }
    status = vasg_place(m->taste, wide, n, width, NULL, vectors, embedding, look);
cleanup:
    words_scratch_free(&scratch);
    free(wide);
    return status;
}
