#include "plot/wellformed.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 64 };

typedef struct xml_reader {
    const char *begin, *at;
    const xml_visitor *visitor;
    xml_element stack[DEPTH];
    int depth;
    char *why;
} xml_reader;

const char *xml_get(const xml_element *e, const char *name) {
    for (size_t i = 0; i < e->n; i++)
        if (!strcmp(e->attributes[i].name, name)) return e->attributes[i].value;
    return NULL;
}

double xml_number(const xml_element *e, const char *name, double otherwise) {
    const char *value = xml_get(e, name);
    return value ? strtod(value, NULL) : otherwise;
}

static bool fault(xml_reader *r, const char *what) {
    snprintf(r->why, 200, "byte %zu: %s: %.60s", (size_t)(r->at - r->begin), what, r->at);
    return false;
}

static void skip_spaces(xml_reader *r) {
    while (isspace((unsigned char)*r->at)) r->at++;
}

static bool read_name(xml_reader *r, char name[40]) {
    size_t n = 0;
    while (isalnum((unsigned char)*r->at) || strchr("-_:.", *r->at ? *r->at : ' ')) {
        if (n == 39) return fault(r, "a name that is too long");
        name[n++] = *r->at++;
    }
    name[n] = '\0';
    return n ? true : fault(r, "a name is missing");
}

/* One of the entities that XML knows by itself, or a number. */
static bool is_reference(const char *c) {
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    for (size_t i = 0; i < 5; i++)
        if (!strncmp(c, known[i], strlen(known[i]))) return true;
    return false;
}

static bool is_allowed(const char *c) {
    unsigned char u = (unsigned char)*c;
    return (u >= 0x20 || u == '\n' || u == '\t' || u == '\r') && u != 0x7f &&
           (u != '&' || is_reference(c));
}

static bool read_attribute(xml_reader *r, xml_element *e) {
    if (e->n == XML_ATTRIBUTES) return fault(r, "too many attributes");
    xml_attribute *a = &e->attributes[e->n];
    size_t n = 0;
    if (!read_name(r, a->name)) return false;
    if (xml_get(e, a->name)) return fault(r, "an attribute twice");
    if (*r->at++ != '=' || *r->at++ != '"') return fault(r, "a value without quotes");
    for (; *r->at && *r->at != '"'; r->at++) {
        if (*r->at == '<' || !is_allowed(r->at)) return fault(r, "a character in a value");
        if (n + 1 < sizeof a->value) a->value[n++] = *r->at;
    }
    a->value[n] = '\0';
    if (*r->at++ != '"') return fault(r, "a value without end");
    e->n++;
    return true;
}

static bool read_open(xml_reader *r) {
    if (r->depth == DEPTH) return fault(r, "too deep");
    xml_element *e = &r->stack[r->depth];
    e->n = 0;
    e->depth = r->depth;
    r->at++;
    if (!read_name(r, e->name)) return false;
    for (skip_spaces(r); *r->at && *r->at != '>' && *r->at != '/'; skip_spaces(r))
        if (!read_attribute(r, e)) return false;
    if (r->visitor && r->visitor->element) r->visitor->element(r->visitor->context, e);
    if (*r->at == '/')
        r->at++;
    else
        r->depth++;
    return *r->at++ == '>' ? true : fault(r, "a tag without end");
}

static bool read_close(xml_reader *r) {
    char name[40];
    r->at += 2;
    if (!read_name(r, name)) return false;
    if (!r->depth || strcmp(name, r->stack[r->depth - 1].name) != 0)
        return fault(r, "the end of what did not begin");
    r->depth--;
    return *r->at++ == '>' ? true : fault(r, "a tag without end");
}

static bool read_words(xml_reader *r) {
    const char *begin = r->at;
    for (; *r->at && *r->at != '<'; r->at++) {
        if (!is_allowed(r->at)) return fault(r, "a character in a text");
        if (!r->depth && !isspace((unsigned char)*r->at)) return fault(r, "text outside");
    }
    if (r->depth && r->visitor && r->visitor->words)
        r->visitor->words(r->visitor->context, &r->stack[r->depth - 1], begin,
                          (size_t)(r->at - begin));
    return true;
}

bool xml_read(const char *bytes, const xml_visitor *visitor, char why[200]) {
    static const char doctype[] = "<!DOCTYPE html>\n";
    xml_reader *r = calloc(1, sizeof *r);
    bool ok = r != NULL, had_root = false;
    if (!r) return false;
    r->begin = r->at = bytes;
    r->visitor = visitor;
    r->why = why;
    if (!strncmp(r->at, doctype, strlen(doctype))) r->at += strlen(doctype);
    while (ok && *r->at) {
        if (*r->at != '<')
            ok = read_words(r);
        else if (r->at[1] == '/')
            ok = read_close(r);
        else if (!r->depth && had_root)
            ok = fault(r, "a second root");
        else {
            ok = read_open(r);
            had_root = true;
        }
    }
    if (ok && (r->depth || !had_root)) ok = fault(r, "the end is missing");
    free(r);
    return ok;
}
