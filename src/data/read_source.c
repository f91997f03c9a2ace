#include "data/read_source.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

lb_status source_open(source *s, job *j, const char *path, const char *stage, read_report *report) {
    memset(report, 0, sizeof *report);
    *s = (source){.job = j, .path = path, .stage = stage, .report = report};
    return stream_open(path, &s->stream);
}

void source_close(source *s) {
    stream_close(s->stream);
    s->stream = NULL;
}

lb_status source_holds_objects(source *s, read_format format, bool *out) {
    const char *bytes;
    size_t size, i = 0;
    LB_TRY(stream_peek(s->stream, &bytes, &size));
    while (i < size && bytes[i] && strchr(" \t\r\n", bytes[i])) i++;
    bool open = i < size && (bytes[i] == '{' || bytes[i] == '[');
    bool table = format == READ_DELIMITED || format == READ_RECBOLE;
    *out = format == READ_JSON_LINES || (open && !table);
    return LB_OK;
}

static lb_status report_progress(source *s) {
    uint64_t position = stream_position(s->stream), size = stream_size(s->stream);
    if (!s->job || position == s->reported) return LB_OK;
    s->reported = position;
    return job_progress(s->job, s->stage, "bytes", position, size < position ? position : size);
}

static bool is_blank(const char *line, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r') return false;
    return true;
}

lb_status source_line(source *s, char **line, size_t *length) {
    do {
        LB_TRY(stream_line(s->stream, line, length));
        LB_TRY(report_progress(s));
        s->line = stream_line_number(s->stream);
        if (!*line) return LB_OK;
    } while (is_blank(*line, *length) && ++s->report->skipped);
    return LB_OK;
}

lb_status source_locate(const source *s, lb_status status) {
    return status_prefix(status, "%s: line %llu", s->path, (unsigned long long)s->line);
}

lb_status source_fail(const source *s, const char *format, ...) {
    char text[640];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    status_fail(LB_E_FORMAT, "%s", text);
    return source_locate(s, LB_E_FORMAT);
}

lb_status source_finish(source *s, const char *what) {
    if (s->report->records) return LB_OK;
    return status_fail(LB_E_EMPTY, "%s: the file holds no %s", s->path, what);
}
