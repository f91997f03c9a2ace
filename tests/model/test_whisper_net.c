/* whisper's layers and loss: gradients against finite differences, the loss against its formula. */
#include "support.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "model/whisper_net.h"

enum { DIM = 6, ITEM = 10, REQUEST = 14, N = 5, K = 2, ITEMS = N * (1 + K), HISTORY = 3 };

typedef struct room {
    float r[N * REQUEST], x[ITEMS * ITEM], history[N * HISTORY * DIM], personal[N * N];
    float negative[N * K], share[N];
    uint8_t present[ITEMS], masked[N * N];
    uint32_t n_history[N];
} room;

static void fill(float *out, size_t n, double scale, uint64_t key) {
    random_stream r = random_open(7, "test", key);
    for (size_t i = 0; i < n; i++) out[i] = (float)(scale * random_normal(&r));
}

/* Requests with and without words and history, items with and without blocks, pairs left out. */
static whisper_batch make_batch(room *m, double lambda) {
    memset(m, 0, sizeof *m);
    fill(m->r, sizeof m->r / sizeof *m->r, 0.7, 1);
    fill(m->x, sizeof m->x / sizeof *m->x, 1, 2);
    fill(m->history, sizeof m->history / sizeof *m->history, 0.6, 3);
    fill(m->personal, N * N, 0.8, 4);
    fill(m->negative, N * K, 0.8, 5);
    for (size_t i = 0; i < N; i++) m->share[i] = -1 - 0.3f * (float)i;
    memset(m->r, 0, REQUEST * sizeof *m->r);
    for (size_t i = 0; i < N; i++) m->n_history[i] = (uint32_t)(i % (HISTORY + 1));
    for (size_t i = 0; i < ITEMS; i++) m->present[i] = (uint8_t)(i % 4);
    m->masked[1] = m->masked[3 * N + 2] = 1;
    return (whisper_batch){.n = N,
                           .negatives = K,
                           .r = m->r,
                           .x = m->x,
                           .present = m->present,
                           .most_history = HISTORY,
                           .history = m->history,
                           .n_history = m->n_history,
                           .personal = m->personal,
                           .personal_negative = m->negative,
                           .masked = m->masked,
                           .log_share = m->share,
                           .lambda = lambda};
}

static whisper_net make_net(bool impersonal) {
    whisper_net net = {.dim = DIM,
                       .item_width = ITEM,
                       .request_width = REQUEST,
                       .hidden = 7,
                       .softness = 0.4f,
                       .impersonal = impersonal,
                       .layout = {2, 3, {0, 6, ITEM}, {0, 6, ITEM, REQUEST}, {0, 1}, {0, 1, 1}}};
    assert_ok(whisper_net_new(&net, 3));
    return net;
}

/* Off the start, where much is zero. */
static void stir(whisper_net *net, double scale) {
    whisper_array a[WHISPER_MAX_ARRAYS];
    size_t n = whisper_net_arrays(net, a);
    random_stream r = random_open(9, "test", 0);
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < a[i].n; k++) a[i].w[k] += (float)(scale * random_normal(&r));
    net->number[WHISPER_LOG_SCALE] = 1;
    whisper_net_changed(net);
}

static double loss_of(whisper_net *net, const whisper_batch *b) {
    double loss;
    whisper_net_changed(net);
    assert_ok(whisper_net_learn(net, NULL, b, &loss));
    return loss;
}

static void check_gradients(double lambda, bool impersonal, double scale) {
    static room m;
    whisper_batch b = make_batch(&m, lambda);
    whisper_net net = make_net(impersonal);
    whisper_array a[WHISPER_MAX_ARRAYS];
    const double h = 4e-3;
    double worst = 0, largest = 0;
    stir(&net, scale);
    size_t n = whisper_net_arrays(&net, a);
    for (size_t i = 0; i < n; i++) {
        float *g = calloc(a[i].n, sizeof *g);
        assert_non_null(g);
        loss_of(&net, &b);
        memcpy(g, a[i].g, a[i].n * sizeof *g);
        size_t personal = impersonal && i >= 7 && i < n - 4; // not used: without a gradient
        for (size_t k = 0; k < a[i].n && !personal; k += 1 + a[i].n / 40) {
            float was = a[i].w[k];
            a[i].w[k] = (float)((double)was + h);
            double up = loss_of(&net, &b);
            a[i].w[k] = (float)((double)was - h);
            double down = loss_of(&net, &b);
            a[i].w[k] = was;
            double slope = (up - down) / (2 * h), off = fabs(slope - (double)g[k]);
            if (off > 2e-3 * (1 + fabs(slope)))
                fail_msg("array %zu, value %zu: gradient %g, slope %g", i, k, (double)g[k], slope);
            worst = fmax(worst, off);
            largest = fmax(largest, fabs(slope));
        }
        free(g);
    }
    assert_true(largest > 0.01); // there was something to compare
    whisper_net_free(&net);
}

