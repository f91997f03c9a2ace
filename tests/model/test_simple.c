/* The references: what looks like what was bought, what is bought most, and chance. */
#include "model/model_shop.h"

#include "model/simple.h"

/* Products 0..4 with features in the plane; 4 is cold, 3 has none. Users 0 and 1 bought something,
 * user 2 nothing. */
static uint32_t starts[] = {0, 2, 4, 4}, bought[] = {0, 1, 1, 3}, degrees[] = {1, 2, 0, 1, 0};
static float ratings[] = {1, 3, 2, 5};
static uint8_t catalogue[] = {1, 1, 1, 1, 1};
static const float features[5][2] = {{1, 0}, {0, 1}, {2, 1}, {0, 0}, {-1, 3}};
static const uint8_t present[] = {1, 1, 1, 0, 1};

static split small_split(void) {
    return (split){.n_users = 3,
                   .n_products = 5,
                   .n_train = 4,
                   .user_start = starts,
                   .product = bought,
                   .rating = ratings,
                   .in_catalogue = catalogue,
                   .degree = degrees};
}

/* A dataset with these five products and features; free with small_close. */
typedef struct small {
    dataset *d;
    feature_set f;
    split s;
    job *j;
    fit_input input;
} small;

static void small_open(small *out) {
    const char *folder = test_folder(), *at = in(folder, "shop");
    const char *events = write_text(folder, "events.tsv",
                                    "u0\tp0\nu0\tp1\nu0\tp2\nu0\tp3\nu0\tp4\nu1\tp1\nu2\tp1\n");
    assert_ok(import_into(at, &(lb_import_options){.interactions = events}, NULL));
    assert_ok(dataset_feature_write(
        at, &(feature_rows){"look", "", &features[0][0], present, 5, 2, false}));
    assert_ok(dataset_open(at, &out->d));
    for (uint32_t p = 0; p < 5; p++)
        assert_int_equal(dataset_product_id(out->d, p)[1], '0' + (int)p);
    assert_ok(dataset_feature_open(out->d, "look", &out->f));
    out->s = small_split();
    out->j = new_job(1);
    out->input = (fit_input){.split = &out->s, .features = &out->f, .n_features = 1, .seed = 3};
}

static void small_close(small *s) {
    job_free(s->j);
    feature_set_close(&s->f);
    dataset_close(s->d);
}

static model *fit_small(const small *s, const char *name) {
    const model_class *class;
    model *m;
    assert_ok(model_class_find(name, &class));
    assert_ok(model_fit(s->j, class, NULL, 0, &s->input, &m));
    return m;
}

/* The cosine of two features, both minus the mean of the warm ones, (.5, .5). */
static double cosine(const double a[2], uint32_t p) {
    double b[2] = {(double)features[p][0] - 0.5, (double)features[p][1] - 0.5};
    return (a[0] * b[0] + a[1] * b[1]) / (hypot(a[0], a[1]) * hypot(b[0], b[1]));
}

static void wboi_is_the_cosine_with_the_bag(void **state) {
    (void)state;
    small s;
    small_open(&s);
    model *m = fit_small(&s, "wboi");
    float *scores = all_scores(m);
    // user 0: unit looks (.7, -.7) once and (-.7, .7) three times; user 1: the latter
    const double bag[2] = {-1, 1};
    for (uint32_t u = 0; u < 2; u++)
        for (uint32_t p = 0; p < 5; p++) {
            if (p == 3)
                assert_true(scores[u * 5 + p] == -INFINITY);
            else
                assert_true(fabs((double)scores[u * 5 + p] - cosine(bag, p)) < 1e-5);
        }
    for (uint32_t p = 0; p < 5; p++)
        assert_true(p == 3 ? scores[10 + p] == -INFINITY : scores[10 + p] == 0);
    free(scores);
    model_free(m);
    small_close(&s);
}

static void ratings_weigh(void **state) {
    (void)state;
    small s;
    small_open(&s);
    float swapped[] = {3, 1, 2, 5};
    s.s.rating = swapped;
    model *m = fit_small(&s, "wboi");
    float *scores = all_scores(m);
    assert_true(scores[0] > 0.99f && scores[1] < -0.99f);
    free(scores);
    model_free(m);
    small_close(&s);
}

