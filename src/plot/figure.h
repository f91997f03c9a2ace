/*
 * Figures as SVG elements: charts, heat maps, maps of pictures, rows of pictures.
 *
 * A figure is described by a struct (all zero but for what is wanted) and written whole as one
 * <svg> element into a growing text, for document.h or, with its own xmlns, a file of its own. It
 * owns nothing: what the struct points to is read during the call only. Failure (memory) is kept in
 * the text's status.
 *
 * Sizes. Every figure is FIGURE_WIDTH units wide and scales by its viewBox. All words in it have
 * one size, FIGURE_TEXT units: on a 360 px wide phone (336 px of it for the figure) that is 11.2
 * px. On a wide screen and in print the document sets a smaller font-size on the <svg>, which the
 * words inherit; their places are computed for the large size, so nothing collides.
 *
 * Colours are those of Okabe and Ito ("Color universal design", 2008), which colour-blind people
 * can tell apart; each series also has a marker and a dash pattern of its own, for prints in grey.
 * Everything is dark on white.
 *
 * Robustness. Texts are UTF-8 and escaped; bytes that XML does not allow become U+FFFD. A point
 * with a NaN or an infinity (or a value <= 0 on a logarithmic axis) is left out and breaks its
 * line. A figure without any point says "No data" in its frame. Output depends on the input alone,
 * and not on the locale.
 */
#ifndef LB_PLOT_FIGURE_H
#define LB_PLOT_FIGURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/text.h"

#define FIGURE_WIDTH 480.0
#define FIGURE_TEXT  16.0

/* Styles repeat after so many series or groups. */
enum { FIGURE_STYLES = 8 };

/* What every figure has. */
typedef struct figure_head {
    const char *title;       // the figure's name for screen readers; NULL: "Figure"
    const char *description; // what there is to see, for screen readers; NULL: none
    const char *heading;     // words above the figure, such as a panel's name; NULL: none
    double height;           // in units, of the whole <svg>; 0: what suits the kind
} figure_head;

/* ---------------------------------------------------------------- charts */

typedef enum figure_scale {
    FIGURE_LINEAR,
    FIGURE_LOG,        // base 10; ticks at 1, 2, 5 times powers of ten as room allows
    FIGURE_CATEGORICAL // positions 0, 1, ..., n_categories - 1; the x axis alone
} figure_scale;

typedef struct figure_axis {
    const char *title; // with the unit: "time (s)"; NULL: none
    figure_scale scale;
    /* The range of values, used as given when low < high (what lies outside is cut off); both 0:
     * from the data, widened to ticks at round numbers. */
    double low, high;
    bool zero; // a range from the data takes in 0; bars always do
    const char *const *categories;
    size_t n_categories;
    /* Ticks at exactly these values (such as the dimensions that were tried) instead of round
     * numbers; those for which there is no room lose their label. Not with categories. */
    const double *ticks;
    size_t n_ticks;
} figure_axis;

typedef enum figure_mark {
    FIGURE_LINE,   // a line with markers (without, above 40 points)
    FIGURE_POINTS, // markers alone
    FIGURE_BARS,   // from zero; bars of several series stand side by side
    FIGURE_AREA,   // a line filled down to zero, such as a density
    FIGURE_RULE    // a dashed line across the chart at y[0], such as "chance"
} figure_mark;

/* How `low` and `high` are drawn: by default a band behind lines, bars with caps elsewhere. */
typedef enum figure_range { FIGURE_RANGE_AUTO, FIGURE_RANGE_BAND, FIGURE_RANGE_BARS } figure_range;

typedef struct figure_series {
    const char *name; // in the legend; NULL: not there
    figure_mark mark;
    size_t n;
    const double *x;   // (n) ascending for lines and areas; NULL: 0, 1, ..., n - 1
    const double *y;   // (n)
    const double *low; // (n) ends of the interval around y; NULL (or NaN in one place): none
    const double *high;
    figure_range range;
    /* Colour, marker and dash pattern: 0 = those of its place among the series, k = style k - 1,
     * so that a model looks the same in all figures. */
    unsigned style;
} figure_series;

