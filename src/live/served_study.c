/* The study of relevance (study.h) over what shoppers asked for. Votes are rows of the table
 * `study` of shop.db: time, user (row), text, vote ("personal", "other", "same"), reviewer. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "core/memory.h"
#include "core/random.h"
#include "data/rows.h"
#include "data/tombstone.h"
#include "live/served.h"

/* ------------------------------------------------------------ what to show */

/* A random request of a random user. */
static lb_status choose(const lb_recommender *r, random_stream *random, study_pair *p) {
    const sql *db = dataset_rows(r->dataset);
    sqlite3_stmt *found;
    bool has = false;
    LB_TRY(sql_has_table(db, "requests", &has));
    if (!has || !r->people->ids.n)
        return status_fail(LB_E_EMPTY, "nobody has asked for anything yet: lookbook import "
                                       "--requests");
    LB_TRY(sql_prepare(db,
                       "SELECT user, text FROM requests WHERE level = 'request' AND user ="
                       " coalesce((SELECT min(user) FROM requests WHERE level = 'request' AND user"
                       " >= ?1), (SELECT min(user) FROM requests WHERE level = 'request' AND user"
                       " >= 0)) ORDER BY (product * 7919 + ?2) % 10007 LIMIT 1",
                       &found));
    sqlite3_bind_int64(found, 1, (int64_t)random_below(random, r->people->ids.n));
    sqlite3_bind_int64(found, 2, (int64_t)random_below(random, 10007));
    lb_status status = sql_step(db, found, &has);
    if (status == LB_OK && has) {
        p->user = (uint32_t)sqlite3_column_int64(found, 0);
        p->text = memory_string(sql_text(found, 1));
        if (!p->text) status = LB_E_NOMEM;
    }
    sqlite3_finalize(found);
    if (status != LB_OK || p->text) return status;
    return status_fail(LB_E_EMPTY, "nobody has asked for anything yet: lookbook import --requests");
}

/* The list for the shopper and the one for nobody, both without what the shopper bought. */
static lb_status ask_both(const lb_recommender *r, const study_pair *p, lb_items *out[2]) {
    static const live_picture none = {NULL};
    live_user known = live_people_user(r->people, p->user);
    const char **bought;
    lb_recommend_options o = {.text = p->text,
                              .n = STUDY_SHOWN,
                              .only_available = 1,
                              .price_min = (double)NAN,
                              .price_max = (double)NAN};
    LB_TRY(NEW_ARRAY(bought, known.n_bought));
    for (uint32_t i = 0; i < known.n_bought; i++)
        bought[i] = r->products.id[known.bought[i].product];
    o.exclude = bought;
    o.n_exclude = known.n_bought;
    lb_status status = live_recommend(r, &o, &none, &out[1]);
    o.user = r->people->ids.id[p->user];
    if (status == LB_OK) status = live_recommend(r, &o, &none, &out[0]);
    free(bought);
    return status;
}

/* Without scores and reasons, which would tell one list from the other. */
static void add_list(text *t, const char *side, const lb_items *items) {
    text_add(t, ",\"%s\":[", side);
    for (size_t i = 0; i < items->n; i++) {
        text_add(t, "%s{\"id\":", i ? "," : "");
        text_json_string(t, items->item[i].id);
        text_add(t, ",\"title\":");
        text_json_string(t, items->item[i].title);
        text_add(t, ",\"photo\":%s}", items->item[i].has_photo ? "true" : "false");
    }
    text_add(t, "]");
}

static lb_status show(lb_service *s, const lb_recommender *r, text *t) {
    study_pair p = {.text = NULL};
    lb_items *items[2] = {NULL, NULL}; // personal, other
    uint64_t drawn[2];
    lb_status status = LB_OK;
    if (getrandom(drawn, sizeof drawn, 0) != sizeof drawn)
        return status_fail_errno(LB_E_IO, "no random numbers can be had");
    random_stream random = random_open(drawn[0], "study", drawn[1]);
    LB_TRY_CLEANUP(choose(r, &random, &p));
    LB_TRY_CLEANUP(ask_both(r, &p, items));
    snprintf(p.token, sizeof p.token, "%016" PRIx64, random_u64(&random));
    p.personal_left = random_below(&random, 2) == 0;
    text_add(t, "{\"pair\":\"%s\",\"user\":", p.token);
    text_json_string(t, r->people->ids.id[p.user]);
    text_add(t, ",\"text\":");
    text_json_string(t, p.text);
    add_list(t, "left", items[p.personal_left ? 0 : 1]);
    add_list(t, "right", items[p.personal_left ? 1 : 0]);
    text_add(t, "}");
    LB_TRY_CLEANUP(t->status);
    study_put(s->study, &p);
    p.text = NULL;
cleanup:
    free(p.text);
    items_free(items[0]);
    items_free(items[1]);
    return status;
}

