/* Splits: what they promise, on random interactions and on small cases worked out by hand. */
#include "data/shop_files.h"

#include "core/random.h"
#include "data/split.h"

enum { N_USERS = 400, N_PRODUCTS = 150 };

/* Random interactions with popular and rare products, and users of 1 to 20 products. */
static const char *random_shop(const char *folder) {
    const char *path = in(folder, "events.tsv"), *shop = in(folder, "shop");
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    random_stream r = random_open(7, "test", 0);
    for (unsigned u = 0; u < N_USERS; u++)
        for (uint64_t k = 1 + random_below(&r, 20); k; k--) {
            double x = random_unit(&r);
            fprintf(f, "u%u\tp%u\n", u, (unsigned)(x * x * N_PRODUCTS));
        }
    assert_int_equal(fclose(f), 0);
    lb_import_options o = {.interactions = path};
    assert_ok(import_into(shop, &o, NULL));
    return shop;
}

static split *load(const char *shop, const split_options *o) {
    dataset *d;
    split *s;
    assert_ok(dataset_open(shop, &d));
    assert_ok(split_load(d, o, &s));
    dataset_close(d);
    return s;
}

static void assert_same_split(const split *a, const split *b) {
    assert_int_equal(a->n_users, b->n_users);
    assert_int_equal(a->n_products, b->n_products);
    assert_int_equal(a->n_train, b->n_train);
    assert_int_equal(a->n_valid, b->n_valid);
    assert_int_equal(a->n_test, b->n_test);
    assert_int_equal(a->n_dropped, b->n_dropped);
    assert_int_equal(a->n_users_dropped, b->n_users_dropped);
    assert_int_equal(a->n_users_untrained, b->n_users_untrained);
    assert_memory_equal(a->user_start, b->user_start, (a->n_users + 1) * sizeof *a->user_start);
    assert_memory_equal(a->product, b->product, a->n_train * sizeof *a->product);
    assert_memory_equal(a->rating, b->rating, a->n_train * sizeof *a->rating);
    assert_memory_equal(a->valid, b->valid, a->n_valid * sizeof *a->valid);
    assert_memory_equal(a->test, b->test, a->n_test * sizeof *a->test);
    assert_memory_equal(a->in_catalogue, b->in_catalogue, a->n_products);
    assert_memory_equal(a->degree, b->degree, a->n_products * sizeof *a->degree);
}

static int trains(const split *s, pair p) {
    for (uint32_t k = s->user_start[p.user]; k < s->user_start[p.user + 1]; k++)
        if (s->product[k] == p.product) return 1;
    return 0;
}

/* What holds for the pairs of one tested part. */
static void check_part(const split *s, const pair *pairs, size_t n) {
    for (size_t i = 0; i < n; i++) {
        assert_false(trains(s, pairs[i]));
        assert_true(s->user_start[pairs[i].user] < s->user_start[pairs[i].user + 1]);
        assert_true(s->in_catalogue[pairs[i].product]);
        if (i) assert_true(pairs[i].user > pairs[i - 1].user); // one a user, sorted
    }
}

static void check_split(const split *s) {
    uint32_t *degree = calloc(s->n_products, sizeof *degree);
    assert_int_equal(s->user_start[0], 0);
    assert_int_equal(s->user_start[s->n_users], s->n_train);
    for (uint32_t u = 0; u < s->n_users; u++)
        for (uint32_t k = s->user_start[u]; k < s->user_start[u + 1]; k++) {
            degree[s->product[k]]++;
            assert_true(s->in_catalogue[s->product[k]]);
            if (k > s->user_start[u]) assert_true(s->product[k] > s->product[k - 1]);
        }
    assert_memory_equal(degree, s->degree, s->n_products * sizeof *degree);
    free(degree);
    check_part(s, s->valid, s->n_valid);
    check_part(s, s->test, s->n_test);
    for (size_t i = 0, j = 0; i < s->n_test; i++) {
        while (j < s->n_valid && s->valid[j].user < s->test[i].user) j++;
        if (j < s->n_valid && s->valid[j].user == s->test[i].user)
            assert_int_not_equal(s->valid[j].product, s->test[i].product);
    }
}

/* Distinct pairs of users with at least `least` of them; users with fewer are counted. */
static size_t count_pairs(const char *shop, uint32_t least, size_t *n_few) {
    dataset *d;
    interactions all;
    size_t n = 0;
    assert_ok(dataset_open(shop, &d));
    assert_ok(dataset_interactions(d, &all));
    *n_few = 0;
    for (size_t i = 0, end; i < all.n; i = end) {
        for (end = i; end < all.n && all.user[end] == all.user[i];) end++;
        if (end - i < least)
            ++*n_few;
        else
            n += end - i;
    }
    interactions_free(&all);
    dataset_close(d);
    return n;
}

