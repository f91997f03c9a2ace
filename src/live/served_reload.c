/* Another model comes into use while the one before answers. */
#include "core/memory.h"
#include "live/served.h"

typedef struct exchange {
    lb_service *s;
    live_state *next, *old;
    bool back; // a rollback
} exchange;

static lb_status begin_log(void *context, const sql *db) {
    (void)db;
    lb_service *s = context;
    s->logging = true;
    return LB_OK;
}

static lb_status end_log(void *context, const sql *db) {
    (void)db;
    lb_service *s = context;
    s->logging = false;
    touched_free(&s->log);
    return LB_OK;
}

/* What has changed since the next state was read. */
static lb_status catch_up(const exchange *x, const sql *db) {
    live_update *u = NULL;
    LB_TRY(sql_run(db, "BEGIN"));
    lb_status status = update_prepare(x->next->r, &x->s->lock, db, &x->s->log, &u);
    lb_status ended = sql_run(db, "COMMIT");
    if (status == LB_OK) update_publish(x->next->r, u); // nobody asks it yet
    update_free(u);
    return status == LB_OK ? ended : status;
}

static lb_status swap(void *context, const sql *db) {
    exchange *x = context;
    lb_service *s = x->s;
    LB_TRY(catch_up(x, db));
    if (x->back) LB_TRY(model_versions_restore(s->versions));
    LB_TRY(model_versions_commit(s->versions));
    pthread_rwlock_wrlock(&s->lock);
    x->old = s->state;
    s->state = x->next;
    pthread_rwlock_unlock(&s->lock);
    x->next = NULL;
    return LB_OK;
}

static lb_status exchange_states(job *j, lb_service *s, bool back) {
    exchange x = {.s = s, .back = back};
    const char *path;
    lb_status status = LB_OK;
    LB_TRY(model_versions_stage(s->versions, back, &path));
    // from here on changes are noted: each is in what is read next, or in the log
    LB_TRY(shop_write_alone(s->writer, begin_log, s));
    LB_TRY_CLEANUP(live_state_open(j, s, path, &x.next));
    LB_TRY_CLEANUP(shop_write_alone(s->writer, swap, &x));
cleanup:
    (void)shop_write_alone(s->writer, end_log, s); // cannot fail
    model_versions_drop(s->versions);              // gone already if it is in use
    served_release(x.old);
    served_release(x.next);
    return status;
}

static lb_status run(job *j, lb_service *s, bool back) {
    if (pthread_mutex_trylock(&s->reload_lock))
        return status_fail(LB_E_BUSY, "another reload or rollback is running; wait for it");
    lb_status status = exchange_states(j, s, back);
    pthread_mutex_unlock(&s->reload_lock);
    return status;
}

lb_status served_reload(job *j, lb_service *s) {
    return run(j, s, false);
}

lb_status served_rollback(job *j, lb_service *s) {
    return run(j, s, true);
}
