/* The decoder and the encoder by themselves. */
#include "support.h"

#include <math.h>

#include "core/random.h"
#include "model/autoencoder.h"

enum { N = 200, DIM = 3, FEATURE = 10 };

static job *new_job(unsigned threads) {
    lb_runtime runtime = {.threads = threads};
    job *j;
    assert_ok(job_new(&runtime, &j));
    return j;
}

/* Features are a smooth function of the embeddings, in [0, 1]. */
static float x[N * DIM], f[N * FEATURE];

static const row_matrix matrix = {f, FEATURE};
static const row_source rows = {N, FEATURE, rows_fetch_matrix, &matrix, NULL};

static void draw_products(void) {
    random_stream r = random_open(4, "test", 0);
    for (size_t i = 0; i < N * DIM; i++) x[i] = 2 * random_unit_f32(&r) - 1;
    for (size_t i = 0; i < N; i++)
        for (size_t k = 0; k < FEATURE; k++)
            f[i * FEATURE + k] = 0.5f + 0.5f * sinf(2 * x[i * DIM + k % DIM] + (float)k);
}

static autoencoder_options small(uint32_t epochs) {
    autoencoder_options o;
    autoencoder_options_init(&o);
    o.width = 8;
    o.batch = 32;
    o.epochs = epochs;
    o.dropout = 0;
    o.rate = 3e-3;
    o.noise = 0.01;
    o.seed = 7;
    return o;
}

static double rebuilding_error(const mlp *decoder, const mlp *encoder) {
    float place[N * DIM], y[N * FEATURE];
    double sum = 0;
    assert_ok(mlp_predict(encoder, NULL, f, N, place));
    assert_ok(mlp_predict(decoder, NULL, place, N, y));
    for (size_t i = 0; i < N * FEATURE; i++) sum += pow((double)(y[i] - f[i]), 2);
    return sum / (N * FEATURE);
}

static void features_are_scaled_to_their_range(void **state) {
    (void)state;
    float values[] = {2, 4, 3, -1, 0, 1, 5, 5, 5};
    const float expected[] = {0, 1, 0.5f, 0, 0.5f, 1, 0, 0, 0};
    autoencoder_scale(values, 3, 3);
    assert_memory_equal(values, expected, sizeof values);
}

static void many_products_take_fewer_passes(void **state) {
    (void)state;
    assert_int_equal(autoencoder_passes(10, 3000), 10);
    assert_int_equal(autoencoder_passes(10, 10000), 10);
    assert_int_equal(autoencoder_passes(10, 20000), 5);
    assert_int_equal(autoencoder_passes(10, 1000000), 1);
}

static void both_learn(void **state) {
    (void)state;
    job *j = new_job(2);
    mlp *decoder, *encoder;
    draw_products();
    autoencoder_options o = small(2);
    assert_ok(autoencoder_train(j, &o, x, DIM, &rows, &decoder, &encoder));
    double early = rebuilding_error(decoder, encoder);
    mlp_free(decoder);
    mlp_free(encoder);
    o.epochs = 100;
    assert_ok(autoencoder_train(j, &o, x, DIM, &rows, &decoder, &encoder));
    double late = rebuilding_error(decoder, encoder);
    assert_true(late < 0.01 && late < early / 4);
    mlp_free(decoder);
    mlp_free(encoder);
    job_free(j);
}

static double distance_to_x(const mlp *encoder) {
    float place[N * DIM];
    double sum = 0;
    assert_ok(mlp_predict(encoder, NULL, f, N, place));
    for (size_t i = 0; i < N * DIM; i++) sum += pow((double)(place[i] - x[i]), 2);
    return sum / N;
}

