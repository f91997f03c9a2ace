#include "plot/table.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "core/memory.h"
#include "plot/markup.h"

typedef enum cell_kind { CELL_EMPTY, CELL_TEXT, CELL_NUMBER, CELL_SPREAD, CELL_INTERVAL } cell_kind;

typedef struct table_cell {
    cell_kind kind;
    char *words; // owned; of CELL_TEXT
    char *mark;  // owned; NULL: none
    double value, low, high;
    unsigned digits;
    bool competes;
} table_cell;

typedef struct table_line {
    char *group;       // owned; not NULL: a line that names the rows below it
    table_cell *cells; // (n_columns) owned; NULL in such a line
    size_t n;          // cells filled
} table_line;

typedef struct table_remark {
    char *mark, *note; // owned; mark may be NULL
} table_remark;

struct table {
    table_column *columns; // texts owned
    size_t n_columns;
    table_line *lines;
    size_t n_lines, lines_capacity;
    table_remark *remarks;
    size_t n_remarks, remarks_capacity;
    lb_status status;
};

static lb_status copy(const char *value, char **out) {
    *out = value ? memory_string(value) : NULL;
    return value && !*out ? LB_E_NOMEM : LB_OK;
}

lb_status table_new(const table_column *columns, size_t n_columns, table **out) {
    lb_status status = LB_OK;
    table *t = NULL;
    if (!n_columns) return status_fail(LB_E_ARGUMENT, "a table needs at least one column");
    LB_TRY(NEW_ARRAY(t, 1));
    LB_TRY_CLEANUP(NEW_ARRAY(t->columns, n_columns));
    t->n_columns = n_columns;
    for (size_t c = 0; c < n_columns; c++) {
        char *heading, *group;
        t->columns[c].best = columns[c].best;
        LB_TRY_CLEANUP(copy(columns[c].heading, &heading));
        t->columns[c].heading = heading;
        LB_TRY_CLEANUP(copy(columns[c].group, &group));
        t->columns[c].group = group;
    }
    *out = t;
    return LB_OK;
cleanup:
    table_free(t);
    return status;
}

static void free_line(const table *t, table_line *line) {
    for (size_t c = 0; line->cells && c < t->n_columns; c++) {
        free(line->cells[c].words);
        free(line->cells[c].mark);
    }
    free(line->cells);
    free(line->group);
}

void table_free(table *t) {
    if (!t) return;
    for (size_t i = 0; i < t->n_lines; i++) free_line(t, &t->lines[i]);
    for (size_t i = 0; i < t->n_remarks; i++) {
        free(t->remarks[i].mark);
        free(t->remarks[i].note);
    }
    for (size_t c = 0; t->columns && c < t->n_columns; c++) {
        free((char *)t->columns[c].heading);
        free((char *)t->columns[c].group);
    }
    free(t->columns);
    free(t->lines);
    free(t->remarks);
    free(t);
}

/* ---------------------------------------------------------------- filling */

static lb_status add_line(table *t, const char *group) {
    table_line line = {0};
    LB_TRY(GROW_ARRAY(t->lines, t->n_lines, t->lines_capacity));
    if (group)
        LB_TRY(copy(group, &line.group));
    else
        LB_TRY(NEW_ARRAY(line.cells, t->n_columns));
    t->lines[t->n_lines++] = line;
    return LB_OK;
}

void table_row(table *t) {
    if (t->status == LB_OK) t->status = add_line(t, NULL);
}

void table_rows_group(table *t, const char *name) {
    if (t->status == LB_OK) t->status = add_line(t, name ? name : "");
}

/* The next cell of the row, or NULL with the status set. */
static table_cell *next_cell(table *t, cell_kind kind) {
    if (t->status != LB_OK) return NULL;
    table_line *line = t->n_lines ? &t->lines[t->n_lines - 1] : NULL;
    if (!line || !line->cells || line->n == t->n_columns) {
        t->status = status_fail(LB_E_ARGUMENT, "table: a cell outside the %zu columns of a row",
                                t->n_columns);
        return NULL;
    }
    table_cell *cell = &line->cells[line->n++];
    cell->kind = kind;
    return cell;
}

