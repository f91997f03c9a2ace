#include "plot/document.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "plot/document_style.h"
#include "plot/markup.h"

struct document {
    text title, subtitle; // escaped
    text abstract, contents, body;
    unsigned sections, parts; // of the whole; of the section under way
    unsigned tables, figures;
    lb_status status;
};

lb_status document_new(const char *title, const char *subtitle, document **out) {
    document *d;
    LB_TRY(NEW_ARRAY(d, 1));
    markup_escape(&d->title, title && *title ? title : "Report");
    markup_escape(&d->subtitle, subtitle);
    *out = d;
    return LB_OK;
}

void document_free(document *d) {
    if (!d) return;
    free(d->title.bytes);
    free(d->subtitle.bytes);
    free(d->abstract.bytes);
    free(d->contents.bytes);
    free(d->body.bytes);
    free(d);
}

/* <p class="...">words</p>, the words formatted and then marked up. */
static void add_words(document *d, text *to, const char *class, const char *format, va_list list) {
    va_list again;
    char *words = NULL;
    if (d->status != LB_OK) return;
    va_copy(again, list);
    int n = vsnprintf(NULL, 0, format, list);
    if (n >= 0) words = memory_new((size_t)n + 1, 1);
    if (!words) {
        d->status = n < 0 ? status_fail(LB_E_ARGUMENT, "a paragraph cannot be formatted")
                          : LB_E_NOMEM;
    } else {
        vsnprintf(words, (size_t)n + 1, format, again);
        text_add(to, *class ? "<p class=\"%s\">" : "<p>", class);
        markup_prose(to, words);
        text_add(to, "</p>\n");
    }
    va_end(again);
    free(words);
}

void document_abstract(document *d, const char *format, ...) {
    va_list list;
    if (d->status == LB_OK && d->body.n)
        d->status = status_fail(LB_E_ARGUMENT, "the abstract of a document comes first");
    va_start(list, format);
    add_words(d, &d->abstract, "", format, list);
    va_end(list);
}

void document_paragraph(document *d, const char *format, ...) {
    va_list list;
    va_start(list, format);
    add_words(d, &d->body, "", format, list);
    va_end(list);
}

void document_note(document *d, const char *format, ...) {
    va_list list;
    va_start(list, format);
    add_words(d, &d->body, "note", format, list);
    va_end(list);
}

/* ---------------------------------------------------------------- sections */

/* The list of parts of the section under way ends in the contents. */
static const char *contents_end(const document *d) {
    if (!d->sections) return "";
    return d->parts ? "</ol></li>\n" : "</li>\n";
}

static void add_contents(document *d, const char *anchor, const char *number, const char *title) {
    text_add(&d->contents, "<li><a href=\"#%s\"><span class=\"num\">%s</span> ", anchor, number);
    markup_escape(&d->contents, title);
    text_add(&d->contents, "</a>");
}

static void add_heading(document *d, int level, const char *anchor, const char *number,
                        const char *title) {
    text_add(&d->body, "<h%d id=\"%s\"><span class=\"num\">%s</span> ", level, anchor, number);
    markup_escape(&d->body, title);
    text_add(&d->body, "</h%d>\n", level);
}

void document_section(document *d, const char *title) {
    char anchor[40], number[24];
    if (d->status != LB_OK) return;
    text_add(&d->contents, "%s", contents_end(d));
    d->sections++;
    d->parts = 0;
    snprintf(anchor, sizeof anchor, "section-%u", d->sections);
    snprintf(number, sizeof number, "%u", d->sections);
    add_contents(d, anchor, number, title);
    add_heading(d, 2, anchor, number, title);
}

void document_subsection(document *d, const char *title) {
    char anchor[40], number[24];
    if (d->status != LB_OK) return;
    if (!d->sections) {
        d->status = status_fail(LB_E_ARGUMENT, "a part of a section comes after a section");
        return;
    }
    text_add(&d->contents, d->parts ? "" : "<ol>\n");
    d->parts++;
    snprintf(anchor, sizeof anchor, "section-%u-%u", d->sections, d->parts);
    snprintf(number, sizeof number, "%u.%u", d->sections, d->parts);
    add_contents(d, anchor, number, title);
    text_add(&d->contents, "</li>\n");
    add_heading(d, 3, anchor, number, title);
}

/* ---------------------------------------------------------------- blocks */

void document_list(document *d, const char *const *items, size_t n) {
    if (d->status != LB_OK || !n) return;
    text_add(&d->body, "<ul>\n");
    for (size_t i = 0; i < n; i++) {
        text_add(&d->body, "<li>");
        markup_prose(&d->body, items[i]);
        text_add(&d->body, "</li>\n");
    }
    text_add(&d->body, "</ul>\n");
}

void document_code(document *d, const char *label, const char *code) {
    if (d->status != LB_OK) return;
    text_add(&d->body, "<div class=\"code\">");
    if (label) {
        text_add(&d->body, "<p>");
        markup_prose(&d->body, label);
        text_add(&d->body, "</p>\n");
    }
    text_add(&d->body, "<pre tabindex=\"0\"><code>");
    size_t length = code ? strlen(code) : 0;
    while (length && code[length - 1] == '\n') length--;
    markup_escape_bytes(&d->body, code, length);
    text_add(&d->body, "</code></pre></div>\n");
}

