#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/gemm.h"
#include "math/mlp_internal.h"

static const char *const precision_names[] = {
    [DENSE_F32] = "f32", [DENSE_BF16] = "bf16", [DENSE_AUTO] = "auto"};

const char *dense_precision_name(dense_precision precision) {
    return precision_names[precision];
}

bool dense_precision_find(const char *name, dense_precision *out) {
    for (int p = DENSE_F32; p <= DENSE_AUTO; p++) {
        if (strcmp(name, precision_names[p]) != 0) continue;
        *out = (dense_precision)p;
        return true;
    }
    return false;
}

void mlp_options_init(mlp_options *options) {
    memset(options, 0, sizeof *options);
}

static lb_status check_options(const mlp_options *o) {
    if (o->n_layers < 1 || o->n_layers > MLP_MAX_LAYERS)
        return status_fail(LB_E_ARGUMENT, "network: %zu layers; 1 to %d are possible", o->n_layers,
                           MLP_MAX_LAYERS);
    for (size_t i = 0; i <= o->n_layers; i++)
        if (o->sizes[i] < 1 || o->sizes[i] > 1u << 24)
            return status_fail(LB_E_ARGUMENT, "network: layer %zu is %zu wide", i, o->sizes[i]);
    if (!(o->dropout >= 0 && o->dropout < 1))
        return status_fail(LB_E_ARGUMENT, "network: dropout %g is not in [0, 1)",
                           (double)o->dropout);
    return LB_OK;
}

static lb_status new_layer(mlp_layer *l, size_t in, size_t out) {
    *l = (mlp_layer){.in = in, .out = out};
    LB_TRY(NEW_ARRAY(l->w, in * out));
    LB_TRY(NEW_ARRAY(l->gw, in * out));
    LB_TRY(NEW_ARRAY(l->mw, in * out));
    LB_TRY(NEW_ARRAY(l->vw, in * out));
    LB_TRY(NEW_ARRAY(l->b, out));
    LB_TRY(NEW_ARRAY(l->gb, out));
    LB_TRY(NEW_ARRAY(l->mb, out));
    return NEW_ARRAY(l->vb, out);
}

static void free_layer(mlp_layer *l) {
    free(l->w);
    free(l->gw);
    free(l->mw);
    free(l->vw);
    free(l->b);
    free(l->gb);
    free(l->mb);
    free(l->vb);
}

static void draw_weights(mlp_layer *l, mlp_start start, uint64_t seed, size_t number) {
    random_stream r = random_open(seed, "mlp", number);
    double bound = sqrt(6.0 / (double)(l->in + l->out)), spread = sqrt(2.0 / (double)l->in);
    for (size_t i = 0; i < l->in * l->out; i++)
        l->w[i] = (float)(start == MLP_HE ? spread * random_normal(&r)
                                          : bound * (2 * random_unit(&r) - 1));
}

static lb_status build(mlp *m, const mlp_options *o) {
    for (size_t i = 0; i < m->n_layers; i++) {
        LB_TRY(new_layer(&m->layers[i], o->sizes[i], o->sizes[i + 1]));
        draw_weights(&m->layers[i], o->start, o->seed, i);
    }
    if (m->precision != DENSE_BF16) return LB_OK;
    lb_status status = dense_products_new(m->n_layers, m->sizes, &m->products);
    if (status != LB_E_UNSUPPORTED || o->precision != DENSE_AUTO) return status;
    m->precision = DENSE_F32; // oneDNN lacks a kernel for a shape: do without
    return LB_OK;
}

