#include "data/read_columns.h"

#include <stdio.h>
#include <string.h>

#include "data/read_field.h"

typedef struct resolver {
    const table *table;
    const column_role *roles;
    size_t n_roles;
    columns *out;
} resolver;

static bool has_digit(const field *f) {
    for (size_t i = 0; i < f->length; i++)
        if (f->text[i] >= '0' && f->text[i] <= '9') return true;
    return false;
}

static bool role_named(const column_role *role, const char *text, size_t length) {
    for (size_t i = 0; role->names[i]; i++)
        if (field_named(text, length, role->names[i])) return true;
    return false;
}

/* The role that a name in a columns option means; -1 if none. */
static int find_role(const resolver *r, const char *text, size_t length) {
    for (size_t i = 0; i < r->n_roles; i++)
        if (role_named(&r->roles[i], text, length)) return (int)i;
    return -1;
}

/* The column of the first record that has a role's best name; -1 if none. */
static int find_column(const table *t, const column_role *role) {
    for (size_t n = 0; role->names[n]; n++)
        for (size_t i = 0; i < t->n_fields; i++)
            if (field_named(t->fields[i].text, t->fields[i].length, role->names[n])) return (int)i;
    return -1;
}

/* Maps the first record's known names. True if it is a header: all required roles are named, and
 * two roles unless there is one column only (a single familiar word may be data). */
static bool match_header(const resolver *r, int *index) {
    size_t found = 0;
    bool complete = true;
    for (size_t i = 0; i < r->n_roles; i++) {
        index[i] = find_column(r->table, &r->roles[i]);
        found += index[i] >= 0;
        complete = complete && (index[i] >= 0 || !r->roles[i].required);
    }
    return complete && (found > 1 || r->table->n_fields == 1);
}

/* Names above numbers: no digit in the first line, one in every column of the second. */
static bool looks_like_header(const table *t) {
    char line[TABLE_AHEAD];
    field second[COLUMNS_MAX_NAMES];
    size_t n;
    for (size_t i = 0; i < t->n_fields; i++)
        if (has_digit(&t->fields[i])) return false;
    memcpy(line, t->ahead, sizeof line);
    if (table_split(t, line, strlen(line), second, COLUMNS_MAX_NAMES, &n) != LB_OK ||
        n != t->n_fields)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!has_digit(&second[i])) return false;
    return true;
}

static lb_status bad_spec(const resolver *r, const char *part, size_t length, const char *what) {
    char names[200] = "";
    size_t used = 0;
    for (size_t i = 0; i < r->n_roles && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
                                 r->roles[i].names[0]);
    return status_fail(LB_E_ARGUMENT,
                       "columns: \"%.*s\" %s (the columns are %s, and - for one to skip)",
                       length > 60 ? 60 : (int)length, part, what, names);
}

/* Gives `role` to a column once. */
static lb_status assign(const resolver *r, const char *part, size_t length, int role, int column) {
    if (role < 0) return bad_spec(r, part, length, "is not known");
    if (r->out->index[role] >= 0) return bad_spec(r, part, length, "is there twice");
    r->out->index[role] = column;
    return LB_OK;
}

static lb_status check_required(const resolver *r, const char *spec) {
    for (size_t i = 0; i < r->n_roles; i++)
        if (r->roles[i].required && r->out->index[i] < 0)
            return bad_spec(r, spec, strlen(spec), "lacks a column that is needed");
    return LB_OK;
}

/* "user,item,-,rating": one part per column. */
static lb_status apply_order(const resolver *r, const char *spec, size_t *count) {
    size_t column = 0;
    for (const char *p = spec;; column++) {
        size_t length = strcspn(p, ",");
        if (length != 1 || *p != '-')
            LB_TRY(assign(r, p, length, find_role(r, p, length), (int)column));
        p += length;
        if (!*p++) break;
    }
    *count = column + 1;
    return check_required(r, spec);
}

