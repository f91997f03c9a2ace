#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "run/sweep.h"

/* ---- JSON */

static lb_status write_value(text *t, const sweep_result *r, size_t row, size_t axis) {
    char *value = sweep_row_value(r, row, axis), *end;
    if (!value) return LB_E_NOMEM;
    double number = strtod(value, &end);
    text_add(t, "%s", axis ? "," : "");
    text_json_string(t, r->axis[axis]);
    text_add(t, ":");
    if (!*end && isfinite(number))
        text_json_number(t, number);
    else
        text_json_string(t, value);
    free(value);
    return LB_OK;
}

static void write_part(text *t, const sweep_row *row, int part, uint32_t list) {
    text_add(t, ",\"%s\":{", part ? "test" : "validation");
    for (eval_kind kind = 0; kind < EVAL_KINDS; kind++) {
        text_add(t, "%s\"%s\":{\"tests\":%zu", kind ? "," : "", metric_kind_name(kind),
                 row->n_tests[part][kind]);
        for (size_t i = 0; i < EVAL_METRICS; i++)
            for (eval_set set = 0; set < EVAL_SETS; set++) {
                char key[48];
                metric_key(metric_order[i], set, list, key, sizeof key);
                text_add(t, ",");
                metric_json(t, key, &row->metric[part][kind][set][metric_order[i]], row->why);
            }
        text_add(t, "}");
    }
    text_add(t, "}");
}

static lb_status write_row(text *t, const sweep_result *r, size_t index, uint32_t list) {
    const sweep_row *row = &r->row[index];
    text_add(t, "%s{\"options\":{", index ? "," : "");
    for (size_t a = 0; a < r->n_axes; a++) LB_TRY(write_value(t, r, index, a));
    text_add(t, "},\"selected\":%s,", index == r->best ? "true" : "false");
    if (row->why) {
        text_add(t, "\"why\":");
        text_json_string(t, row->why);
        text_add(t, ",");
    }
    metric_json(t, "train_seconds", &row->seconds, row->why);
    text_add(t, ",");
    metric_json(t, "criterion", &row->criterion, row->why);
    write_part(t, row, 0, list);
    write_part(t, row, 1, list);
    text_add(t, "}");
    return LB_OK;
}

lb_status sweep_json(const sweep_head *head, const sweep_result *r, uint32_t runs, char **out) {
    text t = {0};
    lb_status status = LB_OK;
    text_add(&t, "{\"dataset\":");
    text_json_string(&t, head->dataset);
    text_add(&t, ",\"model\":");
    text_json_string(&t, head->class->name);
    text_add(&t, ",\"split\":");
    text_json_string(&t, head->split);
    text_add(&t, ",\"feature\":");
    text_json_string(&t, *head->feature ? head->feature : NULL);
    text_add(&t, ",\"runs\":%" PRIu32 ",\"seed\":%" PRIu64 ",\"select\":", runs, head->seed);
    text_json_string(&t, r->criterion.name);
    text_add(&t, ",\"axes\":[");
    for (size_t i = 0; i < r->n_axes; i++) {
        if (i) text_add(&t, ",");
        text_json_string(&t, r->axis[i]);
    }
    text_add(&t, "],\"best\":");
    if (r->best < r->n_rows)
        text_add(&t, "%zu", r->best);
    else
        text_add(&t, "null");
    text_add(&t, ",\"combinations\":[");
    for (size_t i = 0; i < r->n_rows; i++) LB_TRY_CLEANUP(write_row(&t, r, i, head->list));
    text_add(&t, "]}\n");
    LB_TRY_CLEANUP(t.status);
    *out = t.bytes;
    t.bytes = NULL;
cleanup:
    free(t.bytes);
    return status;
}

/* ---- table */

/* What stands in the table of the test pairs, from left to right. */
static const metric_choice columns[] = {
    {EVAL_WARM, EVAL_OWN, EVAL_AUC},    {EVAL_WARM, EVAL_ALL, EVAL_AUC},
    {EVAL_COLD, EVAL_OWN, EVAL_AUC},    {EVAL_COLD, EVAL_ALL, EVAL_AUC},
    {EVAL_WARM, EVAL_OWN, EVAL_RECALL}, {EVAL_WARM, EVAL_OWN, EVAL_NDCG},
};

enum { N_COLUMNS = sizeof columns / sizeof *columns };

/* The widest of an axis' name and values, and a gap. */
static lb_status axis_width(const sweep_result *r, size_t axis, int *out) {
    int width = metric_text_width(r->axis[axis]);
    for (size_t i = 0; i < r->n_rows; i++) {
        char *value = sweep_row_value(r, i, axis);
        if (!value) return LB_E_NOMEM;
        int own = metric_text_width(value);
        if (own > width) width = own;
        free(value);
    }
    *out = width + 2;
    return LB_OK;
}

