/* Networks: gradients by finite differences, Adam by hand, bytes independent of the threads. */
#include "support.h"

#include <math.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/dense.h"
#include "math/statistics.h"

static float *normals(uint64_t seed, size_t n) {
    float *x;
    assert_ok(NEW_ARRAY(x, n));
    random_stream r = random_open(seed, "test", n);
    for (size_t i = 0; i < n; i++) x[i] = (float)random_normal(&r);
    return x;
}

static mlp *network(size_t n_layers, const size_t *sizes, int output_relu, float dropout,
                    dense_precision precision) {
    mlp_options o;
    mlp_options_init(&o);
    o.n_layers = n_layers;
    o.sizes = sizes;
    o.output_relu = output_relu;
    o.dropout = dropout;
    o.precision = precision;
    o.seed = 5;
    mlp *m;
    assert_ok(mlp_new(&o, &m));
    for (size_t i = 0; i < n_layers; i++) { // biases away from zero
        mlp_layer l = mlp_layer_at(m, i);
        for (size_t k = 0; k < l.out; k++) l.b[k] = 0.1f * (float)(k % 5) - 0.1f;
    }
    return m;
}

/* A batch with its loss, a weighted sum of squares. */
typedef struct batch {
    size_t n;
    float *x, *target, *weights, *dy, *dx;
} batch;

static batch new_batch(const mlp *m, size_t n) {
    size_t in = mlp_layer_at(m, 0).in, out = mlp_layer_at(m, mlp_n_layers(m) - 1).out;
    batch b = {n,
               normals(1, n * in),
               normals(2, n * out),
               normals(3, n),
               normals(4, n * out),
               normals(4, n * in)};
    for (size_t i = 0; i < n; i++) b.weights[i] = fabsf(b.weights[i]);
    return b;
}

static void free_batch(batch *b) {
    free(b->x);
    free(b->target);
    free(b->weights);
    free(b->dy);
    free(b->dx);
}

static double loss_of(mlp *m, job *j, batch *b, float *dy) {
    const float *y;
    double loss;
    size_t out = mlp_layer_at(m, mlp_n_layers(m) - 1).out;
    assert_ok(mlp_forward(m, j, b->x, b->n, 3, &y)); // the step, so the dropout, is the same
    assert_ok(mse_loss(j, y, b->target, b->n, out, b->weights, 0.25, dy, &loss));
    return loss;
}

/* The loss's slope when *at moves by `by`. */
static double slope_of(mlp *m, batch *b, float *at, float by, double here) {
    float old = *at;
    *at = old + by;
    double width = (double)*at - (double)old;
    mlp_changed(m);
    double there = loss_of(m, NULL, b, NULL);
    *at = old;
    mlp_changed(m);
    return (there - here) / width;
}

/* The gradient must lie between the slopes to both sides: they differ where a ReLU bends. */
static void check_slope(mlp *m, batch *b, float *at, float gradient) {
    double here = loss_of(m, NULL, b, NULL);
    double up = slope_of(m, b, at, 1e-3f, here), down = slope_of(m, b, at, -1e-3f, here);
    double tolerance = 1e-2 * (0.2 + fmin(fabs(up), fabs(down)));
    if (!((double)gradient > fmin(up, down) - tolerance &&
          (double)gradient < fmax(up, down) + tolerance))
        fail_msg("gradient %g, but the loss has slopes %g and %g", (double)gradient, down, up);
}

static void check_network(size_t n_layers, const size_t *sizes, int output_relu, float dropout) {
    mlp *m = network(n_layers, sizes, output_relu, dropout, DENSE_F32);
    batch b = new_batch(m, 7);
    loss_of(m, NULL, &b, b.dy);
    assert_ok(mlp_backward(m, NULL, b.dy, b.dx));
    for (size_t i = 0; i < n_layers; i++) {
        mlp_layer l = mlp_layer_at(m, i);
        for (size_t k = 0; k < l.in * l.out; k += 1 + l.in * l.out / 37)
            check_slope(m, &b, l.w + k, l.gw[k]);
        for (size_t k = 0; k < l.out; k += 1 + l.out / 5) check_slope(m, &b, l.b + k, l.gb[k]);
    }
    for (size_t k = 0; k < b.n * sizes[0]; k++) check_slope(m, &b, b.x + k, b.dx[k]);
    free_batch(&b);
    mlp_free(m);
}

static void gradients_match_finite_differences(void **state) {
    (void)state;
    static const size_t dense[] = {5, 3}, deep[] = {4, 9, 7, 3}, wide[] = {3, 300, 5},
                        one[] = {1, 1};
    check_network(1, dense, 0, 0);
    check_network(1, dense, 1, 0);
    check_network(1, one, 0, 0);
    check_network(3, deep, 0, 0);
    check_network(3, deep, 1, 0);
    check_network(3, deep, 0, 0.3f);
    check_network(2, wide, 0, 0.5f);
}

