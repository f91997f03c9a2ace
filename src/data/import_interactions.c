/* Interactions of an import: all are read into memory, filtered, given rows, sorted and merged into
 * the table in its own order. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/pair.h"
#include "core/random.h"
#include "data/import_impl.h"
#include "data/split_part.h"

typedef struct record {
    int64_t time;
    uint32_t user, product; // first rows of `log.users` and `log.products`, later of the dataset
    float rating;
    uint32_t part; // PART_TRAIN, PART_VALID or PART_TEST
} record;

typedef struct event_log {
    record *records;
    size_t n, capacity;
    idmap users, products; // ids in these files
    uint32_t part;
} event_log;

static lb_status take_interaction(void *context, const interaction_record *r) {
    event_log *log = context;
    record *e;
    LB_TRY(GROW_ARRAY(log->records, log->n, log->capacity));
    e = &log->records[log->n];
    LB_TRY(idmap_add(&log->users, r->user, &e->user, NULL));
    LB_TRY(idmap_add(&log->products, r->product, &e->product, NULL));
    e->rating = r->has_rating ? (float)r->rating : 1;
    if (!isfinite(e->rating))
        return status_fail(LB_E_FORMAT, "user \"%s\": a rating of %g is none", r->user, r->rating);
    e->time = r->has_time ? r->time : 0;
    e->part = log->part;
    log->n++;
    return LB_OK;
}

static lb_status read_part(import *m, event_log *log, const char *path, uint32_t part) {
    if (!path) return LB_OK;
    static const char *const kinds[] = {"interactions", "valid", "test"};
    read_options options = {m->format, m->options->columns, m->options->separator};
    read_report report = {0};
    log->part = part;
    size_t before = log->n;
    LB_TRY(read_interactions(m->job, path, &options, take_interaction, log, &report));
    if (log->n == before) return status_fail(LB_E_EMPTY, "%s: there is no interaction in it", path);
    return import_provenance(m, kinds[part], path);
}

/* ------------------------------------------------------------ filters */

/* Keeps the records of products and users that are marked; returns how many others there were. */
static uint64_t keep_marked(event_log *log, const uint8_t *product, const uint8_t *user) {
    size_t n = 0, before = log->n;
    for (size_t i = 0; i < before; i++)
        if ((!product || product[log->records[i].product]) && (!user || user[log->records[i].user]))
            log->records[n++] = log->records[i];
    log->n = n;
    return before - n;
}

static lb_status keep_category(import *m, event_log *log) {
    uint8_t *keep;
    LB_TRY(NEW_ARRAY(keep, log->products.n));
    for (uint32_t p = 0; p < log->products.n; p++) keep[p] = import_takes(m, log->products.id[p]);
    m->report.outside_category = keep_marked(log, keep, NULL);
    free(keep);
    return LB_OK;
}

static lb_status keep_with_feature(import *m, event_log *log) {
    uint8_t *has = NULL, *keep = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(import_any_feature(m, &has));
    LB_TRY_CLEANUP(NEW_ARRAY(keep, log->products.n));
    for (uint32_t p = 0, row; p < log->products.n; p++)
        keep[p] = idmap_find(&m->products, log->products.id[p], &row) && has[row];
    m->report.without_feature = keep_marked(log, keep, NULL);
cleanup:
    free(has);
    free(keep);
    return status;
}

static int compare_pairs(const void *a, const void *b) {
    const pair *x = a, *y = b;
    if (x->user != y->user) return x->user < y->user ? -1 : 1;
    return (x->product > y->product) - (x->product < y->product);
}

/* Users of min_user different products or more. */
static lb_status keep_large_users(import *m, event_log *log) {
    pair *pairs = NULL;
    uint32_t *degree = NULL;
    uint8_t *keep = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(pairs, log->n));
    LB_TRY_CLEANUP(NEW_ARRAY(degree, log->users.n));
    LB_TRY_CLEANUP(NEW_ARRAY(keep, log->users.n));
    for (size_t i = 0; i < log->n; i++)
        pairs[i] = (pair){log->records[i].user, log->records[i].product};
    if (log->n) qsort(pairs, log->n, sizeof *pairs, compare_pairs);
    for (size_t i = 0; i < log->n; i++)
        degree[pairs[i].user] += i == 0 || compare_pairs(&pairs[i - 1], &pairs[i]) != 0;
    for (uint32_t u = 0; u < log->users.n; u++) keep[u] = degree[u] >= m->options->min_user;
    m->report.below_min_user = keep_marked(log, NULL, keep);
cleanup:
    free(pairs);
    free(degree);
    free(keep);
    return status;
}

typedef struct draw {
    uint64_t key;
    uint32_t user, product;
    size_t record;
} draw;

