#include "plot/chart.h"

#include <math.h>
#include <stdlib.h>

#include "plot/markup.h"

enum { MAX_ENTRIES = 64 };

static const double CHART_HEIGHT = 310, NO_DATA_HEIGHT = 120;
/* Names of categories left of a turned chart. */
static const double MOST_LABEL = FIGURE_WIDTH * 0.42;

bool chart_point(const chart_frame *f, const figure_series *s, size_t i, double *x, double *y) {
    *x = s->x ? s->x[i] : (double)i;
    *y = s->y[i];
    return axis_takes(&f->x, *x) && axis_takes(&f->y, *y);
}

const svg_style *chart_style(const figure_chart *c, size_t series) {
    unsigned style = c->series[series].style;
    return svg_style_of(style ? style - 1 : series);
}

/* ---------------------------------------------------------------- ranges */

typedef struct extent {
    double x_low, x_high, y_low, y_high;
    size_t n;
} extent;

static void stretch(double *low, double *high, double value) {
    if (value < *low) *low = value;
    if (value > *high) *high = value;
}

static void stretch_by_point(const chart_frame *f, const figure_series *s, size_t i, extent *e) {
    double x, y;
    if (!chart_point(f, s, i, &x, &y)) return;
    stretch(&e->x_low, &e->x_high, x);
    stretch(&e->y_low, &e->y_high, y);
    if (s->low && s->high && axis_takes(&f->y, s->low[i]) && axis_takes(&f->y, s->high[i])) {
        stretch(&e->y_low, &e->y_high, s->low[i]);
        stretch(&e->y_low, &e->y_high, s->high[i]);
    }
    e->n++;
}

/* What the data spans. Bars and areas stand on zero. */
static extent measure(const chart_frame *f) {
    const figure_chart *c = f->chart;
    extent e = {INFINITY, -INFINITY, INFINITY, -INFINITY, 0};
    double rule = INFINITY;
    for (size_t k = 0; k < c->n_series; k++) {
        const figure_series *s = &c->series[k];
        if (s->mark == FIGURE_RULE) {
            if (!s->n || !axis_takes(&f->y, s->y[0])) continue;
            stretch(&e.y_low, &e.y_high, s->y[0]);
            rule = fmin(rule, s->y[0]);
            continue;
        }
        for (size_t i = 0; i < s->n; i++) stretch_by_point(f, s, i, &e);
        if ((s->mark == FIGURE_BARS || s->mark == FIGURE_AREA) && e.n && c->y.scale != FIGURE_LOG)
            stretch(&e.y_low, &e.y_high, 0);
    }
    if (rule <= e.y_low && c->y.scale != FIGURE_LOG) // a rule on the axis itself could not be seen
        e.y_low -= 0.02 * (e.y_high - e.y_low);
    return e;
}

/* ---------------------------------------------------------------- legend */

static svg_sample sample_of(const figure_series *s) {
    switch (s->mark) {
    case FIGURE_LINE: return s->n > 40 ? SVG_SAMPLE_PLAIN_LINE : SVG_SAMPLE_LINE;
    case FIGURE_POINTS: return SVG_SAMPLE_MARKER;
    case FIGURE_BARS: return SVG_SAMPLE_BAR;
    case FIGURE_AREA: return SVG_SAMPLE_AREA;
    case FIGURE_RULE: break;
    }
    return SVG_SAMPLE_RULE;
}

/* Draws the legend at y, or only measures it. */
static double legend(const figure_chart *c, text *out, double y) {
    svg_entry entries[MAX_ENTRIES];
    size_t n = 0;
    for (size_t k = 0; k < c->n_series && n < MAX_ENTRIES; k++) {
        const figure_series *s = &c->series[k];
        if (s->name && *s->name)
            entries[n++] = (svg_entry){s->name, chart_style(c, k), sample_of(s)};
    }
    return n > 1 ? svg_legend(out, entries, n, 0, y, FIGURE_WIDTH) : 0;
}

/* ---------------------------------------------------------------- layout */

static double longest_category(const figure_axis *a) {
    double longest = 0;
    for (size_t i = 0; i < a->n_categories; i++)
        longest = fmax(longest, markup_width(a->categories[i]) * FIGURE_TEXT);
    return longest;
}

