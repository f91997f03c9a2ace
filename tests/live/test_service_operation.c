/* A service in operation: models come and go, lists, maps, photos and backups. */
#include "live/photo_service.h"

#include <math.h>
#include <unistd.h>

#include "core/file.h"
#include "media/image.h"
#include "store/safetensors.h"

static int make_models(void **state) {
    make_shop(state);
    photo_shop_train(in(folder, "shop"), "pop", NULL, in(folder, "pop"));
    photo_shop_train(in(folder, "shop"), "bpr", NULL, in(folder, "bpr"));
    return 0;
}

static void check_model(lb_service *s, const char *name, bool has_previous) {
    cJSON *json = state_json(s);
    assert_string_equal(text_at(at(json, "model"), "name"), name);
    assert_int_equal(cJSON_IsTrue(at(at(json, "model"), "previous")), has_previous);
    cJSON_Delete(json);
}

/* ---- models */

static void a_model_is_exchanged_and_taken_back(void **state) {
    (void)state;
    lb_service *s = open_copy("exchange", "vasg");
    const char *path = in(folder, "exchange.model");
    check_model(s, "vasg", false);
    assert_error(lb_service_rollback(s, NULL), LB_E_NOT_FOUND, "no model before");
    assert_ok(lb_service_reload(s, NULL)); // the same one: nothing before it
    check_model(s, "vasg", false);
    shell("cp '%s' '%s'", in(folder, "pop"), path); // written over, as cp does
    check_model(s, "vasg", false);
    assert_ok(lb_service_reload(s, NULL));
    check_model(s, "pop", true);
    lb_service_close(s);
    s = open_again("exchange");
    check_model(s, "pop", true);
    assert_ok(lb_service_rollback(s, NULL));
    check_model(s, "vasg", true);
    assert_ok(feed(s, "ua01", "b01", LB_LIKED));
    lb_service_close(s);
    s = open_again("exchange"); // a restart keeps to it
    check_model(s, "vasg", true);
    assert_ok(lb_service_rollback(s, NULL)); // and forward again
    check_model(s, "pop", true);
    lb_service_close(s);
    // a model that came while nobody served
    shell("cp '%s' '%s'", in(folder, "bpr"), path);
    s = open_again("exchange");
    check_model(s, "bpr", true);
    assert_ok(lb_service_rollback(s, NULL));
    check_model(s, "pop", true);
    lb_service_close(s);
}

static void a_bad_model_changes_nothing(void **state) {
    (void)state;
    lb_service *s = open_copy("bad", "vasg");
    const char *path = in(folder, "bad.model");
    lb_items *before = ask(s, "ua01", 10);
    test_write(path, "noise", 5);
    assert_error(lb_service_reload(s, NULL), LB_E_FORMAT, "bad.model");
    assert_int_equal(unlink(path), 0);
    assert_error(lb_service_reload(s, NULL), LB_E_NOT_FOUND, "bad.model");
    shop_make(folder, "other");
    shop_train_vasg(in(folder, "other"), path);
    assert_error(lb_service_reload(s, NULL), LB_E_MISMATCH, "another dataset");
    check_model(s, "vasg", false);
    assert_ok(add_photo(s, "still-b", 'b', 1));
    assert_true(place(s, "ub01", "still-b") < 20);
    lb_items *after = ask(s, "ua01", 10);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(lb_items_get(before, i)->id, lb_items_get(after, i)->id);
    lb_items_free(before);
    lb_items_free(after);
    assert_false(file_exists(in(folder, "bad.model.loading")));
    assert_true(file_exists(in(folder, "bad.model.serving")));
    lb_service_close(s);
}

/* What an import adds is known after the next change, its features after a reload. */
static void imports_are_taken_in(void **state) {
    (void)state;
    lb_service *s = open_copy("imported", "vasg");
    lb_import_options o;
    lb_import_options_init(&o);
    o.interactions = write_text(folder, "more.csv", "user,item\nlate,b01\nlate,b02\nua01,extra\n");
    assert_ok(lb_import(in(folder, "imported"), &o, NULL, NULL));
    assert_ok(feed(s, "ua02", "extra", LB_LIKED)); // the change sees it
    cJSON *json = user_json(s, "late");
    assert_int_equal(cJSON_GetArraySize(at(json, "history")), 2);
    cJSON_Delete(json);
    lb_items *items = ask(s, "late", 10);
    assert_true(count_circle(items, 'b') >= 9);
    lb_items_free(items);
    assert_ok(lb_service_reload(s, NULL));
    json = user_json(s, "ua01");
    bool found = false;
    const cJSON *event;
    cJSON_ArrayForEach(event, at(json, "history"))
        found = found || strcmp(text_at(event, "product"), "extra") == 0;
    assert_true(found);
    cJSON_Delete(json);
    lb_service_close(s);
}

