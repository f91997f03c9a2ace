/* Reads XML (and HTML written as XML) far enough to say that it is well-formed, handing out its
 * elements and texts. */
#ifndef LB_TESTS_PLOT_WELLFORMED_H
#define LB_TESTS_PLOT_WELLFORMED_H

#include <stdbool.h>
#include <stddef.h>

enum { XML_ATTRIBUTES = 16, XML_VALUE = 400 };

typedef struct xml_attribute {
    char name[40], value[XML_VALUE]; // raw, cut off at their sizes
} xml_attribute;

typedef struct xml_element {
    char name[40];
    size_t n;
    xml_attribute attributes[XML_ATTRIBUTES];
    int depth; // 0: the root
} xml_element;

/* The attribute's value, or NULL. */
const char *xml_get(const xml_element *e, const char *name);
double xml_number(const xml_element *e, const char *name, double otherwise);

typedef struct xml_visitor {
    void (*element)(void *context, const xml_element *e);
    /* Text directly inside `e`, raw. */
    void (*words)(void *context, const xml_element *e, const char *words, size_t n);
    void *context;
} xml_visitor;

/* Reads a whole document with one root; false with `why` filled if it is not well-formed. */
bool xml_read(const char *bytes, const xml_visitor *visitor, char why[200]);

#endif