/* Marks that stand side by side in a category. */
static size_t marks_abreast(const figure_chart *c, figure_mark mark) {
    size_t n = 0;
    for (size_t k = 0; k < c->n_series; k++) n += c->series[k].mark == mark;
    return n;
}

/* The numbers at the ends of bars: the widest. */
static double number_width(const figure_chart *c) {
    double widest = 0;
    for (size_t k = 0; c->bar_digits && k < c->n_series; k++)
        for (size_t i = 0; c->series[k].mark == FIGURE_BARS && i < c->series[k].n; i++) {
            text t = {0};
            markup_number(&t, c->series[k].y[i], c->bar_digits - 1);
            widest = fmax(widest, markup_width(t.bytes) * FIGURE_TEXT);
            free(t.bytes);
        }
    return widest;
}

/* Whether names or numbers are too wide to stand side by side. */
static bool must_turn(const figure_chart *c) {
    if (c->x.scale != FIGURE_CATEGORICAL || !c->x.n_categories) return false;
    double room = (FIGURE_WIDTH - 60) / (double)c->x.n_categories;
    double numbers = (number_width(c) + 4) * (double)marks_abreast(c, FIGURE_BARS);
    return longest_category(&c->x) > room - 8 || (c->bar_digits && numbers > room * 0.78);
}

/* What a turned chart needs for its categories. */
static double turned_height(const figure_chart *c) {
    double bars = (double)marks_abreast(c, FIGURE_BARS) * 17 + 13;
    double points = (double)marks_abreast(c, FIGURE_POINTS) * 12 + 16;
    double words = longest_category(&c->x) + 10 > MOST_LABEL ? 2 * SVG_LEADING + 10 : 28;
    return (double)c->x.n_categories * fmax(fmax(bars, points), words);
}

/* Places the frame when x runs from left to right. Widths of tick labels are known from a first
 * setting of the y axis. */
static void lay_upright(chart_frame *f, const extent *e, double top, double height) {
    const figure_chart *c = f->chart;
    bool has_x_title = c->x.title && *c->x.title;
    f->top = top + (c->y.title && *c->y.title ? SVG_LINE : 0) + (c->bar_digits ? 20 : 8);
    f->bottom = height - 26 - (has_x_title ? SVG_LINE : 0);
    size_t most = (size_t)fmax(3, (f->bottom - f->top) / 38);
    axis_set(&f->y, &c->y, e->y_low, e->y_high, most, true);
    f->left = axis_label_width(&f->y) + 10;
    f->right = FIGURE_WIDTH - 14;
    axis_set(&f->x, &c->x, e->x_low, e->x_high, 7, false);
    f->x.begin = f->left;
    f->x.end = f->right;
    f->y.begin = f->bottom;
    f->y.end = f->top;
}

static void lay_turned(chart_frame *f, const extent *e, double top, double height) {
    const figure_chart *c = f->chart;
    f->top = top + 4;
    f->bottom = height - 26 - (c->y.title && *c->y.title ? SVG_LINE : 0);
    axis_set(&f->y, &c->y, e->y_low, e->y_high, 6, true);
    f->left = fmin(longest_category(&c->x) + 10, MOST_LABEL);
    f->right = FIGURE_WIDTH - fmax(14, axis_label_width(&f->y) / 2) -
               (c->bar_digits ? number_width(c) : 0);
    axis_set(&f->x, &c->x, e->x_low, e->x_high, 7, false);
    f->x.begin = f->top;
    f->x.end = f->bottom;
    f->y.begin = f->left;
    f->y.end = f->right;
}

/* ---------------------------------------------------------------- axes */

/* Ticks along the bottom whose labels do not touch; the grid goes through all. */
static void draw_bottom_axis(const chart_frame *f, const axis *a, bool grid) {
    double free_from = -INFINITY;
    for (size_t i = 0; i < a->n_ticks; i++) {
        double x = axis_place(a, a->ticks[i].value);
        double half = markup_width(a->ticks[i].label) * FIGURE_TEXT / 2;
        if (grid) svg_line(f->out, x, f->top, x, f->bottom, SVG_GRID, 1, NULL);
        svg_line(f->out, x, f->bottom, x, f->bottom + 5, SVG_SOFT, 1, NULL);
        double at = fmin(x, FIGURE_WIDTH - half);
        if (at - half < free_from) continue;
        svg_words(f->out, at, f->bottom + 21, SVG_MIDDLE, SVG_INK, 0, a->ticks[i].label);
        free_from = at + half + 8;
    }
}

