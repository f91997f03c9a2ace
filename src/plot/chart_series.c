#include <math.h>

#include "plot/chart.h"
#include "plot/markup.h"

enum { MOST_MARKERS = 40 };

/* ---------------------------------------------------------------- places */

/* (along the x axis, along the y axis) to the page. */
static void to_page(const chart_frame *f, double along, double value, double *x, double *y) {
    *x = f->turned ? value : along;
    *y = f->turned ? along : value;
}

static void add_place(const chart_frame *f, double along, double value) {
    double x, y;
    to_page(f, along, value, &x, &y);
    svg_point(f->out, x, y);
}

static void line_between(const chart_frame *f, double along1, double value1, double along2,
                         double value2, const char *colour, double width, const char *dash) {
    double x1, y1, x2, y2;
    to_page(f, along1, value1, &x1, &y1);
    to_page(f, along2, value2, &x2, &y2);
    svg_line(f->out, x1, y1, x2, y2, colour, width, dash);
}

static bool within(const axis *a, double value) {
    double room = 1e-9 * (a->high - a->low);
    return value >= a->low - room && value <= a->high + room;
}

/* Bars and markers of several series in a category stand side by side: width and centre of the
 * place of series k, relative to the category's own. */
static double slot(const chart_frame *f, size_t k, double *offset) {
    const figure_chart *c = f->chart;
    size_t n = 0, rank = 0;
    *offset = 0;
    if (f->x.scale != FIGURE_CATEGORICAL) return 0;
    for (size_t i = 0; i < c->n_series; i++) {
        if (c->series[i].mark != c->series[k].mark) continue;
        if (i < k) rank++;
        n++;
    }
    double band = fabs(axis_place(&f->x, 1) - axis_place(&f->x, 0));
    double width = fmin(band * 0.78 / (double)n,
                        c->series[k].mark != FIGURE_BARS || f->turned ? 24 : 46);
    *offset = ((double)rank - ((double)n - 1) / 2) * width;
    return width;
}

static bool interval_at(const chart_frame *f, const figure_series *s, size_t i, double *low,
                        double *high) {
    if (!s->low || !s->high || !axis_takes(&f->y, s->low[i]) || !axis_takes(&f->y, s->high[i]))
        return false;
    *low = fmin(s->low[i], s->high[i]);
    *high = fmax(s->low[i], s->high[i]);
    return true;
}

static bool has_band(const figure_series *s) {
    bool line = s->mark == FIGURE_LINE || s->mark == FIGURE_AREA;
    return s->low && s->high &&
           (s->range == FIGURE_RANGE_BAND || (s->range == FIGURE_RANGE_AUTO && line));
}

/* ---------------------------------------------------------------- filled */

/* Closes a polygon of the points first..last: forth along y or the upper ends, back along the lower
 * ends or the base. */
static void draw_fill(const chart_frame *f, const figure_series *s, size_t first, size_t last,
                      const svg_style *style, bool band) {
    double base = f->y.scale == FIGURE_LOG ? f->y.begin : axis_clamp(&f->y, 0), low = 0, high = 0;
    text_add(f->out, "<polygon points=\"");
    for (size_t i = first; i <= last; i++) {
        double x = axis_clamp(&f->x, s->x ? s->x[i] : (double)i);
        if (band) interval_at(f, s, i, &low, &high);
        add_place(f, x, axis_clamp(&f->y, band ? high : s->y[i]));
    }
    for (size_t i = last + 1; i-- > first;) {
        double x = axis_clamp(&f->x, s->x ? s->x[i] : (double)i);
        if (band) interval_at(f, s, i, &low, &high);
        add_place(f, x, band ? axis_clamp(&f->y, low) : base);
    }
    text_add(f->out, "\" fill=\"%s\" fill-opacity=\"%s\"/>\n", style->colour,
             band ? "0.16" : "0.2");
}

/* A polygon for every run of points that have a place. */
static void draw_fills(const chart_frame *f, const figure_series *s, const svg_style *style,
                       bool band) {
    size_t first = 0, n = 0;
    for (size_t i = 0; i <= s->n; i++) {
        double x, y;
        bool there = i < s->n && chart_point(f, s, i, &x, &y) &&
                     (!band || interval_at(f, s, i, &x, &y));
        if (there && !n++) first = i;
        if (there) continue;
        if (n > 1) draw_fill(f, s, first, i - 1, style, band);
        n = 0;
    }
}

