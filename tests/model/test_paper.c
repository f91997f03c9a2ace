/* vasg-paper: gradients against finite differences, the same bytes on any number of threads and
 * after a stop, files, the collapse it is known for, and data that lack something. */
#include "model/model_shop.h"

#include <time.h>

#include "core/memory.h"
#include "model/paper_train.h"

static const char *const quick[] = {
    "dim=8", "width=4", "batch=64", "encoder-epochs=3", "encoder-batch=16", NULL};

/* Trains with the quick settings and `more`, a NULL-terminated list. */
static lb_status fit_with(job *j, const fit_input *input, const char *const *more, model **out) {
    return fit_settings(j, &paper_class, quick, more, input, out);
}

static model *fit_shop(const shop *s, const char *const *more) {
    job *j = new_job(1);
    fit_input input = {.split = s->s, .features = &s->f, .n_features = 1, .seed = 3};
    model *m;
    assert_ok(fit_with(j, &input, more, &m));
    job_free(j);
    return m;
}

/* ---------------------------------------------------------------- gradients */

/* Users 0..3, products 4..8; product 8 has no feature. */
static const uint32_t starts[] = {0, 2, 4, 7, 9}, bought[] = {0, 1, 1, 2, 0, 3, 4, 3, 4};
static const paper_pair user_pairs[] = {{0, 4}, {0, 5}, {1, 5}, {0, 1}, {3, 2}, {1, 5}};
static const paper_pair product_pairs[] = {{4, 0}, {4, 2}, {5, 4}, {7, 3}, {8, 3}, {4, 5}, {8, 7}};

typedef struct bench {
    paper_options options;
    bipartite *graph;
    uint32_t index[5];
    float vector[4 * 6];
    row_matrix matrix;
    paper_features features;
    paper_trainer trainer;
} bench;

static void bench_open(bench *b, const char *const *settings) {
    options_init(&paper_option_table, &b->options);
    static const char *const tiny[] = {"dim=4", "width=3", "batch=16", "precision=f32"};
    for (size_t i = 0; i < 4; i++)
        assert_ok(options_set(&paper_option_table, &b->options, tiny[i]));
    for (; *settings; settings++)
        assert_ok(options_set(&paper_option_table, &b->options, *settings));
    assert_ok(bipartite_new(4, 5, starts, bought, NULL, &b->graph));
    random_stream r = random_open(11, "test", 0);
    for (size_t i = 0; i < 4 * 6; i++) b->vector[i] = random_unit_f32(&r);
    for (uint32_t p = 0; p < 5; p++) b->index[p] = p < 4 ? p : UINT32_MAX;
    b->matrix = (row_matrix){b->vector, 6};
    b->features = (paper_features){4, 6, b->index, NULL, rows_of_matrix(&b->matrix, 4), true};
    assert_ok(paper_trainer_new(&b->options, b->graph, &b->features, 2, &b->trainer));
    paper_trainer *t = &b->trainer; // far enough from zero for every part to matter
    for (size_t i = 0; i < t->n_rows * t->dim; i++) t->x[i] = random_unit_f32(&r) - 0.4f;
    t->weight[0].s = 0.3;
    t->weight[1].s = -0.4;
}

static void bench_close(bench *b) {
    paper_trainer_free(&b->trainer);
    bipartite_free(b->graph);
}

static double loss_of(job *j, paper_trainer *t, const paper_pair *pairs, size_t n) {
    assert_ok(paper_batch_gradient(j, t, pairs, n));
    return t->loss.total;
}

static void assert_slope(double analytic, double numeric, double tolerance) {
    if (fabs(analytic - numeric) > tolerance * (1 + fabs(numeric)))
        fail_msg("gradient %.6f, by differences %.6f", analytic, numeric);
}

static void check_rows(job *j, paper_trainer *t, const paper_pair *pairs, size_t n) {
    size_t size = t->n_rows * t->dim;
    double *gradient = calloc(size, sizeof *gradient);
    loss_of(j, t, pairs, n);
    for (size_t i = 0; i < t->n_touched; i++)
        for (size_t d = 0; d < t->dim; d++)
            gradient[t->row[i] * t->dim + d] = (double)t->gradient[i * t->dim + d];
    for (size_t i = 0; i < size; i++) {
        const float h = 1e-3f, x = t->x[i];
        t->x[i] = x + h;
        double above = loss_of(j, t, pairs, n), span = (double)t->x[i];
        t->x[i] = x - h;
        double below = loss_of(j, t, pairs, n);
        span -= (double)t->x[i];
        t->x[i] = x;
        assert_slope(gradient[i], (above - below) / span, 2e-3);
    }
    free(gradient);
}

