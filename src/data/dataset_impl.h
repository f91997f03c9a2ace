/* What the files that implement dataset.h share. */
#ifndef LB_DATA_DATASET_IMPL_H
#define LB_DATA_DATASET_IMPL_H

#include "data/dataset.h"
#include "data/idmap.h"
#include "data/sql.h"

enum { FEATURE_NAME_SIZE = 65, FEATURE_ENCODER_SIZE = DATASET_ENCODER_SIZE };

struct dataset {
    char *directory;
    sql db;
    idmap users, products;
    const char **image; // (n_products) NULL = none; the strings are in image_paths
    idmap image_paths;
    char (*feature_name)[FEATURE_NAME_SIZE]; // (n_features)
    size_t n_features;
};

/* Fills an empty map from "SELECT row, id ... ORDER BY row"; LB_E_FORMAT if rows are missing or an
 * id comes twice. */
lb_status dataset_load_ids(const sql *db, const char *query, idmap *out);

/* Whether a product of these category paths, one a line, is in `wanted`: whole components from the
 * start of a path, or one component anywhere, ignoring ASCII case. */
bool category_holds(const char *paths, const char *wanted);

#endif
