/* whisper as a whole: what it is before training, what it learns, who may ask, files and threads.
 */
#include "model/asked_shop.h"

#include <time.h>

#include "core/memory.h"

static fit_input input_of(const asked *a) {
    return (fit_input){.split = a->s.s,
                       .features = &a->s.f,
                       .n_features = 1,
                       .seed = 3,
                       .requests = &a->train,
                       .valid_requests = &a->valid,
                       .texts = &a->texts};
}

static model *fit_threads(const asked *a, const char *const *more, unsigned threads) {
    fit_input input = input_of(a);
    job *j = new_job(threads);
    model *m;
    assert_ok(fit_settings(j, &whisper_class, quick, more, &input, &m));
    job_free(j);
    return m;
}

static void score(const model *m, int64_t user, const char *text, float *out) {
    assert_ok(model_score_requests(m, &user, &text, 1, out));
}

/* Untrained: what is asked for ranks by t . z alone, for whoever asks. */
static void untrained_is_similarity(void **state) {
    (void)state;
    asked a = asked_open();
    model *m = fit_threads(&a, (const char *const[]){"epochs=0", NULL}, 2);
    const whisper_model *w = m->state;
    uint32_t n = m->common.n_products;
    float *scores = calloc(n, sizeof *scores), *mine = calloc(n, sizeof *scores);
    float *taste_scores = calloc(n, sizeof *scores), *s = calloc(w->net.dim, sizeof *s);
    float *t = calloc(w->net.dim, sizeof *t);
    score(m, -1, "beach dress", scores);
    assert_ok(whisper_encode(w, NULL, NULL, "beach dress", NULL, 0, t));
    for (uint32_t u = 0; u < m->common.n_users; u += 17) {
        size_t first = m->common.user_start[u], have = m->common.user_start[u + 1] - first;
        assert_ok(whisper_encode(w, NULL, NULL, "beach dress", m->common.product + first, have, s));
        assert_memory_equal(s, t, w->net.dim * sizeof *s);
        score(m, u, "beach dress", mine);
        score(m, u, NULL, taste_scores);
        for (uint32_t p = 0; p < n; p++) {
            bool warm = m->common.degree[p];
            double product = 0, weight = w->weight[warm ? 0 : 1], lift = warm ? 0 : w->offset;
            for (size_t d = 0; d < w->net.dim; d++)
                product += (double)t[d] * (double)w->z[p * w->net.dim + d];
            assert_true(fabs((double)scores[p] - w->weight[0] * product) < 1e-4); // alike for all
            if (have)
                assert_true(fabs((double)mine[p] - (double)taste_scores[p] - lift -
                                 weight * product) < 1e-3);
        }
    }
    free(scores);
    free(mine);
    free(taste_scores);
    free(s);
    free(t);
    model_free(m);
    asked_close(&a);
}

/* Without words it is the vasg inside, to the last bit. */
static void without_words_it_recommends(void **state) {
    (void)state;
    asked a = asked_open();
    model *m = fit_threads(&a, NULL, 2);
    const whisper_model *w = m->state;
    static const char *const nothing[] = {NULL, "", "  ?! ", "\xf0\x9f\x91\x97"};
    size_t dim = whisper_front(w), warm = vasg_warm_width(w->taste),
           cold = vasg_cold_width(w->taste);
    float *q[2] = {calloc(dim + warm, sizeof(float)), calloc(dim + cold, sizeof(float))};
    float *v[2] = {calloc(warm, sizeof(float)), calloc(cold, sizeof(float))};
    for (uint32_t u = 0; u < m->common.n_users; u += 11)
        for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
            if (m->common.user_start[u] == m->common.user_start[u + 1]) continue;
            assert_ok(whisper_class.query_request(w, &m->common, u, nothing[i], q));
            assert_ok(vasg_class.query_user(w->taste, &m->common, u, v));
            assert_memory_equal(q[0] + dim, v[0], warm * sizeof(float));
            assert_memory_equal(q[1] + dim, v[1], cold * sizeof(float));
            for (size_t d = 0; d < dim; d++) assert_true(q[0][d] == 0 && q[1][d] == 0);
        }
    for (int i = 0; i < 2; i++) {
        free(q[i]);
        free(v[i]);
    }
    model_free(m);
    asked_close(&a);
}

