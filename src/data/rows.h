/* What serving holds of a dataset in memory, row by row: all rows when it opens, and single ones
 * after a change. Datasets without the tables of shop_extend are read alike. */
#ifndef LB_DATA_ROWS_H
#define LB_DATA_ROWS_H

#include "data/dataset.h"
#include "data/sql.h"

enum { ALL_ROWS = -1 };

/* A product without its description; strings are valid during the call only, NULL = unknown. */
typedef struct product_row {
    uint32_t row;
    const char *id, *title, *brand, *category;
    const char *photo; // path, absolute or in the dataset's folder
    double price;      // negative = unknown
    bool available;
} product_row;
typedef lb_status (*product_row_sink)(void *context, const product_row *product);

/* One product, or all in order of rows. A row that is not there is passed over. */
lb_status rows_products(const sql *db, int64_t row, product_row_sink sink, void *context);

/* What is written of a product, with its description; free with product_info_free. LB_E_NOT_FOUND
 * if there is no such row. */
lb_status rows_info(const sql *db, uint32_t row, product_info *out);

/* Something that a user did. */
typedef struct user_event {
    uint32_t user, product;
    int64_t time;
    lb_feedback_kind kind; // LB_BOUGHT, LB_LIKED or LB_DISLIKED
} user_event;
typedef lb_status (*user_event_sink)(void *context, const user_event *event);

/* The interactions of one user by product and time. */
lb_status rows_bought(const sql *db, uint32_t user, user_event_sink sink, void *context);

/* Likes and dislikes of one user, or of all in order of user rows; by product. */
lb_status rows_feedback(const sql *db, int64_t user, user_event_sink sink, void *context);

/* The id of a user, copied; NULL if there is no such row. Free with free(). */
lb_status rows_user_id(const sql *db, uint32_t user, char **out);

/* How many rows of products and users there are. */
lb_status rows_count(const sql *db, uint32_t *n_products, uint32_t *n_users);

/* A vector that was added while serving: (dim), or present = false where the product has none from
 * then on; found = false if nothing was added. LB_E_FORMAT for one of another length. */
lb_status rows_feature(const sql *db, const char *feature, uint32_t row, uint32_t dim, float *out,
                       bool *found, bool *present);

/* The connection of an open dataset, for reading. */
const sql *dataset_rows(const dataset *d);

#endif
