/*
 * Changes to a dataset while it is served: one connection that writes, and transactions that
 * changes made at the same time on several threads share (group commit), so that a synced commit
 * pays for all of them. Each change is stored whole or not at all, whatever becomes of the others
 * in its transaction.
 *
 * What serves holds an image of the dataset in memory. Changes note the rows that they touch; the
 * image of these rows is read back inside the transaction (`prepare`, which may fail, and then
 * nothing is committed), and shown after the commit (`publish`, which cannot).
 */
#ifndef LB_DATA_WRITER_H
#define LB_DATA_WRITER_H

#include <stdbool.h>

#include "data/sql.h"

/* Rows that changes have touched; some may stand there twice. */
typedef struct touched {
    uint32_t *product, *user;
    size_t n_products, n_users, product_capacity, user_capacity;
} touched;

lb_status touch_product(touched *t, uint32_t row);
lb_status touch_user(touched *t, uint32_t row);
void touched_free(touched *t); // accepts all zero, leaves it

typedef struct shop_writer shop_writer;

/* Called one at a time, on any thread. */
typedef struct shop_writer_hooks {
    lb_status (*prepare)(void *context, const sql *db, const touched *t);
    void (*publish)(void *context); // after the commit
    void (*discard)(void *context); // what was prepared was not committed
    void *context;
} shop_writer_hooks;

lb_status shop_writer_open(const char *directory, const shop_writer_hooks *hooks,
                           shop_writer **out);
void shop_writer_close(shop_writer *w); // accepts NULL; nobody may be in shop_write

/* Stores one change: `store` runs inside a transaction and notes what it touches; it may be run on
 * another thread, and not more than once. Returns when it is on the disk and published, or its
 * failure. LB_E_BUSY while another program writes for longer than 5 seconds; LB_E_FULL. */
typedef lb_status (*shop_store)(void *context, const sql *db, touched *t);
lb_status shop_write(shop_writer *w, shop_store store, void *context);

/* Runs `work` while no change is stored or published. `db` is not in a transaction. */
typedef lb_status (*shop_alone)(void *context, const sql *db);
lb_status shop_write_alone(shop_writer *w, shop_alone work, void *context);

#endif