/* A network that stays as it is has the same gradient of its inputs, and no others. */
static void inputs_alone(dense_precision precision) {
    static const size_t sizes[] = {20, 130, 64, 33};
    mlp *m = network(3, sizes, 1, 0.2f, precision);
    batch b = new_batch(m, 70);
    loss_of(m, NULL, &b, b.dy);
    assert_ok(mlp_backward(m, NULL, b.dy, b.dx));
    mlp_layer l = mlp_layer_at(m, 1);
    float *alone = calloc(b.n * sizes[0], sizeof *alone);
    memset(l.gw, 0, l.in * l.out * sizeof *l.gw);
    assert_ok(mlp_backward_inputs(m, NULL, b.dy, alone));
    assert_memory_equal(alone, b.dx, b.n * sizes[0] * sizeof *alone);
    for (size_t i = 0; i < l.in * l.out; i++) assert_true(l.gw[i] == 0);
    free(alone);
    free_batch(&b);
    mlp_free(m);
}

static void a_frozen_network_has_gradients_of_its_inputs_alone(void **state) {
    (void)state;
    inputs_alone(DENSE_F32);
    if (dense_has_bf16()) inputs_alone(DENSE_BF16);
}

static void a_network_computes_what_it_says(void **state) {
    (void)state;
    static const size_t sizes[] = {2, 2, 1};
    mlp *m = network(2, sizes, 0, 0.5f, DENSE_F32);
    const float w0[] = {1, 2, -1, 1}, b0[] = {0.5f, 0}, w1[] = {3, 4}, b1[] = {-1};
    mlp_import(m, 0, w0, b0);
    mlp_import(m, 1, w1, b1);
    const float x[] = {1, 1, 2, -3};
    float y[2], w[4], b[2];
    assert_ok(mlp_predict(m, NULL, x, 2, y));
    assert_true(y[0] == 9.5f && y[1] == -1); // 3 * 3.5 + 4 * 0 - 1, and all hidden units cut off
    mlp_export(m, 0, w, b);
    assert_memory_equal(w, w0, sizeof w);
    assert_memory_equal(b, b0, sizeof b);
    assert_ok(mlp_predict(m, NULL, x, 0, y));
    mlp_free(m);
    mlp_free(NULL);
}

static void dropout_keeps_the_mean(void **state) {
    (void)state;
    static const size_t sizes[] = {1, 1000, 1};
    mlp *m = network(2, sizes, 0, 0.3f, DENSE_F32);
    mlp_layer hidden = mlp_layer_at(m, 0), last = mlp_layer_at(m, 1);
    for (size_t i = 0; i < 1000; i++) {
        hidden.w[i] = last.w[i] = 1;
        hidden.b[i] = 0;
    }
    last.b[0] = 0;
    float x[200];
    for (size_t i = 0; i < 200; i++) x[i] = 1;
    const float *y;
    double sum = 0;
    assert_ok(mlp_forward(m, NULL, x, 200, 1, &y));
    for (size_t i = 0; i < 200; i++) sum += (double)y[i] / 200;
    assert_true(fabs(sum - 1000) < 10);
    float first = y[0];
    assert_ok(mlp_forward(m, NULL, x, 200, 1, &y));
    assert_true(y[0] == first);
    assert_ok(mlp_forward(m, NULL, x, 200, 2, &y));
    assert_true(y[0] != first && y[0] != y[1]);
    mlp_free(m);
}

/* Three steps on one weight, by the paper's algorithm 1 in double. */
static void adam_follows_the_paper(void **state) {
    (void)state;
    adam_options o;
    adam_options_init(&o);
    assert_true(o.rate == 1e-3 && o.beta1 == 0.9 && o.beta2 == 0.999 && o.epsilon == 1e-8);
    const double gradients[] = {0.5, -2, 0.25};
    double weight = 1, first = 0, second = 0;
    float w = 1, m = 0, v = 0;
    for (uint64_t t = 1; t <= 3; t++) {
        double g = gradients[t - 1], n = (double)t;
        first = 0.9 * first + 0.1 * g;
        second = 0.999 * second + 0.001 * g * g;
        weight -= 1e-3 * (first / (1 - pow(0.9, n))) / (sqrt(second / (1 - pow(0.999, n))) + 1e-8);
        float gradient = (float)g;
        assert_ok(adam_step(NULL, &o, t, &w, &gradient, &m, &v, 1));
        assert_true(fabs((double)w - weight) < 1e-6);
    }
    assert_true(fabs(weight - 0.99970216) < 1e-3);
}

