/* Tables 1 to 3: what the data are, how well products are recommended, how well relations are told.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run/report_parts.h"

void report_model_cell(table *t, const cJSON *row) {
    const char *name = report_string(row, "name"), *settings = strchr(name, ':');
    text shown = {0};
    text_add(&shown, "%.*s", (int)strcspn(name, ":"), name);
    for (const char *s = settings ? settings + 1 : ""; *s;) {
        size_t n = strcspn(s, ",");
        text_add(&shown, "%s%.*s", s == settings + 1 ? " (" : ", ", (int)n, s);
        s += n + (s[n] == ',');
    }
    text_add(&shown, settings ? ")" : "");
    table_text(t, shown.status == LB_OK ? shown.bytes : name);
    free(shown.bytes);
}

/* ---- Table 1: the dataset */

static void network_row(table *t, const char *name, const cJSON *n) {
    table_row(t);
    table_text(t, name);
    table_count(t, report_number(n, "users"));
    table_count(t, report_number(n, "products"));
    table_count(t, report_number(n, "interactions"));
    table_number(t, 100 * report_number(n, "density"), 3);
    table_number(t, report_number(n, "per_user.mean"), 1);
    table_number(t, report_number(n, "per_product.mean"), 1);
    table_number(t, 100 * report_number(n, "single_interaction_share"), 1);
}

/* Where the other interactions are, where there are such. */
static void write_left_out(const report_results *r, document *d) {
    const cJSON *s = r->statistics, *made = r->compare ? r->compare : r->relations;
    double used = report_number(s, "train_pairs") + report_number(s, "validation_pairs") +
                  report_number(s, "tests.warm") + report_number(s, "tests.cold");
    double left = report_number(s, "kept.interactions") - used;
    if (!(left > 0) || strcmp(report_string(made, "split.cold"), "balanced") != 0) return;
    document_paragraph(
        d,
        "So that cold tests are about as many as warm ones, and cold validation pairs likewise, "
        "products were drawn and taken out of training: their other interactions, %s, are in no "
        "part.",
        REPORT_COUNT(left));
}

static void write_parts(const report_results *r, document *d) {
    const cJSON *s = r->statistics;
    double warm = report_number(s, "tests.warm"), cold = report_number(s, "tests.cold");
    double few = report_number(s, "users_dropped");
    char dropped[96] = "";
    if (!(warm + cold > 0)) return;
    if (few > 0)
        snprintf(dropped, sizeof dropped, "; %s %s had too few products to be split",
                 REPORT_COUNT(few), few == 1 ? "user" : "users");
    document_paragraph(
        d,
        "The split trains on %s pairs; %s are held out for validation and %s for tests. Of the "
        "tests, %s are of *warm* products, which others bought in training, and %s of *completely "
        "cold* ones, which nobody did. The catalogue has %s warm and %s cold products%s.",
        REPORT_COUNT(report_number(s, "train_pairs")),
        REPORT_COUNT(report_number(s, "validation_pairs")), REPORT_COUNT(warm + cold),
        REPORT_COUNT(warm), REPORT_COUNT(cold), REPORT_COUNT(report_number(s, "warm_products")),
        REPORT_COUNT(report_number(s, "cold_products")), dropped);
    write_left_out(r, d);
}

static void write_features(const cJSON *s, document *d) {
    const cJSON *f;
    text said = {0};
    for (f = report_first(report_at(s, "features")); f; f = f->next)
        text_add(&said, "%sThe feature `%s` has %s numbers for each of %s products.",
                 said.bytes ? " " : "", report_string(f, "name"),
                 REPORT_COUNT(report_number(f, "dim")), REPORT_COUNT(report_number(f, "products")));
    document_paragraph(d, "%s",
                       said.bytes ? said.bytes
                                  : "The products have no features: nothing is known of their "
                                    "looks.");
    free(said.bytes);
}

void report_write_statistics(const report_whole *r, document *d) {
    static const table_column columns[] = {
        {"", NULL, TABLE_NO_BEST},
        {"users", NULL, TABLE_NO_BEST},
        {"products", NULL, TABLE_NO_BEST},
        {"interactions", NULL, TABLE_NO_BEST},
        {"density %", NULL, TABLE_NO_BEST},
        {"per user", NULL, TABLE_NO_BEST},
        {"per product", NULL, TABLE_NO_BEST},
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
                   "are interactions, then come interactions per user and per product, and "
                   "*bought once* is the share of products with a single one.");
    write_parts(&r->results, d);
    write_features(s, d);
    table_free(t);
}

