/* What bpr, vbpr, ease, ials and content have in common, with the options that nobody set: they
 * learn taste, which is gone when users are exchanged; a history folds in to about its user; and
 * the defaults that follow from the data. */
#include "model/model_shop.h"

#include "eval/eval.h"
#include "model/density.h"
#include "model/evaluation.h"
#include "model/ials.h"
#include "model/pairwise.h"

static const char *const names[] = {"bpr", "vbpr", "ease", "ials", "content"};
enum { REFERENCES = sizeof names / sizeof *names };

static model *fit_named(const shop *s, const char *name) {
    const model_class *class;
    fit_input input = {.split = s->s, .features = &s->f, .n_features = 1, .seed = 3};
    job *j = new_job(2);
    model *m;
    assert_ok(model_class_find(name, &class));
    assert_ok(model_fit(j, class, NULL, 0, &input, &m));
    job_free(j);
    return m;
}

/* ---------------------------------------------------------------- taste */

typedef struct scorer {
    const model *m;
    uint32_t shift; // scores of another user instead
} scorer;

static lb_status score_users(void *context, const uint32_t *users, size_t n, float *scores,
                             unsigned worker) {
    (void)worker;
    const scorer *c = context;
    for (size_t i = 0; i < n; i++) {
        uint32_t user = (users[i] + c->shift) % c->m->common.n_users;
        LB_TRY(model_score(c->m, &user, 1, scores + i * c->m->common.n_products));
    }
    return LB_OK;
}

static double warm_auc(const shop *s, const model *m, uint32_t shift) {
    eval_input in = evaluation_input(s->s, s->s->test, s->s->n_test, NULL, 0);
    double auc[EVAL_KINDS][EVAL_SETS];
    scorer c = {m, shift};
    job *j = new_job(2);
    assert_ok(eval_auc_quick(j, &in, score_users, &c, auc));
    job_free(j);
    return auc[EVAL_WARM][EVAL_OWN];
}

/* Neighbours in the list of users are of other groups. */
static void exchanged_users_leave_popularity(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *pop = fit_named(&s, "pop");
    double popular = warm_auc(&s, pop, 0);
    model_free(pop);
    for (size_t k = 0; k < REFERENCES; k++) {
        model *m = fit_named(&s, names[k]);
        double warm = warm_auc(&s, m, 0), exchanged = warm_auc(&s, m, 1);
        print_message("%s: AUC own %.3f, exchanged %.3f, pop %.3f\n", names[k], warm, exchanged,
                      popular);
        assert_true(warm > popular + 0.04);
        assert_true(exchanged < popular + 0.06);
        model_free(m);
    }
    shop_close(&s);
}

/* ---------------------------------------------------------------- fold-in */

static double correlation(const double *x, const double *y, size_t n) {
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) mx += x[i] / (double)n, my += y[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xy / sqrt(xx * yy);
}

/* Of the scores of warm products for a user as trained, and for a stranger with that history. */
static double agreement(const model *m, const split *s, uint32_t user) {
    model_part part[MODEL_MAX_PARTS];
    float *trained[MODEL_MAX_PARTS], *folded[MODEL_MAX_PARTS];
    size_t n_parts = m->class->parts(m->state, part);
    for (size_t i = 0; i < n_parts; i++) {
        trained[i] = calloc(part[i].dim, sizeof(float));
        folded[i] = calloc(part[i].dim, sizeof(float));
    }
    uint32_t first = s->user_start[user], n = s->user_start[user + 1] - first;
    taste stranger = {.user = -1, .liked = s->product + first, .n_liked = n};
    assert_ok(m->class->query_user(m->state, &m->common, user, trained));
    assert_ok(m->class->fold_in(m->state, &m->common, &stranger, folded));
    double *x = calloc(part[0].n, sizeof *x), *y = calloc(part[0].n, sizeof *y);
    for (size_t p = 0; p < part[0].n; p++)
        for (size_t d = 0; d < part[0].dim; d++) {
            double v = (double)part[0].vector[p * part[0].dim + d];
            x[p] += v * (double)trained[0][d];
            y[p] += v * (double)folded[0][d];
        }
    double r = correlation(x, y, part[0].n);
    for (size_t i = 0; i < n_parts; i++) {
        free(trained[i]);
        free(folded[i]);
    }
    free(x);
    free(y);
    return r;
}