static table_cell *last_cell(table *t) {
    if (t->status != LB_OK) return NULL;
    table_line *line = t->n_lines ? &t->lines[t->n_lines - 1] : NULL;
    if (line && line->n) return &line->cells[line->n - 1];
    t->status = status_fail(LB_E_ARGUMENT, "table: there is no cell to say something about");
    return NULL;
}

void table_text(table *t, const char *value) {
    table_cell *cell = next_cell(t, value ? CELL_TEXT : CELL_EMPTY);
    if (cell) t->status = copy(value, &cell->words);
}

static table_cell *add_number(table *t, cell_kind kind, double value, unsigned digits) {
    table_cell *cell = next_cell(t, kind);
    if (!cell) return NULL;
    cell->value = value;
    cell->digits = digits < 15 ? digits : 15;
    cell->competes = true;
    cell->low = cell->high = NAN;
    return cell;
}

void table_number(table *t, double value, unsigned digits) {
    add_number(t, CELL_NUMBER, value, digits);
}

void table_count(table *t, double value) {
    table_cell *cell = add_number(t, CELL_NUMBER, value, 0);
    if (cell) cell->competes = false;
}

void table_spread(table *t, double value, double spread, unsigned digits) {
    table_cell *cell = add_number(t, CELL_SPREAD, value, digits);
    if (cell) cell->high = spread;
}

void table_interval(table *t, double value, double low, double high, unsigned digits) {
    table_cell *cell = add_number(t, CELL_INTERVAL, value, digits);
    if (!cell) return;
    cell->low = low;
    cell->high = high;
}

void table_aside(table *t) {
    table_cell *cell = last_cell(t);
    if (cell) cell->competes = false;
}

void table_mark(table *t, const char *mark) {
    table_cell *cell = last_cell(t);
    if (!cell) return;
    free(cell->mark);
    t->status = copy(mark, &cell->mark);
}

static lb_status add_remark(table *t, const char *mark, const char *note) {
    LB_TRY(GROW_ARRAY(t->remarks, t->n_remarks, t->remarks_capacity));
    table_remark *r = &t->remarks[t->n_remarks++];
    *r = (table_remark){0};
    LB_TRY(copy(mark, &r->mark));
    return copy(note ? note : "", &r->note);
}

void table_note(table *t, const char *mark, const char *note) {
    if (t->status == LB_OK) t->status = add_remark(t, mark, note);
}

/* ---------------------------------------------------------------- writing */

static bool is_number(const table_cell *cell) {
    return cell->kind == CELL_NUMBER || cell->kind == CELL_SPREAD || cell->kind == CELL_INTERVAL;
}

static bool column_is_numeric(const table *t, size_t c) {
    for (size_t i = 0; i < t->n_lines; i++)
        if (t->lines[i].cells && is_number(&t->lines[i].cells[c])) return true;
    return false;
}

/* The value as printed, as a whole number of its last digit: what ties are judged by. */
static double printed(const table_cell *cell) {
    double scale = 1;
    for (unsigned i = 0; i < cell->digits; i++) scale *= 10;
    return round(cell->value * scale) / scale;
}

static bool takes_part(const table_cell *cell) {
    return is_number(cell) && cell->competes && isfinite(cell->value);
}

/* Best of its column among at least two that compete. */
static bool is_best(const table *t, size_t c, const table_cell *cell) {
    table_best best = t->columns[c].best;
    size_t n = 0;
    if (best == TABLE_NO_BEST || !takes_part(cell)) return false;
    for (size_t i = 0; i < t->n_lines; i++) {
        if (!t->lines[i].cells || !takes_part(&t->lines[i].cells[c])) continue;
        double other = printed(&t->lines[i].cells[c]), own = printed(cell);
        if (best == TABLE_HIGHEST ? other > own : other < own) return false;
        n++;
    }
    return n > 1;
}

/* Neighbouring columns from c on with its group. */
static size_t group_span(const table *t, size_t c) {
    const char *group = t->columns[c].group;
    size_t span = 1;
    while (group && c + span < t->n_columns && t->columns[c + span].group &&
           !strcmp(t->columns[c + span].group, group))
        span++;
    return span;
}

static const char *alignment(const table *t, size_t c) {
    return column_is_numeric(t, c) ? " class=\"n\"" : "";
}

static void write_heading(const table *t, size_t c, bool two_lines, text *out) {
    text_add(out, "<th scope=\"col\"%s%s>", two_lines ? " rowspan=\"2\"" : "", alignment(t, c));
    markup_prose(out, t->columns[c].heading);
    text_add(out, "</th>");
}