void document_facts(document *d, const document_fact *facts, size_t n) {
    if (d->status != LB_OK || !n) return;
    text_add(&d->body, "<dl>\n");
    for (size_t i = 0; i < n; i++) {
        text_add(&d->body, "<div><dt>");
        markup_escape(&d->body, facts[i].name);
        text_add(&d->body, "</dt><dd>");
        markup_prose(&d->body, facts[i].value);
        text_add(&d->body, "</dd></div>\n");
    }
    text_add(&d->body, "</dl>\n");
}

static void add_caption(document *d, const char *kind, const char *anchor, unsigned number,
                        const char *caption) {
    text_add(&d->body, "<figcaption id=\"%s-%u-caption\"><b>%s\u00a0%u.</b> ", anchor, number, kind,
             number);
    markup_prose(&d->body, caption);
    text_add(&d->body, "</figcaption>\n");
}

unsigned document_table(document *d, const table *t, const char *caption) {
    char label[40];
    if (d->status != LB_OK) return 0;
    unsigned number = ++d->tables;
    text_add(&d->body, "<figure class=\"table\" id=\"table-%u\">\n", number);
    add_caption(d, "Table", "table", number, caption);
    snprintf(label, sizeof label, "table-%u-caption", number);
    d->status = table_write(t, label, &d->body);
    text_add(&d->body, "</figure>\n");
    return d->status == LB_OK ? number : 0;
}

unsigned document_figure(document *d, const text *panels, size_t n, document_width width,
                         const char *caption) {
    static const char *const classes[] = {"column", "wide", "wide map", "wide rows"};
    for (size_t i = 0; i < n && d->status == LB_OK; i++) d->status = panels[i].status;
    if (d->status != LB_OK) return 0;
    unsigned number = ++d->figures;
    text_add(&d->body, "<figure class=\"%s\" id=\"figure-%u\">\n<div class=\"panels%s\">\n",
             classes[width], number, n > 1 && width != DOCUMENT_ROWS ? " many" : "");
    for (size_t i = 0; i < n; i++)
        text_add(&d->body, "%s\n", panels[i].bytes ? panels[i].bytes : "");
    text_add(&d->body, "</div>\n");
    add_caption(d, "Figure", "figure", number, caption);
    text_add(&d->body, "</figure>\n");
    return number;
}

unsigned document_next_table(const document *d) {
    return d->tables + 1;
}

unsigned document_next_figure(const document *d) {
    return d->figures + 1;
}

/* ---------------------------------------------------------------- the page */

static const char *bytes_of(const text *t) {
    return t->bytes ? t->bytes : "";
}

/* Nothing may be loaded or run; styles are inside, pictures are data. */
static void write_head(const document *d, text *out) {
    text_add(out,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
             "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\" />\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n"
             "<meta name=\"generator\" content=\"Lookbook " LB_VERSION "\" />\n"
             "<meta name=\"color-scheme\" content=\"light\" />\n"
             "<title>%s</title>\n<style>\n",
             bytes_of(&d->title));
    for (size_t i = 0; document_style[i]; i++) text_add(out, "%s", document_style[i]);
    text_add(out, "</style>\n</head>\n");
}

static void write_front(const document *d, text *out) {
    text_add(out, "<header>\n<h1>%s</h1>\n", bytes_of(&d->title));
    if (d->subtitle.n) text_add(out, "<p class=\"subtitle\">%s</p>\n", d->subtitle.bytes);
    text_add(out, "</header>\n");
    if (d->abstract.n)
        text_add(out,
                 "<section class=\"abstract\" aria-labelledby=\"abstract\">\n"
                 "<h2 id=\"abstract\">Abstract</h2>\n%s</section>\n",
                 d->abstract.bytes);
    if (d->sections)
        text_add(out,
                 "<nav class=\"contents\" aria-labelledby=\"contents\">\n"
                 "<h2 id=\"contents\">Contents</h2>\n<ol>\n%s%s</ol>\n</nav>\n",
                 bytes_of(&d->contents), contents_end(d));
}

lb_status document_finish(const document *d, text *out) {
    const text *parts[] = {&d->title, &d->subtitle, &d->abstract, &d->contents, &d->body};
    LB_TRY(d->status);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) LB_TRY(parts[i]->status);
    write_head(d, out);
    text_add(out, "<body>\n<main>\n");
    write_front(d, out);
    text_add(out, "%s</main>\n</body>\n</html>\n", bytes_of(&d->body));
    return out->status;
}

lb_status document_save(const document *d, const char *path) {
    lb_status status;
    text page = {0};
    file_writer *w = NULL;
    LB_TRY_CLEANUP(document_finish(d, &page));
    LB_TRY_CLEANUP(file_writer_open(path, &w));
    LB_TRY_CLEANUP(file_writer_write(w, page.bytes, page.n));
    status = file_writer_commit(w);
    w = NULL;
cleanup:
    file_writer_abort(w);
    free(page.bytes);
    return status;
}
