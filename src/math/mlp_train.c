#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/gemm.h"
#include "math/mlp_internal.h"
#include "math/vector.h"

/* ---------------------------------------------------------------- forward */

static lb_status reserve(mlp *m, size_t n) {
    if (n <= m->capacity) return LB_OK;
    m->capacity = 0;
    for (size_t i = 0; i < m->n_layers; i++) {
        free(m->outputs[i]);
        free(m->deltas[i]);
        m->outputs[i] = m->deltas[i] = NULL;
    }
    for (size_t i = 0; i < m->n_layers; i++) {
        LB_TRY(NEW_ARRAY(m->outputs[i], n * m->layers[i].out));
        LB_TRY(NEW_ARRAY(m->deltas[i], n * m->layers[i].out));
    }
    m->capacity = n;
    return LB_OK;
}

static const float *input_of(const mlp *m, size_t layer) {
    return layer ? m->outputs[layer - 1] : m->x;
}

/* Zeroes units with probability p and scales the others, so that the mean stays. */
static void drop_units(float *a, size_t n, float p, random_stream *r) {
    uint32_t threshold = (uint32_t)(p * 0x1p32f);
    float keep = 1.0f / (1.0f - p);
    for (size_t i = 0; i < n; i += 2) {
        uint64_t bits = random_u64(r);
        a[i] = (uint32_t)bits < threshold ? 0 : a[i] * keep;
        if (i + 1 < n) a[i + 1] = (uint32_t)(bits >> 32) < threshold ? 0 : a[i + 1] * keep;
    }
}

typedef struct pass {
    mlp *m;
    uint64_t step;
    const float *dy;
    float *dx;
} pass;

static lb_status forward_product(mlp *m, size_t layer, size_t begin, size_t rows) {
    const mlp_layer *l = &m->layers[layer];
    const float *x = input_of(m, layer) + begin * l->in;
    float *z = m->outputs[layer] + begin * l->out;
    if (m->products) return dense_products_forward(m->products, layer, begin, rows, x, z);
    return matrix_multiply(0, 1, rows, l->out, l->in, 1.0f, x, l->in, l->w, l->in, 0.0f, z, l->out);
}

static lb_status forward_shard(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const pass *p = context;
    mlp *m = p->m;
    random_stream step = random_open(m->seed, "dropout", p->step);
    for (size_t i = 0; i < m->n_layers; i++) {
        size_t out = m->layers[i].out, rows = end - begin;
        int hidden = i + 1 < m->n_layers;
        float *a = m->outputs[i] + begin * out;
        LB_TRY(forward_product(m, i, begin, rows));
        mlp_activate(a, rows, out, m->layers[i].b, hidden || m->output_relu);
        if (hidden && m->dropout > 0) {
            random_stream r = random_split(&step, (uint64_t)i << 48 | begin / MLP_SHARD_ROWS);
            drop_units(a, rows * out, m->dropout, &r);
        }
    }
    return LB_OK;
}

lb_status mlp_forward(mlp *m, job *j, const float *x, size_t n, uint64_t step, const float **y) {
    LB_TRY(reserve(m, n));
    m->x = x;
    m->n = n;
    if (m->products) LB_TRY(dense_products_prepare(m->products, j, m->layers, n));
    pass p = {m, step, NULL, NULL};
    LB_TRY(math_run_range(j, n, MLP_SHARD_ROWS, forward_shard, &p));
    *y = m->outputs[m->n_layers - 1];
    return LB_OK;
}

/* ---------------------------------------------------------------- backward */

/* d (n) times the slope of ReLU and dropout, which the output a tells: a unit that was cut off or
 * dropped is zero. */
static void mask(float *d, const float *a, size_t n, float keep) {
    for (size_t i = 0; i < n; i++) d[i] = a[i] > 0 ? d[i] * keep : 0;
}

/* dx (rows, in) = delta W */
static lb_status backward_product(mlp *m, size_t layer, size_t begin, size_t rows, float *dx) {
    const mlp_layer *l = &m->layers[layer];
    const float *d = m->deltas[layer] + begin * l->out;
    if (m->products) return dense_products_backward(m->products, layer, rows, d, dx);
    return matrix_multiply(0, 0, rows, l->in, l->out, 1.0f, d, l->out, l->w, l->in, 0.0f, dx,
                           l->in);
}

