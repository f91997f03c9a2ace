/* bpr and vbpr: gradients against finite differences, the same bytes on any number of threads, what
 * vbpr is without looks, cold products, files, fold-in, and that they learn taste. */
#include "model/model_shop.h"

#include <time.h>

#include "core/file.h"
#include "eval/eval.h"
#include "model/bpr.h"
#include "model/evaluation.h"
#include "model/vbpr.h"

static const char *const quick[] = {"dim=6", "epochs=12", NULL};
static const char *const quick_visual[] = {"dim=6", "epochs=12", "visual-dim=5", "components=8",
                                           NULL};

static model *fit_class(const shop *s, const model_class *class, const char *const *more,
                        unsigned threads) {
    fit_input in = {.split = s->s, .features = &s->f, .n_features = 1, .seed = 3};
    job *j = new_job(threads);
    model *m;
    assert_ok(fit_settings(j, class, class == &bpr_class ? quick : quick_visual, more, &in, &m));
    job_free(j);
    return m;
}

/* ---------------------------------------------------------------- gradients */

enum { TINY_USERS = 2, TINY_PRODUCTS = 3, TINY_DIM = 3, TINY_VISUAL = 2, TINY_COMPONENTS = 4 };

static const float tiny_feature[TINY_PRODUCTS * TINY_COMPONENTS] = {
    0.3f, -0.2f, 0.5f, 0.1f, -0.4f, 0.7f, 0.2f, -0.3f, 0.6f, 0.1f, -0.1f, 0.4f};
static const pairwise_options tiny_options = {.dim = TINY_DIM,
                                              .visual_dim = TINY_VISUAL,
                                              .l2 = 0.3,
                                              .l2_bias = 0.2,
                                              .l2_visual = 0.4,
                                              .l2_map = 0.1};

static pairwise_table tiny_table(const float *feature) {
    split s = {.n_users = TINY_USERS, .n_products = TINY_PRODUCTS};
    pairwise_table t;
    assert_ok(pairwise_table_new(&s, &tiny_options, feature, TINY_COMPONENTS, 1, &t));
    for (uint32_t p = 0; p < TINY_PRODUCTS; p++) t.bias[p] = 0.1f * (float)p - 0.05f;
    for (uint32_t c = 0; feature && c < TINY_COMPONENTS; c++)
        t.map_bias[c] = 0.2f - 0.1f * (float)c;
    assert_ok(pairwise_place(NULL, &t));
    return t;
}

static double square(const float *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sum;
}

/* ln sigmoid(x_ui - x_uj) minus half the L2 of all that the triple (1, 0, 2) touches; E f made
 * anew, so that it depends on E. */
static double objective(pairwise_table *t, const pairwise_options *o) {
    size_t width = pairwise_width(t), visual = t->visual_dim;
    const float *u = t->user + width, *i = t->product, *j = t->product + 2 * width;
    assert_ok(pairwise_place(NULL, t));
    double z = (double)(t->bias[0] - t->bias[2] + t->look_bias[0] - t->look_bias[2]);
    for (size_t d = 0; d < width; d++) z += (double)u[d] * ((double)i[d] - (double)j[d]);
    double decay = o->l2 * (square(u, t->dim) + square(i, t->dim) + square(j, t->dim)) +
                   o->l2_visual * square(u + t->dim, visual) +
                   o->l2_bias * (square(t->bias, 1) + square(t->bias + 2, 1)) +
                   o->l2_map * (square(t->map, visual * t->n_components) +
                                square(t->map_bias, t->n_components));
    return -log1p(exp(-z)) - decay / 2;
}

static void assert_slope(pairwise_table *t, float *x, double slope, const char *what) {
    const float h = 1e-2f, at = *x;
    *x = at + h;
    double up = objective(t, &tiny_options);
    *x = at - h;
    double down = objective(t, &tiny_options);
    *x = at;
    double expected = (up - down) / (2 * (double)h);
    if (!(fabs(slope - expected) < 2e-4)) fail_msg("%s: %f, not %f", what, slope, expected);
}

/* What the step changed, divided by the rate, against the slope of the objective. */
static void assert_slopes(pairwise_table *t, float *x, const float *stepped, size_t n, double rate,
                          const char *what) {
    for (size_t k = 0; k < n; k++)
        assert_slope(t, x + k, ((double)stepped[k] - (double)x[k]) / rate, what);
}

