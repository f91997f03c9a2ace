/*
 * `ibr`: products that go together by their looks (McAuley, Targett, Shi and van den Hengel,
 * "Image-based recommendations on styles and substitutes", SIGIR 2015). A low-rank Mahalanobis
 * distance in the space of features, s_i = f_i Y ("style"), Y (F, rank):
 *
 *     P(i and j are bought together) = sigma(c - |s_i - s_j|^2)
 *
 * Y and c maximise the likelihood of pairs bought together in training and of as many that nobody
 * bought together (data/relations.h), with Adam on mini-batches; training stops on the AUC of the
 * pairs that the validation part makes, and the best state is kept. (The authors used L-BFGS on all
 * pairs.) There is no regularisation but that.
 *
 * A batch costs two products of the feature matrix with a (F, rank) matrix, whatever its size, and
 * rank operations for each pair: every product is projected once, and the pull of all its pairs is
 * summed in the style space before it goes back to the features. Both go through the features in
 * blocks of rows, which are fetched each time, so that they need not fit the memory; where they fit
 * one block, that is fetched once.
 *
 * To recommend, a product scores the mean of c - distance over what the user bought.
 */
#ifndef LB_MODEL_IBR_H
#define LB_MODEL_IBR_H

#include "data/relations.h"
#include "model/look.h"
#include "model/model.h"

typedef struct ibr_options {
    int rank, epochs, patience, batch, pairs;
    double rate;
} ibr_options;

extern const model_class ibr_class;

/* ---- ibr_train.c */

/* What the distance is about. */
typedef struct ibr_problem {
    row_source features; // (n, dim) centred, of one common scale
    uint32_t rank;       // of the distance
    size_t block;        // rows in memory at a time, of ibr_block_rows
} ibr_problem;

/* Rows of `dim` values in a block. Many, and a multiple of what products of matrices are cut into,
 * so that a block costs and gives what the same rows do among others. */
size_t ibr_block_rows(size_t dim);

/* Memory for ibr_loss, of batches up to a number of pairs. */
typedef struct ibr_work {
    float *style, *pull; // (n, rank) rows times Y, of the last projection; dL/dstyle
    float *feature;      // (block, dim) rows held_first .. held_first + n_held - 1
    size_t held_first, n_held;
    float *error, *loss;  // (2 most) dL/dz and L of each pair
    uint32_t *start, *at; // (n + 1), (4 most) the pairs of each row
} ibr_work;

lb_status ibr_work_new(const ibr_problem *p, size_t most, ibr_work *out);
void ibr_work_free(ibr_work *w); // accepts all zero

/* The mean negative log-likelihood of 2 n pairs of rows, the first n of them related, and, unless
 * NULL, its gradient. Parameters and gradient are Y (dim, rank) with c behind it. The result does
 * not depend on the number of threads. */
lb_status ibr_loss(job *j, const ibr_problem *p, const float *parameters, const relation *pairs,
                   size_t n, ibr_work *w, double *loss, float *gradient);

/* Trains on the looks of a table's rows. *parameters is allocated: Y (dim, rank) with c behind it.
 * LB_E_EMPTY where no pairs bought together have features. */
lb_status ibr_train(job *j, const fit_input *in, const ibr_options *o, const look_table *l,
                    const ibr_problem *p, float **parameters);

/* w->style (n, rank) = features (n, dim) times Y. */
lb_status ibr_project(job *j, const ibr_problem *p, const float *map, ibr_work *w);

#endif
