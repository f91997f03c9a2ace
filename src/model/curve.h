/*
 * Training curves: what a model was like as it trained, a row of named numbers for each look at it.
 * The first column is the time in epochs (passes over the data, with fractions; 0 = before the
 * first step); the others are named when they first get a value. A number that was not measured at
 * some point is NaN.
 *
 * A model records into fit_input.curve, which model_fit sets to the model's own (model_common): the
 * curve is then part of the model file. A training with checkpoints keeps the curve in them
 * (curve_write, curve_read), since a resumed training must give the same file.
 */
#ifndef LB_MODEL_CURVE_H
#define LB_MODEL_CURVE_H

#include "core/job.h"
#include "data/split.h"
#include "eval/eval.h"
#include "store/safetensors.h"

enum { CURVE_MAX_COLUMNS = 12, CURVE_MAX_NAME = 31 };

/* Columns that mean the same in every model. */
#define CURVE_EPOCH         "epoch"
#define CURVE_LOSS          "loss"                    // of ranking or Skip-Gram, mean per pair
#define CURVE_FEATURE_LOSS  "feature_loss"            // squared error of a rebuilt feature value
#define CURVE_AUC_WARM      "validation_auc_warm_own" // of warm validation products among warm ones
#define CURVE_AUC_COLD      "validation_auc_cold_own" // of cold ones among cold ones
#define CURVE_AUC_RELATIONS "validation_auc_relations"  // of pairs that the validation part makes
#define CURVE_USER_COSINE   "mean_cosine_between_users" // near 1: the space has collapsed

typedef struct curve {
    size_t n_columns, n_points, capacity;
    char name[CURVE_MAX_COLUMNS][CURVE_MAX_NAME + 1]; // (n_columns), name[0] is CURVE_EPOCH
    double *value;                                    // (n_points, CURVE_MAX_COLUMNS)
} curve;

typedef struct curve_value {
    const char *name; // a-z 0-9 _, at most CURVE_MAX_NAME
    double value;     // NaN counts as not measured
} curve_value;

/* Appends a point. Nothing happens where `c` is NULL: a training that nobody records. Names of
 * columns beyond CURVE_MAX_COLUMNS are left out. LB_E_NOMEM. Call it from one thread. */
lb_status curve_add(curve *c, double epoch, const curve_value *values, size_t n);
void curve_free(curve *c); // accepts all zero and NULL; leaves all zero

/* The column of a name, CURVE_MAX_COLUMNS if there is none; and a value of it. */
size_t curve_column(const curve *c, const char *name);
static inline double curve_at(const curve *c, size_t point, size_t column) {
    return c->value[point * CURVE_MAX_COLUMNS + column];
}

/* ---------------------------------------------------------------- in files */

/* Adds the curve to a file: tensor "training.curve" F64 (n_points, n_columns) and as metadata
 * "lookbook.curve" (names of the columns, commas between) and "lookbook.curve.points". An empty
 * curve adds nothing. `*room` is what the tensor's bytes lie in; free() it after the file is
 * saved. */
lb_status curve_write(st_writer *w, const curve *c, double **room);

/* Reads it, into a curve that is replaced; a file without one gives an empty curve. LB_E_FORMAT if
 * names and tensor do not fit. Where `c` is NULL nothing is read. */
lb_status curve_read(const st_reader *r, curve *c);

/* ---------------------------------------------------------------- measuring */

/* The mean cosine over all pairs of users that have training pairs and a vector other than zero;
 * NaN for fewer than two. x is (n_users, dim), with `stride` floats from row to row. Exact, by
 * sum over i < j of cos(i, j) = (|sum of unit vectors|^2 - n) / 2, in O(n_users dim). */
double curve_user_cosine(const split *s, const float *x, size_t dim, size_t stride);

/* An eval_score by inner products: x_u . x_p, and + b_p where there is a bias. */
typedef struct curve_space {
    const float *user;    // (n_users, dim)
    const float *product; // (n_products, dim)
    const float *bias;    // (n_products) or NULL
    size_t n_products, dim;
} curve_space;
lb_status curve_score(void *space, const uint32_t *users, size_t n, float *scores, unsigned worker);

/* Whether there is a validation pair of a warm product: whether curve_auc measures anything. */
bool curve_has_warm_validation(const split *s);

/* AUC of the split's validation pairs by kind, among products of the same kind; NaN where there are
 * no such pairs. The context is of `score`. Errors as eval_run. */
lb_status curve_auc(job *j, const split *s, eval_score score, void *context,
                    double auc[EVAL_KINDS]);

#endif
