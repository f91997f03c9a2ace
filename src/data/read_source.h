/* What the readers share: the stream being read, where it stands, and its report. */
#ifndef LB_DATA_READ_SOURCE_H
#define LB_DATA_READ_SOURCE_H

#include "data/reader.h"
#include "data/stream.h"

typedef struct source {
    job *job; // NULL = no progress
    const char *path, *stage;
    stream *stream;
    read_report *report;
    uint64_t line;     // first line of the current record
    uint64_t reported; // stream position at the last report of progress
} source;

/* Opens `path` for reading records; clears *report. */
lb_status source_open(source *s, job *j, const char *path, const char *stage, read_report *report);
void source_close(source *s);

/* Whether the records are JSON or Python objects rather than lines of a table: by the first byte
 * that is no white space, unless `format` leaves one possibility only. */
lb_status source_holds_objects(source *s, read_format format, bool *out);

/* The next line that is not blank (blank ones are counted as skipped); *line is NULL at the end.
 * Reports progress in bytes of the file. */
lb_status source_line(source *s, char **line, size_t *length);

/* Puts "FILE: line N: " before this thread's error text. */
lb_status source_locate(const source *s, lb_status status);

/* LB_E_FORMAT with "FILE: line N: " before the text. */
lb_status source_fail(const source *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* At the end of a file: LB_E_EMPTY unless records were delivered; `what` is "interactions". */
lb_status source_finish(source *s, const char *what);

#endif
