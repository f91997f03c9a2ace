/* Models of two features, and products that come after training with one of them or both. */
#include "live/live_shop.h"

#include <math.h>

enum { LATER = 2 };

static const char *const kinds[] = {"photo-", "words-", "both-"};

static char folder[256];
static char shop[512], model_path[512];

/* Adds a feature to products of a prefix, LATER or PRODUCTS of each circle. */
static void add_feature(const char *to, const char *name, const char *prefix, unsigned first,
                        unsigned n) {
    lb_import_options o;
    lb_import_options_init(&o);
    shop_features(folder, &o, prefix, first, n);
    o.feature_name = name;
    assert_ok(import_into(to, &o, NULL));
}

static const char *copy_of(const char *from, const char *name) {
    char command[1200];
    const char *to = in(folder, name);
    snprintf(command, sizeof command, "cp -r '%s' '%s'", from, to);
    assert_int_equal(system(command), 0);
    return to;
}

static int make_shop(void **state) {
    (void)state;
    static const char *const settings[] = {"dim=16", "rank=8", "decoder-epochs=0"};
    snprintf(folder, sizeof folder, "%s", test_folder());
    snprintf(shop, sizeof shop, "%s", shop_make(folder, "shop"));
    snprintf(model_path, sizeof model_path, "%s", in(folder, "vasg.safetensors"));
    add_feature(copy_of(shop, "both"), "words", "", 300, PRODUCTS);
    snprintf(shop, sizeof shop, "%s", in(folder, "both"));
    shop_train(shop, "vasg", settings, 3, "leave-one-out", "image,words", model_path);
    return 0;
}

/* A copy of a shop with later products: of a photo, of words, of both, of nothing. */
static const char *grow(const char *from, const char *name) {
    const char *grown = copy_of(from, name);
    lb_import_options o;
    add_feature(grown, "image", "photo-", 400, LATER);
    add_feature(grown, "words", "words-", 500, LATER);
    add_feature(grown, "image", "both-", 600, LATER);
    add_feature(grown, "words", "both-", 700, LATER);
    lb_import_options_init(&o);
    o.interactions = write_text(folder, "later.csv", "user,item\nnewcomer,bare\n");
    assert_ok(import_into(grown, &o, NULL));
    return grown;
}

static lb_items *recommend_to(const lb_recommender *r, const char *user) {
    lb_recommend_options o;
    lb_items *items;
    lb_recommend_options_init(&o);
    o.user = user;
    o.n = 10000;
    assert_ok(lb_recommend(r, &o, &items));
    return items;
}

static const char *later_id(const char *kind, char circle, int number) {
    static char id[32];
    snprintf(id, sizeof id, "%s%c%02d", kind, circle, number);
    return id;
}

/* All of them compete, those of the own circle first. */
static void one_feature_is_enough_to_be_recommended(void **state) {
    (void)state;
    lb_recommender *r;
    assert_ok(lb_recommender_open(model_path, grow(shop, "grown"), NULL, &r));
    for (char circle = 'a'; circle <= 'c'; circle++) {
        char user[8];
        snprintf(user, sizeof user, "u%c01", circle);
        lb_items *items = recommend_to(r, user);
        assert_int_equal(lb_items_count(items), 3 * (PRODUCTS + COLD + 3 * LATER) + 1);
        assert_null(find(items, "bare"));
        for (int k = 0; k < 3; k++)
            for (int i = 0; i < LATER; i++) {
                const lb_item *own = find(items, later_id(kinds[k], circle, i));
                assert_true(own && own->is_new);
                assert_int_equal(own->reason, LB_REASON_LOOK);
                assert_int_equal(own->because[0], circle);
                for (char other = 'a'; other <= 'c'; other++) {
                    const lb_item *item = find(items, later_id(kinds[k], other, i));
                    if (other != circle) assert_true(own->score > item->score);
                }
            }
        lb_items_free(items);
    }
    lb_recommender_close(r);
}

