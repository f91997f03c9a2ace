/* The task "requests" as JSON and as a table. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "run/compare_requests.h"
#include "run/metric.h"

/* What is reported: the metrics at these cut-offs. */
static const struct {
    size_t metric;
    unsigned k;
} shown[] = {
    {EVAL_RECALL, 1},      {EVAL_RECALL + 2, 5}, {EVAL_RECALL + 4, 10}, {EVAL_RECALL + 6, 20},
    {EVAL_RECALL + 8, 50}, {EVAL_NDCG + 4, 10},  {EVAL_NDCG + 6, 20},   {EVAL_MRR, 0},
};

enum { N_SHOWN = sizeof shown / sizeof *shown, RECALL_10 = 2, MRR = 7, CELL = 20 };

static void key_of(size_t i, eval_set set, char *key, size_t size) {
    size_t metric = shown[i].metric == EVAL_MRR           ? (size_t)EVAL_MRR
                    : (shown[i].metric - EVAL_RECALL) % 2 ? (size_t)EVAL_NDCG
                                                          : (size_t)EVAL_RECALL;
    metric_key(metric, set, shown[i].k, key, size);
}

static lb_status summarise(const compare_whole *c, const compare_row *r, eval_kind kind,
                           eval_set set, size_t i, eval_summary *out) {
    return eval_summarise((const eval_result *const *)r->result, r->n_runs, kind, set,
                          shown[i].metric, c->options->seed, out);
}

/* ---- JSON */

void compare_requests_json_head(text *t, const compare_whole *c) {
    const compare_requests *q = c->requests;
    text_add(t, "\"level\":\"%s\",\"control\":", request_level_name(q->level));
    text_json_string(t, c->options->control);
    text_add(t, ",\"requests\":{\"validation\":%zu,\"test\":%zu,\"without\":%zu},", q->valid.n,
             q->test.n, q->n_without);
}

static lb_status write_kind(text *t, const compare_whole *c, const compare_row *r, eval_kind kind) {
    text_add(t, ",\"%s\":{\"tests\":", metric_kind_name(kind));
    if (r->why)
        text_add(t, "null");
    else
        text_add(t, "%zu", r->result[0]->n_tests[kind]);
    for (size_t i = 0; i < N_SHOWN; i++) {
        for (eval_set set = 0; set < EVAL_SETS; set++) {
            eval_summary s = {.mean = NAN};
            char key[48];
            key_of(i, set, key, sizeof key);
            if (!r->why) LB_TRY(summarise(c, r, kind, set, i, &s));
            text_add(t, ",");
            metric_json(t, key, &s, r->why);
        }
    }
    text_add(t, "}");
    return LB_OK;
}

/* The last model's value minus this one's, user by user. */
static lb_status write_difference(text *t, const compare_whole *c, const compare_row *r) {
    const compare_row *last = &c->row[c->n_rows - 1];
    if (r == last || r->why || last->why) return LB_OK;
    text_add(t, ",\"last_minus_this\":{");
    for (eval_kind kind = 0; kind < EVAL_KINDS; kind++) {
        text_add(t, "%s\"%s\":{", kind ? "," : "", metric_kind_name(kind));
        for (size_t i = RECALL_10; i <= MRR; i += MRR - RECALL_10) {
            eval_summary s;
            char key[48];
            LB_TRY(eval_compare((const eval_result *const *)last->result, last->n_runs,
                                (const eval_result *const *)r->result, r->n_runs, kind, EVAL_OWN,
                                shown[i].metric, c->options->seed, &s));
            s.sd = NAN; // that of users, not of runs
            key_of(i, EVAL_OWN, key, sizeof key);
            if (i != RECALL_10) text_add(t, ",");
            metric_json(t, key, &s, NULL);
        }
        text_add(t, "}");
    }
    text_add(t, "}");
    return LB_OK;
}

static double coverage_of(const compare_row *r, uint32_t run) {
    return r->result[run]->coverage;
}

static double gini_of(const compare_row *r, uint32_t run) {
    return r->result[run]->gini;
}

static double weight_of(const compare_row *r, uint32_t run) {
    return r->weight[run];
}

lb_status compare_requests_json_row(text *t, const compare_whole *c, const compare_row *r) {
    LB_TRY(compare_json_numbers(t, r, "coverage", coverage_of));
    LB_TRY(compare_json_numbers(t, r, "gini", gini_of));
    if (r->spec.way == ANSWER_LATE) LB_TRY(compare_json_numbers(t, r, "weight", weight_of));
    LB_TRY(write_kind(t, c, r, EVAL_WARM));
    LB_TRY(write_kind(t, c, r, EVAL_COLD));
    return write_difference(t, c, r);
}