static void write_head(const table *t, text *out) {
    bool grouped = false;
    for (size_t c = 0; c < t->n_columns; c++) grouped = grouped || t->columns[c].group;
    text_add(out, "<thead>\n<tr>");
    for (size_t c = 0, span; c < t->n_columns; c += span) {
        span = group_span(t, c);
        if (!t->columns[c].group) {
            write_heading(t, c, grouped, out);
            continue;
        }
        text_add(out, "<th scope=\"colgroup\" class=\"g\" colspan=\"%zu\"><span>", span);
        markup_prose(out, t->columns[c].group);
        text_add(out, "</span></th>");
    }
    text_add(out, "</tr>\n");
    if (grouped) text_add(out, "<tr>");
    for (size_t c = 0; grouped && c < t->n_columns; c++)
        if (t->columns[c].group) write_heading(t, c, false, out);
    text_add(out, grouped ? "</tr>\n</thead>\n" : "</thead>\n");
}

static void write_value(const table_cell *cell, text *out) {
    markup_number(out, cell->value, cell->digits);
    if (cell->kind == CELL_SPREAD && isfinite(cell->value) && isfinite(cell->high)) {
        text_add(out, "<span class=\"pm\">\u00a0\u00b1\u00a0");
        markup_number(out, cell->high, cell->digits);
        text_add(out, "</span>");
    }
    if (cell->kind == CELL_INTERVAL && isfinite(cell->low) && isfinite(cell->high)) {
        text_add(out, "<span class=\"ci\">[");
        markup_number(out, cell->low, cell->digits);
        text_add(out, ", ");
        markup_number(out, cell->high, cell->digits);
        text_add(out, "]</span>");
    }
}

static void write_mark(const char *mark, text *out) {
    if (!mark) return;
    text_add(out, "<sup>");
    markup_escape(out, mark);
    text_add(out, "</sup>");
}

static void write_cell(const table *t, size_t c, const table_cell *cell, text *out) {
    const char *element = c ? "td" : "th";
    bool best = is_best(t, c, cell);
    text_add(out, "<%s%s%s>", element, c ? "" : " scope=\"row\"", alignment(t, c));
    if (best) text_add(out, "<strong>");
    if (is_number(cell)) write_value(cell, out);
    if (cell->kind == CELL_TEXT) markup_prose(out, cell->words);
    if (best) text_add(out, "</strong><span class=\"sr\"> (best)</span>");
    write_mark(cell->mark, out);
    text_add(out, "</%s>", element);
}

static void write_line(const table *t, const table_line *line, text *out) {
    if (line->group) {
        text_add(out, "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"%zu\">", t->n_columns);
        markup_prose(out, line->group);
        text_add(out, "</th></tr>\n");
        return;
    }
    text_add(out, "<tr>");
    for (size_t c = 0; c < t->n_columns; c++) write_cell(t, c, &line->cells[c], out);
    text_add(out, "</tr>\n");
}

/* Each group of rows is a <tbody>, so that its heading belongs to it. */
static void write_body(const table *t, text *out) {
    text_add(out, "<tbody>\n");
    for (size_t i = 0; i < t->n_lines; i++) {
        if (i && t->lines[i].group) text_add(out, "</tbody>\n<tbody>\n");
        write_line(t, &t->lines[i], out);
    }
    text_add(out, "</tbody>\n");
}

lb_status table_write(const table *t, const char *label, text *out) {
    LB_TRY(t->status);
    text_add(out, "<div class=\"box\" tabindex=\"0\" role=\"group\"");
    if (label) text_add(out, " aria-labelledby=\"%s\"", label);
    text_add(out, "><table");
    if (label) text_add(out, " aria-labelledby=\"%s\"", label);
    text_add(out, ">\n");
    write_head(t, out);
    write_body(t, out);
    text_add(out, "</table></div>\n");
    for (size_t i = 0; i < t->n_remarks; i++) {
        text_add(out, "<p class=\"remark\">");
        write_mark(t->remarks[i].mark, out);
        if (t->remarks[i].mark) text_add(out, " ");
        markup_prose(out, t->remarks[i].note);
        text_add(out, "</p>\n");
    }
    return out->status;
}
