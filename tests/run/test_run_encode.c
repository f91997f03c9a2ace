/* Pictures and words become a feature: which products get one, what is reported, what stays as it
 * was. */
#include "media/pictures.h"
#include "run/shop.h"

#include <unistd.h>

static void store(const char *folder, const char *name, file_bytes file) {
    test_write(in(folder, name), file.bytes, file.size);
    free(file.bytes);
}

static void store_drawn(const char *folder, const char *name, unsigned rgb) {
    image p = picture_new(60, 50);
    picture_fill(&p, 0, 0, 60, 50, 0xffffff);
    if (rgb != 0xffffff) picture_fill(&p, 12, 10, 40, 38, rgb);
    store(folder, name, png_store_picture(&p));
    image_free(&p);
}

/* Good pictures of p0, p3 and of a product that nobody bought, a blank, a cut and an empty one. */
static const char *make_photos(const char *shop) {
    const char *folder = in(shop, "photos");
    assert_int_equal(mkdir(folder, 0755), 0);
    store_drawn(folder, "p0.png", 0x2040c0);
    store_drawn(folder, "p3.png", 0xc04020);
    store_drawn(folder, "new-in.png", 0x20c040);
    store_drawn(folder, "p5.png", 0xffffff);
    image p = picture_draw(64, 64);
    file_bytes cut = jpeg_store_picture(&p);
    image_free(&p);
    cut.size /= 2;
    store(folder, "p7.jpg", cut);
    test_write(in(folder, "p8.webp"), "", 0);
    return folder;
}

typedef struct notes {
    size_t products, more; // lines about a product, lines that count the rest
} notes;

static int count_notes(void *context, const lb_progress *p) {
    notes *n = context;
    if (p->note && strcmp(p->stage, "encode") == 0) {
        n->products += strncmp(p->note, "product ", 8) == 0;
        n->more += strncmp(p->note, "and ", 4) == 0;
    }
    return 0;
}

/* Whether a product has the feature, made by this encoder; of length one then. */
static bool has_encoded(const char *shop, const char *name, const char *encoder,
                        const char *product) {
    dataset *d;
    feature_set f;
    uint32_t row;
    assert_ok(dataset_open(shop, &d));
    assert_ok(dataset_feature_open(d, name, &f));
    assert_string_equal(f.encoder, encoder);
    assert_ok(dataset_find_product(d, product, &row));
    float *values = calloc(f.dim, sizeof *values), sum = 0;
    assert_non_null(values);
    bool found = feature_row(&f, row, values);
    for (uint32_t i = 0; i < f.dim; i++) sum += values[i] * values[i];
    if (found) assert_float_equal(sum, 1, 1e-4);
    free(values);
    feature_set_close(&f);
    dataset_close(d);
    return found;
}

static bool has_feature(const char *shop, const char *name, const char *product) {
    return has_encoded(shop, name, "builtin-1", product);
}

static void a_folder_becomes_a_feature(void **state) {
    (void)state;
    const char *shop = shop_make(small_shop);
    lb_encode_options o;
    lb_encode_report r;
    notes n = {0, 0};
    lb_runtime runtime = {.progress = count_notes, .progress_context = &n};
    lb_encode_options_init(&o);
    assert_string_equal(o.encoder, "builtin");
    o.images = make_photos(shop);
    assert_ok(lb_encode(shop, &o, &runtime, &r));
    assert_int_equal(r.encoded, 3);
    assert_int_equal(r.blank, 1);
    assert_int_equal(r.broken, 2);
    assert_int_equal(r.missing, 0);
    assert_int_equal(r.dim, 463);
    assert_int_equal(n.products, 2);
    assert_true(has_feature(shop, "look", "p0"));
    assert_true(has_feature(shop, "look", "p3"));
    assert_true(has_feature(shop, "look", "new-in"));
    assert_false(has_feature(shop, "look", "p1"));
    assert_false(has_feature(shop, "look", "p5"));
    assert_false(has_feature(shop, "look", "p7"));

    // Once registered they are known without the folder; one is gone now.
    assert_int_equal(unlink(in(o.images, "p3.png")), 0);
    o.images = NULL;
    o.name = "second";
    assert_ok(lb_encode(shop, &o, NULL, &r));
    assert_int_equal(r.encoded, 2);
    assert_int_equal(r.missing, 1);
    assert_false(has_feature(shop, "second", "p3"));
    assert_true(has_feature(shop, "look", "p3"));
    assert_ok(lb_encode(shop, &o, NULL, NULL)); // the same again, and no report wanted
}

