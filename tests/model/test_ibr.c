/* The learned distance between looks: its gradient, what it finds, and what it answers. */
#include "model/model_shop.h"

#include <stdatomic.h>

#include "model/ibr.h"

enum { ROWS = 9, DIM = 5, RANK = 3, PAIRS = 7 };

static void fill(float *x, size_t n, uint64_t item) {
    random_stream r = random_open(11, "test ibr", item);
    for (size_t i = 0; i < n; i++) x[i] = (float)random_normal(&r);
}

/* The loss in double, straight from the formula. */
static double loss_of(const float *f, const double *y, const relation *pairs) {
    double sum = 0;
    for (uint32_t i = 0; i < 2 * PAIRS; i++) {
        double distance = 0;
        for (uint32_t k = 0; k < RANK; k++) {
            double s = 0;
            for (uint32_t d = 0; d < DIM; d++)
                s += ((double)f[pairs[i].a * DIM + d] - (double)f[pairs[i].b * DIM + d]) *
                     y[d * RANK + k];
            distance += s * s;
        }
        double p = 1 / (1 + exp(distance - y[DIM * RANK]));
        sum -= log(i < PAIRS ? p : 1 - p);
    }
    return sum / (2 * PAIRS);
}

/* A matrix that counts its rows that were asked for. */
typedef struct counted_rows {
    row_matrix matrix;
    atomic_size_t *fetched;
} counted_rows;

static void fetch_counted(const void *context, size_t row, float *out) {
    const counted_rows *c = context;
    atomic_fetch_add(c->fetched, 1);
    rows_fetch_matrix(&c->matrix, row, out);
}

/* In one block and in several, the last one smaller. */
static void the_gradient_is_that_of_the_loss(void **state) {
    (void)state;
    enum { SIZE = DIM * RANK + 1 };
    static const size_t blocks[] = {ROWS, 4, 1};
    float f[ROWS * DIM], parameters[SIZE], gradient[SIZE], twice[SIZE];
    relation pairs[2 * PAIRS];
    double y[SIZE], loss, again;
    atomic_size_t fetched;
    random_stream r = random_open(12, "test ibr", 0);
    fill(f, ROWS * DIM, 1);
    fill(parameters, SIZE, 2);
    for (int i = 0; i < SIZE; i++) parameters[i] *= 0.4f;
    for (int i = 0; i < 2 * PAIRS; i++) {
        uint32_t a = (uint32_t)random_below(&r, ROWS - 1);
        pairs[i] = (relation){a, a + 1 + (uint32_t)random_below(&r, ROWS - 1 - a)};
    }
    counted_rows rows = {{f, DIM}, &fetched};
    job *j = new_job(1), *two = new_job(2);
    for (int i = 0; i < SIZE; i++) y[i] = (double)parameters[i];
    for (size_t b = 0; b < sizeof blocks / sizeof *blocks; b++) {
        ibr_problem p = {{ROWS, DIM, fetch_counted, &rows, NULL}, RANK, blocks[b]};
        ibr_work w;
        atomic_init(&fetched, 0);
        assert_ok(ibr_work_new(&p, PAIRS, &w));
        assert_ok(ibr_loss(j, &p, parameters, pairs, PAIRS, &w, &loss, gradient));
        assert_ok(ibr_loss(two, &p, parameters, pairs, PAIRS, &w, &again, twice));
        assert_memory_equal(gradient, twice, sizeof gradient);
        assert_int_equal(atomic_load(&fetched), blocks[b] == ROWS ? ROWS : 4 * ROWS);
        assert_true(fabs(loss - loss_of(f, y, pairs)) < 1e-5);
        for (int i = 0; i < SIZE; i++) {
            double step = 1e-5, here = y[i];
            y[i] = here + step;
            double up = loss_of(f, y, pairs);
            y[i] = here - step;
            double slope = (up - loss_of(f, y, pairs)) / (2 * step);
            y[i] = here;
            assert_true(fabs(slope - (double)gradient[i]) < 1e-4 * (1 + fabs(slope)));
        }
        ibr_work_free(&w);
    }
    job_free(j);
    job_free(two);
}

/* So that products of matrices are cut where they are without blocks, and give the same bytes. */
static void blocks_are_whole_shards(void **state) {
    (void)state;
    static const size_t dims[] = {1, 463, 1280, 4096, 10000000};
    for (size_t i = 0; i < sizeof dims / sizeof *dims; i++) {
        size_t rows = ibr_block_rows(dims[i]);
        assert_true(rows > 0 && rows % 256 == 0);
        assert_true(rows == 256 || rows * dims[i] * sizeof(float) <= 1u << 27);
    }
}

static const char *const quick[] = {"rank=4", "epochs=30", "rate=0.02", NULL};