/* Models that cannot fold in, or know no places, serve what they can. */
static void every_model_serves(void **state) {
    (void)state;
    static const char *const names[] = {"pop", "bpr"};
    for (size_t i = 0; i < 2; i++) {
        char name[16];
        snprintf(name, sizeof name, "with-%s", names[i]);
        lb_service *s = open_copy(name, names[i]);
        assert_ok(feed(s, "ua01", "b01", LB_LIKED));
        assert_ok(feed(s, "ua01", "b02", LB_BOUGHT));
        assert_ok(feed(s, "newcomer", "c01", LB_LIKED));
        lb_items *items = ask(s, "ua01", 80);
        assert_true(lb_items_count(items) > 30);
        assert_null(find(items, "b01"));
        assert_null(find(items, "b02"));
        lb_items_free(items);
        items = ask(s, "newcomer", 10);
        assert_int_equal(lb_items_count(items), 10);
        assert_null(find(items, "c01"));
        lb_items_free(items);
        assert_ok(add_photo(s, "seen", 'a', 5)); // no place in the model, but a look
        lb_similar_options similar;
        lb_similar_options_init(&similar);
        similar.product = "seen";
        similar.by = LB_BY_LOOK;
        assert_ok(lb_service_similar(s, &similar, &items));
        assert_int_equal(count_circle(items, 'a'), 10);
        lb_items_free(items);
        lb_service_close(s);
    }
}

/* ---- lists */

static cJSON *products_json(lb_service *s, const lb_list_options *o) {
    lb_reply *reply = NULL;
    lb_status status = lb_service_products(s, o, &reply);
    return parse(status, reply);
}

static void the_catalogue_is_listed(void **state) {
    (void)state;
    lb_service *s = open_copy("lists", "vasg");
    assert_ok(add_photo(s, "new-1", 'a', 1));
    assert_ok(set_available(s, "a00", 0));
    lb_list_options o;
    lb_list_options_init(&o);
    assert_int_equal(o.n, 50);
    o.n = 25;
    size_t n = 0;
    for (bool more = true; more; o.offset += 25) {
        cJSON *json = products_json(s, &o);
        assert_int_equal(number_at(json, "total"), 62); // 60, "plain", "new-1"
        n += (size_t)cJSON_GetArraySize(at(json, "products"));
        more = !cJSON_IsNull(at(json, "next"));
        if (more) assert_int_equal(number_at(json, "next"), o.offset + 25);
        cJSON_Delete(json);
    }
    assert_int_equal(n, 62);
    lb_list_options_init(&o);
    o.only_new = 1;
    cJSON *json = products_json(s, &o);
    const cJSON *first = cJSON_GetArrayItem(at(json, "products"), 0);
    assert_int_equal(number_at(json, "total"), 1);
    assert_string_equal(text_at(first, "id"), "new-1");
    assert_true(cJSON_IsNull(at(first, "price")) && cJSON_IsTrue(at(first, "photo")));
    assert_null(cJSON_GetObjectItem(first, "description"));
    cJSON_Delete(json);
    lb_list_options_init(&o);
    o.category = "Circle > b";
    o.search = "NUMBER 1";
    json = products_json(s, &o);
    assert_int_equal(number_at(json, "total"), 11); // 1, 10 to 19
    cJSON_Delete(json);
    o.category = "Elsewhere";
    json = products_json(s, &o);
    assert_int_equal(number_at(json, "total"), 0);
    cJSON_Delete(json);
    lb_list_options_init(&o);
    o.by_row = 1;
    o.n = 25;
    n = 0;
    for (bool more = true; more;) { // one that is removed shifts nothing
        json = products_json(s, &o);
        n += (size_t)cJSON_GetArraySize(at(json, "products"));
        if (!o.offset) assert_ok(lb_service_product_remove(s, "new-1"));
        assert_true(cJSON_IsNull(at(json, "total")));
        more = !cJSON_IsNull(at(json, "next"));
        if (more) o.offset = (uint32_t)number_at(json, "next");
        cJSON_Delete(json);
    }
    assert_int_equal(n, 61);
    lb_list_options_init(&o);
    o.price_max = 1e9;
    json = products_json(s, &o);
    assert_int_equal(number_at(json, "total"), 60); // the others have no price
    cJSON_Delete(json);
    lb_list_options_init(&o);
    o.only_available = 1;
    o.search = "a0";
    json = products_json(s, &o);
    assert_int_equal(number_at(json, "total"), 9);
    cJSON_Delete(json);
    lb_service_close(s);
}

