/*
 * A report as one self-contained HTML file that reads like a paper: no scripts, nothing loaded from
 * elsewhere (a content security policy forbids both), styles inside, for phones (from 360 px), wide
 * screens and A4 prints.
 *
 * A document is written from top to bottom. The first failure is kept and returned by
 * document_finish or document_save; calls after it do nothing. Everything passed in is copied and
 * escaped. In paragraphs, notes, captions and facts `words in backquotes` become code, *words in
 * stars* emphasis, and "Table 2" or "Figure 3" a link there (of another work write "Fig. 3"); a
 * mark without its partner is kept as it is.
 */
#ifndef LB_PLOT_DOCUMENT_H
#define LB_PLOT_DOCUMENT_H

#include <stddef.h>

#include "core/text.h"
#include "plot/table.h"

typedef struct document document;

/* An empty document. `title` is its heading; `subtitle` (NULL: none) one line below, such as the
 * dataset and date. Free with document_free. */
lb_status document_new(const char *title, const char *subtitle, document **out);
void document_free(document *d); // accepts NULL

/* The abstract, before the table of contents: what was asked and what came out, one paragraph a
 * call. After the first section it is LB_E_ARGUMENT. */
void document_abstract(document *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A numbered section ("2 Recommendation") or a part of it ("2.1 Warm products"); both are in the
 * table of contents and have anchors "section-2" and "section-2-1". */
void document_section(document *d, const char *title);
void document_subsection(document *d, const char *title);

void document_paragraph(document *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A paragraph in small type: a definition, a caveat. */
void document_note(document *d, const char *format, ...) __attribute__((format(printf, 2, 3)));

void document_list(document *d, const char *const *items, size_t n);

/* Verbatim lines such as a command, in a box that scrolls by itself; `label` (NULL: none) above. */
void document_code(document *d, const char *label, const char *code);

/* Names and values, such as how this was made: command, seed, split, versions. */
typedef struct document_fact {
    const char *name, *value;
} document_fact;
void document_facts(document *d, const document_fact *facts, size_t n);

/* A table with "Table N. caption" above. Returns N (from 1; anchor "table-N"), 0 after a failure.
 * The table stays the caller's. */
unsigned document_table(document *d, const table *t, const char *caption);

typedef enum document_width {
    DOCUMENT_COLUMN, // as wide as a column of a paper
    DOCUMENT_WIDE,   // as wide as the text: panels side by side
    DOCUMENT_MAP,    // the same, but in print two stand side by side
    DOCUMENT_ROWS    // as wide as the text, panels one below another, between which a page may end
} document_width;

/* `n` <svg> elements as figure.h writes them (not escaped: nothing else may be passed), with
 * "Figure N. caption" below. Several are panels: side by side as room allows, on a phone one below
 * the other. Returns N (from 1; anchor "figure-N"), 0 after a failure. Texts with a failure status
 * are that failure. */
unsigned document_figure(document *d, const text *panels, size_t n, document_width width,
                         const char *caption);

/* The numbers that the next table and figure will get, for writing about them before they come. */
unsigned document_next_table(const document *d);
unsigned document_next_figure(const document *d);

/* Appends the whole page. Returns the first failure of the calls before. */
lb_status document_finish(const document *d, text *out);

/* Writes the page to `path`: all of it or nothing. */
lb_status document_save(const document *d, const char *path);

#endif
