/* Requests: what each level says, and that nothing of held-out requests is in training. */
#include "data/shop_files.h"

#include "data/product_text.h"
#include "data/request_rows.h"
#include "data/requests.h"
#include "data/requests_words.h"

enum { N_USERS = 120, N_PRODUCTS = 30 };

typedef struct shop {
    const char *directory;
    dataset *data;
    split *split;
} shop;

static const char *product_lines(void) {
    static char lines[N_PRODUCTS * 400];
    size_t n = 0;
    for (unsigned p = 0; p < N_PRODUCTS; p++) {
        n += (size_t)snprintf(
            lines + n, sizeof lines - n,
            "{\"id\":\"p%u\",\"title\":\"Acme Coat acme %u by ACME.\","
            "\"brand\":\"Acme\",\"categories\":[[\"Shop\",\"Kind%u\"],[\"Sale\"]],"
            "\"description\":\"The only one%u",
            p, p, p % 3, p);
        for (unsigned k = 0; k < 12; k++)
            n += (size_t)snprintf(lines + n, sizeof lines - n, " Word%c", 'a' + (p * 5 + k) % 20);
        n += (size_t)snprintf(lines + n, sizeof lines - n, ".\"}\n");
    }
    return lines;
}

/* Users buy six products of thirty each. */
static void open_shop(shop *s) {
    const char *folder = test_folder();
    const char *events = in(folder, "events.tsv");
    s->directory = in(folder, "shop");
    FILE *f = fopen(events, "wb");
    assert_non_null(f);
    for (unsigned u = 0; u < N_USERS; u++)
        for (unsigned k = 0; k < 6; k++) fprintf(f, "u%u\tp%u\n", u, (u * 7 + k * 5) % N_PRODUCTS);
    assert_int_equal(fclose(f), 0);
    lb_import_options o = {.interactions = events,
                           .products = write_text(folder, "products.jsonl", product_lines())};
    assert_ok(import_into(s->directory, &o, NULL));
    assert_ok(dataset_open(s->directory, &s->data));
    split_options options = {"leave-one-out", 1, 2, COLD_BALANCED, false};
    assert_ok(split_load(s->data, &options, &s->split));
}

static void close_shop(shop *s) {
    split_free(s->split);
    dataset_close(s->data);
}

static size_t pairs_in(const split *s, split_part part) {
    return part == PART_TRAIN ? s->n_train : part == PART_VALID ? s->n_valid : s->n_test;
}

static request_set load(const shop *s, request_level level, split_part part, uint64_t seed) {
    request_set r;
    assert_ok(requests_load(s->data, s->split, level, part, seed, &r));
    for (size_t i = 1; i < r.n; i++) {
        const request *a = &r.request[i - 1], *b = &r.request[i];
        assert_true(a->user < b->user || (a->user == b->user && a->product < b->product));
    }
    return r;
}

/* ---- levels that are one text of the product */

static void test_products(void **state) {
    (void)state;
    shop s;
    open_shop(&s);
    for (split_part part = PART_TRAIN; part <= PART_TEST; part++) {
        request_set category = load(&s, REQUEST_CATEGORY, part, 1);
        request_set title = load(&s, REQUEST_TITLE, part, 1);
        assert_int_equal(category.n, pairs_in(s.split, part));
        assert_int_equal(title.n, category.n);
        for (size_t i = 0; i < title.n; i++) {
            char expected[64];
            unsigned p;
            assert_int_equal(
                sscanf(dataset_product_id(s.data, title.request[i].product), "p%u", &p), 1);
            snprintf(expected, sizeof expected, "Shop Kind%u", p % 3);
            assert_string_equal(category.request[i].text, expected);
            snprintf(expected, sizeof expected, "Coat %u by .", p);
            assert_string_equal(title.request[i].text, expected);
        }
        requests_free(&category);
        requests_free(&title);
    }
    close_shop(&s);
}

/* ---- plots */

