/* What shoppers asked for in words, as examples of what can be asked. */
#include "core/memory.h"
#include "data/rows.h"
#include "live/served.h"

/* Longer ones are no examples that anybody would read. */
#define SHORT " AND length(text) BETWEEN 1 AND 80"

/* Adds the requests that the statement finds; *next is the user after the last one. */
static lb_status list(const lb_recommender *r, const sql *db, sqlite3_stmt *found, size_t most,
                      size_t *n, int64_t *next, text *t) {
    bool more = true;
    while (*n < most) {
        LB_TRY(sql_step(db, found, &more));
        if (!more) return LB_OK;
        int64_t user = sqlite3_column_int64(found, 0);
        if (user >= (int64_t)r->people->ids.n) return LB_OK;
        text_add(t, "%s{\"user\":", (*n)++ ? "," : "");
        text_json_string(t, r->people->ids.id[user]);
        text_add(t, ",\"text\":");
        text_json_string(t, sql_text(found, 1));
        text_add(t, "}");
        *next = user + 1;
    }
    return LB_OK;
}

/* Those of one user. */
static lb_status list_own(const lb_recommender *r, uint32_t user, size_t most, text *t) {
    const sql *db = dataset_rows(r->dataset);
    sqlite3_stmt *found;
    size_t n = 0;
    int64_t next;
    LB_TRY(sql_prepare(db,
                       "SELECT DISTINCT user, text FROM requests WHERE level = 'request' AND"
                       " user = ?" SHORT " LIMIT 1000",
                       &found));
    sqlite3_bind_int64(found, 1, user);
    lb_status status = list(r, db, found, most, &n, &next, t);
    sqlite3_finalize(found);
    return status;
}

/* One of each of `most` users, as far apart as can be. */
static lb_status list_some(const lb_recommender *r, size_t most, text *t) {
    const sql *db = dataset_rows(r->dataset);
    sqlite3_stmt *found;
    size_t n = 0;
    int64_t next = 0, last = 0;
    lb_status status = LB_OK;
    // users who came later may have asked for nothing
    LB_TRY(sql_number(db, "SELECT max(user) FROM requests WHERE level = 'request'", &last));
    LB_TRY(sql_prepare(db,
                       "SELECT user, text FROM requests WHERE level = 'request' AND user >= ?" SHORT
                       " ORDER BY user, product LIMIT 1",
                       &found));
    for (size_t k = 0; k < most && status == LB_OK; k++) {
        int64_t from = (int64_t)k * (last + 1) / (int64_t)most;
        sqlite3_bind_int64(found, 1, from > next ? from : next);
        status = list(r, db, found, n + 1, &n, &next, t);
        sqlite3_reset(found);
    }
    sqlite3_finalize(found);
    return status;
}

static lb_status show(const lb_recommender *r, const char *user, size_t most, text *t) {
    uint32_t row = 0;
    bool has = false, known = !user || idmap_find(&r->people->ids, user, &row);
    LB_TRY(sql_has_table(dataset_rows(r->dataset), "requests", &has));
    text_add(t, "{\"takes_text\":%s,\"requests\":[",
             r->model->class->takes_text ? "true" : "false");
    if (has && known) LB_TRY(user ? list_own(r, row, most, t) : list_some(r, most, t));
    text_add(t, "]}");
    return LB_OK;
}

lb_status served_requests(lb_service *s, const char *user, uint32_t n, text *t) {
    pthread_rwlock_rdlock(&s->lock);
    lb_status status = show(s->state->r, user, n, t);
    pthread_rwlock_unlock(&s->lock);
    return status;
}
