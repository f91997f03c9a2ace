/* Opening: datasets that grew, that are others, damaged files, every model; and the JSON. */
#include "live/live_shop.h"

#include <cjson/cJSON.h>
#include <math.h>

#include "live/live_impl.h"
#include "model/vasg.h"

static char folder[256];
static char shop[512], model_path[512];

static int make_shop(void **state) {
    (void)state;
    snprintf(folder, sizeof folder, "%s", test_folder());
    snprintf(shop, sizeof shop, "%s", shop_make(folder, "shop"));
    snprintf(model_path, sizeof model_path, "%s", in(folder, "vasg.safetensors"));
    shop_train_vasg(shop, model_path);
    return 0;
}

static lb_items *recommend_to(const lb_recommender *r, const char *user, uint32_t n,
                              uint32_t n_new) {
    lb_recommend_options o;
    lb_items *items;
    lb_recommend_options_init(&o);
    o.user = user;
    o.n = n;
    o.n_new = n_new;
    assert_ok(lb_recommend(r, &o, &items));
    return items;
}

/* ---- products that came after training */

/* Adds two products of each circle with the feature, one without, and a new user. */
static const char *grow(const char *name) {
    char copy[1024];
    snprintf(copy, sizeof copy, "cp -r '%s' '%s'", shop, in(folder, name));
    assert_int_equal(system(copy), 0);
    lb_import_options o;
    lb_import_options_init(&o);
    shop_features(folder, &o, "later-", 200, 2);
    o.interactions = write_text(folder, "later.csv", "user,item\nnewcomer,bare\nnewcomer,a00\n");
    assert_ok(import_into(in(folder, name), &o, NULL));
    return in(folder, name);
}

static void products_added_later_compete(void **state) {
    (void)state;
    lb_recommender *r;
    assert_ok(lb_recommender_open(model_path, grow("grown"), NULL, &r));
    lb_items *items = recommend_to(r, "ub01", 10000, 0);
    assert_int_equal(lb_items_count(items), 3 * (PRODUCTS + COLD + 2) + 1); // all but "bare"
    assert_null(find(items, "bare"));
    const lb_item *own = find(items, "later-b00"), *other = find(items, "later-a00");
    assert_true(own && other && own->is_new && other->is_new);
    assert_true(own->score > other->score);
    assert_int_equal(own->reason, LB_REASON_LOOK);
    assert_int_equal(own->because[0], 'b');
    assert_true(own->likeness > 0.5);
    assert_null(own->title);
    // what was cold in training stands where the same feature would be placed now
    const lb_item *trained = find(items, "cold-b00");
    assert_true(fabs(trained->score - own->score) < fabs(trained->score - other->score));
    lb_items_free(items);
    items = recommend_to(r, "ub01", 10, 4);
    size_t n_new = 0;
    for (size_t i = 0; i < 10; i++)
        if (lb_items_get(items, i)->is_new) {
            assert_non_null(strstr(lb_items_get(items, i)->id, "-b"));
            n_new++;
        }
    assert_true(n_new >= 4);
    lb_items_free(items);
    lb_recommender_close(r);
}

/* References that know looks do too. */
static void references_place_what_was_added_later(void **state) {
    (void)state;
    static const char *const vbpr[] = {"dim=8", "visual-dim=8", "components=8", "epochs=40"};
    static const char *const content[] = {"dim=8"}, *const ibr[] = {"rank=8", "epochs=10"};
    static const struct {
        const char *name, *const *settings;
        size_t n;
    } models[] = {{"vbpr", vbpr, 4}, {"content", content, 1}, {"ibr", ibr, 2}};
    const char *grown = grow("grown-references");
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        const char *path = in(folder, models[i].name);
        lb_recommender *r;
        shop_train(shop, models[i].name, models[i].settings, models[i].n, "leave-one-out", "image",
                   path);
        assert_ok(lb_recommender_open(path, grown, NULL, &r));
        lb_items *items = recommend_to(r, "ub01", 10000, 0);
        const lb_item *own = find(items, "later-b00"), *other = find(items, "later-a00");
        assert_true(own && other && own->is_new && other->is_new);
        assert_true(own->score > other->score);
        assert_int_equal(own->because[0], 'b');
        assert_true(own->likeness > 0.5);
        lb_items_free(items);
        lb_recommender_close(r);
    }
}

