#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "plot/markup.h"
#include "plot/svg.h"

static const double MAP_HEIGHT = 480;

/* A point that can be placed. */
typedef struct spot {
    size_t point;
    double x, y, home_x, home_y; // on the page
    double width, height;
    double crowd; // how near its neighbours are: emptier places are drawn first
} spot;

typedef struct map_frame {
    const figure_map *map;
    text *out;
    double left, top, right, bottom, side;
    spot *spots;
    size_t n;
} map_frame;

/* ---------------------------------------------------------------- places */

/* The share of the frame, in cells of a grid, where there are points. */
static double occupied_share(const map_frame *f) {
    enum { CELLS = 12 };
    bool there[CELLS][CELLS] = {{false}};
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++) {
        double column = (f->spots[i].x - f->left) / (f->right - f->left) * CELLS;
        double row = (f->spots[i].y - f->top) / (f->bottom - f->top) * CELLS;
        bool *cell =
            &there[(size_t)fmin(fmax(row, 0), CELLS - 1)][(size_t)fmin(fmax(column, 0), CELLS - 1)];
        n += !*cell;
        *cell = true;
    }
    return (double)n / (CELLS * CELLS);
}

/* Pictures that together cover about half of what is occupied. */
static double side_for(const map_frame *f) {
    if (f->map->side > 0) return fmin(f->map->side, 200);
    double area = (f->right - f->left) * (f->bottom - f->top) * occupied_share(f);
    return fmin(fmax(sqrt(0.6 * area / (double)(f->n ? f->n : 1)), 20), 44);
}

static void size_spot(const map_frame *f, spot *s) {
    const figure_picture *p = f->map->pictures ? &f->map->pictures[s->point] : NULL;
    s->width = s->height = f->side;
    if (!p || !p->width || !p->height) return;
    double ratio = (double)p->width / (double)p->height;
    if (ratio > 1)
        s->height = fmax(f->side / ratio, 6);
    else
        s->width = fmax(f->side * ratio, 6);
}

static void collect(map_frame *f) {
    const figure_map *m = f->map;
    for (size_t i = 0; i < m->n; i++)
        if (isfinite(m->x[i]) && isfinite(m->y[i]))
            f->spots[f->n++] = (spot){.point = i, .x = m->x[i], .y = m->y[i]};
}

/* One scale for both axes, the points centred in the frame. y grows upwards. */
static void place(map_frame *f) {
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < f->n; i++) {
        low[0] = fmin(low[0], f->spots[i].x);
        high[0] = fmax(high[0], f->spots[i].x);
        low[1] = fmin(low[1], f->spots[i].y);
        high[1] = fmax(high[1], f->spots[i].y);
    }
    double room = f->side * 0.75 + 3;
    double width = f->right - f->left - 2 * room, height = f->bottom - f->top - 2 * room;
    double scale = fmin(width / fmax(high[0] - low[0], 1e-300),
                        height / fmax(high[1] - low[1], 1e-300));
    if (!isfinite(scale)) scale = 1;
    for (size_t i = 0; i < f->n; i++) {
        spot *s = &f->spots[i];
        s->x = (f->left + f->right) / 2 + (s->x - (low[0] + high[0]) / 2) * scale;
        s->y = (f->top + f->bottom) / 2 - (s->y - (low[1] + high[1]) / 2) * scale;
        s->home_x = s->x;
        s->home_y = s->y;
        size_spot(f, s);
    }
}

/* Moves two overlapping boxes apart along the axis on which they overlap less. */
static void push_apart(spot *a, spot *b) {
    double dx = b->x - a->x, dy = b->y - a->y;
    double over_x = (a->width + b->width) / 2 + 3 - fabs(dx);
    double over_y = (a->height + b->height) / 2 + 3 - fabs(dy);
    if (over_x <= 0 || over_y <= 0) return;
    if (over_x < over_y) {
        double step = over_x / 4 * (dx < 0 ? -1 : 1);
        a->x -= step;
        b->x += step;
    } else {
        double step = over_y / 4 * (dy < 0 ? -1 : 1);
        a->y -= step;
        b->y += step;
    }
}