/* Without gradients moments end at zero and do not stay among subnormal numbers. */
static void moments_end(void **state) {
    (void)state;
    adam_options o;
    adam_options_init(&o);
    float w = 1, m = 0, v = 0, gradient = 3;
    for (uint64_t t = 1; t <= 100000; t++) {
        assert_ok(adam_step(NULL, &o, t, &w, &gradient, &m, &v, 1));
        assert_true(fpclassify(m) != FP_SUBNORMAL && fpclassify(v) != FP_SUBNORMAL);
        gradient = t % 2 ? 0 : 1e-40f; // as good as none
    }
    assert_true(m == 0 && v == 0);
}

static void adam_leaves_other_rows_alone(void **state) {
    (void)state;
    enum { DIM = 5 };
    adam_options o;
    adam_options_init(&o);
    float *w = normals(1, 4 * DIM), *before = normals(1, 4 * DIM), m[4 * DIM] = {0},
          v[4 * DIM] = {0};
    float *g = normals(2, 2 * DIM);
    const uint32_t rows[] = {3, 1};
    assert_ok(adam_rows(NULL, &o, 1, w, m, v, DIM, rows, g, 2));
    assert_memory_equal(w, before, DIM * sizeof *w);
    assert_memory_equal(w + 2 * DIM, before + 2 * DIM, DIM * sizeof *w);
    float dense_m[DIM] = {0}, dense_v[DIM] = {0};
    assert_ok(adam_step(NULL, &o, 1, before + 3 * DIM, g, dense_m, dense_v, DIM));
    assert_memory_equal(w + 3 * DIM, before + 3 * DIM, DIM * sizeof *w);
    assert_memory_equal(m + 3 * DIM, dense_m, sizeof dense_m);
    assert_true(m[0] == 0 && m[DIM] != 0);
    free(w);
    free(before);
    free(g);
}

/* A few steps on a batch with a short last shard; the last loss. */
static double train(mlp *m, job *j, size_t steps) {
    batch b = new_batch(m, 300);
    adam_options o;
    adam_options_init(&o);
    double loss = 0;
    for (size_t i = 0; i < steps; i++) {
        loss = loss_of(m, j, &b, b.dy);
        assert_ok(mlp_backward(m, j, b.dy, b.dx));
        assert_ok(mlp_update(m, j, &o));
    }
    assert_int_equal(mlp_steps(m), steps);
    free_batch(&b);
    return loss;
}

static job *threads(unsigned n) {
    lb_runtime runtime;
    lb_runtime_init(&runtime);
    runtime.threads = n;
    job *j;
    assert_ok(job_new(&runtime, &j));
    return j;
}

static const size_t train_sizes[] = {20, 300, 64, 33};

static void check_threads(dense_precision precision) {
    mlp *one = network(3, train_sizes, 0, 0.2f, precision);
    double loss = train(one, NULL, 3);
    for (unsigned n = 2; n <= 5; n += 3) {
        job *j = threads(n);
        mlp *m = network(3, train_sizes, 0, 0.2f, precision);
        double again = train(m, j, 3);
        assert_memory_equal(&loss, &again, sizeof loss);
        for (size_t i = 0; i < 3; i++) {
            mlp_layer a = mlp_layer_at(one, i), b = mlp_layer_at(m, i);
            assert_memory_equal(a.w, b.w, a.in * a.out * sizeof *a.w);
            assert_memory_equal(a.b, b.b, a.out * sizeof *a.b);
        }
        float *x = normals(1, 300 * 20), *y = normals(2, 300 * 33), *z = normals(3, 300 * 33);
        assert_ok(mlp_predict(one, NULL, x, 300, y));
        assert_ok(mlp_predict(m, j, x, 300, z));
        assert_memory_equal(y, z, 300 * 33 * sizeof *y);
        free(x);
        free(y);
        free(z);
        mlp_free(m);
        job_free(j);
    }
    mlp_free(one);
}

static void threads_do_not_change_a_byte(void **state) {
    (void)state;
    check_threads(DENSE_F32);
    if (dense_has_bf16()) check_threads(DENSE_BF16);
}

static void training_lowers_the_loss(void **state) {
    (void)state;
    mlp *m = network(3, train_sizes, 0, 0, DENSE_F32);
    job *j = threads(2);
    double first = train(m, j, 1);
    mlp_set_steps(m, 0);
    double last = train(m, j, 100);
    assert_true(last < 0.5 * first);
    mlp_free(m);
    job_free(j);
}

/* |a - b| as a part of |a|. */
static double apart(const float *a, const float *b, size_t n) {
    double difference = 0, length = 0;
    for (size_t i = 0; i < n; i++) {
        difference += pow((double)a[i] - (double)b[i], 2);
        length += pow((double)a[i], 2);
    }
    return sqrt(difference / length);
}