typedef struct figure_chart {
    figure_head head;
    figure_axis x, y;
    const figure_series *series;
    size_t n_series;
    /* Writes each bar's value at its end with so many decimals + 1; 0: not. */
    unsigned bar_digits;
} figure_chart;

/* A chart. Where the categories of the x axis are too long to stand side by side, the chart is
 * turned: categories from top to bottom, values from left to right; it then grows with them. The
 * legend stands above the axes in as many lines as it needs, if more than one series has a name.
 */
void figure_write_chart(text *out, const figure_chart *chart);

/* ---------------------------------------------------------------- heat maps */

typedef struct figure_heat {
    figure_head head;
    const char *x_title, *y_title; // NULL: none
    const char *const *columns;    // (n_columns) labels
    const char *const *rows;       // (n_rows) labels, from the top
    size_t n_columns, n_rows;
    const double *values; // (n_rows, n_columns); NaN: an empty cell
    unsigned digits;      // decimals of the number in each cell
    const char *unit;     // what the colours mean, under the scale; NULL: none
} figure_heat;

/* A table of coloured cells with their numbers, from light (low) to dark (high), and a scale. */
void figure_write_heat(text *out, const figure_heat *heat);

/* ---------------------------------------------------------------- pictures */

/* A JPEG file in memory, embedded as a data: URI. `jpeg` NULL: a grey box (a dot in a map). */
typedef struct figure_picture {
    const void *jpeg;
    size_t size;
    size_t width, height; // in pixels; only their proportion matters
    const char *name;     // for screen readers and as tooltip; NULL: none
} figure_picture;

typedef struct figure_map {
    figure_head head;
    const char *x_title, *y_title; // NULL: none. Axes have no ticks: directions only
    size_t n;
    const double *x, *y;            // (n) centres
    const figure_picture *pictures; // (n); NULL: dots
    /* (n) bit g: the point belongs to group g < FIGURE_STYLES; drawn as a coloured frame and a
     * small marker of the group's shape in the corner, several where it is in several. NULL: no
     * frames. */
    const uint32_t *groups;
    const char *const *group_names; // (n_groups) for the legend
    size_t n_groups;
    double side;   // the longer side of a picture in units; 0: from n, 20 to 44
    double spread; // overlapping pictures move apart by at most so many sides; 0: they stay
} figure_map;

/* Points drawn as pictures, one scale for both axes (distances are true). Where pictures overlap,
 * those in emptier places are drawn first and lie below. */
void figure_write_map(text *out, const figure_map *map);

typedef enum figure_verdict { FIGURE_NO_VERDICT, FIGURE_HIT, FIGURE_MISS } figure_verdict;

/* A box with one picture, or with up to nine as tiles. */
typedef struct figure_cell {
    const char *sign; // before the box, such as "-", "+" or an arrow; NULL: none
    const figure_picture *pictures;
    size_t n_pictures;
    const char *caption; // below, at most three lines, cut with an ellipsis; NULL: none
    /* FIGURE_HIT: a thick green frame and a tick mark; FIGURE_MISS: a thin dashed grey frame. */
    figure_verdict verdict;
} figure_cell;

typedef struct figure_row {
    const char *heading; // a line above the row; NULL: none
    const figure_cell *cells;
    size_t n_cells; // all rows use the box size of the longest one; 3 to 6 look well
} figure_row;

typedef struct figure_strips {
    figure_head head;
    const figure_row *rows;
    size_t n_rows;
    const char *hit_name, *miss_name; // legend of the verdicts; NULL: "hit" and "miss"
    bool no_legend;                   // another figure has it
} figure_strips;

/* Rows of pictures, such as analogies: a row "product - user 1 + user 2", then a row of five
 * results with their verdicts. A legend explains the frames if there is any verdict. */
void figure_write_strips(text *out, const figure_strips *strips);

#endif