static void users_and_categories_are_listed(void **state) {
    (void)state;
    lb_service *s = open_copy("lists2", "vasg");
    lb_list_options o;
    lb_reply *reply = NULL;
    lb_list_options_init(&o);
    o.n = 2;
    o.search = "UB0";
    lb_status status = lb_service_users(s, &o, &reply);
    cJSON *json = parse(status, reply);
    assert_int_equal(number_at(json, "total"), 10);
    assert_int_equal(number_at(json, "next"), 2);
    const cJSON *most = at(json, "users");
    assert_true(number_at(cJSON_GetArrayItem(most, 0), "products") >=
                number_at(cJSON_GetArrayItem(most, 1), "products"));
    assert_true(number_at(cJSON_GetArrayItem(most, 1), "products") >= BOUGHT);
    cJSON_Delete(json);
    lb_product product;
    lb_product_init(&product);
    product.id = "two";
    product.category = "Circle > a\nSale > \"Half\"";
    assert_ok(lb_service_products_add(s, &product, 1, 0));
    status = lb_service_categories(s, &reply);
    json = parse(status, reply);
    const cJSON *list = at(json, "categories");
    assert_int_equal(cJSON_GetArraySize(list), 4);
    assert_string_equal(text_at(cJSON_GetArrayItem(list, 0), "name"), "Circle > a");
    assert_int_equal(number_at(cJSON_GetArrayItem(list, 0), "products"), PRODUCTS + 1);
    assert_string_equal(text_at(cJSON_GetArrayItem(list, 3), "name"), "Sale > \"Half\"");
    cJSON_Delete(json);
    // categories in questions follow changes
    lb_recommend_options r;
    lb_items *items;
    lb_recommend_options_init(&r);
    r.user = "nobody";
    r.category = "Sale";
    r.n = 100;
    for (unsigned k = 0; k < 3; k++) {
        if (k == 1) product = (lb_product){.id = "c03", .category = "Sale", .available = -1};
        if (k == 1) product.price = (double)NAN;
        if (k == 1) assert_ok(lb_service_product_change(s, &product));
        if (k == 2) assert_ok(lb_service_product_remove(s, "two"));
        assert_ok(lb_service_recommend(s, &r, &items));
        assert_int_equal(lb_items_count(items), k == 1 ? 2 : 1);
        lb_items_free(items);
    }
    r.category = "Nowhere";
    assert_error(lb_service_recommend(s, &r, &items), LB_E_NOT_FOUND, "Nowhere");
    lb_service_close(s);
}

static void the_map_shows_circles(void **state) {
    (void)state;
    lb_service *s = open_copy("map", "vasg");
    assert_ok(add_photo(s, "new-b", 'b', 44));
    lb_reply *reply = NULL;
    lb_status status = lb_service_map(s, 1000, "ub01", &reply);
    cJSON *json = parse(status, reply);
    assert_string_equal(text_at(json, "space"), "taste");
    double x[128] = {0}, y[128] = {0}, n[128] = {0};
    const cJSON *p;
    cJSON_ArrayForEach(p, at(json, "products")) {
        int c = circle_of(text_at(p, "id"));
        assert_true(fabs(number_at(p, "x")) <= 1 && fabs(number_at(p, "y")) <= 1);
        x[c] += number_at(p, "x");
        y[c] += number_at(p, "y");
        n[c]++;
    }
    assert_int_equal(n['b'], PRODUCTS + 1);
    const cJSON *user = at(json, "user");
    double own = hypot(x['b'] / n['b'] - number_at(user, "x"),
                       y['b'] / n['b'] - number_at(user, "y"));
    for (char c = 'a'; c <= 'c'; c += 2)
        assert_true(own < hypot(x[(int)c] / n[(int)c] - number_at(user, "x"),
                                y[(int)c] / n[(int)c] - number_at(user, "y")));
    cJSON_Delete(json);
    status = lb_service_map(s, 10, "stranger", &reply);
    json = parse(status, reply);
    assert_int_equal(cJSON_GetArraySize(at(json, "products")), 10);
    assert_true(cJSON_IsNull(at(json, "user")));
    cJSON_Delete(json);
    assert_error(lb_service_map(s, 0, NULL, &reply), LB_E_ARGUMENT, "n is 0");
    lb_service_close(s);
}

