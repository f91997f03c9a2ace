#include "model/whisper_words.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/vector.h"
#include "media/onnx_encoder.h"

static uint32_t bucket_of(const whisper_words *w, const subword *s) {
    return (uint32_t)(s->hash % w->n_buckets);
}

void whisper_words_free(whisper_words *w) {
    free(w->rarity);
    free(w->slot);
    free(w->table);
    *w = (whisper_words){0};
}

/* ---- sketches: each word is a vector of plus and minus ones */

/* Adds weight times the signs of a word, the same for the same hash. */
static void add_signs(uint64_t hash, float weight, float *out, size_t n) {
    uint64_t bits = 0;
    for (size_t k = 0; k < n; k++, bits >>= 1) {
        if (k % 64 == 0) bits = random_splitmix(&hash);
        out[k] += bits & 1 ? weight : -weight;
    }
}

/* Adds a word's signs, to sketches of either kind the hash's own. */
static void add_sketch(const whisper_words *w, const subword *s, float *title, float *kind) {
    float weight = s->weight * w->rarity[bucket_of(w, s)];
    if (title) add_signs(s->hash, weight / sqrtf((float)w->title_dim), title, w->title_dim);
    if (kind) add_signs(s->hash, weight / sqrtf(WHISPER_KIND_DIM), kind, WHISPER_KIND_DIM);
}

/* Adds a text's sketch; false if it has no words. */
static lb_status sketch(const whisper_words *w, const char *text, subwords *scratch, float *title,
                        float *kind, bool *found) {
    LB_TRY(subwords_read(scratch, text));
    for (size_t i = 0; i < scratch->n; i++) {
        if (!scratch->item[i].word) continue;
        add_sketch(w, &scratch->item[i], title, kind);
        *found = true;
    }
    return LB_OK;
}

/* ---- rarity */

static lb_status count_text(whisper_words *w, const char *text, subwords *scratch) {
    LB_TRY(subwords_read(scratch, text));
    for (size_t i = 0; i < scratch->n; i++) w->rarity[bucket_of(w, &scratch->item[i])]++;
    return LB_OK;
}

lb_status whisper_words_new(uint32_t n_buckets, uint32_t title_dim, const split *s,
                            const product_texts *texts, whisper_words *out) {
    whisper_words w = {.n_buckets = n_buckets, .title_dim = title_dim};
    subwords scratch = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(w.rarity, n_buckets));
    LB_TRY_CLEANUP(NEW_ARRAY(w.slot, n_buckets));
    memset(w.slot, 0xff, n_buckets * sizeof *w.slot); // WHISPER_UNSAID
    for (uint32_t p = 0; texts && p < texts->n && p < s->n_products; p++)
        LB_TRY_CLEANUP(count_text(&w, texts->text[p], &scratch));
    for (uint32_t b = 0; b < n_buckets; b++) w.rarity[b] = 1 / sqrtf(fmaxf(1, w.rarity[b]));
    *out = w;
    w = (whisper_words){0};
cleanup:
    subwords_free(&scratch);
    whisper_words_free(&w);
    return status;
}

/* ---- items */

void whisper_items_free(whisper_items *i) {
    free(i->mean);
    free(i->x);
    free(i->present);
    *i = (whisper_items){0};
}

static bool is_zero(const float *x, size_t n) {
    for (size_t k = 0; k < n; k++)
        if (x[k] != 0) return false;
    return true;
}

void whisper_reader_find(const fit_input *in, whisper_reader *out, const feature_set *feature[2]) {
    whisper_reader r = {0};
    const char *seer = in->reader ? text_encoder_seer(in->reader) : "";
    uint32_t at = 0;
    feature[0] = feature[1] = NULL;
    for (size_t k = 0; k < in->n_features && in->reader; at += in->features[k++].dim) {
        const feature_set *f = &in->features[k];
        char digest[SHA256_TEXT_SIZE];
        bool sees = onnx_encoder_digest(f->encoder, digest) && strcmp(digest, seer) == 0;
        bool reads = strcmp(f->encoder, text_encoder_identity(in->reader)) == 0;
        int which = reads ? 1 : 0;
        if ((!sees && !reads) || feature[which]) continue;
        feature[which] = f;
        r.blocks[which] = true;
        r.at[which] = at;
        if (reads) r.dim = f->dim;
    }
    if (feature[0] && feature[0]->dim != r.dim) { // encoded anew by now
        feature[0] = NULL;
        r.blocks[0] = false;
    }
    *out = r.dim ? r : (whisper_reader){0};
}