static void check_weights(job *j, paper_trainer *t, const paper_pair *pairs, size_t n) {
    for (int i = 0; i < 2; i++) {
        const double h = 1e-3, s = t->weight[i].s;
        loss_of(j, t, pairs, n);
        double gradient = t->weight[i].gradient;
        t->weight[i].s = s + h;
        double above = loss_of(j, t, pairs, n);
        t->weight[i].s = s - h;
        double below = loss_of(j, t, pairs, n);
        t->weight[i].s = s;
        assert_slope(gradient, (above - below) / (2 * h), 1e-4);
    }
}

static void gradients_match_differences(void **state) {
    (void)state;
    static const char *const variants[][5] = {
        {"dropout=0"},
        {"mse=sum"},
        {"weights=early-code", "tables=two"},
        {"negatives=2", "mse=sum", "output=linear"},
        {"negatives=3", "tables=two", "weights=early-code", "mse=sum"}};
    job *j = new_job(1);
    for (size_t i = 0; i < sizeof variants / sizeof *variants; i++) {
        bench b = {0};
        bench_open(&b, variants[i]);
        check_rows(j, &b.trainer, user_pairs, 6);
        check_weights(j, &b.trainer, user_pairs, 6);
        check_rows(j, &b.trainer, product_pairs, 7);
        check_weights(j, &b.trainer, product_pairs, 7);
        bench_close(&b);
    }
    job_free(j);
}

/* Rebuilding a centre once, weighted, is rebuilding it for every pair of its: equal without
 * dropout. */
static void repeated_centres_count(void **state) {
    (void)state;
    static const char *const none[] = {"dropout=0", NULL};
    job *j = new_job(1);
    bench b = {0};
    bench_open(&b, none);
    double both = loss_of(j, &b.trainer, product_pairs, 4), apart = 0;
    assert_int_equal(b.trainer.n_rebuilt, 3);
    for (size_t i = 0; i < 4; i++) apart += loss_of(j, &b.trainer, product_pairs + i, 1) / 4;
    assert_true(fabs(both - apart) < 1e-6);
    bench_close(&b);
    job_free(j);
}

static void users_and_products_without_feature_use_the_plain_loss(void **state) {
    (void)state;
    static const char *const none[] = {NULL};
    job *j = new_job(1);
    bench b = {0};
    bench_open(&b, none);
    paper_trainer *t = &b.trainer;
    double loss = loss_of(j, t, user_pairs, 6);
    assert_true(fabs(loss - t->loss.skipgram) < 1e-12);
    assert_int_equal(t->loss.n_rebuilt, 0);
    assert_true(t->weight[0].gradient == 0 && t->weight[1].gradient == 0);
    assert_true(fabs(loss_of(j, t, product_pairs + 6, 1) - t->loss.skipgram) < 1e-12);
    loss_of(j, t, product_pairs, 7);
    assert_int_equal(t->loss.n_rebuilt, 5); // pairs
    assert_int_equal(t->n_rebuilt, 3);      // products
    bench_close(&b);
    job_free(j);
}

static void weights_stay_within_the_clamp(void **state) {
    (void)state;
    static const char *const settings[] = {"clamp=0.2", "rate=0.1", NULL};
    job *j = new_job(1);
    bench b = {0};
    bench_open(&b, settings);
    paper_trainer *t = &b.trainer;
    for (int i = 0; i < 50; i++) {
        loss_of(j, t, product_pairs, 7);
        assert_ok(paper_batch_update(j, t));
        for (int k = 0; k < 2; k++) assert_true(fabs(t->weight[k].s) <= 0.2);
    }
    assert_int_equal(t->step, 50);
    bench_close(&b);
    job_free(j);
}

/* With one user and one product every second node of a walk is the centre itself, and no context:
 * each vector moves towards the other's in every dimension, whatever its own sign. */
