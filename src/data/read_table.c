#include "data/read_table.h"

#include <string.h>

#include "core/file.h"
#include "core/memory.h"

static const struct {
    const char *name, *text;
} separator_names[] = {{"tab", "\t"},      {"\\t", "\t"}, {"comma", ","},
                       {"semicolon", ";"}, {"pipe", "|"}, {"space", " "}};

static lb_status set_separator(table *t, const char *separator) {
    for (size_t i = 0; i < sizeof separator_names / sizeof *separator_names; i++)
        if (!strcmp(separator, separator_names[i].name)) separator = separator_names[i].text;
    size_t length = strlen(separator);
    if (!length || length > TABLE_MAX_SEPARATOR || strpbrk(separator, "\"\r\n"))
        return status_fail(
            LB_E_ARGUMENT,
            "separator \"%s\": must be tab, comma, semicolon, pipe, space, or 1 to %d "
            "characters such as ::",
            separator, TABLE_MAX_SEPARATOR);
    memcpy(t->separator, separator, length + 1);
    t->separator_length = length;
    t->quotes = length == 1 && strchr(",;|", *separator);
    return LB_OK;
}

/* Whether the file's name, without .gz, ends so. */
static bool has_suffix(const char *path, const char *suffix) {
    const char *name = file_name(path);
    size_t length = strlen(name), n = strlen(suffix);
    if (length > 3 && !strcmp(name + length - 3, ".gz")) length -= 3;
    return length >= n && !strncmp(name + length - n, suffix, n);
}

/* The first of these that the line holds; a comma goes first in a .csv, where titles may hold
 * anything else. */
static const char *recognise_separator(const char *path, const char *line) {
    static const char *const candidates[] = {"\t", "::", ",", ";", "|"};
    if (has_suffix(path, ".csv") && strchr(line, ',')) return ",";
    for (size_t i = 0; i < sizeof candidates / sizeof *candidates; i++)
        if (strstr(line, candidates[i])) return candidates[i];
    return ",";
}

/* Copies up to TABLE_AHEAD - 1 bytes of the line that begins at `bytes` and returns where the next
 * line that is not blank begins. */
static const char *copy_line(const char *bytes, const char *end, char *out) {
    const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
    size_t length = (size_t)((stop ? stop : end) - bytes);
    if (length >= TABLE_AHEAD) length = TABLE_AHEAD - 1;
    memcpy(out, bytes, length);
    if (length && out[length - 1] == '\r') length--;
    out[length] = '\0';
    const char *next = stop ? stop : end;
    while (next < end && (*next == '\n' || *next == '\r')) next++;
    return next;
}

lb_status table_open(table *t, source *s, const char *separator) {
    const char *bytes;
    size_t size;
    char first[TABLE_AHEAD];
    memset(t, 0, sizeof *t);
    t->source = s;
    LB_TRY(stream_peek(s->stream, &bytes, &size));
    const char *end = bytes + size;
    while (bytes < end && (*bytes == '\n' || *bytes == '\r')) bytes++;
    bytes = copy_line(bytes, end, first);
    copy_line(bytes, end, t->ahead);
    LB_TRY(set_separator(t, separator ? separator : recognise_separator(s->path, first)));
    return NEW_ARRAY(t->fields, TABLE_MAX_COLUMNS);
}

void table_close(table *t) {
    free(t->fields);
    free(t->joined);
    t->fields = NULL;
    t->joined = NULL;
}

/* ---------------------------------------------------------------- quotes */

/* Where a scan for an open quote stands in a record that grows line by line. */
typedef struct quote_scan {
    size_t at;
    bool inside, field_start;
} quote_scan;

static bool at_separator(const table *t, const char *p) {
    return !strncmp(p, t->separator, t->separator_length);
}

