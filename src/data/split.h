/*
 * Splits of the interactions into a training, a validation and a test part (design: "Evaluation
 * protocol"), stored in the dataset with their seed.
 */
#ifndef LB_DATA_SPLIT_H
#define LB_DATA_SPLIT_H

#include "data/dataset.h"

typedef struct pair {
    uint32_t user, product;
} pair;

typedef enum cold_kind { COLD_NATURAL, COLD_BALANCED } cold_kind;

typedef struct split_options {
    const char *method; /* "leave-one-out" or "given" */
    uint64_t seed;
    uint32_t min_user; /* users with fewer distinct products are dropped; 0 or 1 keeps all */
    cold_kind cold;
} split_options;

/* What a model learns from and is tested on. Rows are the dataset's rows. */
typedef struct split {
    uint32_t n_users, n_products; // of the dataset
    size_t n_train;
    uint32_t *user_start; // (n_users + 1) offsets into product[]: the training part as CSR
    uint32_t *product;    // (n_train) product rows, ascending within a user
    float *rating;        // (n_train)
    pair *valid,
        *test; // sorted by user, then product; users without training pairs are not among the tests
    size_t n_valid, n_test;
    uint8_t *in_catalogue;  // (n_products) 1 = a candidate: it has an interaction in this split, in
                            // whatever part
    uint32_t *degree;       // (n_products) training interactions; 0 = completely cold
    size_t n_dropped;       // pairs dropped to make products cold
    size_t n_users_dropped; // users below min_user
    size_t n_users_untrained; // users left without training pairs, not tested
} split;

/* Loads the split these options name, making and storing it first if the dataset does not have it.
 * The same dataset and options give the same split on every machine. A "given" split must have been
 * imported (LB_E_NOT_FOUND says how). LB_E_EMPTY when no user is left. A stored split of a dataset
 * that has grown since is made anew. */
lb_status split_load(const dataset *d, const split_options *options, split **out);

/* All interactions as training part, no tests: what a shop trains on. */
lb_status split_all(const dataset *d, split **out);
void split_free(split *s);

#endif