static void wboi_folds_in(void **state) {
    (void)state;
    small s;
    small_open(&s);
    model *m = fit_small(&s, "wboi");
    float a[2], b[2];
    float *const qa[] = {a}, *const qb[] = {b};
    uint32_t liked = 1, none = 3;
    taste who = {-1, &liked, NULL, 1, 0, NULL};
    assert_ok(wboi_class.fold_in(m->state, &m->common, &who, qa));
    assert_ok(wboi_class.query_user(m->state, &m->common, 1, qb));
    for (int d = 0; d < 2; d++) assert_true(fabsf(a[d] - b[d]) < 1e-6f);
    who = (taste){-1, NULL, &liked, 0, 1, NULL};
    assert_ok(wboi_class.fold_in(m->state, &m->common, &who, qb));
    for (int d = 0; d < 2; d++) assert_true(fabsf(a[d] + b[d]) < 1e-6f);
    who = (taste){1, NULL, NULL, 0, 0, NULL};
    assert_ok(wboi_class.fold_in(m->state, &m->common, &who, qb));
    for (int d = 0; d < 2; d++) assert_true(fabsf(a[d] - b[d]) < 1e-6f);
    who = (taste){-1, &none, NULL, 1, 0, NULL}; // no feature: nothing is known
    assert_ok(wboi_class.fold_in(m->state, &m->common, &who, qb));
    assert_true(b[0] == 0 && b[1] == 0);
    model_free(m);
    small_close(&s);
}

static void wboi_needs_a_feature(void **state) {
    (void)state;
    small s;
    small_open(&s);
    model *m;
    s.input.n_features = 0;
    assert_error(model_fit(s.j, &wboi_class, NULL, 0, &s.input, &m), LB_E_EMPTY, "needs a feature");
    small_close(&s);
}

static void pop_counts(void **state) {
    (void)state;
    small s;
    small_open(&s);
    model *m = fit_small(&s, "pop");
    float *scores = all_scores(m);
    for (uint32_t i = 0; i < 15; i++) assert_true(scores[i] == (float)degrees[i % 5]);
    free(scores);
    model_free(m);
    small_close(&s);
}

static void rand_differs_by_user_and_seed(void **state) {
    (void)state;
    small s;
    small_open(&s);
    model *a = fit_small(&s, "rand"), *b = fit_small(&s, "rand"), *c;
    s.input.seed = 4;
    c = fit_small(&s, "rand");
    assert_same_scores(a, b);
    float *x = all_scores(a), *y = all_scores(c), alone[5];
    assert_memory_not_equal(x, x + 5, 5 * sizeof *x);
    assert_memory_not_equal(x, y, 5 * sizeof *x);
    uint32_t user = 2; // asked alone or with others: the same
    assert_ok(model_score(a, &user, 1, alone));
    assert_memory_equal(alone, x + 10, sizeof alone);
    for (int i = 0; i < 15; i++) assert_true(x[i] >= 0 && x[i] < 1);
    free(x);
    free(y);
    model_free(a);
    model_free(b);
    model_free(c);
    small_close(&s);
}

static void files_hold_everything(void **state) {
    (void)state;
    static const char *const names[] = {"wboi", "pop", "rand"};
    small s;
    small_open(&s);
    for (int i = 0; i < 3; i++) {
        model *m = fit_small(&s, names[i]), *loaded;
        const char *path = in(test_folder(), "model");
        assert_ok(model_save(m, s.d, path));
        assert_ok(model_load(path, &loaded));
        assert_same_scores(m, loaded);
        assert_string_equal(loaded->class->name, names[i]);
        model_free(m);
        model_free(loaded);
    }
    small_close(&s);
}

/* What a damaged file could say. */
static void damaged_files_are_refused(void **state) {
    (void)state;
    small s;
    small_open(&s);
    const char *path = in(test_folder(), "model");
    for (int i = 0; i < 2; i++) {
        model *m = fit_small(&s, "wboi"), *loaded;
        model_part part[MODEL_MAX_PARTS];
        assert_int_equal(wboi_class.parts(m->state, part), 1);
        if (i)
            ((float *)(uintptr_t)part[0].vector)[3] = NAN;
        else
            ((uint32_t *)(uintptr_t)part[0].product)[1] = 5;
        assert_ok(model_save(m, s.d, path));
        assert_error(model_load(path, &loaded), LB_E_FORMAT,
                     i ? "wboi.vector holds a value that is not finite, at row 1"
                       : "wboi.product: row 5 of 5 products");
        model_free(m);
    }
    small_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wboi_is_the_cosine_with_the_bag),
        cmocka_unit_test(ratings_weigh),
        cmocka_unit_test(wboi_folds_in),
        cmocka_unit_test(wboi_needs_a_feature),
        cmocka_unit_test(pop_counts),
        cmocka_unit_test(rand_differs_by_user_and_seed),
        cmocka_unit_test(files_hold_everything),
        cmocka_unit_test(damaged_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
