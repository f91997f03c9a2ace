/*
 * The inputs of `whisper`.
 *
 * Items: x_i, what is known of a product in blocks: its look (vasg's components of the features),
 * its place in vasg's space (of cold products what vasg predicts), and sketches of its title with
 * the brand and of its kind. A block is centred and scaled to a mean squared length of one; where a
 * product lacks it the net puts a learned vector.
 *
 * Words: what a word stands for is learned from the products it was said of: each bucket of hashed
 * words and runs of letters (text/subwords.h) holds
 *     E_b = sum of x_i over the products i that b was said of / (their number + shrink),
 * what a ridge regression from single words to items gives. A product's own title and kind count as
 * said of it. A request is r_q = [sum of weight * E_b over its subwords; sketch of its words], the
 * sketches being those of titles and kinds, so that a word finds the titles that it stands in.
 *
 * A net that is trained on requests whose product took part in E_b would learn to find products by
 * what was said of themselves. So while training, products lie in WHISPER_FOLDS folds, and requests
 * of one fold are read with words learned from the others and compete with their fold alone.
 */
#ifndef LB_MODEL_WHISPER_WORDS_H
#define LB_MODEL_WHISPER_WORDS_H

#include "model/model.h"
#include "model/vasg.h"
#include "model/whisper_net.h"
#include "text/subwords.h"

enum { WHISPER_LOOK, WHISPER_PLACE, WHISPER_TITLE, WHISPER_KIND, WHISPER_BLOCKS };

enum {
    WHISPER_LOOK_DIM = 32, // of the look's components, at most
    WHISPER_TITLE_DIM = 256,
    WHISPER_KIND_DIM = 32,
    WHISPER_SKETCH_DIM = WHISPER_TITLE_DIM + WHISPER_KIND_DIM,
    WHISPER_FOLDS = 4
};

typedef struct whisper_items {
    uint32_t n, width;
    uint32_t start[WHISPER_BLOCKS + 1]; // where blocks begin in x
    float *mean;                        // (width)
    float scale[WHISPER_BLOCKS];
    float *x;         // (n, width); NULL in a model that is trained
    uint8_t *present; // (n) bit k: has block k
} whisper_items;

static inline size_t whisper_request_width(const whisper_items *i) {
    return i->width + WHISPER_SKETCH_DIM;
}

/* The blocks of items and, of requests, the two sketches behind them. */
whisper_layout whisper_lay_out(const whisper_items *i);

/* How rare buckets are in products' texts, and a table of some width of those that were said. */
typedef struct whisper_words {
    uint32_t n_buckets, n_rows, width;
    float *rarity;  // (n_buckets)
    uint32_t *slot; // (n_buckets) row in the table, WHISPER_UNSAID = never said
    float *table;   // (n_rows, width)
} whisper_words;

#define WHISPER_UNSAID UINT32_MAX

/* Words while training: what was said of which product. */
typedef struct whisper_lexicon {
    whisper_words all, fold[WHISPER_FOLDS]; // the latter without the products of a fold; they share
                                            // `rarity` and `slot`
} whisper_lexicon;

static inline uint32_t whisper_fold_of(uint32_t product) {
    uint64_t h = product * 0x9e3779b97f4a7c15u;
    return (uint32_t)(h >> 33) % WHISPER_FOLDS;
}

/* x of all products. texts may be NULL. `rarity` is that of the words. */
lb_status whisper_items_new(const vasg_model *inside, const split *s, const product_texts *texts,
                            const whisper_words *words, whisper_items *out);
void whisper_items_free(whisper_items *i);

/* Puts raw blocks of one product, (block's width) or NULL where it lacks one, into x (width) and
 * returns the bits of those that are there. */
uint8_t whisper_items_put(const whisper_items *i, const float *const raw[WHISPER_BLOCKS], float *x);

/* n_buckets, rarity and slots, all empty; the table comes with the lexicon. */
lb_status whisper_words_new(uint32_t n_buckets, const split *s, const product_texts *texts,
                            whisper_words *out);
void whisper_words_free(whisper_words *w);

/* The tables of `words`, which moves into `out->all`. */
lb_status whisper_lexicon_new(job *j, const fit_input *in, const whisper_items *items,
                              double shrink, whisper_words *words, whisper_lexicon *out);
void whisper_lexicon_free(whisper_lexicon *l);

/* Of a text: out = [sum of weight * table row (width); sketch]. Zero without words. `scratch` is
 * all zero to begin with. */
lb_status whisper_words_read(const whisper_words *w, const char *text, subwords *scratch,
                             float *out);

#endif
