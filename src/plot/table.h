/*
 * Tables for a document: groups of columns, numbers aligned, the best of a column set in bold.
 *
 * Filled from left to right and top to bottom. The first failure is kept and returned by
 * document_table; calls after it do nothing. All texts are copied, and escaped where they are
 * written; like the paragraphs of a document they may hold `code` and *emphasis*.
 */
#ifndef LB_PLOT_TABLE_H
#define LB_PLOT_TABLE_H

#include <stddef.h>

#include "core/text.h"

typedef struct table table;

typedef enum table_best { TABLE_NO_BEST, TABLE_HIGHEST, TABLE_LOWEST } table_best;

/* A column. A column whose cells are all texts is aligned left, else right on the decimal point
 * (give a column one number of digits). */
typedef struct table_column {
    const char *heading;
    const char *group; // spans neighbouring columns of the same group; NULL: none
    table_best best;   // which of its numbers is set in bold, ties (as printed) all
} table_column;

/* An empty table. LB_E_ARGUMENT without columns. Free with table_free. */
lb_status table_new(const table_column *columns, size_t n_columns, table **out);
void table_free(table *t); // accepts NULL

/* Begins a row; cells missing in the row before stay empty. Its first cell is its heading. */
void table_row(table *t);

/* Begins a group of rows: a line of its own with `name` across the table. */
void table_rows_group(table *t, const char *name);

/* The next cell of the row; more cells than columns are LB_E_ARGUMENT. */
void table_text(table *t, const char *value); // NULL: empty
void table_number(table *t, double value, unsigned digits);
void table_count(table *t, double value); // a whole number, never "best"
/* value +- spread, such as a standard deviation; NaN spread: none. */
void table_spread(table *t, double value, double spread, unsigned digits);
/* value with [low, high] in small type below it, such as a bootstrap interval. */
void table_interval(table *t, double value, double low, double high, unsigned digits);

/* About the cell added last: it does not compete for "best" (an oracle, a published figure). */
void table_aside(table *t);
/* About the cell added last: a superscript such as "a" that refers to a note. */
void table_mark(table *t, const char *mark);

/* A note below the table; `mark` may be NULL. */
void table_note(table *t, const char *mark, const char *note);

/* Appends the <table> element in a box that scrolls by itself, with its notes below, and without a
 * caption: document_table does the rest. `label` is the id of the element that names it, NULL:
 * none. LB_E_NOMEM or LB_E_ARGUMENT from filling. */
lb_status table_write(const table *t, const char *label, text *out);

#endif
