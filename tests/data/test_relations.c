/* Pairs of products: what they promise, and that they stay as they were stored. */
#include "data/shop_files.h"

#include "core/random.h"
#include "data/relations.h"

enum { N_USERS = 150, N_PRODUCTS = 120, HEAVY = 90 };

/* Users of a few products, and one who has most of them. */
static const char *some_shop(const char *folder) {
    const char *path = in(folder, "events.tsv"), *shop = in(folder, "shop");
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (unsigned u = 0; u < N_USERS; u++) {
        random_stream r = random_open(3, "test", u);
        for (uint64_t k = u ? 4 + random_below(&r, 6) : HEAVY; k; k--) {
            double x = random_unit(&r);
            unsigned p = u ? (unsigned)(x * x * N_PRODUCTS) : (unsigned)k;
            fprintf(f, "u%u\tp%u\n", u, p);
        }
    }
    assert_int_equal(fclose(f), 0);
    assert_ok(import_into(shop, &(lb_import_options){.interactions = path}, NULL));
    return shop;
}

typedef struct loaded {
    split *s;
    relations r;
    interactions all;
} loaded;

static const split_options balanced = {"leave-one-out", 1, 3, COLD_BALANCED, false};

static loaded load(const char *shop, const split_options *o) {
    dataset *d;
    loaded out;
    assert_ok(dataset_open(shop, &d));
    assert_ok(split_load(d, o, &out.s));
    assert_ok(relations_load(d, o, out.s, &out.r));
    assert_ok(dataset_interactions(d, &out.all));
    dataset_close(d);
    return out;
}

static void unload(loaded *l) {
    split_free(l->s);
    relations_free(&l->r);
    interactions_free(&l->all);
}

/* Whether anybody has both, over the lists of all users. */
static bool together(const interactions *all, relation r) {
    for (size_t begin = 0, end; begin < all->n; begin = end) {
        bool a = false, b = false;
        for (end = begin; end < all->n && all->user[end] == all->user[begin]; end++) {
            a |= all->product[end] == r.a;
            b |= all->product[end] == r.b;
        }
        if (a && b) return true;
    }
    return false;
}

static bool trains(const split *s, uint32_t user, uint32_t product) {
    for (uint32_t k = s->user_start[user]; k < s->user_start[user + 1]; k++)
        if (s->product[k] == product) return true;
    return false;
}

static bool is_test_pair(const split *s, const pair *tests, size_t n, relation r) {
    for (size_t i = 0; i < n; i++) {
        if (tests[i].product == r.b && trains(s, tests[i].user, r.a)) return true;
        if (tests[i].product == r.a && trains(s, tests[i].user, r.b)) return true;
    }
    return false;
}

/* Ordered rows, sorted, no pair twice. */
static void check_half(const relation *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        assert_true(p[i].a < p[i].b);
        if (i) assert_true(p[i - 1].a < p[i].a || (p[i - 1].a == p[i].a && p[i - 1].b < p[i].b));
    }
}

static void check_part(const loaded *l, const relation_set *set, const pair *tests, size_t n) {
    assert_true(set->n > 100);
    check_half(set->pair, set->n);
    check_half(set->pair + set->n, set->n);
    for (size_t i = 0; i < set->n; i++) {
        relation other = set->pair[set->n + i];
        assert_true(is_test_pair(l->s, tests, n, set->pair[i]));
        assert_false(together(&l->all, other));
        assert_true(l->s->in_catalogue[other.a] && l->s->in_catalogue[other.b]);
    }
}

static void tests_pair_training_with_held_out_products(void **state) {
    (void)state;
    loaded l = load(some_shop(test_folder()), &balanced);
    check_part(&l, &l.r.valid, l.s->valid, l.s->n_valid);
    check_part(&l, &l.r.test, l.s->test, l.s->n_test);
    unload(&l);
}