/* ---------------------------------------------------------------- lines */

/* Cuts a segment to the frame (Liang and Barsky 1984); false if nothing is left. */
static bool cut(const chart_frame *f, double *segment) {
    double dx = segment[2] - segment[0], dy = segment[3] - segment[1], from = 0, to = 1;
    const double p[] = {-dx, dx, -dy, dy};
    const double q[] = {segment[0] - f->left, f->right - segment[0], segment[1] - f->top,
                        f->bottom - segment[1]};
    for (size_t i = 0; i < 4; i++) {
        if (fabs(p[i]) < 1e-12) {
            if (q[i] < -1e-6) return false;
            continue;
        }
        double r = q[i] / p[i];
        if (p[i] < 0)
            from = fmax(from, r);
        else
            to = fmin(to, r);
    }
    if (from > to) return false;
    double x = segment[0], y = segment[1];
    segment[0] = x + from * dx;
    segment[1] = y + from * dy;
    segment[2] = x + to * dx;
    segment[3] = y + to * dy;
    return true;
}

static void draw_path(const chart_frame *f, const figure_series *s, const svg_style *style) {
    bool pen = false, joined = false;
    double segment[4], px = 0, py = 0, ex = 0, ey = 0;
    text_add(f->out, "<path d=\"");
    for (size_t i = 0; i < s->n; i++) {
        double x, y, ux, uy;
        if (!chart_point(f, s, i, &x, &y)) {
            pen = false;
            continue;
        }
        to_page(f, axis_place(&f->x, x), axis_place(&f->y, y), &ux, &uy);
        if (pen) {
            segment[0] = px, segment[1] = py, segment[2] = ux, segment[3] = uy;
            if (cut(f, segment)) {
                joined = joined && fabs(segment[0] - ex) + fabs(segment[1] - ey) < 1e-6;
                text_add(f->out, joined ? "L" : "M");
                if (!joined) {
                    svg_point(f->out, segment[0], segment[1]);
                    text_add(f->out, "L");
                }
                svg_point(f->out, segment[2], segment[3]);
                ex = segment[2];
                ey = segment[3];
                joined = true;
            }
        }
        px = ux;
        py = uy;
        pen = true;
    }
    text_add(f->out,
             "\" fill=\"none\" stroke=\"%s\" stroke-width=\"2.2\" stroke-linejoin=\"round\"",
             style->colour);
    if (style->dash) text_add(f->out, " stroke-dasharray=\"%s\"", style->dash);
    text_add(f->out, "/>\n");
}

/* ---------------------------------------------------------------- points and intervals */

static void draw_interval(const chart_frame *f, const figure_series *s, size_t i, double along,
                          const char *colour, double width) {
    double low, high;
    if (!interval_at(f, s, i, &low, &high)) return;
    if (high < f->y.low || low > f->y.high) return;
    double a = axis_clamp(&f->y, low), b = axis_clamp(&f->y, high);
    line_between(f, along, a, along, b, colour, width, NULL);
    line_between(f, along - 4, a, along + 4, a, colour, width, NULL);
    line_between(f, along - 4, b, along + 4, b, colour, width, NULL);
}

static void draw_points(const chart_frame *f, const figure_series *s, size_t k, bool markers) {
    const svg_style *style = chart_style(f->chart, k);
    double offset = 0;
    if (s->mark != FIGURE_LINE && s->mark != FIGURE_AREA) slot(f, k, &offset);
    double size = s->n > 200 ? 6 : 9;
    for (size_t i = 0; i < s->n; i++) {
        double x, y, px, py;
        if (!chart_point(f, s, i, &x, &y) || !within(&f->x, x)) continue;
        double along = axis_place(&f->x, x) + offset;
        if (s->mark == FIGURE_BARS) { // white below, to be seen on dark bars
            draw_interval(f, s, i, along, "#fff", 4);
            draw_interval(f, s, i, along, SVG_INK, 1.6);
        } else if (!has_band(s)) {
            draw_interval(f, s, i, along, style->colour, 1.6);
        }
        if (!markers || !within(&f->y, y)) continue;
        to_page(f, along, axis_place(&f->y, y), &px, &py);
        svg_marker(f->out, style, px, py, size);
    }
}

