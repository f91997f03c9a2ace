/* The training of `vasg-paper`: batches of pairs, their gradients, the corpus, and what is watched
 * meanwhile. */
#ifndef LB_MODEL_PAPER_TRAIN_H
#define LB_MODEL_PAPER_TRAIN_H

#include "graph/alias.h"
#include "graph/bipartite.h"
#include "model/paper.h"

/* Features of the trained products, which are fetched and scaled when a batch needs them. */
typedef struct paper_features {
    uint32_t n, dim;
    uint32_t *index;   // (n_products) position in product[] and rows, or UINT32_MAX
    uint32_t *product; // (n) rows, ascending
    row_source rows;   // (n, dim) scaled
    bool non_negative;
} paper_features;

/* Nodes are numbered as in the network: users, then products. */
typedef struct paper_pair {
    uint32_t centre, context;
} paper_pair;

/* Of one batch: means over its pairs, and over those whose centre has a feature. */
typedef struct paper_loss {
    double skipgram, mse; // -log sigma (with negatives, if any); the feature's squared error
    double total;         // the objective whose gradient is taken
    size_t n, n_rebuilt;  // pairs; pairs whose centre has a feature
} paper_loss;

/* A parameter of the task weights and Adam's moments of it. */
typedef struct paper_weight {
    double s, gradient, m, v;
} paper_weight;

typedef struct paper_trainer {
    const paper_options *options;
    const bipartite *graph;
    const paper_features *features; // n = 0: nothing is rebuilt
    uint64_t seed;
    size_t n_nodes, n_rows, dim; // n_rows = n_nodes, or twice that with a table of contexts behind
    float *x, *m, *v;            // (n_rows, dim): vectors and Adam's moments
    paper_weight weight[2];      // s1, s2
    mlp *decoder;                // NULL without features
    bool decoder_relu;
    alias_table users, products; // that negatives are drawn from
    uint64_t step;               // batches done
    /* The current batch. */
    uint32_t *slot;  // (n_rows) position in row[], or UINT32_MAX
    uint32_t *row;   // (n_touched) rows that have a gradient, in the order they were met
    float *gradient; // (n_touched, dim)
    size_t n_touched;
    uint32_t *rebuilt;    // (n_rebuilt) distinct centres with a feature
    float *share;         // (n_rebuilt) how many pairs each stands for
    uint32_t *rebuilt_at; // (n_products) position in rebuilt[], or UINT32_MAX
    size_t n_rebuilt;
    float *input, *target, *dx, *dy; // (batch, dim), (batch, feature dim), the same
    paper_loss loss;
} paper_trainer;

/* `options`, `graph` and `features` must outlive the trainer. */
lb_status paper_trainer_new(const paper_options *options, const bipartite *graph,
                            const paper_features *features, uint64_t seed, paper_trainer *out);
void paper_trainer_free(paper_trainer *t); // accepts all zero

/* The settings of decoder and encoder. */
autoencoder_options paper_autoencoder(const paper_options *o, bool decoder_relu, uint64_t seed);

/* The loss of a batch (1 <= n <= options->batch, centres all users or all products) and its
 * gradient at the present values: in row and gradient, in the decoder and in weight[].gradient.
 * Sums are in the order of the pairs. */
lb_status paper_batch_gradient(job *j, paper_trainer *t, const paper_pair *pairs, size_t n);

/* One step of Adam with that gradient. */
lb_status paper_batch_update(job *j, paper_trainer *t);

/* ---------------------------------------------------------------- watching */

/* A state that was kept because its validation AUC was the best so far. */
typedef struct paper_best {
    double auc; // -1: none yet
    uint64_t step;
    double s[2];
    float *x;       // (n_nodes, dim)
    float *decoder; // (n_decoder) weights and biases of all layers
    size_t n_decoder;
} paper_best;

typedef struct paper_watch {
    const split *split;
    bool measure; // whether there are validation pairs to measure by
    bool keep;    // whether the best state is kept
    paper_best best;
    uint64_t next, measured;          // steps: at which to measure next, of the last measurement
    double cosine, auc;               // the last measured; NaN if not
    double first_cosine, best_cosine; // before training; at the best state
    double skipgram, mse;             // sums since the last measurement
    size_t n, n_rebuilt;              // and pairs
    double epoch;                     // passes over the corpus so far
    curve *curve;                     // what is measured goes there; NULL = nowhere
} paper_watch;

lb_status paper_watch_new(const paper_trainer *t, const split *s, paper_watch *out);
void paper_watch_free(paper_watch *w); // accepts all zero

/* Adds the last batch's loss; at steps 0, 16, 23, 32, .. (each 1.41 times the last), and always if
 * `last`, measures, logs, records and keeps. */
lb_status paper_watch_step(job *j, paper_watch *w, const paper_trainer *t, bool last);

/* Puts the kept state back into the trainer, and says what was kept and what came after it. */
lb_status paper_watch_finish(job *j, paper_watch *w, paper_trainer *t);

/* ---------------------------------------------------------------- the whole training */

/* Walks, pairs and batches of all epochs, from where t->step stands. Checkpoints go to input's file
 * every options->checkpoint_batches batches; `settings` says what they are valid for. */
lb_status paper_train(job *j, paper_trainer *t, paper_watch *w, const fit_input *input,
                      const char *settings);

/* paper_file.c: the state of an unfinished training. Reading finds out whether there is one;
 * LB_E_MISMATCH if it is of other settings or data. */
lb_status paper_checkpoint_write(const paper_trainer *t, const paper_watch *w, const char *settings,
                                 const fit_input *in);
lb_status paper_checkpoint_read(paper_trainer *t, paper_watch *w, const char *settings,
                                const char *path);

#endif
