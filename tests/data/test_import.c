/* Imports: what they write, that repeating them changes nothing, and what they refuse. */
#include "data/shop_files.h"

#include <unistd.h>

#include "core/half.h"
#include "core/random.h"

static const char *const events =
    "user,item,rating,timestamp\nann,a,5,100\nann,b,3,200\nbob,a,4,300\nbob,a,2,400\ncid,c,1,500\n";

/* Products a, b and z (which nobody bought) have features; c has none. */
static lb_import_options small_shop(const char *folder) {
    static const float x[] = {1, 2, 3, 4, 5, 6};
    lb_import_options o = {0};
    o.interactions = write_text(folder, "events.csv", events);
    o.features = write_npy(folder, "f.npy", x, 3, 2);
    o.feature_ids = write_text(folder, "f.txt", "b\na\nz\n");
    o.products = write_text(folder, "products.csv",
                            "id,title,brand,category,price\na,Red dress,Acme,Women > Dresses,9.5\n"
                            "y,Blue hat,,Women > Hats,\n");
    mkdir(in(folder, "photos"), 0755);
    write_text(folder, "photos/a.jpg", "x");
    write_text(folder, "photos/w.PNG", "x");
    write_text(folder, "photos/notes.txt", "x");
    o.images = in(folder, "photos");
    return o;
}

/* The small shop's files in a new folder (256), and what they were imported to. */
static const char *imported_shop(char *folder, lb_import_options *o) {
    snprintf(folder, 256, "%s", test_folder());
    *o = small_shop(folder);
    const char *shop = in(folder, "shop");
    assert_ok(import_into(shop, o, NULL));
    return shop;
}

static void an_import_writes_everything(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    lb_import_options o = small_shop(folder);
    lb_import_report r;
    const char *shop = in(folder, "shop");
    assert_ok(import_into(shop, &o, &r));
    assert_int_equal(r.users, 3);
    assert_int_equal(r.products, 6); // b a z from features, c bought, y listed, w pictured
    assert_int_equal(r.interactions, 5);
    assert_int_equal(r.interactions_added, 5);
    assert_int_equal(r.repeats, 0);
    assert_int_equal(r.features, 3);
    assert_int_equal(r.images, 2);

    dataset *d;
    assert_ok(dataset_open(shop, &d));
    assert_int_equal(dataset_n_users(d), 3);
    assert_int_equal(dataset_n_products(d), 6);
    uint32_t a, row;
    assert_ok(dataset_find_product(d, "a", &a));
    assert_string_equal(dataset_product_id(d, a), "a");
    assert_error(dataset_find_product(d, "nope", &row), LB_E_NOT_FOUND, "nope");
    assert_error(dataset_find_user(d, "nope", &row), LB_E_NOT_FOUND, "nope");

    interactions all;
    assert_ok(dataset_interactions(d, &all));
    assert_int_equal(all.n, 4); // bob bought a twice: the latest counts
    for (size_t k = 0; k < all.n; k++)
        if (strcmp(dataset_user_id(d, all.user[k]), "bob") == 0) {
            assert_int_equal(all.product[k], a);
            assert_int_equal(all.time[k], 400);
            assert_true(all.rating[k] == 2);
        }
    interactions_free(&all);

    product_info info;
    assert_ok(dataset_product_info(d, a, &info));
    assert_string_equal(info.title, "Red dress");
    assert_true(info.price == 9.5);
    assert_null(info.description);
    product_info_free(&info);
    assert_non_null(dataset_image_path(d, a));
    assert_int_equal(dataset_image_path(d, a)[0], '/');
    assert_ok(dataset_find_product(d, "w", &row));
    assert_non_null(strstr(dataset_image_path(d, row), "photos/w.PNG"));

    uint8_t mask[6];
    size_t n;
    assert_ok(dataset_category_mask(d, "dresses", mask, &n));
    assert_int_equal(n, 1);
    assert_int_equal(mask[a], 1);
    assert_ok(dataset_category_mask(d, "Women", mask, &n));
    assert_int_equal(n, 2);
    assert_ok(dataset_category_mask(d, "women > hats", mask, &n));
    assert_int_equal(n, 1);
    assert_error(dataset_category_mask(d, "Dress", mask, &n), LB_E_NOT_FOUND, "Women > Dresses");

    feature_set f;
    float x[2];
    assert_ok(dataset_feature_open(d, NULL, &f));
    assert_string_equal(f.name, "image");
    assert_int_equal(f.n_present, 3);
    assert_int_equal(f.dim, 2);
    assert_true(feature_row(&f, a, x));
    assert_true(x[0] == 3 && x[1] == 4);
    assert_ok(dataset_find_product(d, "c", &row));
    assert_false(feature_row(&f, row, x));
    assert_true(x[0] == 0 && x[1] == 0);
    feature_set_close(&f);
    assert_error(dataset_feature_open(d, "text", &f), LB_E_NOT_FOUND, "image");
    dataset_close(d);
}