/* ---------------------------------------------------------------- bars */

static void draw_bar(const chart_frame *f, const svg_style *style, double along, double width,
                     double base, double end) {
    double from = fmin(base, end), length = fmax(fabs(end - base), 0.5);
    double left = fmax(along - width / 2, f->x.begin);
    width = fmin(along + width / 2, f->x.end) - left;
    double x = f->turned ? from : left, y = f->turned ? left : from;
    text_add(f->out, "<rect");
    svg_attribute(f->out, "x", x);
    svg_attribute(f->out, "y", y);
    svg_attribute(f->out, "width", f->turned ? length : width);
    svg_attribute(f->out, "height", f->turned ? width : length);
    text_add(f->out, " fill=\"%s\" fill-opacity=\"%.2g\" stroke=\"%s\" stroke-width=\"1.5\"/>\n",
             style->colour, style->fill, style->colour);
}

/* The bar's number beyond its end or that of its interval; of a negative bar beyond its base, where
 * there is room. */
static void draw_bar_number(const chart_frame *f, const figure_series *s, size_t i, double along) {
    double low, high, end = fmax(s->y[i], 0);
    if (interval_at(f, s, i, &low, &high)) end = fmax(high, end);
    double at = axis_clamp(&f->y, end);
    unsigned digits = f->chart->bar_digits - 1;
    if (f->turned)
        svg_number(f->out, at + 6, along + 5.5, SVG_START, SVG_INK, s->y[i], digits);
    else
        svg_number(f->out, along, at - 6, SVG_MIDDLE, SVG_INK, s->y[i], digits);
}

static void draw_bars(const chart_frame *f, const figure_series *s, size_t k) {
    const svg_style *style = chart_style(f->chart, k);
    double offset, width = slot(f, k, &offset);
    double base = f->y.scale == FIGURE_LOG ? f->y.begin : axis_clamp(&f->y, 0);
    if (width <= 0) width = fmax(2, (f->x.end - f->x.begin) / (double)s->n * 0.9);
    for (size_t i = 0; i < s->n; i++) {
        double x, y;
        if (!chart_point(f, s, i, &x, &y) || !within(&f->x, x)) continue;
        double along = axis_place(&f->x, x) + offset;
        draw_bar(f, style, along, width * 0.9, base, axis_clamp(&f->y, y));
        if (f->chart->bar_digits) draw_bar_number(f, s, i, along);
    }
}

/* ---------------------------------------------------------------- all */

static void draw_rule(const chart_frame *f, const figure_series *s) {
    if (!s->n || !axis_takes(&f->y, s->y[0]) || !within(&f->y, s->y[0])) return;
    double at = axis_place(&f->y, s->y[0]);
    line_between(f, f->x.begin, at, f->x.end, at, SVG_SOFT, 1.5, "5 4");
}

static void draw_one(const chart_frame *f, size_t k) {
    const figure_series *s = &f->chart->series[k];
    const svg_style *style = chart_style(f->chart, k);
    switch (s->mark) {
    case FIGURE_LINE:
        draw_path(f, s, style);
        draw_points(f, s, k, s->n <= MOST_MARKERS);
        break;
    case FIGURE_AREA: draw_path(f, s, style); break;
    case FIGURE_POINTS: draw_points(f, s, k, true); break;
    case FIGURE_BARS:
        draw_bars(f, s, k);
        draw_points(f, s, k, false);
        break;
    case FIGURE_RULE: draw_rule(f, s); break;
    }
}

void chart_draw_series(const chart_frame *f) {
    const figure_chart *c = f->chart;
    for (size_t k = 0; k < c->n_series; k++) {
        const figure_series *s = &c->series[k];
        if (s->mark == FIGURE_RULE) continue;
        if (s->mark == FIGURE_AREA) draw_fills(f, s, chart_style(c, k), false);
        if (has_band(s)) draw_fills(f, s, chart_style(c, k), true);
    }
    for (size_t k = 0; k < c->n_series; k++)
        if (c->series[k].mark == FIGURE_RULE) draw_one(f, k);
    for (size_t k = 0; k < c->n_series; k++)
        if (c->series[k].mark != FIGURE_RULE) draw_one(f, k);
}
