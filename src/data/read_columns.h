/*
 * Which column of a table plays which role.
 *
 * A first line is a header if it names the required columns by names that are commonly used
 * (user_id, reviewerID, movieId, parent_asin, ...), or if the caller names a column of it. Also a
 * first line without any digit above a second line with a digit in every column is taken for one:
 * then its names are not known, and the caller must state the columns (the line is then left out
 * with a note). A header is never read as data.
 */
#ifndef LB_DATA_READ_COLUMNS_H
#define LB_DATA_READ_COLUMNS_H

#include "data/read_table.h"

enum { COLUMNS_MAX_ROLES = 8, COLUMNS_MAX_NAMES = 20 };

typedef struct column_role {
    const char *names[COLUMNS_MAX_NAMES]; // as field_named takes them, best first; NULL-terminated
    bool required;
} column_role;

typedef struct columns {
    size_t count;                 // fields that each record has
    int index[COLUMNS_MAX_ROLES]; // of each role; -1 = not there
    bool header;                  // the first line is one
} columns;

/* Settles the roles with the table's first record loaded. `spec` is read_options.columns or NULL;
 * `order` the roles' order without header and spec, or NULL if there is none. */
lb_status columns_resolve(const table *t, const column_role *roles, size_t n_roles,
                          const char *spec, const char *order, columns *out);

#endif
