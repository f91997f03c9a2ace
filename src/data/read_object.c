#include "data/read_object.h"

#include <string.h>

#include "data/read_field.h"

lb_status object_parse(const object_reader *reader, char *line, size_t length,
                       value_dialect dialect, value_tree *out) {
    LB_TRY(value_parse(out, line, length, dialect));
    if (out->nodes->kind == VALUE_OBJECT) return LB_OK;
    return status_fail(LB_E_FORMAT, "%s", reader->expected);
}

/* Python writes names in single quotes, JSON in double quotes. */
static value_dialect dialect_of(const char *line) {
    line += strspn(line, " \t{");
    return *line == '\'' || *line == 'u' || *line == 'U' ? VALUE_PYTHON : VALUE_JSON;
}

lb_status object_read(source *s, const object_reader *reader, void *reading) {
    value_tree tree = {NULL, 0, 0};
    value_dialect dialect = VALUE_JSON;
    lb_status status = LB_OK;
    char *line;
    size_t length;
    for (bool first = true;; first = false) {
        LB_TRY_CLEANUP(source_line(s, &line, &length));
        if (!line) break;
        if (first && reader->python) dialect = dialect_of(line);
        status = object_parse(reader, line, length, dialect, &tree);
        if (status == LB_OK) status = reader->take(reading, &tree, dialect);
        if (status != LB_OK) {
            source_locate(s, status);
            goto cleanup;
        }
        LB_TRY_CLEANUP(reader->deliver(reading));
    }
cleanup:
    value_tree_free(&tree);
    return status;
}

lb_status object_id(const char *what, const value *v, char *buffer, const char **out) {
    if (v->kind == VALUE_NUMBER) return field_number_id(what, v->text, v->length, buffer, out);
    if (v->kind != VALUE_STRING)
        return status_fail(LB_E_FORMAT, "\"%.40s\" must be a string or an integer", v->key);
    return field_id(what, (char *)(uintptr_t)v->text, v->length, out); // inside our own line
}