static void products_added_later_are_similar_and_liked(void **state) {
    (void)state;
    lb_recommender *r;
    lb_items *items;
    lb_similar_options s;
    lb_recommend_options o;
    assert_ok(lb_recommender_open(model_path, grow("grown2"), NULL, &r));
    lb_similar_options_init(&s);
    s.product = "later-c01";
    s.n = PRODUCTS;
    for (int by = LB_BY_TASTE; by <= LB_BY_BOTH; by++) {
        s.by = (lb_likeness)by;
        assert_ok(lb_similar(r, &s, &items));
        assert_true(count_circle(items, 'c') >= PRODUCTS - 2);
        lb_items_free(items);
    }
    s.product = "bare";
    s.by = LB_BY_TASTE;
    assert_error(lb_similar(r, &s, &items), LB_E_NOT_FOUND, "bare");
    static const char *const liked[] = {"later-c01", "later-c00"}, *const bare[] = {"bare"};
    lb_recommend_options_init(&o);
    o.liked = liked;
    o.n_liked = 2;
    assert_ok(lb_recommend(r, &o, &items));
    assert_true(count_circle(items, 'c') >= 8);
    assert_null(find(items, liked[0]));
    lb_items_free(items);
    o.liked = bare; // nothing is known of it: popular
    o.n_liked = 1;
    assert_ok(lb_recommend(r, &o, &items));
    assert_int_equal(lb_items_get(items, 0)->reason, LB_REASON_POPULAR);
    assert_true(lb_items_get(items, 0)->score >= 1);
    lb_items_free(items);
    o.n_liked = 0;
    o.user = "newcomer";
    assert_error(lb_recommend(r, &o, &items), LB_E_NOT_FOUND, "newcomer");
    lb_recommender_close(r);
}

/* The model puts a product added later exactly where it puts a cold one of the same feature. */
static void places_are_those_of_training(void **state) {
    (void)state;
    model *m;
    dataset *d;
    feature_set f;
    model_part part[MODEL_MAX_PARTS];
    assert_ok(model_load(model_path, &m));
    assert_ok(dataset_open(shop, &d));
    assert_ok(dataset_feature_open(d, "image", &f));
    assert_int_equal(m->class->parts(m->state, part), 2);
    uint32_t width = part[1].dim, dim, look_dim;
    const float *embedding = m->class->embedding(m->state, &dim);
    const float *look = m->class->look(m->state, &look_dim);
    float *vector, *place, *own_look, feature[FEATURE];
    assert_ok(NEW_ARRAY(vector, width));
    assert_ok(NEW_ARRAY(place, dim));
    assert_ok(NEW_ARRAY(own_look, look_dim));
    size_t n = 0;
    for (uint32_t i = 0; i < part[1].n; i++) {
        uint32_t p = part[1].product[i];
        if (!feature_row(&f, p, feature)) continue;
        assert_ok(m->class->place(m->state, feature, 1, FEATURE, NULL, vector, place, own_look));
        for (uint32_t k = 0; k < width; k++)
            assert_true(fabsf(vector[k] - part[1].vector[i * width + k]) < 1e-4f);
        for (uint32_t k = 0; k < dim; k++)
            assert_true(fabsf(place[k] - embedding[p * dim + k]) < 1e-4f);
        for (uint32_t k = 0; k < look_dim; k++)
            assert_true(fabsf(own_look[k] - look[p * look_dim + k]) < 1e-4f);
        n++;
    }
    assert_true(n >= 3 * COLD);
    assert_error(m->class->place(m->state, feature, 1, FEATURE - 1, NULL, vector, place, own_look),
                 LB_E_MISMATCH, "train again");
    free(vector);
    free(place);
    free(own_look);
    feature_set_close(&f);
    dataset_close(d);
    model_free(m);
}