static void gradients_are_the_objectives(void **state) {
    (void)state;
    const float rate = 1e-2f;
    float vector[TINY_PRODUCTS * TINY_VISUAL] = {0}, bias[TINY_PRODUCTS] = {0};
    float scratch[2 * (TINY_DIM + TINY_VISUAL)], map[TINY_VISUAL * TINY_COMPONENTS];
    float map_bias[TINY_COMPONENTS];
    pairwise_reach reach = {vector, bias};
    pairwise_table t = tiny_table(tiny_feature), after = tiny_table(tiny_feature);
    size_t width = pairwise_width(&t);
    pairwise_step(&after, &tiny_options, rate, 1, 0, 2, &reach, scratch);
    assert_ok(pairwise_map_gradient(NULL, &t, &tiny_options, &reach, 1, map, map_bias));
    const double r = (double)rate;
    assert_slopes(&t, t.user + width, after.user + width, width, r, "g_u, th_u");
    assert_slopes(&t, t.product, after.product, TINY_DIM, r, "g_i");
    assert_slopes(&t, t.product + 2 * width, after.product + 2 * width, TINY_DIM, r, "g_j");
    assert_slopes(&t, t.bias, after.bias, TINY_PRODUCTS, r, "b");
    for (size_t k = 0; k < TINY_VISUAL * TINY_COMPONENTS; k++)
        assert_slope(&t, t.map + k, (double)map[k], "E");
    for (size_t k = 0; k < TINY_COMPONENTS; k++)
        assert_slope(&t, t.map_bias + k, (double)map_bias[k], "b'");
    // nobody else moved
    assert_memory_equal(after.user, t.user, width * sizeof(float));
    assert_memory_equal(after.product + width, t.product + width, width * sizeof(float));
    pairwise_table_free(&t);
    pairwise_table_free(&after);
}

/* ---------------------------------------------------------------- vbpr without looks */

static void without_looks_vbpr_is_bpr(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    pairwise_options o = {.dim = 6,
                          .epochs = 5,
                          .patience = 5,
                          .blocks = 3,
                          .rate = 0.1,
                          .l2 = 0.01,
                          .visual_dim = 5,
                          .visual_rate = 0.01,
                          .l2_visual = 0.01};
    float *zeros = calloc((size_t)PRODUCTS * 4, sizeof *zeros);
    pairwise_table plain, visual;
    job *j = new_job(2);
    assert_true(s.s->n_products <= PRODUCTS);
    assert_ok(pairwise_table_new(s.s, &o, NULL, 0, 3, &plain));
    assert_ok(pairwise_table_new(s.s, &o, zeros, 4, 3, &visual));
    fit_input input = {.split = s.s, .seed = 3};
    assert_ok(pairwise_train(j, "bpr", &input, NULL, &o, &plain));
    assert_ok(pairwise_train(j, "vbpr", &input, NULL, &o, &visual));
    assert_int_equal(pairwise_width(&visual), 11);
    for (size_t u = 0; u < s.s->n_users; u++)
        assert_memory_equal(plain.user + u * 6, visual.user + u * 11, 6 * sizeof(float));
    for (size_t p = 0; p < s.s->n_products; p++)
        assert_memory_equal(plain.product + p * 6, visual.product + p * 11, 6 * sizeof(float));
    assert_memory_equal(plain.bias, visual.bias, s.s->n_products * sizeof(float));
    pairwise_table_free(&plain);
    pairwise_table_free(&visual);
    job_free(j);
    free(zeros);
    shop_close(&s);
}

/* The same, with a feature that is the same for all products, down to the scores. */
static void equal_looks_are_no_looks(void **state) {
    (void)state;
    static const float levels[] = {0, 0.7f};
    for (int k = 0; k < 2; k++) {
        const char *folder = test_folder(), *path = in(folder, "events.tsv");
        const char *at = in(folder, "shop");
        split_options options = {
            .method = "leave-one-out", .seed = 1, .min_user = 3, .cold = COLD_BALANCED};
        shop s;
        float rows[PRODUCTS * 3];
        uint8_t present[PRODUCTS];
        for (size_t i = 0; i < PRODUCTS * 3; i++) rows[i] = levels[k];
        memset(present, 1, sizeof present);
        write_events(path);
        assert_ok(import_into(at, &(lb_import_options){.interactions = path}, NULL));
        assert_ok(dataset_open(at, &s.d));
        uint32_t n = dataset_n_products(s.d);
        assert_true(n <= PRODUCTS);
        assert_ok(
            dataset_feature_write(at, &(feature_rows){"look", "", rows, present, n, 3, false}));
        dataset_close(s.d);
        assert_ok(dataset_open(at, &s.d));
        assert_ok(split_load(s.d, &options, &s.s));
        assert_ok(dataset_feature_open(s.d, "look", &s.f));
        model *bpr = fit_class(&s, &bpr_class, NULL, 2),
              *vbpr = fit_class(&s, &vbpr_class, NULL, 2);
        assert_same_scores(bpr, vbpr);
        model_free(bpr);
        model_free(vbpr);
        shop_close(&s);
    }
}