static void importing_again_changes_nothing(void **state) {
    (void)state;
    char folder[256];
    lb_import_options o;
    lb_import_report r;
    const char *shop = imported_shop(folder, &o);
    dump first = dump_dataset(shop);
    assert_ok(import_into(shop, &o, &r));
    assert_int_equal(r.interactions_added, 0);
    assert_int_equal(r.products_added, 0);
    assert_int_equal(r.users_added, 0);
    assert_int_equal(r.repeats, 5);
    assert_same_dump(first, dump_dataset(shop));
    assert_int_equal(count_files(in(shop, "features")), 1);
}

static void importing_more_extends(void **state) {
    (void)state;
    char folder[256];
    lb_import_options o;
    const char *shop = imported_shop(folder, &o);
    dataset *d;
    uint32_t before, after;
    assert_ok(dataset_open(shop, &d));
    assert_ok(dataset_find_product(d, "c", &before));
    dataset_close(d);

    static const float x[] = {9, 9, 7, 7};
    lb_import_options more = {0};
    more.interactions = write_text(folder, "more.csv", "user,item\ndan,a\nann,q\n");
    more.features = write_npy(folder, "g.npy", x, 2, 2);
    more.feature_ids = write_text(folder, "g.txt", "a\nq\n");
    lb_import_report r;
    assert_ok(import_into(shop, &more, &r));
    assert_int_equal(r.users_added, 1);
    assert_int_equal(r.products_added, 1);
    assert_int_equal(r.interactions_added, 2);
    assert_int_equal(count_files(in(shop, "features")), 1);

    assert_ok(dataset_open(shop, &d));
    assert_ok(dataset_find_product(d, "c", &after));
    assert_int_equal(before, after);
    feature_set f;
    float v[2];
    assert_ok(dataset_feature_open(d, "image", &f));
    assert_int_equal(f.n_present, 4);
    assert_ok(dataset_find_product(d, "a", &after));
    assert_true(feature_row(&f, after, v) && v[0] == 9); // replaced
    assert_ok(dataset_find_product(d, "b", &after));
    assert_true(feature_row(&f, after, v) && v[0] == 1); // kept
    feature_set_close(&f);
    dataset_close(d);
}

static void features_of_another_kind_are_refused(void **state) {
    (void)state;
    char folder[256];
    lb_import_options o;
    const char *shop = imported_shop(folder, &o);
    dump before = dump_dataset(shop);
    static const float x[] = {1, 2, 3};
    lb_import_options wide = {0};
    wide.features = write_npy(folder, "wide.npy", x, 1, 3);
    wide.feature_ids = write_text(folder, "wide.txt", "a\n");
    assert_error(import_into(shop, &wide, NULL), LB_E_MISMATCH, "has 2 columns and the file has 3");
    assert_same_dump(before, dump_dataset(shop));
    assert_int_equal(count_files(in(shop, "features")), 1);
    wide.feature_name = "text";
    assert_ok(import_into(shop, &wide, NULL));
    dataset *d;
    assert_ok(dataset_open(shop, &d));
    assert_int_equal(dataset_n_features(d), 2);
    assert_string_equal(dataset_feature_name(d, 0), "image");
    assert_string_equal(dataset_feature_name(d, 1), "text");
    dataset_close(d);

    static const uint8_t present[] = {1, 0, 1, 0, 0, 0};
    static const float look[18] = {1, 2, 3, 0, 0, 0, 4, 5, 6};
    assert_ok(dataset_feature_write(
        shop, &(feature_rows){"look", "builtin-1", look, present, 6, 3, false}));
    wide.feature_name = "look";
    assert_error(import_into(shop, &wide, NULL), LB_E_EXISTS, "builtin-1");
}

/* Half the size; what is there before is kept, in 16 bits from then on; what does not fit leaves
 * everything as it was. */
