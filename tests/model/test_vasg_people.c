/* Where people stand in `vasg`: the prior of people, trained users and fold-in. */
#include "model/vasg_shop.h"

#include "model/tensors.h"
#include "model/user_prior.h"

enum { MOST_WIDTH = 256 };

static double dot(const float *a, const float *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

/* ---------------------------------------------------------------- the prior */

enum { DIM = 5 };

/* A split in which user u has u % 3 products. */
static split with_histories(uint32_t *start, uint32_t n_users) {
    for (uint32_t u = 0; u < n_users; u++) start[u + 1] = start[u] + u % 3;
    return (split){.n_users = n_users, .user_start = start};
}

static void check_prior(uint32_t n_users, double variance) {
    enum { MOST = 3000 };
    static float x[MOST * DIM];
    static uint32_t start[MOST + 1];
    split s = with_histories(start, n_users);
    double mean[DIM] = {0}, covariance[DIM][DIM] = {{0}}, n = 0;
    user_prior p;
    random_stream r = random_open(1, "test", 0);
    for (size_t i = 0; i < (size_t)n_users * DIM; i++)
        x[i] = (float)(random_normal(&r) * (double)(1 + i % DIM) + (i % DIM == 1 ? 3 : 0));
    for (size_t u = 0; u < n_users; u++)
        for (size_t d = 0; u % 3 && d < DIM; d++) {
            n += d == 0;
            mean[d] += (double)x[u * DIM + d];
        }
    for (int d = 0; d < DIM; d++) mean[d] /= n;
    for (size_t u = 0; u < n_users; u++)
        for (size_t i = 0; u % 3 && i < DIM * DIM; i++)
            covariance[i / DIM][i % DIM] += ((double)x[u * DIM + i / DIM] - mean[i / DIM]) *
                                            ((double)x[u * DIM + i % DIM] - mean[i % DIM]);
    job *j = new_job(2);
    assert_ok(user_prior_fit(j, &s, x, DIM, variance, &p));
    for (int a = 0; a < DIM; a++) {
        assert_true(fabs((double)p.mean[a] - mean[a]) < 1e-4);
        for (int b = 0; b < DIM; b++) { // precision times S is the identity
            double sum = 0;
            for (int k = 0; k < DIM; k++) {
                double spread = covariance[k][b] + (k == b ? DIM * variance : 0);
                sum += (double)p.precision[a * DIM + k] * 4 * spread / (n + DIM);
            }
            assert_true(fabs(sum - (a == b)) < 1e-3);
        }
    }
    user_prior_free(&p);
    job_free(j);
}

static void the_prior_is_that_of_the_trained_users(void **state) {
    (void)state;
    check_prior(3000, 0.5);
    check_prior(11, 2);
}

/* One user says nothing of how people differ. */
static void one_user_leaves_room_in_all_directions(void **state) {
    (void)state;
    uint32_t start[] = {0, 4};
    split s = {.n_users = 1, .user_start = start};
    float x[DIM] = {1, -2, 3, 0, 5};
    user_prior p;
    job *j = new_job(1);
    assert_ok(user_prior_fit(j, &s, x, DIM, 0.5, &p));
    for (int i = 0; i < DIM * DIM; i++) {
        double expected = i % (DIM + 1) == 0 ? (1 + DIM) / (4 * DIM * 0.5) : 0;
        assert_true(fabs((double)p.precision[i] - expected) < 1e-6);
        assert_true(p.mean[i % DIM] == x[i % DIM]);
    }
    user_prior_free(&p);
    job_free(j);
}

/* ---------------------------------------------------------------- fold-in */

typedef struct query_pair {
    float warm[MOST_WIDTH], cold[MOST_WIDTH];
} query_pair;

static query_pair fold_in(const model *m, int64_t user, const uint32_t *liked, size_t n_liked,
                          const uint32_t *disliked, size_t n_disliked) {
    query_pair q = {{0}, {0}};
    taste who = {user, liked, disliked, n_liked, n_disliked, NULL};
    assert_true(vasg_warm_width(m->state) <= MOST_WIDTH && vasg_cold_width(m->state) <= MOST_WIDTH);
    assert_ok(vasg_class.fold_in(m->state, &m->common, &who, (float *const[]){q.warm, q.cold}));
    return q;
}

static double warm_score(const model *m, const query_pair *q, uint32_t i) {
    const vasg_model *v = m->state;
    size_t width = vasg_warm_width(v);
    return dot(q->warm, v->warm_vector + i * width, width);
}

/* How far a product stands out: its score over the mean one's. */
static double standing(const model *m, const query_pair *q, uint32_t i) {
    const vasg_model *v = m->state;
    return warm_score(m, q, i) - dot(q->warm, v->mean_warm, vasg_warm_width(v));
}

static void fold_in_follows_likes_and_dislikes(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = fit_shop(&s, NULL);
    const vasg_model *v = m->state;
    uint32_t some[] = {v->warm[0], v->warm[1], v->warm[2]}, turned[] = {some[2], some[1], some[0]};
    query_pair nobody = fold_in(m, -1, NULL, 0, NULL, 0), a = fold_in(m, -1, some, 3, NULL, 0);
    query_pair b = fold_in(m, -1, turned, 3, NULL, 0);
    for (uint32_t i = 0; i < 3; i++) {
        query_pair likes = fold_in(m, -1, &some[i], 1, NULL, 0);
        query_pair dislikes = fold_in(m, -1, NULL, 0, &some[i], 1);
        assert_true(standing(m, &likes, i) > standing(m, &nobody, i));
        assert_true(warm_score(m, &dislikes, i) < warm_score(m, &nobody, i));
    }
    for (int d = 0; d < 64; d++) assert_true(fabsf(a.warm[d] - b.warm[d]) < 1e-4f);
    for (uint32_t i = 0; i < v->n_warm; i++) // nothing is known: popularity alone
        assert_true(fabs(warm_score(m, &nobody, i) - (double)v->bias[v->warm[i]]) < 1e-5);
    query_pair trained = fold_in(m, 5, NULL, 0, NULL, 0), same;
    assert_ok(vasg_class.query_user(v, &m->common, 5, (float *const[]){same.warm, same.cold}));
    for (size_t d = 0; d < vasg_warm_width(v); d++)
        assert_true(fabsf(trained.warm[d] - same.warm[d]) < 1e-5f);
    for (size_t d = 0; d < vasg_cold_width(v); d++)
        assert_true(fabsf(trained.cold[d] - same.cold[d]) < 1e-4f);
    model_free(m);
    shop_close(&s);
}

/* The loss of somebody at x who likes `liked`, from its words: 20 negatives of a product, drawn by
 * it in either direction, weigh as much as training's 5. */
static double naive_loss(const model *m, const uint32_t *liked, size_t n, const double *x) {
    const vasg_model *v = m->state;
    const model_common *c = &m->common;
    double loss = 0;
    for (size_t a = 0; a < v->dim; a++)
        for (size_t b = 0; b < v->dim; b++)
            loss += 0.5 * (x[a] - (double)v->people.mean[a]) *
                    (double)v->people.precision[a * v->dim + b] *
                    (x[b] - (double)v->people.mean[b]);
    for (size_t i = 0; i < n; i++)
        for (int biased = 0; biased <= 1; biased++) {
            random_stream r = random_open(c->seed, biased ? "fold-in" : "fold-in back", liked[i]);
            for (int k = -1; k < 20; k++) {
                uint32_t p = liked[i];
                if (k >= 0)
                    p = biased ? v->warm[random_below(&r, v->n_warm)]
                               : c->product[random_below(&r, c->user_start[c->n_users])];
                if (k >= 0 && rows_hold(liked, n, p)) continue;
                double z = biased ? (double)v->bias[p] : 0;
                for (size_t d = 0; d < v->dim; d++)
                    z += x[d] * (double)v->x[(v->n_users + p) * v->dim + d];
                loss += (k < 0 ? 1 : 5.0 / 20) * log1p(exp(k < 0 ? -z : z));
            }
        }
    return loss;
}

static void somebody_stands_where_the_loss_is_least(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = fit_shop(&s, NULL);
    const vasg_model *v = m->state;
    uint32_t some[] = {v->warm[0], v->warm[3], v->warm[4], v->warm[9]};
    query_pair q = fold_in(m, -1, some, 4, NULL, 0);
    double x[MOST_WIDTH];
    for (size_t d = 0; d < v->dim; d++) x[d] = (double)q.warm[d];
    double least = naive_loss(m, some, 4, x);
    for (size_t d = 0; d < v->dim; d++)
        for (int sign = -1; sign <= 1; sign += 2) {
            x[d] += sign * 0.01;
            assert_true(naive_loss(m, some, 4, x) > least);
            x[d] -= sign * 0.01;
        }
    model_free(m);
    shop_close(&s);
}

/* The checkpoint after the last epoch has the vectors that Skip-Gram left. */
static void trained_users_stand_halfway(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    fit_input input = input_of(&s);
    input.checkpoint = in(test_folder(), "checkpoint");
    model *m = fit_threads(&input, NULL, 2);
    const vasg_model *v = m->state;
    const model_common *c = &m->common;
    st_reader *r;
    float *left;
    size_t stride, n_moved = 0;
    assert_ok(st_reader_open(input.checkpoint, &r));
    assert_ok(
        tensor_read_f32(r, "x", (size_t)v->n_users + v->n_products, ST_ANY, &left, NULL, &stride));
    for (uint32_t u = 0; u < v->n_users; u++) {
        size_t begin = c->user_start[u], n = c->user_start[u + 1] - begin;
        if (!n) continue;
        query_pair q = fold_in(m, -1, c->product + begin, n, NULL, 0);
        for (size_t d = 0; d < v->dim; d++) {
            float half = (left[u * stride + d] + q.warm[d]) / 2;
            assert_true(fabsf(v->x[u * v->dim + d] - half) < 1e-3f);
            n_moved += fabsf(v->x[u * v->dim + d] - left[u * stride + d]) > 0.01f;
        }
    }
    assert_true(n_moved > v->n_users);
    free(left);
    st_reader_close(r);
    model_free(m);
    shop_close(&s);
}

/* The longer the history, the less one like more moves somebody. */
static void histories_hold_users_back(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = fit_shop(&s, NULL);
    const vasg_model *v = m->state;
    double moved[2] = {0};
    for (uint32_t u = 0; u < 20; u++) {
        const uint32_t *history = m->common.product + m->common.user_start[u];
        uint32_t liked = v->warm[u % v->n_warm], both[] = {history[0], liked};
        query_pair trained = fold_in(m, u, NULL, 0, NULL, 0);
        query_pair updated = fold_in(m, u, &liked, 1, NULL, 0);
        query_pair fresh = fold_in(m, -1, history, 1, NULL, 0);
        query_pair second = fold_in(m, -1, both, 2, NULL, 0);
        for (size_t d = 0; d < v->dim; d++) {
            moved[0] += fabs((double)(updated.warm[d] - trained.warm[d]));
            moved[1] += fabs((double)(second.warm[d] - fresh.warm[d]));
        }
    }
    assert_true(moved[0] > 0 && moved[0] < moved[1]);
    model_free(m);
    shop_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_prior_is_that_of_the_trained_users),
        cmocka_unit_test(one_user_leaves_room_in_all_directions),
        cmocka_unit_test(fold_in_follows_likes_and_dislikes),
        cmocka_unit_test(somebody_stands_where_the_loss_is_least),
        cmocka_unit_test(trained_users_stand_halfway),
        cmocka_unit_test(histories_hold_users_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
