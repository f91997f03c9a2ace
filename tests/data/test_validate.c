/* The checks: each finds what was put there for it, and nothing else. */
#include "data/shop_files.h"

#include <unistd.h>

#include "data/validate.h"

static lb_validation *validate(const char *shop) {
    job *j;
    lb_validation *v;
    lb_runtime runtime = {.threads = 1};
    assert_ok(job_new(&runtime, &j));
    assert_ok(dataset_validate(j, shop, &v));
    job_free(j);
    return v;
}

static const lb_check *find(const lb_validation *v, const char *name) {
    for (size_t i = 0; i < v->n; i++)
        if (strcmp(v->checks[i].name, name) == 0) return &v->checks[i];
    fail_msg("no check \"%s\"", name);
    return NULL;
}

static void assert_check(const lb_validation *v, const char *name, int passed, uint64_t count) {
    const lb_check *c = find(v, name);
    if (c->passed != passed || c->count != count)
        fail_msg("%s: passed %d, count %llu: %s", name, c->passed, (unsigned long long)c->count,
                 c->detail);
}

/* Two parts: {ann, a, b} and {bob, c}; d is cold; b has a's vector, c one of zeros, d none. */
static const char *shop_with_oddities(const char *folder) {
    static const float x[] = {1, 2, 7, 1, 2, 7, 0, 0, 7};
    const char *shop = in(folder, "shop");
    lb_import_options o = {0};
    o.interactions = write_text(folder, "e.csv", "user,item\nann,a\nann,b\nbob,c\n");
    o.features = write_npy(folder, "f.npy", x, 3, 3);
    o.feature_ids = write_text(folder, "f.txt", "a\nb\nc\n");
    o.products = write_text(folder, "p.csv", "id,title\nd,Hat\n");
    mkdir(in(folder, "photos"), 0755);
    write_text(folder, "photos/a.jpg", "x");
    write_text(folder, "photos/b.jpg", "x");
    o.images = in(folder, "photos");
    assert_ok(import_into(shop, &o, NULL));
    return shop;
}

static void a_sound_dataset_passes(void **state) {
    (void)state;
    const char *shop = shop_with_oddities(test_folder());
    lb_validation *v = validate(shop);
    for (size_t i = 0; i < v->n; i++) assert_true(v->checks[i].passed);
    assert_check(v, "database is whole", 1, 0);
    assert_check(v, "users", 1, 2);
    assert_check(v, "products", 1, 4);
    assert_check(v, "interactions", 1, 3);
    assert_check(v, "users with fewer than 5 products", 1, 2);
    assert_check(v, "users without interactions", 1, 0);
    assert_check(v, "products that nobody bought", 1, 1);
    assert_check(v, "connected parts of the network", 1, 2);
    assert_check(v, "products without a picture", 1, 2);
    assert_check(v, "registered pictures are there", 1, 0);
    assert_check(v, "feature image: file is whole", 1, 3);
    assert_check(v, "feature image: products without it", 1, 1);
    assert_check(v, "feature image: columns that never change", 1, 1);
    assert_check(v, "feature image: products with another product's vector", 1, 1);
    dataset_validation_free(v);
}

static void damage_fails(void **state) {
    (void)state;
    char folder[256];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = shop_with_oddities(folder), *file = in(shop, "features/image.npy");
    static const unsigned char nan_bytes[] = {0, 0, 0xc0, 0x7f};
    FILE *f = fopen(file, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, 128 + 16, SEEK_SET), 0);
    assert_int_equal(fwrite(nan_bytes, 1, 4, f), 4);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(unlink(in(folder, "photos/b.jpg")), 0);
    sql db;
    assert_ok(sql_open(in(shop, "shop.db"), SQL_WRITE, &db));
    assert_ok(sql_run(&db, "INSERT INTO interactions VALUES(0, 99, 0, 1)"));
    sql_close(&db);
    lb_validation *v = validate(shop);
    assert_check(v, "interactions and pictures name known rows", 0, 1);
    assert_check(v, "registered pictures are there", 0, 1);
    assert_check(v, "feature image: values are finite", 0, 1);
    assert_non_null(strstr(find(v, "feature image: values are finite")->detail, "product b"));
    dataset_validation_free(v);
    assert_int_equal(truncate(file, 150), 0);
    v = validate(shop);
    assert_check(v, "feature image: file is whole", 0, 1);
    dataset_validation_free(v);
    write_text(shop, "shop.db", "no database, but long enough to be looked at more than once");
    v = validate(shop);
    assert_check(v, "dataset can be read", 0, 1);
    dataset_validation_free(v);
}

static void nothing_is_not_a_finding(void **state) {
    (void)state;
    job *j;
    lb_validation *v;
    assert_ok(job_new(NULL, &j));
    assert_error(dataset_validate(j, test_folder(), &v), LB_E_NOT_FOUND, "no dataset");
    job_free(j);
    dataset_validation_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_dataset_passes),
        cmocka_unit_test(damage_fails),
        cmocka_unit_test(nothing_is_not_a_finding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
