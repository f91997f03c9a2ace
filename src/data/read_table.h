/* Delimited text as records of fields: comma (with RFC 4180 quotes), tab, "::" or any other
 * separator. */
#ifndef LB_DATA_READ_TABLE_H
#define LB_DATA_READ_TABLE_H

#include "data/read_source.h"

enum { TABLE_MAX_COLUMNS = 1024, TABLE_MAX_SEPARATOR = 15, TABLE_AHEAD = 1024 };

typedef struct field {
    char *text; // NUL-terminated
    size_t length;
} field;

typedef struct table {
    source *source;
    char separator[TABLE_MAX_SEPARATOR + 1];
    size_t separator_length;
    bool quotes;             // a field may be quoted, and then hold separators and line ends
    field *fields;           // (TABLE_MAX_COLUMNS) of the current record
    size_t n_fields;         // 0 at the end
    char ahead[TABLE_AHEAD]; // the start of the file's second line, to tell a header by
    char *joined;            // a record that spans several lines
    size_t joined_capacity;
} table;

/* Recognises the separator from the file's name and first line, unless `separator` ("tab", "comma",
 * "::", ... or the characters themselves) states it. */
lb_status table_open(table *t, source *s, const char *separator);
void table_close(table *t);

/* Reads the next record into `fields`; n_fields is 0 behind the last. Errors name file and line. */
lb_status table_next(table *t);

/* Splits text[0..length), NUL-terminated, in place. LB_E_FORMAT (without the place) for wrong
 * quotes or more than `max` fields. */
lb_status table_split(const table *t, char *text, size_t length, field *fields, size_t max,
                      size_t *n_fields);

#endif
