/* Changes to a dataset in use: transactions that several share, tombstones, and what the rest of
 * the library makes of them. */
#include "data/shop_files.h"

#include <pthread.h>
#include <stdatomic.h>

#include "data/change.h"
#include "data/compact.h"
#include "data/rows.h"
#include "data/shop.h"
#include "data/split.h"
#include "data/statistics.h"
#include "data/tombstone.h"
#include "data/writer.h"

static const float vectors[] = {1, 2, 3, 4, 5, 6, 7, 8};

/* A dataset of products a, b, c, d with a feature for all, and users ann, bob and cy. */
static const char *make_stored(const char *folder, const char *name, int float16) {
    const char *shop = in(folder, name);
    lb_import_options o = {.float16 = float16};
    o.interactions = write_text(folder, "e.csv",
                                "user,item,timestamp\nann,a,1\nann,b,2\nbob,b,3\nbob,c,4\ncy,c,5\n"
                                "cy,d,6\n");
    o.features = write_npy(folder, "f.npy", vectors, 4, 2);
    o.feature_ids = write_text(folder, "ids.txt", "a\nb\nc\nd\n");
    assert_ok(import_into(shop, &o, NULL));
    return shop;
}

static const char *make(const char *folder, const char *name) {
    return make_stored(folder, name, 0);
}

/* ---- the writer */

typedef struct counter {
    atomic_int prepared, published, discarded;
    lb_status refuse; // what prepare returns
    size_t n_touched;
} counter;

static lb_status prepare(void *context, const sql *db, const touched *t) {
    counter *c = context;
    uint32_t n_products, n_users;
    LB_TRY(rows_count(db, &n_products, &n_users)); // it is inside the transaction
    c->n_touched = t->n_products + t->n_users;
    atomic_fetch_add(&c->prepared, 1);
    return c->refuse == LB_OK ? LB_OK : status_fail(c->refuse, "refused");
}

static void publish(void *context) {
    atomic_fetch_add(&((counter *)context)->published, 1);
}

static void discard(void *context) {
    atomic_fetch_add(&((counter *)context)->discarded, 1);
}

static shop_writer *open_writer(const char *shop, counter *c) {
    shop_writer *w;
    shop_writer_hooks hooks = {prepare, publish, discard, c};
    assert_ok(shop_writer_open(shop, &hooks, &w));
    return w;
}

static lb_status add_user(void *context, const sql *db, touched *t) {
    uint32_t row;
    LB_TRY(change_add_user(db, context, &row));
    return touch_user(t, row);
}

static lb_status add_and_fail(void *context, const sql *db, touched *t) {
    LB_TRY(add_user(context, db, t));
    return status_fail(LB_E_MISMATCH, "%s does not fit", (const char *)context);
}

static lb_status give_up(void *context, const sql *db, touched *t) {
    (void)context;
    (void)t;
    LB_TRY(sql_run(db, "ROLLBACK")); // as a full disk does
    return status_fail(LB_E_FULL, "the disk is full");
}

static int64_t count(const char *shop, const char *query) {
    sql db;
    int64_t n = -1;
    assert_ok(shop_open(shop, &db));
    assert_ok(sql_number(&db, query, &n));
    sql_close(&db);
    return n;
}

static void a_change_is_whole_or_nothing(void **state) {
    (void)state;
    const char *shop = make(test_folder(), "shop");
    counter c = {.refuse = LB_OK};
    shop_writer *w = open_writer(shop, &c);
    static const char users[] = "SELECT count(*) FROM users";
    assert_ok(shop_write(w, add_user, (void *)(uintptr_t) "dee"));
    assert_int_equal(count(shop, users), 4);
    assert_int_equal(c.published, 1);
    assert_int_equal(c.n_touched, 1);
    assert_error(shop_write(w, add_and_fail, (void *)(uintptr_t) "eve"), LB_E_MISMATCH,
                 "eve does not fit");
    assert_error(shop_write(w, give_up, NULL), LB_E_FULL, "the disk is full");
    c.refuse = LB_E_NOMEM; // the image cannot be made: nothing is committed
    assert_error(shop_write(w, add_user, (void *)(uintptr_t) "fay"), LB_E_NOMEM, "refused");
    assert_int_equal(count(shop, users), 4);
    assert_int_equal(c.published, 1);
    c.refuse = LB_OK;
    assert_ok(shop_write(w, add_user, (void *)(uintptr_t) "gus"));
    assert_int_equal(count(shop, users), 5);
    shop_writer_close(w);
    shop_writer_close(NULL);
}

enum { THREADS = 6, CHANGES = 25 };

typedef struct hand {
    shop_writer *w;
    unsigned number;
    atomic_int *failures;
} hand;