static void a_node_is_no_context_of_itself(void **state) {
    (void)state;
    static const uint32_t product[] = {0};
    uint32_t start[] = {0, 1}, degree[] = {1};
    paper_features none = {0};
    paper_options o;
    paper_trainer t;
    paper_watch w;
    bipartite *g;
    float before[2 * 100];
    split s = {.n_users = 1, .n_products = 1, .user_start = start, .degree = degree};
    fit_input input = {.split = &s};
    job *j = new_job(1);
    options_init(&paper_option_table, &o);
    assert_ok(bipartite_new(1, 1, start, product, NULL, &g));
    assert_ok(paper_trainer_new(&o, g, &none, 1, &t));
    assert_ok(paper_watch_new(&t, &s, &w));
    memcpy(before, t.x, sizeof before);
    assert_ok(paper_train(j, &t, &w, &input, ""));
    assert_int_equal(t.step, 2);
    for (size_t i = 0; i < 200; i++)
        assert_int_equal(t.x[i] > before[i], before[(i + 100) % 200] > 0);
    paper_watch_free(&w);
    paper_trainer_free(&t);
    bipartite_free(g);
    job_free(j);
}

/* ---------------------------------------------------------------- the same bytes */

static void threads_do_not_matter(void **state) {
    (void)state;
    static const char *const variants[][4] = {{NULL}, {"preset=early-code", "negatives=2", NULL}};
    shop s = shop_open(LOOKS_SOME);
    fit_input input = {.split = s.s, .features = &s.f, .n_features = 1, .seed = 3};
    for (size_t i = 0; i < 2; i++) {
        model *first = NULL;
        for (unsigned threads = 1; threads <= 4; threads *= 2) {
            job *j = new_job(threads);
            model *m;
            assert_ok(fit_with(j, &input, variants[i], &m));
            job_free(j);
            if (!first) {
                first = m;
                continue;
            }
            assert_same_scores(first, m);
            assert_same_curve(&first->common.curve, &m->common.curve);
            model_free(m);
        }
        model_free(first);
    }
    shop_close(&s);
}

static void seeds_matter(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_ALL);
    job *j = new_job(2);
    fit_input input = {.split = s.s, .features = &s.f, .n_features = 1, .seed = 3};
    model *a, *b;
    assert_ok(fit_with(j, &input, NULL, &a));
    input.seed = 4;
    assert_ok(fit_with(j, &input, NULL, &b));
    const paper_model *x = a->state, *y = b->state;
    assert_memory_not_equal(x->user, y->user, x->n_users * x->dim * sizeof *x->user);
    model_free(a);
    model_free(b);
    job_free(j);
    shop_close(&s);
}

static void files_hold_everything(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_SOME);
    model *m = fit_shop(&s, NULL), *loaded;
    const char *path = in(test_folder(), "paper.safetensors");
    assert_ok(model_save(m, s.d, path));
    assert_ok(model_load(path, &loaded));
    assert_same_scores(m, loaded);
    const paper_model *a = m->state, *b = loaded->state;
    assert_int_equal(a->dim, 8);
    assert_int_equal(b->options.width, 4);
    assert_true(a->n_warm > 0 && a->n_cold > 0 && a->n_warm == b->n_warm && a->n_cold == b->n_cold);
    assert_memory_equal(a->weights, b->weights, sizeof a->weights);
    assert_memory_equal(a->product, b->product, a->n_products * a->dim * sizeof *a->product);
    float f[FEATURE] = {0.5f, 1}, x[2][8], y[2][FEATURE];
    assert_ok(mlp_predict(a->encoder, NULL, f, 1, x[0]));
    assert_ok(mlp_predict(b->encoder, NULL, f, 1, x[1]));
    assert_memory_equal(x[0], x[1], sizeof x[0]);
    assert_ok(mlp_predict(a->decoder, NULL, x[0], 1, y[0]));
    assert_ok(mlp_predict(b->decoder, NULL, x[0], 1, y[1]));
    assert_memory_equal(y[0], y[1], sizeof y[0]);
    model_free(m);
    model_free(loaded);
    shop_close(&s);
}

/* ---------------------------------------------------------------- stop and go on */

