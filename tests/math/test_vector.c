/* Every path's kernels against plain loops, on lengths 0 to 67 and every alignment of float. */
#include "support.h"

#include <math.h>

#include "core/random.h"
#include "math/vector.h"

enum { MAX_LENGTH = 67, ROOM = 160 };

typedef struct arrays {
    float a[ROOM], b[ROOM], c[ROOM], d[ROOM];
    double e[ROOM], f[ROOM];
} arrays;

static void fill(arrays *x, uint64_t seed) {
    random_stream r = random_open(seed, "test", 0);
    for (size_t i = 0; i < ROOM; i++) {
        x->a[i] = (float)random_normal(&r);
        x->b[i] = (float)random_normal(&r);
        x->c[i] = (float)random_normal(&r);
        x->d[i] = (float)random_normal(&r);
        x->e[i] = random_normal(&r);
        x->f[i] = random_normal(&r);
    }
}

static void for_each_path(void (*check)(const math_kernels *t, size_t n)) {
    for (size_t p = 0; math_path(p); p++)
        for (size_t n = 0; n <= MAX_LENGTH; n++) check(math_path(p), n);
}

static void check_sums(const math_kernels *t, size_t n) {
    arrays x;
    fill(&x, n);
    double product = 0, distance = 0, total = 0, wide = 0;
    for (size_t i = 0; i < n; i++) {
        product += (double)x.a[i] * (double)x.b[i];
        distance += pow((double)x.a[i] - (double)x.b[i], 2);
        total += (double)x.a[i];
        wide += x.e[i] * x.f[i];
    }
    assert_true(fabs((double)t->dot(x.a, x.b, n) - product) < 1e-5 * (1 + (double)n));
    assert_true(fabs((double)t->squared_distance(x.a, x.b, n) - distance) < 1e-5 * (1 + distance));
    assert_true(fabs(t->dot_wide(x.a, x.b, n) - product) < 1e-12);
    assert_true(fabs(t->dot_f64(x.e, x.f, n) - wide) < 1e-12);
    assert_true(fabs(t->sum(x.a, n) - total) < 1e-12);
}

static void sums_match_plain_loops(void **state) {
    (void)state;
    for_each_path(check_sums);
}

static void near(float got, double expected) {
    if (!(fabs((double)got - expected) < 2e-6 * (1 + fabs(expected))))
        fail_msg("%.9g is not %.9g", (double)got, expected);
}

static void check_updates(const math_kernels *t, size_t n) {
    arrays x, y;
    fill(&x, n + 100);
    y = x;
    t->axpy(y.a, 0.7f, y.b, n);
    t->scale(y.c, -1.5f, n);
    t->add(y.d, y.b, n);
    t->axpy_f64(y.e, 0.7, y.f, n);
    for (size_t i = 0; i < ROOM; i++) {
        int in = i < n; // what lies behind must be untouched
        near(y.a[i], (double)x.a[i] + (in ? 0.7 * (double)x.b[i] : 0));
        near(y.c[i], (double)x.c[i] * (in ? -1.5 : 1));
        near(y.d[i], (double)x.d[i] + (in ? (double)x.b[i] : 0));
        assert_true(fabs(y.e[i] - x.e[i] - (in ? 0.7 * x.f[i] : 0)) < 1e-14);
    }
    y = x;
    t->rotate_f64(y.e, y.f, 0.6, 0.8, n);
    for (size_t i = 0; i < n; i++) {
        assert_true(fabs(y.e[i] - (0.6 * x.e[i] - 0.8 * x.f[i])) < 1e-14);
        assert_true(fabs(y.f[i] - (0.8 * x.e[i] + 0.6 * x.f[i])) < 1e-14);
    }
}

static void updates_match_plain_loops(void **state) {
    (void)state;
    for_each_path(check_updates);
}