/* One user of many products and one test: RELATIONS_PER_TEST pairs, and no more. */
static void a_long_history_is_sampled(void **state) {
    (void)state;
    char folder[256], text[4096];
    snprintf(folder, sizeof folder, "%s", test_folder());
    size_t n = 0;
    for (int p = 0; p < HEAVY; p++)
        n += (size_t)snprintf(text + n, sizeof text - n, "heavy\tp%d\n", p);
    for (int p = 0; p < HEAVY; p++)
        n += (size_t)snprintf(text + n, sizeof text - n, "u%d\tq%d\n", p, p);
    const char *shop = in(folder, "shop");
    lb_import_options i = {.interactions = write_text(folder, "e.tsv", text)};
    assert_ok(import_into(shop, &i, NULL));
    split_options o = {"leave-one-out", 1, 1, COLD_NATURAL, false};
    loaded l = load(shop, &o);
    assert_int_equal(l.r.test.n, RELATIONS_PER_TEST);
    assert_int_equal(l.r.valid.n, RELATIONS_PER_TEST);
    unload(&l);
}

static void assert_same_set(const relation_set *a, const relation_set *b) {
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->pair, b->pair, 2 * a->n * sizeof *a->pair);
}

static void assert_same(const relations *a, const relations *b) {
    assert_same_set(&a->valid, &b->valid);
    assert_same_set(&a->test, &b->test);
}

static int64_t stored(const char *shop) {
    sql db;
    int64_t n;
    assert_ok(sql_open(in(shop, "shop.db"), SQL_READ, &db));
    assert_ok(sql_number(&db, "SELECT count(*) FROM split_relations", &n));
    sql_close(&db);
    return n;
}

static void alter(const char *shop, const char *statement) {
    sql db;
    assert_ok(sql_open(in(shop, "shop.db"), SQL_WRITE, &db));
    assert_ok(sql_run(&db, statement));
    sql_close(&db);
}

static void the_same_options_give_the_same_pairs(void **state) {
    (void)state;
    const char *shop = some_shop(test_folder()), *other = some_shop(test_folder());
    loaded made = load(shop, &balanced);
    assert_int_equal(stored(shop), 2);
    loaded again = load(shop, &balanced), elsewhere = load(other, &balanced);
    assert_same(&made.r, &again.r);
    assert_same(&made.r, &elsewhere.r);
    split_options o = balanced;
    o.seed = 2;
    loaded another = load(shop, &o);
    assert_int_equal(stored(shop), 4);
    assert_memory_not_equal(made.r.test.pair, another.r.test.pair, 50 * sizeof(relation));
    unload(&made);
    unload(&again);
    unload(&elsewhere);
    unload(&another);
}

/* What is stored is what is read, unless it is damaged or of other purchases. */
static void stored_pairs_are_used_and_checked(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = some_shop(folder);
    loaded made = load(shop, &balanced);
    alter(shop, "UPDATE split_relations SET pairs = x'' WHERE part = 2");
    loaded empty = load(shop, &balanced);
    assert_int_equal(empty.r.test.n, 0);
    static const char *const damage[] = {
        "UPDATE split_relations SET pairs = substr(pairs, 1, length(pairs) - 3) WHERE part = 1",
        "UPDATE split_relations SET pairs = x'ffffffffffffffffffffffffffffffff'",
        "UPDATE split_relations SET pairs = x'02000000010000000100000002000000'",
        "DELETE FROM split_relations WHERE part = 1",
        "DROP TABLE split_relations", // a dataset of an earlier version
    };
    for (size_t i = 0; i < sizeof damage / sizeof *damage; i++) {
        alter(shop, damage[i]);
        loaded anew = load(shop, &balanced);
        assert_same(&made.r, &anew.r);
        assert_int_equal(stored(shop), 2);
        unload(&anew);
    }
    lb_import_options more = {0};
    more.interactions = write_text(folder, "more.tsv", "new\tp1\nnew\tp2\nnew\tp3\nnew\tp4\n");
    assert_ok(import_into(shop, &more, NULL));
    loaded grown = load(shop, &balanced);
    check_part(&grown, &grown.r.test, grown.s->test, grown.s->n_test);
    unload(&made);
    unload(&empty);
    unload(&grown);
}

