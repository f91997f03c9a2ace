#include <math.h>

#include "plot/markup.h"
#include "plot/svg.h"

static const double CELL_HEIGHT = 34, SCALE_WIDTH = 150;

typedef struct rgb {
    double r, g, b;
} rgb;

/* From nearly white to dark blue, falling evenly in lightness, so that grey prints keep the order.
 */
static rgb shade(double share) {
    static const rgb stops[] = {
        {247, 250, 253}, {198, 219, 239}, {107, 174, 214}, {33, 113, 181}, {8, 48, 107}};
    double at = fmin(fmax(share, 0), 1) * 4;
    size_t i = at < 4 ? (size_t)at : 3;
    double t = at - (double)i;
    return (rgb){stops[i].r + t * (stops[i + 1].r - stops[i].r),
                 stops[i].g + t * (stops[i + 1].g - stops[i].g),
                 stops[i].b + t * (stops[i + 1].b - stops[i].b)};
}

static void fill_rect(text *out, double x, double y, double width, double height, rgb c) {
    text_add(out, "<rect");
    svg_attribute(out, "x", x);
    svg_attribute(out, "y", y);
    svg_attribute(out, "width", width);
    svg_attribute(out, "height", height);
    text_add(out, " fill=\"#%02x%02x%02x\"/>\n", (unsigned)c.r, (unsigned)c.g, (unsigned)c.b);
}

static void span(const figure_heat *h, double *low, double *high) {
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t i = 0; i < h->n_rows * h->n_columns; i++) {
        if (!isfinite(h->values[i])) continue;
        *low = fmin(*low, h->values[i]);
        *high = fmax(*high, h->values[i]);
    }
}

static double longest(const char *const *labels, size_t n) {
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, markup_width(labels[i]) * FIGURE_TEXT);
    return most;
}

static void draw_cell(text *out, const figure_heat *h, size_t i, double share, double x, double y,
                      double width) {
    rgb c = shade(share);
    fill_rect(out, x + 1, y + 1, width - 2, CELL_HEIGHT - 2, c);
    bool dark = 0.299 * c.r + 0.587 * c.g + 0.114 * c.b < 140;
    if (width >= ((double)h->digits + 2.5) * 9)
        svg_number(out, x + width / 2, y + CELL_HEIGHT / 2 + 5.5, SVG_MIDDLE,
                   dark ? "#fff" : SVG_INK, h->values[i], h->digits);
}

static void draw_scale(text *out, const figure_heat *h, double low, double high, double y) {
    double x = FIGURE_WIDTH - SCALE_WIDTH - 70;
    for (size_t i = 0; i < 30; i++)
        fill_rect(out, x + (double)i * SCALE_WIDTH / 30, y, SCALE_WIDTH / 30 + 0.3, 12,
                  shade((double)i / 29));
    svg_number(out, x - 6, y + 11.5, SVG_END, SVG_INK, low, h->digits);
    svg_number(out, x + SCALE_WIDTH + 6, y + 11.5, SVG_START, SVG_INK, high, h->digits);
    svg_words(out, 0, y + 11.5, SVG_START, SVG_SOFT, x - 70, h->unit);
}

static void draw_cells(text *out, const figure_heat *h, double left, double top, double low,
                       double high) {
    double width = (FIGURE_WIDTH - left) / (double)h->n_columns;
    for (size_t r = 0; r < h->n_rows; r++) {
        double y = top + (double)r * CELL_HEIGHT;
        svg_words(out, left - 8, y + CELL_HEIGHT / 2 + 5.5, SVG_END, SVG_INK, left - 8, h->rows[r]);
        for (size_t c = 0; c < h->n_columns; c++) {
            size_t i = r * h->n_columns + c;
            double share = high > low ? (h->values[i] - low) / (high - low) : 0.5;
            if (isfinite(h->values[i]))
                draw_cell(out, h, i, share, left + (double)c * width, y, width);
        }
    }
    for (size_t c = 0; c < h->n_columns; c++)
        svg_words(out, left + ((double)c + 0.5) * width, top - 8, SVG_MIDDLE, SVG_INK, width - 4,
                  h->columns[c]);
}

void figure_write_heat(text *out, const figure_heat *h) {
    double low, high;
    span(h, &low, &high);
    bool titled = (h->x_title && *h->x_title) || (h->y_title && *h->y_title);
    double above = svg_heading_height(&h->head) + (titled ? SVG_LINE : 0) + SVG_LINE + 4;
    double height = above + (double)h->n_rows * CELL_HEIGHT + 34;
    double y = svg_open(out, &h->head, fmax(height, 120));
    if (low > high) {
        svg_no_data(out, 1, y + 1, FIGURE_WIDTH - 2, fmax(height, 120) - y - 2);
        svg_close(out);
        return;
    }
    double left = fmin(longest(h->rows, h->n_rows) + 10, FIGURE_WIDTH * 0.4);
    if (titled) {
        svg_words(out, 0, y + 16, SVG_START, SVG_SOFT, left + 20, h->y_title);
        svg_words(out, (left + FIGURE_WIDTH) / 2, y + 16, SVG_MIDDLE, SVG_SOFT, 0, h->x_title);
    }
    draw_cells(out, h, left, above, low, high);
    draw_scale(out, h, low, high, height - 20);
    svg_close(out);
}
