/* The tables of requests in words. */
#include <stdio.h>

#include "run/report_parts.h"

static void cell(table *t, const cJSON *kind, const char *metric) {
    const cJSON *m = report_at(kind, metric);
    table_interval(t, report_number(m, "mean"), report_number(m, "ci95.0"),
                   report_number(m, "ci95.1"), 3);
}

static void write_text(const cJSON *c, document *d) {
    const char *control = report_string(c, "control");
    document_paragraph(
        d,
        "Of each test pair a request in words is made, of level *%s*: %s requests, %s pairs of "
        "which "
        "nothing is written are left out. The whole catalogue is ranked for a request and the "
        "person "
        "who asks. *R@10* is Recall of lists of 10 and *MRR* the mean reciprocal rank of the "
        "product "
        "that was meant; *own* ranks warm products among warm ones and cold among cold, *all* "
        "every "
        "product. Brackets hold 95 %% intervals by bootstrap over users. Levels give away more or "
        "less of the product: figures of different levels do not compare.",
        report_string(c, "level"), REPORT_COUNT(report_number(c, "requests.test")),
        REPORT_COUNT(report_number(c, "requests.without")));
    if (*control)
        document_paragraph(
            d,
            "This is a control, *%s*: each test has another test's user or words, and "
            "what they were worth is gone.",
            control);
}

static void write_kind(const cJSON *c, const char *kind, document *d) {
    static const table_column columns[] = {
        {"model", NULL, TABLE_NO_BEST},   {"R@10 own", NULL, TABLE_HIGHEST},
        {"MRR own", NULL, TABLE_HIGHEST}, {"R@10 all", NULL, TABLE_HIGHEST},
        {"MRR all", NULL, TABLE_HIGHEST}, {"last's MRR own minus this", NULL, TABLE_NO_BEST},
    };
    const cJSON *m;
    char difference[48];
    table *t;
    snprintf(difference, sizeof difference, "last_minus_this.%s.mrr_own", kind);
    if (table_new(columns, sizeof columns / sizeof *columns, &t) != LB_OK) return;
    for (m = report_first(report_at(c, "models")); m; m = m->next) {
        const cJSON *measured = report_at(m, kind);
        table_row(t);
        report_model_cell(t, m);
        if (cJSON_IsString(report_at(m, "why"))) table_mark(t, "b");
        cell(t, measured, "recall@10_own");
        cell(t, measured, "mrr_own");
        cell(t, measured, "recall@10_all");
        cell(t, measured, "mrr_all");
        cell(t, m, difference);
    }
    report_untrained_notes(t, report_at(c, "models"));
    document_table(d, t,
                   kind[0] == 'w' ? "Requests for *warm* products."
                                  : "Requests for *completely cold* products.");
    table_free(t);
}

void report_write_requests(const report_whole *r, document *d) {
    const cJSON *c = r->results.requests;
    if (!c) return;
    document_section(d, "Requests in words");
    write_text(c, d);
    if (report_number(c, "models.0.warm.tests") > 0) write_kind(c, "warm", d);
    if (report_number(c, "models.0.cold.tests") > 0) write_kind(c, "cold", d);
}