/* Mean reciprocal position of the products of the group that is asked for, over nobody's answers.
 */
static double found(const asked *a, const model *m) {
    uint32_t n = m->common.n_products;
    float *scores = calloc(n, sizeof *scores);
    double right = 0;
    for (size_t g = 0; g < GROUPS; g++) {
        size_t best = 0;
        score(m, -1, said[g], scores);
        for (uint32_t p = 0; p < n; p++)
            if (m->common.degree[p] && (!m->common.degree[best] || scores[p] > scores[best]))
                best = p;
        right += group_of(a->s.d, (uint32_t)best) == g;
    }
    free(scores);
    return right / GROUPS;
}

static void words_find_what_they_are_said_of(void **state) {
    (void)state;
    asked a = asked_open();
    model *m = fit_threads(&a, NULL, 2);
    assert_true(found(&a, m) == 1);
    model_free(m);
    asked_close(&a);
}

static void every_ablation_trains(void **state) {
    (void)state;
    asked a = asked_open();
    static const char *const off[][2] = {
        {"lambda=0", NULL}, {"lambda=1", NULL}, {"user=off", NULL}, {"request=off", NULL}};
    for (size_t i = 0; i < 4; i++) {
        model *m = fit_threads(&a, off[i], 2);
        float *mine = calloc(m->common.n_products, sizeof *mine);
        float *other = calloc(m->common.n_products, sizeof *mine);
        score(m, 0, said[0], mine);
        score(m, i == 2 ? 1 : 0, i == 3 ? said[1] : said[0], other);
        if (i >= 2) assert_memory_equal(mine, other, m->common.n_products * sizeof *mine);
        free(mine);
        free(other);
        model_free(m);
    }
    asked_close(&a);
}

static void files_and_threads(void **state) {
    (void)state;
    asked a = asked_open();
    model *one = fit_threads(&a, NULL, 1), *three = fit_threads(&a, NULL, 3), *read;
    const char *x = in(test_folder(), "one"), *y = in(test_folder(), "three");
    assert_ok(model_save(one, a.s.d, x));
    assert_ok(model_save(three, a.s.d, y));
    assert_true(same_files(x, y));
    assert_ok(model_load(x, &read));
    assert_same_scores(one, read);
    float *p = calloc(one->common.n_products, sizeof *p),
          *q = calloc(one->common.n_products, sizeof *q);
    score(one, 3, "beach dress, unheard-of", p);
    score(read, 3, "beach dress, unheard-of", q);
    assert_memory_equal(p, q, one->common.n_products * sizeof *p);
    free(p);
    free(q);
    model_free(one);
    model_free(three);
    model_free(read);
    asked_close(&a);
}

/* Somebody known by liked products who asks, and products that came after training. */
static void newcomers(void **state) {
    (void)state;
    asked a = asked_open();
    model *m = fit_threads(&a, NULL, 2);
    const whisper_model *w = m->state;
    model_part part[MODEL_MAX_PARTS];
    assert_int_equal(whisper_class.parts(w, part), 2);
    float *q[2] = {calloc(part[0].dim, sizeof(float)), calloc(part[1].dim, sizeof(float))};
    uint32_t liked = w->taste->warm[0], p = 0, dim;
    assert_ok(whisper_class.fold_in(w, &m->common, &(taste){-1, &liked, NULL, 1, 0, "beach"}, q));
    bool speaks = false, knows = false;
    for (size_t d = 0; d < part[0].dim; d++) {
        assert_true(isfinite(q[0][d]));
        *(d < w->net.dim ? &speaks : &knows) |= q[0][d] != 0;
    }
    assert_true(speaks && knows);
    assert_ok(whisper_class.fold_in(w, &m->common, &(taste){-1, NULL, NULL, 0, 0, "beach"}, q));
    for (size_t d = w->net.dim; d < part[0].dim; d++) assert_true(q[0][d] == 0); // and no offset

    // a cold product without a text is placed as its feature alone says, whenever it comes
    while (m->common.degree[p] || !a.s.f.present[p] || p % 7) p++;
    float row[FEATURE], *vector = calloc(part[1].dim, sizeof *vector);
    float *place = calloc(w->taste->dim, sizeof *place), *look = calloc(8, sizeof *look);
    assert_true(feature_row(&a.s.f, p, row));
    assert_ok(whisper_class.place(w, row, 1, FEATURE, NULL, vector, place, look));
    const float *known = whisper_class.embedding(w, &dim);
    for (size_t d = 0; d < dim; d++) assert_true(fabsf(place[d] - known[p * dim + d]) < 1e-4f);
    for (size_t d = 0; d < part[1].dim; d++) assert_true(isfinite(vector[d]));
    assert_int_equal(whisper_class.place(w, row, 1, FEATURE - 1, NULL, vector, place, look),
                     LB_E_MISMATCH);
    free(vector);
    free(place);
    free(look);
    free(q[0]);
    free(q[1]);
    model_free(m);
    asked_close(&a);
}

