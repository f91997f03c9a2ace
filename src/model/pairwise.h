/*
 * The training that `bpr` and `vbpr` share: Bayesian personalised ranking (Rendle, Freudenthaler,
 * Gantner and Schmidt-Thieme, UAI 2009). Of a product i that a user bought and one j that he or she
 * did not, i is to score higher:
 *   maximise  sum over (u, i, j) of ln sigmoid(x_ui - x_uj)  -  L2,
 *   x_ui = b_i + g_u . g_i + th_u . (E f_i) + b' . f_i       (He and McAuley, AAAI 2016, equation
 * 4) where the last two terms are vbpr's. Biases and factors learn by stochastic gradient ascent,
 * one step a triple. E and b' belong to every product at once: their gradient is summed over the
 * triples of a round and they take one step of Adam on its mean, after which E f and b' . f are
 * made anew. In between, each product gathers the part of the gradient that reaches it, so that the
 * sum over triples becomes one matrix product.
 *
 * The same bytes on any number of threads: users and products are dealt into blocks that are
 * redrawn each epoch, a round trains the positives of disjoint (user block, product block) cells
 * side by side, and j is drawn uniformly from the cell's own products.
 *
 * Different from the authors: factors start at N(0, 0.1^2), not Uniform(0, 1), which would take
 * many epochs to forget that all vectors point the same way; the rate falls linearly; positives are
 * met once an epoch, so users count by what they bought; j gets the full L2, not a tenth of it.
 */
#ifndef LB_MODEL_PAIRWISE_H
#define LB_MODEL_PAIRWISE_H

#include "model/model.h"

typedef struct pairwise_options {
    int dim, epochs, patience, blocks;
    double rate, last_rate, l2, l2_bias;
    // vbpr alone
    int visual_dim, components;
    double feature_scale, visual_rate, l2_visual, l2_map;
} pairwise_options;

typedef struct pairwise_table {
    uint32_t n_users, n_products, dim, visual_dim, n_components; // the last two 0 for bpr
    float *user;          // (n_users, dim + visual_dim) g_u, th_u
    float *product;       // (n_products, dim + visual_dim) g_p, E f_p
    float *bias;          // (n_products) b_p
    float *look_bias;     // (n_products) b' . f_p
    const float *feature; // (n_products, n_components) f_p, zeros without; not owned
    float *map;           // (visual_dim, n_components) E
    float *map_bias;      // (n_components) b'
    curve *curve;         // what training records; NULL = nothing; not owned
} pairwise_table;

/* What reaches E f_p and b' . f_p of each product: the sum over triples of the slope times th_u
 * (n_products, visual_dim) and of the slope (n_products), with its sign. */
typedef struct pairwise_reach {
    float *vector, *bias;
} pairwise_reach;

/* The options with what is left to the data filled in: rate 0, last_rate, l2 and l2_visual -1.
 *
 * A user's vector takes `interactions per user` steps an epoch, so the rate is the inverse of that,
 * times 3, within 0.05 and 0.4 (0.1 with a visual part, where E is to keep up). The L2 is
 * 0.07 density.normalised_edge (density.h): with less, sparse data are learnt by heart; with much
 * more all factors go to zero and the biases are left. */
pairwise_options pairwise_settle(const pairwise_options *options, const split *s, int is_visual);

/* Allocates a table at its random start. feature (n_products, n_components) must outlive it; NULL
 * for none, and then options->visual_dim counts as 0. */
lb_status pairwise_table_new(const split *s, const pairwise_options *options, const float *feature,
                             uint32_t n_components, uint64_t seed, pairwise_table *out);
void pairwise_table_free(pairwise_table *t); // accepts all zero

/* Numbers per user and per product. */
static inline uint32_t pairwise_width(const pairwise_table *t) {
    return t->dim + t->visual_dim;
}

/* One triple: a step on b, g and th; what is for E and b' is added to `reach` (not used without
 * visual_dim). `scratch` holds 2 pairwise_width floats. */
void pairwise_step(pairwise_table *t, const pairwise_options *options, float rate, uint32_t user,
                   uint32_t better, uint32_t worse, pairwise_reach *reach, float *scratch);

/* The gradient of the objective, divided by the number of triples, with respect to E into
 * map (visual_dim, n_components) and to b' into map_bias (n_components). */
lb_status pairwise_map_gradient(job *j, const pairwise_table *t, const pairwise_options *options,
                                const pairwise_reach *reach, size_t n_triples, float *map,
                                float *map_bias);

/* E f_p and b' . f_p of every product, from E and b'. */
lb_status pairwise_place(job *j, pairwise_table *t);

/* A training between two epochs, beside its table. */
typedef struct pairwise_progress {
    int epoch;         // epochs done
    uint64_t map_step; // steps of Adam on E and b', and their
    float *moments[2]; // (visual_dim + 1, n_components), the last row is of b'
    // the best state, after epoch best_epoch (0 = none yet); NULL without validation
    int best_epoch;
    double best_auc;
    float *user, *product, *bias, *look_bias, *map, *map_bias; // as in the table
} pairwise_progress;

/* pairwise_file.c: checkpoints (checkpoint.h) of both, and of the curve. Reading replaces the
 * arrays, and leaves all as it is where there is no checkpoint. */
lb_status pairwise_checkpoint_write(const char *name, const fit_input *in,
                                    const model_common *common, const pairwise_table *t,
                                    const pairwise_progress *p);
lb_status pairwise_checkpoint_read(job *j, const char *name, const fit_input *in,
                                   const model_common *common, pairwise_table *t,
                                   pairwise_progress *p);

/* Trains on in->split from the table's state, with g_p = 0 for cold products. With warm validation
 * pairs, the state with the best AUC among warm products is kept, and training ends when it has not
 * been bettered for options->patience epochs; without, all epochs are run. `name` is the model's,
 * for the log. LB_E_EMPTY if there is nothing to learn from, LB_E_NUMERIC if it diverges. With
 * in->checkpoint it is written every few epochs; `common` is not used without. */
lb_status pairwise_train(job *j, const char *name, const fit_input *in, const model_common *common,
                         const pairwise_options *options, pairwise_table *t);

#endif