static void no_feature_is_said(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_COLD);
    fit_input in = {.split = s.s, .seed = 3};
    job *j = new_job(1);
    model *m;
    assert_error(fit_settings(j, &vbpr_class, NULL, NULL, &in, &m), LB_E_EMPTY, "needs a feature");
    in.features = &s.f;
    in.n_features = 1;
    assert_error(fit_settings(j, &vbpr_class, NULL, NULL, &in, &m), LB_E_EMPTY,
                 "no product that was bought has it");
    job_free(j);
    shop_close(&s);
}

/* ---------------------------------------------------------------- models as wholes */

static void threads_do_not_matter(void **state) {
    (void)state;
    static const char *const blocks[] = {"blocks=4", NULL};
    const model_class *const classes[] = {&bpr_class, &vbpr_class};
    shop s = shop_open(LOOKS_SOME);
    for (int k = 0; k < 2; k++) {
        model *one = fit_class(&s, classes[k], blocks, 1),
              *two = fit_class(&s, classes[k], blocks, 2),
              *four = fit_class(&s, classes[k], blocks, 4);
        assert_same_scores(one, two);
        assert_same_scores(one, four);
        model_free(one);
        model_free(two);
        model_free(four);
    }
    shop_close(&s);
}

static void cold_products_are_scored_by_their_looks(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_SOME);
    model *bpr = fit_class(&s, &bpr_class, NULL, 2), *vbpr = fit_class(&s, &vbpr_class, NULL, 2);
    float *a = all_scores(bpr), *b = all_scores(vbpr);
    size_t n = s.s->n_products, n_cold = 0;
    for (uint32_t p = 0; p < n; p++) {
        int cold = s.s->degree[p] == 0;
        n_cold += cold && s.f.present[p];
        for (uint32_t u = 0; u < s.s->n_users; u++) {
            assert_int_equal(a[u * n + p] == -INFINITY, cold);
            assert_int_equal(b[u * n + p] == -INFINITY, cold && !s.f.present[p]);
        }
    }
    assert_true(n_cold > 0);
    free(a);
    free(b);
    model_free(bpr);
    model_free(vbpr);
    shop_close(&s);
}

/* Also where the state that was kept is not that of the last epoch, and after a file. */
static void new_products_are_placed_as_cold_ones(void **state) {
    (void)state;
    static const char *const long_[] = {"epochs=40", "patience=40", "visual-rate=0.1", NULL};
    shop s = shop_open(LOOKS_SOME);
    for (int k = 0; k < 2; k++) {
        const char *path = in(test_folder(), "model");
        model *m = fit_class(&s, &vbpr_class, k ? long_ : NULL, 2), *again;
        assert_true(assert_placed_as_cold(m, &s.f, 1, 1e-4f) > 0);
        assert_ok(model_save(m, s.d, path));
        assert_ok(model_load(path, &again));
        assert_true(assert_placed_as_cold(again, &s.f, 1, 1e-4f) > 0);
        model_free(m);
        model_free(again);
    }
    shop_close(&s);
}

static void files_hold_everything(void **state) {
    (void)state;
    const model_class *const classes[] = {&bpr_class, &vbpr_class};
    shop s = shop_open(LOOKS_SOME);
    for (int k = 0; k < 2; k++) {
        const char *path = in(test_folder(), "model");
        model *m = fit_class(&s, classes[k], NULL, 2), *again;
        assert_ok(model_save(m, s.d, path));
        assert_ok(model_load(path, &again));
        assert_ptr_equal(again->class, classes[k]);
        assert_same_scores(m, again);
        model_free(m);
        model_free(again);
    }
    shop_close(&s);
}

/* ---------------------------------------------------------------- checkpoints */

typedef struct stopper {
    unsigned epoch;
    int stop, resumed;
} stopper;

/* Stops after an epoch. The pause lets the next report through. */
static int stop_after(void *context, const lb_progress *p) {
    stopper *s = context;
    unsigned epoch;
    if (p->note && strstr(p->note, "going on after epoch 10")) s->resumed = 1;
    if (p->note && sscanf(p->note, "epoch %u:", &epoch) == 1 && epoch == s->epoch) {
        s->stop = 1;
        nanosleep(&(struct timespec){0, 150000000}, NULL);
    }
    return !p->note && s->stop;
}