void whisper_items_lay_out(const vasg_model *t, uint32_t title_dim, const whisper_reader *r,
                           whisper_items *i) {
    uint32_t look = t->has_look ? t->cold.look_dim : 0;
    const uint32_t width[WHISPER_BLOCKS] = {look < WHISPER_LOOK_DIM ? look : WHISPER_LOOK_DIM,
                                            t->dim,
                                            title_dim,
                                            WHISPER_KIND_DIM,
                                            r->blocks[0] ? r->dim : 0,
                                            r->blocks[1] ? r->dim : 0};
    for (int k = 0; k < WHISPER_BLOCKS; k++) i->start[k + 1] = i->start[k] + width[k];
    i->width = i->start[WHISPER_BLOCKS];
}

lb_status whisper_sketch_product(const whisper_words *w, const words_product *said,
                                 subwords *scratch, float *title, float *kind, uint8_t *present) {
    bool named = false, sorted = false;
    LB_TRY(sketch(w, said->title, scratch, title, NULL, &named));
    LB_TRY(sketch(w, said->brand, scratch, title, NULL, &named));
    LB_TRY(sketch(w, said->category, scratch, NULL, kind, &sorted));
    *present = (uint8_t)(*present | named << WHISPER_TITLE | sorted << WHISPER_KIND);
    return LB_OK;
}

/* What the reader's networks made of product p. */
static void fill_reader(const whisper_known *known, uint32_t p, whisper_items *i) {
    for (int k = 0; k < 2; k++) {
        float *x = i->x + (size_t)p * i->width + i->start[WHISPER_SEEN + k];
        if (!known->feature[k] || !feature_row(known->feature[k], p, x)) continue;
        if (vec_normalise(x, known->reader.dim) > 0)
            i->present[p] = (uint8_t)(i->present[p] | 1 << (WHISPER_SEEN + k));
    }
}

/* The raw blocks of product p. */
static lb_status fill(const whisper_known *known, uint32_t p, subwords *scratch, whisper_items *i) {
    const vasg_model *t = known->inside;
    const product_texts *texts = known->texts;
    float *x = i->x + (size_t)p * i->width;
    uint32_t look = i->start[1];
    if (look) memcpy(x, t->product_look + (size_t)p * t->cold.look_dim, look * sizeof *x);
    memcpy(x + look, t->embedding + (size_t)p * t->dim, t->dim * sizeof *x);
    if (!is_zero(x, look)) i->present[p] |= 1 << WHISPER_LOOK;
    if (!is_zero(x + look, t->dim)) i->present[p] |= 1 << WHISPER_PLACE;
    fill_reader(known, p, i);
    if (!texts || p >= texts->n) return LB_OK;
    const words_product said = {texts->title[p], texts->category[p], texts->brand[p], NULL};
    return whisper_sketch_product(known->words, &said, scratch, x + i->start[WHISPER_TITLE],
                                  x + i->start[WHISPER_KIND], &i->present[p]);
}

/* Centres block k on the trained products that have it and scales it. */
static void normalise(const split *s, int k, whisper_items *i) {
    uint32_t from = i->start[k], width = i->start[k + 1] - from;
    double n = 0, squares = 0;
    for (uint32_t p = 0; p < i->n; p++) {
        if (!(i->present[p] & 1 << k) || !s->degree[p]) continue;
        vec_add(i->mean + from, i->x + (size_t)p * i->width + from, width);
        n++;
    }
    if (n > 0) vec_scale(i->mean + from, (float)(1 / n), width);
    for (uint32_t p = 0; p < i->n; p++) {
        float *x = i->x + (size_t)p * i->width + from;
        if (!(i->present[p] & 1 << k)) continue;
        vec_axpy(x, -1, i->mean + from, width);
        if (s->degree[p]) squares += vec_dot_wide(x, x, width);
    }
    i->scale[k] = squares > 0 ? (float)sqrt(n / squares) : 1;
    for (uint32_t p = 0; p < i->n; p++)
        vec_scale(i->x + (size_t)p * i->width + from, i->scale[k], width);
}