/* ---- what does not fit, what is damaged */

static void another_dataset_is_refused(void **state) {
    (void)state;
    lb_recommender *r = NULL;
    lb_import_options o;
    lb_import_options_init(&o);
    o.interactions = write_text(folder, "other.csv", "user,item\nua00,x\nub00,y\n");
    const char *other = in(folder, "other");
    assert_ok(import_into(other, &o, NULL));
    assert_error(lb_recommender_open(model_path, other, NULL, &r), LB_E_MISMATCH, "\"x\"");
    assert_null(r);
    lb_import_options_init(&o); // the first products only
    shop_features(folder, &o, "", 0, 1);
    const char *part = in(folder, "part");
    assert_ok(import_into(part, &o, NULL));
    assert_error(lb_recommender_open(model_path, part, NULL, &r), LB_E_MISMATCH, "product 1");
    assert_error(lb_recommender_open(model_path, in(folder, "none"), NULL, &r), LB_E_NOT_FOUND,
                 "none");
    assert_error(lb_recommender_open(in(folder, "no.safetensors"), NULL, NULL, &r), LB_E_NOT_FOUND,
                 "no.safetensors");
    assert_null(r);
}

static void damaged_files_are_refused(void **state) {
    (void)state;
    file_map map;
    lb_recommender *r = NULL;
    const char *path = in(folder, "damaged.safetensors");
    assert_ok(file_map_open(model_path, &map));
    unsigned char *bytes = malloc(map.size);
    assert_non_null(bytes);
    for (size_t i = 0; i < 60; i++) {
        memcpy(bytes, map.bytes, map.size);
        bytes[i < 20 ? i * 5 : map.size / 60 * i] ^= 0x11;
        test_write(path, bytes, map.size);
        assert_error(lb_recommender_open(path, shop, NULL, &r), LB_E_FORMAT, "damaged");
    }
    for (size_t i = 0; i < 20; i++) {
        test_write(path, map.bytes, map.size / 20 * i);
        assert_error(lb_recommender_open(path, shop, NULL, &r), LB_E_FORMAT, "damaged");
    }
    assert_null(r);
    free(bytes);
    file_map_close(&map);
}

/* A model of this name, loaded, spoilt by `spoil`, saved again. */
static const char *spoilt(void (*spoil)(vasg_model *)) {
    model *m;
    dataset *d;
    const char *path = in(folder, "spoilt.safetensors");
    assert_ok(model_load(model_path, &m));
    assert_ok(dataset_open(shop, &d));
    spoil(m->state);
    assert_ok(model_save(m, d, path));
    dataset_close(d);
    model_free(m);
    return path;
}

static void nan_everywhere(vasg_model *m) {
    for (size_t i = 0; i < (size_t)m->n_users * m->dim; i++) m->x[i] = NAN;
    for (size_t i = 0; i < (size_t)m->n_products * m->dim; i++) m->embedding[i] = NAN;
}

static void nan_in_products(vasg_model *m) {
    for (size_t i = 0; i < m->n_warm; i += 2)
        m->warm_vector[i * vasg_warm_width(m)] = i % 4 ? INFINITY : NAN;
    for (uint32_t i = 0; i < m->n_warm; i += 2) m->embedding[(size_t)m->warm[i] * m->dim + 1] = NAN;
}

static void not_a_number(void **state) {
    (void)state;
    lb_recommender *r;
    lb_items *items;
    lb_recommend_options o;
    lb_recommend_options_init(&o);
    o.user = "ua01";
    o.n = 1000;
    lb_status status = lb_recommender_open(spoilt(nan_everywhere), shop, NULL, &r);
    if (status == LB_OK) { // or the reader refuses them
        assert_error(lb_recommend(r, &o, &items), LB_E_NUMERIC, "not finite");
        lb_recommender_close(r);
    } else {
        assert_int_equal(status, LB_E_FORMAT);
    }
    status = lb_recommender_open(spoilt(nan_in_products), shop, NULL, &r);
    if (status != LB_OK) {
        assert_int_equal(status, LB_E_FORMAT);
        return;
    }
    assert_ok(lb_recommend(r, &o, &items));
    assert_true(lb_items_count(items) < 3 * (PRODUCTS + COLD));
    for (size_t i = 0; i < lb_items_count(items); i++)
        assert_true(isfinite(lb_items_get(items, i)->score));
    cJSON *json = cJSON_Parse(lb_items_json(items));
    assert_non_null(json);
    cJSON_Delete(json);
    lb_items_free(items);
    lb_recommender_close(r);
}

