/* A tiny network that reads texts as CLIP's text encoder does: token numbers (n, 77) -> the mean of
 * their embeddings, projected. Tokens share 16 embeddings by their last four bits. */
#ifndef LB_TESTS_MEDIA_TEXT_NETWORK_H
#define LB_TESTS_MEDIA_TEXT_NETWORK_H

#include <stdbool.h>

#include "media/network.h"

enum { TEXT_ROWS = 16, TEXT_INNER = 5, TEXT_MOST_OUTPUT = 8, TEXT_CONTEXT = 77 };

typedef struct text_network_kind {
    int type;        // of the tokens: NETWORK_INT64, or NETWORK_INT32
    int64_t context; // numbers of a text
    size_t dim;      // of the vector, at most TEXT_MOST_OUTPUT
    int mask;        // 1: "attention_mask" is read too; 2: before the tokens
} text_network_kind;

enum { NETWORK_INT32 = 6 };

static const text_network_kind text_network_clip = {NETWORK_INT64, TEXT_CONTEXT, 4, 0};

/* Zero is what stands behind a text, and is no embedding. */
static inline float text_network_row(size_t row, size_t k) {
    return row ? (float)((row * 7 + k * 5 + row * k * 3) % 13) - 6 : 0;
}

static inline float text_network_weight(size_t k, size_t d) {
    return (float)((k * 3 + d * 4 + k * d) % 7) - 3;
}

/* What the network gives for 77 tokens, out (dim). */
static inline void text_network_expect(const text_network_kind *kind, const uint32_t *token,
                                       float *out) {
    for (size_t d = 0; d < kind->dim; d++) out[d] = 0;
    for (size_t k = 0; k < TEXT_INNER; k++) {
        double mean = 0;
        for (size_t i = 0; i < TEXT_CONTEXT; i++)
            mean += (double)text_network_row(token[i] % TEXT_ROWS, k) / TEXT_CONTEXT;
        for (size_t d = 0; d < kind->dim; d++)
            out[d] += (float)(mean * (double)text_network_weight(k, d));
    }
}

static inline void text_network_values(proto *graph, const char *name, const int64_t *shape,
                                       size_t rank, int type, const void *bytes, size_t size) {
    proto tensor = {.n = 0};
    for (size_t i = 0; i < rank; i++) proto_number(&tensor, 1, (uint64_t)shape[i]);
    proto_number(&tensor, 2, (uint64_t)type);
    proto_text(&tensor, 8, name);
    proto_bytes(&tensor, 9, bytes, size);
    proto_message(graph, 5, &tensor);
}

/* A node of two inputs, the second NULL = one; with a number as an attribute, unless NULL. */
static inline void text_network_node(proto *graph, const char *op, const char *a, const char *b,
                                     const char *out, const char *attribute, int64_t value) {
    proto node = {.n = 0}, number = {.n = 0};
    proto_text(&node, 1, a);
    if (b) proto_text(&node, 1, b);
    proto_text(&node, 2, out);
    proto_text(&node, 4, op);
    if (attribute) {
        bool list = strcmp(attribute, "axes") == 0;
        proto_text(&number, 1, attribute);
        proto_number(&number, list ? 8 : 3, (uint64_t)value);
        proto_number(&number, 20, list ? 7 : 2);
        proto_message(&node, 5, &number);
        if (list) {
            number.n = 0;
            proto_text(&number, 1, "keepdims");
            proto_number(&number, 3, 0);
            proto_number(&number, 20, 2);
            proto_message(&node, 5, &number);
        }
    }
    proto_message(graph, 1, &node);
}

static inline void text_network_weights(const text_network_kind *kind, proto *graph) {
    float table[TEXT_ROWS * TEXT_INNER], project[TEXT_INNER * TEXT_MOST_OUTPUT];
    const int32_t narrow = TEXT_ROWS;
    const int64_t wide = TEXT_ROWS;
    bool is_wide = kind->type == NETWORK_INT64;
    for (size_t i = 0; i < TEXT_ROWS * TEXT_INNER; i++)
        table[i] = text_network_row(i / TEXT_INNER, i % TEXT_INNER);
    for (size_t i = 0; i < TEXT_INNER * kind->dim; i++)
        project[i] = text_network_weight(i / kind->dim, i % kind->dim);
    text_network_values(graph, "rows", NULL, 0, kind->type,
                        is_wide ? (const void *)&wide : (const void *)&narrow,
                        is_wide ? sizeof wide : sizeof narrow);
    text_network_values(graph, "table", (int64_t[]){TEXT_ROWS, TEXT_INNER}, 2, NETWORK_FLOAT, table,
                        sizeof table);
    text_network_values(graph, "project", (int64_t[]){TEXT_INNER, (int64_t)kind->dim}, 2,
                        NETWORK_FLOAT, project, TEXT_INNER * kind->dim * sizeof *project);
}

static inline void text_network_store(const text_network_kind *kind, const char *path) {
    proto graph = {.n = 0}, operators = {.n = 0}, model = {.n = 0};
    const int64_t shape[2] = {NETWORK_OPEN, kind->context};
    if (kind->mask) text_network_node(&graph, "Mul", "input_ids", "attention_mask", "own", NULL, 0);
    text_network_node(&graph, "Mod", kind->mask ? "own" : "input_ids", "rows", "row", NULL, 0);
    text_network_node(&graph, "Gather", "table", "row", "last_hidden_state", "axis", 0);
    text_network_node(&graph, "ReduceMean", "last_hidden_state", NULL, "mean", "axes", 1);
    text_network_node(&graph, "MatMul", "mean", "project", "text_embeds", NULL, 0);
    proto_text(&graph, 2, "reader");
    text_network_weights(kind, &graph);
    if (kind->mask == 2) network_value(&graph, 11, "attention_mask", kind->type, 2, shape);
    network_value(&graph, 11, "input_ids", kind->type, 2, shape);
    if (kind->mask == 1) network_value(&graph, 11, "attention_mask", kind->type, 2, shape);
    network_value(&graph, 12, "text_embeds", NETWORK_FLOAT, 0, NULL);
    network_value(&graph, 12, "last_hidden_state", NETWORK_FLOAT, 0, NULL);
    proto_number(&operators, 2, 13);
    proto_number(&model, 1, 8);
    proto_message(&model, 7, &graph);
    proto_message(&model, 8, &operators);
    test_write(path, model.bytes, model.n);
}

#endif