/* What is written of a product counts the same whenever it comes. */
static void newcomers_are_read(void **state) {
    (void)state;
    asked a = asked_open();
    model *m = fit_threads(&a, NULL, 2);
    const whisper_model *w = m->state;
    model_part part[MODEL_MAX_PARTS];
    whisper_class.parts(w, part);
    float row[FEATURE], *vector = calloc(part[1].dim, sizeof *vector);
    float *place = calloc(w->taste->dim, sizeof *place), *look = calloc(8, sizeof *look);
    size_t compared = 0;
    for (uint32_t k = 0; k < part[1].n; k++) {
        uint32_t p = part[1].product[k];
        const words_product written = {a.texts.title[p], a.texts.category[p], a.texts.brand[p],
                                       NULL};
        const float *known = part[1].vector + (size_t)k * part[1].dim;
        if (!*a.texts.text[p]) continue;
        if (!feature_row(&a.s.f, p, row)) row[0] = NAN;
        assert_ok(whisper_class.place(w, row, 1, FEATURE, &written, vector, place, look));
        for (size_t d = 0; d < part[1].dim; d++)
            assert_true(fabsf(vector[d] - known[d]) <= 1e-4f * (1 + fabsf(known[d])));
        compared++;
    }
    assert_true(compared > 2);
    free(vector);
    free(place);
    free(look);
    model_free(m);
    asked_close(&a);
}

/* ---- stop and go on */

/* Asks to stop at a stage, or after a pass; the pause lets the next report through. */
typedef struct stopper {
    const char *stage, *note;
    bool stop, trained_taste;
    int resumed; // after which pass; -1 = from none
} stopper;

static int stop_at(void *context, const lb_progress *p) {
    stopper *s = context;
    if (p->note) sscanf(p->note, "going on after pass %d", &s->resumed);
    if (p->note && s->note && strncmp(p->note, s->note, strlen(s->note)) == 0) {
        s->stop = true;
        nanosleep(&(struct timespec){0, 150000000}, NULL);
    }
    if (p->note) return 0;
    s->trained_taste |= strcmp(p->stage, "skip-gram") == 0;
    return s->stop || (s->stage && strcmp(p->stage, s->stage) == 0);
}

static lb_status fit_stopping(const fit_input *input, const char *setting, stopper *s,
                              model **out) {
    const char *const more[] = {"epochs=3", setting, NULL};
    lb_runtime runtime = {.threads = 2, .progress = stop_at, .progress_context = s};
    job *j;
    s->resumed = -1;
    assert_ok(job_new(&runtime, &j));
    lb_status status = fit_settings(j, &whisper_class, quick, more, input, out);
    job_free(j);
    return status;
}

/* In the vasg inside, and between passes that teach layers: the file is that of a training that was
 * never stopped. */
