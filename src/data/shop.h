/*
 * shop.db, the database of a dataset: where it lies, its tables and their version.
 *
 *   products      row, id (tombstone.h), title, brand, category, description, price, image, deleted
 *   users         row, id (tombstone.h)
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
 *   unavailable   row of a product that the shop does not have at present
 *   feedback      user, product (rows), liked (1 liked, 0 disliked), time
 *   live_features feature (name), row, vector (dim little-endian float32; empty = none): counts
 *                 instead of the feature's file, until `lookbook compact` merges it
 *   feedback_keys key, batch (SHA-256), time: batches of feedback that were stored already
 *                 These four are made with the first change that a service stores (shop_extend);
 *                 other datasets have no such tables
 *   requests      user (-1 = nobody's), product, level, text, source: texts that requests are
 *                 made of (request_rows.h). Made with the first ones; older datasets have no such
 *                 table
 *   study         time, user, text, vote, reviewer: votes on lists (live/served_study.c). Made
 *                 with the first one
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

/* Opens directory/shop.db for transactions that come one after the other, with every commit synced.
 */
lb_status shop_open_writer(const char *directory, sql *out);

/* Makes the tables of changes if they are not there, in an open transaction. */
lb_status shop_extend(const sql *db);

#endif
