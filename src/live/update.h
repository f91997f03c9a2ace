/*
 * Changes to what a snapshot serves: the image of some rows of the dataset is read back inside the
 * transaction that changed them (update_prepare, while readers read), and taken in after the commit
 * (update_publish, while nobody reads), which cannot fail.
 */
#ifndef LB_LIVE_UPDATE_H
#define LB_LIVE_UPDATE_H

#include "data/rows.h"
#include "data/writer.h"
#include "live/live_impl.h"

/* ---- single rows */

/* A copy; free with free(). */
lb_status live_product_new(const product_row *row, live_product **out);

/* Sets what is known of a product that has a row, and the masks; takes `known` over. */
void live_product_put(lb_recommender *r, uint32_t product, live_product *known, bool gone);

/* What a user did, from events in order of products within each kind. */
typedef struct event_list {
    user_event *event;
    size_t n, capacity;
} event_list;
lb_status event_list_add(void *list, const user_event *event); // a user_event_sink
lb_status live_record_new(const event_list *list, live_record **out);
void live_record_free(live_record *record); // accepts NULL

/* ---- updates */

typedef struct live_update live_update;

/* The rows touched, and all rows that the dataset has gained. `lock` guards r; it is taken for
 * writing where room must be made. */
lb_status update_prepare(lb_recommender *r, pthread_rwlock_t *lock, const sql *db, const touched *t,
                         live_update **out);

/* Called with the lock held for writing. */
void update_publish(lb_recommender *r, live_update *u);
void update_free(live_update *u); // accepts NULL

#endif
