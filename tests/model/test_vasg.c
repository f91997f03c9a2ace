/* vasg as a whole: what its parts' inner products are, files, the same bytes on any number of
 * threads and after a stop, and that it learns taste. */
#include "model/vasg_shop.h"

#include <time.h>

#include "core/memory.h"
#include "eval/eval.h"
#include "model/look_prior.h"

/* ---------------------------------------------------------------- scores */

static double dot(const float *a, const float *b, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)a[i] * (double)b[i];
    return sum;
}

/* The score of a mean warm product: warm vectors weighted by d / (d + 5). */
static double mean_warm_score(const vasg_model *m, const split *s, const double *warm_scores) {
    double sum = 0, weights = 0;
    for (uint32_t i = 0; i < m->n_warm; i++) {
        double degree = s->degree[m->warm[i]], weight = degree / (degree + 5);
        sum += weight * warm_scores[i];
        weights += weight;
    }
    return sum / weights;
}

static void assert_close(double got, double expected, const char *what) {
    if (!(fabs(got - expected) < 1e-4 * (1 + fabs(expected))))
        fail_msg("%s: %f, not %f", what, got, expected);
}

static void scores_are_the_designs(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_SOME);
    model *m = fit_shop(&s, NULL);
    const vasg_model *v = m->state;
    assert_true(v->spectral.rank > 0 && v->alpha > 0 && v->n_warm > 0 && v->n_cold > 0);
    float *scores = all_scores(m);
    double *warm = calloc(v->n_warm, sizeof *warm);
    float *query = calloc(vasg_cold_width(v), sizeof *query);
    for (uint32_t u = 0; u < v->n_users; u++) {
        const float *x = v->x + (size_t)u * v->dim, *row = scores + (size_t)u * v->n_products;
        const float *q = v->spectral.user + u * v->spectral.rank;
        for (uint32_t i = 0; i < v->n_warm; i++) {
            size_t p = v->warm[i];
            warm[i] = dot(x, v->x + (v->n_users + p) * v->dim, v->dim) + (double)v->bias[p] +
                      v->alpha *
                          dot(q, v->spectral.product + p * v->spectral.rank, v->spectral.rank);
            assert_close((double)row[p], warm[i], "warm");
        }
        double level = mean_warm_score(v, s.s, warm);
        cold_query(&v->cold, x, query);
        for (uint32_t i = 0; i < v->n_cold; i++) {
            const float *place = v->cold_vector + i * vasg_cold_width(v);
            double expected = level + (s.f.present[v->unseen[i]]
                                           ? dot(query, place, cold_width(&v->cold))
                                           : v->offset);
            assert_close((double)row[v->unseen[i]], expected, "cold");
        }
    }
    free(query);
    free(warm);
    free(scores);
    model_free(m);
    shop_close(&s);
}

static void parts_divide_the_products(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_SOME);
    model *m = fit_shop(&s, NULL);
    model_part part[MODEL_MAX_PARTS];
    uint8_t *seen = calloc(s.s->n_products, 1);
    assert_int_equal(vasg_class.parts(m->state, part), 2);
    for (int i = 0; i < 2; i++)
        for (uint32_t k = 0; k < part[i].n; k++) {
            uint32_t p = part[i].product[k];
            assert_true(k == 0 || part[i].product[k - 1] < p);
            assert_int_equal(s.s->degree[p] > 0, i == 0);
            seen[p]++;
        }
    for (uint32_t p = 0; p < s.s->n_products; p++) assert_int_equal(seen[p], 1);
    free(seen);
    model_free(m);
    shop_close(&s);
}

/* The L2 pull is the option's, over (interactions per user x per product)^0.35. */
static void the_pull_follows_the_density(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = fit_shop(&s, NULL);
    const vasg_model *v = m->state;
    double users = 0, products = 0, n = (double)s.s->n_train;
    for (uint32_t u = 0; u < v->n_users; u++) users += s.s->user_start[u] < s.s->user_start[u + 1];
    for (uint32_t p = 0; p < v->n_products; p++) products += s.s->degree[p] > 0;
    assert_close(v->lambda, 0.35 * pow(n / users * (n / products), -0.35), "lambda");
    model_free(m);
    shop_close(&s);
}