static lb_status fit_stopping(const model_class *class, const fit_input *input, unsigned epoch,
                              int *resumed, model **out) {
    static const char *const settings[] = {"epochs=24", "patience=24", NULL};
    stopper s = {epoch, 0, 0};
    lb_runtime runtime = {.threads = 2, .progress = stop_after, .progress_context = &s};
    job *j;
    assert_ok(job_new(&runtime, &j));
    lb_status status = fit_settings(j, class, class == &bpr_class ? quick : quick_visual, settings,
                                    input, out);
    job_free(j);
    *resumed = s.resumed;
    return status;
}

static void a_stopped_training_goes_on(void **state) {
    (void)state;
    const model_class *const classes[] = {&bpr_class, &vbpr_class};
    shop s = shop_open(LOOKS_SOME);
    for (int k = 0; k < 2; k++) {
        fit_input in_ = {.split = s.s, .features = &s.f, .n_features = 1, .seed = 3};
        const char *a = in(test_folder(), "a"), *b = in(test_folder(), "b");
        model *whole, *resumed, *none;
        int went_on;
        assert_ok(fit_stopping(classes[k], &in_, 1000, &went_on, &whole));
        in_.checkpoint = in(test_folder(), "checkpoint");
        in_.resume = 1;
        assert_error(fit_stopping(classes[k], &in_, 14, &went_on, &none), LB_E_INTERRUPTED, "");
        assert_false(went_on);
        assert_true(file_exists(in_.checkpoint));
        in_.seed = 4;
        assert_error(fit_stopping(classes[k], &in_, 1000, &went_on, &none), LB_E_MISMATCH,
                     "other options");
        in_.seed = 3;
        assert_error(fit_stopping(classes[1 - k], &in_, 1000, &went_on, &none), LB_E_MISMATCH,
                     "other options");
        assert_ok(fit_stopping(classes[k], &in_, 1000, &went_on, &resumed));
        assert_true(went_on);
        assert_ok(model_save(whole, s.d, a));
        assert_ok(model_save(resumed, s.d, b));
        assert_true(same_files(a, b));
        model_free(whole);
        model_free(resumed);
        test_write(in_.checkpoint, "nothing", 7);
        assert_error(fit_stopping(classes[k], &in_, 1000, &went_on, &none), LB_E_FORMAT,
                     "checkpoint");
    }
    shop_close(&s);
}

/* User 2 bought nothing: the biases decide. */
static void users_without_training_get_the_biases(void **state) {
    (void)state;
    static uint32_t starts[] = {0, 3, 5, 5}, bought[] = {0, 1, 2, 1, 3},
                    degrees[] = {1, 2, 1, 1, 0};
    static float ratings[] = {1, 1, 1, 1, 1};
    static uint8_t catalogue[] = {1, 1, 1, 1, 1};
    split s = {.n_users = 3,
               .n_products = 5,
               .n_train = 5,
               .user_start = starts,
               .product = bought,
               .rating = ratings,
               .in_catalogue = catalogue,
               .degree = degrees};
    fit_input in = {.split = &s, .seed = 3};
    job *j = new_job(1);
    model *m;
    assert_ok(fit_settings(j, &bpr_class, quick, NULL, &in, &m));
    const bpr_model *state_ = m->state;
    float *scores = all_scores(m);
    for (uint32_t p = 0; p < 4; p++) assert_true(scores[2 * 5 + p] == state_->bias[p]);
    assert_true(scores[2 * 5 + 4] == -INFINITY);
    free(scores);
    model_free(m);
    s.n_train = 0;
    starts[1] = starts[2] = starts[3] = 0;
    assert_error(fit_settings(j, &bpr_class, quick, NULL, &in, &m), LB_E_EMPTY, "no interactions");
    job_free(j);
}

static void a_diverged_training_is_said(void **state) {
    (void)state;
    static const char *const wild[] = {"rate=10", "l2=100", NULL};
    shop s = shop_open(LOOKS_ALL);
    fit_input in = {.split = s.s, .seed = 3};
    job *j = new_job(1);
    model *m;
    assert_error(fit_settings(j, &bpr_class, quick, wild, &in, &m), LB_E_NUMERIC, "diverged");
    job_free(j);
    shop_close(&s);
}

/* ---------------------------------------------------------------- taste */