static const char *word_at(const char *text, char word[64]) {
    size_t n = strcspn(text, " ");
    assert_true(n > 0 && n < 64);
    memcpy(word, text, n);
    word[n] = '\0';
    return text[n] ? text + n + 1 : NULL;
}

/* Which words are asked for of each product, as "PRODUCT word". */
static void collect(const shop *s, const request_set *r, idmap *out) {
    for (size_t i = 0; i < r->n; i++) {
        unsigned n = 0;
        char word[64], both[128], seen[REQUEST_PLOT_WORDS][64];
        for (const char *t = r->request[i].text; t;) {
            t = word_at(t, word);
            assert_true(n < REQUEST_PLOT_WORDS);
            for (unsigned k = 0; k < n; k++) assert_string_not_equal(seen[k], word);
            memcpy(seen[n++], word, sizeof word);
            assert_int_equal(strncmp(word, "word", 4),
                             0); // lower case; no stop word, none of one plot
            snprintf(both, sizeof both, "%s %s", dataset_product_id(s->data, r->request[i].product),
                     word);
            uint32_t row;
            assert_ok(idmap_add(out, both, &row, NULL));
        }
    }
}

static void test_plot_halves(void **state) {
    (void)state;
    shop s;
    open_shop(&s);
    idmap train = {0}, held = {0};
    request_set r = load(&s, REQUEST_PLOT, PART_TRAIN, 3);
    assert_true(r.n > s.split->n_train / 2);
    collect(&s, &r, &train);
    requests_free(&r);
    for (split_part part = PART_VALID; part <= PART_TEST; part++) {
        r = load(&s, REQUEST_PLOT, part, 3);
        assert_true(r.n > 0);
        collect(&s, &r, &held);
        requests_free(&r);
    }
    uint32_t row;
    assert_true(train.n > 50 && held.n > 50);
    for (uint32_t i = 0; i < held.n; i++) assert_false(idmap_find(&train, held.id[i], &row));
    idmap_free(&train);
    idmap_free(&held);
    close_shop(&s);
}

static int same_sets(const request_set *a, const request_set *b) {
    if (a->n != b->n) return 0;
    for (size_t i = 0; i < a->n; i++)
        if (a->request[i].user != b->request[i].user ||
            a->request[i].product != b->request[i].product ||
            strcmp(a->request[i].text, b->request[i].text) != 0)
            return 0;
    return 1;
}

static void test_seeds(void **state) {
    (void)state;
    shop s;
    open_shop(&s);
    request_set a = load(&s, REQUEST_PLOT, PART_TEST, 3), b = load(&s, REQUEST_PLOT, PART_TEST, 3),
                c = load(&s, REQUEST_PLOT, PART_TEST, 4);
    assert_true(same_sets(&a, &b));
    assert_false(same_sets(&a, &c));
    requests_free(&a);
    requests_free(&b);
    requests_free(&c);
    close_shop(&s);
}

static void test_plot_words(void **state) {
    (void)state;
    plot_words w = {0};
    assert_ok(plot_words_add(&w, 0, "The CAT's cat, I don't: \xc3\x89t\xc3\xa9 42"));
    assert_ok(plot_words_add(&w, 1, "cat"));
    assert_ok(plot_words_add(&w, 2, ""));
    assert_int_equal(w.n, 4);
    assert_string_equal(w.words.id[0], "cat");
    assert_string_equal(w.words.id[1], "\xc3\xa9t\xc3\xa9");
    assert_string_equal(w.words.id[2], "42");
    assert_int_equal(w.count[0], 2);
    assert_int_equal(w.count[1], 1);
    plot_words_free(&w);
}

/* ---- reviews */

/* Everybody writes about what he or she bought: "uU on pP"; one user writes about all products, and
 * somebody and something unknown come too. */