static double deviation(const double *values, size_t n) {
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum += values[i];
        squares += values[i] * values[i];
    }
    return sqrt(squares / (double)n - pow(sum / (double)n, 2));
}

/* The spread of the spectral part over warm products as a share of the Skip-Gram part's, both
 * averaged over users who bought something. */
static double spectral_share(const vasg_model *v, const split *s) {
    double *part[2], sum[2] = {0};
    for (int k = 0; k < 2; k++) part[k] = calloc(v->n_warm, sizeof(double));
    for (uint32_t u = 0; u < v->n_users; u++) {
        const float *x = v->x + (size_t)u * v->dim, *q = v->spectral.user + u * v->spectral.rank;
        if (s->user_start[u] == s->user_start[u + 1]) continue;
        for (uint32_t i = 0; i < v->n_warm; i++) {
            size_t p = v->warm[i];
            part[0][i] = dot(x, v->x + (v->n_users + p) * v->dim, v->dim) + (double)v->bias[p];
            part[1][i] = v->alpha *
                         dot(q, v->spectral.product + p * v->spectral.rank, v->spectral.rank);
        }
        for (int k = 0; k < 2; k++) sum[k] += deviation(part[k], v->n_warm);
    }
    for (int k = 0; k < 2; k++) free(part[k]);
    return sum[1] / sum[0];
}

/* The share of the variance of x_p over warm products that looks predict, by their weights. */
static double explained_share(const vasg_model *v, const shop *s, double strength) {
    look_table l;
    look_prior p;
    job *j = new_job(1);
    double weights = 0;
    const float *x = v->x + (size_t)v->n_users * v->dim;
    float *prior = calloc((size_t)v->n_products * v->dim, sizeof *prior);
    for (uint32_t i = 0; i < v->n_products; i++) weights += look_trust(s->s->degree[i]);
    assert_ok(look_new(j, &s->f, 1, s->s, &l));
    assert_ok(look_prior_new(j, &l, (uint32_t)v->options.prior_components, strength, 3, &p));
    assert_ok(look_prior_refit(j, &p, &l, x, v->dim, prior));
    double share = p.explained * p.weights / weights;
    look_prior_free(&p);
    look_free(&l);
    free(prior);
    job_free(j);
    return share;
}

static void the_spectral_part_says_what_looks_leave(void **state) {
    (void)state;
    static const char *const settings[] = {"item-rank=0", "prior-strength=1", NULL};
    shop s = shop_open(LOOKS_SOME);
    model *m = fit_shop(&s, settings);
    double explained = explained_share(m->state, &s, 1);
    assert_true(explained > 0.1 && explained < 0.9);
    assert_close(spectral_share(m->state, s.s), 0.4 * sqrt(1 - explained), "with looks");
    model_free(m);
    fit_input without = input_of(&s);
    without.n_features = 0;
    m = fit_threads(&without, settings, 2);
    assert_close(spectral_share(m->state, s.s), 0.4, "without looks");
    model_free(m);
    shop_close(&s);
}