static model *train(shop *s, unsigned threads) {
    job *j = new_job(threads);
    model *m;
    fit_input in = {.split = s->s, .features = &s->f, .n_features = 1, .seed = 3};
    assert_ok(fit_settings(j, &ibr_class, quick, NULL, &in, &m));
    job_free(j);
    return m;
}

/* Of two random pairs of products, of one group and of two: the share of first ones above. */
static double group_auc(const model *m, const shop *s, int cold) {
    float same[4000], other[4000];
    size_t n[2] = {0, 0};
    uint32_t products = m->common.n_products;
    for (uint32_t a = 0; a < products; a++)
        for (uint32_t b = a + 1; b < products; b++) {
            if (cold != (!s->s->degree[a] || !s->s->degree[b])) continue;
            size_t ga = strtoul(dataset_product_id(s->d, a) + 1, NULL, 10) % GROUPS;
            size_t gb = strtoul(dataset_product_id(s->d, b) + 1, NULL, 10) % GROUPS;
            relation r = {a, b};
            assert_ok(model_relate(m, &r, 1, ga == gb ? &same[n[0]++] : &other[n[1]++]));
        }
    double above = 0;
    for (size_t i = 0; i < n[0]; i++)
        for (size_t k = 0; k < n[1]; k++)
            above += same[i] > other[k] ? 1 : same[i] == other[k] ? 0.5 : 0;
    return above / (double)(n[0] * n[1]);
}

static void what_goes_together_is_found(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = train(&s, 1);
    assert_true(group_auc(m, &s, 0) > 0.7);
    assert_true(group_auc(m, &s, 1) > 0.7);
    model_free(m);
    shop_close(&s);
}

static void threads_do_not_matter(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *one = train(&s, 1), *three = train(&s, 3);
    assert_same_scores(one, three);
    model_free(one);
    model_free(three);
    shop_close(&s);
}

/* A product's score is the mean of c - distance over what the user bought. */
static void scores_are_means_over_the_history(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_SOME);
    model *m = train(&s, 1);
    const model_common *c = &m->common;
    float *scores = all_scores(m);
    for (uint32_t u = 0; u < c->n_users; u += 17) {
        for (uint32_t p = 0; p < c->n_products; p++) {
            double sum = 0, n = 0;
            for (uint32_t k = c->user_start[u]; k < c->user_start[u + 1]; k++) {
                relation r = {p, c->product[k]};
                float score;
                if (!s.f.present[c->product[k]]) continue;
                assert_ok(model_relate(m, &r, 1, &score));
                sum += (double)score;
                n++;
            }
            double got = (double)scores[u * c->n_products + p];
            if (!s.f.present[p])
                assert_true(isinf(got) && got < 0);
            else if (n > 0)
                assert_true(fabs(got - sum / n) < 1e-3 * (1 + fabs(got)));
        }
    }
    free(scores);
    model_free(m);
    shop_close(&s);
}

static void people_fold_in(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = train(&s, 1);
    const model_common *c = &m->common;
    uint32_t n = c->user_start[1] - c->user_start[0];
    float a[8], b[8], *qa[] = {a, NULL}, *qb[] = {b, NULL};
    taste who = {-1, c->product + c->user_start[0], NULL, n, 0, NULL};
    assert_ok(ibr_class.fold_in(m->state, c, &who, qa));
    assert_ok(ibr_class.query_user(m->state, c, 0, qb));
    for (int i = 0; i < 6; i++) assert_true(fabsf(a[i] - b[i]) < 1e-4f);
    who = (taste){0, c->product + c->user_start[0], c->product + c->user_start[0], n, n, NULL};
    assert_ok(ibr_class.fold_in(m->state, c, &who, qa));
    for (int i = 0; i < 6; i++) assert_true(fabsf(a[i]) < 1e-4f);
    model_free(m);
    shop_close(&s);
}

/* A product that comes later lies where it would have lain. */
static void new_products_are_placed(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = train(&s, 1);
    float feature[FEATURE], vector[6], style[4], look[4];
    uint32_t dim;
    const float *x = ibr_class.embedding(m->state, &dim);
    model_part part[MODEL_MAX_PARTS];
    assert_int_equal(ibr_class.parts(m->state, part), 1);
    for (uint32_t i = 0; i < part[0].n; i += 7) {
        assert_true(feature_row(&s.f, part[0].product[i], feature));
        assert_ok(ibr_class.place(m->state, feature, 1, FEATURE, NULL, vector, style, look));
        for (int k = 0; k < 4; k++)
            assert_true(fabsf(style[k] - x[part[0].product[i] * dim + (uint32_t)k]) < 1e-4f);
        for (int k = 0; k < 6; k++)
            assert_true(fabsf(vector[k] - part[0].vector[i * 6 + (uint32_t)k]) < 1e-3f);
    }
    assert_error(ibr_class.place(m->state, feature, 1, 3, NULL, vector, style, look), LB_E_MISMATCH,
                 "the feature has 3 values, the model was trained on");
    model_free(m);
    shop_close(&s);
}