/* Back to within reach of where the point is, and into the frame. */
static void hold(const map_frame *f, spot *s, double reach) {
    double dx = s->x - s->home_x, dy = s->y - s->home_y, far = hypot(dx, dy);
    if (far > reach) {
        s->x = s->home_x + dx / far * reach;
        s->y = s->home_y + dy / far * reach;
    }
    s->x = fmin(fmax(s->x, f->left + s->width / 2 + 3), f->right - s->width / 2 - 3);
    s->y = fmin(fmax(s->y, f->top + s->height / 2 + 3), f->bottom - s->height / 2 - 3);
}

/* After the side is known. */
static void place_again(map_frame *f) {
    for (size_t i = 0; i < f->n; i++) {
        f->spots[i].x = f->map->x[f->spots[i].point];
        f->spots[i].y = f->map->y[f->spots[i].point];
    }
    place(f);
}

static void spread_out(map_frame *f) {
    double reach = f->map->spread * f->side;
    if (!(reach > 0) || f->n > 3000) return;
    for (int round = 0; round < 60; round++) {
        for (size_t i = 0; i < f->n; i++)
            for (size_t k = 0; k < i; k++) push_apart(&f->spots[k], &f->spots[i]);
        for (size_t i = 0; i < f->n; i++) hold(f, &f->spots[i], reach);
    }
}

static int by_crowd(const void *a, const void *b) {
    const spot *x = a, *y = b;
    if (x->crowd != y->crowd) return x->crowd < y->crowd ? -1 : 1;
    return (x->point > y->point) - (x->point < y->point);
}

static void order(map_frame *f) {
    for (size_t i = 0; i < f->n; i++)
        for (size_t k = 0; k < f->n; k++) {
            double d = hypot(f->spots[i].x - f->spots[k].x, f->spots[i].y - f->spots[k].y);
            f->spots[i].crowd += k == i ? 0 : 1 / (1 + d * d / (f->side * f->side));
        }
    qsort(f->spots, f->n, sizeof *f->spots, by_crowd);
}

/* ---------------------------------------------------------------- drawing */

/* A frame whose dashes alternate between the colours of the groups. */
static void draw_border(const map_frame *f, const spot *s, uint32_t groups) {
    size_t n = 0, k = 0;
    for (uint32_t g = groups; g; g &= g - 1) n++;
    for (size_t g = 0; g < FIGURE_STYLES; g++) {
        if (!(groups >> g & 1)) continue;
        text_add(f->out, "<rect");
        svg_attribute(f->out, "x", s->x - s->width / 2);
        svg_attribute(f->out, "y", s->y - s->height / 2);
        svg_attribute(f->out, "width", s->width);
        svg_attribute(f->out, "height", s->height);
        text_add(f->out, " fill=\"none\" stroke=\"%s\" stroke-width=\"%s\"",
                 svg_style_of(g)->colour, f->side < 32 ? "2" : "2.6");
        if (n > 1)
            text_add(f->out, " stroke-dasharray=\"6 %zu\" stroke-dashoffset=\"-%zu\"", 6 * (n - 1),
                     6 * k);
        text_add(f->out, "/>\n");
        k++;
    }
}

static void draw_badges(const map_frame *f, const spot *s, uint32_t groups) {
    double x = s->x - s->width / 2 + 1, size = f->side < 32 ? 7.5 : 9;
    for (size_t g = 0; g < FIGURE_STYLES; g++) {
        if (!(groups >> g & 1)) continue;
        svg_marker(f->out, svg_style_of(g), x, s->y - s->height / 2 + 1, size);
        x += size;
    }
}

static uint32_t groups_of(const map_frame *f, const spot *s) {
    const figure_map *m = f->map;
    if (!m->groups) return 0;
    size_t n = m->n_groups < FIGURE_STYLES ? m->n_groups : FIGURE_STYLES;
    return m->groups[s->point] & ((1u << n) - 1);
}

