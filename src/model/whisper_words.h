/*
 * The inputs of `whisper`.
 *
 * Items: x_i, what is known of a product in blocks: its look (vasg's components of the features),
 * its place in vasg's space (of cold products what vasg predicts), and sketches of its title with
 * the brand and of its kind. A block is centred and scaled to a mean squared length of one; where a
 * product lacks it the net puts a learned vector. Beside a network that reads texts there are two
 * more, of length one each and in its space: what it reads of the product (`read`), and what the
 * network of pictures that stands beside it sees (`seen`).
 *
 * Words: what a word stands for is learned from the products it was said of: each bucket of hashed
 * words and runs of letters (text/subwords.h) holds
 *     E_b = sum of x_i over the products i that b was said of / (their number + shrink),
 * what a ridge regression from single words to items gives. A product's own title and kind count as
 * said of it. A request is r_q = [sum of weight * E_b over its subwords; sketch of its words], the
 * sketches being those of titles and kinds, so that a word finds the titles that it stands in. What
 * the network reads in the request stands behind them. Words are not learned in its space: it knows
 * them.
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

enum {
    WHISPER_LOOK,
    WHISPER_PLACE,
    WHISPER_TITLE,
    WHISPER_KIND,
    WHISPER_SAID, // so many blocks words stand for
    WHISPER_SEEN = WHISPER_SAID,
    WHISPER_READ,
    WHISPER_BLOCKS
};

enum {
    WHISPER_LOOK_DIM = 32, // of the look's components, at most
    WHISPER_MOST_TITLE_DIM = 4096,
    WHISPER_KIND_DIM = 32,
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

/* A network that reads texts, and what it made of the products; all zero = none. */
typedef struct whisper_reader {
    uint32_t dim;
    bool blocks[2]; // whether there is a feature of what is seen, of what is read
    uint32_t at[2]; // where they begin among the values of all features of a product
} whisper_reader;

/* Finds the features of a reader among those that are trained on. */
void whisper_reader_find(const fit_input *in, whisper_reader *out, const feature_set *feature[2]);

/* Sets where blocks begin in x. */
void whisper_items_lay_out(const vasg_model *inside, uint32_t title_dim,
                           const whisper_reader *reader, whisper_items *i);

static inline uint32_t whisper_said_width(const whisper_items *i) {
    return i->start[WHISPER_SAID];
}

static inline size_t whisper_request_width(const whisper_items *i, const whisper_reader *r) {
    uint32_t sketches = i->start[WHISPER_SAID] - i->start[WHISPER_TITLE];
    return (size_t)whisper_said_width(i) + sketches + r->dim;
}

/* The blocks of items and of requests: what words stand for, two sketches, what is read. */
whisper_layout whisper_lay_out(const whisper_items *i, const whisper_reader *r);

/* How rare buckets are in products' texts, and a table of some width of those that were said. */
typedef struct whisper_words {
    uint32_t n_buckets, n_rows, width;
    uint32_t title_dim; // of sketches of titles
    float *rarity;      // (n_buckets)
    uint32_t *slot;     // (n_buckets) row in the table, WHISPER_UNSAID = never said
    float *table;       // (n_rows, width)
} whisper_words;

#define WHISPER_UNSAID UINT32_MAX

/* Values of a request's two sketches. */
static inline uint32_t whisper_sketch_dim(const whisper_words *w) {
    return w->title_dim + WHISPER_KIND_DIM;
}

/* What a reader makes of the texts of requests, each once. */
typedef struct whisper_heard {
    size_t n;
    uint32_t dim;
    const char **text; // (n) ascending
    float *vector;     // (n, dim)
} whisper_heard;

/* whisper_heard.c: of training and validation requests; of very many texts only some, evenly
 * picked. Nothing where dim is 0. */
lb_status whisper_heard_new(job *j, const fit_input *in, uint32_t dim, whisper_heard *out);
void whisper_heard_free(whisper_heard *h);
const float *whisper_heard_find(const whisper_heard *h, const char *text); // NULL: not among them

/* Words while training: what was said of which product. */
typedef struct whisper_lexicon {
    whisper_words all, fold[WHISPER_FOLDS]; // the latter without the products of a fold; they share
                                            // `rarity` and `slot`
    whisper_heard heard;
} whisper_lexicon;

static inline uint32_t whisper_fold_of(uint32_t product) {
    uint64_t h = product * 0x9e3779b97f4a7c15u;
    return (uint32_t)(h >> 33) % WHISPER_FOLDS;
}

/* What x is made of. */
typedef struct whisper_known {
    const vasg_model *inside;
    const split *split;
    const product_texts *texts; // NULL = nothing is written
    const whisper_words *words; // for their rarity
    whisper_reader reader;
    const feature_set *feature[2]; // of the reader; NULL where there is none
} whisper_known;

/* x of all products. */
lb_status whisper_items_new(const whisper_known *known, whisper_items *out);
void whisper_items_free(whisper_items *i);

/* Puts raw blocks of one product, (block's width) or NULL where it lacks one, into x (width) and
 * returns the bits of those that are there. */
uint8_t whisper_items_put(const whisper_items *i, const float *const raw[WHISPER_BLOCKS], float *x);

/* n_buckets, rarity and slots, all empty; the table comes with the lexicon. */
lb_status whisper_words_new(uint32_t n_buckets, uint32_t title_dim, const split *s,
                            const product_texts *texts, whisper_words *out);
void whisper_words_free(whisper_words *w);

/* Adds sketches of what is written of a product: title and brand (title_dim), category
 * (WHISPER_KIND_DIM), and sets in *present the bits of the blocks that have words. `scratch` is all
 * zero to begin with. */
lb_status whisper_sketch_product(const whisper_words *w, const words_product *said,
                                 subwords *scratch, float *title, float *kind, uint8_t *present);

/* The tables of `words`, which moves into `out->all`, and what a reader of that dim (0 = none)
 * makes of the requests. */
lb_status whisper_lexicon_new(job *j, const fit_input *in, const whisper_items *items,
                              double shrink, uint32_t reader_dim, whisper_words *words,
                              whisper_lexicon *out);
void whisper_lexicon_free(whisper_lexicon *l);

/* Of a text: out = [sum of weight * table row (width); sketch]. Zero without words. `scratch` is
 * all zero to begin with. */
lb_status whisper_words_read(const whisper_words *w, const char *text, subwords *scratch,
                             float *out);

#endif
