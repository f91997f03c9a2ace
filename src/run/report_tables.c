/* Tables 1 to 3: what the data are, how well products are recommended, how well relations are told.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "run/report_parts.h"

/* ---- Table 1: the dataset */

static void network_row(table *t, const char *name, const cJSON *n) {
    table_row(t);
    table_text(t, name);
    table_count(t, report_number(n, "users"));
    table_count(t, report_number(n, "products"));
    table_count(t, report_number(n, "interactions"));
    table_number(t, 100 * report_number(n, "density"), 3);
    table_number(t, report_number(n, "per_user.mean"), 1);
    table_number(t, report_number(n, "per_user.median"), 1);
    table_number(t, report_number(n, "per_product.mean"), 1);
    table_number(t, 100 * report_number(n, "single_interaction_share"), 1);
}

static void write_parts(const cJSON *s, document *d) {
    double tests = report_number(s, "tests.warm") + report_number(s, "tests.cold");
    if (!(tests > 0)) return;
    document_paragraph(
        d,
        "The split trains on %.0f pairs; %.0f are held out for validation and %.0f for tests. Of "
        "the tests, %.0f are of *warm* products, which others bought in training, and %.0f of "
        "*completely cold* ones, which nobody did. The catalogue has %.0f warm and %.0f cold "
        "products; %.0f users had too few products to be split.",
        report_number(s, "train_pairs"), report_number(s, "validation_pairs"), tests,
        report_number(s, "tests.warm"), report_number(s, "tests.cold"),
        report_number(s, "warm_products"), report_number(s, "cold_products"),
        report_number(s, "users_dropped"));
}

static void write_features(const cJSON *s, document *d) {
    const cJSON *f;
    cJSON_ArrayForEach(f, report_at(s, "features")) document_paragraph(
        d, "The feature `%s` has %.0f numbers for each of %.0f products.", report_string(f, "name"),
        report_number(f, "dim"), report_number(f, "products"));
    if (!cJSON_GetArraySize(report_at(s, "features")))
        document_paragraph(d, "The products have no features: nothing is known of their looks.");
}

void report_write_statistics(const report_whole *r, document *d) {
    static const table_column columns[] = {
        {"", NULL, TABLE_NO_BEST},
        {"users", NULL, TABLE_NO_BEST},
        {"products", NULL, TABLE_NO_BEST},
        {"interactions", NULL, TABLE_NO_BEST},
        {"density %", NULL, TABLE_NO_BEST},
        {"mean", "products of a user", TABLE_NO_BEST},
        {"median", "products of a user", TABLE_NO_BEST},
        {"users of a product", NULL, TABLE_NO_BEST},
        {"bought once %", NULL, TABLE_NO_BEST},
    };
    const cJSON *s = r->results.statistics;
    table *t;
    if (!s || table_new(columns, sizeof columns / sizeof *columns, &t) != LB_OK) return;
    document_section(d, "Data");
    network_row(t, "all", report_at(s, "all"));
    network_row(t, "of the split", report_at(s, "kept"));
    document_table(d, t,
                   "The dataset, before and after users with too few products are dropped. Repeats "
                   "are merged; *density* is the share of all pairs of a user and a product that "
                   "are interactions, *bought once* the share of products with a single one.");
    write_parts(s, d);
    write_features(s, d);
    table_free(t);
}

/* ---- Table 2: recommendation */

static void metric_cell_of(table *t, const cJSON *row, const char *kind, const char *metric) {
    char path[80];
    snprintf(path, sizeof path, "%s.%s", kind, metric);
    const cJSON *m = report_at(row, path);
    table_interval(t, report_number(m, "mean"), report_number(m, "ci95.0"),
                   report_number(m, "ci95.1"), 3);
}

/* The length of the lists, from "recall@20_own". */
static int list_length(const cJSON *compare) {
    const cJSON *item;
    cJSON_ArrayForEach(item, report_at(compare, "models.0.warm")) {
        unsigned k;
        if (sscanf(item->string, "recall@%u_own", &k) == 1) return (int)k;
    }
    return 20;
}

static bool is_untrained(const cJSON *row) {
    return cJSON_IsString(report_at(row, "why"));
}

static bool fails_pop(const cJSON *row) {
    return cJSON_IsFalse(report_at(row, "beats_pop"));
}

static void recommendation_row(table *t, const cJSON *row, int k) {
    static const char *const kinds[] = {"warm", "cold"};
    char recall[32], ndcg[32];
    snprintf(recall, sizeof recall, "recall@%d_own", k);
    snprintf(ndcg, sizeof ndcg, "ndcg@%d_own", k);
    table_row(t);
    table_text(t, report_string(row, "name"));
    if (is_untrained(row))
        table_mark(t, "b");
    else if (fails_pop(row))
        table_mark(t, "a");
    for (int i = 0; i < 2; i++) {
        metric_cell_of(t, row, kinds[i], "auc_own");
        metric_cell_of(t, row, kinds[i], "auc_all");
        metric_cell_of(t, row, kinds[i], recall);
        metric_cell_of(t, row, kinds[i], ndcg);
    }
}