/* What the numbers of a table are of: "means over 5 runs". */
static const char *over_runs(const cJSON *results, char room[48]) {
    double runs = report_number(results, "runs");
    if (runs == 1)
        snprintf(room, 48, "one run");
    else if (runs > 1)
        snprintf(room, 48, "means over %.0f runs", runs);
    else
        snprintf(room, 48, "means over the runs");
    return room;
}

/* ---- Table 2: recommendation, warm and cold products one below the other */

static void result_cell(table *t, const cJSON *kind, const char *metric) {
    const cJSON *m = report_at(kind, metric);
    table_interval(t, report_number(m, "mean"), report_number(m, "ci95.0"),
                   report_number(m, "ci95.1"), 3);
}

/* The length of the lists, from "recall@20_own". */
static unsigned list_length(const cJSON *compare) {
    static const char before[] = "recall@";
    const cJSON *item;
    for (item = report_first(report_at(compare, "models.0.warm")); item; item = item->next) {
        if (!item->string || strncmp(item->string, before, sizeof before - 1) != 0) continue;
        return (unsigned)strtoul(item->string + sizeof before - 1, NULL, 10);
    }
    return 20;
}

static bool is_untrained(const cJSON *row) {
    return cJSON_IsString(report_at(row, "why"));
}

static bool fails_pop(const cJSON *row) {
    return cJSON_IsFalse(report_at(row, "beats_pop"));
}

/* Whether all completely cold products have one score. */
static bool says_nothing(const cJSON *row) {
    double compared = report_number(row, "cold.ties_own.compared");
    return compared > 0 && report_number(row, "cold.ties_own.tied") >= compared;
}

static void recommendation_row(table *t, const cJSON *row, const char *kind, unsigned k) {
    char recall[32], ndcg[32];
    const cJSON *m = report_at(row, kind);
    bool warm = strcmp(kind, "warm") == 0;
    snprintf(recall, sizeof recall, "recall@%u_own", k);
    snprintf(ndcg, sizeof ndcg, "ndcg@%u_own", k);
    table_row(t);
    report_model_cell(t, row);
    if (is_untrained(row))
        table_mark(t, "b");
    else if (warm && fails_pop(row))
        table_mark(t, "a");
    else if (!warm && says_nothing(row))
        table_mark(t, "a");
    result_cell(t, m, "auc_own");
    result_cell(t, m, "auc_all");
    result_cell(t, m, recall);
    result_cell(t, m, ndcg);
    if (!warm) return;
    result_cell(t, row, "auc_own_over_pop");
    table_number(t, report_number(row, "train_seconds.mean"), 1);
    table_aside(t);
}

void report_untrained_notes(table *t, const cJSON *models) {
    const cJSON *m;
    for (m = report_first(models); m; m = m->next) {
        char note[512];
        if (!is_untrained(m)) continue;
        snprintf(note, sizeof note, "%.100s could not be trained: %.380s", report_string(m, "name"),
                 report_string(m, "why"));
        table_note(t, "b", note);
    }
}

static void recommendation_notes(table *t, const cJSON *models, bool warm) {
    const cJSON *m;
    bool failed = false, silent = false;
    for (m = report_first(models); m; m = m->next) {
        failed |= warm && fails_pop(m);
        silent |= !warm && says_nothing(m);
    }
    if (failed)
        table_note(t, "a",
                   "does not beat popularity: the interval of the difference is not above 0.");
    if (silent)
        table_note(t, "a",
                   "cannot tell them apart: all have one score, and AUC own is one half by ties.");
    report_untrained_notes(t, models);
}

/* What the numbers mean, once, before the tables. */
static void recommendation_text(const cJSON *c, unsigned k, document *d) {
    char times[64] = "";
    double runs = report_number(c, "runs");
    if (runs > 1) snprintf(times, sizeof times, ", %.0f times with different seeds", runs);
    document_paragraph(
        d,
        "Every model is trained on the same training part%s, and ranks the whole "
        "catalogue for every user. *AUC* is the share of candidates that a held-out product is "
        "ranked above (equation 4 of the paper; ties count one half), averaged over users: *all* "
        "takes every product that the user does not have as candidate, as the paper does, *own* "
        "warm products against warm ones and cold against cold. With *all*, how high a model sets "
        "cold products against warm ones helps the one kind of tests and harms the other. *R@%u* "
        "is Recall and *N@%u* NDCG "
        "of lists of %u, among the user's own kind of candidates. Brackets hold 95 %% intervals by "
        "bootstrap over users, and the best of each column is bold; *above pop* is what AUC own "
        "is above that of `pop`, user by user. AUC rewards popularity: a "
        "personal model that does not beat `pop` on the same tests has failed, and is marked.",
        times, k, k, k);
}