static void gradients_are_slopes(void **state) {
    (void)state;
    check_gradients(0.4, false, 0.3);
    check_gradients(0, false, 0.3);
    check_gradients(1, false, 0.3);
    check_gradients(0.4, true, 0.3);
    check_gradients(0.4, false, 0.9); // s is cut to length one
}

/* ---- the loss */

static double sigmoid_loss(double y) {
    return log1p(exp(-y));
}

static double formula(const whisper_batch *b, const float *number, const float *s, const float *z) {
    double binary = 0, contrast = 0, l[N][N];
    double scale = fmin(exp((double)number[WHISPER_LOG_SCALE]), 100);
    for (size_t i = 0; i < N; i++) {
        for (size_t k = 0; k < ITEMS; k++) {
            double product = 0;
            for (size_t d = 0; d < DIM; d++)
                product += (double)s[i * DIM + d] * (double)z[k * DIM + d];
            bool negative = k >= N && (k - N) / K == i;
            double v = k < N      ? (double)b->personal[i * N + k]
                       : negative ? (double)b->personal_negative[k - N]
                                  : 0;
            double y = (double)number[WHISPER_FACTOR] * product + (double)number[WHISPER_SHIFT] +
                       (double)number[WHISPER_TRUST] * v;
            if (k == i) binary += sigmoid_loss(y);
            if (negative) binary += sigmoid_loss(-y);
            if (k < N)
                l[i][k] = b->masked[i * N + k]
                              ? -INFINITY
                              : scale * product + (double)number[WHISPER_TRUST] * v -
                                    (double)b->log_share[k];
        }
    }
    for (size_t i = 0; i < N; i++) {
        double row = 0, column = 0;
        for (size_t k = 0; k < N; k++) {
            row += exp(l[i][k]);
            column += exp(l[k][i]);
        }
        contrast += log(row) + log(column) - 2 * l[i][i];
    }
    return b->lambda * binary / (N * (1 + K)) + (1 - b->lambda) * contrast / (2 * N);
}

static void the_loss_is_its_formula(void **state) {
    (void)state;
    static room m;
    float s[N * DIM], z[ITEMS * DIM], ds[N * DIM], dz[ITEMS * DIM], g[WHISPER_NUMBERS];
    fill(s, N * DIM, 0.5, 11);
    fill(z, ITEMS * DIM, 0.5, 12);
    static const float number[][WHISPER_NUMBERS] = {{1.5f, 2, -0.5f, 0.7f}, {6, 1, 0, 1}};
    static const double lambda[] = {0, 0.25, 1};
    for (size_t t = 0; t < 2; t++)
        for (size_t k = 0; k < 3; k++) {
            whisper_batch b = make_batch(&m, lambda[k]);
            double loss;
            assert_ok(whisper_loss(&b, number[t], s, z, DIM, ds, dz, g, &loss));
            double expected = formula(&b, number[t], s, z);
            if (!(fabs(loss - expected) < 1e-5 * (1 + fabs(expected))))
                fail_msg("lambda %g: %g, not %g", lambda[k], loss, expected);
        }
}

