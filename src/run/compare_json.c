#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "run/compare.h"
#include "run/metric.h"

/* ---- models */

lb_status compare_json_numbers(text *t, const compare_row *r, const char *key,
                               compare_number number) {
    eval_summary s;
    double *values;
    LB_TRY(NEW_ARRAY(values, r->n_runs));
    for (uint32_t i = 0; i < r->n_runs; i++) values[i] = number(r, i);
    eval_summarise_runs(values, r->n_runs, &s);
    text_add(t, ",");
    metric_json(t, key, &s, r->why);
    free(values);
    return LB_OK;
}

static double seconds_of(const compare_row *r, uint32_t run) {
    return r->seconds[run];
}

static lb_status write_row(text *t, const compare_whole *c, const compare_row *r) {
    text_add(t, "{\"name\":");
    text_json_string(t, r->spec.text);
    if (r->why) {
        text_add(t, ",\"why\":");
        text_json_string(t, r->why);
    }
    LB_TRY(compare_json_numbers(t, r, "train_seconds", seconds_of));
    LB_TRY(c->task->json_row(t, c, r));
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
    text_add(&t, ",\"task\":\"%s\",", c->task->name);
    write_split(&t, c);
    text_add(&t, ",\"statistics\":");
    dataset_statistics_json(&c->statistics, &t);
    text_add(&t, ",");
    if (c->task->json_head) c->task->json_head(&t, c);
    text_add(&t, "\"feature\":");
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