static void add_title(text *t, const sweep_head *h, const sweep_result *r, uint32_t runs) {
    const sweep_row *row = NULL;
    for (size_t i = 0; i < r->n_rows && !row; i++)
        if (r->row[i].n_runs) row = &r->row[i];
    text_add(t, "%s: %s, %zu combinations", h->dataset, h->class->name, r->n_rows);
    if (runs > 1)
        text_add(t, ", %" PRIu32 " runs, seeds %" PRIu64 " to %" PRIu64 "\n", runs, h->seed,
                 h->seed + runs - 1);
    else
        text_add(t, ", one run, seed %" PRIu64 "\n", h->seed);
    text_add(t, "split: %s; feature %s\n", h->split, *h->feature ? h->feature : "none");
    if (row)
        text_add(t, "validation pairs: %zu warm, %zu cold; tests: %zu warm, %zu cold\n",
                 row->n_tests[0][EVAL_WARM], row->n_tests[0][EVAL_COLD], row->n_tests[1][EVAL_WARM],
                 row->n_tests[1][EVAL_COLD]);
    text_add(t, "\n");
}

static void add_head(text *t, const sweep_head *h, const sweep_result *r, const int *width) {
    char recall[24], ndcg[24];
    int left = 2, chooser = metric_text_width(r->criterion.name) + 2;
    snprintf(recall, sizeof recall, "Recall@%" PRIu32, h->list);
    snprintf(ndcg, sizeof ndcg, "NDCG@%" PRIu32, h->list);
    if (chooser < METRIC_CELL) chooser = METRIC_CELL;
    for (size_t i = 0; i < r->n_axes; i++) left += width[i];
    text_add(t, "%*s%-*s%-*s%-*s%s\n", left, "", chooser, "validation", 2 * METRIC_CELL,
             "AUC, warm tests", 2 * METRIC_CELL, "AUC, cold tests", "warm tests, own list");
    text_add(t, "  ");
    for (size_t i = 0; i < r->n_axes; i++) text_add(t, "%-*s", width[i], r->axis[i]);
    text_add(t, "%-*s%-*s%-*s%-*s%-*s%-*s%-*sseconds\n", chooser, r->criterion.name, METRIC_CELL,
             "own", METRIC_CELL, "all", METRIC_CELL, "own", METRIC_CELL, "all", METRIC_CELL, recall,
             METRIC_CELL, ndcg);
}

static lb_status add_row(text *t, const sweep_result *r, size_t index, const int *width) {
    const sweep_row *row = &r->row[index];
    int chooser = metric_text_width(r->criterion.name) + 2 - METRIC_CELL;
    text_add(t, "%s ", index == r->best ? "*" : " ");
    for (size_t i = 0; i < r->n_axes; i++) {
        char *value = sweep_row_value(r, index, i);
        if (!value) return LB_E_NOMEM;
        text_add(t, "%-*s", width[i], value);
        free(value);
    }
    if (row->why) {
        text_add(t, "failed: %s\n", row->why);
        return LB_OK;
    }
    metric_cell(t, &row->criterion);
    text_add(t, "%*s", chooser > 0 ? chooser : 0, "");
    for (size_t k = 0; k < N_COLUMNS; k++)
        metric_cell(t, &row->metric[1][columns[k].kind][columns[k].set][columns[k].metric]);
    double s = row->seconds.mean;
    text_add(t, "%7.*f\n", s < 10 ? 2 : s < 100 ? 1 : 0, s);
    return LB_OK;
}

static void add_foot(text *t, const sweep_result *r) {
    if (r->best < r->n_rows)
        text_add(t, "\n* chosen by %s on the validation pairs%s; the tests had no say\n",
                 r->criterion.name,
                 r->criterion.mean_own_auc ? ", the mean of the warm and the cold own AUC" : "");
    else
        text_add(t, "\nnothing can be chosen by %s on the validation pairs\n", r->criterion.name);
    text_add(t, "own: warm against warm, cold against cold products; all: every product; "
                "seconds: of training\n");
}

lb_status sweep_table(const sweep_head *head, const sweep_result *r, uint32_t runs, char **out) {
    text t = {0};
    int *width = NULL;
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(width, r->n_axes));
    for (size_t i = 0; i < r->n_axes; i++) LB_TRY_CLEANUP(axis_width(r, i, &width[i]));
    add_title(&t, head, r, runs);
    add_head(&t, head, r, width);
    for (size_t i = 0; i < r->n_rows; i++) LB_TRY_CLEANUP(add_row(&t, r, i, width));
    add_foot(&t, r);
    LB_TRY_CLEANUP(t.status);
    *out = t.bytes;
    t.bytes = NULL;
cleanup:
    free(width);
    free(t.bytes);
    return status;
}
