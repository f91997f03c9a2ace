#include "bench/machine.h"

#include <stdatomic.h>

#include "bench/clock.h"
#include "core/memory.h"
#include "core/random.h"
#include "math/dense_products.h"
#include "math/gemm.h"
#include "math/vector.h"

enum { TRIES = 4, SIDE = 2048, ARRAY = 1 << 27, PIECE = 1 << 16 };

/* Small values of both signs. */
static void fill(float *x, size_t n, uint64_t seed) {
    random_stream r = random_open(seed, "machine", 0);
    for (size_t i = 0; i < n; i++) x[i] = random_unit_f32(&r) - 0.5f;
}

static void keep_best(double work, double start, double *best) {
    double rate = work / (clock_now() - start);
    if (rate > *best) *best = rate;
}

/* ---------------------------------------------------------------- products */

static const double PRODUCT = 2.0 * SIDE * SIDE * SIDE; // operations

static lb_status measure_f32(job *j, const float *a, const float *b, float *c, double *rate) {
    for (int i = 0; i < TRIES; i++) {
        double start = clock_now();
        LB_TRY(
            matrix_multiply_parallel(j, 0, 1, SIDE, SIDE, SIDE, 1, a, SIDE, b, SIDE, 0, c, SIDE));
        keep_best(PRODUCT, start, rate);
    }
    return LB_OK;
}

typedef struct layer_work {
    dense_products *products;
    const float *x;
    float *y;
} layer_work;

static lb_status multiply_shard(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const layer_work *w = context;
    return dense_products_forward(w->products, 0, begin, end - begin, w->x + begin * SIDE,
                                  w->y + begin * SIDE);
}

static lb_status multiply_tile(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const layer_work *w = context;
    return dense_products_gradient(w->products, 0, SIDE, begin, end - begin, w->x,
                                   w->y + begin * SIDE);
}

/* The better of a layer's output and its gradient: both are products of large matrices. */
static lb_status measure_bf16(job *j, float *a, float *b, float *c, double *rate) {
    const size_t sizes[] = {SIDE, SIDE};
    layer_work w = {.x = a, .y = c};
    const mlp_layer layer = {.in = SIDE, .out = SIDE, .w = b};
    lb_status status = dense_has_bf16() ? dense_products_new(1, sizes, &w.products) : LB_OK;
    if (status == LB_E_UNSUPPORTED || !w.products) return LB_OK;
    LB_TRY_CLEANUP(status);
    LB_TRY_CLEANUP(dense_products_prepare(w.products, j, &layer, SIDE));
    for (int i = 0; i < TRIES; i++) {
        double start = clock_now();
        LB_TRY_CLEANUP(math_run_range(j, SIDE, MLP_SHARD_ROWS, multiply_shard, &w));
        keep_best(PRODUCT, start, rate);
        start = clock_now();
        LB_TRY_CLEANUP(math_run_range(j, SIDE, DENSE_TILE_ROWS, multiply_tile, &w));
        keep_best(PRODUCT, start, rate);
    }
cleanup:
    dense_products_free(w.products);
    return status;
}

static lb_status measure_products(job *j, machine_peak *out) {
    size_t n = (size_t)SIDE * SIDE;
    float *a = NULL, *b = NULL, *c = NULL;
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(a, n));
    LB_TRY_CLEANUP(NEW_ARRAY(b, n));
    LB_TRY_CLEANUP(NEW_ARRAY(c, n));
    fill(a, n, 1);
    fill(b, n, 2);
    LB_TRY_CLEANUP(measure_f32(j, a, b, c, &out->f32));
    status = measure_bf16(j, a, b, c, &out->bf16);
cleanup:
    free(a);
    free(b);
    free(c);
    return status;
}

/* ---------------------------------------------------------------- memory */

typedef struct stream {
    float *x;           // (ARRAY)
    atomic_int nothing; // so that the reading is not left out
} stream;

static lb_status read_piece(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    stream *s = context;
    if (vec_dot(s->x + begin, s->x + begin, end - begin) < 0) atomic_store(&s->nothing, 1);
    return LB_OK;
}

/* The first third of the array from the two others. */
static lb_status triad_piece(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    stream *s = context;
    float *restrict a = s->x + begin;
    const float *restrict b = s->x + ARRAY / 3 + begin, *restrict c = s->x + 2 * (ARRAY / 3) +
                                                                      begin;
    for (size_t i = 0; i < end - begin; i++) a[i] = b[i] + 0.5f * c[i];
    return LB_OK;
}

static lb_status measure_memory(job *j, machine_peak *out) {
    stream s = {0};
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(s.x, ARRAY));
    for (size_t i = 0; i < ARRAY; i++) s.x[i] = 1;
    for (int i = 0; i < TRIES; i++) {
        double start = clock_now();
        LB_TRY_CLEANUP(job_run_range(j, ARRAY, PIECE, read_piece, &s));
        keep_best(ARRAY * sizeof *s.x, start, &out->read);
        start = clock_now();
        LB_TRY_CLEANUP(job_run_range(j, ARRAY / 3, PIECE, triad_piece, &s));
        keep_best(ARRAY * sizeof *s.x, start, &out->triad);
    }
cleanup:
    free(s.x);
    return status;
}

lb_status machine_measure(job *j, machine_peak *out) {
    machine_peak peak = {0};
    LB_TRY(measure_products(j, &peak));
    LB_TRY(measure_memory(j, &peak));
    *out = peak;
    return LB_OK;
}
