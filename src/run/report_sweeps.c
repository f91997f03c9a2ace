/* What sweeps found: AUC against the options that were tried (the paper's
 * section 6). */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "run/report_parts.h"

enum { PANELS = EVAL_KINDS, MOST_POINTS = 64, MOST_SERIES = EVAL_SETS + 1 };

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

/* By model, then by file. */
static int by_model(const void *a, const void *b) {
    const report_sweep *x = a, *y = b;
    int order = strcmp(x->file.head.class->name, y->file.head.class->name);
    return order ? order : strcmp(x->name, y->name);
}

void report_sweeps_order(report_results *r) {
    if (r->n_sweeps) qsort(r->sweeps, r->n_sweeps, sizeof *r->sweeps, by_model);
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

/* A line: the AUC of one kind and set of a sweep against its values. */
typedef struct sweep_line {
    double y[MOST_POINTS], low[MOST_POINTS], high[MOST_POINTS];
    bool any;
} sweep_line;

static figure_series draw_line(const sweep_result *r, const axis_values *v, eval_kind kind,
                               eval_set set, const char *name, unsigned style, sweep_line *line) {
    size_t n = v->n < MOST_POINTS ? v->n : MOST_POINTS;
    line->any = false;
    for (size_t i = 0; i < n; i++) {
        const eval_summary *s = &r->row[i].metric[1][kind][set][EVAL_AUC];
        line->y[i] = s->mean;
        line->low[i] = s->mean - s->sd;
        line->high[i] = s->mean + s->sd;
        line->any |= isfinite(s->mean);
    }
    return (figure_series){.name = name,
                           .mark = FIGURE_LINE,
                           .n = n,
                           .x = v->number,
                           .y = line->y,
                           .low = line->low,
                           .high = line->high,
                           .range = FIGURE_RANGE_BARS,
                           .style = style};
}

/* One sweep over one option, and the same without a feature (NULL: none). */
typedef struct option_figure {
    const report_sweep *sweep, *plain;
    axis_values values, plain_values;
} option_figure;

/* Own and all AUC of one kind of product against the option. Without a feature completely cold
 * products have no place and come last, which says nothing of the cold ones and flatters the warm
 * ones among all: the own AUC of warm products is what compares. */
static bool write_option_panel(const option_figure *f, eval_kind kind, text *svg) {
    static const char *const names[] = {"all", "own"};
    const axis_values *v = &f->values;
    const char *option = f->sweep->result.axis[0];
    sweep_line lines[MOST_SERIES];
    figure_series series[MOST_SERIES];
    size_t n = 0;
    for (eval_set set = 0; set < EVAL_SETS; set++, n++)
        series[n] = draw_line(&f->sweep->result, v, kind, set, names[set], (unsigned)n + 1,
                              &lines[n]);
    bool any = lines[0].any || lines[1].any;
    if (f->plain && kind == EVAL_WARM) {
        series[n] = draw_line(&f->plain->result, &f->plain_values, kind, EVAL_OWN,
                              "own, no decoder", (unsigned)n + 1, &lines[n]);
        n++;
    }
    figure_chart chart = {
        .head = {.title = option,
                 .heading = kind == EVAL_WARM ? "warm products" : "completely cold products"},
        .x = {.title = option,
              .scale = !v->numeric    ? FIGURE_CATEGORICAL
                       : wants_log(v) ? FIGURE_LOG
                                      : FIGURE_LINEAR,
              .categories = (const char *const *)v->text,
              .n_categories = v->numeric ? 0 : series[0].n,
              .ticks = v->numeric ? v->number : NULL,
              .n_ticks = v->numeric ? series[0].n : 0},
        .y = {.title = "AUC (tests)"},
        .series = series,
        .n_series = n,
    };
    if (any) figure_write_chart(svg, &chart);
    return any;
}

/* " (positions in the context window)", as the option's own help says. */
static void explain_option(const model_class *class, const char *option, char *out, size_t size) {
    const option_table *known = class->options;
    *out = '\0';
    for (size_t i = 0; known && i < known->n_fields; i++)
        if (strcmp(known->field[i].name, option) == 0)
            snprintf(out, size, " (%.*s)", (int)strcspn(known->field[i].help, ";"),
                     known->field[i].help);
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

/* Whether b is a again but for the feature, which it leaves out. */
static bool is_plain_of(const report_sweep *a, const report_sweep *b) {
    const sweep_head *ours = &a->file.head, *theirs = &b->file.head;
    return ours->class == theirs->class && *ours->feature && !*theirs->feature &&
           strcmp(ours->split, theirs->split) == 0 &&
           strcmp(ours->class->name, "vasg-paper") == 0 && a->result.n_rows && b->result.n_rows &&
           a->result.n_axes == 1 && b->result.n_axes == 1 &&
           strcmp(a->result.axis[0], b->result.axis[0]) == 0;
}

/* The first sweep that is the other half of this one's figure: without a feature of one with it
 * (`plain`), or with one of that without. */
static const report_sweep *find_other(const report_results *r, const report_sweep *s, bool plain) {
    for (const report_sweep *o = r->sweeps; o < r->sweeps + r->n_sweeps; o++)
        if (plain ? is_plain_of(s, o) : is_plain_of(o, s)) return o;
    return NULL;
}

static lb_status open_figure(const report_results *r, const report_sweep *s, option_figure *out) {
    *out = (option_figure){.sweep = s, .plain = find_other(r, s, true)};
    LB_TRY(values_of(&s->result, 0, &out->values));
    if (out->plain) LB_TRY(values_of(&out->plain->result, 0, &out->plain_values));
    return LB_OK;
}

static void close_figure(option_figure *f) {
    values_free(&f->values);
    values_free(&f->plain_values);
}

static void write_option(const report_results *r, const report_sweep *s, document *d) {
    option_figure f;
    text panels[PANELS] = {{0}};
    char caption[1600], best[300], name[420], meaning[160];
    size_t n = 0;
    lb_status status = open_figure(r, s, &f);
    for (eval_kind kind = 0; kind < EVAL_KINDS && status == LB_OK; kind++)
        n += write_option_panel(&f, kind, &panels[n]);
    describe(s, best, sizeof best);
    describe_model(s, name, sizeof name);
    explain_option(s->file.head.class, s->result.axis[0], meaning, sizeof meaning);
    snprintf(caption, sizeof caption, "AUC of %s against `%.60s`%s, on tests (%u run%s).%s%.300s",
             name, s->result.axis[0], meaning, report_sweep_runs(s),
             report_sweep_runs(s) == 1 ? "" : "s; bars: one standard deviation over runs",
             f.plain
                 ? " *No decoder*: trained without a feature, so that there is nothing to decode "
                   "to and completely cold products have no place."
                 : "",
             best);
    if (status != LB_OK) panels[0].status = status;
    if (n || status != LB_OK) document_figure(d, panels, n ? n : 1, DOCUMENT_WIDE, caption);
    for (size_t i = 0; i < PANELS; i++) free(panels[i].bytes);
    close_figure(&f);
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
        if (find_other(&r->results, s, false)) continue; // in the figure of that one
        if (s->result.n_rows && s->result.n_axes == 1)
            write_option(&r->results, s, d);
        else if (s->result.n_rows && s->result.n_axes > 1)
            write_grid(s, d);
    }
}
