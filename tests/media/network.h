/* Tiny networks, written as ONNX files by hand: protocol buffers of the messages ModelProto (ir 8,
 * operators of set 13), GraphProto, NodeProto, TensorProto and ValueInfoProto of onnx.proto. */
#ifndef LB_TESTS_MEDIA_NETWORK_H
#define LB_TESTS_MEDIA_NETWORK_H

#include "support.h"

enum { NETWORK_FLOAT = 1, NETWORK_INT64 = 7, NETWORK_OPEN = -1 };

/* One operator with one input and one output. */
typedef struct network_node {
    const char *op, *in, *out;
    const float *weights; // MatMul: (3, columns)
    size_t columns;
} network_node;

/* A chain or tree of operators over one input. All zero ends a list. */
typedef struct network_kind {
    int type, rank;   // of the input "pixels"; 0 = float32 and 4
    int64_t shape[4]; // of it; NETWORK_OPEN = any
    int second_input; // 1: there is another one, "words"
    network_node node[6];
    const char *output[4];
} network_kind;

/* A message being written. */
typedef struct proto {
    unsigned char bytes[6000];
    size_t n;
} proto;

static inline void proto_byte(proto *p, unsigned byte) {
    assert_true(p->n < sizeof p->bytes);
    p->bytes[p->n++] = (unsigned char)byte;
}

static inline void proto_varint(proto *p, uint64_t value) {
    for (; value >= 0x80; value >>= 7) proto_byte(p, (unsigned)(value & 0x7f) | 0x80);
    proto_byte(p, (unsigned)value);
}

static inline void proto_number(proto *p, unsigned field, uint64_t value) {
    proto_varint(p, field << 3);
    proto_varint(p, value);
}

static inline void proto_bytes(proto *p, unsigned field, const void *bytes, size_t n) {
    proto_varint(p, field << 3 | 2);
    proto_varint(p, n);
    for (size_t i = 0; i < n; i++) proto_byte(p, ((const unsigned char *)bytes)[i]);
}

static inline void proto_text(proto *p, unsigned field, const char *text) {
    proto_bytes(p, field, text, strlen(text));
}

static inline void proto_message(proto *p, unsigned field, const proto *message) {
    proto_bytes(p, field, message->bytes, message->n);
}

/* An input or output: name, and type and shape where the rank is not 0. */
static inline void network_value(proto *graph, unsigned field, const char *name, int type, int rank,
                                 const int64_t *shape) {
    proto value = {.n = 0}, kind = {.n = 0}, tensor = {.n = 0}, dims = {.n = 0};
    for (int i = 0; i < rank; i++) {
        proto dim = {.n = 0};
        if (shape[i] == NETWORK_OPEN)
            proto_text(&dim, 2, i ? "side" : "n");
        else
            proto_number(&dim, 1, (uint64_t)shape[i]);
        proto_message(&dims, 1, &dim);
    }
    proto_number(&tensor, 1, (uint64_t)type);
    if (rank) proto_message(&tensor, 2, &dims);
    proto_message(&kind, 1, &tensor);
    proto_text(&value, 1, name);
    proto_message(&value, 2, &kind);
    proto_message(graph, field, &value);
}

static inline void network_weights(proto *graph, const network_node *node) {
    proto tensor = {.n = 0};
    proto_number(&tensor, 1, 3);
    proto_number(&tensor, 1, node->columns);
    proto_number(&tensor, 2, NETWORK_FLOAT);
    proto_text(&tensor, 8, "weights");
    proto_bytes(&tensor, 9, node->weights, 3 * node->columns * sizeof *node->weights);
    proto_message(graph, 5, &tensor);
}

/* ReduceMean is over the two middle dimensions, and drops them. */
static inline void network_mean_attributes(proto *node) {
    proto axes = {.n = 0}, keep = {.n = 0};
    proto_text(&axes, 1, "axes");
    proto_number(&axes, 8, 1);
    proto_number(&axes, 8, 2);
    proto_number(&axes, 20, 7);
    proto_text(&keep, 1, "keepdims");
    proto_number(&keep, 3, 0);
    proto_number(&keep, 20, 2);
    proto_message(node, 5, &axes);
    proto_message(node, 5, &keep);
}

static inline void network_add_node(proto *graph, const network_node *n) {
    proto node = {.n = 0};
    proto_text(&node, 1, n->in);
    if (n->weights) proto_text(&node, 1, "weights");
    proto_text(&node, 2, n->out);
    proto_text(&node, 4, n->op);
    if (strcmp(n->op, "ReduceMean") == 0) network_mean_attributes(&node);
    proto_message(graph, 1, &node);
    if (n->weights) network_weights(graph, n);
}

static inline void network_make(const network_kind *kind, proto *model) {
    proto graph = {.n = 0}, operators = {.n = 0};
    int type = kind->type ? kind->type : NETWORK_FLOAT, rank = kind->rank ? kind->rank : 4;
    for (const network_node *n = kind->node; n->op; n++) network_add_node(&graph, n);
    proto_text(&graph, 2, "test");
    network_value(&graph, 11, "pixels", type, rank, kind->shape);
    if (kind->second_input)
        network_value(&graph, 11, "words", NETWORK_INT64, 1, (int64_t[]){NETWORK_OPEN});
    for (size_t i = 0; kind->output[i]; i++)
        network_value(&graph, 12, kind->output[i],
                      strcmp(kind->output[i], "shape") == 0 ? NETWORK_INT64 : NETWORK_FLOAT, 0,
                      NULL);
    proto_number(&operators, 2, 13);
    model->n = 0;
    proto_number(model, 1, 8);
    proto_message(model, 7, &graph);
    proto_message(model, 8, &operators);
}

static inline void network_store(const network_kind *kind, const char *path) {
    proto model;
    network_make(kind, &model);
    test_write(path, model.bytes, model.n);
}

/* ---- networks that the tests share */

/* All that it is given, in the order in which it is given: (1, 3 * height * width). */
static const network_kind network_flat = {
    .shape = {NETWORK_OPEN, 3, NETWORK_OPEN, NETWORK_OPEN},
    .node = {{"Flatten", "pixels", "all", NULL, 0}},
    .output = {"all"},
};

static const float network_matrix[12] = {1, 0, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1};

/* The means of the channels (1, 3), and of them r, g, b and r + g + b (1, 4). */
static const network_kind network_means = {
    .shape = {NETWORK_OPEN, 3, 4, 4},
    .node = {{"GlobalAveragePool", "pixels", "pooled", NULL, 0},
             {"Flatten", "pooled", "means", NULL, 0},
             {"MatMul", "means", "vector", network_matrix, 4}},
    .output = {"vector"},
};

#endif