static void draw_spot(const map_frame *f, const spot *s) {
    uint32_t groups = groups_of(f, s);
    const figure_picture *p = f->map->pictures ? &f->map->pictures[s->point] : NULL;
    if (!p || !p->jpeg) {
        size_t g = 0;
        while (groups && !(groups >> g & 1)) g++;
        svg_marker(f->out, svg_style_of(g), s->x, s->y, f->n > 400 ? 6 : 9);
        return;
    }
    svg_picture(f->out, p, s->x - s->width / 2, s->y - s->height / 2, s->width, s->height);
    if (groups) {
        draw_border(f, s, groups);
        draw_badges(f, s, groups);
        return;
    }
    text_add(f->out, "<rect"); // a thin edge between pictures that touch
    svg_attribute(f->out, "x", s->x - s->width / 2);
    svg_attribute(f->out, "y", s->y - s->height / 2);
    svg_attribute(f->out, "width", s->width);
    svg_attribute(f->out, "height", s->height);
    text_add(f->out, " fill=\"none\" stroke=\"#8c8c8c\" stroke-width=\"0.7\"/>\n");
}

static double draw_legend(const figure_map *m, text *out, double y) {
    svg_entry entries[FIGURE_STYLES];
    size_t n = m->n_groups < FIGURE_STYLES ? m->n_groups : FIGURE_STYLES;
    for (size_t g = 0; g < n; g++)
        entries[g] = (svg_entry){m->group_names ? m->group_names[g] : "", svg_style_of(g),
                                 m->pictures ? SVG_SAMPLE_FRAME : SVG_SAMPLE_MARKER};
    return m->groups ? svg_legend(out, entries, n, 0, y, FIGURE_WIDTH) : 0;
}

/* Directions: an arrow's worth of words along each axis, no numbers. */
static void draw_frame(const map_frame *f) {
    const figure_map *m = f->map;
    text_add(f->out, "<rect");
    svg_attribute(f->out, "x", f->left);
    svg_attribute(f->out, "y", f->top);
    svg_attribute(f->out, "width", f->right - f->left);
    svg_attribute(f->out, "height", f->bottom - f->top);
    text_add(f->out, " fill=\"none\" stroke=\"" SVG_MUTE "\"/>\n");
    svg_words(f->out, (f->left + f->right) / 2, f->bottom + 18, SVG_MIDDLE, SVG_SOFT, FIGURE_WIDTH,
              m->x_title);
    if (!m->y_title || !*m->y_title) return;
    text_add(f->out, "<g transform=\"translate(15 ");
    markup_coordinate(f->out, (f->top + f->bottom) / 2);
    text_add(f->out, ") rotate(-90)\">");
    svg_words(f->out, 0, 0, SVG_MIDDLE, SVG_SOFT, f->bottom - f->top, m->y_title);
    text_add(f->out, "</g>\n");
}

static void draw_spots(map_frame *f) {
    f->spots = memory_new(f->map->n, sizeof *f->spots);
    if (!f->spots) {
        f->out->status = LB_E_NOMEM;
        return;
    }
    collect(f);
    f->side = 30;
    place(f);
    f->side = side_for(f);
    place_again(f);
    spread_out(f);
    order(f);
    for (size_t i = 0; i < f->n; i++) draw_spot(f, &f->spots[i]);
    if (!f->n) svg_no_data(f->out, f->left, f->top, f->right - f->left, f->bottom - f->top);
    free(f->spots);
}

void figure_write_map(text *out, const figure_map *map) {
    map_frame f = {.map = map, .out = out};
    double above = svg_heading_height(&map->head) + draw_legend(map, NULL, 0);
    double height = map->head.height > above + 120 ? map->head.height : MAP_HEIGHT + above;
    double top = svg_open(out, &map->head, height);
    top += draw_legend(map, out, top);
    f.left = map->y_title && *map->y_title ? 24 : 1;
    f.right = FIGURE_WIDTH - 1;
    f.top = top + 2;
    f.bottom = height - (map->x_title && *map->x_title ? 24 : 2);
    draw_frame(&f);
    draw_spots(&f);
    svg_close(out);
}
