/*
 * One interface for every model: fit, score, fold in, embed, save, load.
 *
 * A model scores by inner products in one or two partitions of the products (for `vasg`: warm and
 * completely cold ones): score(u, p) = query(u) . vector(p), with the query of the partition that p
 * is in. Search, evaluation and serving all go through these partitions.
 */
#ifndef LB_MODEL_MODEL_H
#define LB_MODEL_MODEL_H

#include "core/job.h"
#include "core/pair.h"
#include "data/product_text.h"
#include "data/requests.h"
#include "data/split.h"
#include "model/curve.h"
#include "model/options.h"
#include "model/text_encoder.h"
#include "store/safetensors.h"
#include "text/words.h"

enum { MODEL_MAX_PARTS = 2 };

/* What a model learns from. */
typedef struct fit_input {
    const split *split;
    const feature_set *features; // (n_features)
    size_t n_features;
    uint64_t seed;
    const char *checkpoint; // file to keep the state of an unfinished training in; NULL = none
    int resume;             // start from that file if it is there
    curve *curve;           // what is recorded while training, NULL = nothing; model_fit sets it
    // For models that take_text; others ignore them:
    const request_set *requests;       // of training pairs; NULL = none
    const request_set *valid_requests; // of validation pairs; NULL = none
    const product_texts *texts;        // what is written of the products; NULL = nothing
    text_encoder *reader; // the network that made one of the features of texts; NULL = none
} fit_input;

/* Products of one partition and their vectors. */
typedef struct model_part {
    uint32_t n, dim;
    const uint32_t *product; // (n) product rows, ascending
    const float *vector;     // (n, dim)
} model_part;

/* Somebody to recommend to: a trained user, a list of liked products, or both; and, of models that
 * take_text, what the person asks for. */
typedef struct taste {
    int64_t user; // row of a trained user to start from, or -1
    const uint32_t *liked, *disliked;
    size_t n_liked, n_disliked;
    const char *text; // UTF-8; NULL = no request. Others than models that take_text ignore it
} taste;

/* Whether a row is among these few. */
static inline bool rows_hold(const uint32_t *rows, size_t n, uint32_t row) {
    for (size_t i = 0; i < n; i++)
        if (rows[i] == row) return true;
    return false;
}

/* What every model file holds beside the model's own part: who is who, and what was trained on. */
typedef struct model_common {
    uint32_t n_users, n_products;
    uint32_t *user_start; // (n_users + 1)
    uint32_t *product;    // (user_start[n_users]) the training part: who bought what
    float *rating;        // (user_start[n_users])
    uint32_t *degree;     // (n_products) training interactions
    uint64_t seed;
    char isa[16];
    char split[128]; // which split it was trained on, for people
    char *settings;  // all options as "name=value" lines, for people and for exact repetition
    char feature[DATASET_FEATURES_TEXT]; // names of the features it uses, "look,text"; "" if none
    // (as many) what made each of them, "" if it was imported (encoders.h)
    char encoder[DATASET_MAX_FEATURES][DATASET_ENCODER_SIZE];
    curve curve;          // what was recorded while it was trained; n_points = 0 if nothing
    text_encoder *reader; // reads requests; not of the file: set by who has it. NULL = none
} model_common;

