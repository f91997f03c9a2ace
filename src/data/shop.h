/*
 * shop.db, the database of a dataset: where it lies, its tables and their version.
 *
 *   products      row, id, title, brand, category, description, price, image, deleted
 *   users         row, id
 *   interactions  user, product (rows), time (seconds since 1970, 0 = unknown), rating
 *   images        row (of the product), path (absolute, or relative to the dataset), sha256
 *                 (NULL for pictures that lie where they were imported from)
 *   features      name, encoder, dim, dtype, file (in features/), n_rows (of that file), present (a
 *                 bit per row, lowest first), position (order of import)
 *   splits        id, name, method, seed, min_user, cold, fingerprint (of the interactions)
 *   split_pairs   split (id), user, product, part (split_part.h: 1 validation, 2 test; of a given
 *                 split also 0 training)
 *   split_products split (id), product, part: emptied, so that it is cold in that part. The pairs
 *                 of a drawn split that are not listed train, but for those of emptied products and
 *                 of users with fewer than min_user products
 *   split_relations split (id), part, fingerprint (of split and interactions), pairs: product rows
 *                 as little-endian uint32, pairs bought together and as many that were not
 *                 (relations.h). Made with the first ones; older datasets have no such table
 *   provenance    kind, file (name without folder), bytes
 */
#ifndef LB_DATA_SHOP_H
#define LB_DATA_SHOP_H

#include "data/sql.h"

enum { SHOP_VERSION = 1 };

/* Opens directory/shop.db for reading and checks that it is a dataset of this version. */
lb_status shop_open(const char *directory, sql *out);

/* Opens directory/shop.db for writing and begins a transaction that keeps other writers out. With
 * `create`, the database and its tables are made if they are not there. End it with
 * sql_run(db, "COMMIT") or by closing. */
lb_status shop_begin(const char *directory, bool create, sql *out);

#endif