static void draw_left_axis(const chart_frame *f) {
    double free_below = INFINITY;
    for (size_t i = 0; i < f->y.n_ticks; i++) {
        double y = axis_place(&f->y, f->y.ticks[i].value);
        svg_line(f->out, f->left, y, f->right, y, SVG_GRID, 1, NULL);
        if (y > free_below) continue;
        svg_words(f->out, f->left - 8, y + 5.5, SVG_END, SVG_INK, 0, f->y.ticks[i].label);
        free_below = y - 18;
    }
}

/* A name in one or two lines, and a line to follow where marks are points. */
static void draw_turned_category(const chart_frame *f, const char *name, double y) {
    double width = f->left - 8;
    size_t lines = svg_lines(NULL, 0, 0, SVG_END, SVG_INK, width, 2, name);
    svg_lines(f->out, width, y + 5.5 - (lines == 2 ? SVG_LEADING / 2 : 0), SVG_END, SVG_INK, width,
              2, name);
    if (!marks_abreast(f->chart, FIGURE_BARS))
        svg_line(f->out, f->left, y, f->right, y, SVG_GRID, 1, NULL);
}

static void draw_categories(const chart_frame *f) {
    const figure_axis *a = f->x.of;
    for (size_t i = 0; i < a->n_categories; i++) {
        double at = axis_place(&f->x, (double)i);
        if (f->turned)
            draw_turned_category(f, a->categories[i], at);
        else
            svg_words(f->out, at, f->bottom + 20, SVG_MIDDLE, SVG_INK, 0, a->categories[i]);
    }
}

static void draw_axes(const chart_frame *f, double top) {
    const figure_chart *c = f->chart;
    if (f->turned)
        draw_bottom_axis(f, &f->y, true);
    else
        draw_left_axis(f);
    if (f->x.scale == FIGURE_CATEGORICAL)
        draw_categories(f);
    else
        draw_bottom_axis(f, &f->x, false);
    const char *below = f->turned ? c->y.title : c->x.title;
    svg_words(f->out, (f->left + f->right) / 2, f->bottom + 21 + SVG_LINE, SVG_MIDDLE, SVG_SOFT, 0,
              below);
    if (!f->turned) svg_words(f->out, 0, top + 16, SVG_START, SVG_SOFT, FIGURE_WIDTH, c->y.title);
}

/* The line that bars stand on and the x axis, over the grid and under the marks. */
static void draw_base(const chart_frame *f) {
    double base = f->y.scale == FIGURE_LOG ? f->y.begin : axis_clamp(&f->y, 0);
    bool bars = marks_abreast(f->chart, FIGURE_BARS) > 0;
    if (f->turned) {
        double x = bars ? base : f->left;
        svg_line(f->out, x, f->top, x, f->bottom, SVG_SOFT, 1, NULL);
        return;
    }
    svg_line(f->out, f->left, f->bottom, f->right, f->bottom, SVG_SOFT, 1, NULL);
    if (bars && base < f->bottom - 0.5)
        svg_line(f->out, f->left, base, f->right, base, SVG_SOFT, 1, NULL);
}

void figure_write_chart(text *out, const figure_chart *chart) {
    chart_frame f = {.chart = chart, .out = out, .turned = must_turn(chart)};
    f.x.scale = chart->x.scale;
    f.y.scale = chart->y.scale == FIGURE_CATEGORICAL ? FIGURE_LINEAR : chart->y.scale;
    extent e = measure(&f);
    double above = svg_heading_height(&chart->head);
    above += legend(chart, NULL, 0);
    double height = chart->head.height;
    if (!(height > above + 90)) {
        height = CHART_HEIGHT + above;
        if (!e.n)
            height = NO_DATA_HEIGHT + above;
        else if (f.turned)
            height = above + turned_height(chart) + 30 + SVG_LINE;
    }
    double top = svg_open(out, &chart->head, height);
    top += legend(chart, out, top);
    if (f.turned)
        lay_turned(&f, &e, top, height);
    else
        lay_upright(&f, &e, top, height);
    if (!e.n) {
        svg_no_data(out, 1, top + 1, FIGURE_WIDTH - 2, height - top - 2);
    } else {
        draw_axes(&f, top);
        draw_base(&f);
        chart_draw_series(&f);
    }
    svg_close(out);
}
