#include "run/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "run/output.h"
#include "run/report_parts.h"

/* ---- what there is to report */

/* Models by how much the report is about them; the last come in only where there are no others. */
enum { RANK_OURS, RANK_PAPER, RANK_VARIANT, RANK_OTHER, RANKS };

static int rank_of(const char *name) {
    if (strcmp(name, "vasg") == 0) return RANK_OURS;
    if (strcmp(name, "vasg-paper") == 0) return RANK_PAPER;
    return strncmp(name, "vasg", 4) == 0 ? RANK_VARIANT : RANK_OTHER;
}

/* Opens one more space; a model that has none is passed over where that is allowed. */
static lb_status add_space(report_whole *r, const char *path, const char *name, bool required) {
    report_space *s = &r->space[r->n_spaces];
    lb_status status = report_space_open(&r->source, path, name, s);
    if (status == LB_OK)
        r->n_spaces++;
    else
        report_space_close(s);
    return status == LB_E_UNSUPPORTED && !required ? LB_OK : status;
}

static lb_status add_kept_spaces(report_whole *r) {
    const report_results *found = &r->results;
    for (int rank = 0; rank < RANKS; rank++)
        for (size_t i = 0; i < found->n_kept && r->n_spaces < REPORT_SPACES; i++) {
            if (rank_of(found->kept_names[i]) != rank) continue;
            if (rank == RANK_OTHER && r->n_spaces) break;
            LB_TRY(add_space(r, found->kept[i], found->kept_names[i], false));
        }
    return LB_OK;
}

/* The result of a comparison of whatever task takes the place of the folder's. */
static lb_status take_comparison(report_whole *r) {
    cJSON *made;
    LB_TRY(report_results_parse(r->options->comparison, "the comparison", &made));
    const char *task = report_string(made, "task");
    cJSON **place = strcmp(task, "relations") == 0  ? &r->results.relations
                    : strcmp(task, "requests") == 0 ? &r->results.requests
                                                    : &r->results.compare;
    cJSON_Delete(*place);
    *place = made;
    return LB_OK;
}

static lb_status gather(report_whole *r) {
    const lb_report_options *o = r->options;
    if (o->from) LB_TRY(report_results_read(o->from, &r->results));
    if (o->comparison) LB_TRY(take_comparison(r));
    if (o->from) LB_TRY(add_kept_spaces(r));
    if (!o->model) return LB_OK;
    LB_TRY(add_space(r, o->model, NULL, true));
    const report_space *s = &r->space[0];
    return s->model->common.curve.n_points
               ? report_curve_add(&r->results, s->name, &s->model->common.curve)
               : LB_OK;
}

/* ---- statistics of the dataset */

static lb_status count_dataset(report_whole *r) {
    const report_space *s = r->n_spaces ? &r->space[0] : NULL;
    lb_split_options all = {0};
    const lb_split_options *options = s && s->split ? &s->split_options : &all;
    dataset_statistics counted = {0};
    split *made = NULL;
    text t = {0};
    lb_status status;
    if (!s || !s->split) LB_TRY(run_source_split(&r->source, &all, 1, &made));
    LB_TRY_CLEANUP(run_source_statistics(&r->source, options, options->seed, made ? made : s->split,
                                         &counted));
    dataset_statistics_json(&counted, &t);
    LB_TRY_CLEANUP(t.status);
    LB_TRY_CLEANUP(report_results_parse(t.bytes, "statistics", &r->results.statistics));
cleanup:
    split_free(made);
    dataset_statistics_free(&counted);
    free(t.bytes);
    return status;
}

/* Those of the comparison, which are of its split, or our own. */
static lb_status find_statistics(report_whole *r) {
    const cJSON *made = report_at(r->results.compare, "statistics");
    if (!made) made = report_at(r->results.relations, "statistics");
    if (!made) made = report_at(r->results.requests, "statistics");
    if (!made) return count_dataset(r);
    r->results.statistics = cJSON_Duplicate(made, true);
    return r->results.statistics ? LB_OK : status_fail(LB_E_NOMEM, "out of memory");
}

/* Results of another dataset, or of an earlier state of this one, would be reported under its name.
 */
