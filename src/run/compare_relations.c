#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "core/memory.h"
#include "run/compare.h"
#include "run/metric.h"

enum { PAIRS_PER_PIECE = 4096 };

static const char *const models[] = {"inn", "ibr", "vasg-paper", "vasg"};
static const char *const kind_key[RELATIONS_KINDS] = {"auc", "auc_warm", "auc_cold"};
static const char no_threshold[] = "no validation pairs to choose a threshold on";

/* ---- the tests */

/* Whether a pair belongs to a kind. A related pair has a trained product, so that none is of two
 * cold ones; where kinds are told apart, the others are not either. */
static bool is_of(const split *s, int kind, relation r) {
    int n_cold = !s->degree[r.a] + !s->degree[r.b];
    return kind == RELATIONS_ALL || n_cold == (kind == RELATIONS_COLD);
}

static void count_pairs(const split *s, const relations *r, compare_counts *n) {
    n->relations = r->test.n;
    n->valid_relations = r->valid.n;
    for (int kind = 0; kind < RELATIONS_KINDS; kind++)
        for (size_t i = 0; i < 2 * r->test.n; i++)
            n->of_kind[kind][i >= r->test.n] += is_of(s, kind, r->test.pair[i]);
}

static lb_status prepare(compare_whole *c, const run_source *source, const split *s, uint32_t run) {
    const lb_split_options *o = &c->options->split;
    relations_free(&c->relations);
    LB_TRY(run_source_relations(source, o, o->seed + run, s, &c->relations));
    if (!c->relations.test.n)
        return status_fail(LB_E_EMPTY, "there are no pairs to tell apart: every two products of "
                                       "the catalogue were bought together");
    if (run == 0) count_pairs(s, &c->relations, &c->counts);
    return LB_OK;
}

/* ---- one model, one run */

typedef struct scoring {
    const model *model;
    const relation *pairs;
    float *score;
} scoring;

static lb_status score_piece(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const scoring *c = context;
    return model_relate(c->model, c->pairs + begin, end - begin, c->score + begin);
}

/* Allocates and fills *score, (2 n). */
static lb_status score_pairs(job *j, const model *m, const relation_set *set, float **score) {
    LB_TRY(NEW_ARRAY(*score, 2 * set->n));
    scoring c = {m, set->pair, *score};
    return job_run_range(j, 2 * set->n, PAIRS_PER_PIECE, score_piece, &c);
}

/* Measures the pairs of a kind; `pairs` and `taken`, (2 n), are overwritten. */
static lb_status measure_kind(const split *s, int kind, const relation_set *set, const float *score,
                              double threshold, relation *pairs, float *taken,
                              eval_relations **out) {
    size_t n[2] = {0, 0};
    for (size_t i = 0; i < 2 * set->n; i++) {
        if (!is_of(s, kind, set->pair[i])) continue;
        pairs[n[0] + n[1]] = set->pair[i];
        taken[n[0] + n[1]] = score[i];
        n[i >= set->n]++;
    }
    return eval_relations_run(pairs, taken, n, threshold, out);
}

static lb_status measure_kinds(const split *s, const relation_set *set, const float *score,
                               double threshold, relations_result *out) {
    relation *pairs = NULL;
    float *taken = NULL;
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(pairs, 2 * set->n));
    LB_TRY_CLEANUP(NEW_ARRAY(taken, 2 * set->n));
    for (int kind = 0; kind < RELATIONS_KINDS; kind++)
        LB_TRY_CLEANUP(
            measure_kind(s, kind, set, score, threshold, pairs, taken, &out->kind[kind]));
cleanup:
    free(pairs);
    free(taken);
    return status;
}

void relations_result_free(relations_result *r) {
    if (!r) return;
    for (int kind = 0; kind < RELATIONS_KINDS; kind++) eval_relations_free(r->kind[kind]);
    free(r);
}

static lb_status measure(job *j, const compare_whole *c, model *m, const split *s, compare_row *r,
                         uint32_t run) {
    const relations *tests = &c->relations;
    const size_t n_valid[2] = {tests->valid.n, tests->valid.n};
    float *valid = NULL, *score = NULL;
    relations_result *made = NULL;
    double threshold;
    lb_status status;
    LB_TRY_CLEANUP(score_pairs(j, m, &tests->valid, &valid));
    LB_TRY_CLEANUP(score_pairs(j, m, &tests->test, &score));
    LB_TRY_CLEANUP(NEW_ARRAY(made, 1));
    LB_TRY_CLEANUP(eval_relations_threshold(valid, n_valid, &threshold, &made->valid_accuracy));
    LB_TRY_CLEANUP(measure_kinds(s, &tests->test, score, threshold, made));
    r->relations[run] = made;
    made = NULL;
cleanup:
    free(valid);
    free(score);
    relations_result_free(made);
    return status;
}

/* ---- all runs */

static lb_status summarise(job *j, const compare_whole *c, const compare_row *r, int kind,
                           eval_relations_metric metric, eval_summary *out) {
    const eval_relations **runs;
    LB_TRY(NEW_ARRAY(runs, r->n_runs));
    for (uint32_t i = 0; i < r->n_runs; i++) runs[i] = r->relations[i]->kind[kind];
    lb_status status = eval_relations_summarise(j, runs, r->n_runs, c->n_products, metric,
                                                c->options->seed, out);
    free(runs);
    return status;
}