static void photos_are_made_small(void **state) {
    (void)state;
    lb_service *s = open_copy("thumbs", "vasg");
    lb_picture *picture = NULL;
    photo p;
    image big, small;
    thumbnail t;
    lb_product product;
    assert_ok(image_new(900, 300, &big));
    for (size_t i = 0; i < 900 * 300 * 3; i++) big.rgb[i] = (unsigned char)(i % 251);
    assert_ok(thumbnail_encode(&big, 80, &t));
    p = (photo){t.jpeg, t.size};
    lb_product_init(&product);
    product.id = "../../wide";
    product.photo = p.bytes;
    product.photo_bytes = p.size;
    assert_ok(lb_service_products_add(s, &product, 1, 0));
    size_t cached = count_files(in(folder, "thumbs/cache")); // encoding leaves its lock there
    for (int again = 0; again < 2; again++) {
        size_t n;
        assert_ok(lb_service_photo(s, "../../wide", 128, &picture));
        const void *bytes = lb_picture_bytes(picture, &n);
        assert_ok(image_decode(bytes, n, 0, IMAGE_MAX_PIXELS, &small));
        assert_int_equal(small.width, 128);
        assert_in_range(small.height, 42, 43);
        image_free(&small);
        lb_picture_free(picture);
    }
    assert_int_equal(count_files(in(folder, "thumbs/cache")), cached + 1);
    assert_int_equal(count_files(in(folder, "thumbs/images")), 1);
    assert_ok(lb_service_photo(s, "a00", 64, &picture)); // one that lies elsewhere
    lb_picture_free(picture);
    assert_error(lb_service_photo(s, "plain", 64, &picture), LB_E_NOT_FOUND, "no photo");
    assert_error(lb_service_photo(s, "nothing", 64, &picture), LB_E_NOT_FOUND, "nothing");
    assert_error(lb_service_photo(s, "a00", 65, &picture), LB_E_ARGUMENT, "side");
    image_free(&big);
    free(p.bytes);
    lb_service_close(s);
}

/* ---- backups and compaction */

/* Of a digit, 64 times; static. */
static const char *digest_of(char digit) {
    static char digest[65];
    memset(digest, digit, 64);
    return digest;
}

static void a_backup_is_a_dataset(void **state) {
    (void)state;
    lb_service *s = open_copy("backed", "vasg");
    lb_reply *reply = NULL;
    char name[512], path[600];
    assert_ok(add_photo(s, "new-b", 'b', 44));
    assert_ok(feed(s, "ua01", "b03", LB_DISLIKED));
    lb_status status = lb_service_backup(s, &reply);
    cJSON *json = parse(status, reply);
    assert_true(number_at(json, "bytes") > 10000);
    snprintf(name, sizeof name, "%s/backups/%s", in(folder, "backed"), text_at(json, "backup"));
    cJSON_Delete(json);
    assert_ok(lb_service_user_remove(s, "ua02")); // changes after it are not in it
    assert_ok(lb_service_product_remove(s, "new-b"));
    lb_service_close(s);
    snprintf(path, sizeof path, "%s/models/serving.safetensors", name);
    assert_ok(service_open(name, path, &s));
    assert_true(place(s, "ub01", "new-b") < 20);
    assert_int_equal(place(s, "ua01", "b03"), 1000);
    json = user_json(s, "ua02");
    cJSON_Delete(json);
    lb_picture *picture;
    assert_ok(lb_service_photo(s, "new-b", 64, &picture));
    lb_picture_free(picture);
    lb_service_close(s);
}

/* A model file that says of itself that a network made its features. */
static void write_naming_model(const char *path, char digit) {
    st_writer *w;
    char identity[100];
    snprintf(identity, sizeof identity, "onnx-1 %s size 8", digest_of(digit));
    assert_ok(st_writer_new(&w));
    assert_ok(st_writer_metadata(w, "lookbook.encoder.look", identity));
    assert_ok(st_writer_save(w, path));
    st_writer_free(w);
}

static void write_network(const char *shop, char digit) {
    char name[100];
    snprintf(name, sizeof name, "encoders/%s.onnx", digest_of(digit));
    test_write(in(shop, name), "network", 7);
}

static bool has_network(const char *shop, char digit) {
    char name[100];
    snprintf(name, sizeof name, "encoders/%s.onnx", digest_of(digit));
    return file_exists(in(shop, name));
}