static void one_feature_is_enough_to_be_similar(void **state) {
    (void)state;
    lb_recommender *r;
    lb_items *items;
    lb_similar_options o;
    assert_ok(lb_recommender_open(model_path, grow(shop, "grown2"), NULL, &r));
    lb_similar_options_init(&o);
    o.n = PRODUCTS;
    for (int k = 0; k < 3; k++)
        for (int by = LB_BY_TASTE; by <= LB_BY_BOTH; by++) {
            o.product = later_id(kinds[k], 'b', 1);
            o.by = (lb_likeness)by;
            assert_ok(lb_similar(r, &o, &items));
            assert_true(count_circle(items, 'b') >= PRODUCTS - 2);
            lb_items_free(items);
        }
    o.product = "b01"; // and they are found
    o.n = 10000;
    o.by = LB_BY_LOOK;
    assert_ok(lb_similar(r, &o, &items));
    for (int k = 0; k < 3; k++) {
        const lb_item *own = find(items, later_id(kinds[k], 'b', 0));
        assert_true(own && own->likeness > 0.3);
        assert_true(own->likeness > find(items, later_id(kinds[k], 'c', 0))->likeness);
    }
    lb_items_free(items);
    o.product = "bare";
    assert_error(lb_similar(r, &o, &items), LB_E_NOT_FOUND, "bare");
    lb_recommender_close(r);
}

static void liked_by_words_alone(void **state) {
    (void)state;
    static const char *const liked[] = {"words-c00", "words-c01"};
    lb_recommender *r;
    lb_items *items;
    lb_recommend_options o;
    assert_ok(lb_recommender_open(model_path, grow(shop, "grown3"), NULL, &r));
    lb_recommend_options_init(&o);
    o.liked = liked;
    o.n_liked = 2;
    assert_ok(lb_recommend(r, &o, &items));
    assert_true(count_circle(items, 'c') >= 8);
    lb_items_free(items);
    lb_recommender_close(r);
}

/* A dataset that has only one of the model's features serves what the model knows. */
static void a_dataset_may_lack_a_feature(void **state) {
    (void)state;
    lb_recommender *r;
    const char *grown = copy_of(in(folder, "shop"), "unworded");
    add_feature(grown, "image", "photo-", 400, LATER);
    assert_ok(lb_recommender_open(model_path, grown, NULL, &r));
    lb_items *items = recommend_to(r, "ub01");
    assert_int_equal(lb_items_count(items), 3 * (PRODUCTS + COLD) + 1);
    assert_true(circle_of(lb_items_get(items, 0)->id) == 'b');
    lb_items_free(items);
    lb_recommender_close(r);
}

/* Words of another length are no words of the model's. */
static void another_length_is_refused(void **state) {
    (void)state;
    lb_recommender *r = NULL;
    dataset *d;
    const char *grown = grow(shop, "longer");
    assert_ok(dataset_open(grown, &d));
    uint32_t n = dataset_n_products(d);
    dataset_close(d);
    float *rows = calloc((size_t)n * (FEATURE + 1), sizeof *rows);
    uint8_t *present = calloc(n, 1);
    memset(present, 1, n);
    assert_ok(dataset_feature_write(
        grown, &(feature_rows){"words", "", rows, present, n, FEATURE + 1, false}));
    assert_error(lb_recommender_open(model_path, grown, NULL, &r), LB_E_MISMATCH,
                 "the feature has 33 values, the model was trained on 32");
    assert_null(r);
    free(rows);
    free(present);
}

/* More features than a model can learn from are no matter to a model of none. */
static void a_model_of_none_compares_by_the_first(void **state) {
    (void)state;
    lb_recommender *r;
    lb_items *items;
    lb_similar_options o;
    const char *many = copy_of(shop, "many"), *path = in(folder, "pop.safetensors");
    for (unsigned i = 0; i < DATASET_MAX_FEATURES; i++) {
        char name[8];
        snprintf(name, sizeof name, "f%u", i);
        add_feature(many, name, "", 800 + i, 1);
    }
    shop_train(many, "pop", NULL, 0, NULL, NULL, path);
    assert_ok(lb_recommender_open(path, many, NULL, &r));
    lb_similar_options_init(&o);
    o.product = "a03";
    o.by = LB_BY_LOOK;
    assert_ok(lb_similar(r, &o, &items));
    assert_int_equal(count_circle(items, 'a'), 10);
    lb_items_free(items);
    lb_recommender_close(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_feature_is_enough_to_be_recommended),
        cmocka_unit_test(one_feature_is_enough_to_be_similar),
        cmocka_unit_test(liked_by_words_alone),
        cmocka_unit_test(a_dataset_may_lack_a_feature),
        cmocka_unit_test(another_length_is_refused),
        cmocka_unit_test(a_model_of_none_compares_by_the_first),
    };
    return cmocka_run_group_tests(tests, make_shop, NULL);
}
