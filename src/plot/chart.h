/* A chart being drawn. For src/plot/chart*.c alone. */
#ifndef LB_PLOT_CHART_H
#define LB_PLOT_CHART_H

#include "plot/axis.h"
#include "plot/svg.h"

/* The inside of the axes. `x` is the axis of the series' x, whichever way it runs. */
typedef struct chart_frame {
    const figure_chart *chart;
    text *out;
    bool turned; // x runs from top to bottom, y from left to right
    double left, top, right, bottom;
    axis x, y;
} chart_frame;

/* Point i of a series; false if it has no place on the axes. */
bool chart_point(const chart_frame *f, const figure_series *s, size_t i, double *x, double *y);

/* The series' style, its own or that of its place. */
const svg_style *chart_style(const figure_chart *c, size_t series);

/* Draws the series: bands, areas and rules first, then bars, lines, intervals and markers. */
void chart_draw_series(const chart_frame *f);

#endif
