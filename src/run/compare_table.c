#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "run/compare.h"
#include "run/metric.h"

/* What stands in the table, from left to right. */
static const metric_choice columns[] = {
    {EVAL_WARM, EVAL_OWN, EVAL_AUC},    {EVAL_WARM, EVAL_ALL, EVAL_AUC},
    {EVAL_COLD, EVAL_OWN, EVAL_AUC},    {EVAL_COLD, EVAL_ALL, EVAL_AUC},
    {EVAL_WARM, EVAL_OWN, EVAL_RECALL}, {EVAL_WARM, EVAL_OWN, EVAL_NDCG},
    {EVAL_WARM, EVAL_OWN, EVAL_MRR},
};

enum { N_COLUMNS = sizeof columns / sizeof *columns };

static void add_seconds(text *t, const compare_row *r) {
    double sum = 0;
    for (uint32_t i = 0; i < r->n_runs; i++) sum += r->seconds[i];
    double mean = sum / r->n_runs;
    text_add(t, "%7.*f\n", mean < 10 ? 2 : mean < 100 ? 1 : 0, mean);
}

static int name_width(const compare_whole *c) {
    int width = 10;
    for (size_t i = 0; i < c->n_rows; i++) {
        int own = metric_text_width(c->row[i].spec.text) + 3;
        if (own > width) width = own;
    }
    return width < 16 ? width : 16;
}

static lb_status add_row(text *t, const compare_whole *c, const compare_row *r, int width) {
    int name = metric_text_width(r->spec.text) + 1;
    text_add(t, "%s%s", r->spec.text, compare_row_below_pop(r) ? "*" : name < width ? " " : "");
    // A long name, with options, has a line of its own.
    if (name >= width) text_add(t, "\n%*s", width, "");
    if (name < width) text_add(t, "%*s", width - name, "");
    if (r->why) {
        text_add(t, "%s\n", r->why);
        return LB_OK;
    }
    for (size_t k = 0; k < N_COLUMNS; k++) {
        eval_summary s;
        LB_TRY(eval_summarise((const eval_result *const *)r->result, r->n_runs, columns[k].kind,
                              columns[k].set, columns[k].metric, c->options->seed, &s));
        metric_cell(t, &s);
    }
    add_seconds(t, r);
    return LB_OK;
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

static const compare_row *first_measured(const compare_whole *c) {
    for (size_t i = 0; i < c->n_rows; i++)
        if (!c->row[i].why) return &c->row[i];
    return NULL;
}

static void add_title(text *t, const compare_whole *c) {
    const lb_compare_options *o = c->options;
    const compare_counts *n = &c->counts;
    const compare_row *r = first_measured(c);
    text_add(t, "%s: ", c->dataset);
    if (strcmp(o->split.method, "given") == 0)
        text_add(t, "given split");
    else
        text_add(
            t, "%s, seed %" PRIu64 "%s, users of %" PRIu32 " products or more, cold products %s%s",
            o->split.method, o->split.seed, o->vary_split ? " and up" : "", o->split.min_user,
            o->split.cold, o->split.no_validation ? ", no validation part" : "");
    text_add(t, "; feature %s\n", *c->feature ? c->feature : "none");
    dataset_statistics_lines(&c->statistics, t);
    text_add(t, "%zu users, %zu warm and %zu cold products, %zu training pairs; tests: ", n->users,
             n->warm_products, n->cold_products, n->train);
    if (r)
        text_add(t, "%zu warm, %zu cold\n", r->result[0]->n_tests[EVAL_WARM],
                 r->result[0]->n_tests[EVAL_COLD]);
    else
        text_add(t, "%zu\n", n->test);
    text_add(t,
             "left out: %zu users below the limit, %zu without training pairs, %zu pairs of "
             "emptied products\n\n",
             n->users_dropped, n->users_untrained, n->dropped);
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
    const lb_compare_options *o = c->options;
    if (o->runs > 1)
        text_add(t,
                 "\nmean ± standard deviation over %" PRIu32 " runs, seeds %" PRIu64 " to %" PRIu64
                 "\n",
                 o->runs, o->seed, o->seed + o->runs - 1);
    else
        text_add(t, "\none run, seed %" PRIu64 "\n", o->seed);
    text_add(t, "own: warm against warm, cold against cold products; all: every product; "
                "seconds: of training\n");
    add_below_pop(t, c);
    add_ties(t, c);
}

lb_status compare_table(const compare_whole *c, char **out) {
    text t = {0};
    lb_status status = LB_OK;
    int width = name_width(c);
    add_title(&t, c);
    add_head(&t, c, width);
    for (size_t i = 0; i < c->n_rows; i++) LB_TRY_CLEANUP(add_row(&t, c, &c->row[i], width));
    add_foot(&t, c);
    LB_TRY_CLEANUP(t.status);
    *out = t.bytes;
    t.bytes = NULL;
cleanup:
    free(t.bytes);
    return status;
}