static float score_of(const bpr_model *m, const float *query, uint32_t product) {
    size_t width = (size_t)m->dim + m->visual_dim;
    float sum = m->bias[product];
    for (size_t d = 0; d < width; d++) sum += query[d] * m->product[product * width + d];
    return sum;
}

static void fold_in_follows_likes_and_dislikes(void **state) {
    (void)state;
    const model_class *const classes[] = {&bpr_class, &vbpr_class};
    shop s = shop_open(LOOKS_ALL);
    for (int k = 0; k < 2; k++) {
        model *m = fit_class(&s, classes[k], NULL, 2);
        const bpr_model *b = m->state;
        float warm[16], cold[16], *const query[] = {warm, cold};
        uint32_t product = b->warm[5];
        taste nobody = {.user = -1}, fan = nobody, critic = nobody;
        fan.liked = critic.disliked = &product;
        fan.n_liked = critic.n_disliked = 1;
        assert_ok(m->class->fold_in(m->state, &m->common, &nobody, query));
        float before = score_of(b, warm, product);
        assert_true(before == b->bias[product]);
        assert_ok(m->class->fold_in(m->state, &m->common, &fan, query));
        assert_true(score_of(b, warm, product) > before);
        assert_memory_equal(warm, cold, ((size_t)b->dim + b->visual_dim + 1) * sizeof(float));
        assert_ok(m->class->fold_in(m->state, &m->common, &critic, query));
        assert_true(score_of(b, warm, product) < before);
        // a trained user without news stays
        float as_user[16], *const trained[] = {as_user, cold};
        assert_ok(m->class->query_user(m->state, &m->common, 4, trained));
        assert_ok(m->class->fold_in(m->state, &m->common, &(taste){.user = 4}, query));
        assert_memory_equal(warm, as_user, ((size_t)b->dim + b->visual_dim + 1) * sizeof(float));
        model_free(m);
    }
    shop_close(&s);
}

static double auc_of(const shop *s, model *m, eval_kind kind) {
    eval_input in = evaluation_input(s->s, s->s->test, s->s->n_test, s->s->valid, s->s->n_valid);
    eval_result *r;
    job *j = new_job(2);
    double sum = 0, n = 0;
    assert_ok(eval_run(j, &in, evaluation_score, m, 10, &r));
    for (size_t u = 0; u < r->n_users; u++) {
        double auc = eval_value(r, u, kind, EVAL_OWN, EVAL_AUC);
        if (isnan(auc)) continue;
        sum += auc;
        n++;
    }
    eval_result_free(r);
    job_free(j);
    return sum / n;
}

static void they_learn_the_users_taste(void **state) {
    (void)state;
    static const char *const longer[] = {"epochs=100", "patience=100", "dim=64", "rate=0.2", NULL};
    shop s = shop_open(LOOKS_ALL);
    const model_class *class;
    assert_ok(model_class_find("pop", &class));
    model *bpr = fit_class(&s, &bpr_class, longer, 2),
          *vbpr = fit_class(&s, &vbpr_class, longer, 2), *pop;
    fit_input in = {.split = s.s, .seed = 3};
    job *j = new_job(1);
    assert_ok(model_fit(j, class, NULL, 0, &in, &pop));
    double popular = auc_of(&s, pop, EVAL_WARM), warm = auc_of(&s, bpr, EVAL_WARM),
           both = auc_of(&s, vbpr, EVAL_WARM), cold = auc_of(&s, vbpr, EVAL_COLD);
    print_message("AUC own: pop %.3f, bpr %.3f, vbpr %.3f, cold %.3f\n", popular, warm, both, cold);
    assert_true(warm > popular + 0.04);
    assert_true(both > popular + 0.06);
    assert_true(cold > 0.6);
    model_free(bpr);
    model_free(vbpr);
    model_free(pop);
    job_free(j);
    shop_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_are_the_objectives),
        cmocka_unit_test(without_looks_vbpr_is_bpr),
        cmocka_unit_test(equal_looks_are_no_looks),
        cmocka_unit_test(no_feature_is_said),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(cold_products_are_scored_by_their_looks),
        cmocka_unit_test(new_products_are_placed_as_cold_ones),
        cmocka_unit_test(files_hold_everything),
        cmocka_unit_test(a_stopped_training_goes_on),
        cmocka_unit_test(users_without_training_get_the_biases),
        cmocka_unit_test(a_diverged_training_is_said),
        cmocka_unit_test(fold_in_follows_likes_and_dislikes),
        cmocka_unit_test(they_learn_the_users_taste),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
