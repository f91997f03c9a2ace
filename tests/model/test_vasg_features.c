/* vasg of several features: the views that cold products are placed by, products that came later
 * and lack some, files, the same bytes on any number of threads and after a stop. */
#include "model/feature_shop.h"

#include "model/cold.h"
#include "model/evaluation.h"
#include "model/vasg_shop.h"

enum { DIM = 5 };

static const feature_plan two[] = {{"look", 12, TELLS, 6, 0, 0}, {"text", 7, TELLS, 8, 3, 1}};
static const feature_plan lacking[] = {{"look", 12, TELLS, 6, 5, 0}, {"text", 7, TELLS, 8, 3, 1}};
static const feature_plan cold_text[] = {{"look", 12, TELLS, 6, 3, 0},
                                         {"text", 7, TELLS | COLD_ONLY, 8, 0, 0}};

/* ---------------------------------------------------------------- views of the cold head */

typedef struct fixture {
    feature_shop s;
    look_table l;
    float *x, *bias;
    cold_head h;
} fixture;

static void fit_head(const split *s, const look_table *l, const fixture *f, cold_head *out) {
    job *j = new_job(2);
    cold_input in = {s, l, f->x, f->bias, DIM, 6, 4096, 1};
    assert_ok(cold_fit(j, &in, out));
    job_free(j);
}

/* In place: the looks point into it. */
static void fixture_open(const feature_plan *plan, size_t n, fixture *f) {
    *f = (fixture){.s = features_open(plan, n)};
    const split *s = f->s.s.s;
    job *j = new_job(2);
    assert_ok(look_new(j, f->s.f, n, s, &f->l));
    assert_ok(look_weigh(j, &f->l, s, 1));
    job_free(j);
    size_t nodes = (size_t)s->n_users + s->n_products;
    random_stream r = random_open(4, "test", 0);
    f->x = calloc(nodes * DIM, sizeof *f->x);
    f->bias = calloc(s->n_products, sizeof *f->bias);
    for (size_t i = 0; i < nodes * DIM; i++) f->x[i] = (float)random_normal(&r);
    for (size_t i = 0; i < s->n_products; i++) f->bias[i] = (float)random_normal(&r);
    fit_head(s, &f->l, f, &f->h);
}

static void fixture_close(fixture *f) {
    cold_free(&f->h);
    look_free(&f->l);
    features_close(&f->s);
    free(f->x);
    free(f->bias);
}

static void same_ridge(const kernel_ridge *a, const kernel_ridge *b) {
    assert_int_equal(a->n_landmarks, b->n_landmarks);
    assert_int_equal(a->dim, b->dim);
    assert_true(a->n_landmarks > 0);
    assert_memory_equal(a->landmark, b->landmark, a->n_landmarks * a->dim * sizeof(float));
    assert_memory_equal(a->coefficient, b->coefficient,
                        a->n_landmarks * a->n_targets * sizeof(float));
}

/* The view of a feature that all have is what a head of that feature alone is. */
static void a_view_is_a_head_of_its_feature(void **state) {
    (void)state;
    fixture f;
    fixture_open(two, 2, &f);
    look_table alone;
    cold_head h;
    job *j = new_job(2);
    assert_ok(look_new(j, f.s.f, 1, f.s.s.s, &alone));
    fit_head(f.s.s.s, &alone, &f, &h);
    assert_int_equal(f.h.n_views, 3);
    assert_int_equal(h.n_views, 1);
    same_ridge(&f.h.view[1], &h.view[0]);
    assert_int_equal(f.h.view[0].dim, 19);
    assert_int_equal(f.h.view[2].dim, 7);
    cold_free(&h);
    look_free(&alone);
    job_free(j);
    fixture_close(&f);
}