/* A product that comes after training is where it would have been as a cold one. */
static void new_products_are_placed_as_cold_ones(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    model *m = fit_shop(&s, NULL);
    const vasg_model *v = m->state;
    size_t width = vasg_cold_width(v), dim = v->dim, look_dim = v->cold.look_dim;
    float *vector = calloc(width, sizeof *vector), *place = calloc(dim, sizeof *place);
    float *look = calloc(look_dim, sizeof *look), feature[FEATURE + 1];
    for (uint32_t i = 0; i < v->n_cold; i++) {
        size_t p = v->unseen[i];
        assert_true(feature_row(&s.f, (uint32_t)p, feature));
        assert_ok(vasg_place(v, feature, 1, FEATURE, NULL, vector, place, look));
        for (size_t d = 0; d < width; d++)
            assert_true(fabsf(vector[d] - v->cold_vector[i * width + d]) < 1e-4f);
        for (size_t d = 0; d < dim; d++)
            assert_true(fabsf(place[d] - v->embedding[p * dim + d]) < 1e-4f);
        for (size_t d = 0; d < look_dim; d++)
            assert_true(fabsf(look[d] - v->product_look[p * look_dim + d]) < 1e-4f);
    }
    assert_error(vasg_place(v, feature, 1, FEATURE + 1, NULL, vector, place, look), LB_E_MISMATCH,
                 "the feature has 13 values, the model was trained on 12");
    free(vector);
    free(place);
    free(look);
    model_free(m);
    shop_close(&s);
}

/* ---------------------------------------------------------------- bytes and files */

static void threads_do_not_matter(void **state) {
    (void)state;
    static const char *const variants[][2] = {
        {"decoder-epochs=1", NULL}, {"blocks=3", NULL}, {"landmarks=16", NULL}};
    shop s = shop_open(LOOKS_SOME);
    fit_input input = input_of(&s);
    for (int i = 0; i < 3; i++) {
        const char *first = NULL;
        for (unsigned threads = 1; threads <= 4; threads *= 2) {
            model *m = fit_threads(&input, variants[i], threads);
            const char *path = save(m, &s, "vasg");
            model_free(m);
            if (!first) first = path;
            assert_true(same_files(first, path));
        }
        input.seed++;
        model *m = fit_threads(&input, variants[i], 2);
        assert_false(same_files(first, save(m, &s, "vasg")));
        model_free(m);
    }
    shop_close(&s);
}

static void files_hold_everything(void **state) {
    (void)state;
    static const looks which[] = {LOOKS_ALL, LOOKS_SOME, LOOKS_COLD};
    static const char *const decoder[] = {"decoder-epochs=1", NULL};
    for (int i = 0; i < 3; i++) {
        shop s = shop_open(which[i]);
        model *m = fit_shop(&s, i == 1 ? NULL : decoder), *loaded;
        const char *path = save(m, &s, "vasg");
        assert_ok(model_load(path, &loaded));
        assert_same_scores(m, loaded);
        const vasg_model *a = m->state, *b = loaded->state;
        assert_int_equal(a->has_look, b->has_look);
        assert_true((a->decoder != NULL) == (i == 0) && (b->decoder != NULL) == (i == 0));
        assert_true(a->alpha == b->alpha && a->lambda == b->lambda && a->offset == b->offset);
        assert_string_equal(m->common.settings, loaded->common.settings);
        assert_string_equal(loaded->user_ids[1], dataset_user_id(s.d, 1));
        assert_true(same_files(path, save(loaded, &s, "again")));
        model_free(m);
        model_free(loaded);
        shop_close(&s);
    }
}

/* ---------------------------------------------------------------- stop and go on */

/* Asks to stop when an epoch's share of the Skip-Gram's walks is done. */
typedef struct stopper {
    double share;
    int resumed, restarted;
} stopper;

static int stop_at(void *context, const lb_progress *p) {
    stopper *s = context;
    if (p->note && strstr(p->note, "going on after epoch")) s->resumed = 1;
    if (p->note && strstr(p->note, "from the start")) s->restarted = 1;
    if (p->note || strcmp(p->stage, "skip-gram") != 0) return 0;
    nanosleep(&(struct timespec){0, 20000000}, NULL);
    return (double)p->done >= s->share * (double)p->total;
}

static lb_status fit_stopping(const fit_input *input, double share, const char *const *more,
                              stopper *s, model **out) {
    *s = (stopper){share, 0, 0};
    lb_runtime runtime = {.threads = 2, .progress = stop_at, .progress_context = s};
    job *j;
    assert_ok(job_new(&runtime, &j));
    lb_status status = fit_with(j, input, more, out);
    job_free(j);
    return status;
}