static void features_can_be_stored_in_16_bits(void **state) {
    (void)state;
    char folder[256];
    lb_import_options o;
    const char *shop = imported_shop(folder, &o);
    static const float q[] = {0.1f, -65504}, r[] = {1, 2}, large[] = {1, 70000};
    lb_import_options more = {.float16 = 1};
    more.features = write_npy(folder, "q.npy", q, 1, 2);
    more.feature_ids = write_text(folder, "q.txt", "q\n");
    assert_ok(import_into(shop, &more, NULL));
    more.float16 = 0; // and so it stays
    more.features = write_npy(folder, "r.npy", r, 1, 2);
    more.feature_ids = write_text(folder, "r.txt", "r\n");
    assert_ok(import_into(shop, &more, NULL));

    dataset *d;
    feature_set f;
    float v[2];
    uint32_t row;
    struct stat file;
    assert_ok(dataset_open(shop, &d));
    assert_ok(dataset_feature_open(d, "image", &f));
    assert_ok(dataset_find_product(d, "a", &row));
    assert_true(feature_row(&f, row, v) && v[0] == 3 && v[1] == 4);
    assert_ok(dataset_find_product(d, "q", &row));
    assert_true(feature_row(&f, row, v) && v[0] == half_to_f32(half_from_f32(q[0])) &&
                v[1] == q[1]);
    assert_ok(dataset_find_product(d, "r", &row));
    assert_true(feature_row(&f, row, v) && v[0] == 1 && v[1] == 2);
    assert_int_equal(stat(in(shop, "features/image.3.npy"), &file), 0);
    assert_int_equal(file.st_size, 128 + (row + 1) * 2 * sizeof(uint16_t));
    feature_set_close(&f);
    dataset_close(d);

    dump before = dump_dataset(shop);
    more.features = write_npy(folder, "large.npy", large, 1, 2);
    assert_error(import_into(shop, &more, NULL), LB_E_FORMAT,
                 "large.npy: product r: value 2 is 70000");
    assert_same_dump(before, dump_dataset(shop));

    const char *other = in(folder, "other"); // what is there does not fit either
    static const float wide[] = {1e6f, 1};
    o.features = write_npy(folder, "wide.npy", wide, 1, 2);
    o.feature_ids = more.feature_ids;
    assert_ok(import_into(other, &o, NULL));
    more.float16 = 1;
    more.features = write_npy(folder, "q.npy", q, 1, 2);
    more.feature_ids = write_text(folder, "q.txt", "q\n");
    assert_error(import_into(other, &more, NULL), LB_E_FORMAT, "feature \"image\", product row");
}

static void products_without_feature_can_be_left_out(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    lb_import_options o = small_shop(folder);
    lb_import_report r;
    const char *shop = in(folder, "shop");
    o.require_feature = 1;
    o.products = o.images = NULL;
    assert_ok(import_into(shop, &o, &r));
    assert_int_equal(r.without_feature, 1);
    assert_int_equal(r.users, 2); // cid bought c only
    assert_int_equal(r.products, 3);
    dump first = dump_dataset(shop);
    o.features = o.feature_ids = NULL; // those of the dataset count as well
    assert_ok(import_into(shop, &o, &r));
    assert_int_equal(r.without_feature, 1);
    assert_same_dump(first, dump_dataset(shop));
    assert_error(import_into(in(folder, "empty"), &o, NULL), LB_E_NOT_FOUND, "--features");
    assert_false(file_exists(in(folder, "empty")));
}

