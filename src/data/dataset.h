/*
 * The dataset on disk: a directory with shop.db (SQLite), features/ (NumPy files), images/, models/
 * and cache/. Products and users have rows 0..n-1 that never change or get reused, so that models,
 * features and the store agree.
 *
 * How database and feature files stay in step: the table `features` names the file of each feature.
 * The first is features/NAME.npy, a changed one features/NAME.2.npy, NAME.3.npy and so on; a file
 * is never written again once the database names it. A new file is written beside, synced and
 * renamed before the transaction that names it commits, and the old file is removed after. Killed
 * at any moment, the database names a whole file that fits it; files it does not name are removed
 * by the next import.
 *
 * A handle is a view of the users, products and features at the time it was opened. Its functions
 * may be called by several threads at once, but for opening and closing.
 */
#ifndef LB_DATA_DATASET_H
#define LB_DATA_DATASET_H

#include <stdbool.h>

#include "core/job.h"

typedef struct dataset dataset;

/* Opens an existing dataset for reading. LB_E_NOT_FOUND names the directory and says how to make
 * one. */
lb_status dataset_open(const char *directory, dataset **out);
void dataset_close(dataset *d);

const char *dataset_directory(const dataset *d);
uint32_t dataset_n_users(const dataset *d);
uint32_t dataset_n_products(const dataset *d);

/* The id of a row, a tombstone (tombstone.h) where it was taken out; owned by the dataset, valid
 * until it is closed. */
const char *dataset_user_id(const dataset *d, uint32_t user);
const char *dataset_product_id(const dataset *d, uint32_t product);

/* The row of an id; LB_E_NOT_FOUND names the id. */
lb_status dataset_find_user(const dataset *d, const char *id, uint32_t *out);
lb_status dataset_find_product(const dataset *d, const char *id, uint32_t *out);

/* All interactions with products that were not taken out, repeats of a (user, product) pair merged
 * (the latest rating and time are kept), sorted by user row, then product row. */
typedef struct interactions {
    size_t n;
    uint32_t *user, *product; // (n)
    float *rating;            // (n), 1 where unknown
    int64_t *time;            // (n), 0 where unknown
} interactions;
lb_status dataset_interactions(const dataset *d, interactions *out);
void interactions_free(interactions *i); // accepts all zero

/* What is known of a product beside its feature; strings owned by the caller (product_info_free);
 * NULL = unknown. */
typedef struct product_info {
    char *title, *brand, *category, *description, *image;
    double price; // negative = unknown
} product_info;
lb_status dataset_product_info(const dataset *d, uint32_t product, product_info *out);
void product_info_free(product_info *info);

/* The same of `n` products from row `first` on, in one pass; `out` is (n). On failure it is all
 * unknown and nothing need be freed. */
lb_status dataset_product_infos(const dataset *d, uint32_t first, uint32_t n, product_info *out);

/* mask[p] = 1 for products whose category path has `category` as one of its components or as a
 * prefix
 * ("Dresses", "Clothing > Women"), ignoring ASCII case. mask is (n_products), owned by the caller.
 * LB_E_NOT_FOUND lists some categories that exist. */
lb_status dataset_category_mask(const dataset *d, const char *category, uint8_t *mask,
                                size_t *count);

/* Bytes of an encoder's identity with its NUL. */
enum { DATASET_ENCODER_SIZE = 529 };

/* A feature: one vector a product, mapped from features/NAME.npy; what a service has added since is
 * read beside it. Products that were taken out have none. */
typedef struct feature_set {
    char name[65];
    char encoder[DATASET_ENCODER_SIZE]; // what made it, such as "builtin-1" (see
                                        // media/encode.h), or "" for imported vectors
    uint32_t n_products;                // rows in the dataset when it was opened
    uint32_t n_present;                 // products that have one
    uint32_t dim;
    const uint8_t *present; // (n_products)
    void *impl;
} feature_set;

/* `name` NULL takes the dataset's first feature (by order of import). LB_E_NOT_FOUND if there is
 * none. */
lb_status dataset_feature_open(const dataset *d, const char *name, feature_set *out);
void feature_set_close(feature_set *f);
size_t dataset_n_features(const dataset *d);
const char *dataset_feature_name(const dataset *d, size_t index); // by order of import

/* Whether a text may name a feature: 1 to 64 of [a-z0-9_-]. */
bool dataset_feature_name_valid(const char *name);

/* Several features: at most so many, and the size of their names in one text, "look,text". */
enum { DATASET_MAX_FEATURES = 8, DATASET_FEATURES_TEXT = DATASET_MAX_FEATURES * 65 };

/* Opens the features of a list "look,text", in that order; NULL = all that the dataset has, "" =
 * none. out (DATASET_MAX_FEATURES) receives *n. LB_E_NOT_FOUND names what is not there;
 * LB_E_ARGUMENT for too many and for one that is named twice. Close with feature_sets_close. */
lb_status dataset_features_open(const dataset *d, const char *names, feature_set *out, size_t *n);
void feature_sets_close(feature_set *f, size_t n);

/* Their names as such a list. */
void feature_sets_names(const feature_set *f, size_t n, char names[DATASET_FEATURES_TEXT]);

/* Whether a text is such a list, "" included. */
bool dataset_features_valid(const char *names);

/* A feature of no dataset: of rows in memory (n_products, dim), those of `present` (n_products),
 * which are copied. Close with feature_set_close. */
lb_status feature_set_of_rows(const char *name, const float *rows, const uint8_t *present,
                              uint32_t n_products, uint32_t dim, feature_set *out);

/* The vector of one product as float32, (dim); false and zeros where the product has none. */
bool feature_row(const feature_set *f, uint32_t product, float *out);

/* Has the system read a vector that is wanted soon, and does not wait for it. */
void feature_ahead(const feature_set *f, uint32_t product);

/* Images by product row: path as registered; NULL if none. Owned by the dataset. */
const char *dataset_image_path(const dataset *d, uint32_t product);

/* A feature computed by Lookbook itself, all rows at once. */
typedef struct feature_rows {
    const char *name, *encoder; // 1 to 64 of [a-z0-9_-]; at most 528 bytes
    const float *rows;          // (n_products, dim)
    const uint8_t *present;     // (n_products)
    uint32_t n_products;        // what the dataset had when it was opened: later ones have no row
    uint32_t dim;
    bool float16; // stored in 16 bits a value; false = as the feature was, float32 if it is new
} feature_rows;

/* Writes it, replacing one of that name; all or nothing. LB_E_ARGUMENT for a name, an encoder or a
 * dim that cannot be and where a present value is not finite, LB_E_FORMAT where one is beyond
 * float16. */
lb_status dataset_feature_write(const char *directory, const feature_rows *f);

#endif
