/* A service: what is refused, and what that leaves. */
#include "live/photo_service.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- what is refused */

static void one_service_at_a_time(void **state) {
    (void)state;
    lb_service *s = open_copy("alone", "vasg"), *other;
    assert_error(service_open(in(folder, "alone"), in(folder, "alone.model"), &other), LB_E_BUSY,
                 "another service");
    lb_service_close(s);
    s = open_again("alone");
    lb_service_close(s);
    assert_error(service_open(in(folder, "nowhere"), in(folder, "vasg"), &s), LB_E_NOT_FOUND,
                 "no dataset here");
    assert_error(service_open(in(folder, "alone"), in(folder, "nothing"), &s), LB_E_NOT_FOUND,
                 "nothing");
}

static void a_locked_database_is_named(void **state) {
    (void)state;
    lb_service *s = open_copy("locked", "vasg");
    sql db;
    assert_ok(sql_open(in(folder, "locked/shop.db"), SQL_WRITE, &db));
    assert_ok(sql_run(&db, "BEGIN IMMEDIATE"));
    assert_error(feed(s, "ua01", "b01", LB_LIKED), LB_E_BUSY, "another program is writing");
    assert_int_not_equal(place(s, "ua01", "b01"), 1000); // nothing of it is known
    assert_ok(sql_run(&db, "ROLLBACK"));
    sql_close(&db);
    assert_ok(feed(s, "ua01", "b01", LB_LIKED));
    assert_int_equal(place(s, "ua01", "b01"), 1000);
    lb_service_close(s);
}

/* In a child: a limit on the size of files stands for a full disk. Returns 0 if a change fails with
 * a reason, nothing of it is known, and smaller ones go on when there is room again. */
static int fill_disk(void) {
    static char text[60000];
    lb_service *s = open_again("full");
    lb_product p;
    struct rlimit limit, none;
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &none);
    limit = none;
    limit.rlim_cur = 4096; // less than the log of writes is by now
    memset(text, 'x', sizeof text - 1);
    lb_product_init(&p);
    p.id = "huge";
    p.description = text;
    setrlimit(RLIMIT_FSIZE, &limit);
    lb_status status = lb_service_products_add(s, &p, 1, 0);
    lb_status second = feed(s, "ua01", "b02", LB_LIKED);
    setrlimit(RLIMIT_FSIZE, &none);
    if (status != LB_E_FULL || second != LB_E_FULL) return 1;
    lb_reply *reply;
    if (lb_service_product(s, "huge", &reply) != LB_E_NOT_FOUND) return 2;
    if (place(s, "ua01", "b02") == 1000) return 3;
    if (feed(s, "ua01", "b02", LB_LIKED) != LB_OK) return 4;
    if (place(s, "ua01", "b02") != 1000) return 5;
    lb_service_close(s);
    return 0;
}

static void a_full_disk_is_reported(void **state) {
    (void)state;
    lb_service *s = open_copy("full", "vasg");
    assert_ok(feed(s, "ua01", "b01", LB_LIKED)); // makes the tables
    lb_service_close(s);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) _exit(fill_disk());
    int code;
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_true(WIFEXITED(code));
    assert_int_equal(WEXITSTATUS(code), 0);
    s = open_again("full");
    assert_int_equal(place(s, "ua01", "b01"), 1000);
    lb_reply *reply;
    assert_error(lb_service_product(s, "huge", &reply), LB_E_NOT_FOUND, "huge");
    lb_service_close(s);
}

/* Features that were imported have no encoder: a photo is kept and shown, and places nothing. */
static void imported_features_have_no_encoder(void **state) {
    (void)state;
    lb_service *s;
    lb_items *items = NULL;
    lb_picture *picture;
    lb_recommend_options o;
    const char *path = in(folder, "imported.model");
    shell("mkdir '%s%s'", in(folder, "plain"), "");
    const char *shop = shop_make(in(folder, "plain"), "shop");
    shop_train_vasg(shop, path);
    assert_ok(service_open(shop, path, &s));
    assert_ok(lb_service_reload(s, NULL)); // nothing has been changed yet
    assert_ok(add_photo(s, "unplaced", 'a', 3));
    assert_ok(feed(s, "ua01", "unplaced", LB_LIKED));
    for (int again = 0; again < 2; again++) {
        assert_int_equal(place(s, "ua02", "unplaced"), 1000);
        items = ask(s, "nobody", 1000);
        assert_non_null(find(items, "unplaced")); // among what is popular, at the end
        lb_items_free(items);
        assert_ok(lb_service_photo(s, "unplaced", 64, &picture));
        lb_picture_free(picture);
        assert_ok(lb_service_reload(s, NULL));
    }
    photo p = photo_draw('a', 3);
    lb_recommend_options_init(&o);
    o.image = p.bytes;
    o.image_bytes = p.size;
    assert_error(lb_service_recommend(s, &o, &items), LB_E_UNSUPPORTED, "lookbook encode");
    free(p.bytes);
    lb_service_close(s);
}