static void a_stopped_training_goes_on(void **state) {
    (void)state;
    static const char *const four[] = {"epochs=4", "walks=20", NULL};
    static const char *const five[] = {"epochs=5", "walks=20", NULL};
    shop s = shop_open(LOOKS_SOME);
    fit_input input = input_of(&s);
    stopper stop;
    model *whole, *resumed, *none = NULL;
    assert_ok(fit_stopping(&input, 2, four, &stop, &whole));
    input.checkpoint = in(test_folder(), "checkpoint");
    input.resume = 1;
    assert_error(fit_stopping(&input, 0.6, four, &stop, &none), LB_E_INTERRUPTED, "skip-gram");
    assert_true(stop.restarted && !stop.resumed);
    assert_true(file_exists(input.checkpoint));
    assert_null(none);

    assert_error(fit_stopping(&input, 2, five, &stop, &none), LB_E_MISMATCH,
                 "is of a training with other options");
    input.seed = 4;
    assert_error(fit_stopping(&input, 2, four, &stop, &none), LB_E_MISMATCH, "other options");
    input.seed = 3;
    input.n_features = 0;
    assert_error(fit_stopping(&input, 2, four, &stop, &none), LB_E_MISMATCH, "other options");
    input.n_features = 1;
    uint32_t bought = s.s->product[0]; // other data of the same size
    s.s->product[0] = bought ? 0 : 1;
    assert_error(fit_stopping(&input, 2, four, &stop, &none), LB_E_MISMATCH, "data");
    s.s->product[0] = bought;

    assert_ok(fit_stopping(&input, 2, four, &stop, &resumed));
    assert_true(stop.resumed);
    assert_true(same_files(save(whole, &s, "whole"), save(resumed, &s, "resumed")));
    model_free(resumed);
    assert_ok(fit_stopping(&input, 2, four, &stop, &resumed)); // of the last epoch: all is done
    assert_true(same_files(save(whole, &s, "whole"), save(resumed, &s, "resumed")));
    model_free(resumed);
    test_write(input.checkpoint, "nothing", 7);
    assert_error(fit_stopping(&input, 2, four, &stop, &none), LB_E_FORMAT, "checkpoint");
    input.resume = 0; // and not to resume replaces it
    assert_ok(fit_stopping(&input, 2, four, &stop, &resumed));
    model_free(resumed);
    model_free(whole);
    shop_close(&s);
}

/* ---------------------------------------------------------------- the offset */

typedef struct offset_log {
    int n;
    double offset[16], sum[16];
} offset_log;

static int read_offsets(void *context, const lb_progress *p) {
    offset_log *l = context;
    double t, warm, cold;
    if (!p->note || sscanf(p->note, "cold offset %lf: validation AUC warm all %lf, cold all %lf",
                           &t, &warm, &cold) != 3)
        return 0;
    assert_true(l->n < 16);
    l->offset[l->n] = t;
    l->sum[l->n++] = warm + cold;
    return 0;
}

/* The chosen one is the best but for the digits that are printed. */
static void assert_best(const offset_log *l, double chosen) {
    double best = 0, own = -1;
    for (int i = 0; i < l->n; i++) {
        best = fmax(best, l->sum[i]);
        if (fabs(l->offset[i] - chosen) < 0.006) own = l->sum[i];
    }
    if (own < best - 2e-4) fail_msg("offset %f: sum %f, not %f", chosen, own, best);
}