static void an_encoded_feature_is_trained_on(void **state) {
    (void)state;
    static const char *const models[] = {"wboi"};
    shop_kind kind = small_shop;
    kind.features = 0;
    const char *shop = shop_make(kind), *folder = in(shop, "all");
    assert_int_equal(mkdir(folder, 0755), 0);
    for (unsigned p = 0; p < 40; p++) {
        char name[16];
        snprintf(name, sizeof name, "p%u.png", p);
        store_drawn(folder, name, p % 2 ? 0xc02010 + p : 0x1020c0 + p);
    }
    lb_encode_options o;
    lb_encode_options_init(&o);
    o.images = folder;
    assert_ok(lb_encode(shop, &o, NULL, NULL));
    lb_compare_options c;
    lb_compare_options_init(&c);
    c.models = models;
    c.n_models = 1;
    cJSON *json = shop_compare(shop, &c, NULL);
    assert_string_equal(shop_string(json, "feature"), "look");
    assert_true(shop_number(json, "models.0.warm.auc_own.mean") > 0.6);
    cJSON_Delete(json);
}

static void many_failures_are_counted(void **state) {
    (void)state;
    const char *shop = shop_make(small_shop), *folder = in(shop, "bad");
    assert_int_equal(mkdir(folder, 0755), 0);
    for (unsigned p = 0; p < 30; p++) {
        char name[16];
        snprintf(name, sizeof name, "p%u.jpg", p);
        test_write(in(folder, name), "not a picture", 13);
    }
    lb_encode_options o;
    notes n = {0, 0};
    lb_runtime runtime = {.progress = count_notes, .progress_context = &n};
    lb_encode_options_init(&o);
    o.images = folder;
    assert_error(lb_encode(shop, &o, &runtime, NULL), LB_E_EMPTY, "30 broken");
    assert_int_equal(n.products, 20);
    assert_int_equal(n.more, 1);
}

static int stop_at_once(void *context, const lb_progress *p) {
    (void)context;
    return strcmp(p->stage, "encode") == 0;
}

static void mistakes_and_interruptions_leave_no_feature(void **state) {
    (void)state;
    const char *shop = shop_make(small_shop);
    lb_encode_options o;
    lb_encode_options_init(&o);
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_EMPTY, "picture");
    o.encoder = "eye";
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_ARGUMENT, "builtin");
    lb_encode_options_init(&o);
    o.images = in(shop, "no-such-folder");
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_NOT_FOUND, "no-such-folder");
    o.images = make_photos(shop);
    lb_runtime runtime = {.progress = stop_at_once};
    assert_error(lb_encode(shop, &o, &runtime, NULL), LB_E_INTERRUPTED, "");
    dataset *d;
    assert_ok(dataset_open(shop, &d));
    assert_int_equal(dataset_n_features(d), 1);
    dataset_close(d);
}

/* Titles that say the half of p0 to p39; p40 has a brand alone, p41 no word, p42 nothing. */
static void import_words(const char *shop) {
    const char *path = in(shop, "products.csv");
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "id,title,brand,description\n");
    for (unsigned p = 0; p < 40; p++)
        fprintf(f, "p%u,A %s thing no. %u,,loved\n", p, p % 2 ? "red" : "blue", p);
    fprintf(f, "p40,,Acme,\np41,?!,,\np42,,,\n");
    assert_int_equal(fclose(f), 0);
    lb_import_options o;
    lb_import_options_init(&o);
    o.products = path;
    assert_ok(lb_import(shop, &o, NULL, NULL));
}

