/*
 * Splits of the interactions into a training, a validation and a test part (design: "Evaluation
 * protocol"), stored in the dataset with their seed.
 *
 * Leave one out: users with fewer than min_user distinct products are dropped; of each other user
 * one random product is the test, one more the validation product, the rest train.
 *
 * COLD_BALANCED then walks over the products in random order and empties some: they keep their test
 * pairs (or their validation pairs) only, and have no training pairs. A test product is taken while
 * the cold test pairs are fewer than the warm ones and a validation product while the same holds
 * for validation, whichever part is further behind. What else the emptied products had is dropped;
 * that includes the validation pairs of test products and the test pairs of validation products, so
 * that validation looks at warm products and at products emptied for validation only.
 *
 * A given split is taken as it was imported: seed, min_user and cold have no effect on it.
 */
#ifndef LB_DATA_SPLIT_H
#define LB_DATA_SPLIT_H

#include "core/pair.h"
#include "data/dataset.h"

typedef enum cold_kind { COLD_NATURAL, COLD_BALANCED } cold_kind;

typedef struct split_options {
    const char *method; /* "leave-one-out" or "given" */
    uint64_t seed;
    uint32_t min_user; /* users with fewer distinct products are dropped; 0 or 1 keeps all */
    cold_kind cold;
    bool no_validation; // no pair is held out, and no product emptied, for validation
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
    uint8_t *in_catalogue; // (n_products) 1 = a candidate: a user of this split interacted with it,
                           // in whatever part (of a given split: it is in one of the three)
    uint32_t *degree;      // (n_products) training interactions; 0 = completely cold
    size_t n_dropped;      // pairs dropped to make products cold
    size_t n_users_dropped;   // users below min_user
    size_t n_users_untrained; // users left without training pairs, not tested
} split;

/* Loads the split these options name, making and storing it first if the dataset does not have it
 * (where the dataset cannot be written it is made only). The same dataset and options give the same
 * split on every machine. A "given" split must have been imported (LB_E_NOT_FOUND says how).
 * LB_E_EMPTY when no user is left to train on. A stored split of a dataset whose interactions have
 * changed since is made anew. LB_E_ARGUMENT for an unknown method. */
lb_status split_load(const dataset *d, const split_options *options, split **out);

/* All interactions as training part, no tests: what a shop trains on. */
lb_status split_all(const dataset *d, split **out);
void split_free(split *s);

#endif
