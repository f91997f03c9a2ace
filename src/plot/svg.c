#include "plot/svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plot/markup.h"

/* Okabe and Ito's colours without their yellow, which is too light on white; neighbours differ in
 * lightness too. */
static const svg_style styles[FIGURE_STYLES] = {
    {"#0072b2", NULL, SVG_CIRCLE, 1.0},
    {"#d55e00", "7 4", SVG_SQUARE, 0.3},
    {"#009e73", "2 3", SVG_TRIANGLE, 0.7},
    {"#a8508a", "10 3 2 3", SVG_DIAMOND, 0.12},
    {"#e69f00", "14 4", SVG_TRIANGLE_DOWN, 0.85},
    {"#56b4e9", "5 2 1 2", SVG_CROSS, 0.4},
    {"#1b1b1b", "4 4", SVG_RING, 1.0},
    {"#767676", "1 3", SVG_BOX, 0.25},
};

const svg_style *svg_style_of(size_t i) {
    return &styles[i % FIGURE_STYLES];
}

/* ---------------------------------------------------------------- elements */

void svg_attribute(text *out, const char *name, double value) {
    text_add(out, " %s=\"", name);
    markup_coordinate(out, value);
    text_add(out, "\"");
}

void svg_point(text *out, double x, double y) {
    markup_coordinate(out, x);
    text_add(out, ",");
    markup_coordinate(out, y);
    text_add(out, " ");
}

double svg_heading_height(const figure_head *head) {
    return head->heading ? SVG_LINE + 4 : 0;
}