/* Asks to stop once a note says that `batch` was reached. Progress is reported at most ten times a
 * second: the pause lets the next report through. */
typedef struct stopper {
    unsigned batch;
    int stop, resumed;
} stopper;

static int stop_after(void *context, const lb_progress *p) {
    stopper *s = context;
    unsigned batch;
    if (p->note && strstr(p->note, "going on after")) s->resumed = 1;
    if (p->note && sscanf(p->note, "batch %u:", &batch) == 1 && batch == s->batch) {
        s->stop = 1;
        nanosleep(&(struct timespec){0, 150000000}, NULL);
    }
    return !p->note && s->stop;
}

static lb_status fit_stopping(const fit_input *input, unsigned batch, int *resumed, model **out) {
    static const char *const settings[] = {"checkpoint-batches=5", "epochs=3", NULL};
    stopper s = {batch, 0, 0};
    lb_runtime runtime = {.threads = 2, .progress = stop_after, .progress_context = &s};
    job *j;
    assert_ok(job_new(&runtime, &j));
    lb_status status = fit_with(j, input, settings, out);
    job_free(j);
    if (resumed) *resumed = s.resumed;
    return status;
}

static void a_stopped_training_goes_on(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_SOME);
    const char *path = in(test_folder(), "checkpoint");
    fit_input input = {.split = s.s, .features = &s.f, .n_features = 1, .seed = 3};
    model *whole, *resumed, *none;
    int went_on;
    assert_ok(fit_stopping(&input, 0xffff, NULL, &whole));
    input.checkpoint = path;
    input.resume = 1;
    assert_error(fit_stopping(&input, 23, &went_on, &none), LB_E_INTERRUPTED, "skip-gram");
    assert_false(went_on);
    assert_true(file_exists(path));
    assert_error(fit_stopping(&input, 543, &went_on, &none), LB_E_INTERRUPTED, "skip-gram");
    assert_true(went_on);
    assert_ok(fit_stopping(&input, 0xffff, &went_on, &resumed));
    assert_true(went_on);
    assert_same_scores(whole, resumed);
    const paper_model *a = whole->state, *b = resumed->state;
    assert_memory_equal(a->user, b->user, a->n_users * a->dim * sizeof *a->user);
    assert_memory_equal(a->weights, b->weights, sizeof a->weights);
    assert_same_curve(&whole->common.curve, &resumed->common.curve);
    input.seed = 9;
    assert_error(fit_stopping(&input, 0xffff, NULL, &none), LB_E_MISMATCH, "--resume");
    model_free(whole);
    model_free(resumed);
    shop_close(&s);
}

/* ---------------------------------------------------------------- the collapse */

/* The first and last mean cosine between users that the log tells, and whether it tells the rest.
 */
typedef struct log_reader {
    double first, last;
    size_t n;
    int collapses, kept;
} log_reader;

static int read_log(void *context, const lb_progress *p) {
    log_reader *l = context;
    const char *at = p->note ? strstr(p->note, "mean cosine between users ") : NULL;
    double cosine;
    if (p->note && strstr(p->note, "the space collapses")) l->collapses = 1;
    if (p->note && strstr(p->note, "kept the state after batch")) l->kept = 1;
    if (!at || sscanf(at, "mean cosine between users %lf", &cosine) != 1) return 0;
    if (!l->n++) l->first = cosine;
    l->last = cosine;
    return 0;
}

static log_reader log_of(const shop *s, const char *const *more) {
    log_reader log = {0};
    lb_runtime runtime = {.threads = 2, .progress = read_log, .progress_context = &log};
    fit_input input = {.split = s->s, .features = &s->f, .n_features = 1, .seed = 3};
    job *j;
    model *m;
    assert_ok(job_new(&runtime, &j));
    assert_ok(fit_with(j, &input, more, &m));
    model_free(m);
    job_free(j);
    return log;
}

static void the_log_shows_the_collapse(void **state) {
    (void)state;
    static const char *const longer[] = {"epochs=10", "rate=0.005", NULL};
    static const char *const negatives[] = {"epochs=10", "rate=0.005", "negatives=5", NULL};
    shop s = shop_open(LOOKS_ALL);
    log_reader log = log_of(&s, longer);
    assert_true(fabs(log.first) < 0.1);
    assert_true(log.last > 0.9);
    assert_true(log.collapses && log.kept && log.n > 5);
    log = log_of(&s, negatives);
    assert_true(log.last < 0.5);
    assert_false(log.collapses);
    shop_close(&s);
}

