/* What sweeps found: AUC against the options that were tried (the paper's
 * section 6). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "run/report_parts.h"

enum { PANELS = EVAL_KINDS };

uint32_t report_sweep_runs(const report_sweep *s) {
    uint32_t runs = 0;
    for (size_t i = 0; i < s->result.n_rows; i++)
        if (s->result.row[i].n_runs > runs) runs = s->result.row[i].n_runs;
    return runs;
}

/* ---- reading, and as JSON */

void report_sweep_free(report_sweep *s) {
    free(s->name);
    sweep_result_free(&s->result);
    sweep_file_free(&s->file);
}

lb_status report_sweep_read(const char *folder, const char *name, report_results *r) {
    report_sweep *sweeps = memory_resize(r->sweeps, r->n_sweeps + 1, sizeof *sweeps);
    sweep_criterion criterion;
    if (!sweeps) return LB_E_NOMEM;
    r->sweeps = sweeps;
    report_sweep *s = &sweeps[r->n_sweeps++];
    *s = (report_sweep){.name = memory_string(name)};
    if (!s->name) return LB_E_NOMEM;
    char *path = file_path(folder, name);
    if (!path) return LB_E_NOMEM;
    lb_status status = sweep_file_read(path, &s->file);
    free(path);
    LB_TRY(status);
    LB_TRY(sweep_criterion_parse("own-auc", &criterion));
    return sweep_result_of_file(&s->file, &criterion, &s->result);
}

lb_status report_sweeps_json(const report_results *r, text *t) {
    text_add(t, ",\"sweeps\":[");
    for (size_t i = 0; i < r->n_sweeps; i++) {
        const report_sweep *s = &r->sweeps[i];
        char *json;
        LB_TRY(sweep_json(&s->file.head, &s->result, report_sweep_runs(s), &json));
        size_t length = strlen(json);
        while (length && json[length - 1] == '\n') length--;
        text_add(t, "%s%.*s", i ? "," : "", (int)length, json);
        free(json);
    }
    text_add(t, "]");
    return LB_OK;
}

/* ---- what is not the default for all of it */

static bool is_axis(const sweep_result *r, const char *setting) {
    size_t length = strcspn(setting, "=");
    for (size_t a = 0; a < r->n_axes; a++)
        if (strlen(r->axis[a]) == length && strncmp(r->axis[a], setting, length) == 0) return true;
    return false;
}

static void add_line(text *t, const char *setting) {
    text_add(t, "%s\n", setting);
}

void report_sweep_fixed(const report_sweep *s, void (*add)(text *t, const char *setting), text *t) {
    text lines = {0};
    if (!s->result.n_rows) return;
    lb_status status = report_changes(s->file.head.class, s->result.row[0].settings, add_line,
                                      &lines);
    if (status != LB_OK || lines.status != LB_OK) t->status = LB_E_NOMEM;
    for (char *line = lines.bytes; t->status == LB_OK && line && *line;) {
        char *end = line + strcspn(line, "\n");
        *end = '\0';
        if (!is_axis(&s->result, line)) add(t, line);
        line = end + 1;
    }
    free(lines.bytes);
}

static void add_code(text *t, const char *setting) {
    text_add(t, "%s`%s`", t->n ? ", " : " (with ", setting);
}

/* "`vasg` (with `epochs=3`), without a feature" */
static void describe_model(const report_sweep *s, char *out, size_t size) {
    const sweep_head *h = &s->file.head;
    text with = {0};
    report_sweep_fixed(s, add_code, &with);
    if (with.n) text_add(&with, ")");
    bool decoder = strcmp(h->class->name, "vasg-paper") == 0;
    snprintf(out, size, "`%s`%.300s%s", h->class->name, with.n ? with.bytes : "",
             *h->feature ? ""
             : decoder   ? ", without a feature and so without decoder,"
                         : ", without a feature,");
    free(with.bytes);
}

/* ---- a sweep over one option */

/* The values of the option, and whether they are numbers. */
typedef struct axis_values {
    char **text;    // (n)
    double *number; // (n) or positions
    size_t n;
    bool numeric;
} axis_values;

static void values_free(axis_values *v) {
    for (size_t i = 0; v->text && i < v->n; i++) free(v->text[i]);
    free(v->text);
    free(v->number);
}

static lb_status values_of(const sweep_result *r, size_t axis, axis_values *out) {
    out->n = r->n_rows;
    out->numeric = true;
    LB_TRY(NEW_ARRAY(out->text, r->n_rows));
    LB_TRY(NEW_ARRAY(out->number, r->n_rows));
    for (size_t i = 0; i < r->n_rows; i++) {
        char *end;
        if (!(out->text[i] = sweep_row_value(r, i, axis))) return LB_E_NOMEM;
        out->number[i] = strtod(out->text[i], &end);
        out->numeric &= *out->text[i] && !*end;
    }
    for (size_t i = 0; i < r->n_rows && !out->numeric; i++) out->number[i] = (double)i;
    return LB_OK;
}

/* Whether the values are spread over so many sizes that a logarithm shows them
 * better. */
static bool wants_log(const axis_values *v) {
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < v->n; i++) {
        low = fmin(low, v->number[i]);
        high = fmax(high, v->number[i]);
    }
    return v->numeric && low > 0 && high / low >= 50;
}