lb_status served_study_pair(lb_service *s, text *t) {
    pthread_rwlock_rdlock(&s->lock);
    lb_status status = show(s, s->state->r, t);
    pthread_rwlock_unlock(&s->lock);
    return status;
}

/* ------------------------------------------------------------ votes */

typedef struct ballot {
    const study_pair *pair;
    const char *vote, *reviewer;
    int64_t now;
} ballot;

static lb_status store_vote(void *context, const sql *db, touched *t) {
    const ballot *b = context;
    sqlite3_stmt *statement;
    (void)t; // nothing that is held in memory
    LB_TRY(sql_run(db, "CREATE TABLE IF NOT EXISTS study(time INTEGER NOT NULL, user INTEGER NOT"
                       " NULL, text TEXT NOT NULL, vote TEXT NOT NULL, reviewer TEXT)"));
    LB_TRY(sql_prepare(db,
                       "INSERT INTO study(time, user, text, vote, reviewer) VALUES(?, ?, ?, ?, ?)",
                       &statement));
    sqlite3_bind_int64(statement, 1, b->now);
    sqlite3_bind_int64(statement, 2, b->pair->user);
    sql_bind_text(statement, 3, b->pair->text);
    sql_bind_text(statement, 4, b->vote);
    sql_bind_text(statement, 5, b->reviewer);
    lb_status status = sql_step_done(db, statement);
    sqlite3_finalize(statement);
    return status;
}

/* A vote that could not be stored may be cast again. */
lb_status served_study_vote(lb_service *s, const char *token, lb_vote vote, const char *reviewer) {
    study_pair p = {.text = NULL};
    LB_TRY(study_take(s->study, token, &p));
    bool left = vote == LB_VOTE_LEFT;
    ballot b = {.pair = &p,
                .vote = vote == LB_VOTE_SAME      ? "same"
                        : left == p.personal_left ? "personal"
                                                  : "other",
                .reviewer = reviewer && *reviewer ? reviewer : NULL,
                .now = served_now()};
    lb_status status = shop_write(s->writer, store_vote, &b);
    if (status == LB_OK)
        free(p.text);
    else
        study_put(s->study, &p);
    return status;
}

/* ------------------------------------------------------------ results */

/* Wilson's interval of a share (Journal of the American Statistical Association 22, 1927). */
static void wilson(double hits, double n, double *low, double *high) {
    const double z = 1.959964;
    double share = hits / n, middle = share + z * z / (2 * n);
    double half = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n));
    *low = (middle - half) / (1 + z * z / n);
    *high = (middle + half) / (1 + z * z / n);
}

static lb_status count_votes(const sql *db, int64_t n[4]) {
    static const char *const queries[] = {"SELECT count(*) FROM study WHERE vote = 'personal'",
                                          "SELECT count(*) FROM study WHERE vote = 'other'",
                                          "SELECT count(*) FROM study WHERE vote = 'same'",
                                          "SELECT count(DISTINCT reviewer) FROM study"};
    bool has = false;
    LB_TRY(sql_has_table(db, "study", &has));
    for (int i = 0; i < 4 && has; i++) LB_TRY(sql_number(db, queries[i], &n[i]));
    return LB_OK;
}

lb_status served_study_results(lb_service *s, text *t) {
    int64_t n[4] = {0, 0, 0, 0};
    pthread_rwlock_rdlock(&s->lock);
    lb_status status = count_votes(dataset_rows(s->state->r->dataset), n);
    pthread_rwlock_unlock(&s->lock);
    LB_TRY(status);
    double share = (double)NAN, low = (double)NAN, high = (double)NAN,
           decided = (double)(n[0] + n[1]);
    if (decided > 0) {
        share = (double)n[0] / decided;
        wilson((double)n[0], decided, &low, &high);
    }
    text_add(t,
             "{\"votes\":%" PRId64 ",\"personal\":%" PRId64 ",\"other\":%" PRId64
             ",\"same\":%" PRId64 ",\"reviewers\":%" PRId64 ",\"share\":",
             n[0] + n[1] + n[2], n[0], n[1], n[2], n[3]);
    text_json_number(t, share);
    text_add(t, ",\"interval\":[");
    text_json_number(t, low);
    text_add(t, ",");
    text_json_number(t, high);
    text_add(t, "],\"method\":\"Wilson, 95 %%\"}");
    return LB_OK;
}