lb_status mlp_new(const mlp_options *options, mlp **out) {
    LB_TRY(check_options(options));
    if (options->precision == DENSE_BF16 && !dense_has_bf16())
        return status_fail(LB_E_UNSUPPORTED, "network: this CPU, or the instruction set chosen, "
                                             "has no bfloat16 products; use f32");
    mlp *m;
    LB_TRY(NEW_ARRAY(m, 1));
    m->n_layers = options->n_layers;
    m->output_relu = options->output_relu;
    m->dropout = options->dropout;
    m->seed = options->seed;
    m->precision = options->precision;
    if (m->precision == DENSE_AUTO) m->precision = dense_prefers_bf16() ? DENSE_BF16 : DENSE_F32;
    for (size_t i = 0; i <= m->n_layers; i++) {
        m->sizes[i] = options->sizes[i];
        if (m->sizes[i] > m->widest) m->widest = m->sizes[i];
    }
    lb_status status = build(m, options);
    if (status != LB_OK) {
        mlp_free(m);
        return status;
    }
    *out = m;
    return LB_OK;
}

void mlp_free(mlp *m) {
    if (!m) return;
    for (size_t i = 0; i < m->n_layers; i++) {
        free_layer(&m->layers[i]);
        free(m->outputs[i]);
        free(m->deltas[i]);
    }
    dense_products_free(m->products);
    free(m);
}

size_t mlp_n_layers(const mlp *m) {
    return m->n_layers;
}

mlp_layer mlp_layer_at(const mlp *m, size_t layer) {
    return m->layers[layer];
}

uint64_t mlp_steps(const mlp *m) {
    return m->steps;
}

void mlp_set_steps(mlp *m, uint64_t steps) {
    m->steps = steps;
}

void mlp_changed(mlp *m) {
    if (m->products) dense_products_changed(m->products);
}

dense_precision mlp_precision(const mlp *m) {
    return m->precision;
}

void mlp_set_precision(mlp *m, dense_precision trained_in) {
    m->precision = trained_in;
}

void mlp_export(const mlp *m, size_t layer, float *w, float *b) {
    const mlp_layer *l = &m->layers[layer];
    memcpy(w, l->w, l->in * l->out * sizeof *w);
    memcpy(b, l->b, l->out * sizeof *b);
}

void mlp_import(mlp *m, size_t layer, const float *w, const float *b) {
    mlp_layer *l = &m->layers[layer];
    memcpy(l->w, w, l->in * l->out * sizeof *w);
    memcpy(l->b, b, l->out * sizeof *b);
    mlp_changed(m);
}

void mlp_activate(float *z, size_t rows, size_t out, const float *b, int relu) {
    for (size_t i = 0; i < rows; i++, z += out)
        if (relu)
            for (size_t c = 0; c < out; c++) {
                float value = z[c] + b[c];
                z[c] = value > 0 || value != value ? value : 0; // a NaN must show
            }
        else
            for (size_t c = 0; c < out; c++) z[c] += b[c];
}

/* ---------------------------------------------------------------- prediction */

typedef struct prediction {
    const mlp *m;
    const float *x;
    float *y;
} prediction;

static lb_status predict_rows(const prediction *p, size_t begin, size_t rows, float *scratch) {
    const mlp *m = p->m;
    const float *input = p->x + begin * m->sizes[0];
    for (size_t i = 0; i < m->n_layers; i++) {
        const mlp_layer *l = &m->layers[i];
        int last = i + 1 == m->n_layers;
        float *output = last ? p->y + begin * l->out : scratch + i % 2 * MLP_SHARD_ROWS * m->widest;
        LB_TRY(matrix_multiply(0, 1, rows, l->out, l->in, 1.0f, input, l->in, l->w, l->in, 0.0f,
                               output, l->out));
        mlp_activate(output, rows, l->out, l->b, !last || m->output_relu);
        input = output;
    }
    return LB_OK;
}

static lb_status predict_shard(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const prediction *p = context;
    float *scratch; // (2, MLP_SHARD_ROWS, widest)
    LB_TRY(NEW_ARRAY(scratch, 2 * (size_t)MLP_SHARD_ROWS * p->m->widest));
    lb_status status = predict_rows(p, begin, end - begin, scratch);
    free(scratch);
    return status;
}

lb_status mlp_predict(const mlp *m, job *j, const float *x, size_t n, float *y) {
    prediction p = {m, x, y};
    return math_run_range(j, n, MLP_SHARD_ROWS, predict_shard, &p);
}
