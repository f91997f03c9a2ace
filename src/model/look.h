/* The products' features made ready for learning. Several features of a product stand side by side
 * in one row: each centred on the training products and scaled to a length whose square is its
 * share, so that the Gaussian kernel of two rows is the product of one kernel per feature. The
 * vectors stay in the features' mapped files and are fetched in blocks. */
#ifndef LB_MODEL_LOOK_H
#define LB_MODEL_LOOK_H

#include "core/job.h"
#include "data/split.h"
#include "math/rows.h"
#include "store/safetensors.h"

enum { LOOK_MAX_FEATURES = DATASET_MAX_FEATURES };

/* How features become rows of length one. */
typedef struct look_space {
    uint32_t dim, n_features; // dim: of all features together
    uint32_t
        start[LOOK_MAX_FEATURES + 1]; // where a feature's values begin in a row; at the end dim
    float share[LOOK_MAX_FEATURES];   // of the squared length of a row; they sum to one
    float *mean;                      // (dim) over the warm products that have the feature
} look_space;

static inline uint32_t look_width(const look_space *s, uint32_t feature) {
    return s->start[feature + 1] - s->start[feature];
}

typedef struct look_table {
    uint32_t n, dim;   // products with a feature, the length of their rows
    uint32_t *product; // (n) rows, ascending
    float *weight;     // (n) look_trust; 0 = cold
    size_t n_warm;     // rows with weight > 0
    uint32_t *warm;    // (n_warm) those rows, ascending
    look_space space;
    const feature_set *feature; // (n_features) must outlive the table
} look_table;

/* Some rows of a table as a source of vectors. */
typedef struct look_view {
    const look_table *table;
    const uint32_t *row; // (n) of the table; NULL = all
    bool raw;            // as imported, NaN for a feature that the product lacks
    uint32_t only;       // 0 = all features side by side, f + 1 = feature f alone, of length one
} look_view;

/* The first n rows of a view, which must outlive the source. */
row_source look_rows(const look_view *v, size_t n);

/* The rows of warm products that have a feature, rows (n_warm); returns how many. */
size_t look_warm_with(const look_table *l, uint32_t feature, uint32_t *rows);

/* d / (d + 5) for d training interactions: how far a product's vector can be trusted; 0 for none.
 */
double look_trust(uint32_t degree);

/* Finds the products that have a feature of these, and the means; the shares are equal. LB_E_EMPTY
 * if no trained product has one; LB_E_ARGUMENT for more than LOOK_MAX_FEATURES. */
lb_status look_new(job *j, const feature_set *features, size_t n_features, const split *s,
                   look_table *out);
void look_free(look_table *l); // accepts all zero

/* Sets the shares of several features by how well each alone tells what a person buys: the AUC of
 * the similarity to the person's other products, over sampled training pairs, against products of
 * other pairs (so that popularity does not count). Shares are squares of AUC - 1/2: what
 * independent cues add up by. Some linear work in the length of the rows, whatever their number. */
lb_status look_weigh(job *j, look_table *l, const split *s, uint64_t seed);

/* Centres each feature on its mean and scales it to its share; a row that lacks features (NaN) is
 * scaled to length one by the others. A feature equal to its mean becomes zero. */
void look_normalise_rows(const look_space *s, float *vectors, size_t n);

/* LB_E_MISMATCH unless a feature to be placed is as long as those that were learnt from. */
lb_status look_check_dim(size_t given, size_t trained);

/* look_file.c: a space in a model's file, in PART.feature_start, .feature_share and .feature_mean.
 * Reading allocates the mean. LB_E_FORMAT for a layout that cannot be, LB_E_NOT_FOUND. */
lb_status look_space_write(const look_space *s, const char *part, st_writer *w);
lb_status look_space_read(const st_reader *r, const char *part, look_space *s);

#endif