static void only_networks_that_are_named_stay(void **state) {
    (void)state;
    lb_service_close(open_copy("networks", "vasg"));
    char *shop = memory_string(in(folder, "networks")), *other;
    uint64_t merged;
    assert_int_equal(mkdir(in(shop, "encoders"), 0755), 0);
    assert_int_equal(mkdir(in(shop, "models"), 0755), 0);
    for (char c = '1'; c <= '4'; c++) write_network(shop, c);
    test_write(in(shop, "encoders/notes.txt"), "mine", 4);
    write_naming_model(in(shop, "models/a.safetensors"), '2');
    write_naming_model(in(shop, "b.safetensors.previous"), '3');
    test_write(in(shop, "c.safetensors"), "no model", 8);
    assert_ok(lb_compact(shop, NULL, &merged));
    assert_false(has_network(shop, '1') || has_network(shop, '4'));
    assert_true(has_network(shop, '2') && has_network(shop, '3'));
    assert_true(file_exists(in(shop, "encoders/notes.txt")));
    // a backup has them, too; what a kill left of another one is gone
    assert_int_equal(mkdir(in(shop, "backups"), 0755), 0);
    assert_int_equal(mkdir(in(shop, "backups/20200101T000000-1Z.tmp"), 0755), 0);
    other = memory_string(in(shop, "backups/20200101T000000-1Z.tmp"));
    assert_int_equal(mkdir(in(other, "features"), 0755), 0);
    test_write(in(other, "features/x.npy"), "x", 1);
    lb_service *s = open_again("networks");
    assert_false(file_exists(other));
    free(other);
    lb_reply *reply = NULL;
    lb_status status = lb_service_backup(s, &reply);
    cJSON *json = parse(status, reply);
    other = file_path(in(shop, "backups"), text_at(json, "backup"));
    assert_true(has_network(other, '2'));
    assert_false(file_exists(in(other, "encoders/notes.txt")));
    free(other);
    free(shop);
    cJSON_Delete(json);
    lb_service_close(s);
}

static void compaction_changes_no_answer(void **state) {
    (void)state;
    lb_service *s = open_copy("compact", "vasg");
    const char *shop = in(folder, "compact");
    uint64_t merged = 7;
    char id[16];
    for (unsigned i = 0; i < 5; i++) {
        snprintf(id, sizeof id, "new-b%u", i);
        assert_ok(add_photo(s, id, 'b', 200 + i));
    }
    assert_ok(lb_service_product_remove(s, "new-b4"));
    assert_int_equal(count_files(in(shop, "images")), 5);
    assert_error(lb_compact(shop, NULL, &merged), LB_E_BUSY, "open");
    assert_int_equal(merged, 7);
    lb_service_close(s);
    s = open_again("compact");
    lb_items *before = ask(s, "ub01", 100);
    lb_service_close(s);
    assert_ok(lb_compact(shop, NULL, &merged));
    assert_int_equal(merged, 4);
    assert_ok(lb_compact(shop, NULL, &merged));
    assert_int_equal(merged, 0);
    assert_int_equal(count_files(in(shop, "images")), 4);
    assert_int_equal(count_files(in(shop, "features")), 2);
    s = open_again("compact");
    lb_items *after = ask(s, "ub01", 100);
    assert_string_equal(lb_items_json(before), lb_items_json(after));
    lb_items_free(before);
    lb_items_free(after);
    lb_service_close(s);
    // and what is encoded anew replaces what was added
    s = open_again("compact");
    assert_ok(add_photo(s, "new-b9", 'b', 209));
    lb_service_close(s);
    lb_encode_options e;
    lb_encode_report report;
    lb_encode_options_init(&e);
    assert_ok(lb_encode(shop, &e, NULL, &report));
    assert_int_equal(report.encoded, 3 * PRODUCTS + 5);
    assert_ok(lb_compact(shop, NULL, &merged));
    assert_int_equal(merged, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_exchanged_and_taken_back),
        cmocka_unit_test(a_bad_model_changes_nothing),
        cmocka_unit_test(imports_are_taken_in),
        cmocka_unit_test(every_model_serves),
        cmocka_unit_test(the_catalogue_is_listed),
        cmocka_unit_test(users_and_categories_are_listed),
        cmocka_unit_test(the_map_shows_circles),
        cmocka_unit_test(photos_are_made_small),
        cmocka_unit_test(a_backup_is_a_dataset),
        cmocka_unit_test(only_networks_that_are_named_stay),
        cmocka_unit_test(compaction_changes_no_answer),
    };
    return cmocka_run_group_tests(tests, make_models, NULL);
}