static void *write_many(void *context) {
    hand *h = context;
    char id[32];
    for (unsigned i = 0; i < CHANGES; i++) {
        snprintf(id, sizeof id, "%u-%u", h->number, i);
        bool bad = i % 5 == 4;
        lb_status status = shop_write(h->w, bad ? add_and_fail : add_user, id);
        if (status != (bad ? LB_E_MISMATCH : LB_OK)) atomic_fetch_add(h->failures, 1);
        // the reason is that of the own change, and on the own thread
        if (bad && !strstr(lb_last_error(), id)) atomic_fetch_add(h->failures, 1);
    }
    return NULL;
}

static lb_status nobody_writes(void *context, const sql *db) {
    counter *c = context;
    int before = c->prepared;
    int64_t n = 0;
    LB_TRY(sql_number(db, "SELECT count(*) FROM interactions i, interactions k, users", &n));
    return c->prepared == before ? LB_OK : status_fail(LB_E_MISMATCH, "somebody wrote");
}

static void changes_share_transactions(void **state) {
    (void)state;
    const char *shop = make(test_folder(), "shop");
    counter c = {.refuse = LB_OK};
    shop_writer *w = open_writer(shop, &c);
    pthread_t threads[THREADS];
    hand hands[THREADS];
    atomic_int failures = 0;
    for (unsigned i = 0; i < THREADS; i++) {
        hands[i] = (hand){w, i, &failures};
        assert_int_equal(pthread_create(&threads[i], NULL, write_many, &hands[i]), 0);
    }
    for (int i = 0; i < 5; i++) assert_ok(shop_write_alone(w, nobody_writes, &c));
    for (unsigned i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    assert_int_equal(failures, 0);
    assert_int_equal(count(shop, "SELECT count(*) FROM users"), 3 + THREADS * CHANGES * 4 / 5);
    assert_int_equal(c.prepared, c.published);
    assert_true(c.published <= THREADS * CHANGES * 4 / 5);
    shop_writer_close(w);
}

/* ---- what changes leave */

typedef struct script {
    uint32_t product, user;
} script;

static lb_status remove_b(void *context, const sql *db, touched *t) {
    script *s = context;
    bool found;
    LB_TRY(change_find_product(db, "b", &s->product, &found));
    LB_TRY(change_remove_product(db, s->product));
    return touch_product(t, s->product);
}

static lb_status erase_cy(void *context, const sql *db, touched *t) {
    script *s = context;
    bool found;
    LB_TRY(change_find_user(db, "cy", &s->user, &found));
    LB_TRY(change_liked(db, s->user, 0, true, 9));
    LB_TRY(change_erase_user(db, s->user));
    return touch_user(t, s->user);
}

static lb_status add_features(void *context, const sql *db, touched *t) {
    script *s = context;
    static const float c[] = {70, 80}, e[] = {90, 100};
    LB_TRY(change_add_product(db, "e", &s->product));
    LB_TRY(change_feature(db, "image", s->product, e, 2));
    LB_TRY(change_feature(db, "image", 2, c, 2));
    LB_TRY(change_feature(db, "image", 3, NULL, 2)); // d has none any more
    return touch_product(t, s->product);
}

static void change(const char *shop, shop_store store, script *s) {
    counter c = {.refuse = LB_OK};
    shop_writer *w = open_writer(shop, &c);
    assert_ok(shop_write(w, store, s));
    shop_writer_close(w);
}

static void removed_rows_are_tombstones(void **state) {
    (void)state;
    const char *folder = test_folder(), *shop = make(folder, "shop");
    script s = {0, 0};
    dataset *d;
    interactions all;
    feature_set f;
    float row[2];
    split *parts;
    change(shop, remove_b, &s);
    change(shop, erase_cy, &s);
    assert_ok(dataset_open(shop, &d));
    assert_true(id_is_tombstone(dataset_product_id(d, s.product)));
    assert_true(id_is_tombstone(dataset_user_id(d, s.user)));
    uint32_t found;
    assert_error(dataset_find_user(d, "cy", &found), LB_E_NOT_FOUND, "cy");
    assert_ok(dataset_interactions(d, &all)); // ann,a and bob,c are left
    assert_int_equal(all.n, 2);
    interactions_free(&all);
    assert_ok(dataset_feature_open(d, "image", &f));
    assert_int_equal(f.n_present, 3);
    assert_false(feature_row(&f, s.product, row));
    feature_set_close(&f);
    assert_ok(split_all(d, &parts));
    assert_int_equal(parts->n_train, 2);
    dataset_statistics told;
    assert_ok(dataset_statistics_new(d, parts, NULL, &told));
    assert_int_equal(told.known_products, 3);
    assert_int_equal(told.all.users, 2);
    assert_int_equal(told.feature[0].n_present, 3);
    dataset_statistics_free(&told);
    split_free(parts);
    dataset_close(d);
    assert_int_equal(count(shop, "SELECT count(*) FROM feedback"), 0);
    assert_int_equal(count(shop, "SELECT count(*) FROM users WHERE id LIKE '%cy%'"), 0);

    // the same file again: both come back as others, behind the last rows
    lb_import_options o = {0};
    lb_import_report report;
    o.interactions = in(folder, "e.csv");
    assert_ok(import_into(shop, &o, &report));
    assert_int_equal(report.users_added, 1);
    assert_int_equal(report.products_added, 1);
    assert_int_equal(report.users, 3);
    assert_int_equal(report.products, 4);
    assert_ok(dataset_open(shop, &d));
    assert_ok(dataset_find_user(d, "cy", &found));
    assert_int_equal(found, 3);
    assert_ok(dataset_find_product(d, "b", &found));
    assert_int_equal(found, 4);
    dataset_close(d);
}

static void check_vector(const feature_set *f, uint32_t product, float first) {
    float row[2];
    assert_int_equal(feature_row(f, product, row), first > 0);
    assert_true(row[0] == first);
}

static void check_added_features(const char *shop) {
    script s;
    job *j;
    uint64_t merged = 0;
    change(shop, add_features, &s);
    assert_ok(job_new(NULL, &j));
    for (int compacted = 0; compacted < 2; compacted++) {
        dataset *d;
        feature_set f;
        assert_ok(dataset_open(shop, &d));
        assert_ok(dataset_feature_open(d, "image", &f));
        assert_int_equal(f.n_present, 4);
        check_vector(&f, 0, 1);
        check_vector(&f, 1, 3);
        check_vector(&f, 2, 70);
        check_vector(&f, 3, 0);
        check_vector(&f, s.product, 90);
        feature_set_close(&f);
        dataset_close(d);
        if (compacted) break;
        assert_ok(dataset_compact(j, shop, &merged));
        assert_int_equal(merged, 2);
        assert_int_equal(count_files(in(shop, "features")), 1);
    }
    job_free(j);
}

static void added_features_count_like_others(void **state) {
    (void)state;
    const char *folder = test_folder();
    check_added_features(make(folder, "shop"));
    check_added_features(make_stored(folder, "halves", 1));
    // what has only an added feature is not left out for want of one
    const char *other = make(folder, "other");
    script s;
    lb_import_options o = {0};
    lb_import_report report;
    change(other, add_features, &s);
    o.interactions = write_text(folder, "more.csv", "user,item\nann,e\nann,nothing\n");
    o.require_feature = 1;
    assert_ok(import_into(other, &o, &report));
    assert_int_equal(report.interactions_added, 1);
    assert_int_equal(report.without_feature, 1);
}

static lb_status damage(void *context, const sql *db, touched *t) {
    (void)context;
    (void)t;
    static const float three[] = {1, 2, 3};
    return change_feature(db, "image", 0, three, 3);
}

static void a_vector_that_does_not_fit_is_found(void **state) {
    (void)state;
    const char *shop = make(test_folder(), "shop");
    dataset *d;
    feature_set f;
    job *j;
    uint64_t merged = 5;
    change(shop, damage, NULL);
    assert_ok(dataset_open(shop, &d));
    assert_error(dataset_feature_open(d, "image", &f), LB_E_FORMAT, "product row 0");
    dataset_close(d);
    assert_ok(job_new(NULL, &j));
    assert_error(dataset_compact(j, shop, &merged), LB_E_FORMAT, "product row 0");
    assert_int_equal(merged, 5);
    job_free(j);
}

/* ---- keys */

typedef struct key_try {
    const char *key;
    unsigned char sum[SHA256_SIZE];
    int64_t now;
    bool repeated;
} key_try;

static lb_status use_key(void *context, const sql *db, touched *t) {
    (void)t;
    key_try *k = context;
    return change_remember_key(db, k->key, k->sum, k->now, &k->repeated);
}

static void keys_are_forgotten_after_a_week(void **state) {
    (void)state;
    const char *shop = make(test_folder(), "shop");
    counter c = {.refuse = LB_OK};
    shop_writer *w = open_writer(shop, &c);
    key_try k = {.key = "k", .now = 1000000, .sum = {1}};
    assert_ok(shop_write(w, use_key, &k));
    assert_false(k.repeated);
    k.now += 7 * 24 * 3600;
    assert_ok(shop_write(w, use_key, &k));
    assert_true(k.repeated);
    k.sum[0] = 2;
    assert_error(shop_write(w, use_key, &k), LB_E_MISMATCH, "\"k\"");
    k.now++;
    assert_ok(shop_write(w, use_key, &k)); // now it may be used anew
    assert_false(k.repeated);
    assert_int_equal(count(shop, "SELECT count(*) FROM feedback_keys"), 1);
    shop_writer_close(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_is_whole_or_nothing),
        cmocka_unit_test(changes_share_transactions),
        cmocka_unit_test(removed_rows_are_tombstones),
        cmocka_unit_test(added_features_count_like_others),
        cmocka_unit_test(a_vector_that_does_not_fit_is_found),
        cmocka_unit_test(keys_are_forgotten_after_a_week),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
