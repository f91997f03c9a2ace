/* What a dataset and a split of it hold, as in Table 1 of the VASG paper: users, products and
 * interactions before and after users of few products are dropped, and how they are spread. */
#ifndef LB_DATA_STATISTICS_H
#define LB_DATA_STATISTICS_H

#include "core/text.h"
#include "data/split.h"

/* A network of users and products. Repeats are merged; only users and products with an interaction
 * count. Of an empty network all numbers are 0. */
typedef struct network_statistics {
    uint32_t users, products;
    size_t interactions;
    double density;                      // interactions / (users * products)
    double user_mean, user_median;       // products of a user
    double product_mean, product_median; // users of a product
    double single_share;                 // products with one interaction / products
} network_statistics;

typedef struct feature_statistics {
    char name[65];
    uint32_t dim, n_present; // columns; products of the dataset that have it
} feature_statistics;

typedef struct dataset_statistics {
    uint32_t known_products;     // of the dataset, those without an interaction included
    network_statistics all;      // every interaction of the dataset
    network_statistics kept;     // what the split is of: Table 1, "after preprocessing"
    size_t users_dropped;        // those below the split's min_user
    size_t train, valid;         // pairs of the split
    size_t test_warm, test_cold; // tests whose product has training interactions, and has none
    size_t warm_products, cold_products; // of the split's catalogue
    size_t n_features;
    feature_statistics *feature; // (n_features) by order of import; owned
} dataset_statistics;

/* `split` was loaded from the dataset with `options`; options NULL: split_all. Free the result with
 * dataset_statistics_free. O(interactions). */
lb_status dataset_statistics_new(const dataset *d, const split *s, const split_options *options,
                                 dataset_statistics *out);
void dataset_statistics_free(dataset_statistics *s); // accepts all zero

/* A JSON object:
 *   {"products_known":n,"all":NETWORK,"kept":NETWORK,"users_dropped":n,"train_pairs":n,
 *    "validation_pairs":n,"tests":{"warm":n,"cold":n},"warm_products":n,"cold_products":n,
 *    "features":[{"name":S,"dim":n,"products":n}]}
 *   NETWORK = {"users":n,"products":n,"interactions":n,"density":x,
 *              "per_user":{"mean":x,"median":x},"per_product":{"mean":x,"median":x},
 *              "single_interaction_share":x} */
void dataset_statistics_json(const dataset_statistics *s, text *t);

/* Two lines for people, each with its end of line: what was kept, and how it is spread. */
void dataset_statistics_lines(const dataset_statistics *s, text *t);

#endif