static lb_status backward_shard(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const pass *p = context;
    mlp *m = p->m;
    size_t rows = end - begin, last = m->n_layers - 1, out = m->layers[last].out;
    float keep = 1.0f / (1.0f - m->dropout);
    memcpy(m->deltas[last] + begin * out, p->dy + begin * out, rows * out * sizeof(float));
    if (m->output_relu)
        mask(m->deltas[last] + begin * out, m->outputs[last] + begin * out, rows * out, 1.0f);
    for (size_t i = last; i > 0; i--) {
        size_t in = m->layers[i].in;
        float *d = m->deltas[i - 1] + begin * in;
        LB_TRY(backward_product(m, i, begin, rows, d));
        mask(d, m->outputs[i - 1] + begin * in, rows * in, keep);
    }
    return p->dx ? backward_product(m, 0, begin, rows, p->dx + begin * m->sizes[0]) : LB_OK;
}

/* Rows first..first+rows-1 of a layer's gradients: a sum over the whole batch. */
static lb_status gradient_tile(mlp *m, size_t layer, size_t first, size_t rows) {
    mlp_layer *l = &m->layers[layer];
    const float *x = input_of(m, layer), *d = m->deltas[layer] + first;
    float *gw = l->gw + first * l->in, *gb = l->gb + first;
    memset(gb, 0, rows * sizeof *gb);
    for (size_t i = 0; i < m->n; i++) vec_add(gb, d + i * l->out, rows);
    if (m->products)
        return dense_products_gradient(m->products, layer, m->n, first, rows, m->deltas[layer], gw);
    return matrix_multiply(1, 0, rows, l->in, m->n, 1.0f, d, l->out, x, l->in, 0.0f, gw, l->in);
}

static lb_status gradient_item(void *context, size_t item, size_t end, unsigned worker) {
    (void)end; // one tile at a time
    (void)worker;
    const pass *p = context;
    size_t layer = p->m->n_layers; // the last layers are often the largest: first
    for (;;) {
        size_t out = p->m->layers[--layer].out;
        size_t tiles = (out + DENSE_TILE_ROWS - 1) / DENSE_TILE_ROWS;
        if (item < tiles) {
            size_t first = item * DENSE_TILE_ROWS, rest = out - first;
            return gradient_tile(p->m, layer, first,
                                 rest < DENSE_TILE_ROWS ? rest : DENSE_TILE_ROWS);
        }
        item -= tiles;
    }
}

lb_status mlp_backward_inputs(mlp *m, job *j, const float *dy, float *dx) {
    pass p = {m, 0, dy, dx};
    return math_run_range(j, m->n, MLP_SHARD_ROWS, backward_shard, &p);
}

lb_status mlp_backward(mlp *m, job *j, const float *dy, float *dx) {
    pass p = {m, 0, dy, dx};
    LB_TRY(mlp_backward_inputs(m, j, dy, dx));
    size_t tiles = 0;
    for (size_t i = 0; i < m->n_layers; i++)
        tiles += (m->layers[i].out + DENSE_TILE_ROWS - 1) / DENSE_TILE_ROWS;
    return math_run_range(j, tiles, 1, gradient_item, &p);
}

lb_status mlp_update(mlp *m, job *j, const adam_options *options) {
    uint64_t t = ++m->steps;
    for (size_t i = 0; i < m->n_layers; i++) {
        mlp_layer *l = &m->layers[i];
        LB_TRY(adam_step(j, options, t, l->w, l->gw, l->mw, l->vw, l->in * l->out));
        LB_TRY(adam_step(j, options, t, l->b, l->gb, l->mb, l->vb, l->out));
    }
    mlp_changed(m);
    return LB_OK;
}

/* ---------------------------------------------------------------- loss */

typedef struct loss_pass {
    const float *y, *target, *weights;
    size_t dim;
    double scale;
    float *dy;
    double *row_losses; // (n)
} loss_pass;

static lb_status loss_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const loss_pass *p = context;
    for (size_t i = begin; i < end; i++) {
        double weight = p->scale * (p->weights ? (double)p->weights[i] : 1.0), sum = 0;
        const float *y = p->y + i * p->dim, *target = p->target + i * p->dim;
        float slope = (float)(2 * weight);
        for (size_t c = 0; c < p->dim; c++) {
            float difference = y[c] - target[c];
            sum += (double)difference * (double)difference;
            if (p->dy) p->dy[i * p->dim + c] = slope * difference;
        }
        p->row_losses[i] = weight * sum;
    }
    return LB_OK;
}

lb_status mse_loss(job *j, const float *y, const float *target, size_t n, size_t dim,
                   const float *weights, double scale, float *dy, double *loss) {
    loss_pass p = {y, target, weights, dim, scale, dy, NULL};
    LB_TRY(NEW_ARRAY(p.row_losses, n));
    lb_status status = math_run_range(j, n, 16, loss_rows, &p);
    if (status == LB_OK) {
        *loss = 0;
        for (size_t i = 0; i < n; i++) *loss += p.row_losses[i];
    }
    free(p.row_losses);
    return status;
}