static void stopping_can_be_left_to_the_end(void **state) {
    (void)state;
    static const char *const best[] = {"epochs=20", NULL}, *const end[] = {"epochs=20", "stop=end",
                                                                           NULL};
    shop s = shop_open(LOOKS_ALL);
    model *a = fit_shop(&s, best), *b = fit_shop(&s, end);
    const paper_model *x = a->state, *y = b->state;
    assert_memory_not_equal(x->user, y->user, x->n_users * x->dim * sizeof *x->user);
    model_free(b);
    s.s->n_valid = 0; // nothing to choose by: the end
    b = fit_shop(&s, best);
    x = b->state;
    model *c = fit_shop(&s, end);
    y = c->state;
    assert_memory_equal(x->user, y->user, x->n_users * x->dim * sizeof *x->user);
    model_free(a);
    model_free(b);
    model_free(c);
    shop_close(&s);
}

/* ---------------------------------------------------------------- what may be missing */

static void count_placed(const model *m, uint32_t *warm, uint32_t *cold) {
    model_part part[MODEL_MAX_PARTS];
    assert_int_equal(paper_class.parts(m->state, part), 2);
    *warm = part[0].n;
    *cold = part[1].n;
}

static void features_may_be_missing(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_COLD); // no trained product has one
    model *with = fit_shop(&s, NULL), *without, *loaded;
    job *j = new_job(1);
    fit_input input = {.split = s.s, .seed = 3};
    assert_ok(fit_with(j, &input, NULL, &without));
    uint32_t warm, cold;
    count_placed(with, &warm, &cold);
    assert_true(warm > 0 && cold == 0);
    assert_same_scores(with, without);
    const char *path = in(test_folder(), "paper.safetensors");
    assert_ok(model_save(without, s.d, path));
    assert_ok(model_load(path, &loaded));
    assert_same_scores(without, loaded);
    float *scores = all_scores(without);
    for (uint32_t p = 0; p < s.s->n_products; p++)
        assert_int_equal(isfinite(scores[p]), s.s->degree[p] > 0);
    free(scores);
    model_free(with);
    model_free(without);
    model_free(loaded);
    job_free(j);
    shop_close(&s);
}

/* A user and a product lose all interactions. */
static void isolated_nodes_are_left_out(void **state) {
    (void)state;
    shop s = shop_open(LOOKS_SOME);
    split *t = s.s;
    size_t n = 0;
    uint32_t lost = t->product[t->user_start[1]], begin = 0;
    for (uint32_t u = 0; u < t->n_users; u++) {
        uint32_t end = t->user_start[u + 1];
        t->user_start[u] = (uint32_t)n;
        for (uint32_t i = begin; i < end; i++) {
            int keep = u != 0 && t->product[i] != lost;
            t->degree[t->product[i]] -= !keep;
            if (keep) t->product[n++] = t->product[i];
        }
        begin = end;
    }
    t->user_start[t->n_users] = (uint32_t)n;
    t->n_train = n;
    model *m = fit_shop(&s, NULL);
    const paper_model *p = m->state;
    for (uint32_t d = 0; d < p->dim; d++)
        assert_true(p->user[d] == 0 && isfinite(p->user[p->dim + d]));
    assert_int_equal(p->kind[lost], s.f.present[lost] ? PAPER_COLD : PAPER_UNKNOWN);
    float *scores = all_scores(m);
    for (size_t i = 0; i < (size_t)t->n_users * t->n_products; i++)
        if (isnan(scores[i])) fail_msg("score %zu is not a number", i);
    free(scores);
    model_free(m);
    shop_close(&s);
}

static void nothing_to_learn_from_is_said(void **state) {
    (void)state;
    uint32_t user_start[3] = {0}, degree[2] = {0}, product[1] = {0};
    uint8_t catalogue[2] = {1, 1};
    split s = {.n_users = 2,
               .n_products = 2,
               .user_start = user_start,
               .product = product,
               .in_catalogue = catalogue,
               .degree = degree};
    float rating[1] = {1};
    s.rating = rating;
    fit_input input = {.split = &s, .seed = 1};
    job *j = new_job(1);
    model *m;
    assert_error(fit_with(j, &input, NULL, &m), LB_E_EMPTY, "no interactions");
    job_free(j);
}