static void a_stopped_training_goes_on(void **state) {
    (void)state;
    static const struct {
        const char *stage, *note;
        int resumed;
    } when[] = {{"spectral part", NULL, -1}, {NULL, "pass 2: validation", 2}};
    asked a = asked_open();
    fit_input input = input_of(&a);
    const char *whole = in(test_folder(), "whole"), *cut = in(test_folder(), "cut");
    const char *checkpoint = in(test_folder(), "checkpoint");
    stopper none = {0};
    model *m = NULL;
    assert_ok(fit_stopping(&input, NULL, &none, &m));
    assert_ok(model_save(m, a.s.d, whole));
    model_free(m);
    for (size_t i = 0; i < sizeof when / sizeof *when; i++) {
        stopper stop = {.stage = when[i].stage, .note = when[i].note};
        input.checkpoint = checkpoint;
        input.resume = 0;
        assert_int_equal(fit_stopping(&input, NULL, &stop, &m), LB_E_INTERRUPTED);
        input.resume = 1;
        none = (stopper){0};
        assert_ok(fit_stopping(&input, NULL, &none, &m));
        assert_int_equal(none.resumed, when[i].resumed);
        assert_false(none.trained_taste);
        assert_ok(model_save(m, a.s.d, cut));
        model_free(m);
        assert_true(same_files(whole, cut));
    }
    asked_close(&a);
}

static void checkpoints_of_others_are_refused(void **state) {
    (void)state;
    asked a = asked_open();
    fit_input input = input_of(&a);
    stopper stop = {.note = "pass 1: validation"}, none = {0};
    model *m = NULL;
    input.checkpoint = in(test_folder(), "checkpoint");
    assert_int_equal(fit_stopping(&input, NULL, &stop, &m), LB_E_INTERRUPTED);
    input.resume = 1;
    assert_int_equal(fit_stopping(&input, "lambda=1", &none, &m), LB_E_MISMATCH);
    const char *text = a.train.request[0].text; // as of another level
    a.train.request[0].text = "something else";
    assert_int_equal(fit_stopping(&input, NULL, &none, &m), LB_E_MISMATCH);
    a.train.request[0].text = text;
    const char *title = a.texts.title[1];
    a.texts.title[1] = NULL; // unknown
    assert_int_equal(fit_stopping(&input, NULL, &none, &m), LB_E_MISMATCH);
    a.texts.title[1] = title;
    assert_false(none.trained_taste);
    test_write(input.checkpoint, "nothing", 7);
    assert_int_equal(fit_stopping(&input, NULL, &none, &m), LB_E_FORMAT);
    assert_null(m);
    asked_close(&a);
}

static void what_it_needs(void **state) {
    (void)state;
    asked a = asked_open();
    fit_input input = input_of(&a);
    job *j = new_job(1);
    model *m = NULL;
    input.requests = NULL;
    assert_int_equal(fit_settings(j, &whisper_class, quick, NULL, &input, &m), LB_E_EMPTY);
    assert_non_null(strstr(lb_last_error(), "--level"));
    input = input_of(&a); // without features, texts and validation it still trains
    input.n_features = 0;
    input.texts = NULL;
    input.valid_requests = NULL;
    assert_ok(fit_settings(j, &whisper_class, quick, NULL, &input, &m));
    float *scores = calloc(m->common.n_products, sizeof *scores);
    score(m, 0, said[0], scores);
    for (uint32_t p = 0; p < m->common.n_products; p++) assert_true(isfinite(scores[p]));
    free(scores);
    model_free(m);
    assert_ok(fit_settings(j, &vasg_class, (const char *const[]){"dim=4", "epochs=1", NULL}, NULL,
                           &input, &m));
    int64_t user = 0;
    const char *text = "coat";
    float none;
    assert_int_equal(model_score_requests(m, &user, &text, 1, &none), LB_E_UNSUPPORTED);
    model_free(m);
    job_free(j);
    asked_close(&a);
}

int main(int n, char **argument) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(untrained_is_similarity),
        cmocka_unit_test(without_words_it_recommends),
        cmocka_unit_test(words_find_what_they_are_said_of),
        cmocka_unit_test(every_ablation_trains),
        cmocka_unit_test(files_and_threads),
        cmocka_unit_test(newcomers),
        cmocka_unit_test(newcomers_are_read),
        cmocka_unit_test(a_stopped_training_goes_on),
        cmocka_unit_test(checkpoints_of_others_are_refused),
        cmocka_unit_test(what_it_needs),
    };
    test_choose(n, argument);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
