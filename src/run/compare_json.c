#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "run/compare.h"

static void write_metric(text *t, const char *key, const eval_summary *s, const char *why) {
    text_json_string(t, key);
    text_add(t, ":{\"mean\":");
    text_json_number(t, why ? NAN : s->mean);
    text_add(t, ",\"sd\":");
    text_json_number(t, why ? NAN : s->sd);
    if (why || isnan(s->lo)) {
        text_add(t, ",\"ci95\":null");
    } else {
        text_add(t, ",\"ci95\":[");
        text_json_number(t, s->lo);
        text_add(t, ",");
        text_json_number(t, s->hi);
        text_add(t, "]");
    }
    if (!why) why = s->why;
    if (why) {
        text_add(t, ",\"why\":");
        text_json_string(t, why);
    }
    text_add(t, "}");
}

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
        write_metric(t, keys[which], &s, r->why);
    }
    free(values);
    return LB_OK;
}

/* ---- metrics of users */

static const char *const set_name[EVAL_SETS] = {"all", "own"};

static void metric_key(size_t metric, eval_set set, uint32_t k, char *key, size_t size) {
    if (metric == EVAL_AUC || metric == EVAL_MRR)
        snprintf(key, size, "%s_%s", metric == EVAL_AUC ? "auc" : "mrr", set_name[set]);
    else
        snprintf(key, size, "%s@%" PRIu32 "_%s", metric == EVAL_RECALL ? "recall" : "ndcg", k,
                 set_name[set]);
}

static void write_ties(text *t, const compare_row *r, eval_kind kind) {
    for (eval_set set = 0; set < EVAL_SETS; set++) {
        uint64_t ties = 0, pairs = 0;
        for (uint32_t i = 0; i < r->n_runs; i++) {
            ties += r->result[i]->ties[kind][set];
            pairs += r->result[i]->pairs[kind][set];
        }
        text_add(t, ",\"ties_%s\":{\"tied\":%" PRIu64 ",\"compared\":%" PRIu64 "}", set_name[set],
                 ties, pairs);
    }
}

static lb_status write_kind(text *t, const compare_whole *c, const compare_row *r, eval_kind kind) {
    static const size_t order[] = {EVAL_AUC, EVAL_RECALL, EVAL_NDCG, EVAL_MRR};
    text_add(t, ",\"%s\":{\"tests\":", kind == EVAL_WARM ? "warm" : "cold");
    if (r->why)
        text_add(t, "null");
    else
        text_add(t, "%zu", r->result[0]->n_tests[kind]);
    for (size_t m = 0; m < EVAL_METRICS; m++) {
        for (eval_set set = 0; set < EVAL_SETS; set++) {
            eval_summary s = {.mean = NAN};
            char key[48];
            metric_key(order[m], set, c->options->list, key, sizeof key);
            if (!r->why)
                LB_TRY(eval_summarise((const eval_result *const *)r->result, r->n_runs, kind, set,
                                      order[m], c->options->seed, &s));
            text_add(t, ",");
            write_metric(t, key, &s, r->why);
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
        write_metric(t, "auc_own_over_pop", &over, NULL);
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
