/*
 * `whisper`: what a person asks for in words and what the person bought give one ranking. Its kind
 * is WhisperLite's (Sevegnani et al., *Contrastive Learning for Interactive Recommendation in
 * Fashion*, 2022), whose abstract is all that is public: embeddings of texts and items, layers for
 * personalisation, binary cross-entropy and a contrastive loss. What it leaves open is chosen here.
 *
 *   item      z_i = norm(W0 x_i + MLP(x_i)), x_i = [look; place in vasg's space; title; kind;
 *             what CLIP sees in its picture and reads of it, if the dataset has these features]
 *   request   t_q = soft(W_t r_q), r_q what its words stand for (whisper_words.h) and what CLIP
 *             reads in it
 *   user      h_u = attention of t_q over z of the training history
 *   both      s = clip(t_q + g * MLP_s[h; t; h*t]), g = sigmoid(W_g[h; t]); the last layer of MLP_s
 *             starts at zero, so that an untrained model ranks by t_q . z_i alone
 *   score     w e^l (s . z_i) + what vasg says of (user, item) + the offset of cold items
 *
 * Partitions are vasg's, each query and vector with dim + 1 values in front: [s; whether a person
 * asks; query of vasg] and [w e^l z_i; offset; vector of vasg], so that a search is one inner
 * product. w is chosen on validation requests for each partition, and the offset as
 * whisper_offset.c says. Without words s is zero and the ranking vasg's; without a history it is
 * the search for t_q, warm and cold weighing the same.
 */
#ifndef LB_MODEL_WHISPER_H
#define LB_MODEL_WHISPER_H

#include "model/vasg.h"
#include "model/whisper_net.h"
#include "model/whisper_words.h"

typedef struct whisper_options {
    int dim, title_dim, hidden, epochs, requests, batch, negatives, history, buckets, patience,
        gain_epochs;
    double lambda, rate, decay, drop, shrink, cold_offset;
    int user, request, words; // 1 = left out
    int taste_dim, taste_epochs, look_dim, rank;
} whisper_options;

extern const option_table whisper_option_table;
extern const model_class whisper_class;

typedef struct whisper_model {
    whisper_options options;
    vasg_model *taste;
    uint32_t own_words; // values of a product that it got of titles, behind its features; or 0
    uint32_t n_users, n_products;
    whisper_reader reader;
    whisper_items items; // the layout; x itself only while training
    whisper_words words; // projected: (n_buckets, dim)
    whisper_net net;
    float *z;                               // (n_products, dim)
    double weight[MODEL_MAX_PARTS], offset; // of cold products where a person asks
    float *vector[MODEL_MAX_PARTS];         // of the partitions
} whisper_model;

/* Of a longer history every so many products are looked at. */
enum { WHISPER_MAX_HISTORY = 256 };

void whisper_free(void *state);

/* whisper_taste.c: the vasg inside, and products in its spaces by the dataset's features (model.h's
 * `place`). */
lb_status whisper_fit_taste(job *j, const fit_input *in, const model_common *common,
                            whisper_model *m);
lb_status whisper_place_taste(const whisper_model *m, float *feature, size_t n, size_t feature_dim,
                              const words_product *said, float *vectors, float *embedding,
                              float *look);

/* whisper_train.c: the net, from the words' and items' inputs; chooses the weights. It goes on from
 * `checkpoint`, unless that is NULL. */
lb_status whisper_train(job *j, const fit_input *in, const model_common *common,
                        const whisper_lexicon *l, const st_reader *checkpoint, whisper_model *m);

/* How far a training is, beside the net itself and the weights. */
typedef struct whisper_passes {
    int done, since; // passes, and those since the best one
    bool watched;    // by validation requests
    double best;     // merit of the best pass
    size_t step;     // batches
    size_t n_parameters;
    float *parameters; // (n_parameters) of the best pass
} whisper_passes;

/* whisper_checkpoint.c: unfinished trainings. Opens in->checkpoint if it is asked to go on from it
 * and the vasg inside was finished; otherwise *out is NULL. Errors as checkpoint_open. */
lb_status whisper_checkpoint_open(job *j, const fit_input *in, const model_common *common,
                                  st_reader **out);
lb_status whisper_checkpoint_taste(const st_reader *r, const model_common *common, curve *recorded,
                                   whisper_model *m);
lb_status whisper_checkpoint_read(const st_reader *r, whisper_model *m, whisper_passes *p);
lb_status whisper_checkpoint_write(const fit_input *in, const model_common *common,
                                   whisper_model *m, const whisper_passes *p);

/* whisper_valid.c: how well requests find their products. */
typedef struct whisper_score {
    double mrr[MODEL_MAX_PARTS];    // warm and cold, own candidates, with the best weight
    double alone[MODEL_MAX_PARTS];  // without the request
    double weight[MODEL_MAX_PARTS]; // that weight; without requests of a partition the net's own
    size_t n[MODEL_MAX_PARTS];
} whisper_score;
/* The weight that the net was trained with: e^l / c. */
double whisper_own_weight(const whisper_model *m);
/* What is compared of two states of a training: the mean over partitions of the MRR, each as a
 * multiple of that without requests. */
double whisper_merit(const whisper_score *s);
lb_status whisper_validate(job *j, const fit_input *in, const model_common *common,
                           const whisper_model *m, const whisper_lexicon *l, whisper_score *out);

/* whisper_query.c: s (dim) of somebody who asks. `history` (n_history) are products. `l` NULL takes
 * the model's projected words. `reader` is that of the model's features (NULL = none):
 * LB_E_UNSUPPORTED where the model needs one. */
lb_status whisper_encode(const whisper_model *m, text_encoder *reader, const whisper_lexicon *l,
                         const char *text, const uint32_t *history, size_t n_history, float *s);
/* r (request_width) of a request while training; *said = whether there is something in it. */
lb_status whisper_hear(const whisper_model *m, text_encoder *reader, const whisper_lexicon *l,
                       const whisper_words *w, const char *text, subwords *scratch, float *r,
                       bool *said);
/* Hides what is learned here of the products where words do not count. */
void whisper_hide(const whisper_model *m, uint8_t *present, size_t n);
lb_status whisper_query_user(const void *state, const model_common *common, uint32_t user,
                             float *const query[MODEL_MAX_PARTS]);
lb_status whisper_query_request(const void *state, const model_common *common, int64_t user,
                                const char *text, float *const query[MODEL_MAX_PARTS]);
lb_status whisper_query_word(const void *state, const char *word,
                             float *const query[MODEL_MAX_PARTS], double *length);
lb_status whisper_fold_in(const void *state, const model_common *common, const taste *who,
                          float *const query[MODEL_MAX_PARTS]);

/* The partitions' vectors, from z and the weights. */
lb_status whisper_build_parts(whisper_model *m);
lb_status whisper_place(const void *state, float *feature, size_t n, size_t feature_dim,
                        const words_product *said, float *vectors, float *embedding, float *look);

/* Values before those of the vasg inside, in queries and vectors. */
static inline size_t whisper_front(const whisper_model *m) {
    return (size_t)m->net.dim + 1;
}

/* Writes the offset into the cold vectors. */
void whisper_lift(whisper_model *m);

/* whisper_offset.c: of the finished model; without enough validation requests it stays 0. */
lb_status whisper_choose_offset(job *j, const fit_input *in, const model_common *common,
                                whisper_model *m);

/* whisper_file.c */
lb_status whisper_save(const void *state, st_writer *w);
lb_status whisper_load(const st_reader *r, const model_common *common, void **state);

#endif