lb_status whisper_items_new(const whisper_known *known, whisper_items *out) {
    whisper_items i = {.n = known->split->n_products};
    subwords scratch = {0};
    lb_status status = LB_OK;
    whisper_items_lay_out(known->inside, known->words->title_dim, &known->reader, &i);
    LB_TRY_CLEANUP(NEW_ARRAY(i.mean, i.width));
    LB_TRY_CLEANUP(NEW_ARRAY(i.x, (size_t)i.n * i.width));
    LB_TRY_CLEANUP(NEW_ARRAY(i.present, i.n));
    for (uint32_t p = 0; p < i.n; p++) LB_TRY_CLEANUP(fill(known, p, &scratch, &i));
    for (int k = 0; k < WHISPER_SAID; k++) normalise(known->split, k, &i);
    for (int k = WHISPER_SAID; k < WHISPER_BLOCKS; k++) i.scale[k] = 1;
    *out = i;
    i = (whisper_items){0};
cleanup:
    subwords_free(&scratch);
    whisper_items_free(&i);
    return status;
}

whisper_layout whisper_lay_out(const whisper_items *i, const whisper_reader *r) {
    const uint32_t said = whisper_said_width(i);
    whisper_layout l = {.n_items = WHISPER_BLOCKS,
                        .n_requests = WHISPER_SAID + 3,
                        .item_like = {0, 1, 2, 3, WHISPER_SEEN, WHISPER_READ},
                        .request_like = {0, 1, 2, 3, WHISPER_TITLE, WHISPER_KIND, WHISPER_READ}};
    memcpy(l.item_start, i->start, sizeof i->start);
    memcpy(l.request_start, i->start, (WHISPER_SAID + 1) * sizeof *i->start);
    const uint32_t title = i->start[WHISPER_KIND] - i->start[WHISPER_TITLE];
    l.request_start[WHISPER_SAID + 1] = said + title;
    l.request_start[WHISPER_SAID + 2] = said + title + WHISPER_KIND_DIM;
    l.request_start[WHISPER_SAID + 3] = said + title + WHISPER_KIND_DIM + r->dim;
    if (r->blocks[0] && r->blocks[1]) l.item_like[WHISPER_READ] = WHISPER_SEEN;
    return l;
}

uint8_t whisper_items_put(const whisper_items *i, const float *const raw[WHISPER_BLOCKS],
                          float *x) {
    uint8_t present = 0;
    memset(x, 0, i->width * sizeof *x);
    for (int k = 0; k < WHISPER_BLOCKS; k++) {
        uint32_t from = i->start[k], width = i->start[k + 1] - from;
        if (!raw[k] || is_zero(raw[k], width)) continue;
        for (uint32_t d = 0; d < width; d++)
            x[from + d] = i->scale[k] * (raw[k][d] - i->mean[from + d]);
        present |= (uint8_t)(1 << k);
    }
    return present;
}

/* ---- reading */

lb_status whisper_words_read(const whisper_words *w, const char *text, subwords *scratch,
                             float *out) {
    memset(out, 0, (w->width + whisper_sketch_dim(w)) * sizeof *out);
    LB_TRY(subwords_read(scratch, text));
    for (size_t i = 0; i < scratch->n; i++) {
        const subword *s = &scratch->item[i];
        uint32_t slot = w->slot[bucket_of(w, s)];
        if (slot != WHISPER_UNSAID)
            vec_axpy(out, s->weight, w->table + (size_t)slot * w->width, w->width);
        if (s->word) add_sketch(w, s, out + w->width, out + w->width + w->title_dim);
    }
    return LB_OK;
}
