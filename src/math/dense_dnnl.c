#include <oneapi/dnnl/dnnl.h>
#include <string.h>

#include "core/memory.h"
#include "math/cpu.h"
#include "math/dense_products.h"
#include "math/gemm.h"
#include "math/onednn.h"

/* ---------------------------------------------------------------- both C interfaces */

/* oneDNN 3 made memory descriptors opaque and dropped operation descriptors. */
#if DNNL_VERSION_MAJOR >= 3
typedef const_dnnl_memory_desc_t description_ref;

static description_ref ref(const dnnl_memory_desc_t *d) {
    return *d;
}

static dnnl_status_t describe(dnnl_memory_desc_t *d, size_t rows, size_t columns,
                              dnnl_data_type_t type, dnnl_format_tag_t tag) {
    dnnl_dims_t dims = {(dnnl_dim_t)rows, (dnnl_dim_t)columns};
    return dnnl_memory_desc_create_with_tag(d, 2, dims, type, tag);
}

static void undescribe(dnnl_memory_desc_t *d) {
    dnnl_memory_desc_destroy(*d);
}

static dnnl_status_t forward_desc(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                  description_ref src, description_ref weights, description_ref dst,
                                  dnnl_primitive_attr_t attr) {
    return dnnl_inner_product_forward_primitive_desc_create(pd, engine, dnnl_forward_training, src,
                                                            weights, NULL, dst, attr);
}

static dnnl_status_t backward_desc(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                   description_ref src, description_ref weights,
                                   description_ref dst, dnnl_primitive_desc_t hint,
                                   dnnl_primitive_attr_t attr) {
    return dnnl_inner_product_backward_data_primitive_desc_create(pd, engine, src, weights, dst,
                                                                  hint, attr);
}

static dnnl_status_t gradient_desc(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                   description_ref src, description_ref weights,
                                   description_ref dst, dnnl_primitive_desc_t hint,
                                   dnnl_primitive_attr_t attr) {
    return dnnl_inner_product_backward_weights_primitive_desc_create(pd, engine, src, weights, NULL,
                                                                     dst, hint, attr);
}
#else
typedef const dnnl_memory_desc_t *description_ref;

static description_ref ref(const dnnl_memory_desc_t *d) {
    return d;
}

static dnnl_status_t describe(dnnl_memory_desc_t *d, size_t rows, size_t columns,
                              dnnl_data_type_t type, dnnl_format_tag_t tag) {
    dnnl_dims_t dims = {(dnnl_dim_t)rows, (dnnl_dim_t)columns};
    return dnnl_memory_desc_init_by_tag(d, 2, dims, type, tag);
}

static void undescribe(dnnl_memory_desc_t *d) {
    (void)d;
}

static dnnl_status_t forward_desc(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                  description_ref src, description_ref weights, description_ref dst,
                                  dnnl_primitive_attr_t attr) {
    dnnl_inner_product_desc_t operation;
    dnnl_status_t s = dnnl_inner_product_forward_desc_init(&operation, dnnl_forward_training, src,
                                                           weights, NULL, dst);
    return s ? s : dnnl_primitive_desc_create(pd, &operation, attr, engine, NULL);
}

static dnnl_status_t backward_desc(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                   description_ref src, description_ref weights,
                                   description_ref dst, dnnl_primitive_desc_t hint,
                                   dnnl_primitive_attr_t attr) {
    dnnl_inner_product_desc_t operation;
    dnnl_status_t s = dnnl_inner_product_backward_data_desc_init(&operation, src, weights, dst);
    return s ? s : dnnl_primitive_desc_create(pd, &operation, attr, engine, hint);
}

static dnnl_status_t gradient_desc(dnnl_primitive_desc_t *pd, dnnl_engine_t engine,
                                   description_ref src, description_ref weights,
                                   description_ref dst, dnnl_primitive_desc_t hint,
                                   dnnl_primitive_attr_t attr) {
    dnnl_inner_product_desc_t operation;
    dnnl_status_t s = dnnl_inner_product_backward_weights_desc_init(&operation, src, weights, NULL,
                                                                    dst);
    return s ? s : dnnl_primitive_desc_create(pd, &operation, attr, engine, hint);
}
#endif