static void check_sgns(const math_kernels *t, size_t n) {
    arrays x, y;
    fill(&x, n + 200);
    for (int pulled = 0; pulled < 2; pulled++) {
        y = x;
        t->sgns_update(y.a, y.b, y.c, pulled ? y.d : NULL, 0.3f, 0.01f, n);
        for (size_t i = 0; i < n; i++) {
            double old = (double)x.a[i], target = pulled ? (double)x.d[i] : 0;
            near(y.b[i], (double)x.b[i] + (double)0.3f * old);
            near(y.a[i], old + (double)0.3f * (double)x.c[i] - (double)0.01f * (old - target));
        }
        assert_memory_equal(y.a + n, x.a + n, (ROOM - n) * sizeof(float));
        assert_memory_equal(y.b + n, x.b + n, (ROOM - n) * sizeof(float));
    }
}

/* Three contexts, one of them twice, against the update above, one by one. */
static void check_contexts(const math_kernels *t, size_t n) {
    enum { CONTEXTS = 4 };
    static const uint32_t rows[CONTEXTS] = {4, 2, 3, 2};
    float *x = calloc(5 * n + 1, sizeof *x), *plain = calloc(5 * n + 1, sizeof *x);
    float bias[3] = {0.1f, -0.2f, 0.3f}, plain_bias[3] = {0.1f, -0.2f, 0.3f};
    for (int biased = 0; biased < 2; biased++) {
        arrays a, b;
        fill(&a, n + 300);
        b = a;
        for (size_t i = 0; i < 5 * n; i++) plain[i] = x[i] = a.d[i % (ROOM - 1)] * (float)(i % 3);
        const math_sgns c = {.x = x,
                             .first = biased ? 2 : 0,
                             .bias = biased ? bias : NULL,
                             .prior = biased ? x : NULL, // rows before the contexts
                             .rate = 0.3f,
                             .decay = 0.01f,
                             .dim = n};
        t->sgns_contexts(&c, a.c, a.b, rows, CONTEXTS);
        for (size_t k = 0; k < CONTEXTS; k++) {
            float *q = plain + rows[k] * n, *own = &plain_bias[rows[k] - 2];
            double z = (double)t->dot(a.c, q, n) + (biased ? (double)*own : 0);
            float e = 0.3f * (float)((k == 0) - 1 / (1 + exp(-z)));
            t->sgns_update(q, b.b, b.c, biased ? plain + (rows[k] - 2) * n : NULL, e, 0.01f, n);
            if (biased) *own += e;
        }
        for (size_t i = 0; i < 5 * n; i++) near(x[i], (double)plain[i]);
        for (size_t i = 0; i < n; i++) near(a.b[i], (double)b.b[i]);
        for (int i = 0; i < 3; i++) near(bias[i], (double)plain_bias[i]);
    }
    free(x);
    free(plain);
}

static void skip_gram_updates_match_plain_loops(void **state) {
    (void)state;
    for_each_path(check_sgns);
    for_each_path(check_contexts);
}

/* A tile of a product in double, from packed panels of depth n. */
static void check_tile(const math_kernels *t, size_t n) {
    size_t rows = t->tile_rows, columns = t->tile_columns, ldc = columns + 3;
    assert_true(rows <= MATH_TILE_ROWS_MAX && columns <= MATH_TILE_COLUMNS_MAX);
    static double a[MAX_LENGTH * MATH_TILE_ROWS_MAX], b[MAX_LENGTH * MATH_TILE_COLUMNS_MAX];
    double c[MATH_TILE_ROWS_MAX * (MATH_TILE_COLUMNS_MAX + 3)] = {0};
    random_stream r = random_open(n, "test", 1);
    for (size_t i = 0; i < n * rows; i++) a[i] = random_normal(&r);
    for (size_t i = 0; i < n * columns; i++) b[i] = random_normal(&r);
    c[0] = 5;
    t->gemm_tile(n, a, b, -0.5, c, ldc);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < ldc; j++) {
            double expected = i + j == 0 ? 5 : 0;
            for (size_t p = 0; p < n && j < columns; p++)
                expected -= 0.5 * a[p * rows + i] * b[p * columns + j];
            assert_true(fabs(c[i * ldc + j] - expected) < 1e-12);
        }
}