static void leave_one_out_takes_one_of_each_user(void **state) {
    (void)state;
    const char *shop = random_shop(test_folder());
    size_t n_few, n = count_pairs(shop, 5, &n_few);
    split_options o = {"leave-one-out", 1, 5, COLD_NATURAL, false};
    split *s = load(shop, &o);
    check_split(s);
    assert_int_equal(s->n_users_dropped, n_few);
    assert_int_equal(s->n_users_untrained, 0);
    assert_int_equal(s->n_test, N_USERS - n_few);
    assert_int_equal(s->n_valid, N_USERS - n_few);
    assert_int_equal(s->n_train + s->n_valid + s->n_test, n);
    assert_int_equal(s->n_dropped, 0);
    split_free(s);
}

static size_t count_cold(const split *s, const pair *pairs, size_t n) {
    size_t cold = 0;
    for (size_t i = 0; i < n; i++) cold += !s->degree[pairs[i].product];
    return cold;
}

static void balanced_has_as_many_cold_pairs_as_warm_ones(void **state) {
    (void)state;
    const char *shop = random_shop(test_folder());
    size_t n_few, n = count_pairs(shop, 5, &n_few);
    for (uint64_t seed = 1; seed < 6; seed++) {
        split_options o = {"leave-one-out", seed, 5, COLD_BALANCED, false};
        split *s = load(shop, &o);
        check_split(s);
        size_t cold_test = count_cold(s, s->test, s->n_test);
        size_t cold_valid = count_cold(s, s->valid, s->n_valid);
        assert_in_range(10 * cold_test, 4 * s->n_test, 6 * s->n_test);
        assert_in_range(10 * cold_valid, 4 * s->n_valid, 6 * s->n_valid);
        for (size_t i = 0; i < s->n_test; i++) // the two sets of emptied products are disjoint
            for (size_t j = 0; j < s->n_valid && !s->degree[s->test[i].product]; j++)
                assert_int_not_equal(s->test[i].product, s->valid[j].product);
        size_t kept = s->n_train + s->n_valid + s->n_test + s->n_dropped;
        assert_true(kept <= n && kept + 2 * s->n_users_untrained >= n);
        split_free(s);
    }
}

static void without_validation_all_but_the_tests_train(void **state) {
    (void)state;
    const char *shop = random_shop(test_folder());
    split_options o = {"leave-one-out", 1, 5, COLD_BALANCED, true};
    split *s = load(shop, &o), *stored = load(shop, &o);
    check_split(s);
    assert_same_split(s, stored);
    assert_int_equal(s->n_valid, 0);
    assert_in_range(10 * count_cold(s, s->test, s->n_test), 4 * s->n_test, 6 * s->n_test);
    o.no_validation = false;
    split *usual = load(shop, &o);
    assert_true(usual->n_train < s->n_train);
    split_free(s);
    split_free(stored);
    split_free(usual);
}

static void the_same_options_give_the_same_split(void **state) {
    (void)state;
    const char *shop = random_shop(test_folder()), *other = random_shop(test_folder());
    split_options o = {"leave-one-out", 3, 5, COLD_BALANCED, false};
    split *made = load(shop, &o), *stored = load(shop, &o), *elsewhere = load(other, &o);
    assert_same_split(made, stored);
    assert_same_split(made, elsewhere);
    o.seed = 4;
    split *another = load(shop, &o);
    assert_memory_not_equal(made->test, another->test, 100 * sizeof *made->test);
    o.seed = 3;
    split *still = load(shop, &o);
    assert_same_split(made, still);
    sql db;
    int64_t n;
    assert_ok(sql_open(in(shop, "shop.db"), SQL_READ, &db));
    assert_ok(sql_number(&db, "SELECT count(*) FROM splits", &n));
    assert_int_equal(n, 2);
    sql_close(&db);
    split_free(made);
    split_free(stored);
    split_free(elsewhere);
    split_free(another);
    split_free(still);
}

static void a_dataset_that_grows_is_split_anew(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = random_shop(folder);
    split_options o = {"leave-one-out", 1, 1, COLD_NATURAL, false};
    split *before = load(shop, &o);
    lb_import_options more = {0};
    more.interactions = write_text(folder, "more.tsv", "new\tp1\nnew\tp2\nnew\tp3\nnew\tp4\n");
    assert_ok(import_into(shop, &more, NULL));
    split *after = load(shop, &o);
    check_split(after);
    assert_int_equal(after->n_test, before->n_test + 1);
    split *again = load(shop, &o);
    assert_same_split(after, again);
    split_free(before);
    split_free(after);
    split_free(again);
}

