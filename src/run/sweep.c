#include "run/sweep.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/file.h"
#include "core/memory.h"
#include "run/compare.h"
#include "run/output.h"
#include "run/trial.h"
#include "store/checksum.h"

enum { WATCH_MILLISECONDS = 100 };

typedef struct sweeper {
    const lb_sweep_options *options;
    const model_class *class;
    uint32_t runs; // 1 where the seed has no effect
    run_source source;
    split *split;
    sweep_head head;
    sweep_grid grid;
    sweep_log *log;    // NULL without a file
    sweep_file done;   // trials: what the file held, and what was finished since
    uint32_t *pending; // (n_pending) run * n_combinations + combination, in the order of training
    size_t n_pending, n_before;
    // between the threads, under `lock`:
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t next;      // of pending
    size_t n_told;    // trials that the caller was told of
    atomic_bool stop; // the caller wants to stop, or something is broken
    job **inner;      // (n_inner) one for each training at a time
    unsigned n_inner;
} sweeper;

/* ---- what is to be done */

/* Says whether two sweeps work on the same pairs and looks. Of a large feature some rows stand for
 * all. */
static lb_status fingerprint(const run_source *source, const split *s, char out[17]) {
    enum { ROWS = 1024 };
    uint64_t sum = checksum_bytes(0, s->user_start, ((size_t)s->n_users + 1) * sizeof(uint32_t));
    sum = checksum_bytes(sum, s->product, s->n_train * sizeof *s->product);
    sum = checksum_bytes(sum, s->rating, s->n_train * sizeof *s->rating);
    sum = checksum_bytes(sum, s->valid, s->n_valid * sizeof *s->valid);
    sum = checksum_bytes(sum, s->test, s->n_test * sizeof *s->test);
    sum = checksum_bytes(sum, s->in_catalogue, s->n_products);
    for (const feature_set *f = source->feature; f < source->feature + source->n_features; f++) {
        uint32_t step = s->n_products / ROWS + 1;
        float *row;
        LB_TRY(NEW_ARRAY(row, f->dim));
        sum = checksum_bytes(sum, f->present, s->n_products);
        for (uint32_t p = 0; p < s->n_products; p += step)
            if (feature_row(f, p, row)) sum = checksum_bytes(sum, row, f->dim * sizeof *row);
        free(row);
    }
    checksum_text(sum, out);
    return LB_OK;
}

static lb_status describe(sweeper *w, const char *directory) {
    const lb_sweep_options *o = w->options;
    sweep_head *h = &w->head;
    *h = (sweep_head){.class = w->class, .seed = o->seed, .list = o->list};
    run_last_name(directory, h->dataset, sizeof h->dataset);
    run_source_features(&w->source, h->feature);
    run_split_describe(&o->split, o->split.seed, h->split, sizeof h->split);
    return fingerprint(&w->source, w->split, h->fingerprint);
}

static lb_status check_split(const split *s) {
    if (!s->n_valid)
        return status_fail(LB_E_EMPTY, "the split has no validation pairs to choose by");
    if (!s->n_test) return status_fail(LB_E_EMPTY, "the split has no tests");
    return LB_OK;
}

static bool is_done(const sweeper *w, const char *settings, uint32_t run) {
    for (size_t i = 0; i < w->done.n_trials; i++)
        if (w->done.trial[i].run == run && strcmp(w->done.trial[i].settings, settings) == 0)
            return true;
    return false;
}

/* A finished training, on the disk first. Takes over what *t points to. */
static lb_status keep(sweeper *w, sweep_trial *t) {
    if (w->log) LB_TRY(sweep_log_add(w->log, t));
    LB_TRY(GROW_ARRAY(w->done.trial, w->done.n_trials, w->done.capacity));
    w->done.trial[w->done.n_trials++] = *t;
    *t = (sweep_trial){0};
    return LB_OK;
}

/* ---- what other sweeps did */

static bool is_asked(const sweeper *w, const sweep_trial *t) {
    if (t->run >= w->runs) return false;
    for (size_t i = 0; i < w->grid.n_combinations; i++)
        if (strcmp(w->grid.settings[i], t->settings) == 0) return true;
    return false;
}

