/* Datasets of the sizes in the VASG paper's Table 1, times a factor, in the layout and under the
 * names of the Amazon review data of 2014 ("Clothing, Shoes and Jewelry"), or of the Yelp Open
 * Dataset, which has no features. The products' styles are visible in their features, and reviews
 * speak of them. */
#ifndef LB_BENCH_SHAPE_H
#define LB_BENCH_SHAPE_H

#include "core/job.h"

#define SHAPE_REVIEWS  "reviews_Clothing_Shoes_and_Jewelry.json.gz"
#define SHAPE_META     "meta_Clothing_Shoes_and_Jewelry.json.gz"
#define SHAPE_FEATURES "image_features_Clothing_Shoes_and_Jewelry.b"
#define SHAPE_NAMES    "women|men|shoes|jewelry"
#define SHAPE_LAYOUTS  "amazon|yelp"

typedef struct shape_options {
    const char *name;   // one of SHAPE_NAMES
    const char *layout; // one of SHAPE_LAYOUTS
    double scale;       // times the numbers of users, products and ratings: 1e-4 to 100
    uint32_t least;     // ratings of the smallest user
    double around;      // as much again, in this part, that a preparation leaves out
    uint64_t seed;
} shape_options;

typedef struct shape_report {
    uint32_t n_users, n_products, users_around, products_around;
    size_t n_ratings, ratings_around;
    uint64_t text_bytes;    // of reviews and products before they are packed
    uint64_t feature_bytes; // of the feature file
} shape_report;

void shape_options_init(shape_options *options); // Women's, Amazon's, once, 5 ratings, seed 1

/* Writes the files into a folder that is there; j may be NULL. The same options give the same
 * files. LB_E_ARGUMENT for unknown names and numbers that do not go together. */
lb_status shape_write(job *j, const char *folder, const shape_options *options, shape_report *out);

#endif
