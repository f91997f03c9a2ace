#include "data/writer.h"

#include <pthread.h>
#include <stdio.h>

#include "core/memory.h"
#include "data/shop.h"

enum { ERROR_SIZE = 1024 };

/* A change that waits on its caller's stack. */
typedef struct change {
    struct change *next;
    shop_store store;
    void *context;
    bool done;
    lb_status status;
    char error[ERROR_SIZE]; // the text goes to the caller's thread
} change;

struct shop_writer {
    sql db;
    shop_writer_hooks hooks;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    bool busy;            // a thread stores changes, or works alone
    change *first, *last; // those that wait
    bool extended;        // the tables of changes are there
};

/* ------------------------------------------------------------ touched rows */

lb_status touch_product(touched *t, uint32_t row) {
    LB_TRY(GROW_ARRAY(t->product, t->n_products, t->product_capacity));
    t->product[t->n_products++] = row;
    return LB_OK;
}

lb_status touch_user(touched *t, uint32_t row) {
    LB_TRY(GROW_ARRAY(t->user, t->n_users, t->user_capacity));
    t->user[t->n_users++] = row;
    return LB_OK;
}

void touched_free(touched *t) {
    free(t->product);
    free(t->user);
    *t = (touched){0};
}

/* ------------------------------------------------------------ opening */

lb_status shop_writer_open(const char *directory, const shop_writer_hooks *hooks,
                           shop_writer **out) {
    shop_writer *w;
    LB_TRY(NEW_ARRAY(w, 1));
    w->hooks = *hooks;
    lb_status status = shop_open_writer(directory, &w->db);
    if (status == LB_OK && pthread_mutex_init(&w->lock, NULL))
        status = status_fail(LB_E_NOMEM, "cannot make a lock");
    else if (status == LB_OK && pthread_cond_init(&w->turn, NULL)) {
        pthread_mutex_destroy(&w->lock);
        status = status_fail(LB_E_NOMEM, "cannot make a lock");
    }
    if (status == LB_OK) {
        *out = w;
        return LB_OK;
    }
    sql_close(&w->db);
    free(w);
    return status;
}

void shop_writer_close(shop_writer *w) {
    if (!w) return;
    pthread_cond_destroy(&w->turn);
    pthread_mutex_destroy(&w->lock);
    sql_close(&w->db);
    free(w);
}

/* ------------------------------------------------------------ one transaction */

static void keep_failure(change *c, lb_status status) {
    c->status = status;
    snprintf(c->error, sizeof c->error, "%s", lb_last_error());
}

/* A disk that is full, say, may end the whole transaction. */
static bool has_transaction(const shop_writer *w) {
    return !sqlite3_get_autocommit(w->db.handle);
}

/* LB_OK as long as the transaction goes on, whatever becomes of the change. */
static lb_status store_one(const shop_writer *w, change *c, touched *t) {
    LB_TRY(sql_run(&w->db, "SAVEPOINT change"));
    lb_status status = c->store(c->context, &w->db, t);
    if (status == LB_OK) return sql_run(&w->db, "RELEASE change");
    keep_failure(c, status);
    if (!has_transaction(w)) return status;
    return sql_run(&w->db, "ROLLBACK TO change; RELEASE change");
}

static lb_status store_all(shop_writer *w, change *first, touched *t) {
    LB_TRY(sql_run(&w->db, "BEGIN IMMEDIATE"));
    if (!w->extended) LB_TRY(shop_extend(&w->db));
    size_t n_stored = 0;
    for (change *c = first; c; c = c->next) {
        LB_TRY(store_one(w, c, t));
        n_stored += c->status == LB_OK;
    }
    if (!n_stored) return sql_run(&w->db, "ROLLBACK");
    LB_TRY(w->hooks.prepare(w->hooks.context, &w->db, t));
    lb_status status = sql_run(&w->db, "COMMIT");
    if (status != LB_OK) {
        w->hooks.discard(w->hooks.context);
        return status;
    }
    w->extended = true;
    w->hooks.publish(w->hooks.context);
    return LB_OK;
}

/* Stores waiting changes in one transaction; what ends it fails all that had not failed yet. */
static void run(shop_writer *w, change *first) {
    touched t = {0};
    lb_status status = store_all(w, first, &t);
    if (status != LB_OK) {
        for (change *c = first; c; c = c->next)
            if (c->status == LB_OK) keep_failure(c, status);
        if (has_transaction(w)) sqlite3_exec(w->db.handle, "ROLLBACK", NULL, NULL, NULL);
    }
    touched_free(&t);
}

/* ------------------------------------------------------------ whose turn it is */

/* Called with the lock held. */
static void wake(shop_writer *w) {
    w->busy = false;
    pthread_cond_broadcast(&w->turn);
}

static void append(shop_writer *w, change *c) {
    if (w->last)
        w->last->next = c;
    else
        w->first = c;
    w->last = c;
}

lb_status shop_write(shop_writer *w, shop_store store, void *context) {
    change own = {.store = store, .context = context};
    pthread_mutex_lock(&w->lock);
    append(w, &own);
    while (!own.done && w->busy) pthread_cond_wait(&w->turn, &w->lock);
    if (!own.done) {
        // the others that wait come along; who comes now waits for the next transaction
        change *first = w->first, *next;
        w->first = w->last = NULL;
        w->busy = true;
        pthread_mutex_unlock(&w->lock);
        run(w, first);
        pthread_mutex_lock(&w->lock);
        for (change *c = first; c; c = next) {
            next = c->next; // once it is done its owner may go
            c->done = true;
        }
        wake(w);
    }
    pthread_mutex_unlock(&w->lock);
    return own.status == LB_OK ? LB_OK : status_fail(own.status, "%s", own.error);
}

lb_status shop_write_alone(shop_writer *w, shop_alone work, void *context) {
    pthread_mutex_lock(&w->lock);
    while (w->busy) pthread_cond_wait(&w->turn, &w->lock);
    w->busy = true;
    pthread_mutex_unlock(&w->lock);
    lb_status status = work(context, &w->db);
    pthread_mutex_lock(&w->lock);
    wake(w);
    pthread_mutex_unlock(&w->lock);
    return status;
}