/* ---- the other models */

static void check_model(const char *name, const char *const *settings, size_t n_settings,
                        const char *feature, lb_status folds_in) {
    static const char *const liked[] = {"b01", "b02"};
    lb_recommender *r;
    lb_items *items;
    lb_recommend_options o;
    const char *path = in(folder, "some.safetensors");
    shop_train(shop, name, settings, n_settings, NULL, feature, path);
    assert_ok(lb_recommender_open(path, shop, NULL, &r));
    items = recommend_to(r, "ub01", 10, 2);
    assert_int_equal(lb_items_count(items), 10);
    lb_items_free(items);
    lb_recommend_options_init(&o);
    o.liked = liked;
    o.n_liked = 2;
    lb_status status = lb_recommend(r, &o, &items);
    assert_int_equal(status, folds_in);
    if (status == LB_OK) lb_items_free(items);
    lb_recommender_close(r);
}

static void every_model_answers(void **state) {
    (void)state;
    static const char *const small[] = {"dim=8", "rank=4", "epochs=2", "decoder-epochs=0"};
    check_model("vasg", small, 4, NULL, LB_OK);
    static const char *const paper[] = {"dim=8", "epochs=1", "width=8", "encoder-epochs=1"};
    check_model("vasg-paper", paper, 4, "image", LB_OK);
    check_model("pop", NULL, 0, NULL, LB_OK);
    check_model("wboi", NULL, 0, "image", LB_OK);
    check_model("rand", NULL, 0, NULL, LB_E_UNSUPPORTED);
}

static void models_without_a_space(void **state) {
    (void)state;
    lb_recommender *r;
    lb_items *items;
    lb_similar_options s;
    const char *path = in(folder, "pop.safetensors");
    shop_train(shop, "pop", NULL, 0, NULL, NULL, path);
    lb_similar_options_init(&s);
    s.product = "a03";
    assert_ok(lb_recommender_open(path, NULL, NULL, &r));
    assert_error(lb_similar(r, &s, &items), LB_E_ARGUMENT, "no space of taste");
    s.by = LB_BY_LOOK;
    assert_error(lb_similar(r, &s, &items), LB_E_ARGUMENT, "feature");
    lb_recommender_close(r);
    assert_ok(lb_recommender_open(path, shop, NULL, &r)); // the dataset's feature serves
    assert_ok(lb_similar(r, &s, &items));
    assert_int_equal(count_circle(items, 'a'), 10);
    lb_items_free(items);
    items = recommend_to(r, "ua01", 10, 0);
    for (size_t i = 0; i < 10; i++) {
        assert_int_equal(lb_items_get(items, i)->reason, LB_REASON_POPULAR);
        assert_null(lb_items_get(items, i)->because);
    }
    lb_items_free(items);
    lb_recommender_close(r);
}

/* ---- JSON */

static const cJSON *member(const cJSON *object, const char *name) {
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);
    assert_non_null(found);
    return found;
}

static void check_text(const cJSON *object, const char *name, const char *expected) {
    if (expected)
        assert_string_equal(cJSON_GetStringValue(member(object, name)), expected);
    else
        assert_true(cJSON_IsNull(member(object, name)));
}

static void check_number(const cJSON *object, const char *name, double expected) {
    if (isnan(expected))
        assert_true(cJSON_IsNull(member(object, name)));
    else
        assert_true(fabs(member(object, name)->valuedouble - expected) <=
                    1e-7 * fabs(expected) + 1e-12);
}