/* The trainings of a file that this sweep asks for too. One that failed is tried again. */
static lb_status take_over(sweeper *w, const char *path) {
    sweep_file other = {0};
    lb_status status = LB_OK;
    if (!file_exists(path)) return LB_OK;
    LB_TRY(sweep_file_read(path, &other));
    if (!sweep_head_same(&other.head, &w->head)) goto cleanup;
    for (sweep_trial *t = other.trial; t < other.trial + other.n_trials; t++)
        if (!t->why && is_asked(w, t) && !is_done(w, t->settings, t->run))
            LB_TRY_CLEANUP(keep(w, t));
cleanup:
    sweep_file_free(&other);
    return status;
}

/* ---- the order of trainings */

/* Every combination once before any a second time: a sweep cut short has seen all of the grid. */
static lb_status plan(sweeper *w) {
    size_t n = w->grid.n_combinations;
    LB_TRY(NEW_ARRAY(w->pending, n * w->runs));
    for (uint32_t run = 0; run < w->runs; run++)
        for (size_t i = 0; i < n; i++)
            if (!is_done(w, w->grid.settings[i], run))
                w->pending[w->n_pending++] = (uint32_t)(run * n + i);
    w->n_before = n * w->runs - w->n_pending;
    return LB_OK;
}

/* ---- one trial */

static void take_metrics(const eval_result *r, sweep_metrics *out) {
    for (eval_kind kind = 0; kind < EVAL_KINDS; kind++) {
        out->n_tests[kind] = r->n_tests[kind];
        for (eval_set set = 0; set < EVAL_SETS; set++)
            for (size_t m = 0; m < EVAL_METRICS; m++) {
                double sum = 0, n = 0;
                for (size_t i = 0; i < r->n_users; i++) {
                    double value = eval_value(r, i, kind, set, m);
                    if (isnan(value)) continue;
                    sum += value;
                    n++;
                }
                out->value[kind][set][m] = n > 0 ? sum / n : NAN;
            }
    }
}

static lb_status measure(job *j, model *m, const sweeper *w, trial_part part, sweep_metrics *out) {
    eval_result *result = NULL;
    LB_TRY(trial_measure(j, m, w->split, part, w->options->list, &result));
    take_metrics(result, out);
    eval_result_free(result);
    return LB_OK;
}

/* The lines of the settings as the list that a model takes. Points into `copy`. */
static lb_status list_settings(char *copy, const char ***out, size_t *n) {
    size_t capacity = 0;
    *n = 0;
    *out = NULL;
    while (*copy) {
        size_t length = strcspn(copy, "\n");
        LB_TRY(GROW_ARRAY(*out, *n, capacity));
        (*out)[(*n)++] = copy;
        if (!copy[length]) break;
        copy[length] = '\0';
        copy += length + 1;
    }
    return LB_OK;
}