#if defined(__x86_64__)
static int has_isa(unsigned isa) {
    if (strcmp(math_table()->name, "avx512") != 0) return 0;
    return ((unsigned)dnnl_get_effective_cpu_isa() & isa) == isa;
}

int dense_has_bf16(void) {
    return has_isa(dnnl_cpu_isa_avx512_core_bf16);
}

int dense_prefers_bf16(void) {
    return has_isa(dnnl_cpu_isa_avx512_core_amx);
}
#else
int dense_has_bf16(void) {
    return 0;
}

int dense_prefers_bf16(void) {
    return 0;
}
#endif

/* ---------------------------------------------------------------- operations */

/* A primitive that may run on several threads at once: its scratch memory is the caller's. */
typedef struct operation {
    dnnl_primitive_desc_t pd;
    dnnl_primitive_t primitive;
} operation;

typedef struct layer_products {
    size_t in, out;
    operation forward, backward;           // on MLP_SHARD_ROWS rows
    operation pack_forward, pack_backward; // weights, from float to what these take
    void *forward_weights, *backward_weights;
    operation gradient[2], unpack[2]; // on a whole tile and on the last, smaller one
    uint16_t *inputs;                 // (n_padded, in)
} layer_products;

struct dense_products {
    dnnl_engine_t engine;
    dnnl_primitive_attr_t attr;
    size_t n_layers, n_padded, capacity;
    int stale; // weights have changed since they were packed
    layer_products layers[MLP_MAX_LAYERS];
};

typedef enum operation_kind { FORWARD, BACKWARD, GRADIENT } operation_kind;

static void operation_free(operation *o) {
    if (o->primitive) dnnl_primitive_destroy(o->primitive);
    if (o->pd) dnnl_primitive_desc_destroy(o->pd);
    *o = (operation){0};
}

static description_ref query(const operation *o, dnnl_query_t what) {
    return dnnl_primitive_desc_query_md(o->pd, what, 0);
}

static dnnl_status_t inner_product_desc(const dense_products *d, operation_kind kind, size_t rows,
                                        size_t in, size_t out, dnnl_primitive_desc_t *pd) {
    dnnl_memory_desc_t src = {0}, weights = {0}, dst = {0}, sum_src = {0}, sum_weights = {0},
                       sum_dst = {0};
    dnnl_primitive_desc_t hint = NULL;
    dnnl_status_t s = describe(&src, rows, in, dnnl_bf16, dnnl_ab);
    if (!s) s = describe(&weights, out, in, dnnl_bf16, dnnl_format_tag_any);
    if (!s) s = describe(&dst, rows, out, dnnl_bf16, dnnl_ab);
    if (!s) s = describe(&sum_src, rows, in, dnnl_f32, dnnl_ab);
    if (!s) s = describe(&sum_weights, out, in, dnnl_f32, dnnl_format_tag_any);
    if (!s) s = describe(&sum_dst, rows, out, dnnl_f32, dnnl_ab);
    if (!s)
        s = forward_desc(kind == FORWARD ? pd : &hint, d->engine, ref(&src), ref(&weights),
                         ref(&sum_dst), d->attr);
    if (!s && kind == BACKWARD)
        s = backward_desc(pd, d->engine, ref(&sum_src), ref(&weights), ref(&dst), hint, d->attr);
    if (!s && kind == GRADIENT)
        s = gradient_desc(pd, d->engine, ref(&src), ref(&sum_weights), ref(&dst), hint, d->attr);
    if (hint) dnnl_primitive_desc_destroy(hint);
    undescribe(&src);
    undescribe(&weights);
    undescribe(&dst);
    undescribe(&sum_src);
    undescribe(&sum_weights);
    undescribe(&sum_dst);
    return s;
}

static lb_status inner_product_new(const dense_products *d, operation_kind kind, size_t rows,
                                   size_t in, size_t out, operation *o) {
    LB_TRY(onednn_check(inner_product_desc(d, kind, rows, in, out, &o->pd), "dense layer"));
    const char *implementation = "";
    dnnl_primitive_desc_query(o->pd, dnnl_query_impl_info_str, 0, &implementation);
    if (strncmp(implementation, "ref", 3) == 0) // plain loops, slower than float by far
        return status_fail(LB_E_UNSUPPORTED,
                           "dense layer: oneDNN has no bfloat16 kernel for %zu "
                           "to %zu units",
                           in, out);
    return onednn_check(dnnl_primitive_create(&o->primitive, o->pd), "dense layer");
}