static void the_offset_is_chosen_on_validation(void **state) {
    (void)state;
    static const char *const set[] = {"cold-offset=0.6", NULL};
    shop s = shop_open(LOOKS_ALL);
    offset_log log = {0};
    lb_runtime runtime = {.threads = 2, .progress = read_offsets, .progress_context = &log};
    fit_input input = input_of(&s);
    job *j;
    model *m;
    assert_ok(job_new(&runtime, &j));
    assert_ok(fit_with(j, &input, NULL, &m));
    const vasg_model *v = m->state;
    assert_true(log.n > 0);
    assert_best(&log, v->offset / v->gap);
    model_free(m);
    log.n = 0;
    assert_ok(fit_with(j, &input, set, &m));
    v = m->state;
    assert_int_equal(log.n, 0);
    assert_close(v->offset, 0.6 * v->gap, "set");
    model_free(m);
    s.s->n_valid = 0;
    assert_ok(fit_with(j, &input, NULL, &m));
    v = m->state;
    assert_int_equal(log.n, 0);
    assert_close(v->offset, 0.25 * v->gap, "without validation");
    model_free(m);
    job_free(j);
    shop_close(&s);
}

/* ---------------------------------------------------------------- what it learns */

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

static double auc_of(const shop *s, const model *m, uint32_t shift, eval_kind kind) {
    const split *t = s->s;
    eval_input in = {.n_users = t->n_users,
                     .n_products = t->n_products,
                     .user_start = t->user_start,
                     .product = t->product,
                     .in_catalogue = t->in_catalogue,
                     .degree = t->degree,
                     .tests = t->test,
                     .n_tests = t->n_test};
    double auc[EVAL_KINDS][EVAL_SETS];
    scorer c = {m, shift};
    job *j = new_job(2);
    assert_ok(eval_auc_quick(j, &in, score_users, &c, auc));
    job_free(j);
    return auc[kind][EVAL_OWN];
}

/* Without the right users nothing personal is left: popularity's level. */
static void it_learns_the_users_taste(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    fit_input input = input_of(&s);
    job *j = new_job(2);
    model *m = fit_shop(&s, NULL), *pop;
    const model_class *class;
    assert_ok(model_class_find("pop", &class));
    assert_ok(model_fit(j, class, NULL, 0, &input, &pop));
    double warm = auc_of(&s, m, 0, EVAL_WARM), cold = auc_of(&s, m, 0, EVAL_COLD);
    double popular = auc_of(&s, pop, 0, EVAL_WARM);
    double shuffled = auc_of(&s, m, 1, EVAL_WARM), shuffled_cold = auc_of(&s, m, 1, EVAL_COLD);
    print_message("AUC own, warm %.3f (pop %.3f, shuffled %.3f), cold %.3f (shuffled %.3f)\n", warm,
                  popular, shuffled, cold, shuffled_cold);
    assert_true(warm > popular + 0.1);
    assert_true(cold > 0.6);
    assert_true(shuffled < popular + 0.1 && shuffled < warm - 0.1);
    assert_true(shuffled_cold < 0.6);
    model_free(m);
    model_free(pop);
    job_free(j);
    shop_close(&s);
}

/* The blocks that let it run side by side do not make it worse. */
static void blocks_are_as_good_as_one(void **state) {
    (void)state;
    static const char *const one[] = {"blocks=1", NULL}, *const three[] = {"blocks=3", NULL};
    shop s = shop_open(LOOKS_ALL);
    model *a = fit_shop(&s, one), *b = fit_shop(&s, three);
    double difference = auc_of(&s, a, 0, EVAL_WARM) - auc_of(&s, b, 0, EVAL_WARM);
    if (!(fabs(difference) < 0.03)) fail_msg("AUC differs by %f", difference);
    model_free(a);
    model_free(b);
    shop_close(&s);
}

int main(int n, char **argument) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_the_designs),
        cmocka_unit_test(parts_divide_the_products),
        cmocka_unit_test(the_pull_follows_the_density),
        cmocka_unit_test(the_spectral_part_says_what_looks_leave),
        cmocka_unit_test(new_products_are_placed_as_cold_ones),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(files_hold_everything),
        cmocka_unit_test(a_stopped_training_goes_on),
        cmocka_unit_test(the_offset_is_chosen_on_validation),
        cmocka_unit_test(it_learns_the_users_taste),
        cmocka_unit_test(blocks_are_as_good_as_one),
    };
    test_choose(n, argument);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
