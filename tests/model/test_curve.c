/* Training curves: recording, files, and what the models record. */
#include "model/model_shop.h"

static void points_have_named_columns(void **state) {
    (void)state;
    curve c = {0};
    for (int i = 0; i < 40; i++) {
        curve_value values[] = {{"loss", 1.0 / (i + 1)}, {"auc", i < 3 ? NAN : i * 0.01}};
        assert_ok(curve_add(&c, 0.5 * i, values, 2));
    }
    assert_int_equal(c.n_points, 40);
    assert_int_equal(c.n_columns, 3);
    assert_string_equal(c.name[0], CURVE_EPOCH);
    size_t loss = curve_column(&c, "loss"), auc = curve_column(&c, "auc");
    assert_true(curve_at(&c, 7, 0) == 3.5);
    assert_true(curve_at(&c, 7, loss) == 1.0 / 8);
    assert_true(isnan(curve_at(&c, 2, auc)));
    assert_true(curve_at(&c, 3, auc) == 0.03);
    assert_int_equal(curve_column(&c, "nothing"), CURVE_MAX_COLUMNS);
    assert_ok(curve_add(NULL, 1, NULL, 0));
    curve_free(&c);
    curve_free(NULL);
    assert_int_equal(c.n_points, 0);
}

static void columns_beyond_the_last_are_left_out(void **state) {
    (void)state;
    curve c = {0};
    for (int i = 0; i < 2 * CURVE_MAX_COLUMNS; i++) {
        char name[8];
        snprintf(name, sizeof name, "c%d", i);
        assert_ok(curve_add(&c, i, &(curve_value){name, i}, 1));
    }
    assert_int_equal(c.n_columns, CURVE_MAX_COLUMNS);
    assert_int_equal(c.n_points, 2 * CURVE_MAX_COLUMNS);
    curve_free(&c);
}

/* ---- files */

static void write_curve(const curve *c, const char *path) {
    st_writer *w;
    double *room;
    assert_ok(st_writer_new(&w));
    assert_ok(curve_write(w, c, &room));
    assert_ok(st_writer_save(w, path));
    st_writer_free(w);
    free(room);
}

static void files_keep_it(void **state) {
    (void)state;
    const char *path = in(test_folder(), "curve");
    curve c = {0}, read = {0}, empty = {0};
    st_reader *r;
    for (int i = 0; i < 20; i++)
        assert_ok(curve_add(&c, i, &(curve_value){"loss", i % 3 ? 0.1 * i : NAN}, 1));
    write_curve(&c, path);
    assert_ok(st_reader_open(path, &r));
    assert_ok(curve_read(r, &read));
    assert_same_curve(&c, &read);
    assert_ok(curve_read(r, NULL));
    st_reader_close(r);
    write_curve(&empty, path);
    assert_ok(st_reader_open(path, &r));
    assert_ok(curve_read(r, &read)); // replaces what was there
    st_reader_close(r);
    assert_int_equal(read.n_points, 0);
    curve_free(&c);
}

static void wrong_files_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *names, *points;
        size_t rows, columns;
    } wrong[] = {
        {"", "2", 2, 2},
        {"epoch,", "2", 2, 1},
        {"epoch,,loss", "2", 2, 2},
        {"epoch,loss", "3", 2, 2},
        {"epoch,loss", "2", 2, 3},
        {"epoch,loss", "many", 2, 2},
        {"epoch,loss", "-1", 2, 2},
        {"epoch,loss", "1e300", 2, 2},
        {"epoch,a_name_that_is_longer_than_it_may_be_at_all", "2", 2, 2},
        {"a,b,c,d,e,f,g,h,i,j,k,l,m", "1", 1, 13},
    };
    static const double zeros[32] = {0};
    const char *path = in(test_folder(), "curve");
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        size_t shape[2] = {wrong[i].rows, wrong[i].columns};
        curve c = {0};
        st_writer *w;
        st_reader *r;
        assert_ok(st_writer_new(&w));
        assert_ok(st_writer_metadata(w, "lookbook.curve", wrong[i].names));
        assert_ok(st_writer_metadata(w, "lookbook.curve.points", wrong[i].points));
        assert_ok(st_writer_tensor(w, "training.curve", ST_F64, shape, 2, zeros));
        assert_ok(st_writer_save(w, path));
        st_writer_free(w);
        assert_ok(st_reader_open(path, &r));
        if (i == 1) // a comma at the end is no further name
            assert_ok(curve_read(r, &c));
        else if (curve_read(r, &c) == LB_OK)
            fail_msg("case %zu is read", i);
        st_reader_close(r);
        curve_free(&c);
    }
}

/* ---- measuring */