static void small_users_are_not_tested(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = in(folder, "shop");
    lb_import_options i = {0};
    i.interactions = write_text(folder, "e.tsv",
                                "one\ta\ntwo\ta\ntwo\tb\nsix\ta\nsix\tb\nsix\tc\n"
                                "six\td\nsix\te\nsix\tf\n");
    assert_ok(import_into(shop, &i, NULL));
    split_options o = {"leave-one-out", 1, 0, COLD_NATURAL, false};
    split *s = load(shop, &o);
    check_split(s);
    assert_int_equal(s->n_users_untrained, 2);
    assert_int_equal(s->n_test, 1);
    assert_int_equal(s->n_train, 4);
    split_free(s);
    o.min_user = 7;
    dataset *d;
    assert_ok(dataset_open(shop, &d));
    assert_error(split_load(d, &o, &s), LB_E_EMPTY, "--min-user");
    o.method = "given";
    assert_error(split_load(d, &o, &s), LB_E_NOT_FOUND, "--valid");
    o.method = "thirds";
    assert_error(split_load(d, &o, &s), LB_E_ARGUMENT, "thirds");
    assert_ok(split_all(d, &s));
    check_split(s);
    assert_int_equal(s->n_train, 9);
    assert_int_equal(s->n_test, 0);
    split_free(s);
    dataset_close(d);
}

static void a_given_split_is_taken_as_it_is(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = in(folder, "shop");
    lb_import_options i = {0};
    i.interactions = write_text(folder, "train.tsv", "1\ta\n1\tb\n2\ta\n");
    i.valid = write_text(folder, "valid.tsv", "2\tc\n");
    i.test = write_text(folder, "test.tsv", "1\td\n3\ta\n1\tc\n"); // 3 has nothing to train on
    assert_ok(import_into(shop, &i, NULL));
    lb_import_options more = {0}; // not part of the split
    more.interactions = write_text(folder, "more.tsv", "1\te\n4\ta\n");
    assert_ok(import_into(shop, &more, NULL));
    split_options o = {"given", 9, 5, COLD_BALANCED, false};
    split *s = load(shop, &o);
    assert_int_equal(s->n_train, 3);
    assert_int_equal(s->n_valid, 1);
    assert_int_equal(s->n_test, 2);
    assert_int_equal(s->n_users_untrained, 1);
    assert_int_equal(s->n_products, 5);
    size_t in_catalogue = 0;
    for (uint32_t p = 0; p < s->n_products; p++) in_catalogue += s->in_catalogue[p];
    assert_int_equal(in_catalogue, 4);
    split_free(s);
}

/* Somebody else is writing: the split is made all the same, and stored another time. */
static void a_dataset_that_cannot_be_written_is_split_in_memory(void **state) {
    (void)state;
    const char *shop = random_shop(test_folder());
    split_options o = {"leave-one-out", 1, 5, COLD_BALANCED, false};
    sql writer;
    int64_t n;
    assert_ok(sql_open(in(shop, "shop.db"), SQL_WRITE, &writer));
    assert_ok(sql_run(&writer, "BEGIN IMMEDIATE"));
    split *made = load(shop, &o);
    assert_ok(sql_number(&writer, "SELECT count(*) FROM splits", &n));
    assert_int_equal(n, 0);
    sql_close(&writer);
    split *stored = load(shop, &o);
    assert_same_split(made, stored);
    split_free(made);
    split_free(stored);
}

static void baby_keeps_its_published_split(void **state) {
    (void)state;
    if (!test_shared_data()) {
        print_message("skipped: the real data is not here\n");
        return;
    }
    lb_import_options i = {.interactions = TEST_SHARED_DATA "/baby/train.tsv",
                           .valid = TEST_SHARED_DATA "/baby/val.tsv",
                           .test = TEST_SHARED_DATA "/baby/test.tsv"};
    const char *shop = in(test_folder(), "shop");
    lb_import_report r;
    assert_ok(import_into(shop, &i, &r));
    assert_int_equal(r.users, 19445);
    assert_int_equal(r.products, 7050);
    split_options o = {"given", 0, 0, COLD_NATURAL, false};
    split *s = load(shop, &o);
    assert_int_equal(s->n_train + s->n_valid + s->n_test, 160792);
    split_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leave_one_out_takes_one_of_each_user),
        cmocka_unit_test(balanced_has_as_many_cold_pairs_as_warm_ones),
        cmocka_unit_test(without_validation_all_but_the_tests_train),
        cmocka_unit_test(the_same_options_give_the_same_split),
        cmocka_unit_test(a_dataset_that_grows_is_split_anew),
        cmocka_unit_test(small_users_are_not_tested),
        cmocka_unit_test(a_given_split_is_taken_as_it_is),
        cmocka_unit_test(a_dataset_that_cannot_be_written_is_split_in_memory),
        cmocka_unit_test(baby_keeps_its_published_split),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