typedef struct model_class {
    const char *name, *summary;
    const option_table *options;
    bool seedless;      // trainings with different seeds give the same model
    bool many_features; // it learns from all features; others are given the first alone
    bool takes_text;    // it learns from requests and answers them; it has query_request

    /* Trains; *state is the model's own part, owned by the model. */
    lb_status (*fit)(job *j, const fit_input *input, const model_common *common,
                     const void *options, void **state);
    void (*free)(void *state);
    lb_status (*save)(const void *state, st_writer *w);
    lb_status (*load)(const st_reader *r, const model_common *common, void **state);

    /* The partitions; returns how many. NULL for a model that scores by itself. */
    size_t (*parts)(const void *state, model_part part[MODEL_MAX_PARTS]);

    /* Writes the query vector of each partition, query[i] is (part[i].dim). */
    lb_status (*query_user)(const void *state, const model_common *common, uint32_t user,
                            float *const query[MODEL_MAX_PARTS]);
    /* The same for a trained user, or -1 for somebody of whom nothing is known, who asks for `text`
     * (NULL or without words = for nothing). Only of models that take_text. */
    lb_status (*query_request)(const void *state, const model_common *common, int64_t user,
                               const char *text, float *const query[MODEL_MAX_PARTS]);
    /* What one word of a request stands for, so that a score is the cosine of that and the product;
     * *length is how much the word counts in a request, 1 = as much as a request must say to be
     * half heard. A word that the model makes nothing of, or a partition where words do not count:
     * zeros. Only of models that take_text. */
    lb_status (*query_word)(const void *state, const char *word,
                            float *const query[MODEL_MAX_PARTS], double *length);
    /* The same as query_user for somebody else; NULL if the model cannot. */
    lb_status (*fold_in)(const void *state, const model_common *common, const taste *who,
                         float *const query[MODEL_MAX_PARTS]);

    /* Scores all products for users, out (n, n_products); NULL = through the partitions. */
    lb_status (*score)(const void *state, const model_common *common, const uint32_t *users,
                       size_t n, float *out);

    /* Products in the space of taste, (n_products, dim); NULL if the model has no such space. */
    const float *(*embedding)(const void *state, uint32_t *dim);

    /* Users in the same space, (n_users, dim); zero rows without training products. NULL if the
     * model has no such space or users have no place in it. */
    const float *(*user_embedding)(const void *state, uint32_t *dim);

    /* What the model compares products' looks by, (n_products, dim), zero rows without; NULL if the
     * model, or this state of it, has none. */
    const float *(*look)(const void *state, uint32_t *dim);

    /* Products that came after training, by their raw features (n, feature_dim), which are changed,
     * and by what is written of them, `said` (n), which models that take no text leave unread:
     * `vectors` (n, dim of the last partition) to be searched beside it, `embedding` and `look` in
     * the spaces above. Thread-safe. NULL if the model cannot; only where `look` gives one.
     * LB_E_MISMATCH for a feature of another length. */
    lb_status (*place)(const void *state, float *feature, size_t n, size_t feature_dim,
                       const words_product *said, float *vectors, float *embedding, float *look);

    /* Scores n pairs of products: larger = more likely bought together, -INFINITY where the model
     * cannot place one of them. Thread-safe. NULL = the cosine of their `embedding`. */
    lb_status (*relate)(const void *state, const model_common *common, const relation *pairs,
                        size_t n, float *scores);
} model_class;

typedef struct model {
    const model_class *class;
    void *state;
    model_common common;
    char **user_ids, **product_ids; // after model_load only: (n_users), (n_products)
} model;

/* All models, by name; LB_E_ARGUMENT lists them. model_class_at returns NULL past the last. */
lb_status model_class_find(const char *name, const model_class **out);
const model_class *model_class_at(size_t index);

/* Trains a model of a class with "name=value" settings (model_options_set). */
lb_status model_fit(job *j, const model_class *class, const char *const *settings,
                    size_t n_settings, const fit_input *input, model **out);
void model_free(model *m);

/* scores (n, n_products): of every product for each of these users. Products that the model cannot
 * place are -INFINITY. Safe to call from several threads. */
lb_status model_score(const model *m, const uint32_t *users, size_t n, float *scores);

/* The same for n requests: of these users, -1 for nobody in particular. LB_E_UNSUPPORTED for a
 * model that does not take_text. */
lb_status model_score_requests(const model *m, const int64_t *users, const char *const *texts,
                               size_t n, float *scores);

/* The same from vectors (n_products, dim): their cosine, or their inner product. A vector of zeros
 * is that of a product that cannot be placed. */
void model_relate_rows(const float *x, size_t dim, bool cosine, const relation *pairs, size_t n,
                       float *scores);

/* Scores n pairs of products, as the class does (relate, or else the cosine of embeddings; products
 * whose embedding is zero have none). Safe to call from several threads. LB_E_UNSUPPORTED for a
 * model that has nothing to compare products by. */
lb_status model_relate(const model *m, const relation *pairs, size_t n, float *scores);

/* Writes the model to one safetensors file, all or nothing. Ids are the dataset's. */
lb_status model_save(const model *m, const dataset *d, const char *path);

/* LB_E_FORMAT for a damaged file or one that holds no model. */
lb_status model_load(const char *path, model **out);

/* LB_E_MISMATCH unless the dataset's first users and products are those of the loaded model (rows
 * never change, so an extended dataset fits), and its features were made by the same encoders.
 * `path` is what the error calls the model. */
lb_status model_check_dataset(const model *m, const char *path, const dataset *d);

#endif