static void cosine_is_that_of_all_pairs(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    enum { DIM = 5, STRIDE = 7 };
    float *x = calloc((size_t)s.s->n_users * STRIDE, sizeof *x);
    random_stream r = random_open(1, "test", 0);
    for (size_t i = 0; i < (size_t)s.s->n_users * STRIDE; i++) x[i] = random_unit_f32(&r) - 0.3f;
    double sum = 0, n = 0;
    for (uint32_t a = 0; a < s.s->n_users; a++)
        for (uint32_t b = 0; b < a; b++) {
            double ab = 0, aa = 0, bb = 0;
            for (size_t d = 0; d < DIM; d++) {
                double u = (double)x[a * STRIDE + d], v = (double)x[b * STRIDE + d];
                ab += u * v;
                aa += u * u;
                bb += v * v;
            }
            if (s.s->user_start[a] == s.s->user_start[a + 1] ||
                s.s->user_start[b] == s.s->user_start[b + 1])
                continue;
            sum += ab / sqrt(aa * bb);
            n++;
        }
    assert_true(fabs(curve_user_cosine(s.s, x, DIM, STRIDE) - sum / n) < 1e-6);
    free(x);
    shop_close(&s);
}

/* ---- models */

static double last(const curve *c, const char *name) {
    size_t column = curve_column(c, name);
    if (column == CURVE_MAX_COLUMNS) fail_msg("no column %s", name);
    return curve_at(c, c->n_points - 1, column);
}

static const struct {
    const char *name;
    const char *settings[6];
} recorded[] = {
    {"vasg-paper", {"dim=4", "width=3", "batch=64", "encoder-epochs=1", "max-batches=200", NULL}},
    {"bpr", {"dim=4", "epochs=10", NULL}},
    {"vbpr", {"dim=4", "epochs=10", NULL}},
};
enum { N_RECORDED = sizeof recorded / sizeof *recorded };

static model *fit_recorded(const shop *s, size_t which, unsigned threads) {
    const model_class *class;
    fit_input input = {.split = s->s, .features = &s->f, .n_features = 1, .seed = 3};
    job *j = new_job(threads);
    model *m;
    assert_ok(model_class_find(recorded[which].name, &class));
    assert_ok(fit_settings(j, class, recorded[which].settings, NULL, &input, &m));
    job_free(j);
    return m;
}

static void models_record_and_files_keep_it(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    const char *path = in(test_folder(), "model");
    for (size_t i = 0; i < N_RECORDED; i++) {
        model *m = fit_recorded(&s, i, 1), *other = fit_recorded(&s, i, 3), *read;
        const curve *c = &m->common.curve;
        assert_true(c->n_points >= 3);
        assert_same_curve(c, &other->common.curve);
        for (size_t p = 1; p < c->n_points; p++)
            assert_true(curve_at(c, p, 0) > curve_at(c, p - 1, 0));
        assert_in_range((int)(1000 * last(c, CURVE_AUC_WARM)), 300, 1000);
        assert_in_range((int)(1000 + 1000 * last(c, CURVE_USER_COSINE)), 0, 2000);
        assert_ok(model_save(m, s.d, path));
        assert_ok(model_load(path, &read));
        assert_same_curve(c, &read->common.curve);
        model_free(m);
        model_free(other);
        model_free(read);
    }
    shop_close(&s);
}

/* Without negative samples all users come to point the same way: the curve shows it, also where
 * the last state is used whatever the validation pairs say. */
static void the_collapse_is_seen(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    static const char *const settings[] = {"dim=8",    "width=3",          "batch=64", "rate=0.01",
                                           "stop=end", "encoder-epochs=1", "epochs=4", NULL};
    const model_class *class;
    fit_input input = {.split = s.s, .features = &s.f, .n_features = 1, .seed = 3};
    job *j = new_job(2);
    model *m;
    assert_ok(model_class_find("vasg-paper", &class));
    assert_ok(fit_settings(j, class, settings, NULL, &input, &m));
    const curve *c = &m->common.curve;
    size_t cosine = curve_column(c, CURVE_USER_COSINE);
    assert_true(curve_at(c, 0, 0) == 0);
    assert_true(curve_at(c, 0, cosine) < 0.2);
    assert_true(last(c, CURVE_USER_COSINE) > 0.5);
    assert_true(isnan(curve_at(c, 0, curve_column(c, CURVE_LOSS)))); // nothing is trained yet
    assert_true(last(c, CURVE_LOSS) < curve_at(c, 1, curve_column(c, CURVE_LOSS)));
    assert_true(fabs(last(c, CURVE_EPOCH) - 4) < 0.05);
    assert_true(last(c, CURVE_AUC_WARM) > 0);
    model_free(m);
    job_free(j);
    shop_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_have_named_columns),
        cmocka_unit_test(columns_beyond_the_last_are_left_out),
        cmocka_unit_test(files_keep_it),
        cmocka_unit_test(wrong_files_are_refused),
        cmocka_unit_test(cosine_is_that_of_all_pairs),
        cmocka_unit_test(models_record_and_files_keep_it),
        cmocka_unit_test(the_collapse_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