static void a_dataset_that_cannot_be_written_will_do(void **state) {
    (void)state;
    const char *shop = some_shop(test_folder());
    loaded before = load(shop, &balanced);
    alter(shop, "DROP TABLE split_relations; PRAGMA journal_mode=DELETE");
    sql db;
    assert_ok(sql_open(in(shop, "shop.db"), SQL_WRITE, &db));
    assert_ok(sql_run(&db, "BEGIN IMMEDIATE")); // somebody else is writing, and does not end
    loaded l = load(shop, &balanced);
    assert_same(&before.r, &l.r);
    sql_close(&db);
    unload(&before);
    unload(&l);
}

static void training_pairs_are_shared_evenly(void **state) {
    (void)state;
    loaded l = load(some_shop(test_folder()), &balanced);
    const split *s = l.s;
    interactions train = {.n = s->n_train, .product = s->product};
    train.user = calloc(s->n_train, sizeof *train.user);
    for (uint32_t u = 0; u < s->n_users; u++)
        for (uint32_t k = s->user_start[u]; k < s->user_start[u + 1]; k++) train.user[k] = u;
    for (size_t most = 300; most <= 1000000; most *= 100) {
        relation_set set, again;
        assert_ok(relations_train(s, most, 5, &set));
        assert_ok(relations_train(s, most, 5, &again));
        assert_same_set(&set, &again);
        assert_in_range(set.n, 100, most);
        check_half(set.pair, set.n);
        check_half(set.pair + set.n, set.n);
        size_t of_heavy = 0;
        for (size_t i = 0; i < set.n; i++) {
            relation r = set.pair[i], other = set.pair[set.n + i];
            assert_true(together(&train, r));
            assert_false(together(&train, other));
            assert_true(s->degree[other.a] && s->degree[other.b]);
            of_heavy += trains(s, 0, r.a) && trains(s, 0, r.b);
        }
        if (most == 300) assert_true(of_heavy < 250); // of some 3,000 pairs that he or she has
        relation_set_free(&set);
        relation_set_free(&again);
    }
    free(train.user);
    unload(&l);
}

/* Validation for stopping must not know the tests. */
static void stopping_sees_no_test(void **state) {
    (void)state;
    loaded l = load(some_shop(test_folder()), &balanced);
    relation_set with, without;
    assert_ok(relations_valid(l.s, 1, &with));
    size_t n = l.s->n_test;
    l.s->n_test = 0;
    assert_ok(relations_valid(l.s, 1, &without));
    l.s->n_test = n;
    assert_same_set(&with, &without);
    for (size_t i = 0; i < with.n; i++)
        assert_true(is_test_pair(l.s, l.s->valid, l.s->n_valid, with.pair[i]));
    relation_set_free(&with);
    relation_set_free(&without);
    unload(&l);
}

static void where_all_is_bought_together_there_are_none(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = in(folder, "shop");
    char text[4096];
    size_t n = 0;
    for (int u = 0; u < 60; u++)
        for (int p = 0; p < 5; p++)
            n += (size_t)snprintf(text + n, sizeof text - n, "u%d\tp%d\n", u, p);
    lb_import_options i = {.interactions = write_text(folder, "e.tsv", text)};
    assert_ok(import_into(shop, &i, NULL));
    split_options o = {"leave-one-out", 1, 1, COLD_NATURAL, false};
    loaded l = load(shop, &o);
    assert_int_equal(l.r.test.n, 0);
    relation_set set;
    assert_error(relations_train(l.s, 100, 1, &set), LB_E_EMPTY, "bought together");
    unload(&l);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tests_pair_training_with_held_out_products),
        cmocka_unit_test(a_long_history_is_sampled),
        cmocka_unit_test(the_same_options_give_the_same_pairs),
        cmocka_unit_test(stored_pairs_are_used_and_checked),
        cmocka_unit_test(a_dataset_that_cannot_be_written_will_do),
        cmocka_unit_test(training_pairs_are_shared_evenly),
        cmocka_unit_test(stopping_sees_no_test),
        cmocka_unit_test(where_all_is_bought_together_there_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