static void import_reviews(const shop *s) {
    char path[512];
    snprintf(path, sizeof path, "%s.reviews", s->directory);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (unsigned u = 1; u < N_USERS; u++)
        for (unsigned k = 0; k < 6; k++) {
            unsigned p = (u * 7 + k * 5) % N_PRODUCTS;
            fprintf(f, "{\"user\":\"u%u\",\"product\":\"p%u\",\"text\":\"u%u on p%u\"}\n", u, p, u,
                    p);
        }
    for (unsigned p = 0; p < N_PRODUCTS; p++)
        fprintf(f, "{\"user\":\"u0\",\"product\":\"p%u\",\"text\":\"u0 on p%u\"}\n", p, p);
    fprintf(f, "{\"user\":\"nobody\",\"product\":\"p0\",\"text\":\"x\"}\n"
               "{\"user\":\"u0\",\"product\":\"nothing\",\"text\":\"x\"}\n");
    assert_int_equal(fclose(f), 0);
    // beside the purchases, so that it is not read as purchases too
    lb_import_options o = {.reviews = path, .interactions = in(s->directory, "../events.tsv")};
    lb_import_report report;
    assert_ok(import_into(s->directory, &o, &report));
    assert_int_equal(report.reviews, (N_USERS - 1) * 6 + N_PRODUCTS);
    assert_int_equal(report.users_added + report.products_added + report.interactions_added, 0);
}

static void parse_review(const request *r, unsigned *user, unsigned *product) {
    assert_int_equal(sscanf(r->text, "u%u on p%u", user, product), 2);
}

static void test_reviews(void **state) {
    (void)state;
    shop s;
    open_shop(&s);
    import_reviews(&s);
    idmap held = {0};
    uint32_t row;
    for (split_part part = PART_TEST; part != PART_TRAIN; part--) { // test, validation
        request_set own = load(&s, REQUEST_OWN_REVIEW, part, 1);
        request_set other = load(&s, REQUEST_OTHER_REVIEW, part, 1);
        assert_int_equal(own.n, pairs_in(s.split, part));
        assert_int_equal(other.n, own.n);
        for (size_t i = 0; i < own.n; i++) {
            unsigned u, p;
            char id[32];
            parse_review(&own.request[i], &u, &p);
            snprintf(id, sizeof id, "u%u", u);
            assert_string_equal(id, dataset_user_id(s.data, own.request[i].user));
            assert_ok(idmap_add(&held, own.request[i].text, &row, NULL));
            parse_review(&other.request[i], &u, &p);
            snprintf(id, sizeof id, "u%u", u);
            assert_string_not_equal(id, dataset_user_id(s.data, other.request[i].user));
            snprintf(id, sizeof id, "p%u", p);
            assert_string_equal(id, dataset_product_id(s.data, other.request[i].product));
            assert_ok(idmap_add(&held, other.request[i].text, &row, NULL));
        }
        requests_free(&own);
        requests_free(&other);
    }
    // of what held-out requests say, and of reviews by held-out pairs, training says nothing
    request_set train = load(&s, REQUEST_OTHER_REVIEW, PART_TRAIN, 1);
    assert_true(train.n > s.split->n_train / 2);
    for (size_t i = 0; i < train.n; i++)
        assert_false(idmap_find(&held, train.request[i].text, &row));
    requests_free(&train);
    idmap_free(&held);

    product_texts t; // and no product's own text has any of it
    assert_ok(product_texts_load(s.data, &t));
    for (uint32_t p = 0; p < t.n; p++) assert_null(strstr(t.text[p], " on p"));
    product_texts_free(&t);
    close_shop(&s);
}

