#include <math.h>
#include <string.h>

#include "plot/markup.h"
#include "plot/svg.h"

/* Room left of each box for its sign, and the least number of boxes that the width is shared by. */
static const double SIGN = 20;
/* Room right of the last box for its tick mark, which stands out over the corner. */
static const double TICK = 9;
enum { LEAST_BOXES = 3, CAPTION_LINES = 3 };

typedef struct strips_frame {
    text *out;
    double box; // side
} strips_frame;

static size_t longest_row(const figure_strips *s) {
    size_t n = LEAST_BOXES;
    for (size_t r = 0; r < s->n_rows; r++)
        if (s->rows[r].n_cells > n) n = s->rows[r].n_cells;
    return n;
}

static double box_side(const figure_strips *s) {
    double n = (double)longest_row(s);
    return fmin((FIGURE_WIDTH - TICK) / n - SIGN, 110);
}

/* ---------------------------------------------------------------- boxes */

/* One picture whole, several as tiles of a square. */
static void draw_pictures(const strips_frame *f, const figure_cell *c, double x, double y) {
    size_t n = c->n_pictures < 9 ? c->n_pictures : 9;
    size_t across = n > 4 ? 3 : n > 1 ? 2 : 1;
    double tile = f->box / (double)across;
    if (!n) svg_picture(f->out, NULL, x, y, f->box, f->box);
    for (size_t i = 0; i < n; i++)
        svg_picture(f->out, &c->pictures[i], x + (double)(i % across) * tile + (n > 1 ? 1 : 0),
                    y + (double)(i / across) * tile + (n > 1 ? 1 : 0), tile - (n > 1 ? 2 : 0),
                    tile - (n > 1 ? 2 : 0));
}

static void draw_box(text *out, double x, double y, double side, const char *colour, double width,
                     const char *dash) {
    text_add(out, "<rect");
    svg_attribute(out, "x", x);
    svg_attribute(out, "y", y);
    svg_attribute(out, "width", side);
    svg_attribute(out, "height", side);
    text_add(out, " fill=\"none\" stroke=\"%s\"", colour);
    svg_attribute(out, "stroke-width", width);
    if (dash) text_add(out, " stroke-dasharray=\"%s\"", dash);
    text_add(out, "/>\n");
}

/* A tick mark on a green disc. */
static void draw_tick(text *out, double x, double y) {
    text_add(out, "<circle");
    svg_attribute(out, "cx", x);
    svg_attribute(out, "cy", y);
    text_add(out, " r=\"9\" fill=\"#00734f\" stroke=\"#fff\" stroke-width=\"1.5\"/>\n"
                  "<path d=\"M");
    svg_point(out, x - 4.5, y);
    text_add(out, "L");
    svg_point(out, x - 1.2, y + 3.4);
    text_add(out, "L");
    svg_point(out, x + 4.5, y - 3.6);
    text_add(out, "\" fill=\"none\" stroke=\"#fff\" stroke-width=\"2.2\"/>\n");
}

static void draw_verdict(text *out, figure_verdict verdict, double x, double y, double side) {
    if (verdict == FIGURE_HIT) {
        draw_box(out, x, y, side, "#00734f", 3.5, NULL);
        draw_tick(out, x + side - 3, y + 3);
    } else if (verdict == FIGURE_MISS) {
        draw_box(out, x, y, side, "#767676", 1.2, "4 3");
    } else {
        draw_box(out, x, y, side, "#d0d0d0", 1, NULL);
    }
}

static double caption_width(const strips_frame *f) {
    return f->box + SIGN - 6;
}

static void draw_cell(const strips_frame *f, const figure_cell *c, double x, double y) {
    double left = x + SIGN;
    if (c->sign)
        svg_words(f->out, x + SIGN / 2, y + f->box / 2 + 6, SVG_MIDDLE, SVG_INK, 0, c->sign);
    draw_pictures(f, c, left, y);
    draw_verdict(f->out, c->verdict, left, y, f->box);
    svg_lines(f->out, left + f->box / 2, y + f->box + 18, SVG_MIDDLE, SVG_SOFT, caption_width(f),
              CAPTION_LINES, c->caption);
}

/* ---------------------------------------------------------------- rows */

/* Draws a row at y (out NULL: only measures); returns its height. */
static double draw_row(const strips_frame *f, const figure_row *row, double y) {
    double top = y + (row->heading && *row->heading ? SVG_LINE + 2 : 0) + 8;
    size_t lines = 0;
    for (size_t i = 0; i < row->n_cells; i++) {
        size_t n = svg_lines(NULL, 0, 0, SVG_MIDDLE, SVG_SOFT, caption_width(f), CAPTION_LINES,
                             row->cells[i].caption);
        if (n > lines) lines = n;
        if (f->out) draw_cell(f, &row->cells[i], (double)i * (f->box + SIGN), top);
    }
    if (f->out) svg_words(f->out, 0, y + 18, SVG_START, SVG_INK, FIGURE_WIDTH, row->heading);
    double bottom = top + (row->n_cells ? f->box : 0) + 6 + (double)lines * SVG_LEADING +
                    (lines ? 4 : 0);
    return bottom - y;
}

static bool needs_legend(const figure_strips *s) {
    if (s->no_legend) return false;
    for (size_t r = 0; r < s->n_rows; r++)
        for (size_t i = 0; i < s->rows[r].n_cells; i++)
            if (s->rows[r].cells[i].verdict != FIGURE_NO_VERDICT) return true;
    return false;
}

/* Draws the legend at y (out NULL: only measures), in two lines where one is too short; returns its
 * height. */
static double draw_legend(const figure_strips *s, text *out, double y) {
    const char *hit = s->hit_name ? s->hit_name : "hit";
    const char *miss = s->miss_name ? s->miss_name : "miss";
    double x = 32 + markup_width(hit) * FIGURE_TEXT + 20, below = 0;
    if (x + 32 + markup_width(miss) * FIGURE_TEXT > FIGURE_WIDTH) {
        x = 0;
        below = SVG_LINE + 6;
    }
    if (out) {
        draw_verdict(out, FIGURE_HIT, 3, y + 8, 16);
        svg_words(out, 32, y + 21.5, SVG_START, SVG_INK, FIGURE_WIDTH - 32, hit);
        draw_verdict(out, FIGURE_MISS, x + 3, y + below + 8, 16);
        svg_words(out, x + 32, y + below + 21.5, SVG_START, SVG_INK, FIGURE_WIDTH - x - 32, miss);
    }
    return SVG_LINE + 10 + below;
}

void figure_write_strips(text *out, const figure_strips *strips) {
    strips_frame f = {NULL, box_side(strips)};
    bool legend = needs_legend(strips);
    double height = svg_heading_height(&strips->head) + (legend ? draw_legend(strips, NULL, 0) : 0);
    for (size_t r = 0; r < strips->n_rows; r++) height += draw_row(&f, &strips->rows[r], 0);
    if (!strips->n_rows) height += 120;
    double y = svg_open(out, &strips->head, height);
    if (legend) y += draw_legend(strips, out, y);
    f.out = out;
    for (size_t r = 0; r < strips->n_rows; r++) y += draw_row(&f, &strips->rows[r], y);
    if (!strips->n_rows) svg_no_data(out, 1, y + 1, FIGURE_WIDTH - 2, 118);
    svg_close(out);
}