static int compare_draws(const void *a, const void *b) {
    const draw *x = a, *y = b;
    if (x->user != y->user) return x->user < y->user ? -1 : 1;
    if (x->key != y->key) return x->key < y->key ? -1 : 1;
    if (x->product != y->product) return x->product < y->product ? -1 : 1;
    return 0;
}

/* Keys depend on the ids, not on the order of the lines, so that the same products are drawn from a
 * shuffled file. */
static lb_status draw_keys(const event_log *log, uint64_t seed, draw *draws) {
    uint64_t *user_key, *product_hash;
    LB_TRY(NEW_ARRAY(user_key, log->users.n));
    lb_status status = NEW_ARRAY(product_hash, log->products.n);
    if (status == LB_OK) {
        for (uint32_t u = 0; u < log->users.n; u++) {
            random_stream r = random_open(seed, "sample", idmap_hash(log->users.id[u]));
            user_key[u] = random_u64(&r);
        }
        for (uint32_t p = 0; p < log->products.n; p++)
            product_hash[p] = idmap_hash(log->products.id[p]);
        for (size_t i = 0; i < log->n; i++) {
            const record *e = &log->records[i];
            uint64_t state = user_key[e->user] ^ product_hash[e->product];
            draws[i] = (draw){random_splitmix(&state), e->user, e->product, i};
        }
    }
    free(user_key);
    free(product_hash);
    return status;
}

static lb_status keep_sample(import *m, event_log *log) {
    draw *draws = NULL;
    uint8_t *keep = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(draws, log->n));
    LB_TRY_CLEANUP(NEW_ARRAY(keep, log->n));
    LB_TRY_CLEANUP(draw_keys(log, m->options->seed, draws));
    qsort(draws, log->n, sizeof *draws, compare_draws);
    uint32_t rank = 0; // of the product among its user's, counted from 1
    for (size_t i = 0; i < log->n; i++) {
        bool same_user = i && draws[i].user == draws[i - 1].user;
        if (!same_user)
            rank = 1;
        else if (draws[i].product != draws[i - 1].product)
            rank++;
        keep[draws[i].record] = rank <= m->options->sample_per_user;
    }
    size_t n = 0;
    for (size_t i = 0; i < log->n; i++)
        if (keep[i]) log->records[n++] = log->records[i];
    m->report.sampled_out = log->n - n;
    log->n = n;
cleanup:
    free(draws);
    free(keep);
    return status;
}

/* ------------------------------------------------------------ rows */

/* Users and products that are left get rows in the order of their first interaction. */
static lb_status give_rows(import *m, event_log *log) {
    uint32_t *user = NULL, *product = NULL; // dataset row + 1 of each row of the log, 0 = not yet
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(user, log->users.n));
    LB_TRY_CLEANUP(NEW_ARRAY(product, log->products.n));
    for (size_t i = 0; i < log->n; i++) {
        record *e = &log->records[i];
        uint32_t row;
        if (!user[e->user]) {
            LB_TRY_CLEANUP(import_user(m, log->users.id[e->user], &row));
            user[e->user] = row + 1;
        }
        if (!product[e->product]) {
            LB_TRY_CLEANUP(import_product(m, log->products.id[e->product], &row));
            product[e->product] = row + 1;
        }
        e->user = user[e->user] - 1;
        e->product = product[e->product] - 1;
    }
cleanup:
    free(user);
    free(product);
    return status;
}

static int compare_records(const record *x, const record *y) {
    if (x->user != y->user) return x->user < y->user ? -1 : 1;
    if (x->product != y->product) return x->product < y->product ? -1 : 1;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return 0;
}

/* Merge sort, because equal records must keep the order of the files: the last one counts. */
static lb_status sort_records(record *records, size_t n) {
    record *other, *from = records, *to;
    LB_TRY(NEW_ARRAY(other, n));
    to = other;
    for (size_t width = 1; width < n; width *= 2) {
        for (size_t begin = 0; begin < n; begin += 2 * width) {
            size_t middle = begin + width < n ? begin + width : n;
            size_t end = begin + 2 * width < n ? begin + 2 * width : n;
            for (size_t a = begin, b = middle, k = begin; k < end; k++)
                to[k] = b == end || (a < middle && compare_records(&from[a], &from[b]) <= 0)
                            ? from[a++]
                            : from[b++];
        }
        record *swapped = from;
        from = to;
        to = swapped;
    }
    if (from != records && n) memcpy(records, from, n * sizeof *records);
    free(other);
    return LB_OK;
}

/* ------------------------------------------------------------ writing */