/* Between plain float (rows, columns) and `other`. */
static lb_status reorder_new(const dense_products *d, size_t rows, size_t columns,
                             description_ref other, int from_plain, operation *o) {
    dnnl_memory_desc_t plain = {0};
    dnnl_status_t s = describe(&plain, rows, columns, dnnl_f32, dnnl_ab);
    if (!s)
        s = dnnl_reorder_primitive_desc_create(&o->pd, from_plain ? ref(&plain) : other, d->engine,
                                               from_plain ? other : ref(&plain), d->engine,
                                               d->attr);
    undescribe(&plain);
    if (!s) s = dnnl_primitive_create(&o->primitive, o->pd);
    return onednn_check(s, "weight layout");
}

/* An array bound to an argument whose shape the operation knows under `what`. */
typedef struct binding {
    int argument;
    dnnl_query_t what;
    void *data;
} binding;

enum { MAX_BINDINGS = 4 };

static dnnl_status_t execute(const dense_products *d, const operation *o, const binding *bindings,
                             size_t n) {
    dnnl_exec_arg_t arguments[MAX_BINDINGS] = {{0}};
    dnnl_stream_t stream = NULL;
    dnnl_status_t s = dnnl_stream_create(&stream, d->engine, dnnl_stream_default_flags);
    for (size_t i = 0; i < n && !s; i++) {
        arguments[i].arg = bindings[i].argument;
        s = dnnl_memory_create(&arguments[i].memory, query(o, bindings[i].what), d->engine,
                               bindings[i].data);
    }
    if (!s) s = dnnl_primitive_execute(o->primitive, stream, (int)n, arguments);
    if (!s) s = dnnl_stream_wait(stream);
    for (size_t i = 0; i < n; i++)
        if (arguments[i].memory) dnnl_memory_destroy(arguments[i].memory);
    if (stream) dnnl_stream_destroy(stream);
    return s;
}

/* Runs o with the three bindings and scratch memory. */
static lb_status run(const dense_products *d, const operation *o, binding a, binding b, binding c) {
    char *scratch;
    LB_TRY(NEW_ARRAY(scratch, dnnl_memory_desc_get_size(query(o, dnnl_query_scratchpad_md))));
    binding bindings[MAX_BINDINGS] = {
        {DNNL_ARG_SCRATCHPAD, dnnl_query_scratchpad_md, scratch}, a, b, c};
    int saved = onednn_enter();
    dnnl_status_t s = execute(d, o, bindings, c.data ? 4 : 3);
    onednn_leave(saved);
    free(scratch);
    return onednn_check(s, "dense layer");
}

static lb_status run_reorder(const dense_products *d, const operation *o, void *from, void *to) {
    return run(d, o, (binding){DNNL_ARG_FROM, dnnl_query_src_md, from},
               (binding){DNNL_ARG_TO, dnnl_query_dst_md, to}, (binding){0});
}

/* ---------------------------------------------------------------- life */

static lb_status layer_new(const dense_products *d, layer_products *l) {
    LB_TRY(inner_product_new(d, FORWARD, MLP_SHARD_ROWS, l->in, l->out, &l->forward));
    LB_TRY(inner_product_new(d, BACKWARD, MLP_SHARD_ROWS, l->in, l->out, &l->backward));
    description_ref forward = query(&l->forward, dnnl_query_weights_md);
    description_ref backward = query(&l->backward, dnnl_query_weights_md);
    LB_TRY(reorder_new(d, l->out, l->in, forward, 1, &l->pack_forward));
    LB_TRY(reorder_new(d, l->out, l->in, backward, 1, &l->pack_backward));
    l->forward_weights = memory_new(dnnl_memory_desc_get_size(forward), 1);
    l->backward_weights = memory_new(dnnl_memory_desc_get_size(backward), 1);
    return l->forward_weights && l->backward_weights ? LB_OK : LB_E_NOMEM;
}