/* With lambda 0 the products that nobody meant do not matter, with 1 the temperature does not. */
static void the_ends_are_pure(void **state) {
    (void)state;
    static room m;
    float s[N * DIM], z[ITEMS * DIM], ds[N * DIM], dz[ITEMS * DIM], g[WHISPER_NUMBERS];
    float number[WHISPER_NUMBERS] = {1.5f, 2, -0.5f, 0.7f};
    double loss;
    fill(s, N * DIM, 0.5, 11);
    fill(z, ITEMS * DIM, 0.5, 12);
    whisper_batch b = make_batch(&m, 0);
    assert_ok(whisper_loss(&b, number, s, z, DIM, ds, dz, g, &loss));
    for (size_t k = N * DIM; k < ITEMS * DIM; k++) assert_true(dz[k] == 0);
    assert_true(g[WHISPER_FACTOR] == 0 && g[WHISPER_SHIFT] == 0 && g[WHISPER_LOG_SCALE] != 0);
    b.lambda = 1;
    assert_ok(whisper_loss(&b, number, s, z, DIM, ds, dz, g, &loss));
    assert_true(g[WHISPER_LOG_SCALE] == 0 && g[WHISPER_FACTOR] != 0);
    number[WHISPER_LOG_SCALE] = 6; // beyond 100 the scale is cut
    b.lambda = 0;
    assert_ok(whisper_loss(&b, number, s, z, DIM, ds, dz, g, &loss));
    assert_true(g[WHISPER_LOG_SCALE] == 0);
}

/* ---- the net */

/* A fresh net adds nothing to the request, whoever asks. */
static void a_fresh_net_is_the_search(void **state) {
    (void)state;
    whisper_net net = make_net(false);
    float v[DIM], t[DIM], s[DIM], history[HISTORY * DIM];
    fill(v, DIM, 0.8, 20);
    fill(history, HISTORY * DIM, 0.6, 21);
    memcpy(t, v, sizeof t);
    whisper_net_soften(&net, t);
    assert_ok(whisper_net_speak(&net, v, history, HISTORY, s));
    assert_memory_equal(s, t, sizeof s);
    stir(&net, 0.3);
    fill(v, DIM, 0.8, 20);
    assert_ok(whisper_net_speak(&net, v, history, HISTORY, s));
    assert_true(memcmp(s, t, sizeof s) != 0);
    fill(v, DIM, 0.8, 20);
    assert_ok(whisper_net_speak(&net, v, NULL, 0, s)); // nor for somebody without a history
    assert_memory_equal(s, t, sizeof s);
    whisper_net_free(&net);
}

static void baking_keeps_the_net(void **state) {
    (void)state;
    static room m;
    whisper_batch b = make_batch(&m, 0.4);
    whisper_net net = make_net(false);
    stir(&net, 0.3);
    double before = loss_of(&net, &b);
    whisper_net_bake(&net);
    for (int k = 0; k < 2; k++) assert_true(net.item_gain[k] == 1);
    assert_true(fabs(loss_of(&net, &b) - before) < 1e-5);
    whisper_net_free(&net);
}

static void updates_do_not_depend_on_threads(void **state) {
    (void)state;
    static room m;
    whisper_batch b = make_batch(&m, 0.4);
    whisper_array x[WHISPER_MAX_ARRAYS], y[WHISPER_MAX_ARRAYS];
    whisper_net net[2] = {make_net(false), make_net(false)};
    adam_options adam;
    adam_options_init(&adam);
    for (unsigned t = 0; t < 2; t++) {
        lb_runtime runtime = {.threads = 1 + 2 * t};
        job *j;
        double loss;
        assert_ok(job_new(&runtime, &j));
        for (int step = 0; step < 5; step++) {
            assert_ok(whisper_net_learn(&net[t], j, &b, &loss));
            assert_ok(whisper_net_update(&net[t], j, &adam, step == 0));
        }
        job_free(j);
    }
    size_t n = whisper_net_arrays(&net[0], x);
    whisper_net_arrays(&net[1], y);
    for (size_t i = 0; i < n; i++) assert_memory_equal(x[i].w, y[i].w, x[i].n * sizeof(float));
    whisper_net_free(&net[0]);
    whisper_net_free(&net[1]);
}

static void widths_must_fit(void **state) {
    (void)state;
    whisper_net net = {.dim = 4, .item_width = 0, .request_width = 4, .hidden = 3};
    assert_int_equal(whisper_net_new(&net, 1), LB_E_ARGUMENT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_slopes), cmocka_unit_test(the_loss_is_its_formula),
        cmocka_unit_test(the_ends_are_pure),    cmocka_unit_test(a_fresh_net_is_the_search),
        cmocka_unit_test(baking_keeps_the_net), cmocka_unit_test(updates_do_not_depend_on_threads),
        cmocka_unit_test(widths_must_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
