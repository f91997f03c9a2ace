#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "run/compare.h"
#include "run/metric.h"
#include "run/trial.h"

static const char *const models[] = {"rand", "pop", "wboi", "bpr", "vbpr", "vasg-paper", "vasg"};

static lb_status measure(job *j, const compare_whole *c, model *m, const split *s, compare_row *r,
                         uint32_t run) {
    return trial_measure(j, m, s, TRIAL_TEST, c->options->list, &r->result[run]);
}

/* Sets every personal model against POP, if that is there. */
static lb_status set_against_pop(job *j, compare_whole *c) {
    (void)j;
    const compare_row *pop = NULL;
    for (size_t i = 0; i < c->n_rows; i++)
        if (strcmp(c->row[i].spec.class->name, "pop") == 0 && !c->row[i].why) pop = &c->row[i];
    for (size_t i = 0; i < c->n_rows && pop; i++) {
        compare_row *r = &c->row[i];
        if (r == pop || r->why || strcmp(r->spec.class->name, "rand") == 0) continue;
        LB_TRY(eval_compare((const eval_result *const *)r->result, r->n_runs,
                            (const eval_result *const *)pop->result, pop->n_runs, EVAL_WARM,
                            EVAL_OWN, EVAL_AUC, c->options->seed, &r->over_pop));
        r->against_pop = r->over_pop.n_users > 0;
    }
    return LB_OK;
}

/* ---- JSON */

static void write_ties(text *t, const compare_row *r, eval_kind kind) {
    for (eval_set set = 0; set < EVAL_SETS; set++) {
        uint64_t ties = 0, pairs = 0;
        for (uint32_t i = 0; i < r->n_runs; i++) {
            ties += r->result[i]->ties[kind][set];
            pairs += r->result[i]->pairs[kind][set];
        }
        text_add(t, ",\"ties_%s\":{\"tied\":%" PRIu64 ",\"compared\":%" PRIu64 "}",
                 set == EVAL_ALL ? "all" : "own", ties, pairs);
    }
}

static lb_status write_kind(text *t, const compare_whole *c, const compare_row *r, eval_kind kind) {
    text_add(t, ",\"%s\":{\"tests\":", metric_kind_name(kind));
    if (r->why)
        text_add(t, "null");
    else
        text_add(t, "%zu", r->result[0]->n_tests[kind]);
    for (size_t m = 0; m < EVAL_METRICS; m++) {
        for (eval_set set = 0; set < EVAL_SETS; set++) {
            eval_summary s = {.mean = NAN};
            char key[48];
            metric_key(metric_order[m], set, c->options->list, key, sizeof key);
            if (!r->why)
                LB_TRY(eval_summarise((const eval_result *const *)r->result, r->n_runs, kind, set,
                                      metric_order[m], c->options->seed, &s));
            text_add(t, ",");
            metric_json(t, key, &s, r->why);
        }
    }
    if (!r->why) write_ties(t, r, kind);
    text_add(t, "}");
    return LB_OK;
}

static double coverage_of(const compare_row *r, uint32_t run) {
    return r->result[run]->coverage;
}

static double gini_of(const compare_row *r, uint32_t run) {
    return r->result[run]->gini;
}

static lb_status json_row(text *t, const compare_whole *c, const compare_row *r) {
    LB_TRY(compare_json_numbers(t, r, "coverage", coverage_of));
    LB_TRY(compare_json_numbers(t, r, "gini", gini_of));
    LB_TRY(write_kind(t, c, r, EVAL_WARM));
    LB_TRY(write_kind(t, c, r, EVAL_COLD));
    if (r->against_pop) {
        eval_summary over = r->over_pop;
        over.sd = NAN; // that of users, not of runs
        text_add(t, ",\"beats_pop\":%s,", compare_row_below_pop(r) ? "false" : "true");
        metric_json(t, "auc_own_over_pop", &over, NULL);
    }
    return LB_OK;
}

/* ---- the table */