static void the_decoder_stays_and_targets_pull(void **state) {
    (void)state;
    job *j = new_job(1);
    mlp *decoder, *plain, *pulled;
    double loss;
    draw_products();
    autoencoder_options o = small(60);
    o.seed = 8;
    assert_ok(autoencoder_new_decoder(&o, DIM, FEATURE, &decoder)); // untrained: leads nowhere
    mlp_layer l = mlp_layer_at(decoder, 1);
    float *before = malloc(l.in * l.out * sizeof *before);
    memcpy(before, l.w, l.in * l.out * sizeof *before);
    assert_ok(autoencoder_train_encoder(j, &o, decoder, x, DIM, &rows, &plain, &loss));
    assert_true(loss > 0 && isfinite(loss));
    o.target_weight = 1;
    assert_ok(autoencoder_train_encoder(j, &o, decoder, x, DIM, &rows, &pulled, NULL));
    assert_memory_equal(before, mlp_layer_at(decoder, 1).w, l.in * l.out * sizeof *before);
    assert_int_equal(mlp_steps(decoder), 0);
    assert_true(distance_to_x(pulled) < distance_to_x(plain) / 4);
    free(before);
    mlp_free(decoder);
    mlp_free(plain);
    mlp_free(pulled);
    job_free(j);
}

/* Notes which products are asked for and read, in their order. */
enum { MANY = 32 * 150, WINDOW = 32 * 64 };

typedef struct reading {
    size_t product[2 * MANY], n; // the decoder's pass and the encoder's
    size_t asked[2 * MANY], n_asked;
} reading;

static void fetch_noted(const void *context, size_t i, float *out) {
    reading *r = (reading *)(uintptr_t)context;
    r->product[r->n++] = i;
    memcpy(out, f + i % N * FEATURE, FEATURE * sizeof *out);
}

static void ask_noted(const void *context, size_t i) {
    reading *r = (reading *)(uintptr_t)context;
    r->asked[r->n_asked++] = i;
}

static void each_product_is_read_once_a_pass_and_near_ones_together(void **state) {
    (void)state;
    job *j = new_job(1);
    mlp *decoder, *encoder;
    reading *r = calloc(1, sizeof *r);
    float *place = calloc((size_t)MANY * DIM, sizeof *place);
    const row_source noted = {MANY, FEATURE, fetch_noted, r, ask_noted};
    draw_products();
    autoencoder_options o = small(1);
    assert_ok(autoencoder_train(j, &o, place, DIM, &noted, &decoder, &encoder));
    assert_int_equal(r->n, 2 * MANY);
    assert_int_equal(r->n_asked, 2 * (MANY - o.batch)); // a batch ahead
    assert_memory_equal(r->asked, r->product + o.batch, (MANY - o.batch) * sizeof *r->asked);
    for (size_t first = 0; first < MANY; first += WINDOW) {
        uint8_t read[MANY] = {0}, run[MANY / 32] = {0};
        size_t n_runs = 0, in_order = 0;
        for (size_t i = first; i < MANY && i < first + WINDOW; i++) {
            size_t p = r->product[i];
            assert_false(read[p]++);
            n_runs += !run[p / 32]++;
            in_order += i > first && p == r->product[i - 1] + 1;
        }
        assert_true(n_runs <= 64 && in_order < WINDOW / 100);
    }
    uint8_t read[MANY] = {0};
    for (size_t i = 0; i < 2 * MANY; i++) read[r->product[i]]++;
    for (size_t p = 0; p < MANY; p++) assert_int_equal(read[p], 2);
    assert_memory_not_equal(r->product, r->product + MANY, MANY * sizeof *r->product);
    free(place);
    free(r);
    mlp_free(decoder);
    mlp_free(encoder);
    job_free(j);
}

static void threads_do_not_matter(void **state) {
    (void)state;
    float first[N * DIM], again[N * DIM];
    draw_products();
    autoencoder_options o = small(2);
    o.dropout = 0.5f;
    o.batch = N; // two shards
    for (unsigned threads = 1; threads <= 4; threads *= 2) {
        job *j = new_job(threads);
        mlp *decoder, *encoder;
        assert_ok(autoencoder_train(j, &o, x, DIM, &rows, &decoder, &encoder));
        assert_ok(mlp_predict(encoder, j, f, N, threads == 1 ? first : again));
        if (threads > 1) assert_memory_equal(first, again, sizeof first);
        mlp_free(decoder);
        mlp_free(encoder);
        job_free(j);
    }
}

static void save(const mlp *m, const char *path) {
    st_writer *w;
    assert_ok(st_writer_new(&w));
    assert_ok(autoencoder_save(w, "decoder", m, true));
    assert_ok(autoencoder_save_moments(w, "decoder", m));
    assert_ok(st_writer_save(w, path));
    st_writer_free(w);
}