static lb_status finish(job *j, compare_whole *c) {
    for (size_t i = 0; i < c->n_rows; i++) {
        compare_row *r = &c->row[i];
        if (r->why) continue;
        LB_TRY(summarise(j, c, r, RELATIONS_ALL, EVAL_RELATIONS_ACCURACY, &r->accuracy));
        if (r->accuracy.why) r->accuracy.why = no_threshold;
        for (int kind = 0; kind < RELATIONS_KINDS; kind++) {
            LB_TRY(summarise(j, c, r, kind, EVAL_RELATIONS_AUC, &r->auc[kind]));
            if (r->auc[kind].why) r->auc[kind].why = "there are no such pairs";
        }
    }
    return LB_OK;
}

/* ---- JSON */

static void json_head(text *t, const compare_whole *c) {
    static const char *const name[RELATIONS_KINDS] = {"all", "warm", "cold"};
    const compare_counts *n = &c->counts;
    text_add(t, "\"relations\":{\"validation\":{\"related\":%zu,\"others\":%zu}",
             n->valid_relations, n->valid_relations);
    for (int kind = 0; kind < RELATIONS_KINDS; kind++)
        text_add(t, ",\"%s\":{\"related\":%zu,\"others\":%zu}", name[kind], n->of_kind[kind][0],
                 n->of_kind[kind][1]);
    text_add(t, "},");
}

static double threshold_of(const compare_row *r, uint32_t run) {
    return r->relations[run]->kind[RELATIONS_ALL]->threshold;
}

static double valid_accuracy_of(const compare_row *r, uint32_t run) {
    return r->relations[run]->valid_accuracy;
}

static lb_status json_row(text *t, const compare_whole *c, const compare_row *r) {
    (void)c;
    text_add(t, ",");
    metric_json(t, "accuracy", &r->accuracy, r->why);
    for (int kind = 0; kind < RELATIONS_KINDS; kind++) {
        text_add(t, ",");
        metric_json(t, kind_key[kind], &r->auc[kind], r->why);
    }
    LB_TRY(compare_json_numbers(t, r, "threshold", threshold_of));
    LB_TRY(compare_json_numbers(t, r, "validation_accuracy", valid_accuracy_of));
    if (r->why) return LB_OK;
    const eval_relations *first = r->relations[0]->kind[RELATIONS_ALL];
    text_add(t, ",\"not_placed\":%zu,\"ties\":%" PRIu64, first->unplaced, first->ties);
    return LB_OK;
}

/* ---- the table */

static void add_tests(text *t, const compare_whole *c) {
    const compare_counts *n = &c->counts;
    text_add(t,
             "%zu pairs of\nproducts bought together (%zu with a cold one) and as many others (%zu "
             "with one cold one, %zu with two)\n",
             n->relations, n->of_kind[RELATIONS_COLD][0], n->of_kind[RELATIONS_COLD][1],
             n->relations - n->of_kind[RELATIONS_WARM][1] - n->of_kind[RELATIONS_COLD][1]);
}

static void add_head(text *t, const compare_whole *c, int width) {
    (void)c;
    text_add(t, "%-*s%-*s%-*s%-*s%-*s%-*s%-*sseconds\n", width, "model", METRIC_CELL, "accuracy",
             METRIC_CELL, "AUC", METRIC_CELL, "AUC warm", METRIC_CELL, "AUC cold", METRIC_CELL,
             "threshold", METRIC_CELL, "not placed");
}

static lb_status add_cells(text *t, const compare_whole *c, const compare_row *r) {
    (void)c;
    double threshold = 0;
    char cell[48] = "-";
    metric_cell(t, &r->accuracy);
    for (int kind = 0; kind < RELATIONS_KINDS; kind++) metric_cell(t, &r->auc[kind]);
    for (uint32_t i = 0; i < r->n_runs; i++) threshold += threshold_of(r, i) / r->n_runs;
    if (!isnan(threshold)) snprintf(cell, sizeof cell, "%.3g", threshold);
    text_add(t, "%-*s%-*zu", METRIC_CELL, cell, METRIC_CELL,
             r->relations[0]->kind[RELATIONS_ALL]->unplaced);
    return LB_OK;
}

static void add_foot(text *t, const compare_whole *c) {
    text_add(t, "accuracy: at the threshold that tells the validation pairs best, chance is .5; "
                "AUC warm: of pairs of\nwarm products, cold: of a warm and a cold one; not placed: "
                "pairs of which the model says nothing;\nseconds: of training\n");
    if (!c->counts.valid_relations) text_add(t, "no accuracy: there are %s\n", no_threshold);
}

const compare_task compare_relations = {
    .name = "relations",
    .file = "relations.json",
    .models = models,
    .n_models = sizeof models / sizeof *models,
    .prepare = prepare,
    .measure = measure,
    .finish = finish,
    .json_head = json_head,
    .json_row = json_row,
    .table_tests = add_tests,
    .table_head = add_head,
    .table_cells = add_cells,
    .table_foot = add_foot,
};
