/*
 * The table `requests` of shop.db: texts that requests are made of, and that no product's own text
 * may hold.
 *
 *   user     row, or -1 for a text that no user wrote (a plot)
 *   product  row
 *   level    "own-review" (what the user wrote about the product), "request" (what the user asked
 *            for before buying it) or "plot"
 *   text     one line
 *   source   where it is from: the file's name
 *
 * The table is made by the first import of such texts; older datasets have none.
 */
#ifndef LB_DATA_REQUEST_ROWS_H
#define LB_DATA_REQUEST_ROWS_H

#include "data/idmap.h"
#include "data/sql.h"

enum { REQUEST_NO_USER = -1 };

typedef struct request_row {
    uint32_t user, product;
    const char *text;
} request_row;

/* Rows of one level; texts are kept once. */
typedef struct request_rows {
    size_t n;
    request_row *row; // (n) sorted by user, then product
    idmap texts;
} request_rows;

/* Makes the table in an open transaction, if it is not there. */
lb_status request_rows_make(const sql *db);

/* Prepares what request_rows_put steps. The later of two texts of the same (user, product, level)
 * stays. */
lb_status request_rows_writer(const sql *db, sqlite3_stmt **out);
lb_status request_rows_put(const sql *db, sqlite3_stmt *writer, int64_t user, uint32_t product,
                           const char *level, const char *text, const char *source);

/* The rows of a level: those of users, or with `users` false those that no user wrote (their `user`
 * is 0). Rows of users and products beyond n_users and n_products, that came since, are left out.
 * None where there is no table. Free with request_rows_free. */
lb_status request_rows_load(const sql *db, const char *level, bool users, uint32_t n_users,
                            uint32_t n_products, request_rows *out);
void request_rows_free(request_rows *r); // accepts all zero

#endif
