/* The steps of an import. They run in one open transaction. */
#ifndef LB_DATA_IMPORT_IMPL_H
#define LB_DATA_IMPORT_IMPL_H

#include "data/feature.h"
#include "data/import.h"
#include "data/reader.h"

typedef struct import {
    job *job;
    const char *directory;
    const lb_import_options *options;
    sql db;
    idmap users, products; // all rows, those of this import included
    uint32_t n_users_before, n_products_before;
    sqlite3_stmt *add_product, *add_user;
    read_format format;
    feature_record old, feature; // of this import; name "" = none
    bool had_feature;            // `old` is set
    feature_writer *writer;
    idmap wanted;    // with a category: the products in it
    bool known_only; // products that are not in the dataset yet are passed over
    lb_import_report report;
} import;

/* Whether a product of this id is to be taken into the dataset. */
static inline bool import_takes(const import *m, const char *id) {
    uint32_t row;
    return (!m->options->category || idmap_find(&m->wanted, id, &row)) &&
           (!m->known_only || idmap_find(&m->products, id, &row));
}

/* The row of a product or user, which is added to the dataset if it is not there. */
lb_status import_product(import *m, const char *id, uint32_t *row);
lb_status import_user(import *m, const char *id, uint32_t *row);

/* Notes which file was read. */
lb_status import_provenance(import *m, const char *kind, const char *path);

lb_status import_category(import *m); // fills `wanted`
lb_status import_features(import *m);
lb_status import_interactions(import *m);
lb_status import_products(import *m);
lb_status import_images(import *m);
lb_status import_reviews(import *m);
lb_status import_requests(import *m);

/* A file of reviews by users is also one of interactions where no other is given. */
lb_status import_review_options(lb_import_options *options);

/* has[p] = 1 for the products (all rows so far) that have any feature. LB_E_NOT_FOUND when the
 * dataset has no features. Free with free(). */
lb_status import_any_feature(import *m, uint8_t **has);

#endif
