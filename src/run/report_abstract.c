/* The report in a paragraph. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "run/report_parts.h"

static const cJSON *find_model(const cJSON *results, const char *name) {
    const cJSON *m;
    for (m = report_first(report_at(results, "models")); m; m = m->next)
        if (strcmp(report_string(m, "name"), name) == 0) return m;
    for (m = report_first(report_at(results, "models")); m; m = m->next) { // with settings
        const char *other = report_string(m, "name");
        if (strcspn(other, ":") == strlen(name) && strncmp(other, name, strlen(name)) == 0)
            return m;
    }
    return NULL;
}

static void dataset_sentence(const report_whole *r, text *t) {
    const cJSON *s = report_at(r->results.statistics, "all");
    text_add(t, "*%s* has %s users, %s products and %s interactions (%.3f %% of all pairs).",
             r->dataset, REPORT_COUNT(report_number(s, "users")),
             REPORT_COUNT(report_number(s, "products")),
             REPORT_COUNT(report_number(s, "interactions")), 100 * report_number(s, "density"));
}

static void recommendation_sentence(const report_whole *r, text *t) {
    const cJSON *c = r->results.compare, *ours = find_model(c, "vasg"), *pop = find_model(c, "pop");
    if (!c) return;
    text_add(t, " %d models are compared on the same held-out purchases.",
             cJSON_GetArraySize(report_at(c, "models")));
    double warm = report_number(ours, "warm.auc_own.mean"),
           cold = report_number(ours, "cold.auc_own.mean");
    if (isnan(warm)) return;
    text_add(t,
             " `vasg` ranks a held-out warm product above %.1f %% of the other warm "
             "products%s",
             100 * warm, pop ? "" : ".");
    if (pop) text_add(t, " (popularity: %.1f %%).", 100 * report_number(pop, "warm.auc_own.mean"));
    if (!isnan(cold) && *report_string(c, "feature"))
        text_add(t,
                 " A completely cold product, known by its feature alone, is ranked "
                 "above %.1f %% of the other cold ones; chance is 50 %%.",
                 100 * cold);
}

static void space_sentence(const report_whole *r, text *t) {
    for (size_t i = 0; i < r->n_spaces; i++) {
        const report_space *s = &r->space[i];
        if (*s->why_no_analogies) continue;
        text_add(t,
                 " In the space of `%s` random products have a mean cosine of %.2f "
                 "(effective rank %.0f of %u), and %.1f %% of the five products "
                 "nearest to an analogy were bought by the user it is for (at random "
                 "%.1f %%).",
                 s->name, s->products.mean, s->products.rank, s->dim,
                 100 * s->analogies.score[ANALOGY_SUM].train,
                 100 * s->analogies.score[ANALOGY_RANDOM].train);
    }
}

void report_write_abstract(const report_whole *r, document *d) {
    text t = {0};
    dataset_sentence(r, &t);
    recommendation_sentence(r, &t);
    space_sentence(r, &t);
    if (t.status == LB_OK) document_abstract(d, "%s", t.bytes);
    free(t.bytes);
}
