/* Training curves. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "run/report_parts.h"

enum { PANELS = 4 };

/* A column of a curve as a series over the share of the training, in per cent. */
static lb_status curve_series(const report_curve *c, size_t column, figure_series *out) {
    double *points, last = 0;
    size_t n = c->curve.n_points;
    LB_TRY(NEW_ARRAY(points, 2 * n));
    for (size_t i = 0; i < n; i++) last = fmax(last, curve_at(&c->curve, i, 0));
    for (size_t i = 0; i < n; i++) {
        points[i] = last > 0 ? 100 * curve_at(&c->curve, i, 0) / last : 0;
        points[n + i] = curve_at(&c->curve, i, column);
    }
    *out = (figure_series){
        .name = c->name, .mark = FIGURE_LINE, .n = n, .x = points, .y = points + n};
    return LB_OK;
}

/* Whether a column holds a number. */
static bool has_column(const report_curve *c, const char *name, size_t *column) {
    *column = curve_column(&c->curve, name);
    if (*column >= c->curve.n_columns) return false;
    for (size_t i = 0; i < c->curve.n_points; i++)
        if (isfinite(curve_at(&c->curve, i, *column))) return true;
    return false;
}

/* All models' curves of one column; false if none has it. */
static bool write_curve_panel(const report_results *r, const char *column, const char *heading,
                              const char *unit, bool cosine, text *svg) {
    figure_series series[REPORT_CURVES];
    size_t n = 0, at;
    lb_status status = LB_OK;
    for (size_t i = 0; i < r->n_curves && n < REPORT_CURVES && status == LB_OK; i++) {
        if (!has_column(&r->curves[i], column, &at)) continue;
        status = curve_series(&r->curves[i], at, &series[n]);
        if (status == LB_OK) series[n++].style = (unsigned)(i % FIGURE_STYLES + 1);
    }
    char named[160];
    snprintf(named, sizeof named, n == 1 ? "%s: %.100s" : "%s", heading, n ? series[0].name : "");
    figure_chart chart = {
        .head = {.title = named, .heading = named},
        .x = {.title = "share of the training (%)", .low = 0, .high = 100},
        .y = {.title = unit, .low = cosine ? -0.1 : 0, .high = cosine ? 1 : 0},
        .series = series,
        .n_series = n,
    };
    if (n) figure_write_chart(svg, &chart);
    if (status != LB_OK) svg->status = status;
    for (size_t i = 0; i < n; i++) free((double *)(void *)series[i].x);
    return n > 0;
}

/* "vasg 8 epochs, bpr 30 epochs" */
static void describe_lengths(const report_results *r, char *out, size_t size) {
    size_t used = 0;
    *out = '\0';
    for (size_t i = 0; i < r->n_curves && used < size; i++) {
        const curve *c = &r->curves[i].curve;
        used += (size_t)snprintf(out + used, size - used, "%s`%.60s` %.3g", i ? ", " : "",
                                 r->curves[i].name, curve_at(c, c->n_points - 1, 0));
    }
}

void report_write_curves(const report_whole *r, document *d) {
    text panels[PANELS] = {{0}};
    char caption[1200], lengths[700];
    size_t n = 0;
    if (!r->results.n_curves) return;
    document_section(d, "Training");
    document_paragraph(
        d, "What the models were like while they trained, by validation pairs: nothing here looks "
           "at tests. A mean cosine between users that goes to 1 is a collapse: all users become "
           "one.");
    n += write_curve_panel(&r->results, CURVE_AUC_WARM, "validation, warm", "AUC own", false,
                           &panels[n]);
    n += write_curve_panel(&r->results, CURVE_USER_COSINE, "collapse", "mean cosine of users", true,
                           &panels[n]);
    n += write_curve_panel(&r->results, CURVE_AUC_COLD, "validation, cold", "AUC own", false,
                           &panels[n]);
    n += write_curve_panel(&r->results, CURVE_AUC_RELATIONS, "validation, relations",
                           "AUC of pairs", false, &panels[n]);
    describe_lengths(&r->results, lengths, sizeof lengths);
    snprintf(caption, sizeof caption,
             "Training curves, over the share of each model's own training; in epochs: %s.",
             lengths);
    if (n) document_figure(d, panels, n, DOCUMENT_WIDE, caption);
    for (size_t i = 0; i < PANELS; i++) free(panels[i].bytes);
}
