#include "run/compare.h"

#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "run/output.h"
#include "run/source.h"
#include "run/trial.h"

/* ---- the plan */

static void row_free(compare_row *r) {
    for (uint32_t i = 0; i < r->n_runs; i++) {
        if (i == 0 || r->result[i] != r->result[0]) eval_result_free(r->result[i]);
        if (i == 0 || r->relations[i] != r->relations[0]) relations_result_free(r->relations[i]);
    }
    free(r->result);
    free(r->relations);
    free(r->seconds);
    free(r->weight);
    free(r->why);
    compare_spec_free(&r->spec);
}

static lb_status find_task(const char *name, const compare_task **out) {
    static const compare_task *const tasks[] = {&compare_recommend, &compare_relations,
                                                &compare_requests_task};
    for (size_t i = 0; i < sizeof tasks / sizeof *tasks; i++) {
        if (name && strcmp(name, tasks[i]->name) != 0) continue;
        *out = tasks[i];
        return LB_OK;
    }
    return status_fail(LB_E_ARGUMENT, "task \"%s\": must be recommend, relations or requests",
                       name);
}

static lb_status plan_rows(const lb_compare_options *o, compare_whole *c) {
    size_t n = o->n_models ? o->n_models : c->task->n_models;
    const char *const *models = o->n_models ? o->models : c->task->models;
    LB_TRY(NEW_ARRAY(c->row, n));
    for (size_t i = 0; i < n; i++) {
        compare_row *r = &c->row[c->n_rows];
        for (size_t k = 0; k < i; k++)
            if (strcmp(c->row[k].spec.text, models[i]) == 0)
                return status_fail(LB_E_ARGUMENT, "model \"%s\" is given twice", models[i]);
        LB_TRY(compare_spec_parse(models[i], c->task->find, &r->spec));
        c->n_rows++;
        LB_TRY(NEW_ARRAY(r->result, o->runs));
        LB_TRY(NEW_ARRAY(r->relations, o->runs));
        LB_TRY(NEW_ARRAY(r->seconds, o->runs));
        LB_TRY(NEW_ARRAY(r->weight, o->runs));
    }
    return LB_OK;
}

static void count_split(const split *s, compare_counts *n) {
    for (uint32_t u = 0; u < s->n_users; u++) n->users += s->user_start[u] < s->user_start[u + 1];
    for (uint32_t p = 0; p < s->n_products; p++) {
        n->warm_products += s->in_catalogue[p] && s->degree[p];
        n->cold_products += s->in_catalogue[p] && !s->degree[p];
    }
    n->train = s->n_train;
    n->valid = s->n_valid;
    n->test = s->n_test;
    n->dropped = s->n_dropped;
    n->users_dropped = s->n_users_dropped;
    n->users_untrained = s->n_users_untrained;
}

/* ---- one model, one run */

static lb_status keep(const compare_whole *c, const compare_row *r, const run_source *source,
                      model *m, uint32_t run) {
    const lb_compare_options *o = c->options;
    uint64_t split_seed = o->split.seed + (o->vary_split ? run : 0);
    char *path = compare_spec_file(&r->spec, o->keep, run);
    if (!path) return LB_E_NOMEM;
    run_split_describe(&o->split, split_seed, m->common.split, sizeof m->common.split);
    m->common.seed = o->seed + run;
    lb_status status = model_save(m, source->dataset, path);
    free(path);
    return status;
}

/* Trains, measures and keeps. Where neither seed nor split change the model, the first run stands
 * for all. */
static lb_status run_model(job *j, compare_whole *c, compare_row *r, const run_source *source,
                           const split *s, uint32_t run) {
    const lb_compare_options *o = c->options;
    bool seedless = !r->spec.class || r->spec.class->seedless;
    uint32_t last = seedless && !o->vary_split ? o->runs - 1 : run;
    model *m = NULL;
    double seconds;
    lb_status status;
    if (c->task->fit)
        LB_TRY_CLEANUP(c->task->fit(j, c, r, source, s, run, &seconds, &m));
    else
        LB_TRY_CLEANUP(trial_fit(j, r->spec.class, r->spec.settings, r->spec.n_settings, source, s,
                                 NULL, o->seed + run, &seconds, &m));
    job_note(j, "compare", "run %u of %u: %s trained in %.1f s", run + 1, o->runs, r->spec.text,
             seconds);
    LB_TRY_CLEANUP(c->task->measure(j, c, m, s, r, run));
    for (uint32_t i = run; i <= last; i++) {
        r->result[i] = r->result[run];
        r->relations[i] = r->relations[run];
        r->seconds[i] = seconds;
        r->weight[i] = r->weight[run];
        r->n_runs = i + 1;
    }
    for (uint32_t i = run; i <= last && o->keep && m; i++) LB_TRY_CLEANUP(keep(c, r, source, m, i));
cleanup:
    if (!c->task->fit) model_free(m);
    return status;
}