/* Predicts from rows with the view's own ridge: where in taste they must be. */
static void check_places(const fixture *f, uint32_t view, const float *rows, size_t n,
                         const float *places) {
    const cold_head *h = &f->h;
    size_t dim = cold_view_dim(h, view), start = view ? h->space.start[view - 1] : 0;
    float *own = calloc(n * dim, sizeof *own), *said = calloc(n * (DIM + 1), sizeof *said);
    for (size_t i = 0; i < n; i++)
        memcpy(own + i * dim, rows + i * h->space.dim + start, dim * sizeof *own);
    assert_ok(kernel_ridge_predict(NULL, &h->view[view], own, n, said));
    for (size_t i = 0; i < n * DIM; i++)
        assert_true(fabsf(places[i] - h->product_mean[i % DIM] -
                          said[i / DIM * (DIM + 1) + i % DIM]) < 1e-5f);
    free(own);
    free(said);
}

/* One feature: by its view; both: by that of all; none: by that of all, too. */
static void rows_are_placed_by_what_they_have(void **state) {
    (void)state;
    fixture f;
    fixture_open(lacking, 2, &f);
    const cold_head *h = &f.h;
    size_t width = cold_width(h), dim = h->space.dim, n = f.l.n;
    static const uint32_t view_of[4] = {0, 1, 2, 0}; // by which features are there
    for (uint32_t has = 0; has < 4; has++) {
        float *rows = calloc(n * dim, sizeof *rows), *vector = calloc(n * width, sizeof *vector);
        float *place = calloc(n * DIM, sizeof *place), raw[12];
        size_t m = 0;
        for (uint32_t p = 0; p < f.s.s.s->n_products; p++) {
            if (!f.s.f[0].present[p] || !f.s.f[1].present[p]) continue;
            float *row = rows + m++ * dim;
            for (uint32_t k = 0; k < 2; k++) {
                assert_true(feature_row(&f.s.f[k], p, raw));
                memcpy(row + h->space.start[k], raw, lacking[k].dim * sizeof *raw);
                if (!(has & 1u << k)) row[h->space.start[k]] = NAN;
            }
        }
        assert_true(m > 10);
        look_normalise_rows(&h->space, rows, m);
        assert_ok(cold_place(NULL, h, rows, m, vector, width, place));
        check_places(&f, view_of[has], rows, m, place);
        for (size_t i = 0; i < m * width; i++) assert_true(isfinite(vector[i]));
        free(rows);
        free(vector);
        free(place);
    }
    fixture_close(&f);
}

/* Placing some at once is placing each alone, whatever the views are. */
static void placing_does_not_depend_on_neighbours(void **state) {
    (void)state;
    fixture f;
    fixture_open(lacking, 2, &f);
    const cold_head *h = &f.h;
    size_t width = cold_width(h), n = f.l.n, dim = h->space.dim;
    float *rows = calloc(n * dim, sizeof *rows), *all = calloc(n * width, sizeof *all);
    float *one = calloc(width, sizeof *one);
    look_view view = {&f.l, NULL, false, 0};
    row_source source = look_rows(&view, n);
    assert_ok(rows_fetch(NULL, &source, 0, n, rows));
    assert_ok(cold_place(NULL, h, rows, n, all, width, NULL));
    for (size_t i = 0; i < n; i++) {
        assert_ok(cold_place(NULL, h, rows + i * dim, 1, one, width, NULL));
        for (size_t d = 0; d < width; d++) assert_true(fabsf(one[d] - all[i * width + d]) < 1e-4f);
    }
    free(rows);
    free(all);
    free(one);
    fixture_close(&f);
}

/* ---------------------------------------------------------------- the model */

static const char *const decoder[] = {"decoder-epochs=1", NULL};

static fit_input input_with(const feature_shop *s) {
    return (fit_input){.split = s->s.s, .features = s->f, .n_features = s->n, .seed = 3};
}

static model *fit_two(const feature_shop *s, unsigned threads) {
    fit_input input = input_with(s);
    return fit_threads(&input, decoder, threads);
}