static void free_gradient(layer_products *l) {
    for (size_t i = 0; i < 2; i++) {
        operation_free(&l->gradient[i]);
        operation_free(&l->unpack[i]);
    }
}

static lb_status build(dense_products *d, const size_t *sizes) {
    LB_TRY(onednn_check(dnnl_engine_create(&d->engine, dnnl_cpu, 0), "dense layer"));
    LB_TRY(onednn_check(dnnl_primitive_attr_create(&d->attr), "dense layer"));
    LB_TRY(onednn_check(dnnl_primitive_attr_set_scratchpad_mode(d->attr, dnnl_scratchpad_mode_user),
                        "dense layer"));
    for (size_t i = 0; i < d->n_layers; i++) {
        d->layers[i].in = sizes[i];
        d->layers[i].out = sizes[i + 1];
        LB_TRY(layer_new(d, &d->layers[i]));
    }
    return LB_OK;
}

lb_status dense_products_new(size_t n_layers, const size_t *sizes, dense_products **out) {
    dense_products *d;
    LB_TRY(NEW_ARRAY(d, 1));
    d->n_layers = n_layers;
    d->stale = 1;
    int saved = onednn_enter(); // primitives keep the number of threads they are made with
    lb_status status = build(d, sizes);
    onednn_leave(saved);
    if (status != LB_OK)
        dense_products_free(d);
    else
        *out = d;
    return status;
}

void dense_products_free(dense_products *d) {
    if (!d) return;
    for (size_t i = 0; i < d->n_layers; i++) {
        layer_products *l = &d->layers[i];
        operation_free(&l->forward);
        operation_free(&l->backward);
        operation_free(&l->pack_forward);
        operation_free(&l->pack_backward);
        free_gradient(l);
        free(l->forward_weights);
        free(l->backward_weights);
        free(l->inputs);
    }
    if (d->attr) dnnl_primitive_attr_destroy(d->attr);
    if (d->engine) dnnl_engine_destroy(d->engine);
    free(d);
}

void dense_products_changed(dense_products *d) {
    d->stale = 1;
}

/* ---------------------------------------------------------------- before a batch */

static lb_status make_gradient(const dense_products *d, layer_products *l, size_t n_padded) {
    size_t tiles[2] = {l->out < DENSE_TILE_ROWS ? 0 : DENSE_TILE_ROWS, l->out % DENSE_TILE_ROWS};
    free_gradient(l);
    for (size_t i = 0; i < 2; i++) {
        if (!tiles[i]) continue;
        LB_TRY(inner_product_new(d, GRADIENT, n_padded, l->in, tiles[i], &l->gradient[i]));
        LB_TRY(reorder_new(d, tiles[i], l->in, query(&l->gradient[i], dnnl_query_diff_weights_md),
                           0, &l->unpack[i]));
    }
    return LB_OK;
}

static lb_status resize(dense_products *d, size_t n_padded) {
    if (n_padded == d->n_padded) return LB_OK;
    d->n_padded = 0;
    if (n_padded > d->capacity) {
        d->capacity = 0;
        for (size_t i = 0; i < d->n_layers; i++) {
            free(d->layers[i].inputs);
            LB_TRY(NEW_ARRAY(d->layers[i].inputs, n_padded * d->layers[i].in));
        }
        d->capacity = n_padded;
    }
    int saved = onednn_enter();
    lb_status status = LB_OK;
    for (size_t i = 0; i < d->n_layers && status == LB_OK; i++)
        status = make_gradient(d, &d->layers[i], n_padded);
    onednn_leave(saved);
    if (status == LB_OK) d->n_padded = n_padded;
    return status;
}

typedef struct packing {
    dense_products *d;
    const mlp_layer *layers;
} packing;

static lb_status pack_weights(void *context, size_t item, size_t end, unsigned worker) {
    (void)end; // one matrix at a time
    (void)worker;
    const packing *p = context;
    layer_products *l = &p->d->layers[item / 2];
    float *w = p->layers[item / 2].w;
    if (item % 2) return run_reorder(p->d, &l->pack_forward, w, l->forward_weights);
    return run_reorder(p->d, &l->pack_backward, w, l->backward_weights);
}