/* 30 users with 40 products each; `reversed` writes the same lines backwards. */
static const char *write_many(const char *folder, const char *name, int reversed) {
    const char *path = in(folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    for (unsigned i = 0; i < 1200; i++) {
        unsigned k = reversed ? 1199 - i : i;
        fprintf(f, "u%u\tp%u\n", k / 40, (k % 40) * 7 + k / 40);
    }
    assert_int_equal(fclose(f), 0);
    return path;
}

static void a_sample_does_not_depend_on_the_order_of_lines(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    lb_import_options o = {.sample_per_user = 10, .seed = 1};
    lb_import_report r;
    o.interactions = write_many(folder, "a.tsv", 0);
    assert_ok(import_into(in(folder, "one"), &o, &r));
    assert_int_equal(r.interactions, 300);
    assert_int_equal(r.sampled_out, 900);
    o.interactions = write_many(folder, "b.tsv", 1);
    assert_ok(import_into(in(folder, "two"), &o, &r));
    assert_ok(import_into(in(folder, "one"), &o, &r)); // nothing new
    assert_int_equal(r.interactions_added, 0);
    dump d[2] = {{0}, {0}};
    for (int i = 0; i < 2; i++) {
        sql db;
        assert_ok(sql_open(in(in(folder, i ? "two" : "one"), "shop.db"), SQL_READ, &db));
        dump_query(&d[i], &db,
                   "SELECT u.id, p.id FROM interactions JOIN users u ON u.row = user"
                   " JOIN products p ON p.row = product ORDER BY 1, 2");
        sql_close(&db);
    }
    assert_same_dump(d[0], d[1]);
    o.seed = 2;
    assert_ok(import_into(in(folder, "one"), &o, &r));
    assert_true(r.interactions_added > 100);
}

static void long_and_foreign_ids_survive(void **state) {
    (void)state;
    char folder[256], text[1024], id[257];
    snprintf(folder, sizeof folder, "%s", test_folder());
    memset(id, 'x', 256);
    id[256] = '\0';
    snprintf(text, sizeof text, "user,item\n%s,caf\xc3\xa9 \xe2\x82\xac\n'; DROP TABLE x;--,%s\n",
             id, id);
    lb_import_options o = {0};
    o.interactions = write_text(folder, "e.csv", text);
    assert_ok(import_into(in(folder, "shop"), &o, NULL));
    dataset *d;
    uint32_t row;
    assert_ok(dataset_open(in(folder, "shop"), &d));
    assert_ok(dataset_find_user(d, id, &row));
    assert_ok(dataset_find_product(d, id, &row));
    assert_ok(dataset_find_product(d, "caf\xc3\xa9 \xe2\x82\xac", &row));
    assert_ok(dataset_find_user(d, "'; DROP TABLE x;--", &row));
    dataset_close(d);
}

static void a_damaged_input_leaves_everything_as_it_was(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    lb_import_options o = small_shop(folder), bad = {0};
    const char *shop = in(folder, "shop");
    bad.interactions = write_text(folder, "bad.csv", "user,item,rating\nnew,a,1\nnew,b,many\n");
    assert_error(import_into(shop, &bad, NULL), LB_E_FORMAT, "bad.csv");
    assert_false(file_exists(shop));
    assert_ok(import_into(shop, &o, NULL));
    dump before = dump_dataset(shop);
    assert_error(import_into(shop, &bad, NULL), LB_E_FORMAT, "bad.csv");
    bad.interactions = in(folder, "nowhere.csv");
    assert_error(import_into(shop, &bad, NULL), LB_E_NOT_FOUND, "nowhere.csv");
    assert_same_dump(before, dump_dataset(shop));
}

static void a_given_split_overlap_stays_in_training(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    lb_import_options o = {0};
    o.interactions = write_text(folder, "train.tsv", "1\t1\n1\t2\n2\t1\n");
    o.test = write_text(folder, "test.tsv", "1\t2\n1\t3\n");
    const char *shop = in(folder, "shop");
    assert_ok(import_into(shop, &o, NULL));
    sql db;
    int64_t n;
    assert_ok(sql_open(in(shop, "shop.db"), SQL_READ, &db));
    assert_ok(sql_number(&db, "SELECT count(*) FROM split_pairs WHERE part = 0", &n));
    assert_int_equal(n, 3);
    assert_ok(sql_number(&db, "SELECT count(*) FROM split_pairs WHERE part = 2", &n));
    assert_int_equal(n, 1);
    sql_close(&db);
}

static int stop_at_once(void *context, const lb_progress *p) {
    (void)context;
    return p->note == NULL;
}

static void a_stopped_import_leaves_nothing(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    lb_import_options o = small_shop(folder);
    lb_runtime runtime = {.threads = 1, .progress = stop_at_once};
    job *j;
    assert_ok(job_new(&runtime, &j));
    assert_int_equal(dataset_import(j, in(folder, "shop"), &o, NULL), LB_E_INTERRUPTED);
    job_free(j);
    assert_false(file_exists(in(folder, "shop")));
}

static void movielens_with_posters(void **state) {
    (void)state;
    if (!test_shared_data()) {
        print_message("skipped: the real data is not here\n");
        return;
    }
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    lb_import_options o = {.require_feature = 1};
    lb_import_report r;
    o.interactions = TEST_SHARED_DATA "/ml1m/interactions.tsv.gz";
    o.features = TEST_SHARED_DATA "/ml1m/poster_features.npy";
    o.feature_ids = TEST_SHARED_DATA "/ml1m/poster_features.ids.txt";
    o.products = TEST_SHARED_DATA "/ml1m/movies.jsonl";
    assert_ok(import_into(in(folder, "shop"), &o, &r));
    assert_int_equal(r.users, 6040);
    assert_int_equal(r.interactions, 998108);
    assert_int_equal(r.without_feature, 1000209 - 998108);
    assert_int_equal(r.features, 3256);
    dataset *d;
    interactions all;
    assert_ok(dataset_open(in(folder, "shop"), &d));
    assert_ok(dataset_interactions(d, &all));
    assert_int_equal(all.n, 998108);
    interactions_free(&all);
    dataset_close(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_writes_everything),
        cmocka_unit_test(importing_again_changes_nothing),
        cmocka_unit_test(importing_more_extends),
        cmocka_unit_test(features_of_another_kind_are_refused),
        cmocka_unit_test(features_can_be_stored_in_16_bits),
        cmocka_unit_test(products_without_feature_can_be_left_out),
        cmocka_unit_test(a_sample_does_not_depend_on_the_order_of_lines),
        cmocka_unit_test(long_and_foreign_ids_survive),
        cmocka_unit_test(a_damaged_input_leaves_everything_as_it_was),
        cmocka_unit_test(a_given_split_overlap_stays_in_training),
        cmocka_unit_test(a_stopped_import_leaves_nothing),
        cmocka_unit_test(movielens_with_posters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