static void files_hold_everything(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_SOME);
    model *m = train(&s, 1), *loaded;
    const char *path = in(test_folder(), "model");
    relation r[2] = {{0, 1}, {2, 3}};
    float a[2], b[2];
    assert_ok(model_save(m, s.d, path));
    assert_ok(model_load(path, &loaded));
    assert_same_scores(m, loaded);
    assert_ok(model_relate(m, r, 2, a));
    assert_ok(model_relate(loaded, r, 2, b));
    assert_memory_equal(a, b, sizeof a);
    assert_int_equal(loaded->common.curve.n_points, m->common.curve.n_points);
    assert_true(m->common.curve.n_points > 2);
    model_free(m);
    model_free(loaded);
    shop_close(&s);
}

/* Stops at the second report of the first epoch. */
static int stop_early(void *context, const lb_progress *p) {
    int *reports = context;
    if (!p->note && strcmp(p->unit, "epochs") == 0 && p->done == 0) ++*reports;
    return *reports >= 2;
}

/* An epoch of a large catalogue takes minutes. */
static void an_epoch_can_be_stopped(void **state) {
    (void)state;
    static const char *const steps[] = {"batch=2", NULL};
    shop s = shop_open(LOOKS_ALL);
    int reports = 0;
    lb_runtime runtime = {.threads = 1, .progress = stop_early, .progress_context = &reports};
    job *j;
    model *m;
    fit_input in = {.split = s.s, .features = &s.f, .n_features = 1, .seed = 3};
    assert_ok(job_new(&runtime, &j));
    assert_error(fit_settings(j, &ibr_class, quick, steps, &in, &m), LB_E_INTERRUPTED, "ibr");
    job_free(j);
    shop_close(&s);
}

static void it_needs_looks(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_COLD);
    job *j = new_job(1);
    model *m;
    fit_input in = {.split = s.s, .seed = 3};
    assert_error(model_fit(j, &ibr_class, NULL, 0, &in, &m), LB_E_EMPTY, "needs a feature");
    in.features = &s.f;
    in.n_features = 1;
    assert_error(model_fit(j, &ibr_class, NULL, 0, &in, &m), LB_E_EMPTY, "");
    job_free(j);
    shop_close(&s);
}

/* ---- pairs, for any model */

static void vectors_are_compared(void **state) {
    (void)state;
    static const float x[4][2] = {{3, 4}, {4, 3}, {0, 0}, {-6, -8}};
    static const relation r[] = {{0, 1}, {0, 2}, {0, 3}};
    float s[3];
    model_relate_rows(&x[0][0], 2, true, r, 3, s);
    assert_true(fabsf(s[0] - 0.96f) < 1e-6f && isinf(s[1]) && s[1] < 0 && fabsf(s[2] + 1) < 1e-6f);
    model_relate_rows(&x[0][0], 2, false, r, 3, s);
    assert_true(fabsf(s[0] - 24) < 1e-5f && isinf(s[1]) && fabsf(s[2] + 50) < 1e-5f);
}

static void models_without_a_space_say_so(void **state) {
    (void)state;
    static const char *const names[] = {"rand", "inn", "pop"};
    shop s = shop_open(LOOKS_SOME);
    job *j = new_job(1);
    relation r = {0, 1};
    float score;
    for (int i = 0; i < 3; i++) {
        const model_class *class;
        model *m;
        fit_input in = {.split = s.s, .features = &s.f, .n_features = 1, .seed = 3};
        assert_ok(model_class_find(names[i], &class));
        assert_ok(model_fit(j, class, NULL, 0, &in, &m));
        if (i == 0) assert_error(model_relate(m, &r, 1, &score), LB_E_UNSUPPORTED, "rand");
        for (uint32_t b = 1; i && b < m->common.n_products; b++) {
            r.b = b;
            assert_ok(model_relate(m, &r, 1, &score));
            bool placed = i == 2 || (s.f.present[0] && s.f.present[b]);
            assert_true(placed ? isfinite(score) : isinf(score) && score < 0);
        }
        model_free(m);
    }
    job_free(j);
    shop_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_is_that_of_the_loss),
        cmocka_unit_test(blocks_are_whole_shards),
        cmocka_unit_test(what_goes_together_is_found),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(scores_are_means_over_the_history),
        cmocka_unit_test(people_fold_in),
        cmocka_unit_test(new_products_are_placed),
        cmocka_unit_test(files_hold_everything),
        cmocka_unit_test(an_epoch_can_be_stopped),
        cmocka_unit_test(it_needs_looks),
        cmocka_unit_test(vectors_are_compared),
        cmocka_unit_test(models_without_a_space_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