double svg_open(text *out, const figure_head *head, double height) {
    text_add(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 ");
    markup_coordinate(out, FIGURE_WIDTH);
    text_add(out, " ");
    markup_coordinate(out, height);
    text_add(out, "\" font-size=\"");
    markup_coordinate(out, FIGURE_TEXT);
    text_add(out, "\" font-family=\"Helvetica, Arial, sans-serif\">\n<title>");
    markup_escape(out, head->title && *head->title ? head->title : "Figure");
    text_add(out, "</title>\n");
    if (head->description) {
        text_add(out, "<desc>");
        markup_escape(out, head->description);
        text_add(out, "</desc>\n");
    }
    if (!head->heading) return 0;
    text_add(out, "<g font-weight=\"bold\">");
    svg_words(out, 0, FIGURE_TEXT, SVG_START, SVG_INK, FIGURE_WIDTH * 0.92, head->heading);
    text_add(out, "</g>\n");
    return svg_heading_height(head);
}

void svg_close(text *out) {
    text_add(out, "</svg>");
}

static void open_words(text *out, double x, double y, svg_anchor anchor, const char *colour) {
    static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    text_add(out, "<text");
    svg_attribute(out, "x", x);
    svg_attribute(out, "y", y);
    text_add(out, "%s fill=\"%s\">", anchors[anchor], colour);
}

void svg_words(text *out, double x, double y, svg_anchor anchor, const char *colour, double width,
               const char *words) {
    if (!words || !*words) return;
    open_words(out, x, y, anchor, colour);
    double ems = width / FIGURE_TEXT;
    if (width <= 0 || markup_width(words) <= ems) {
        markup_escape(out, words);
    } else {
        size_t n = markup_fit(words, ems - 0.8);
        while (n && words[n - 1] == ' ') n--;
        markup_escape_bytes(out, words, n);
        text_add(out, "\u2026");
    }
    text_add(out, "</text>\n");
}

/* Bytes of the first line: whole words if they fill a third of it at least. A word that is too long
 * by itself is cut there and not broken, unless it is all there is. */
static size_t first_line(const char *words, double ems) {
    size_t fits = markup_fit(words, ems), end = fits;
    if (!words[fits]) return fits;
    while (end && words[end] != ' ') end--;
    if (!end && strchr(words, ' ')) return strcspn(words, " ");
    return end * 3 >= fits ? end : fits;
}

size_t svg_lines(text *out, double x, double y, svg_anchor anchor, const char *colour, double width,
                 size_t most, const char *words) {
    char line[256];
    size_t n_lines = 0;
    if (!words) return 0;
    for (; *words && n_lines < most; n_lines++) {
        bool last = n_lines + 1 == most;
        size_t n = last ? strlen(words) : first_line(words, width / FIGURE_TEXT);
        snprintf(line, sizeof line, "%.*s", (int)(n < sizeof line ? n : sizeof line - 1), words);
        if (out)
            svg_words(out, x, y + (double)n_lines * SVG_LEADING, anchor, colour, width,
                      last ? words : line);
        words += n;
        while (*words == ' ') words++;
    }
    return n_lines;
}

void svg_number(text *out, double x, double y, svg_anchor anchor, const char *colour, double value,
                unsigned digits) {
    open_words(out, x, y, anchor, colour);
    markup_number(out, value, digits);
    text_add(out, "</text>\n");
}

void svg_line(text *out, double x1, double y1, double x2, double y2, const char *colour,
              double width, const char *dash) {
    text_add(out, "<line");
    svg_attribute(out, "x1", x1);
    svg_attribute(out, "y1", y1);
    svg_attribute(out, "x2", x2);
    svg_attribute(out, "y2", y2);
    text_add(out, " stroke=\"%s\"", colour);
    svg_attribute(out, "stroke-width", width);
    if (dash) text_add(out, " stroke-dasharray=\"%s\"", dash);
    text_add(out, "/>\n");
}

/* Corners of the shapes that are polygons, in radii from the centre. */
static void add_corners(text *out, svg_shape shape, double x, double y, double r) {
    static const double square[] = {-.88, -.88, .88, -.88, .88, .88, -.88, .88};
    static const double up[] = {0, -1.15, 1.1, .8, -1.1, .8};
    static const double diamond[] = {0, -1.25, 1.25, 0, 0, 1.25, -1.25, 0};
    static const double down[] = {0, 1.15, 1.1, -.8, -1.1, -.8};
    static const double cross[] = {-.4, -1.1, .4,  -1.1, .4,  -.4, 1.1,  -.4, 1.1,  .4,  .4,  .4,
                                   .4,  1.1,  -.4, 1.1,  -.4, .4,  -1.1, .4,  -1.1, -.4, -.4, -.4};
    const double *corners = square;
    size_t n = 4;
    if (shape == SVG_TRIANGLE || shape == SVG_TRIANGLE_DOWN) {
        corners = shape == SVG_TRIANGLE ? up : down;
        n = 3;
    }
    if (shape == SVG_DIAMOND) corners = diamond;
    if (shape == SVG_CROSS) {
        corners = cross;
        n = 12;
    }
    for (size_t i = 0; i < n; i++)
        svg_point(out, x + r * corners[2 * i], y + r * corners[2 * i + 1]);
}

void svg_marker(text *out, const svg_style *style, double x, double y, double size) {
    bool open = style->shape == SVG_RING || style->shape == SVG_BOX;
    double r = size / 2;
    if (style->shape == SVG_CIRCLE || style->shape == SVG_RING) {
        text_add(out, "<circle");
        svg_attribute(out, "cx", x);
        svg_attribute(out, "cy", y);
        svg_attribute(out, "r", r);
    } else {
        text_add(out, "<polygon points=\"");
        add_corners(out, style->shape, x, y, r);
        text_add(out, "\"");
    }
    text_add(out, " fill=\"%s\" stroke=\"%s\" stroke-width=\"%s\"/>\n",
             open ? "#fff" : style->colour, open ? style->colour : "#fff",
             open       ? "2"
             : size < 8 ? "0.4"
                        : "1");
}

void svg_picture(text *out, const figure_picture *picture, double x, double y, double width,
                 double height) {
    bool there = picture && picture->jpeg && picture->size;
    text_add(out, there ? "<image" : "<rect");
    svg_attribute(out, "x", x);
    svg_attribute(out, "y", y);
    svg_attribute(out, "width", width);
    svg_attribute(out, "height", height);
    if (there) {
        text_add(out, " href=\"");
        markup_data_uri(out, "image/jpeg", picture->jpeg, picture->size);
        text_add(out, "\"");
    } else {
        text_add(out, " fill=\"#dcdcdc\"");
    }
    if (!picture || !picture->name) {
        text_add(out, "/>\n");
        return;
    }
    text_add(out, "><title>");
    markup_escape(out, picture->name);
    text_add(out, "</title></%s>\n", there ? "image" : "rect");
}

/* ---------------------------------------------------------------- legends */

#define SAMPLE_WIDTH 30.0
#define ENTRY_GAP    18.0

static double sample_width(svg_sample sample) {
    return sample == SVG_SAMPLE_MARKER ? 12 : sample == SVG_SAMPLE_BAR ? 16 : SAMPLE_WIDTH;
}

static void draw_box(text *out, const svg_style *style, double x, double y, double width,
                     double opacity) {
    text_add(out, "<rect");
    svg_attribute(out, "x", x);
    svg_attribute(out, "y", y - 6);
    svg_attribute(out, "width", width);
    svg_attribute(out, "height", 12);
    text_add(out, " fill=\"%s\"", style->colour);
    svg_attribute(out, "fill-opacity", opacity);
    text_add(out, " stroke=\"%s\" stroke-width=\"1.5\"/>\n", style->colour);
}

static void draw_frame_sample(text *out, const svg_style *style, double x, double y) {
    text_add(out, "<rect");
    svg_attribute(out, "x", x + 6);
    svg_attribute(out, "y", y - 6);
    text_add(out,
             " width=\"18\" height=\"14\" fill=\"none\" stroke=\"%s\" stroke-width=\"2.5\"/>\n",
             style->colour);
    svg_marker(out, style, x + 7, y - 5, 10);
}

static void draw_sample(text *out, const svg_entry *entry, double x, double y) {
    const svg_style *s = entry->style;
    double width = sample_width(entry->sample);
    switch (entry->sample) {
    case SVG_SAMPLE_LINE:
    case SVG_SAMPLE_PLAIN_LINE:
        svg_line(out, x, y, x + width, y, s->colour, 2.2, s->dash);
        if (entry->sample == SVG_SAMPLE_LINE) svg_marker(out, s, x + width / 2, y, 9);
        break;
    case SVG_SAMPLE_MARKER: svg_marker(out, s, x + width / 2, y, 9); break;
    case SVG_SAMPLE_BAR: draw_box(out, s, x, y, width, s->fill); break;
    case SVG_SAMPLE_AREA:
        text_add(out, "<rect");
        svg_attribute(out, "x", x);
        svg_attribute(out, "y", y);
        svg_attribute(out, "width", width);
        text_add(out, " height=\"8\" fill=\"%s\" fill-opacity=\"0.2\"/>\n", s->colour);
        svg_line(out, x, y, x + width, y, s->colour, 2.2, s->dash);
        break;
    case SVG_SAMPLE_RULE: svg_line(out, x, y, x + width, y, SVG_SOFT, 1.5, "5 4"); break;
    case SVG_SAMPLE_FRAME: draw_frame_sample(out, s, x, y); break;
    }
}

double svg_legend(text *out, const svg_entry *entries, size_t n, double x, double y, double width) {
    double at = x, line = y;
    if (!n) return 0;
    for (size_t i = 0; i < n; i++) {
        double sample = sample_width(entries[i].sample) + 6;
        double words = fmin(markup_width(entries[i].name) * FIGURE_TEXT, width - sample);
        if (at > x && at + sample + words > x + width) {
            at = x;
            line += SVG_LINE;
        }
        if (out) {
            draw_sample(out, &entries[i], at, line + SVG_LINE / 2);
            svg_words(out, at + sample, line + SVG_LINE / 2 + 5.5, SVG_START, SVG_INK,
                      width - sample, entries[i].name);
        }
        at += sample + words + ENTRY_GAP;
    }
    return line + SVG_LINE - y + 6;
}

void svg_no_data(text *out, double x, double y, double width, double height) {
    text_add(out, "<rect");
    svg_attribute(out, "x", x);
    svg_attribute(out, "y", y);
    svg_attribute(out, "width", width);
    svg_attribute(out, "height", height);
    text_add(out, " fill=\"none\" stroke=\"" SVG_GRID "\"/>\n");
    svg_words(out, x + width / 2, y + height / 2 + 6, SVG_MIDDLE, SVG_SOFT, width, "No data");
}