static void a_history_folds_in_to_about_its_user(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    for (size_t k = 0; k < REFERENCES; k++) {
        model *m = fit_named(&s, names[k]);
        double sum = 0;
        for (uint32_t u = 0; u < s.s->n_users; u++) sum += agreement(m, s.s, u);
        sum /= s.s->n_users;
        print_message("%s: correlation %.4f\n", names[k], sum);
        assert_true(sum > (k < 2 ? 0.75 : 0.9999)); // exact but for the rankings' random triples
        model_free(m);
    }
    shop_close(&s);
}

/* ---------------------------------------------------------------- defaults */

static void defaults_follow_from_the_data(void **state) {
    (void)state;
    uint32_t start[] = {0, 3, 4, 4}, product[] = {0, 1, 2, 1}, degree[] = {1, 2, 1, 0};
    split s = {.n_users = 3,
               .n_products = 4,
               .n_train = 4,
               .user_start = start,
               .product = product,
               .degree = degree};
    density d = density_of(&s);
    assert_true(d.n_users == 2 && d.n_products == 3 && d.n_train == 4);
    assert_true(fabs(d.per_user - 10.0 / 4) < 1e-12 && fabs(d.per_product - 6.0 / 4) < 1e-12);
    assert_true(fabs(d.edge - sqrt(2.5) - sqrt(1.5)) < 1e-12);
    assert_true(fabs(d.normalised_edge - 1 / sqrt(2.5) - 1 / sqrt(1.5)) < 1e-12);

    pairwise_options p = {.rate = 0, .last_rate = -1, .l2 = -1, .l2_visual = -1};
    pairwise_options plain = pairwise_settle(&p, &s, 0), visual = pairwise_settle(&p, &s, 1);
    assert_true(plain.rate == 0.4 && visual.rate == 0.1); // few interactions: the fastest
    assert_true(fabs(plain.last_rate - 0.02) < 1e-12);
    assert_true(fabs(plain.l2 - 0.07 * d.normalised_edge) < 1e-12);
    assert_true(fabs(visual.l2_visual - 0.5 * visual.l2) < 1e-12);
    p = (pairwise_options){.rate = 0.3, .last_rate = 0, .l2 = 0, .l2_visual = 0};
    plain = pairwise_settle(&p, &s, 0);
    assert_true(plain.rate == 0.3 && plain.last_rate == 0 && plain.l2 == 0);
    assert_true(plain.l2_visual == 0);

    ials_options i = {.power = 1}, settled = ials_settle(&i, &s);
    double share = 0.8 * pow(2, -0.15), a = 0.4;
    assert_true(settled.alpha == a); // of 6 cells 4 are observed
    assert_true(fabs(settled.l2 * sqrt((2.5 + a * 3) * (1.5 + a * 2)) - share * d.edge) < 1e-12);
    i = (ials_options){.alpha = 0.2, .l2 = 0.3, .power = 1};
    settled = ials_settle(&i, &s);
    assert_true(settled.alpha == 0.2 && settled.l2 == 0.3);

    uint32_t none[4] = {0};
    s = (split){.n_users = 3, .n_products = 4, .user_start = none, .degree = none};
    assert_true(density_of(&s).n_train == 0 && density_of(&s).edge == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exchanged_users_leave_popularity),
        cmocka_unit_test(a_history_folds_in_to_about_its_user),
        cmocka_unit_test(defaults_follow_from_the_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
