/* Options of a model as a table: name, range, default and help in one place, for the command line
 * and the file. */
#ifndef LB_MODEL_OPTIONS_H
#define LB_MODEL_OPTIONS_H

#include "core/status.h"

typedef enum option_type { OPTION_INT, OPTION_REAL, OPTION_CHOICE } option_type;

/* One field of an options struct: an `int` for OPTION_INT and OPTION_CHOICE, a `double` for
 * OPTION_REAL. */
typedef struct option_field {
    const char *name; // as on the command line, without the dashes
    option_type type;
    size_t offset;
    double fallback, low, high; // default and inclusive range
    const char *choices;        // OPTION_CHOICE: "uniform|rating"; the field holds the position
    const char *help;
} option_field;

typedef struct option_table {
    const option_field *field;
    size_t n_fields, size; // size of the struct
} option_table;

/* Fills `options` (of table->size bytes) with the defaults. */
void options_init(const option_table *table, void *options);

/* Applies one "name=value". LB_E_ARGUMENT names the option, its range and, for an unknown name,
 * what there is. */
lb_status options_set(const option_table *table, void *options, const char *setting);

/* All fields as "name=value\n" lines, allocated. NULL with the error text set when memory runs out.
 */
char *options_print(const option_table *table, const void *options);

#endif