static void recommendation_notes(table *t, const cJSON *models) {
    const cJSON *m;
    bool failed = false;
    cJSON_ArrayForEach(m, models) failed |= fails_pop(m);
    if (failed)
        table_note(t, "a",
                   "does not beat popularity: the interval of its warm AUC (own) minus that of "
                   "`pop` on the same tests is not above 0.");
    cJSON_ArrayForEach(m, models) {
        char note[512];
        if (!is_untrained(m)) continue;
        snprintf(note, sizeof note, "%.100s could not be trained: %.380s", report_string(m, "name"),
                 report_string(m, "why"));
        table_note(t, "b", note);
    }
}

/* What the numbers mean, once, before the table. */
static void recommendation_text(const cJSON *c, int k, document *d) {
    document_paragraph(
        d,
        "Every model is trained on the same training part, %.0f time%s with different seeds, and "
        "ranks the whole catalogue for every user. *AUC* is the share of candidates that a "
        "held-out "
        "product is ranked above (equation 4 of the paper; ties count one half), averaged over "
        "users: *all* takes every product that the user does not have as candidate, as the paper "
        "does, *own* warm products against warm ones and cold against cold. *R@%d* is Recall and "
        "*N@%d* NDCG of lists of %d (own).",
        report_number(c, "runs"), report_number(c, "runs") > 1 ? "s" : "", k, k, k);
}

void report_write_recommendation(const report_whole *r, document *d) {
    const cJSON *c = r->results.compare, *m;
    int k = list_length(c);
    char recall[16], ndcg[16];
    table *t;
    if (!c) return;
    snprintf(recall, sizeof recall, "R@%d", k);
    snprintf(ndcg, sizeof ndcg, "N@%d", k);
    const table_column columns[] = {
        {"model", NULL, TABLE_NO_BEST},
        {"AUC own", "warm products", TABLE_HIGHEST},
        {"AUC all", "warm products", TABLE_HIGHEST},
        {recall, "warm products", TABLE_HIGHEST},
        {ndcg, "warm products", TABLE_HIGHEST},
        {"AUC own", "completely cold products", TABLE_HIGHEST},
        {"AUC all", "completely cold products", TABLE_HIGHEST},
        {recall, "completely cold products", TABLE_HIGHEST},
        {ndcg, "completely cold products", TABLE_HIGHEST},
    };
    if (table_new(columns, sizeof columns / sizeof *columns, &t) != LB_OK) return;
    document_section(d, "Recommending products");
    recommendation_text(c, k, d);
    cJSON_ArrayForEach(m, report_at(c, "models")) recommendation_row(t, m, k);
    recommendation_notes(t, report_at(c, "models"));
    document_table(d, t,
                   "Recommendation of warm and of completely cold products: means over the runs, "
                   "and in brackets 95 % intervals by bootstrap over users. The best of each "
                   "column is bold.");
    table_free(t);
}

/* ---- Table 3: relations */

static void relation_cell(table *t, const cJSON *row, const char *key, double unit,
                          unsigned digits) {
    const cJSON *m = report_at(row, key);
    double low = report_number(m, "ci95.0"), high = report_number(m, "ci95.1");
    if (isnan(low))
        table_spread(t, unit * report_number(m, "mean"), unit * report_number(m, "sd"), digits);
    else
        table_interval(t, unit * report_number(m, "mean"), unit * low, unit * high, digits);
}

void report_write_relations(const report_whole *r, document *d) {
    static const table_column columns[] = {
        {"model", NULL, TABLE_NO_BEST},
        {"accuracy %", NULL, TABLE_HIGHEST},
        {"AUC", NULL, TABLE_HIGHEST},
        {"threshold", NULL, TABLE_NO_BEST},
    };
    const cJSON *c = r->results.relations, *m;
    table *t;
    if (!c || table_new(columns, sizeof columns / sizeof *columns, &t) != LB_OK) return;
    document_section(d, "Relations between products");
    document_paragraph(
        d, "Two products are related when the same user bought both. Asked are pairs of a training "
           "and a test product of one user, and as many uniformly drawn pairs that nobody bought "
           "together; a pair is called related when its similarity is above a threshold chosen on "
           "validation pairs. Chance is an accuracy of 50 %% and an AUC of 0.5.");
    cJSON_ArrayForEach(m, report_at(c, "models")) {
        table_row(t);
        table_text(t, report_string(m, "name"));
        relation_cell(t, m, "accuracy", 100, 1);
        relation_cell(t, m, "auc", 1, 3);
        table_number(t, report_number(m, "threshold.mean"), 3);
        if (is_untrained(m)) table_note(t, NULL, report_string(m, "why"));
    }
    document_table(d, t,
                   "Telling products that are bought together from others: means over the runs.");
    table_free(t);
}