/* Own and all AUC of one kind of product against the option. */
static bool write_option_panel(const sweep_result *r, const axis_values *v, const char *option,
                               eval_kind kind, text *svg) {
    static const char *const names[] = {"all", "own"};
    double y[EVAL_SETS][64], low[EVAL_SETS][64], high[EVAL_SETS][64];
    figure_series series[EVAL_SETS];
    size_t n = v->n < 64 ? v->n : 64;
    bool any = false;
    for (int set = 0; set < EVAL_SETS; set++) {
        for (size_t i = 0; i < n; i++) {
            const eval_summary *s = &r->row[i].metric[1][kind][set][EVAL_AUC];
            y[set][i] = s->mean;
            low[set][i] = s->mean - s->sd;
            high[set][i] = s->mean + s->sd;
            any |= isfinite(s->mean);
        }
        series[set] = (figure_series){.name = names[set],
                                      .mark = FIGURE_LINE,
                                      .n = n,
                                      .x = v->number,
                                      .y = y[set],
                                      .low = low[set],
                                      .high = high[set],
                                      .range = FIGURE_RANGE_BARS,
                                      .style = (unsigned)set + 1};
    }
    figure_chart chart = {
        .head = {.title = option,
                 .heading = kind == EVAL_WARM ? "warm products" : "completely cold products"},
        .x = {.title = option,
              .scale = !v->numeric    ? FIGURE_CATEGORICAL
                       : wants_log(v) ? FIGURE_LOG
                                      : FIGURE_LINEAR,
              .categories = (const char *const *)v->text,
              .n_categories = v->numeric ? 0 : n,
              .ticks = v->numeric ? v->number : NULL,
              .n_ticks = v->numeric ? n : 0},
        .y = {.title = "AUC (tests)"},
        .series = series,
        .n_series = EVAL_SETS,
    };
    if (any) figure_write_chart(svg, &chart);
    return any;
}

static void describe(const report_sweep *s, char *out, size_t size) {
    const sweep_result *r = &s->result;
    char best[200] = "";
    size_t used = 0;
    if (r->best < r->n_rows)
        for (size_t a = 0; a < r->n_axes && used < sizeof best; a++) {
            char *value = sweep_row_value(r, r->best, a);
            used += (size_t)snprintf(best + used, sizeof best - used, "%s%s %s", a ? ", " : "",
                                     r->axis[a], value ? value : "?");
            free(value);
        }
    snprintf(out, size, "%s%s%s", *best ? " Validation pairs choose " : "", best, *best ? "." : "");
}

static void write_option(const report_sweep *s, document *d) {
    const sweep_result *r = &s->result;
    axis_values v = {0};
    text panels[PANELS] = {{0}};
    char caption[1100], best[300], name[420];
    size_t n = 0;
    lb_status status = values_of(r, 0, &v);
    for (eval_kind kind = 0; kind < EVAL_KINDS && status == LB_OK; kind++)
        n += write_option_panel(r, &v, r->axis[0], kind, &panels[n]);
    describe(s, best, sizeof best);
    describe_model(s, name, sizeof name);
    snprintf(caption, sizeof caption, "AUC of %s against `%.60s`, on tests (%u run%s).%.300s", name,
             r->axis[0], report_sweep_runs(s),
             report_sweep_runs(s) == 1 ? "" : "s; bars: one standard deviation over runs", best);
    if (status != LB_OK) panels[0].status = status;
    if (n || status != LB_OK) document_figure(d, panels, n ? n : 1, DOCUMENT_WIDE, caption);
    for (size_t i = 0; i < PANELS; i++) free(panels[i].bytes);
    values_free(&v);
}

/* ---- a sweep over several options: a table, the best by validation marked */

static void write_grid_row(const report_sweep *s, size_t row, table *t) {
    const sweep_row *r = &s->result.row[row];
    table_row(t);
    for (size_t a = 0; a < s->result.n_axes; a++) {
        char *value = sweep_row_value(&s->result, row, a);
        table_text(t, value ? value : "");
        if (a == 0 && row == s->result.best) table_mark(t, "*");
        free(value);
    }
    table_number(t, r->criterion.mean, 4);
    for (int kind = 0; kind < EVAL_KINDS; kind++)
        table_spread(t, r->metric[1][kind][EVAL_OWN][EVAL_AUC].mean,
                     r->metric[1][kind][EVAL_OWN][EVAL_AUC].sd, 3);
}

static void write_grid(const report_sweep *s, document *d) {
    enum { MOST = 12 };
    table_column columns[MOST] = {{0}};
    char caption[700], name[420];
    table *t;
    size_t n = s->result.n_axes;
    if (n + 3 > MOST) return;
    for (size_t a = 0; a < n; a++) columns[a].heading = s->result.axis[a];
    columns[n] = (table_column){"validation", NULL, TABLE_HIGHEST};
    columns[n + 1] = (table_column){"warm AUC own", "tests", TABLE_NO_BEST};
    columns[n + 2] = (table_column){"cold AUC own", "tests", TABLE_NO_BEST};
    if (table_new(columns, n + 3, &t) != LB_OK) return;
    for (size_t i = 0; i < s->result.n_rows; i++) write_grid_row(s, i, t);
    table_note(t, "*", "chosen by validation pairs (mean of the warm and the cold own AUC).");
    describe_model(s, name, sizeof name);
    snprintf(caption, sizeof caption, "All combinations of the sweep of %s in `%.120s`.", name,
             s->name);
    document_table(d, t, caption);
    table_free(t);
}

void report_write_sweeps(const report_whole *r, document *d) {
    if (!r->results.n_sweeps) return;
    document_section(d, "Sensitivity");
    document_paragraph(d, "What the options do. Every value is trained on the same training part; "
                          "values are chosen by validation pairs, and figures show test pairs, "
                          "which have no say.");
    for (size_t i = 0; i < r->results.n_sweeps; i++) {
        const report_sweep *s = &r->results.sweeps[i];
        if (s->result.n_rows && s->result.n_axes == 1)
            write_option(s, d);
        else if (s->result.n_rows && s->result.n_axes > 1)
            write_grid(s, d);
    }
}
