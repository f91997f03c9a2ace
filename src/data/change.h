/* Single changes to products, users and feedback, each a few statements in an open transaction of a
 * shop_writer; the tables of shop_extend are there. Arguments were checked by the caller. */
#ifndef LB_DATA_CHANGE_H
#define LB_DATA_CHANGE_H

#include "core/sha256.h"
#include "data/sql.h"

/* ---- products */

/* The row of a product or user that is there; found = false if none is. */
lb_status change_find_product(const sql *db, const char *id, uint32_t *row, bool *found);
lb_status change_find_user(const sql *db, const char *id, uint32_t *row, bool *found);

/* Adds one behind the last row. */
lb_status change_add_product(const sql *db, const char *id, uint32_t *row);
lb_status change_add_user(const sql *db, const char *id, uint32_t *row);

typedef struct product_fields {
    const char *title, *brand, *category, *description; // NULL = as it was, "" = unknown
    double price;                                       // NaN = as it was
    int available;                                      // -1 = as it was
} product_fields;
lb_status change_product(const sql *db, uint32_t row, const product_fields *texts);

/* A product's photo: its path in the dataset's folder, and the checksum of the file. */
lb_status change_photo(const sql *db, uint32_t row, const char *path,
                       const unsigned char sum[SHA256_SIZE]);

/* What a feature of the product is from now on, (dim); NULL = it has none. */
lb_status change_feature(const sql *db, const char *feature, uint32_t row, const float *vector,
                         uint32_t dim);

/* Leaves a tombstone: what is known of it goes, but for who bought it. */
lb_status change_remove_product(const sql *db, uint32_t row);

/* ---- feedback */

lb_status change_bought(const sql *db, uint32_t user, uint32_t product, int64_t time);
lb_status change_liked(const sql *db, uint32_t user, uint32_t product, bool liked, int64_t time);
lb_status change_withdraw(const sql *db, uint32_t user, uint32_t product);

/* Notes that a batch has been stored under a key. *repeated: it was before, and nothing is to be
 * stored. LB_E_MISMATCH if another batch had the key. Forgets keys that are older than 7 days or
 * beyond the latest 100,000. */
lb_status change_remember_key(const sql *db, const char *key,
                              const unsigned char batch[SHA256_SIZE], int64_t now, bool *repeated);

/* Leaves a tombstone: id, interactions, feedback, texts and places in splits go. */
lb_status change_erase_user(const sql *db, uint32_t row);

#endif