static void write_kind(const cJSON *c, const char *kind, unsigned k, document *d) {
    bool warm = strcmp(kind, "warm") == 0;
    char recall[16], ndcg[16], room[48], caption[200];
    const cJSON *m;
    table *t;
    snprintf(recall, sizeof recall, "R@%u", k);
    snprintf(ndcg, sizeof ndcg, "N@%u", k);
    const table_column columns[] = {
        {"model", NULL, TABLE_NO_BEST},        {"AUC own", NULL, TABLE_HIGHEST},
        {"AUC all", NULL, TABLE_HIGHEST},      {recall, NULL, TABLE_HIGHEST},
        {ndcg, NULL, TABLE_HIGHEST},           {"above pop", NULL, TABLE_NO_BEST},
        {"training (s)", NULL, TABLE_NO_BEST},
    };
    size_t n = sizeof columns / sizeof *columns;
    if (table_new(columns, warm ? n : n - 2, &t) != LB_OK) return;
    for (m = report_first(report_at(c, "models")); m; m = m->next)
        recommendation_row(t, m, kind, k);
    recommendation_notes(t, report_at(c, "models"), warm);
    snprintf(caption, sizeof caption, "Recommending %s: AUC, Recall and NDCG, %s.",
             warm ? "*warm* products"
                  : "*completely cold* products, which nobody bought in training",
             over_runs(c, room));
    document_table(d, t, caption);
    table_free(t);
}

void report_write_recommendation(const report_whole *r, document *d) {
    const cJSON *c = r->results.compare;
    unsigned k = list_length(c);
    if (!c) return;
    document_section(d, "Recommending products");
    recommendation_text(c, k, d);
    if (report_number(r->results.statistics, "tests.warm") > 0) write_kind(c, "warm", k, d);
    if (report_number(r->results.statistics, "tests.cold") > 0) write_kind(c, "cold", k, d);
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
        {"model", NULL, TABLE_NO_BEST}, {"accuracy %", NULL, TABLE_HIGHEST},
        {"all", "AUC", TABLE_HIGHEST},  {"warm", "AUC", TABLE_HIGHEST},
        {"cold", "AUC", TABLE_HIGHEST}, {"threshold", NULL, TABLE_NO_BEST},
    };
    const cJSON *c = r->results.relations, *m;
    char room[48], caption[120];
    table *t;
    if (!c || table_new(columns, sizeof columns / sizeof *columns, &t) != LB_OK) return;
    document_section(d, "Relations between products");
    document_paragraph(
        d,
        "Two products are related when the same user bought both. Asked are %s pairs of a training "
        "and a test product of one user, and %s uniformly drawn pairs that nobody bought together. "
        "A pair is called related when its similarity is above a threshold chosen on validation "
        "pairs; chance is an accuracy of 50 %% and an AUC of 0.5. *Warm* pairs are of two products "
        "bought in training, *cold* ones have one that nobody bought. Brackets hold 95 %% "
        "intervals by bootstrap over products.",
        REPORT_COUNT(report_number(c, "relations.all.related")),
        REPORT_COUNT(report_number(c, "relations.all.others")));
    for (m = report_first(report_at(c, "models")); m; m = m->next) {
        table_row(t);
        report_model_cell(t, m);
        if (is_untrained(m)) table_mark(t, "b");
        relation_cell(t, m, "accuracy", 100, 1);
        relation_cell(t, m, "auc", 1, 3);
        relation_cell(t, m, "auc_warm", 1, 3);
        relation_cell(t, m, "auc_cold", 1, 3);
        table_number(t, report_number(m, "threshold.mean"), 3);
    }
    report_untrained_notes(t, report_at(c, "models"));
    snprintf(caption, sizeof caption, "Telling products that are bought together from others: %s.",
             over_runs(c, room));
    document_table(d, t, caption);
    table_free(t);
}