/* A stored plot comes before the description, and long reviews are cut. */
static void test_stored_texts(void **state) {
    (void)state;
    shop s;
    open_shop(&s);
    const char *folder = in(s.directory, "..");
    char lines[N_PRODUCTS * 80], review[2000];
    size_t n = 0;
    for (unsigned p = 0; p < N_PRODUCTS; p++)
        n += (size_t)snprintf(lines + n, sizeof lines - n,
                              "{\"id\":\"p%u\",\"plot\":\"Castle dragon knight moon\"}\n", p);
    lb_import_options o = {.reviews = write_text(folder, "plots.jsonl", lines)};
    lb_import_report report;
    assert_ok(import_into(s.directory, &o, &report));
    assert_int_equal(report.reviews, N_PRODUCTS);
    request_set r = load(&s, REQUEST_PLOT, PART_TEST, 1);
    assert_true(r.n > 0);
    for (size_t i = 0; i < r.n; i++) assert_null(strstr(r.request[i].text, "word"));
    requests_free(&r);

    n = (size_t)snprintf(review, sizeof review, "{\"user\":\"u1\",\"product\":\"p7\",\"text\":\"");
    for (unsigned k = 0; k < 120; k++)
        n += (size_t)snprintf(review + n, sizeof review - n, "a\xc3\xa9word ");
    snprintf(review + n, sizeof review - n, "\"}\n");
    o.reviews = write_text(folder, "long.jsonl", review);
    assert_ok(import_into(s.directory, &o, &report)); // read as purchases too
    assert_int_equal(report.reviews, 1);
    request_rows rows;
    sql db;
    assert_ok(sql_open(in(s.directory, "shop.db"), SQL_READ, &db));
    assert_ok(request_rows_load(&db, "own-review", true, N_USERS, N_PRODUCTS, &rows));
    assert_int_equal(rows.n, 1);
    assert_true(strlen(rows.row[0].text) <= REQUEST_MAX_TEXT);
    assert_true(strlen(rows.row[0].text) > REQUEST_MAX_TEXT - 20);
    assert_string_equal(rows.row[0].text + strlen(rows.row[0].text) - 5, "\xa9"
                                                                         "word");
    request_rows_free(&rows);
    sql_close(&db);
    close_shop(&s);
}

/* ---- the product's own text */

static void test_product_texts(void **state) {
    (void)state;
    shop s;
    open_shop(&s);
    product_texts t;
    uint32_t p;
    assert_ok(product_texts_load(s.data, &t));
    assert_int_equal(t.n, N_PRODUCTS);
    assert_ok(dataset_find_product(s.data, "p4", &p));
    assert_string_equal(t.title[p], "Acme Coat acme 4 by ACME.");
    assert_string_equal(t.category[p], "Shop > Kind1");
    assert_string_equal(t.brand[p], "Acme");
    assert_string_equal(t.text[p], "Acme Coat acme 4 by ACME. Shop Kind1 Acme");
    for (p = 0; p < t.n; p++) assert_null(strstr(t.text[p], "Word")); // of the plot
    product_texts_free(&t);
    close_shop(&s);
}

static void test_arguments(void **state) {
    (void)state;
    shop s;
    open_shop(&s);
    request_set r;
    request_level level;
    assert_error(requests_load(s.data, s.split, REQUEST_LEVELS, PART_TEST, 1, &r), LB_E_ARGUMENT,
                 "there are none");
    assert_error(requests_load(s.data, s.split, REQUEST_PLOT, PART_FEW, 1, &r), LB_E_ARGUMENT,
                 "there are none");
    assert_error(request_level_parse("reviews", &level), LB_E_ARGUMENT, "other-review");
    for (int i = 0; i < REQUEST_LEVELS; i++) {
        assert_ok(request_level_parse(request_level_name((request_level)i), &level));
        assert_int_equal(level, i);
        assert_true(*request_level_needs(level));
    }
    r = load(&s, REQUEST_OWN_REVIEW, PART_TEST, 1); // a dataset without reviews
    assert_int_equal(r.n, 0);
    requests_free(&r);
    close_shop(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),      cmocka_unit_test(test_plot_halves),
        cmocka_unit_test(test_seeds),         cmocka_unit_test(test_plot_words),
        cmocka_unit_test(test_reviews),       cmocka_unit_test(test_stored_texts),
        cmocka_unit_test(test_product_texts), cmocka_unit_test(test_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
