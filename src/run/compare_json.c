#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "run/compare.h"
#include "run/metric.h"

/* ---- numbers of runs: seconds, coverage, Gini */

static double run_number(const compare_row *r, uint32_t run, int which) {
    return which == 0   ? r->seconds[run]
           : which == 1 ? r->result[run]->coverage
                        : r->result[run]->gini;
}

static lb_status write_run_numbers(text *t, const compare_row *r) {
    static const char *const keys[] = {"train_seconds", "coverage", "gini"};
    double *values;
    LB_TRY(NEW_ARRAY(values, r->n_runs));
    for (int which = 0; which < 3; which++) {
        eval_summary s;
        for (uint32_t i = 0; i < r->n_runs; i++) values[i] = run_number(r, i, which);
        eval_summarise_runs(values, r->n_runs, &s);
        text_add(t, ",");
        metric_json(t, keys[which], &s, r->why);
    }
    free(values);
    return LB_OK;
}

/* ---- metrics of users */

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

static lb_status write_row(text *t, const compare_whole *c, const compare_row *r) {
    text_add(t, "{\"name\":");
    text_json_string(t, r->spec.text);
    if (r->why) {
        text_add(t, ",\"why\":");
        text_json_string(t, r->why);
    }
    LB_TRY(write_run_numbers(t, r));
    LB_TRY(write_kind(t, c, r, EVAL_WARM));
    LB_TRY(write_kind(t, c, r, EVAL_COLD));
    if (r->against_pop) {
        eval_summary over = r->over_pop;
        over.sd = NAN; // that of users, not of runs
        text_add(t, ",\"beats_pop\":%s,", compare_row_below_pop(r) ? "false" : "true");
        metric_json(t, "auc_own_over_pop", &over, NULL);
    }
    text_add(t, "}");
    return LB_OK;
}

/* ---- the whole */

static void write_split(text *t, const compare_whole *c) {
    const lb_split_options *o = &c->options->split;
    const compare_counts *n = &c->counts;
    bool drawn = strcmp(o->method, "given") != 0;
    text_add(t, "\"split\":{\"method\":");
    text_json_string(t, o->method);
    if (drawn) {
        text_add(t,
                 ",\"seed\":%" PRIu64 ",\"varied\":%s,\"min_user\":%" PRIu32
                 ",\"no_validation\":%s,\"cold\":",
                 o->seed, c->options->vary_split ? "true" : "false", o->min_user,
                 o->no_validation ? "true" : "false");
        text_json_string(t, o->cold);
    }
    text_add(t,
             ",\"users\":%zu,\"products\":%zu,\"warm_products\":%zu,\"cold_products\":%zu"
             ",\"train_pairs\":%zu,\"validation_pairs\":%zu,\"test_pairs\":%zu"
             ",\"users_dropped\":%zu,\"users_untrained\":%zu,\"dropped_pairs\":%zu}",
             n->users, n->warm_products + n->cold_products, n->warm_products, n->cold_products,
             n->train, n->valid, n->test, n->users_dropped, n->users_untrained, n->dropped);
}

lb_status compare_json(const compare_whole *c, char **out) {
    text t = {0};
    lb_status status;
    text_add(&t, "{\"dataset\":");
    text_json_string(&t, c->dataset);
    text_add(&t, ",");
    write_split(&t, c);
    text_add(&t, ",\"statistics\":");
    dataset_statistics_json(&c->statistics, &t);
    text_add(&t, ",\"feature\":");
    if (*c->feature)
        text_json_string(&t, c->feature);
    else
        text_add(&t, "null");
    text_add(&t, ",\"runs\":%" PRIu32 ",\"seed\":%" PRIu64 ",\"models\":[", c->options->runs,
             c->options->seed);
    for (size_t i = 0; i < c->n_rows; i++) {
        if (i) text_add(&t, ",");
        LB_TRY_CLEANUP(write_row(&t, c, &c->row[i]));
    }
    text_add(&t, "]}\n");
    LB_TRY_CLEANUP(t.status);
    *out = t.bytes;
    t.bytes = NULL;
cleanup:
    free(t.bytes);
    return status;
}