/* The column that the right side of "user=reviewer" or "user=2" means; *by_name if it is a name. */
static lb_status find_stated(const resolver *r, const char *part, size_t length, int *column,
                             bool *by_name) {
    const table *t = r->table;
    double number;
    int shown = length > 60 ? 60 : (int)length;
    if (field_number(part, length, &number)) {
        if (!(number >= 1 && number <= (double)t->n_fields) || number != (double)(int)number)
            return source_fail(t->source, "there is no column %.*s: %zu columns found", shown, part,
                               t->n_fields);
        *column = (int)number - 1;
        return LB_OK;
    }
    for (size_t i = 0; i < t->n_fields; i++) {
        char *text = t->fields[i].text;
        size_t n = t->fields[i].length;
        field_trim(&text, &n);
        if (n != length || memcmp(text, part, length) != 0) continue;
        *column = (int)i;
        *by_name = true;
        return LB_OK;
    }
    return source_fail(t->source, "no column is named \"%.*s\": the first is \"%.60s\"", shown,
                       part, t->fields[0].text);
}

/* "user=reviewer,item=2". Numbers count from 1. */
static lb_status apply_mapping(const resolver *r, const char *spec, bool *by_name) {
    for (const char *p = spec;;) {
        size_t length = strcspn(p, ","), name = strcspn(p, "=");
        int column = 0;
        if (name >= length) return bad_spec(r, p, length, "is not of the form name=column");
        LB_TRY(find_stated(r, p + name + 1, length - name - 1, &column, by_name));
        LB_TRY(assign(r, p, name, find_role(r, p, name), column));
        p += length;
        if (!*p++) break;
    }
    return check_required(r, spec);
}

static lb_status resolve_by_default(const resolver *r, const char *order) {
    const table *t = r->table;
    size_t count, needed = 0;
    for (size_t i = 0; i < r->n_roles; i++) needed += r->roles[i].required;
    if (t->n_fields < needed)
        return source_fail(t->source,
                           "%zu column found, at least %zu expected: state the separator",
                           t->n_fields, needed);
    if (!order)
        return source_fail(t->source,
                           "no header line with known names: state the columns, such as id,title");
    if (looks_like_header(t))
        return source_fail(t->source, "this looks like a header whose names are not known: state "
                                      "the columns, such as user=NAME,item=NAME");
    LB_TRY(apply_order(r, order, &count));
    if (t->n_fields > count)
        return source_fail(t->source,
                           "%zu columns found, at most %zu expected without a header: state the "
                           "columns, such as user,-,item",
                           t->n_fields, count);
    for (size_t i = 0; i < r->n_roles; i++)
        if (r->out->index[i] >= (int)t->n_fields) r->out->index[i] = -1;
    return LB_OK;
}

static lb_status resolve_by_spec(const resolver *r, const char *spec) {
    const table *t = r->table;
    int by_header[COLUMNS_MAX_ROLES];
    bool by_name = false;
    size_t count = t->n_fields;
    if (strchr(spec, '='))
        LB_TRY(apply_mapping(r, spec, &by_name));
    else
        LB_TRY(apply_order(r, spec, &count));
    if (count != t->n_fields)
        return source_fail(t->source, "%zu columns found, %zu expected (columns \"%.100s\")",
                           t->n_fields, count, spec);
    r->out->header = by_name || match_header(r, by_header);
    if (!r->out->header && looks_like_header(t)) {
        r->out->header = true;
        if (t->source->job) // a guess that leaves a line out must not be silent
            job_note(t->source->job, t->source->stage, "%s: line %llu is taken for a header",
                     t->source->path, (unsigned long long)t->source->line);
    }
    return LB_OK;
}

lb_status columns_resolve(const table *t, const column_role *roles, size_t n_roles,
                          const char *spec, const char *order, columns *out) {
    resolver r = {t, roles, n_roles, out};
    out->count = t->n_fields;
    out->header = false;
    for (size_t i = 0; i < COLUMNS_MAX_ROLES; i++) out->index[i] = -1;
    if (spec && *spec) return resolve_by_spec(&r, spec);
    if (match_header(&r, out->index)) {
        out->header = true;
        return LB_OK;
    }
    for (size_t i = 0; i < COLUMNS_MAX_ROLES; i++) out->index[i] = -1;
    return resolve_by_default(&r, order);
}
