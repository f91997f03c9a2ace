/* The task "requests": which product does this person mean by these words? */
#include "run/compare_requests.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "eval/requests.h"
#include "model/evaluation.h"
#include "run/trial.h"

static const char *const models[] = {"rand", "pop", "bm25", "text", "user", "late", "whisper"};
const unsigned compare_requests_cutoffs[COMPARE_REQUESTS_CUTOFFS] = {1, 5, 10, 20, 50};

lb_status request_control_parse(const char *name, request_control *out) {
    static const char *const names[] = {"", "shuffled-users", "shuffled-requests"};
    *out = CONTROL_NONE;
    if (!name) return LB_OK;
    for (request_control k = CONTROL_USERS; k <= CONTROL_REQUESTS; k++)
        if (strcmp(names[k], name) == 0) {
            *out = k;
            return LB_OK;
        }
    return status_fail(LB_E_ARGUMENT, "control \"%s\": must be shuffled-users or shuffled-requests",
                       name);
}

/* ---- the tests */

static void drop_tests(compare_requests *q) {
    requests_free(&q->train);
    requests_free(&q->valid);
    requests_free(&q->test);
    free(q->tests);
    free(q->asks);
    q->tests = NULL;
    q->asks = NULL;
}

/* A feature that holds the plots would know the requests made of them. */
static lb_status check_features(const compare_requests *q, const run_source *source) {
    for (size_t i = 0; i < source->n_features && q->level == REQUEST_PLOT; i++)
        if (strstr(source->feature[i].encoder, "description"))
            return status_fail(LB_E_ARGUMENT,
                               "the feature \"%s\" was made of the descriptions that requests of "
                               "level plot are made of; name others with --feature",
                               source->feature[i].name);
    return LB_OK;
}

/* The same tests, with another test's user or words where there is a control. */
static lb_status take_asks(compare_requests *q, uint64_t seed) {
    size_t n = q->test.n;
    uint32_t *order = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(order, n));
    LB_TRY_CLEANUP(NEW_ARRAY(q->tests, n));
    LB_TRY_CLEANUP(NEW_ARRAY(q->asks, n));
    random_stream stream = random_open(seed, "control", q->control);
    random_permutation(&stream, order, n);
    for (size_t i = 0; i < n; i++) {
        const request *r = &q->test.request[i], *other = &q->test.request[order[i]];
        q->tests[i] = (pair){r->user, r->product};
        q->asks[i] = (ask){q->control == CONTROL_USERS ? other->user : r->user,
                           q->control == CONTROL_REQUESTS ? other->text : r->text};
    }
cleanup:
    free(order);
    return status;
}

static bool any_takes_text(const compare_whole *c) {
    for (size_t i = 0; i < c->n_rows; i++)
        if (c->row[i].spec.class && c->row[i].spec.class->takes_text) return true;
    return false;
}

static lb_status prepare(compare_whole *c, const run_source *source, const split *s, uint32_t run) {
    if (!c->requests) LB_TRY(NEW_ARRAY(c->requests, 1));
    compare_requests *q = c->requests;
    const lb_compare_options *o = c->options;
    uint64_t seed = o->split.seed + (o->vary_split ? run : 0);
    LB_TRY(request_level_parse(o->level ? o->level : "category", &q->level));
    LB_TRY(request_control_parse(o->control, &q->control));
    LB_TRY(check_features(q, source));
    if (!q->texts_loaded) LB_TRY(answer_texts_load(source->dataset, &q->texts));
    q->texts_loaded = true;
    drop_tests(q);
    if (any_takes_text(c))
        LB_TRY(requests_load(source->dataset, s, q->level, PART_TRAIN, seed, &q->train));
    LB_TRY(requests_load(source->dataset, s, q->level, PART_VALID, seed, &q->valid));
    LB_TRY(requests_load(source->dataset, s, q->level, PART_TEST, seed, &q->test));
    if (run == 0) q->n_without = s->n_test - q->test.n;
    if (!q->test.n)
        return status_fail(LB_E_EMPTY, "no test pair has a request of level %s; %s",
                           request_level_name(q->level), request_level_needs(q->level));
    return take_asks(q, seed);
}

static void release(compare_whole *c) {
    compare_requests *q = c->requests;
    if (!q) return;
    drop_tests(q);
    answer_texts_free(&q->texts);
    model_free(q->last);
    free(q->last_settings);
    free(q);
    c->requests = NULL;
}

/* ---- one model */

static lb_status describe(const compare_row *r, char **out) {
    text t = {0};
    text_add(&t, "%s", r->spec.class->name);
    for (size_t i = 0; i < r->spec.n_settings; i++) text_add(&t, "\n%s", r->spec.settings[i]);
    *out = t.bytes;
    return t.status;
}

/* Trains what the row needs, unless it is what was trained last: late fusion asks the same model as
 * the person alone. */
static lb_status fit(job *j, compare_whole *c, const compare_row *r, const run_source *source,
                     const split *s, uint32_t run, double *seconds, model **out) {
    compare_requests *q = c->requests;
    trial_requests requests = {&q->train, &q->valid, &q->texts.products};
    char *settings = NULL;
    *seconds = 0;
    *out = NULL;
    if (!r->spec.class) return LB_OK;
    LB_TRY(describe(r, &settings));
    if (!q->last || q->last_run != run || strcmp(q->last_settings, settings) != 0) {
        model_free(q->last);
        free(q->last_settings);
        q->last = NULL;
        q->last_settings = settings;
        q->last_run = run;
        LB_TRY(trial_fit(j, r->spec.class, r->spec.settings, r->spec.n_settings, source, s,
                         &requests, c->options->seed + run, &q->last_seconds, &q->last));
    } else {
        free(settings);
    }
    *seconds = q->last_seconds;
    *out = q->last;
    return LB_OK;
}

static lb_status measure(job *j, const compare_whole *c, model *m, const split *s, compare_row *r,
                         uint32_t run) {
    const compare_requests *q = c->requests;
    answerer a = {.way = r->spec.way,
                  .model = m,
                  .texts = &q->texts,
                  .in_catalogue = s->in_catalogue,
                  .n_products = s->n_products,
                  .weight = NAN};
    if (a.way == ANSWER_LATE) LB_TRY(answerer_choose_weight(j, &a, s, &q->valid));
    a.asks = q->asks;
    r->weight[run] = a.weight;
    eval_input tests = evaluation_input(s, q->tests, q->test.n, s->valid, s->n_valid);
    return eval_requests(j, &tests, answerer_score, &a, compare_requests_cutoffs,
                         COMPARE_REQUESTS_CUTOFFS, c->options->list, &r->result[run]);
}

static lb_status finish(job *j, compare_whole *c) {
    (void)j;
    (void)c;
    return LB_OK;
}

const compare_task compare_requests_task = {
    .name = "requests",
    .file = "requests.json",
    .models = models,
    .n_models = sizeof models / sizeof *models,
    .find = answer_find,
    .prepare = prepare,
    .fit = fit,
    .measure = measure,
    .finish = finish,
    .release = release,
    .json_head = compare_requests_json_head,
    .json_row = compare_requests_json_row,
    .table_tests = compare_requests_table_tests,
    .table_head = compare_requests_table_head,
    .table_cells = compare_requests_table_cells,
    .table_foot = compare_requests_table_foot,
};