static lb_status insert_all(import *m, const record *records, size_t n) {
    sqlite3_stmt *insert;
    LB_TRY(sql_prepare(&m->db,
                       "INSERT INTO interactions(user, product, time, rating) VALUES(?, ?, ?, ?)"
                       " ON CONFLICT DO UPDATE SET rating = excluded.rating"
                       " WHERE rating IS NOT excluded.rating",
                       &insert));
    lb_status status = LB_OK;
    for (size_t i = 0; i < n; i++) {
        if (i + 1 < n && compare_records(&records[i], &records[i + 1]) == 0) continue;
        sqlite3_bind_int64(insert, 1, records[i].user);
        sqlite3_bind_int64(insert, 2, records[i].product);
        sqlite3_bind_int64(insert, 3, records[i].time);
        sqlite3_bind_double(insert, 4, (double)records[i].rating);
        LB_TRY_CLEANUP(sql_step_done(&m->db, insert));
        if (i % 65536 == 0)
            LB_TRY_CLEANUP(job_progress(m->job, "writing interactions", "interactions", i, n));
    }
    status = job_progress(m->job, "writing interactions", "interactions", n, n);
cleanup:
    sqlite3_finalize(insert);
    return status;
}

static lb_status given_split(import *m, int64_t *id) {
    LB_TRY(sql_run(&m->db, "INSERT OR IGNORE INTO splits(name, method, seed, min_user, cold,"
                           " fingerprint) VALUES('given', 'given', 0, 0, 'natural', 0)"));
    return sql_number(&m->db, "SELECT id FROM splits WHERE name = 'given'", id);
}

/* Stores the parts. Of a pair in several parts the first of training, validation and test wins, so
 * that nothing is tested that was trained on. */
static lb_status store_parts(import *m, const record *records, size_t n) {
    int64_t split = 0;
    uint64_t n_overlaps = 0;
    sqlite3_stmt *insert;
    LB_TRY(given_split(m, &split));
    LB_TRY(sql_prepare(&m->db,
                       "INSERT INTO split_pairs(split, user, product, part) VALUES(?, ?, ?, ?)"
                       " ON CONFLICT DO UPDATE SET part = min(part, excluded.part)",
                       &insert));
    lb_status status = LB_OK;
    for (size_t i = 0, end; i < n; i = end) {
        uint32_t part = records[i].part;
        bool overlaps = false;
        for (end = i; end < n && records[end].user == records[i].user &&
                      records[end].product == records[i].product;
             end++) {
            if (records[end].part != part) overlaps = true;
            if (records[end].part < part) part = records[end].part;
        }
        n_overlaps += overlaps;
        sqlite3_bind_int64(insert, 1, split);
        sqlite3_bind_int64(insert, 2, records[i].user);
        sqlite3_bind_int64(insert, 3, records[i].product);
        sqlite3_bind_int64(insert, 4, part);
        LB_TRY_CLEANUP(sql_step_done(&m->db, insert));
    }
    if (n_overlaps)
        job_note(m->job, "given split",
                 "%llu pairs stand in more than one part; each stays in the first of training, "
                 "validation and test",
                 (unsigned long long)n_overlaps);
cleanup:
    sqlite3_finalize(insert);
    return status;
}

static lb_status write_log(import *m, event_log *log) {
    int64_t before = 0, after = 0;
    LB_TRY(give_rows(m, log));
    LB_TRY(sort_records(log->records, log->n));
    LB_TRY(sql_number(&m->db, "SELECT count(*) FROM interactions", &before));
    LB_TRY(insert_all(m, log->records, log->n));
    LB_TRY(sql_number(&m->db, "SELECT count(*) FROM interactions", &after));
    m->report.interactions_added = (uint64_t)(after - before);
    m->report.repeats = log->n - m->report.interactions_added;
    if (!m->options->valid && !m->options->test) return LB_OK;
    return store_parts(m, log->records, log->n);
}

static const char *why_empty(const import *m) {
    if (m->report.below_min_user) return "have no user of so many products";
    return m->report.without_feature ? "have no feature" : "are not in the category";
}

lb_status import_interactions(import *m) {
    event_log log = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(read_part(m, &log, m->options->interactions, PART_TRAIN));
    LB_TRY_CLEANUP(read_part(m, &log, m->options->valid, PART_VALID));
    LB_TRY_CLEANUP(read_part(m, &log, m->options->test, PART_TEST));
    if (m->options->category) LB_TRY_CLEANUP(keep_category(m, &log));
    if (m->options->require_feature) LB_TRY_CLEANUP(keep_with_feature(m, &log));
    if (m->options->min_user) LB_TRY_CLEANUP(keep_large_users(m, &log));
    if (m->options->sample_per_user) LB_TRY_CLEANUP(keep_sample(m, &log));
    if (!log.n)
        LB_TRY_CLEANUP(status_fail(LB_E_EMPTY,
                                   "%s: nothing of it is kept: its products %s; do the ids of the "
                                   "files agree?",
                                   m->options->interactions, why_empty(m)));
    status = write_log(m, &log);
cleanup:
    free(log.records);
    idmap_free(&log.users);
    idmap_free(&log.products);
    return status;
}
