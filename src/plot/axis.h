/* Axes of charts: ranges, ticks at round numbers, positions. For src/plot alone. */
#ifndef LB_PLOT_AXIS_H
#define LB_PLOT_AXIS_H

#include "plot/figure.h"

enum { AXIS_MAX_TICKS = 64, AXIS_LABEL = 48 };

typedef struct axis_tick {
    double value;
    char label[AXIS_LABEL]; // UTF-8, not escaped
} axis_tick;

typedef struct axis {
    const figure_axis *of;
    figure_scale scale;
    double low, high;  // of values; low < high
    double begin, end; // where they lie, in units
    size_t n_ticks;
    axis_tick ticks[AXIS_MAX_TICKS];
} axis;

/* Sets range and ticks for data in [low, high] (low > high: there is none), with at most `most`
 * ticks at round numbers. `to_ticks`: a range from the data ends at ticks, else a little beyond the
 * data. begin and end are the caller's to set. */
void axis_set(axis *a, const figure_axis *of, double low, double high, size_t most, bool to_ticks);

/* Whether a value can be placed at all: finite, and above 0 on a logarithmic axis. */
bool axis_takes(const axis *a, double value);

/* Where a value lies; values outside the range lie outside. */
double axis_place(const axis *a, double value);

/* As axis_place, moved to the nearer end if outside. */
double axis_clamp(const axis *a, double value);

/* The widest label in units. */
double axis_label_width(const axis *a);

#endif
