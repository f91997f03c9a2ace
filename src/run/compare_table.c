#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "run/compare.h"
#include "run/metric.h"

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
    LB_TRY(c->task->table_cells(t, c, r));
    add_seconds(t, r);
    return LB_OK;
}

static void add_title(text *t, const compare_whole *c) {
    const lb_compare_options *o = c->options;
    const compare_counts *n = &c->counts;
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
    c->task->table_tests(t, c);
    text_add(t,
             "left out: %zu users below the limit, %zu without training pairs, %zu pairs of "
             "emptied products\n\n",
             n->users_dropped, n->users_untrained, n->dropped);
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
    c->task->table_foot(t, c);
}

lb_status compare_table(const compare_whole *c, char **out) {
    text t = {0};
    lb_status status = LB_OK;
    int width = name_width(c);
    add_title(&t, c);
    c->task->table_head(&t, c, width);
    for (size_t i = 0; i < c->n_rows; i++) LB_TRY_CLEANUP(add_row(&t, c, &c->row[i], width));
    add_foot(&t, c);
    LB_TRY_CLEANUP(t.status);
    *out = t.bytes;
    t.bytes = NULL;
cleanup:
    free(t.bytes);
    return status;
}