static void arguments_are_checked(void **state) {
    (void)state;
    lb_service *s = open_copy("checked", "vasg");
    lb_service_options so;
    lb_recommend_options o;
    lb_list_options l;
    lb_product p;
    lb_items *items = NULL;
    lb_reply *reply = NULL;
    lb_service *other = NULL;
    lb_feedback f = {"ua01", "a01", LB_LIKED, 0};
    static char long_id[300], long_text[70000];
    memset(long_id, 'x', sizeof long_id - 1);
    memset(long_text, 'x', sizeof long_text - 1);

    lb_service_options_init(&so);
    assert_error(lb_service_open(&so, NULL, &other), LB_E_ARGUMENT, "directory");
    so.directory = "d";
    assert_error(lb_service_open(&so, NULL, &other), LB_E_ARGUMENT, "model");
    so.model = "m";
    assert_error(lb_service_open(&so, NULL, NULL), LB_E_ARGUMENT, "no place");
    assert_error(lb_service_open(NULL, NULL, &other), LB_E_ARGUMENT, "options");

    lb_recommend_options_init(&o);
    assert_int_equal(o.only_available, 1);
    assert_int_equal(o.explain, 1);
    assert_ok(lb_service_recommend(s, &o, &items)); // nobody gets what is popular
    assert_string_equal(lb_items_based_on(items), "popular");
    lb_items_free(items);
    o.user = "ua01";
    assert_error(lb_service_recommend(NULL, &o, &items), LB_E_ARGUMENT, "service");
    assert_error(lb_service_recommend(s, &o, NULL), LB_E_ARGUMENT, "no place");
    o.offset = 9991;
    assert_error(lb_service_recommend(s, &o, &items), LB_E_ARGUMENT, "offset");
    o.offset = 0;
    o.diversity = (double)NAN;
    assert_error(lb_service_recommend(s, &o, &items), LB_E_ARGUMENT, "diversity");
    o.diversity = 0;
    o.explain = 2;
    assert_error(lb_service_recommend(s, &o, &items), LB_E_ARGUMENT, "explain");
    o.explain = 1;
    o.only_available = -1;
    assert_error(lb_service_recommend(s, &o, &items), LB_E_ARGUMENT, "only_available");
    o.only_available = 1;
    o.image_bytes = 3;
    assert_error(lb_service_recommend(s, &o, &items), LB_E_ARGUMENT, "image");
    o.image = "x";
    o.image_bytes = 0;
    assert_error(lb_service_recommend(s, &o, &items), LB_E_ARGUMENT, "image");
    o.image = NULL;
    static const char *const gone[] = {"removed long ago"};
    o.exclude = gone;
    o.n_exclude = 1;
    assert_ok(lb_service_recommend(s, &o, &items));
    lb_items_free(items);
    o.liked = gone;
    o.n_liked = 1;
    assert_error(lb_service_recommend(s, &o, &items), LB_E_NOT_FOUND, "removed long ago");

    lb_product_init(&p);
    assert_error(lb_service_products_add(s, &p, 1, 0), LB_E_ARGUMENT, "id is missing");
    p.id = "tab\there";
    assert_error(lb_service_products_add(s, &p, 1, 0), LB_E_ARGUMENT, "control");
    p.id = "\xff";
    assert_error(lb_service_products_add(s, &p, 1, 0), LB_E_ARGUMENT, "UTF-8");
    p.id = long_id;
    assert_error(lb_service_products_add(s, &p, 1, 0), LB_E_ARGUMENT, "at most 256");
    p.id = "x";
    p.title = "\xc3";
    assert_error(lb_service_products_add(s, &p, 1, 0), LB_E_ARGUMENT, "title is not UTF-8");
    p.title = long_text;
    assert_error(lb_service_products_add(s, &p, 1, 0), LB_E_ARGUMENT, "at most 65536");
    p.title = NULL;
    p.price = -1;
    assert_error(lb_service_products_add(s, &p, 1, 0), LB_E_ARGUMENT, "price");
    p.price = (double)NAN;
    p.available = 2;
    assert_error(lb_service_products_add(s, &p, 1, 0), LB_E_ARGUMENT, "available");
    p.available = 1;
    p.photo_bytes = 1;
    assert_error(lb_service_products_add(s, &p, 1, 0), LB_E_ARGUMENT, "photo");
    p.photo_bytes = 0;
    assert_error(lb_service_products_add(s, &p, 1, 3), LB_E_ARGUMENT, "replace");
    assert_error(lb_service_products_add(s, NULL, 1, 0), LB_E_ARGUMENT, "no products");
    assert_error(lb_service_products_add(NULL, &p, 1, 0), LB_E_ARGUMENT, "service");
    assert_error(lb_service_product_change(s, NULL), LB_E_ARGUMENT, "product");
    assert_error(lb_service_product_change(s, &p), LB_E_NOT_FOUND, "\"x\"");
    assert_error(lb_service_product_remove(s, NULL), LB_E_ARGUMENT, "product");
    assert_error(lb_service_product(s,
                                    "\001"
                                    "5",
                                    &reply),
                 LB_E_NOT_FOUND, "product");
    assert_error(lb_service_user(s,
                                 "\001"
                                 "5",
                                 &reply),
                 LB_E_NOT_FOUND, "user");
    assert_error(lb_service_user(s, "zebra", &reply), LB_E_NOT_FOUND, "zebra");

    assert_error(lb_service_feedback(s, &f, 1, "", NULL), LB_E_ARGUMENT, "key");
    assert_error(lb_service_feedback(s, &f, 1, long_id, NULL), LB_E_ARGUMENT, "key");
    assert_error(lb_service_feedback(s, NULL, 1, NULL, NULL), LB_E_ARGUMENT, "no feedback");
    f.kind = (lb_feedback_kind)4;
    assert_error(lb_service_feedback(s, &f, 1, NULL, NULL), LB_E_ARGUMENT, "kind 4");
    f.kind = LB_LIKED;
    f.time = -1;
    assert_error(lb_service_feedback(s, &f, 1, NULL, NULL), LB_E_ARGUMENT, "negative");
    f.time = 0;
    f.user = "";
    assert_error(lb_service_feedback(s, &f, 1, NULL, NULL), LB_E_ARGUMENT, "user");

    lb_list_options_init(&l);
    l.n = 0;
    assert_error(lb_service_products(s, &l, &reply), LB_E_ARGUMENT, "n is 0");
    l.n = 1001;
    assert_error(lb_service_users(s, &l, &reply), LB_E_ARGUMENT, "1000");
    l.n = 1;
    l.only_new = 2;
    assert_error(lb_service_products(s, &l, &reply), LB_E_ARGUMENT, "only_new");
    l.only_new = 0;
    l.category = "";
    assert_error(lb_service_products(s, &l, &reply), LB_E_ARGUMENT, "category");
    assert_error(lb_service_products(s, NULL, &reply), LB_E_ARGUMENT, "options");
    assert_error(lb_service_state(NULL, &reply), LB_E_ARGUMENT, "service");
    assert_error(lb_service_state(s, NULL), LB_E_ARGUMENT, "no place");
    assert_error(lb_compact("", NULL, NULL), LB_E_ARGUMENT, "directory");
    assert_error(lb_compact(in(folder, "nowhere"), NULL, NULL), LB_E_NOT_FOUND, "no dataset");

    assert_string_equal(lb_reply_json(NULL), "null");
    assert_null(lb_picture_bytes(NULL, NULL));
    assert_string_equal(lb_items_based_on(NULL), "popular");
    assert_string_equal(lb_items_json_list(NULL), "[]");
    lb_reply_free(NULL);
    lb_picture_free(NULL);
    lb_service_close(NULL);
    lb_service_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_service_at_a_time),
        cmocka_unit_test(a_locked_database_is_named),
        cmocka_unit_test(a_full_disk_is_reported),
        cmocka_unit_test(imported_features_have_no_encoder),
        cmocka_unit_test(arguments_are_checked),
    };
    return cmocka_run_group_tests(tests, make_shop, NULL);
}