/* What stands in the table, from left to right. */
static const metric_choice columns[] = {
    {EVAL_WARM, EVAL_OWN, EVAL_AUC},    {EVAL_WARM, EVAL_ALL, EVAL_AUC},
    {EVAL_COLD, EVAL_OWN, EVAL_AUC},    {EVAL_COLD, EVAL_ALL, EVAL_AUC},
    {EVAL_WARM, EVAL_OWN, EVAL_RECALL}, {EVAL_WARM, EVAL_OWN, EVAL_NDCG},
    {EVAL_WARM, EVAL_OWN, EVAL_MRR},
};

enum { N_COLUMNS = sizeof columns / sizeof *columns };

static void add_tests(text *t, const compare_whole *c) {
    const compare_row *r = compare_first_measured(c);
    if (r)
        text_add(t, "%zu warm, %zu cold\n", r->result[0]->n_tests[EVAL_WARM],
                 r->result[0]->n_tests[EVAL_COLD]);
    else
        text_add(t, "%zu\n", c->counts.test);
}

static void add_head(text *t, const compare_whole *c, int width) {
    const lb_compare_options *o = c->options;
    char recall[24], ndcg[24];
    snprintf(recall, sizeof recall, "Recall@%" PRIu32, o->list);
    snprintf(ndcg, sizeof ndcg, "NDCG@%" PRIu32, o->list);
    text_add(t, "%*s%-*s%-*s%s\n", width, "", 2 * METRIC_CELL, "AUC, warm tests", 2 * METRIC_CELL,
             "AUC, cold tests", "warm tests, own list");
    text_add(t, "%-*s%-*s%-*s%-*s%-*s%-*s%-*s%-*sseconds\n", width, "model", METRIC_CELL, "own",
             METRIC_CELL, "all", METRIC_CELL, "own", METRIC_CELL, "all", METRIC_CELL, recall,
             METRIC_CELL, ndcg, METRIC_CELL, "MRR");
}

static lb_status add_cells(text *t, const compare_whole *c, const compare_row *r) {
    for (size_t k = 0; k < N_COLUMNS; k++) {
        eval_summary s;
        LB_TRY(eval_summarise((const eval_result *const *)r->result, r->n_runs, columns[k].kind,
                              columns[k].set, columns[k].metric, c->options->seed, &s));
        metric_cell(t, &s);
    }
    return LB_OK;
}

static void add_below_pop(text *t, const compare_whole *c) {
    for (size_t i = 0; i < c->n_rows; i++) {
        const compare_row *r = &c->row[i];
        if (compare_row_below_pop(r))
            text_add(t,
                     "* %s does not beat POP: warm own AUC %+.3f (95 %% interval %+.3f to %+.3f)\n",
                     r->spec.text, r->over_pop.mean, r->over_pop.lo, r->over_pop.hi);
    }
}

static void add_ties(text *t, const compare_whole *c) {
    const char *lead = "tied scores (each counts one half), share of warm own pairs:";
    for (size_t i = 0; i < c->n_rows; i++) {
        const compare_row *r = &c->row[i];
        uint64_t ties = 0, pairs = 0;
        for (uint32_t k = 0; k < r->n_runs && !r->why; k++) {
            ties += r->result[k]->ties[EVAL_WARM][EVAL_OWN];
            pairs += r->result[k]->pairs[EVAL_WARM][EVAL_OWN];
        }
        if ((double)ties < 1e-4 * (double)pairs || !ties) continue; // the JSON has the counts
        text_add(t, "%s %s %.2g %%", lead, r->spec.text, 100 * (double)ties / (double)pairs);
        lead = ",";
    }
    if (*lead == ',') text_add(t, "\n");
}

static void add_foot(text *t, const compare_whole *c) {
    text_add(t, "own: warm against warm, cold against cold products; all: every product; "
                "seconds: of training\n");
    add_below_pop(t, c);
    add_ties(t, c);
}

const compare_task compare_recommend = {
    .name = "recommend",
    .file = "compare.json",
    .models = models,
    .n_models = sizeof models / sizeof *models,
    .measure = measure,
    .finish = set_against_pop,
    .json_row = json_row,
    .table_tests = add_tests,
    .table_head = add_head,
    .table_cells = add_cells,
    .table_foot = add_foot,
};