/* ---- the table */

void compare_requests_table_tests(text *t, const compare_whole *c) {
    const compare_row *r = compare_first_measured(c);
    const compare_requests *q = c->requests;
    text_add(t, "%zu requests (%s%s%s)", q->test.n, request_level_name(q->level),
             c->options->control ? ", " : "", c->options->control ? c->options->control : "");
    if (r)
        text_add(t, ", %zu warm, %zu cold", r->result[0]->n_tests[EVAL_WARM],
                 r->result[0]->n_tests[EVAL_COLD]);
    text_add(t, "; %zu tests without a request\n", q->n_without);
}

/* ".277 [.266,.288]", the interval over users. */
static void add_cell(text *t, const eval_summary *s) {
    char mean[32], lo[32], hi[32], cell[128];
    if (isnan(s->mean)) {
        text_add(t, "%-*s", CELL, "-");
        return;
    }
    metric_fraction(s->mean, mean, sizeof mean);
    metric_fraction(s->lo, lo, sizeof lo);
    metric_fraction(s->hi, hi, sizeof hi);
    snprintf(cell, sizeof cell, "%s [%s,%s]", mean, lo, hi);
    text_add(t, "%-*s", CELL, cell);
}

void compare_requests_table_head(text *t, const compare_whole *c, int width) {
    (void)c;
    text_add(t, "%*s%-*s%-*s\n", width, "", 2 * CELL, "warm, own list", 2 * CELL, "cold, own list");
    text_add(t, "%-*s%-*s%-*s%-*s%-*sseconds\n", width, "model", CELL, "Recall@10", CELL, "MRR",
             CELL, "Recall@10", CELL, "MRR");
}

lb_status compare_requests_table_cells(text *t, const compare_whole *c, const compare_row *r) {
    for (eval_kind kind = 0; kind < EVAL_KINDS; kind++)
        for (size_t i = RECALL_10; i <= MRR; i += MRR - RECALL_10) {
            eval_summary s;
            LB_TRY(summarise(c, r, kind, EVAL_OWN, i, &s));
            add_cell(t, &s);
        }
    return LB_OK;
}

/* All metrics of one kind and list, means only. */
static lb_status add_block(text *t, const compare_whole *c, eval_kind kind, eval_set set) {
    text_add(t, "\n%s, %s list\n%-16s", metric_kind_name(kind), set == EVAL_OWN ? "own" : "all",
             "model");
    for (size_t i = 0; i < N_SHOWN; i++) {
        static const char *const heads[N_SHOWN] = {"R@1",  "R@5",     "R@10",    "R@20",
                                                   "R@50", "NDCG@10", "NDCG@20", "MRR"};
        text_add(t, "%-9s", heads[i]);
    }
    text_add(t, "\n");
    for (size_t k = 0; k < c->n_rows; k++) {
        const compare_row *r = &c->row[k];
        if (r->why) continue;
        text_add(t, "%-15s ", r->spec.text);
        for (size_t i = 0; i < N_SHOWN; i++) {
            eval_summary s;
            char mean[32] = "-";
            LB_TRY(summarise(c, r, kind, set, i, &s));
            if (!isnan(s.mean)) metric_fraction(s.mean, mean, sizeof mean);
            text_add(t, "%-9s", mean);
        }
        text_add(t, "\n");
    }
    return LB_OK;
}

void compare_requests_table_foot(text *t, const compare_whole *c) {
    text_add(t, "[lo,hi]: 95 %% interval over users; own: warm against warm, cold against cold "
                "products; all: every product; seconds: of training\n");
    for (size_t k = 0; k < c->n_rows; k++) {
        const compare_row *r = &c->row[k];
        if (r->spec.way == ANSWER_LATE && !r->why)
            text_add(t, "%s: the person weighs %g against the words' 1, by validation requests\n",
                     r->spec.text, r->weight[0]);
    }
    for (eval_kind kind = 0; kind < EVAL_KINDS; kind++)
        for (eval_set set = EVAL_SETS; set-- > 0;) {
            lb_status status = add_block(t, c, kind, set);
            if (status != LB_OK && t->status == LB_OK) t->status = status;
        }
}