static void files_hold_all_features(void **state) {
    (void)state;
    static const feature_plan *const plans[] = {two, lacking, cold_text};
    for (int i = 0; i < 3; i++) {
        feature_shop s = features_open(plans[i], 2);
        model *m = fit_two(&s, 2), *loaded;
        const char *path = save(m, &s.s, "vasg");
        assert_ok(model_load(path, &loaded));
        assert_same_scores(m, loaded);
        assert_string_equal(loaded->common.feature, "look,text");
        const vasg_model *a = m->state, *b = loaded->state;
        assert_int_equal(b->cold.n_views, 3);
        assert_memory_equal(&a->cold.space.share, &b->cold.space.share, 2 * sizeof(float));
        assert_true(b->decoder && b->encoder);
        assert_true(same_files(path, save(loaded, &s.s, "again")));
        model_free(m);
        model_free(loaded);
        features_close(&s);
    }
}

/* Layouts that no training gives, in files with a right checksum. */
static void impossible_layouts_are_refused(void **state) {
    (void)state;
    static const struct {
        uint32_t start[3];
        float share[2];
    } wrong[] = {{{0, 12, 19}, {-0.5f, 1.5f}}, {{0, 12, 19}, {0.5f, 1.01f}},
                 {{1, 12, 19}, {0.5f, 0.5f}},  {{0, 0, 19}, {0.5f, 0.5f}},
                 {{0, 19, 19}, {0.5f, 0.5f}},  {{0, 20, 19}, {0.5f, 0.5f}},
                 {{0, 11, 19}, {0.5f, 0.5f}}}; // the last: the views are of other widths
    feature_shop s = features_open(lacking, 2);
    model *m = fit_two(&s, 2), *loaded;
    look_space *space = &((vasg_model *)m->state)->cold.space, right = *space;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        memcpy(space->start, wrong[i].start, sizeof wrong[i].start);
        memcpy(space->share, wrong[i].share, sizeof wrong[i].share);
        assert_error(model_load(save(m, &s.s, "wrong"), &loaded), LB_E_FORMAT, "cold.");
        *space = right;
    }
    assert_non_null(strstr(lb_last_error(), "another version wrote it: train the model again"));
    assert_ok(model_load(save(m, &s.s, "right"), &loaded));
    model_free(loaded);
    model_free(m);
    features_close(&s);
}

static void threads_do_not_matter(void **state) {
    (void)state;
    feature_shop s = features_open(lacking, 2);
    model *m = fit_two(&s, 1);
    const char *first = save(m, &s.s, "vasg");
    model_free(m);
    for (unsigned threads = 2; threads <= 4; threads *= 2) {
        m = fit_two(&s, threads);
        assert_true(same_files(first, save(m, &s.s, "vasg")));
        model_free(m);
    }
    features_close(&s);
}

static int stop_half_way(void *context, const lb_progress *p) {
    (void)context;
    return !p->note && strcmp(p->stage, "skip-gram") == 0 && p->done * 2 > p->total;
}

static void a_stopped_training_goes_on(void **state) {
    (void)state;
    feature_shop s = features_open(lacking, 2);
    fit_input input = input_with(&s);
    lb_runtime runtime = {.threads = 1, .progress = stop_half_way};
    model *whole = fit_two(&s, 2), *m;
    job *j;
    input.checkpoint = in(test_folder(), "checkpoint");
    input.resume = 1;
    assert_ok(job_new(&runtime, &j));
    assert_error(fit_with(j, &input, decoder, &m), LB_E_INTERRUPTED, "skip-gram");
    job_free(j);
    assert_true(file_exists(input.checkpoint));
    j = new_job(2);
    input.n_features = 1; // what was learnt with two features is of no use to one
    assert_error(fit_with(j, &input, decoder, &m), LB_E_MISMATCH, "other options");
    input.n_features = 2;
    assert_ok(fit_with(j, &input, decoder, &m));
    assert_true(same_files(save(whole, &s.s, "whole"), save(m, &s.s, "resumed")));
    job_free(j);
    model_free(m);
    model_free(whole);
    features_close(&s);
}