static void files_give_the_same_network(void **state) {
    (void)state;
    char path[300];
    snprintf(path, sizeof path, "%s/network", test_folder());
    mlp *m, *loaded, *none = NULL;
    st_reader *r;
    bool relu = false;
    float a[FEATURE], b[FEATURE];
    autoencoder_options o = small(1);
    assert_ok(autoencoder_new_decoder(&o, DIM, FEATURE, &m));
    mlp_layer l = mlp_layer_at(m, 2);
    l.vw[5] = 0.25f;
    mlp_set_precision(m, DENSE_BF16); // as on another CPU
    save(m, path);
    assert_ok(st_reader_open(path, &r));
    assert_ok(autoencoder_load(r, "decoder", DIM, FEATURE, &loaded, &relu));
    assert_true(relu);
    assert_int_equal(mlp_precision(loaded), DENSE_BF16); // and goes into the file it is saved in
    assert_ok(mlp_predict(m, NULL, x, 1, a));
    assert_ok(mlp_predict(loaded, NULL, x, 1, b));
    assert_memory_equal(a, b, sizeof a);
    assert_ok(autoencoder_read_moments(r, "decoder", loaded, 17));
    assert_int_equal(mlp_steps(loaded), 17);
    assert_true(mlp_layer_at(loaded, 2).vw[5] == 0.25f);
    assert_error(autoencoder_load(r, "decoder", DIM + 1, ST_ANY, &none, NULL), LB_E_FORMAT,
                 "leads from 3 to 10");
    assert_error(autoencoder_load(r, "encoder", ST_ANY, ST_ANY, &none, NULL), LB_E_NOT_FOUND,
                 "encoder.0.weight");
    mlp_free(loaded);
    st_reader_close(r);
    l.b[0] = NAN;
    save(m, path);
    assert_ok(st_reader_open(path, &r));
    assert_error(autoencoder_load(r, "decoder", DIM, FEATURE, &none, NULL), LB_E_FORMAT,
                 "decoder.2.bias");
    st_reader_close(r);
    mlp_free(m);
}

/* A network of one weight, whose file says `precision` (NULL: nothing) of it. */
static lb_status load_small(const char *path, const char *precision, dense_precision *out) {
    static const size_t shape[2] = {1, 1};
    static const float one = 1;
    static const uint8_t linear = 0;
    st_writer *w;
    st_reader *r;
    mlp *m;
    assert_ok(st_writer_new(&w));
    assert_ok(st_writer_tensor(w, "n.0.weight", ST_F32, shape, 2, &one));
    assert_ok(st_writer_tensor(w, "n.0.bias", ST_F32, shape, 1, &one));
    assert_ok(st_writer_tensor(w, "n.relu", ST_U8, NULL, 0, &linear));
    if (precision) assert_ok(st_writer_metadata(w, "n.precision", precision));
    assert_ok(st_writer_save(w, path));
    st_writer_free(w);
    assert_ok(st_reader_open(path, &r));
    lb_status status = autoencoder_load(r, "n", 1, 1, &m, NULL);
    st_reader_close(r);
    if (status != LB_OK) return status;
    *out = mlp_precision(m);
    mlp_free(m);
    return LB_OK;
}

static void files_say_what_precision_they_were_trained_in(void **state) {
    (void)state;
    char path[300];
    dense_precision p;
    snprintf(path, sizeof path, "%s/small", test_folder());
    assert_ok(load_small(path, "f32", &p));
    assert_int_equal(p, DENSE_F32);
    assert_ok(load_small(path, "bf16", &p));
    assert_int_equal(p, DENSE_BF16);
    assert_ok(load_small(path, NULL, &p)); // of an earlier version
    assert_int_equal(p, DENSE_AUTO);
    assert_error(load_small(path, "f8", &p), LB_E_FORMAT, "n.precision is \"f8\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(features_are_scaled_to_their_range),
        cmocka_unit_test(many_products_take_fewer_passes),
        cmocka_unit_test(both_learn),
        cmocka_unit_test(the_decoder_stays_and_targets_pull),
        cmocka_unit_test(each_product_is_read_once_a_pass_and_near_ones_together),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(files_give_the_same_network),
        cmocka_unit_test(files_say_what_precision_they_were_trained_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