static void bfloat16_is_close_to_float(void **state) {
    (void)state;
    static const size_t sizes[] = {20, 300, 64, 33};
    if (!dense_has_bf16()) {
        mlp_options o;
        mlp_options_init(&o);
        o.n_layers = 1;
        o.sizes = sizes;
        o.precision = DENSE_BF16;
        mlp *m;
        assert_error(mlp_new(&o, &m), LB_E_UNSUPPORTED, "bfloat16");
        print_message("this CPU has no bfloat16 products: not compared\n");
        skip();
    }
    mlp *wide = network(3, sizes, 0, 0, DENSE_F32), *half = network(3, sizes, 0, 0, DENSE_BF16);
    assert_int_equal(mlp_precision(half), DENSE_BF16);
    batch a = new_batch(wide, 300), b = new_batch(half, 300);
    double loss = loss_of(wide, NULL, &a, a.dy), half_loss = loss_of(half, NULL, &b, b.dy);
    assert_true(fabs(loss - half_loss) < 0.01 * loss);
    assert_ok(mlp_backward(wide, NULL, a.dy, a.dx));
    assert_ok(mlp_backward(half, NULL, b.dy, b.dx));
    assert_true(apart(a.dy, b.dy, 300 * 33) < 0.01);
    // Units that round to the other side of zero change gradients by much more than rounding does,
    // and the more layers lie above, the more.
    assert_true(apart(a.dx, b.dx, 300 * 20) < 0.1);
    for (size_t i = 0; i < 3; i++) {
        mlp_layer l = mlp_layer_at(wide, i), h = mlp_layer_at(half, i);
        static const double bounds[] = {0.1, 0.03, 0.005};
        assert_true(apart(l.gw, h.gw, l.in * l.out) < bounds[i]);
        assert_true(apart(l.gb, h.gb, l.out) < bounds[i]);
    }
    free_batch(&a);
    free_batch(&b);
    mlp_free(wide);
    mlp_free(half);
}

static void options_are_checked(void **state) {
    (void)state;
    static const size_t sizes[] = {3, 0};
    mlp_options o;
    mlp *m;
    mlp_options_init(&o);
    assert_error(mlp_new(&o, &m), LB_E_ARGUMENT, "0 layers");
    o.n_layers = 1;
    o.sizes = sizes;
    assert_error(mlp_new(&o, &m), LB_E_ARGUMENT, "layer 1 is 0 wide");
    static const size_t good[] = {3, 1};
    o.sizes = good;
    o.dropout = 1;
    assert_error(mlp_new(&o, &m), LB_E_ARGUMENT, "dropout");
    o.dropout = 0;
    o.precision = DENSE_AUTO;
    o.start = MLP_HE;
    assert_ok(mlp_new(&o, &m));
    assert_int_equal(mlp_precision(m), dense_prefers_bf16() ? DENSE_BF16 : DENSE_F32);
    assert_true(dense_has_bf16() || !dense_prefers_bf16());
    mlp_free(m);
}

static void samples_are_summarised(void **state) {
    (void)state;
    const double values[] = {4, 1, 3, 2}, nan = NAN;
    double q;
    assert_true(statistics_mean(values, 4) == 2.5 && statistics_mean(values, 0) == 0);
    assert_true(fabs(statistics_deviation(values, 4) - 1.2909944487358056) < 1e-15);
    assert_true(statistics_deviation(values, 1) == 0);
    assert_ok(statistics_quantile(values, 4, 0.5, &q));
    assert_true(q == 2.5);
    assert_ok(statistics_quantile(values, 4, 1, &q));
    assert_true(q == 4);
    assert_ok(statistics_quantile(values, 4, 0.25, &q));
    assert_true(q == 1.75);
    assert_error(statistics_quantile(values, 0, 0.5, &q), LB_E_EMPTY, "no values");
    assert_error(statistics_quantile(values, 4, 2, &q), LB_E_ARGUMENT, "[0, 1]");
    assert_error(statistics_quantile(&nan, 1, 0.5, &q), LB_E_NUMERIC, "NaN");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_match_finite_differences),
        cmocka_unit_test(a_frozen_network_has_gradients_of_its_inputs_alone),
        cmocka_unit_test(a_network_computes_what_it_says),
        cmocka_unit_test(dropout_keeps_the_mean),
        cmocka_unit_test(adam_follows_the_paper),
        cmocka_unit_test(moments_end),
        cmocka_unit_test(adam_leaves_other_rows_alone),
        cmocka_unit_test(threads_do_not_change_a_byte),
        cmocka_unit_test(training_lowers_the_loss),
        cmocka_unit_test(bfloat16_is_close_to_float),
        cmocka_unit_test(options_are_checked),
        cmocka_unit_test(samples_are_summarised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