static void tiles_match_plain_loops(void **state) {
    (void)state;
    for_each_path(check_tile);
}

static void check_adam(const math_kernels *t, size_t n) {
    arrays x, y;
    fill(&x, n + 400);
    for (size_t i = 0; i < ROOM; i++) x.d[i] = x.d[i] * x.d[i]; // a second moment
    y = x;
    const math_adam step = {0.9f, 0.999f, 1e-2f, 2.0f, 1e-8f};
    t->adam(y.a, x.b, y.c, y.d, n, &step);
    for (size_t i = 0; i < ROOM; i++) {
        double g = (double)x.b[i], first = (double)x.c[i], second = (double)x.d[i], move = 0;
        if (i < n) {
            first = (double)0.9f * first + (1 - (double)0.9f) * g;
            second = (double)0.999f * second + (1 - (double)0.999f) * g * g;
            move = 1e-2 * first / (2 * sqrt(second) + 1e-8);
        }
        near(y.c[i], first);
        near(y.d[i], second);
        assert_true(fabs((double)y.a[i] - ((double)x.a[i] - move)) <
                    1e-6 * (1 + fabs((double)x.a[i]) + 10 * fabs(move)));
    }
}

static void adam_matches_a_plain_loop(void **state) {
    (void)state;
    for_each_path(check_adam);
}

/* Copies of the same numbers at 16 alignments must give the same bits. */
static void check_alignment(const math_kernels *t, size_t n) {
    arrays x;
    fill(&x, n + 300);
    float expected = t->dot(x.a, x.b, n), distance = t->squared_distance(x.a, x.b, n);
    double wide = t->dot_wide(x.a, x.b, n);
    float q[ROOM], g[ROOM];
    memcpy(q, x.a, sizeof q);
    memcpy(g, x.b, sizeof g);
    t->sgns_update(q, g, x.c, x.d, 0.3f, 0.01f, n);
    for (size_t shift = 0; shift < 16; shift++) {
        float a[ROOM], b[ROOM], moved_q[ROOM], moved_g[ROOM];
        memcpy(a + shift, x.a, n * sizeof *a);
        memcpy(b + shift / 2, x.b, n * sizeof *b);
        float dot = t->dot(a + shift, b + shift / 2, n);
        float again = t->squared_distance(a + shift, b + shift / 2, n);
        double wide_again = t->dot_wide(a + shift, b + shift / 2, n);
        assert_memory_equal(&dot, &expected, sizeof dot);
        assert_memory_equal(&again, &distance, sizeof again);
        assert_memory_equal(&wide_again, &wide, sizeof wide);
        memcpy(moved_q + shift, x.a, n * sizeof *a);
        memcpy(moved_g + shift, x.b, n * sizeof *a);
        t->sgns_update(moved_q + shift, moved_g + shift, x.c, x.d, 0.3f, 0.01f, n);
        assert_memory_equal(moved_q + shift, q, n * sizeof *q);
        assert_memory_equal(moved_g + shift, g, n * sizeof *g);
    }
}

static void alignment_changes_no_bit(void **state) {
    (void)state;
    for_each_path(check_alignment);
}

/* All 65,536 halves go to float and back; NaNs stay NaNs. */
static void halves_survive_the_round_trip(void **state) {
    (void)state;
    static uint16_t half[65536], back[65536];
    static float wide[65536];
    for (size_t i = 0; i < 65536; i++) half[i] = (uint16_t)i;
    for (size_t p = 0; math_path(p); p++) {
        // An odd length takes the rest through the scalar code as well.
        for (size_t n = 65536; n > 65536 - 9; n--) {
            math_path(p)->f16_to_f32(wide, half + 65536 - n, n);
            math_path(p)->f32_to_f16(back, wide, n);
            for (size_t i = 0; i < n; i++)
                if (!isnan(wide[i]))
                    assert_int_equal(back[i], half[65536 - n + i]);
                else
                    assert_true((back[i] & 0x7c00) == 0x7c00 && (back[i] & 0x3ff));
        }
    }
    uint16_t one = 0x3c00, smallest = 1, most = 0x7bff;
    float value;
    vec_f16_to_f32(&value, &one, 1);
    assert_true(value == 1.0f);
    vec_f16_to_f32(&value, &smallest, 1);
    assert_true(value == 0x1p-24f);
    vec_f16_to_f32(&value, &most, 1);
    assert_true(value == 65504.0f);
}

