/* A report with every kind of figure and table, from seeded made-up data: for the tests, and for
 * looking at. */
#ifndef LB_TESTS_PLOT_SAMPLE_H
#define LB_TESTS_PLOT_SAMPLE_H

#include "core/status.h"

/* Writes it to `path`. */
lb_status sample_write(const char *path);

#endif
