/* Logistic regression with a prior: the minimum it finds is one, also where little holds it. */
#include "support.h"

#include <math.h>

#include "core/random.h"
#include "model/logistic.h"

enum { TERMS = 40, DIM = 6 };

static double loss(const logistic_terms *t, const float *x0, const float *x) {
    double sum = 0;
    for (size_t d = 0; d < t->dim; d++)
        for (size_t k = 0; k < t->dim; k++)
            sum += 0.5 * (double)(x[d] - x0[d]) * t->precision[d * t->dim + k] *
                   (double)(x[k] - x0[k]);
    for (size_t i = 0; i < t->n; i++) {
        double z = t->offset[i];
        for (size_t d = 0; d < t->dim; d++) z += (double)x[d] * (double)t->vector[i][d];
        sum += t->weight[i] * (log1p(exp(z)) - t->positive[i] * z);
    }
    return sum;
}

static void fill(logistic_terms *t, float *vectors, float length, double pull) {
    random_stream r = random_open(3, "test", 0);
    assert_ok(logistic_new(TERMS, DIM, t));
    for (size_t i = 0; i < TERMS * DIM; i++) vectors[i] = length * (float)random_normal(&r);
    for (size_t i = 0; i < TERMS; i++) {
        double offset = random_normal(&r), weight = 2 * random_unit(&r);
        logistic_add(t, vectors + i * DIM, offset, weight, random_unit(&r) < 0.4);
    }
    for (size_t d = 0; d < DIM; d++)
        for (size_t k = 0; k < DIM; k++)
            t->precision[d * DIM + k] = pull * (d == k ? (double)(d + 1) : -0.1);
}

static void check_minimum(float length, double pull) {
    logistic_terms t;
    float vectors[TERMS * DIM], x0[DIM] = {0.5f, -1, 0, 2, 0, 1}, x[DIM] = {0};
    fill(&t, vectors, length, pull);
    assert_ok(logistic_minimise(&t, x0, x));
    for (size_t d = 0; d < DIM; d++) {
        const float step = 1e-2f / length;
        float ahead[DIM], behind[DIM];
        memcpy(ahead, x, sizeof x);
        memcpy(behind, x, sizeof x);
        ahead[d] += step;
        behind[d] -= step;
        double slope = (loss(&t, x0, ahead) - loss(&t, x0, behind)) / (2 * (double)step);
        assert_true(fabs(slope) < 1e-3 * (double)length);
        assert_true(loss(&t, x0, ahead) > loss(&t, x0, x));
    }
    logistic_free(&t);
}

static void the_gradient_vanishes_at_the_minimum(void **state) {
    (void)state;
    check_minimum(1, 0.7);
}

/* Far from the minimum the loss is nearly straight, and a whole Newton step goes much too far: it
 * would swing between the prior and the other side. */
static void long_vectors_do_not_overshoot(void **state) {
    (void)state;
    logistic_terms t;
    float vector[DIM] = {4}, x0[DIM] = {-8, 1}, x[DIM];
    memcpy(x, x0, sizeof x);
    assert_ok(logistic_new(1, DIM, &t));
    logistic_add(&t, vector, 0, 1, 1);
    for (size_t d = 0; d < DIM; d++) logistic_pull(&t, d, 0.1);
    assert_ok(logistic_minimise(&t, x0, x));
    double z = 4 * (double)x[0], slope = 0.1 * (double)(x[0] - x0[0]) - 4 / (1 + exp(z));
    assert_true(fabs(slope) < 1e-4);
    assert_true(x[1] == 1);
    logistic_free(&t);
    check_minimum(12, 0.1);
}

/* Against the second differences of the terms' loss. */
static void the_information_is_the_curvature(void **state) {
    (void)state;
    logistic_terms t;
    float vectors[TERMS * DIM], x0[DIM] = {0}, x[DIM] = {0.1f, -0.2f, 0.3f, 0, 0.1f, 0.2f};
    double information[DIM * DIM] = {0};
    const float h = 0.03f;
    fill(&t, vectors, 1, 0);
    assert_ok(logistic_add_information(&t, x, information));
    for (size_t a = 0; a < DIM; a++)
        for (size_t b = 0; b < DIM; b++) {
            double sum = 0;
            for (int corner = 0; corner < 4; corner++) {
                float at[DIM];
                memcpy(at, x, sizeof x);
                at[a] += corner & 1 ? h : -h;
                at[b] += corner & 2 ? h : -h;
                sum += (corner == 0 || corner == 3 ? 1 : -1) * loss(&t, x0, at);
            }
            double expected = sum / (4 * (double)h * (double)h);
            assert_true(fabs(information[a * DIM + b] - expected) < 0.02 * (1 + fabs(expected)));
        }
    logistic_free(&t);
}

static void without_terms_it_stays_at_the_prior(void **state) {
    (void)state;
    logistic_terms t;
    float x0[DIM] = {1, 2, 3, 4, 5, 6}, x[DIM] = {0};
    assert_ok(logistic_new(0, DIM, &t));
    for (size_t d = 0; d < DIM; d++) logistic_pull(&t, d, 1);
    assert_ok(logistic_minimise(&t, x0, x));
    for (size_t d = 0; d < DIM; d++) assert_true(fabsf(x[d] - x0[d]) < 1e-6f);
    logistic_free(&t);
    logistic_free(&t);
}

/* One term that could be satisfied for ever, and no pull of its own: the least pull bounds it. */
static void a_separable_term_does_not_run_away(void **state) {
    (void)state;
    logistic_terms t;
    float vector[DIM] = {1}, x0[DIM] = {0}, x[DIM] = {0};
    assert_ok(logistic_new(1, DIM, &t));
    logistic_add(&t, vector, 0, 1, 1);
    for (size_t d = 0; d < DIM; d++) logistic_pull(&t, d, 0);
    assert_ok(logistic_minimise(&t, x0, x));
    assert_true(x[0] > 3 && x[0] < 10);
    vector[0] = NAN;
    assert_error(logistic_minimise(&t, x0, x), LB_E_NUMERIC, "");
    vector[0] = 1;
    t.precision[DIM + 1] = -1; // not positive definite
    assert_error(logistic_minimise(&t, x0, x), LB_E_NUMERIC, "");
    logistic_free(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gradient_vanishes_at_the_minimum),
        cmocka_unit_test(long_vectors_do_not_overshoot),
        cmocka_unit_test(the_information_is_the_curvature),
        cmocka_unit_test(without_terms_it_stays_at_the_prior),
        cmocka_unit_test(a_separable_term_does_not_run_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
