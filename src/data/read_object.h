/* What the readers of files of one JSON object a line, or one Python literal, share. */
#ifndef LB_DATA_READ_OBJECT_H
#define LB_DATA_READ_OBJECT_H

#include "data/read_source.h"
#include "data/read_value.h"

/* What a reader makes of each object. `reading` is its own. */
typedef struct object_reader {
    const char *expected; // what a line should be: "one JSON object ..., such as {..}"
    bool python;          // lines may be Python literals, as the first one shows
    /* Makes a record of an object; an error gets the line put before it. */
    lb_status (*take)(void *reading, const value_tree *object, value_dialect dialect);
    /* Hands the record on. */
    lb_status (*deliver)(void *reading);
} object_reader;

/* Reads all lines that are left. */
lb_status object_read(source *s, const object_reader *reader, void *reading);

/* The object of one line. */
lb_status object_parse(const object_reader *reader, char *line, size_t length,
                       value_dialect dialect, value_tree *out);

/* An id that is a string or an integer; `buffer` (READER_MAX_ID + 1) is for one that is a number.
 */
lb_status object_id(const char *what, const value *v, char *buffer, const char **out);

#endif
