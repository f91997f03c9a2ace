/* What all figures are drawn with: elements, styles of series, legends. For src/plot alone. */
#ifndef LB_PLOT_SVG_H
#define LB_PLOT_SVG_H

#include "plot/figure.h"

#define SVG_INK  "#1b1b1b"
#define SVG_SOFT "#595959"
#define SVG_GRID "#e4e4e4"
#define SVG_MUTE "#9a9a9a"

/* Height of a line of words; of lines that belong together. */
#define SVG_LINE    22.0
#define SVG_LEADING 18.0

typedef enum svg_shape {
    SVG_CIRCLE,
    SVG_SQUARE,
    SVG_TRIANGLE,
    SVG_DIAMOND,
    SVG_TRIANGLE_DOWN,
    SVG_CROSS,
    SVG_RING,
    SVG_BOX
} svg_shape;

/* How a series or group looks. */
typedef struct svg_style {
    const char *colour;
    const char *dash; // stroke-dasharray; NULL: solid
    svg_shape shape;
    double fill; // opacity of the inside of a bar, whose outline is solid
} svg_style;

/* Style i, repeating after FIGURE_STYLES. */
const svg_style *svg_style_of(size_t i);

typedef enum svg_anchor { SVG_START, SVG_MIDDLE, SVG_END } svg_anchor;

/* <svg> with its title and description, and the heading; returns where the rest begins. */
double svg_open(text *out, const figure_head *head, double height);
/* The room that the heading takes. */
double svg_heading_height(const figure_head *head);
void svg_close(text *out);

/* Words at most `width` units wide (0: any), cut with an ellipsis. */
void svg_words(text *out, double x, double y, svg_anchor anchor, const char *colour, double width,
               const char *words);
/* Words in at most `most` lines of `width` units, broken between words where that fits, the last
 * one cut with an ellipsis; y is the first baseline. Returns how many lines (out NULL: only that).
 */
size_t svg_lines(text *out, double x, double y, svg_anchor anchor, const char *colour, double width,
                 size_t most, const char *words);
void svg_number(text *out, double x, double y, svg_anchor anchor, const char *colour, double value,
                unsigned digits);
void svg_line(text *out, double x1, double y1, double x2, double y2, const char *colour,
              double width, const char *dash);
/* An attribute such as ` x="1.5"`. */
void svg_attribute(text *out, const char *name, double value);
/* "x,y " as in points="". */
void svg_point(text *out, double x, double y);

/* A marker `size` units across, with a white edge so that it stands out from what is below. */
void svg_marker(text *out, const svg_style *style, double x, double y, double size);

/* <image> inside the box (x, y, width, height), whole and centred; a grey box without a JPEG. */
void svg_picture(text *out, const figure_picture *picture, double x, double y, double width,
                 double height);

/* Entries of a legend, laid out in lines from the left. */
typedef enum svg_sample {
    SVG_SAMPLE_LINE,
    SVG_SAMPLE_PLAIN_LINE,
    SVG_SAMPLE_MARKER,
    SVG_SAMPLE_BAR,
    SVG_SAMPLE_AREA,
    SVG_SAMPLE_RULE,
    SVG_SAMPLE_FRAME
} svg_sample;

typedef struct svg_entry {
    const char *name;
    const svg_style *style;
    svg_sample sample;
} svg_entry;

/* Draws the legend (out NULL: only measures) in [x, x + width] from y on; returns its height. */
double svg_legend(text *out, const svg_entry *entries, size_t n, double x, double y, double width);

/* "No data" in the middle of a box with a frame. */
void svg_no_data(text *out, double x, double y, double width, double height);

#endif