static lb_status run_all(job *j, compare_whole *c, const run_source *source, const split *s,
                         uint32_t run) {
    for (size_t i = 0; i < c->n_rows; i++) {
        compare_row *r = &c->row[i];
        if (r->why || r->n_runs > run) continue;
        LB_TRY(job_progress(j, "compare", "models", run * c->n_rows + i,
                            c->options->runs * c->n_rows));
        lb_status status = run_model(j, c, r, source, s, run);
        if (status == LB_OK) continue;
        if (trial_is_fatal(status)) return status;
        if (!(r->why = memory_string(lb_last_error()))) return LB_E_NOMEM;
        job_note(j, "compare", "%s: %s", r->spec.text, r->why);
    }
    return LB_OK;
}

/* ---- the whole */

static lb_status run_runs(job *j, compare_whole *c, const run_source *source) {
    const lb_compare_options *o = c->options;
    split *s = NULL;
    lb_status status = LB_OK;
    for (uint32_t run = 0; run < o->runs; run++) {
        if (run == 0 || o->vary_split) {
            split_free(s);
            s = NULL;
            LB_TRY_CLEANUP(run_source_split(source, &o->split, o->split.seed + run, &s));
        }
        if (run == 0) {
            count_split(s, &c->counts);
            LB_TRY_CLEANUP(
                run_source_statistics(source, &o->split, o->split.seed, s, &c->statistics));
        }
        if (s->n_test == 0) {
            status = status_fail(LB_E_EMPTY,
                                 "the split has no tests: of %zu users, %zu have too "
                                 "few products and %zu no training pairs",
                                 c->counts.users + s->n_users_dropped + s->n_users_untrained,
                                 s->n_users_dropped, s->n_users_untrained);
            goto cleanup;
        }
        if (c->task->prepare && (run == 0 || o->vary_split))
            LB_TRY_CLEANUP(c->task->prepare(c, source, s, run));
        LB_TRY_CLEANUP(run_all(j, c, source, s, run));
    }
    LB_TRY_CLEANUP(job_progress(j, "compare", "models", o->runs * c->n_rows, o->runs * c->n_rows));
cleanup:
    split_free(s);
    return status;
}

const compare_row *compare_first_measured(const compare_whole *c) {
    for (size_t i = 0; i < c->n_rows; i++)
        if (!c->row[i].why) return &c->row[i];
    return NULL;
}

/* The result beside the models. */
static lb_status keep_json(const compare_whole *c, const char *json) {
    file_writer *w;
    char *path = file_path(c->options->keep, c->task->file);
    if (!path) return LB_E_NOMEM;
    lb_status status = file_writer_open(path, &w);
    free(path);
    LB_TRY(status);
    status = file_writer_write(w, json, strlen(json));
    if (status == LB_OK) return file_writer_commit(w);
    file_writer_abort(w);
    return status;
}

static lb_status present(const compare_whole *c, lb_comparison **out) {
    lb_comparison *made;
    LB_TRY(NEW_ARRAY(made, 1));
    lb_status status = compare_json(c, &made->json);
    if (status == LB_OK) status = compare_table(c, &made->table);
    if (status == LB_OK && c->options->keep) status = keep_json(c, made->json);
    if (status == LB_OK)
        *out = made;
    else
        run_comparison_free(made);
    return status;
}

lb_status run_compare(job *j, const char *directory, const lb_compare_options *options,
                      lb_comparison **out) {
    compare_whole c = {.options = options};
    run_source source = {0};
    lb_status status;
    LB_TRY_CLEANUP(find_task(options->task, &c.task));
    LB_TRY_CLEANUP(plan_rows(options, &c));
    run_last_name(directory, c.dataset, sizeof c.dataset);
    LB_TRY_CLEANUP(run_source_open(directory, options->feature, &source));
    LB_TRY_CLEANUP(run_source_read(&source, options->onnx_library));
    c.n_products = dataset_n_products(source.dataset);
    run_source_features(&source, c.feature);
    if (options->keep) LB_TRY_CLEANUP(file_make_directory(options->keep));
    LB_TRY_CLEANUP(run_runs(j, &c, &source));
    LB_TRY_CLEANUP(c.task->finish(j, &c));
    LB_TRY_CLEANUP(present(&c, out));
cleanup:
    // A row that failed to parse is not counted, and owns nothing.
    for (size_t i = 0; i < c.n_rows; i++) row_free(&c.row[i]);
    free(c.row);
    dataset_statistics_free(&c.statistics);
    relations_free(&c.relations);
    if (c.task && c.task->release) c.task->release(&c);
    run_source_close(&source);
    return status;
}

void run_comparison_free(lb_comparison *c) {
    if (!c) return;
    free(c->json);
    free(c->table);
    free(c);
}