/* The paths agree on rounding, the hardware's being the reference where there is one. */
static void paths_round_halves_alike(void **state) {
    (void)state;
    enum { N = 4096 };
    static float in[N];
    random_stream r = random_open(1, "test", 9);
    for (size_t i = 0; i < N; i++)
        in[i] = ldexpf((float)random_normal(&r), (int)random_below(&r, 48) - 28);
    in[0] = 65519.996f;
    in[1] = 65520.0f;
    in[2] = INFINITY;
    in[3] = -0.0f;
    in[4] = 0x1.002p0f; // a tie
    in[5] = 0x1.006p0f;
    in[6] = 0x1p-25f;
    in[7] = 0x1.8p-24f;
    static uint16_t first[N], other[N];
    math_path(0)->f32_to_f16(first, in, N);
    for (size_t p = 1; math_path(p); p++) {
        math_path(p)->f32_to_f16(other, in, N);
        assert_memory_equal(first, other, sizeof first);
    }
    assert_int_equal(first[0], 0x7bff);
    assert_int_equal(first[1], 0x7c00);
    assert_int_equal(first[4], 0x3c00);
    assert_int_equal(first[5], 0x3c02);
    assert_int_equal(first[6], 0);
    assert_int_equal(first[7], 2);
}

static void bfloats_round_to_nearest_even(void **state) {
    (void)state;
    float in[5] = {1.0f, 0x1.01p0f, 0x1.03p0f, NAN, -INFINITY}, back[5];
    uint16_t out[5];
    for (size_t p = 0; math_path(p); p++) {
        math_path(p)->f32_to_bf16(out, in, 5);
        math_path(p)->bf16_to_f32(back, out, 5);
        assert_true(back[0] == 1.0f && back[1] == 1.0f && back[2] == 0x1.04p0f);
        assert_true(isnan(back[3]) && back[4] == -INFINITY);
    }
}

static void paths_are_selected_by_name(void **state) {
    (void)state;
    assert_error(lb_isa_select("mmx"), LB_E_ARGUMENT, "no instruction set");
#if defined(__x86_64__)
    assert_error(lb_isa_select("neon"), LB_E_UNSUPPORTED, "neon");
#endif
    assert_non_null(math_find(lb_isa_name()));
    assert_string_equal(lb_isa_name(), math_find("auto")->name);
    assert_ok(lb_isa_select("scalar"));
    assert_string_equal(lb_isa_name(), "scalar");
    assert_ok(lb_isa_select("scalar"));
    if (math_find("avx2")) // oneDNN cannot follow any more
        assert_error(lb_isa_select("avx2"), LB_E_UNSUPPORTED, "before anything else");
    assert_string_equal(lb_isa_name(), "scalar");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_match_plain_loops),
        cmocka_unit_test(updates_match_plain_loops),
        cmocka_unit_test(skip_gram_updates_match_plain_loops),
        cmocka_unit_test(tiles_match_plain_loops),
        cmocka_unit_test(adam_matches_a_plain_loop),
        cmocka_unit_test(alignment_changes_no_bit),
        cmocka_unit_test(halves_survive_the_round_trip),
        cmocka_unit_test(paths_round_halves_alike),
        cmocka_unit_test(bfloats_round_to_nearest_even),
        cmocka_unit_test(paths_are_selected_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