lb_status dense_products_prepare(dense_products *d, job *j, const mlp_layer *layers, size_t n) {
    if (!n) return LB_OK;
    LB_TRY(resize(d, (n + MLP_SHARD_ROWS - 1) / MLP_SHARD_ROWS * MLP_SHARD_ROWS));
    if (!d->stale) return LB_OK;
    packing p = {d, layers};
    LB_TRY(math_run_range(j, 2 * d->n_layers, 1, pack_weights, &p));
    d->stale = 0;
    return LB_OK;
}

/* ---------------------------------------------------------------- products */

/* out (MLP_SHARD_ROWS, width) = x (rows, width) rounded; missing rows are zeros. */
static void round_rows(uint16_t *out, const float *x, size_t rows, size_t width) {
    math_table()->f32_to_bf16(out, x, rows * width);
    memset(out + rows * width, 0, (MLP_SHARD_ROWS - rows) * width * sizeof *out);
}

/* Runs o on a shard: its result goes to `to` (rows, width), or beside it if the shard is short. */
static lb_status run_shard(const dense_products *d, const operation *o, binding source,
                           binding weights, binding result, float *to, size_t rows, size_t width) {
    if (rows == MLP_SHARD_ROWS) {
        result.data = to;
        return run(d, o, source, weights, result);
    }
    float *beside;
    LB_TRY(NEW_ARRAY(beside, MLP_SHARD_ROWS * width));
    result.data = beside;
    lb_status status = run(d, o, source, weights, result);
    if (status == LB_OK) memcpy(to, beside, rows * width * sizeof *to);
    free(beside);
    return status;
}

lb_status dense_products_forward(dense_products *d, size_t layer, size_t begin, size_t rows,
                                 const float *x, float *z) {
    layer_products *l = &d->layers[layer];
    uint16_t *input = l->inputs + begin * l->in;
    round_rows(input, x, rows, l->in);
    return run_shard(d, &l->forward, (binding){DNNL_ARG_SRC, dnnl_query_src_md, input},
                     (binding){DNNL_ARG_WEIGHTS, dnnl_query_weights_md, l->forward_weights},
                     (binding){DNNL_ARG_DST, dnnl_query_dst_md, NULL}, z, rows, l->out);
}

lb_status dense_products_backward(dense_products *d, size_t layer, size_t rows, const float *dz,
                                  float *dx) {
    layer_products *l = &d->layers[layer];
    uint16_t *rounded; // (MLP_SHARD_ROWS, out)
    LB_TRY(NEW_ARRAY(rounded, MLP_SHARD_ROWS * l->out));
    round_rows(rounded, dz, rows, l->out);
    lb_status status = run_shard(
        d, &l->backward, (binding){DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, rounded},
        (binding){DNNL_ARG_WEIGHTS, dnnl_query_weights_md, l->backward_weights},
        (binding){DNNL_ARG_DIFF_SRC, dnnl_query_diff_src_md, NULL}, dx, rows, l->in);
    free(rounded);
    return status;
}

lb_status dense_products_gradient(dense_products *d, size_t layer, size_t n, size_t first,
                                  size_t tile, const float *dz, float *gw) {
    lb_status status;
    layer_products *l = &d->layers[layer];
    size_t which = tile == DENSE_TILE_ROWS ? 0 : 1;
    const operation *o = &l->gradient[which];
    uint16_t *rounded = NULL; // (n_padded, tile)
    char *packed = NULL;
    LB_TRY_CLEANUP(NEW_ARRAY(rounded, d->n_padded * tile));
    LB_TRY_CLEANUP(
        NEW_ARRAY(packed, dnnl_memory_desc_get_size(query(o, dnnl_query_diff_weights_md))));
    for (size_t i = 0; i < n; i++)
        math_table()->f32_to_bf16(rounded + i * tile, dz + i * l->out + first, tile);
    LB_TRY_CLEANUP(run(d, o, (binding){DNNL_ARG_SRC, dnnl_query_src_md, l->inputs},
                       (binding){DNNL_ARG_DIFF_DST, dnnl_query_diff_dst_md, rounded},
                       (binding){DNNL_ARG_DIFF_WEIGHTS, dnnl_query_diff_weights_md, packed}));
    status = run_reorder(d, &l->unpack[which], packed, gw);
cleanup:
    free(rounded);
    free(packed);
    return status;
}