static lb_status train(job *j, const sweeper *w, sweep_trial *t) {
    const char **settings = NULL;
    size_t n;
    model *m = NULL;
    lb_status status;
    char *copy = memory_string(t->settings);
    LB_TRY_CLEANUP(copy ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(list_settings(copy, &settings, &n));
    LB_TRY_CLEANUP(trial_fit(j, w->class, settings, n, &w->source, w->split, NULL,
                             w->options->seed + t->run, &t->seconds, &m));
    LB_TRY_CLEANUP(measure(j, m, w, TRIAL_VALIDATION, &t->validation));
    LB_TRY_CLEANUP(measure(j, m, w, TRIAL_TEST, &t->test));
cleanup:
    model_free(m);
    free(settings);
    free(copy);
    return status;
}

/* Trains one; a failure that is the combination's own is a result too. */
static lb_status run_trial(job *j, const sweeper *w, uint32_t item, sweep_trial *out) {
    size_t n = w->grid.n_combinations;
    sweep_trial t = {.run = (uint32_t)(item / n)};
    lb_status status;
    LB_TRY((t.settings = memory_string(w->grid.settings[item % n])) ? LB_OK : LB_E_NOMEM);
    status = train(j, w, &t);
    if (status != LB_OK && !trial_is_fatal(status))
        status = (t.why = memory_string(lb_last_error())) ? LB_OK : LB_E_NOMEM;
    if (status == LB_OK)
        *out = t;
    else
        sweep_trial_free(&t);
    return status;
}

/* ---- several at a time */

/* Takes one pending training after the other. */
static lb_status work_off(sweeper *w, job *j) {
    lb_status status = LB_OK;
    pthread_mutex_lock(&w->lock);
    while (status == LB_OK && w->next < w->n_pending && !atomic_load(&w->stop)) {
        uint32_t item = w->pending[w->next++];
        sweep_trial t = {0};
        pthread_mutex_unlock(&w->lock);
        status = run_trial(j, w, item, &t);
        pthread_mutex_lock(&w->lock);
        if (status == LB_OK) status = keep(w, &t);
        sweep_trial_free(&t);
        pthread_cond_broadcast(&w->changed);
    }
    // Whoever asked to stop says why; the others were only told.
    if (status == LB_E_INTERRUPTED && atomic_load(&w->stop)) status = LB_OK;
    if (status != LB_OK) atomic_store(&w->stop, true);
    pthread_cond_broadcast(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return status;
}

/* "dim=8 epochs=4" of a trial. */
static void name_trial(const sweeper *w, const sweep_trial *t, char *out, size_t size) {
    size_t used = 0;
    *out = '\0';
    for (size_t i = 0; i < w->grid.n_axes && used < size; i++) {
        const char *name = w->grid.axis[i].name;
        char *value = sweep_setting(t->settings, name);
        used += (size_t)snprintf(out + used, size - used, "%s%s=%s", i ? " " : "", name,
                                 value ? value : "");
        free(value);
    }
}

static void tell(job *j, const sweeper *w, const sweep_trial *t) {
    char name[256];
    double warm = t->validation.value[EVAL_WARM][EVAL_OWN][EVAL_AUC],
           cold = t->validation.value[EVAL_COLD][EVAL_OWN][EVAL_AUC];
    name_trial(w, t, name, sizeof name);
    if (t->why)
        job_note(j, "sweep", "%s, run %u: %s", name, t->run + 1, t->why);
    else if (isnan(cold))
        job_note(j, "sweep", "%s, run %u: validation AUC warm %.4f, trained in %.1f s", name,
                 t->run + 1, warm, t->seconds);
    else
        job_note(j, "sweep", "%s, run %u: validation AUC warm %.4f, cold %.4f, trained in %.1f s",
                 name, t->run + 1, warm, cold, t->seconds);
}

static void wait_for_change(sweeper *w) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WATCH_MILLISECONDS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
    pthread_cond_timedwait(&w->changed, &w->lock, &until);
}

/* On the caller's thread: tells what was finished, and asks whether to go on, until all is done. */
static lb_status watch(job *j, sweeper *w, size_t n_found) {
    size_t total = w->n_before + w->n_pending;
    lb_status status = LB_OK;
    pthread_mutex_lock(&w->lock);
    while (status == LB_OK) {
        size_t n_done = w->done.n_trials - n_found;
        if (w->n_told < n_done) {
            sweep_trial t = w->done.trial[n_found + w->n_told++]; // its texts stay where they are
            pthread_mutex_unlock(&w->lock);
            tell(j, w, &t);
            pthread_mutex_lock(&w->lock);
            continue;
        }
        pthread_mutex_unlock(&w->lock);
        status = job_progress(j, "sweep", "trainings", w->n_before + n_done, total);
        pthread_mutex_lock(&w->lock);
        if (status != LB_OK || n_done == w->n_pending || atomic_load(&w->stop)) break;
        if (n_done == w->done.n_trials - n_found) wait_for_change(w);
    }
    if (status != LB_OK) atomic_store(&w->stop, true);
    pthread_mutex_unlock(&w->lock);
    return status;
}

static int asks_to_stop(void *context, const lb_progress *progress) {
    sweeper *w = context;
    (void)progress;
    return atomic_load(&w->stop);
}

typedef struct crew {
    job *outer;
    sweeper *sweeper;
    size_t n_found;
} crew;

static lb_status take_part(void *context, size_t item, unsigned worker) {
    crew *c = context;
    (void)item;
    if (worker == 0) return watch(c->outer, c->sweeper, c->n_found);
    return work_off(c->sweeper, c->sweeper->inner[worker - 1]);
}

/* The jobs that trainings run on, with the caller's threads shared out. */
static lb_status hire(const job *j, sweeper *w) {
    unsigned n = w->options->jobs < w->n_pending ? w->options->jobs : (unsigned)w->n_pending;
    lb_runtime share = {.threads = job_threads(j) / n, .progress = asks_to_stop};
    share.progress_context = w;
    if (!share.threads) share.threads = 1;
    LB_TRY(NEW_ARRAY(w->inner, n));
    for (; w->n_inner < n; w->n_inner++) LB_TRY(job_new(&share, &w->inner[w->n_inner]));
    return LB_OK;
}

/* The caller's thread watches, one further thread for each training at a time works. */
static lb_status run_pending(job *j, sweeper *w) {
    crew c = {.outer = j, .sweeper = w, .n_found = w->done.n_trials};
    job *threads = NULL;
    lb_status status;
    if (!w->n_pending) return LB_OK;
    LB_TRY_CLEANUP(hire(j, w));
    LB_TRY_CLEANUP(job_new(&(lb_runtime){.threads = w->n_inner + 1}, &threads));
    LB_TRY_CLEANUP(job_run(threads, w->n_inner + 1, take_part, &c));
    LB_TRY_CLEANUP(watch(j, w, c.n_found)); // what was finished in the last moment
cleanup:
    job_free(threads);
    for (unsigned i = 0; i < w->n_inner; i++) job_free(w->inner[i]);
    free(w->inner);
    return status;
}

/* ---- the whole */

static lb_status present(const sweeper *w, const sweep_criterion *criterion,
                         struct lb_comparison **out) {
    sweep_result r = {0};
    lb_comparison *made = NULL;
    lb_status status;
    LB_TRY_CLEANUP(
        sweep_result_of_grid(&w->grid, w->done.trial, w->done.n_trials, w->runs, criterion, &r));
    LB_TRY_CLEANUP(NEW_ARRAY(made, 1));
    LB_TRY_CLEANUP(sweep_json(&w->head, &r, w->runs, &made->json));
    LB_TRY_CLEANUP(sweep_table(&w->head, &r, w->runs, &made->table));
    *out = made;
    made = NULL;
cleanup:
    run_comparison_free(made);
    sweep_result_free(&r);
    return status;
}

static lb_status prepare(sweeper *w, const char *directory, const char *const *others,
                         size_t n_others) {
    const lb_sweep_options *o = w->options;
    LB_TRY(model_class_find(o->model, &w->class));
    LB_TRY(sweep_grid_new(w->class, o->grid, o->n_grid, o->settings, o->n_settings, &w->grid));
    if (o->output) LB_TRY(run_output_check(o->output));
    w->runs = w->class->seedless ? 1 : o->runs;
    if (w->grid.n_combinations > UINT32_MAX / w->runs) return LB_E_NOMEM;
    LB_TRY(run_source_open(directory, o->feature, &w->source));
    LB_TRY(run_source_split(&w->source, &o->split, o->split.seed, &w->split));
    LB_TRY(check_split(w->split));
    LB_TRY(describe(w, directory));
    if (o->output)
        LB_TRY(sweep_log_open(o->output, &w->head, o->settings, o->n_settings, &w->log, &w->done));
    for (size_t i = 0; i < n_others; i++) LB_TRY(take_over(w, others[i]));
    return plan(w);
}

static void sweeper_free(sweeper *w) {
    sweep_log_close(w->log);
    sweep_file_free(&w->done);
    sweep_grid_free(&w->grid);
    split_free(w->split);
    run_source_close(&w->source);
    free(w->pending);
}

lb_status run_sweep_beside(job *j, const char *directory, const lb_sweep_options *options,
                           const char *const *others, size_t n_others, struct lb_comparison **out) {
    sweeper w = {.options = options};
    sweep_criterion criterion;
    pthread_condattr_t clock;
    lb_status status;
    LB_TRY(sweep_criterion_parse(options->select, &criterion));
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_mutex_init(&w.lock, NULL);
    pthread_cond_init(&w.changed, &clock);
    pthread_condattr_destroy(&clock);
    LB_TRY_CLEANUP(prepare(&w, directory, others, n_others));
    if (w.n_before)
        job_note(j, "sweep", "%zu of %zu trainings were done before", w.n_before,
                 w.n_before + w.n_pending);
    LB_TRY_CLEANUP(run_pending(j, &w));
    LB_TRY_CLEANUP(present(&w, &criterion, out));
cleanup:
    pthread_cond_destroy(&w.changed);
    pthread_mutex_destroy(&w.lock);
    sweeper_free(&w);
    return status;
}

lb_status run_sweep(job *j, const char *directory, const lb_sweep_options *options,
                    struct lb_comparison **out) {
    return run_sweep_beside(j, directory, options, NULL, 0, out);
}