/* What comes after training is where it would have been as a cold one, whatever it lacks. */
static void later_products_may_lack_features(void **state) {
    (void)state;
    feature_shop s = features_open(lacking, 2);
    model *m = fit_two(&s, 2);
    const vasg_model *v = m->state;
    size_t width = vasg_cold_width(v), n[4] = {0};
    float *vector = calloc(width, sizeof *vector), *place = calloc(v->dim, sizeof *place);
    float *look = calloc(v->cold.look_dim, sizeof *look), row[19];
    for (uint32_t i = 0; i < v->n_cold; i++) {
        uint32_t p = v->unseen[i];
        bool has_look = feature_row(&s.f[0], p, row), has_text = feature_row(&s.f[1], p, row + 12);
        n[has_look + 2 * has_text]++;
        if (!has_look && !has_text) continue;
        if (!has_look) row[0] = NAN;
        if (!has_text) row[12] = NAN;
        assert_ok(vasg_place(v, row, 1, 19, NULL, vector, place, look));
        for (size_t d = 0; d < width; d++)
            assert_true(fabsf(vector[d] - v->cold_vector[i * width + d]) < 1e-4f);
        for (size_t d = 0; d < v->dim; d++)
            assert_true(fabsf(place[d] - v->embedding[p * v->dim + d]) < 1e-4f);
        for (size_t d = 0; d < v->cold.look_dim; d++)
            assert_true(fabsf(look[d] - v->product_look[p * v->cold.look_dim + d]) < 1e-4f);
    }
    assert_true(n[1] && n[2] && n[3]); // all three were met
    assert_error(vasg_place(v, row, 1, 12, NULL, vector, place, look), LB_E_MISMATCH,
                 "the feature has 12 values, the model was trained on 19");
    free(vector);
    free(place);
    free(look);
    model_free(m);
    features_close(&s);
}

/* A feature that nobody's products have changes nothing for those that have the other. */
static void a_feature_of_cold_products_only(void **state) {
    (void)state;
    feature_shop s = features_open(cold_text, 2);
    model *both = fit_two(&s, 2);
    s.n = 1;
    model *one = fit_two(&s, 2);
    s.n = 2;
    const vasg_model *a = both->state, *b = one->state;
    assert_true(a->cold.space.share[0] == 1 && a->cold.space.share[1] == 0);
    assert_int_equal(a->cold.view[2].n_landmarks, 0);
    float *x = all_scores(both), *y = all_scores(one);
    for (size_t i = 0; i < (size_t)a->n_users * a->n_products; i++) assert_true(isfinite(x[i]));
    assert_int_equal(a->n_cold, b->n_cold);
    free(x);
    free(y);
    model_free(both);
    model_free(one);
    features_close(&s);
}

/* ---------------------------------------------------------------- what it learns */

static double cold_auc(const feature_shop *s, const model *m) {
    const split *t = s->s.s;
    eval_input in = evaluation_input(t, t->test, t->n_test, NULL, 0);
    double auc[EVAL_KINDS][EVAL_SETS];
    job *j = new_job(2);
    assert_ok(eval_auc_quick(j, &in, evaluation_score, (void *)(uintptr_t)m, auc));
    job_free(j);
    return auc[EVAL_COLD][EVAL_OWN];
}

static void noise_beside_a_feature_does_no_harm(void **state) {
    (void)state;
    static const feature_plan plan[] = {{"look", 12, TELLS, 6, 0, 0}, {"noise", 9, 0, 9, 0, 0}};
    feature_shop s = features_open(plan, 2);
    model *both = fit_two(&s, 2);
    s.n = 1;
    model *one = fit_two(&s, 2);
    s.n = 2;
    double with = cold_auc(&s, both), without = cold_auc(&s, one);
    print_message("AUC cold own: with noise beside %.3f, without %.3f\n", with, without);
    assert_true(with > without - 0.03 && with > 0.6);
    model_free(both);
    model_free(one);
    features_close(&s);
}

int main(int n, char **argument) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_view_is_a_head_of_its_feature),
        cmocka_unit_test(rows_are_placed_by_what_they_have),
        cmocka_unit_test(placing_does_not_depend_on_neighbours),
        cmocka_unit_test(files_hold_all_features),
        cmocka_unit_test(impossible_layouts_are_refused),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(a_stopped_training_goes_on),
        cmocka_unit_test(later_products_may_lack_features),
        cmocka_unit_test(a_feature_of_cold_products_only),
        cmocka_unit_test(noise_beside_a_feature_does_no_harm),
    };
    test_choose(n, argument);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