static void titles_become_a_feature(void **state) {
    (void)state;
    shop_kind kind = small_shop;
    kind.features = 0;
    const char *shop = shop_make(kind);
    lb_encode_options o;
    lb_encode_report r;
    import_words(shop);
    lb_encode_options_init(&o);
    o.encoder = "words";
    assert_ok(lb_encode(shop, &o, NULL, &r));
    assert_string_equal(r.name, "text");
    assert_int_equal(r.encoded, 41);
    assert_int_equal(r.wordless, 2);
    assert_int_equal(r.missing + r.broken + r.blank, 0);
    assert_int_equal(r.dim, 1024);
    assert_true(has_encoded(shop, "text", "words-1", "p0"));
    assert_true(has_encoded(shop, "text", "words-1", "p40"));
    assert_false(has_encoded(shop, "text", "words-1", "p41"));
    assert_false(has_encoded(shop, "text", "words-1", "p42"));

    o.name = "titles";
    o.fields = "title";
    assert_ok(lb_encode(shop, &o, NULL, &r));
    assert_string_equal(r.name, "titles");
    assert_int_equal(r.encoded, 40);
    assert_false(has_encoded(shop, "titles", "words-1 title", "p40"));

    static const char *const models[] = {"wboi"};
    lb_compare_options c;
    lb_compare_options_init(&c);
    c.models = models;
    c.n_models = 1;
    c.feature = "titles";
    cJSON *json = shop_compare(shop, &c, NULL);
    assert_true(shop_number(json, "models.0.warm.auc_own.mean") > 0.6);
    cJSON_Delete(json);
}

/* The feature's file after encoding a shop of several blocks on so many threads. */
static dump encode_many(const char *shop, unsigned threads) {
    lb_encode_options o;
    lb_runtime runtime;
    dump bytes = {0};
    lb_encode_options_init(&o);
    lb_runtime_init(&runtime);
    runtime.threads = threads;
    o.encoder = "words";
    o.name = threads == 1 ? "one" : "several";
    assert_ok(lb_encode(shop, &o, &runtime, NULL));
    dump_file(&bytes, in(shop, threads == 1 ? "features/one.npy" : "features/several.npy"));
    return bytes;
}

static void threads_and_blocks_do_not_change_words(void **state) {
    (void)state;
    const char *folder = test_folder(), *path = in(folder, "products.csv");
    const char *shop = in(folder, "shop");
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "id,title,category\n");
    for (unsigned p = 0; p < 9000; p++) fprintf(f, "p%u,%u of %u,%u\n", p, p % 7, p, p % 5);
    assert_int_equal(fclose(f), 0);
    lb_import_options o;
    lb_import_options_init(&o);
    o.interactions = write_text(folder, "orders.csv", "user,item\nu1,p0\nu1,p1\n");
    o.products = path;
    assert_ok(lb_import(shop, &o, NULL, NULL));
    dump one = encode_many(shop, 1), several = encode_many(shop, 3);
    assert_true(one.n > 9000 * 1024 * sizeof(float));
    assert_same_dump(one, several);
}

static void mistakes_about_words_are_explained(void **state) {
    (void)state;
    const char *shop = shop_make(small_shop);
    lb_encode_options o;
    lb_encode_options_init(&o);
    o.encoder = "words";
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_EMPTY, "--products");
    o.images = shop;
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_ARGUMENT, "no pictures");
    o.images = NULL;
    o.fields = "title,colour";
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_ARGUMENT, "\"colour\"");
    o.encoder = "builtin";
    o.fields = "title";
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_ARGUMENT, "\"words\"");
    import_words(shop);
    o.encoder = "words";
    o.fields = "category";
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_EMPTY, "any product");
    o.fields = NULL;
    lb_runtime runtime = {.progress = stop_at_once};
    assert_error(lb_encode(shop, &o, &runtime, NULL), LB_E_INTERRUPTED, "");
    dataset *d;
    assert_ok(dataset_open(shop, &d));
    assert_int_equal(dataset_n_features(d), 1);
    dataset_close(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_folder_becomes_a_feature),
        cmocka_unit_test(an_encoded_feature_is_trained_on),
        cmocka_unit_test(many_failures_are_counted),
        cmocka_unit_test(mistakes_and_interruptions_leave_no_feature),
        cmocka_unit_test(titles_become_a_feature),
        cmocka_unit_test(threads_and_blocks_do_not_change_words),
        cmocka_unit_test(mistakes_about_words_are_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
