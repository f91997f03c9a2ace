/*
 * One JSON value (RFC 8259, strict) or Python literal (what ast.literal_eval reads: the meta files
 * of Amazon 2014), parsed in place into one array. One parser serves both, because the two differ
 * only in quotes, escapes, constants and brackets; nothing is allocated per value, which is what
 * makes reading gigabytes of reviews fast.
 */
#ifndef LB_DATA_READ_VALUE_H
#define LB_DATA_READ_VALUE_H

#include <stdbool.h>

#include "core/status.h"

/* Deeper or larger records are an error: a hostile file must not take all stack or memory. */
enum { VALUE_MAX_DEPTH = 64, VALUE_MAX_NODES = 1 << 20 };

typedef enum value_dialect { VALUE_JSON, VALUE_PYTHON } value_dialect;

typedef enum value_kind {
    VALUE_NULL, // null, None
    VALUE_FALSE,
    VALUE_TRUE,
    VALUE_NUMBER, // `text` is the number as written, not NUL-terminated
    VALUE_STRING, // `text` is decoded UTF-8 and NUL-terminated; NULs may also be inside
    VALUE_LIST,   // also a Python tuple
    VALUE_OBJECT
} value_kind;

/* A node. The children of node i are i + 1, then each child's `next`, up to node i's `next`. */
typedef struct value {
    value_kind kind;
    uint32_t length; // of text
    uint32_t key_length;
    uint32_t next; // the index behind this node and all below it
    const char *text;
    const char *key; // in an object; NUL-terminated; NULL elsewhere
} value;

/* Reused from line to line; all zero at first. */
typedef struct value_tree {
    value *nodes; // (count)
    size_t count, capacity;
} value_tree;

/* Parses all of text[0..length), which must be valid UTF-8 with a NUL behind it and is overwritten;
 * the nodes point into it. LB_E_FORMAT with "column N: ..." for anything malformed, for text behind
 * the value, for nesting beyond VALUE_MAX_DEPTH and for more than VALUE_MAX_NODES values. */
lb_status value_parse(value_tree *tree, char *text, size_t length, value_dialect dialect);
void value_tree_free(value_tree *tree);

/* The member of that name of an object node (the last, if it is there twice); NULL if there is
 * none, it is null, or the node is no object. */
const value *value_member(const value_tree *tree, const value *object, const char *key);

/* The children of a node: for (v = value_first(t, p); v; v = value_next(t, p, v)). NULL at the
 * end. */
const value *value_first(const value_tree *tree, const value *parent);
const value *value_next(const value_tree *tree, const value *parent, const value *child);

#endif
