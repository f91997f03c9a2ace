#include "run/metric.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

const size_t metric_order[EVAL_METRICS] = {EVAL_AUC, EVAL_RECALL, EVAL_NDCG, EVAL_MRR};

const char *metric_kind_name(eval_kind kind) {
    return kind == EVAL_WARM ? "warm" : "cold";
}

void metric_key(size_t metric, eval_set set, uint32_t list, char *key, size_t size) {
    const char *name = set == EVAL_ALL ? "all" : "own";
    if (metric == EVAL_AUC || metric == EVAL_MRR)
        snprintf(key, size, "%s_%s", metric == EVAL_AUC ? "auc" : "mrr", name);
    else
        snprintf(key, size, "%s@%" PRIu32 "_%s", metric == EVAL_RECALL ? "recall" : "ndcg", list,
                 name);
}

void metric_json(text *t, const char *key, const eval_summary *s, const char *why) {
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

/* ".872" for .872: the digits that matter. */
void metric_fraction(double value, char *out, size_t size) {
    char digits[32];
    snprintf(digits, sizeof digits, "%.3f", value);
    snprintf(out, size, "%s", digits[0] == '0' ? digits + 1 : digits);
}

void metric_cell(text *t, const eval_summary *s) {
    char mean[32], sd[32];
    if (isnan(s->mean)) {
        text_add(t, "%-*s", METRIC_CELL, "-");
        return;
    }
    metric_fraction(s->mean, mean, sizeof mean);
    if (isnan(s->sd)) {
        text_add(t, "%-*s", METRIC_CELL, mean);
        return;
    }
    metric_fraction(s->sd, sd, sizeof sd);
    int width = (int)strlen(mean) + (int)strlen(sd) + 2; // "±" is one column of two bytes
    text_add(t, "%s ±%s%*s", mean, sd, width < METRIC_CELL ? METRIC_CELL - width : 1, "");
}

/* Characters of valid UTF-8, which is how wide terminals draw most of it. */
int metric_text_width(const char *name) {
    int n = 0;
    for (; *name; name++) n += ((unsigned char)*name & 0xc0) != 0x80;
    return n;
}
