#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot/density.h"
#include "run/report_parts.h"

static void key_number(text *t, const char *before, const char *key, double value) {
    text_add(t, "%s\"%s\":", before, key);
    text_json_number(t, value);
}

static void key_string(text *t, const char *before, const char *key, const char *value) {
    text_add(t, "%s\"%s\":", before, key);
    text_json_string(t, value);
}

/* ---- results as they were read */

static lb_status add_json(text *t, const char *key, const cJSON *json) {
    char *printed = json ? cJSON_PrintUnformatted(json) : NULL;
    if (json && !printed) return status_fail(LB_E_NOMEM, "out of memory");
    text_add(t, ",\"%s\":%s", key, printed ? printed : "null");
    cJSON_free(printed);
    return LB_OK;
}

static void add_curves(text *t, const report_results *r) {
    text_add(t, ",\"curves\":[");
    for (size_t i = 0; i < r->n_curves; i++) {
        const curve *c = &r->curves[i].curve;
        key_string(t, i ? ",{" : "{", "model", r->curves[i].name);
        for (size_t k = 0; k < c->n_columns; k++) {
            text_add(t, ",\"%s\":[", c->name[k]);
            for (size_t p = 0; p < c->n_points; p++) {
                if (p) text_add(t, ",");
                text_json_number(t, curve_at(c, p, k));
            }
            text_add(t, "]");
        }
        text_add(t, "}");
    }
    text_add(t, "]");
}

/* ---- spaces */

static void add_map(text *t, const char *key, const report_map *m, const report_space *s) {
    text_add(t, ",\"%s\":[", key);
    for (size_t i = 0; i < m->n; i++) {
        key_string(t, i ? ",{" : "{", "product", s->model->product_ids[m->product[i]]);
        key_number(t, ",", "x", m->x[i]);
        key_number(t, ",", "y", m->y[i]);
        if (m->groups) {
            bool first = true;
            text_add(t, ",\"users\":[");
            for (size_t g = 0; g < s->n_users; g++) {
                if (!(m->groups[i] >> g & 1)) continue;
                if (!first) text_add(t, ",");
                text_json_string(t, s->model->user_ids[s->users[g]]);
                first = false;
            }
            text_add(t, "]");
        }
        text_add(t, "}");
    }
    text_add(t, "]");
}

static void add_analogies(text *t, const report_space *s) {
    static const char *const names[] = {"sum", "user", "product", "popular", "random"};
    const analogy_result *a = &s->analogies;
    if (*s->why_no_analogies) {
        key_string(t, ",\"analogies\":{", "why", s->why_no_analogies);
        text_add(t, "}");
        return;
    }
    text_add(t, ",\"analogies\":{\"samples\":%zu,\"tested\":%zu,\"labelled\":%zu", a->samples,
             a->n_tested, a->n_labelled);
    key_number(t, ",", "ceiling", a->ceiling);
    for (size_t i = 0; i < ANALOGY_RANKINGS; i++) {
        text_add(t, ",\"%s\":{", names[i]);
        key_number(t, "", "train_precision@5", a->score[i].train);
        key_number(t, ",", "held_out_hit_rate@5", a->score[i].held_out);
        key_number(t, ",", "category_precision@5", a->score[i].category);
        text_add(t, "}");
    }
    if (*s->why_untested) key_string(t, ",", "why_no_held_out", s->why_untested);
    text_add(t, "}");
}

static void add_density(text *t, const similarity *s) {
    size_t counts[REPORT_BINS], counted;
    text_add(t, ",\"density\":[");
    if (density_histogram(s->cosine, s->n_pairs, -1, 1, REPORT_BINS, counts, &counted) == LB_OK)
        for (size_t i = 0; i < REPORT_BINS && counted; i++) {
            if (i) text_add(t, ",");
            text_json_number(t, (double)counts[i] * REPORT_BINS / (2 * (double)counted));
        }
    text_add(t, "]");
}

static void add_similarity(text *t, const char *key, const similarity *s) {
    text_add(t, ",\"%s\":", key);
    if (!s->n_rows) {
        text_add(t, "null");
        return;
    }
    text_add(t, "{\"rows\":%zu,\"pairs\":%zu", s->n_rows, s->n_pairs);
    key_number(t, ",", "mean", s->mean);
    key_number(t, ",", "sd", s->sd);
    key_number(t, ",", "excess_kurtosis", s->kurtosis);
    key_number(t, ",", "effective_rank", s->rank);
    key_number(t, ",", "first_direction", s->first);
    text_add(t, ",\"effective_rank_rows\":%zu", s->rank_rows);
    add_density(t, s);
    text_add(t, "}");
}

static void add_space(text *t, const report_space *s) {
    key_string(t, "{", "name", s->name);
    key_string(t, ",", "model", s->model->class->name);
    key_string(t, ",", "split", s->model->common.split);
    key_string(t, ",", "isa", s->model->common.isa);
    text_add(t, ",\"seed\":%llu,\"dim\":%u", (unsigned long long)s->model->common.seed, s->dim);
    add_map(t, "components", &s->components, s);
    text_add(t, ",\"components_fitted_to\":%zu", s->n_fitted);
    text_add(t, ",\"variance_share\":[");
    text_json_number(t, s->share[0]);
    text_add(t, ",");
    text_json_number(t, s->share[1]);
    text_add(t, "]");
    add_map(t, "neighbours", &s->neighbours, s);
    key_number(t, ",", "perplexity", s->perplexity);
    key_number(t, ",", "divergence", s->divergence);
    key_number(t, ",", "same_user_neighbours", s->neighbours.n ? s->same_user : NAN);
    key_number(t, ",", "same_user_by_chance", s->neighbours.n ? s->same_user_by_chance : NAN);
    add_analogies(t, s);
    add_similarity(t, "similarity", &s->products);
    add_similarity(t, "similarity_centred", &s->centred);
    add_similarity(t, "similarity_users", &s->people);
    text_add(t, "}");
}

static void add_looks(text *t, const report_looks *l) {
    text_add(t, ",\"feature\":");
    if (!*l->name) {
        text_add(t, "null");
        return;
    }
    key_string(t, "{", "name", l->name);
    text_add(t, ",\"dim\":%u", l->dim);
    add_similarity(t, "similarity", &l->products);
    add_similarity(t, "similarity_centred", &l->centred);
    text_add(t, "}");
}

lb_status report_json(const report_whole *r, char **out) {
    text t = {0};
    lb_status status;
    key_string(&t, "{", "dataset", r->dataset);
    key_string(&t, ",", "version", lb_version());
    key_string(&t, ",", "isa", lb_isa_name());
    text_add(&t, ",\"seed\":%llu", (unsigned long long)r->options->seed);
    LB_TRY_CLEANUP(add_json(&t, "statistics", r->results.statistics));
    LB_TRY_CLEANUP(add_json(&t, "compare", r->results.compare));
    LB_TRY_CLEANUP(add_json(&t, "relations", r->results.relations));
    LB_TRY_CLEANUP(add_json(&t, "requests", r->results.requests));
    add_looks(&t, &r->looks);
    text_add(&t, ",\"spaces\":[");
    for (size_t i = 0; i < r->n_spaces; i++) {
        if (i) text_add(&t, ",");
        add_space(&t, &r->space[i]);
    }
    text_add(&t, "]");
    add_curves(&t, &r->results);
    LB_TRY_CLEANUP(report_sweeps_json(&r->results, &t));
    text_add(&t, "}\n");
    LB_TRY_CLEANUP(t.status);
    *out = t.bytes;
    t.bytes = NULL;
cleanup:
    free(t.bytes);
    return status;
}
