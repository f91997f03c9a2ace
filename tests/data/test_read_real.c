/* Reads real files where they are there. */
#include "data/readers.h"

typedef struct tally {
    uint64_t records, ratings, times, categories, descriptions;
    double ratings_sum;
} tally;

static lb_status count_interaction(void *context, const interaction_record *v) {
    tally *t = context;
    t->records++;
    t->ratings += v->has_rating;
    t->times += v->has_time && v->time > 700000000 && v->time < 1700000000;
    t->ratings_sum += v->rating;
    return LB_OK;
}

static lb_status count_product(void *context, const product_record *v) {
    tally *t = context;
    t->records++;
    t->categories += v->category != NULL;
    t->descriptions += v->description != NULL;
    return LB_OK;
}

static lb_status count_feature(void *context, const char *id, const float *values, size_t dim) {
    tally *t = context;
    assert_int_equal(dim, 1280);
    assert_true(*id && values[0] >= 0);
    t->records++;
    return LB_OK;
}

static void need_data(void) {
    if (test_shared_data()) return;
    print_message("skipped: the real data for development are not there\n");
    skip();
}

static tally interactions(const char *path, const read_options *options, read_format format) {
    tally t = {0};
    read_report report;
    assert_ok(read_interactions(NULL, path, options, count_interaction, &t, &report));
    assert_int_equal(report.format, format);
    assert_int_equal(report.records, t.records);
    return t;
}

static void movielens_is_read(void **state) {
    (void)state;
    need_data();
    tally t = interactions(TEST_SHARED_DATA "/ml1m/interactions.tsv.gz", NULL, READ_DELIMITED);
    assert_int_equal(t.records, 1000209);
    assert_int_equal(t.ratings, 0);
    t = interactions(TEST_SHARED_DATA "/ml-latest-small/ratings.csv", NULL, READ_DELIMITED);
    assert_int_equal(t.records, 100023);
    assert_int_equal(t.ratings, t.records);
    assert_int_equal(t.times, t.records);
}

static void amazon_is_read(void **state) {
    (void)state;
    need_data();
    static const char *const parts[] = {"train", "val", "test"};
    uint64_t sum = 0;
    for (size_t i = 0; i < 3; i++) {
        char path[600];
        snprintf(path, sizeof path, "%s/baby/%s.tsv", TEST_SHARED_DATA, parts[i]);
        sum += interactions(path, NULL, READ_DELIMITED).records;
    }
    assert_int_equal(sum, 160792);
    tally t = interactions(TEST_SHARED_DATA "/amazon/AMAZON_FASHION_5.json.gz", NULL,
                           READ_AMAZON_2018);
    assert_int_equal(t.records, 3176);
    assert_int_equal(t.times, 3176);
    assert_true(t.ratings_sum > 3176 && t.ratings_sum < 5 * 3176);
}

static void movies_and_posters_are_read(void **state) {
    (void)state;
    need_data();
    tally t = {0};
    read_report report;
    assert_ok(read_products(NULL, TEST_SHARED_DATA "/ml1m/movies.jsonl", NULL, count_product, &t,
                            &report));
    assert_int_equal(t.records, 3883);
    assert_int_equal(t.categories, 3883);
    assert_int_equal(t.descriptions, 3856);
    assert_int_equal(report.format, READ_JSON_LINES);
    read_options o = {READ_AUTO, "id,title,genres", NULL};
    memset(&t, 0, sizeof t);
    assert_ok(read_products(NULL, TEST_SHARED_DATA "/ml-latest-small/movies.csv", &o, count_product,
                            &t, NULL));
    assert_true(t.records > 8000);
    memset(&t, 0, sizeof t);
    assert_ok(read_features(NULL, TEST_SHARED_DATA "/ml1m/poster_features.npy",
                            TEST_SHARED_DATA "/ml1m/poster_features.ids.txt", count_feature, &t,
                            &report));
    assert_int_equal(t.records, 3256);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(movielens_is_read),
        cmocka_unit_test(amazon_is_read),
        cmocka_unit_test(movies_and_posters_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