/* ---------------------------------------------------------------- fold-in and options */

static void fold_in_follows_likes_and_dislikes(void **state) {
    (void)state;
    static const char *const negatives[] = {"epochs=5", "negatives=5", NULL};
    shop s = shop_open(LOOKS_ALL);
    model *m = fit_shop(&s, negatives);
    const paper_model *p = m->state;
    float a[8], b[8], c[8];
    float *const qa[] = {a, b}, *const qc[] = {c, b};
    uint32_t liked = p->warm[0], disliked = p->warm[1], far = UINT32_MAX;
    taste who = {-1, &liked, NULL, 1, 0, NULL};
    assert_ok(paper_class.fold_in(p, &m->common, &who, qa));
    assert_memory_equal(a, b, sizeof a);
    for (uint32_t d = 0; d < 8; d++) assert_true(fabsf(a[d] - p->warm_vector[d]) < 1e-6f);
    who = (taste){-1, &liked, &disliked, 1, 1, NULL};
    assert_ok(paper_class.fold_in(p, &m->common, &who, qc));
    float before = 0, after = 0;
    for (uint32_t d = 0; d < 8; d++) {
        before += a[d] * p->warm_vector[8 + d];
        after += c[d] * p->warm_vector[8 + d];
    }
    assert_true(after < before);
    who = (taste){5, NULL, NULL, 0, 0, NULL}; // a trained user without news
    assert_ok(paper_class.fold_in(p, &m->common, &who, qa));
    assert_ok(paper_class.query_user(p, &m->common, 5, qc));
    for (uint32_t d = 0; d < 8; d++) assert_true(fabsf(a[d] - c[d]) < 1e-6f);
    who = (taste){-1, NULL, NULL, 0, 0, NULL};
    assert_ok(paper_class.fold_in(p, &m->common, &who, qa));
    for (uint32_t d = 0; d < 8; d++) assert_true(a[d] == 0);
    who = (taste){-1, &far, NULL, 1, 0, NULL};
    assert_error(paper_class.fold_in(p, &m->common, &who, qa), LB_E_ARGUMENT, "product row");
    model_free(m);
    shop_close(&s);
}

static void the_preset_yields_to_what_is_set(void **state) {
    (void)state;
    static const char *const settings[] = {"preset=early-code", "walks=2", "steps=uniform",
                                           "max-batches=20", NULL};
    shop s = shop_open(LOOKS_ALL);
    model *m = fit_shop(&s, settings);
    const paper_options *o = &((const paper_model *)m->state)->options;
    assert_int_equal(o->tables, PAPER_TABLES_TWO);
    assert_int_equal(o->hop, 3);
    assert_int_equal(o->walk_length, 21);
    assert_int_equal(o->walks, 2);
    assert_int_equal(o->encoder_output, PAPER_ENCODER_RELU);
    assert_true(o->rate == 0.01);
    const paper_model *p = m->state;
    for (uint32_t i = 0; i < p->n_cold * p->dim; i++) assert_true(p->cold_vector[i] >= 0);
    model_free(m);
    shop_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gradients_match_differences),
        cmocka_unit_test(repeated_centres_count),
        cmocka_unit_test(users_and_products_without_feature_use_the_plain_loss),
        cmocka_unit_test(weights_stay_within_the_clamp),
        cmocka_unit_test(a_node_is_no_context_of_itself),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(seeds_matter),
        cmocka_unit_test(files_hold_everything),
        cmocka_unit_test(a_stopped_training_goes_on),
        cmocka_unit_test(the_log_shows_the_collapse),
        cmocka_unit_test(stopping_can_be_left_to_the_end),
        cmocka_unit_test(features_may_be_missing),
        cmocka_unit_test(isolated_nodes_are_left_out),
        cmocka_unit_test(nothing_to_learn_from_is_said),
        cmocka_unit_test(fold_in_follows_likes_and_dislikes),
        cmocka_unit_test(the_preset_yields_to_what_is_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