static lb_status check_results(const report_whole *r) {
    const cJSON *all = report_at(r->results.statistics, "all");
    double users = report_number(all, "users");
    if (!(users > dataset_n_users(r->source.dataset)) &&
        !(report_number(all, "products") > dataset_n_products(r->source.dataset)))
        return LB_OK;
    return status_fail(LB_E_MISMATCH,
                       "the results are of another dataset than %s: they count %.0f users, the "
                       "dataset has %u",
                       r->directory, users, dataset_n_users(r->source.dataset));
}

/* ---- measuring */

/* Every stage is a step of the progress; the last is writing. */
static lb_status step(job *j, const report_whole *r, size_t done) {
    return job_progress(j, "report", "parts", done, 2 * r->n_spaces + 2);
}

static lb_status measure_looks(job *j, report_whole *r) {
    feature_set f;
    if (!r->n_spaces) return LB_OK;
    const char *names = r->space[0].model->common.feature;
    char first[sizeof f.name];
    snprintf(first, sizeof first, "%.*s", (int)strcspn(names, ","), names);
    lb_status status = dataset_feature_open(r->source.dataset, *first ? first : NULL, &f);
    if (status == LB_E_NOT_FOUND) return LB_OK; // the model's own copy is all that is left
    LB_TRY(status);
    status = report_looks_measure(j, &f, &r->space[0], r->options->seed, &r->looks);
    feature_set_close(&f);
    return status;
}

static lb_status measure(job *j, report_whole *r) {
    const lb_report_options *o = r->options;
    for (size_t i = 0; i < r->n_spaces; i++) {
        LB_TRY(step(j, r, 2 * i));
        LB_TRY(report_space_measure(j, r->source.dataset, o->samples, o->seed, &r->space[i]));
        LB_TRY(step(j, r, 2 * i + 1));
        LB_TRY(report_space_draw(j, r->pictures, o->seed, &r->space[i]));
    }
    LB_TRY(step(j, r, 2 * r->n_spaces));
    return measure_looks(j, r);
}

/* ---- writing */

static lb_status write_page(report_whole *r) {
    char title[300];
    document *d;
    snprintf(title, sizeof title, "Experiments on %s", r->dataset);
    LB_TRY(
        document_new(title, "Visually aware recommendation: the tables and figures of VASG", &d));
    lb_status status;
    report_write_abstract(r, d);
    report_write_statistics(r, d);
    report_write_recommendation(r, d);
    report_write_relations(r, d);
    report_write_requests(r, d);
    LB_TRY_CLEANUP(report_write_space(r, d));
    report_write_curves(r, d);
    report_write_sweeps(r, d);
    report_write_made(r, d);
    LB_TRY_CLEANUP(document_save(d, r->options->output));
cleanup:
    document_free(d);
    return status;
}

static void whole_close(report_whole *r) {
    for (size_t i = 0; i < r->n_spaces; i++) report_space_close(&r->space[i]);
    free(r->looks.products.cosine);
    free(r->looks.centred.cosine);
    report_results_free(&r->results);
    report_pictures_free(r->pictures);
    run_source_close(&r->source);
}

lb_status run_report(job *j, const char *directory, const lb_report_options *options,
                     lb_report **out) {
    report_whole r = {.directory = directory, .options = options};
    lb_report *made = NULL;
    lb_status status;
    LB_TRY(run_output_check(options->output));
    run_last_name(directory, r.dataset, sizeof r.dataset);
    if (options->run) LB_TRY_CLEANUP(report_run(j, directory, options));
    LB_TRY_CLEANUP(run_source_open(directory, "", &r.source));
    LB_TRY_CLEANUP(report_pictures_new(r.source.dataset, &r.pictures));
    LB_TRY_CLEANUP(gather(&r));
    LB_TRY_CLEANUP(find_statistics(&r));
    LB_TRY_CLEANUP(check_results(&r));
    LB_TRY_CLEANUP(measure(j, &r));
    LB_TRY_CLEANUP(NEW_ARRAY(made, 1));
    LB_TRY_CLEANUP(report_json(&r, &made->json));
    LB_TRY_CLEANUP(write_page(&r));
    LB_TRY_CLEANUP(step(j, &r, 2 * r.n_spaces + 2));
    *out = made;
    made = NULL;
cleanup:
    run_report_free(made);
    whole_close(&r);
    return status;
}

void run_report_free(lb_report *r) {
    if (!r) return;
    free(r->json);
    free(r);
}