/* Goes on to the end of `text`; returns whether a quote is still open there. */
static bool scan_quotes(const table *t, const char *text, size_t length, quote_scan *scan) {
    while (scan->at < length) {
        const char *p = text + scan->at;
        size_t step = 1;
        if (scan->inside) {
            if (*p == '"' && p[1] == '"')
                step = 2;
            else if (*p == '"')
                scan->inside = false;
        } else if (scan->field_start && *p == '"') {
            scan->inside = true;
            scan->field_start = false;
        } else {
            scan->field_start = at_separator(t, p);
            if (scan->field_start) step = t->separator_length;
        }
        scan->at += step;
    }
    return scan->inside;
}

static lb_status append(table *t, size_t *length, const char *line, size_t line_length) {
    if (*length + line_length + 1 > STREAM_MAX_LINE)
        return source_fail(t->source, "the record is longer than 64 MiB: a quote is not closed?");
    size_t needed = *length + line_length + 2;
    if (needed > t->joined_capacity) {
        char *joined = memory_resize(t->joined, needed * 2, 1);
        if (!joined) return LB_E_NOMEM;
        t->joined = joined;
        t->joined_capacity = needed * 2;
    }
    if (*length) t->joined[(*length)++] = '\n';
    memcpy(t->joined + *length, line, line_length + 1);
    *length += line_length;
    return LB_OK;
}

/* Puts the lines of a record together whose quoted field holds line ends. */
static lb_status join_lines(table *t, char **record, size_t *length) {
    quote_scan scan = {0, false, true};
    if (!t->quotes || !memchr(*record, '"', *length)) return LB_OK;
    if (!scan_quotes(t, *record, *length, &scan)) return LB_OK;
    size_t joined = 0;
    LB_TRY(append(t, &joined, *record, *length));
    do {
        char *line;
        size_t line_length;
        LB_TRY(stream_line(t->source->stream, &line, &line_length));
        if (!line)
            return source_fail(t->source, "a quote opens in this record and is never closed");
        LB_TRY(append(t, &joined, line, line_length));
    } while (scan_quotes(t, t->joined, joined, &scan));
    *record = t->joined;
    *length = joined;
    return LB_OK;
}

/* ---------------------------------------------------------------- fields */

/* `p` is at the opening quote; the field loses its quotes. *rest is the separator or end behind. */
static lb_status take_quoted(const table *t, char *p, field *f, char **rest) {
    char *out = ++p;
    f->text = out;
    for (; *p && (*p != '"' || p[1] == '"'); p++) {
        *out++ = *p;
        if (*p == '"') p++;
    }
    if (*p != '"') return status_fail(LB_E_FORMAT, "a quote is not closed");
    p++;
    if (*p && !at_separator(t, p))
        return status_fail(LB_E_FORMAT, "text follows a closing quote: inside quotes, write \"\"");
    f->length = (size_t)(out - f->text);
    *rest = p;
    return LB_OK;
}

static char *find_separator(const table *t, char *p, char *end) {
    char *found = t->separator_length == 1 ? memchr(p, *t->separator, (size_t)(end - p))
                                           : strstr(p, t->separator);
    return found ? found : end;
}

lb_status table_split(const table *t, char *text, size_t length, field *fields, size_t max,
                      size_t *n_fields) {
    char *p = text, *end = text + length, *rest = end;
    size_t n = 0;
    for (;;) {
        if (n == max) return status_fail(LB_E_FORMAT, "there are more than %zu columns", max);
        field *f = &fields[n++];
        if (t->quotes && *p == '"') {
            LB_TRY(take_quoted(t, p, f, &rest));
        } else {
            rest = find_separator(t, p, end);
            *f = (field){p, (size_t)(rest - p)};
        }
        bool last = rest == end;
        f->text[f->length] = '\0';
        if (last) break;
        p = rest + t->separator_length;
    }
    *n_fields = n;
    return LB_OK;
}

lb_status table_next(table *t) {
    source *s = t->source;
    char *record;
    size_t length;
    t->n_fields = 0;
    LB_TRY(source_line(s, &record, &length));
    if (!record) return LB_OK;
    LB_TRY(join_lines(t, &record, &length));
    lb_status status = table_split(t, record, length, t->fields, TABLE_MAX_COLUMNS, &t->n_fields);
    return status == LB_OK ? LB_OK : source_locate(s, status);
}