static void check_json(const lb_items *items) {
    static const char *const kinds[] = {"popular", "taste", "look", "both"};
    cJSON *json = cJSON_Parse(lb_items_json(items));
    assert_non_null(json);
    const cJSON *list = member(json, "items");
    assert_int_equal(cJSON_GetArraySize(list), lb_items_count(items));
    for (size_t i = 0; i < lb_items_count(items); i++) {
        const lb_item *item = lb_items_get(items, i);
        const cJSON *o = cJSON_GetArrayItem(list, (int)i), *reason = member(o, "reason");
        check_text(o, "id", item->id);
        check_text(o, "title", item->title);
        check_number(o, "score", item->score);
        assert_int_equal(cJSON_IsTrue(member(o, "new")), item->is_new);
        check_text(reason, "kind", kinds[item->reason]);
        check_text(reason, "because", item->because);
        check_number(reason, "closeness", item->closeness);
        check_text(reason, "looks_like", item->looks_like);
        check_number(reason, "likeness", item->likeness);
    }
    cJSON_Delete(json);
}

static void json_says_the_same(void **state) {
    (void)state;
    lb_recommender *r;
    assert_ok(lb_recommender_open(model_path, shop, NULL, &r));
    static const char *const users[] = {"ua01", "uc09", "lonely"};
    for (size_t i = 0; i < 3; i++) {
        lb_items *items = recommend_to(r, users[i], 100, 3);
        check_json(items);
        assert_null(strchr(lb_items_json(items), '<'));
        assert_null(strchr(lb_items_json(items), '\n'));
        const lb_item *titled = find(items, "b07");
        assert_string_equal(titled->title, "Say \"b\" \\ <b> \xc3\xa9");
        lb_items_free(items);
    }
    assert_string_equal(lb_items_json(NULL), "{\"based_on\":\"popular\",\"items\":[]}");
    lb_recommender_close(r);
}

static void json_escapes_everything(void **state) {
    (void)state;
    lb_item item = {
        .id = "\x01\n\r\t\x1f\x7f\"\\/</script>",
        .title = "\xff cut \xe2\x82",
        .score = -1e-12,
        .reason = LB_REASON_BOTH,
        .because = "",
        .closeness = INFINITY,
        .looks_like = "\xf0\x9f\x91\x97 dress",
        .likeness = 0.1f,
    };
    lb_items items = {
        .n = 1, .capacity = 1, .item = &item, .based_on = "history", .explained = true};
    char *text, *list;
    assert_ok(items_print(&items, &text, &list));
    for (const char *c = text; *c; c++) assert_true((unsigned char)*c >= 0x20 && *c != 0x7f);
    assert_non_null(strstr(text, list));
    cJSON *json = cJSON_Parse(text);
    assert_non_null(json);
    check_text(json, "based_on", "history");
    const cJSON *o = cJSON_GetArrayItem(member(json, "items"), 0), *reason = member(o, "reason");
    check_text(o, "id", item.id);
    check_text(o, "title", "\xef\xbf\xbd cut \xef\xbf\xbd\xef\xbf\xbd");
    check_number(o, "score", item.score);
    check_text(reason, "because", "");
    check_text(reason, "looks_like", item.looks_like);
    check_number(reason, "closeness", (double)NAN);
    assert_true((float)member(reason, "likeness")->valuedouble == 0.1f);
    cJSON_Delete(json);
    free(text);
    free(list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_added_later_compete),
        cmocka_unit_test(references_place_what_was_added_later),
        cmocka_unit_test(products_added_later_are_similar_and_liked),
        cmocka_unit_test(places_are_those_of_training),
        cmocka_unit_test(another_dataset_is_refused),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(not_a_number),
        cmocka_unit_test(every_model_answers),
        cmocka_unit_test(models_without_a_space),
        cmocka_unit_test(json_says_the_same),
        cmocka_unit_test(json_escapes_everything),
    };
    return cmocka_run_group_tests(tests, make_shop, NULL);
}
