/* The loss of whisper's net and its gradients. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/vector.h"
#include "model/whisper_net_impl.h"

enum { GRAIN = 16 };

/* One batch on its way through the net. */
typedef struct passage {
    const whisper_net *net;
    const whisper_batch *batch;
    size_t dim, n_items, most;
    float *x, *z, *length;                 // (n_items, item_width), (n_items, dim), (n_items)
    float *r, *dr;                         // (n, request_width)
    float *t, *rho;                        // (n, dim), (n)
    const float *q, *key;                  // of the layers
    float *weight, *h, *pair, *triple;     // (n, most), (n, dim), (n, 2 dim), (n, 3 dim)
    float *gate, *s, *clip;                // (n, dim), (n, dim), (n)
    const float *m;                        // (n, dim)
    float *ds, *dz, *dt, *dgate, *dm, *dh; // gradients
    float *dpair, *dtriple, *dq, *dkey;
} passage;

static lb_status passage_new(const whisper_net *net, const whisper_batch *b, passage *p) {
    size_t n = b->n, d = net->dim;
    *p = (passage){.net = net, .batch = b, .dim = d, .most = b->most_history};
    p->n_items = n * (1 + b->negatives);
    struct {
        float **array;
        size_t size;
    } rooms[] = {
        {&p->x, p->n_items * net->item_width},
        {&p->r, n * net->request_width},
        {&p->dr, n * net->request_width},
        {&p->z, p->n_items * d},
        {&p->length, p->n_items},
        {&p->t, n * d},
        {&p->rho, n},
        {&p->weight, n * p->most},
        {&p->h, n * d},
        {&p->pair, 2 * n * d},
        {&p->triple, 3 * n * d},
        {&p->gate, n * d},
        {&p->s, n * d},
        {&p->clip, n},
        {&p->ds, n * d},
        {&p->dz, p->n_items * d},
        {&p->dt, n * d},
        {&p->dgate, n * d},
        {&p->dm, n * d},
        {&p->dh, n * d},
        {&p->dpair, 2 * n * d},
        {&p->dtriple, 3 * n * d},
        {&p->dq, n * d},
        {&p->dkey, n * p->most * d},
    };
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++)
        LB_TRY(NEW_ARRAY(*rooms[i].array, rooms[i].size));
    return LB_OK;
}

static void passage_free(passage *p) {
    float *const rooms[] = {p->r,   p->dr,     p->x,  p->z,    p->length, p->t,
                            p->rho, p->weight, p->h,  p->pair, p->triple, p->gate,
                            p->s,   p->clip,   p->ds, p->dz,   p->dt,     p->dgate,
                            p->dm,  p->dh,     p->dq, p->dkey, p->dpair,  p->dtriple};
    for (size_t i = 0; i < sizeof rooms / sizeof *rooms; i++) free(rooms[i]);
}

static bool is_personal(const passage *p, size_t i) {
    return !p->net->impersonal && p->batch->n_history[i] > 0;
}

/* ---- forward */

static lb_status forward_items(whisper_net *net, job *j, passage *p) {
    const whisper_batch *b = p->batch;
    const float *first, *more;
    size_t width = net->item_width, d = p->dim;
    for (size_t i = 0; i < p->n_items; i++)
        whisper_net_fill(net, b->x + i * width, b->present[i], p->x + i * width);
    LB_TRY(mlp_forward(net->item, j, p->x, p->n_items, 0, &first));
    LB_TRY(mlp_forward(net->more, j, p->x, p->n_items, 0, &more));
    for (size_t i = 0; i < p->n_items; i++) {
        float *z = p->z + i * d;
        memcpy(z, first + i * d, d * sizeof *z);
        vec_add(z, more + i * d, d);
        p->length[i] = vec_normalise(z, d);
    }
    return LB_OK;
}

static lb_status attend(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    passage *p = context;
    const whisper_batch *b = p->batch;
    size_t d = p->dim, most = p->most;
    for (size_t i = begin; i < end; i++) {
        if (is_personal(p, i))
            whisper_net_attend(p->q + i * d, p->key + i * most * d, b->history + i * most * d,
                               b->n_history[i], d, p->weight + i * most, p->h + i * d);
        whisper_net_join(p->h + i * d, p->t + i * d, d, p->pair + 2 * i * d, p->triple + 3 * i * d);
    }
    return LB_OK;
}

static lb_status forward_person(whisper_net *net, job *j, passage *p) {
    const whisper_batch *b = p->batch;
    const float *gate;
    size_t n = b->n, d = p->dim;
    LB_TRY(mlp_forward(net->query, j, p->t, n, 0, &p->q));
    LB_TRY(mlp_forward(net->key, j, b->history, n * p->most, 0, &p->key));
    LB_TRY(math_run_range(j, n, GRAIN, attend, p));
    LB_TRY(mlp_forward(net->gate, j, p->pair, n, 0, &gate));
    LB_TRY(mlp_forward(net->fuse, j, p->triple, n, 0, &p->m));
    memcpy(p->gate, gate, n * d * sizeof *gate);
    return LB_OK;
}

/* r with its gains. */
static void scale_requests(const whisper_net *net, passage *p) {
    size_t width = net->request_width;
    for (size_t i = 0; i < p->batch->n; i++)
        for (uint32_t k = 0; k < net->layout.n_requests; k++)
            for (uint32_t d = net->layout.request_start[k]; d < net->layout.request_start[k + 1];
                 d++)
                p->r[i * width + d] = net->request_gain[k] * p->batch->r[i * width + d];
}

static lb_status forward_requests(whisper_net *net, job *j, passage *p) {
    const float *v;
    size_t n = p->batch->n, d = p->dim;
    double e = (double)net->softness;
    scale_requests(net, p);
    LB_TRY(mlp_forward(net->text, j, p->r, n, 0, &v));
    memcpy(p->t, v, n * d * sizeof *v);
    for (size_t i = 0; i < n; i++) {
        float *t = p->t + i * d;
        p->rho[i] = (float)sqrt(vec_dot_wide(t, t, d) + e * e);
        whisper_net_soften(net, t);
    }
    if (net->impersonal)
        p->m = p->dm; // zeros, not looked at
    else
        LB_TRY(forward_person(net, j, p));
    for (size_t i = 0; i < n; i++) {
        float *s = p->s + i * d;
        double squares = 0;
        for (size_t k = 0; k < d && is_personal(p, i); k++) {
            double gate = 1 / (1 + exp(-(double)p->gate[i * d + k]));
            double u = (double)p->t[i * d + k] + gate * (double)p->m[i * d + k];
            squares += u * u;
        }
        p->clip[i] = (float)fmax(1, sqrt(squares));
        whisper_net_combine(p->t + i * d, p->gate + i * d, p->m + i * d, d, is_personal(p, i), s);
    }
    return LB_OK;
}

/* ---- backward */

/* out = (g - y (y . g)) / length: the gradient through y = v / sqrt(|v|^2 + ..). */
static void through_length(const float *y, const float *g, double length, size_t d, float *out) {
    double along = vec_dot_wide(y, g, d);
    for (size_t k = 0; k < d; k++)
        out[k] = length > 0 ? (float)(((double)g[k] - (double)y[k] * along) / length) : 0;
}

static lb_status backward_items(whisper_net *net, job *j, passage *p) {
    size_t width = net->item_width, d = p->dim;
    float *dx = NULL, *more = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(dx, p->n_items * width));
    LB_TRY_CLEANUP(NEW_ARRAY(more, p->n_items * width));
    for (size_t i = 0; i < p->n_items; i++)
        through_length(p->z + i * d, p->dz + i * d, (double)p->length[i], d, p->dz + i * d);
    LB_TRY_CLEANUP(mlp_backward(net->item, j, p->dz, dx));
    LB_TRY_CLEANUP(mlp_backward(net->more, j, p->dz, more));
    vec_add(dx, more, p->n_items * width);
    memset(net->mask_gradient, 0, width * sizeof *dx);
    memset(net->item_gain_gradient, 0, sizeof net->item_gain_gradient);
    for (size_t i = 0; i < p->n_items; i++)
        for (uint32_t k = 0; k < net->layout.n_items; k++) {
            uint32_t from = net->layout.item_start[k], n = net->layout.item_start[k + 1] - from;
            bool there = p->batch->present[i] & 1 << k;
            const float *x = there ? p->batch->x + i * width : net->mask,
                        *g = dx + i * width + from;
            net->item_gain_gradient[k] += (float)vec_dot_wide(g, x + from, n);
            if (!there) vec_axpy(net->mask_gradient + from, net->item_gain[k], g, n);
        }
cleanup:
    free(dx);
    free(more);
    return status;
}

/* From dh: dq and dkey. */
static lb_status attend_backward(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    passage *p = context;
    size_t d = p->dim, most = p->most;
    double root = sqrt((double)d);
    for (size_t i = begin; i < end; i++) {
        const float *history = p->batch->history + i * most * d, *dh = p->dh + i * d;
        const float *weight = p->weight + i * most;
        double mean = 0;
        if (!is_personal(p, i)) continue;
        for (size_t k = 0; k < p->batch->n_history[i]; k++)
            mean += (double)weight[k] * vec_dot_wide(dh, history + k * d, d);
        for (size_t k = 0; k < p->batch->n_history[i]; k++) {
            size_t row = i * most + k;
            double g = (double)weight[k] * (vec_dot_wide(dh, history + k * d, d) - mean) / root;
            vec_axpy(p->dq + i * d, (float)g, p->key + row * d, d);
            vec_axpy(p->dkey + row * d, (float)g, p->q + i * d, d);
        }
    }
    return LB_OK;
}

/* From du in dt: the gradients of gate and m. */
static void split_fusion(passage *p) {
    for (size_t i = 0; i < p->batch->n; i++)
        for (size_t k = i * p->dim; k < (i + 1) * p->dim; k++) {
            float g = p->gate[k], du = is_personal(p, i) ? p->dt[k] : 0;
            p->dgate[k] = du * p->m[k] * g * (1 - g);
            p->dm[k] = du * g;
        }
}

/* Adds what comes through [h; t] and [h; t; h * t] to dh and dt. */
static void join_fusion(passage *p) {
    size_t d = p->dim;
    for (size_t i = 0; i < p->batch->n; i++) {
        const float *pair = p->dpair + 2 * i * d, *triple = p->dtriple + 3 * i * d;
        for (size_t k = 0; k < d; k++) {
            p->dh[i * d + k] = pair[k] + triple[k] + triple[2 * d + k] * p->t[i * d + k];
            p->dt[i * d + k] += pair[d + k] + triple[d + k] + triple[2 * d + k] * p->h[i * d + k];
        }
    }
}

static lb_status backward_person(whisper_net *net, job *j, passage *p) {
    split_fusion(p);
    LB_TRY(mlp_backward(net->gate, j, p->dgate, p->dpair));
    LB_TRY(mlp_backward(net->fuse, j, p->dm, p->dtriple));
    join_fusion(p);
    LB_TRY(math_run_range(j, p->batch->n, GRAIN, attend_backward, p));
    LB_TRY(mlp_backward(net->key, j, p->dkey, NULL));
    LB_TRY(mlp_backward(net->query, j, p->dq, p->ds)); // ds is not needed any more
    vec_add(p->dt, p->ds, p->batch->n * p->dim);
    return LB_OK;
}

static lb_status backward_requests(whisper_net *net, job *j, passage *p) {
    size_t n = p->batch->n, d = p->dim;
    for (size_t i = 0; i < n; i++) {
        if (p->clip[i] > 1)
            through_length(p->s + i * d, p->ds + i * d, (double)p->clip[i], d, p->dt + i * d);
        else
            memcpy(p->dt + i * d, p->ds + i * d, d * sizeof *p->dt);
    }
    if (!net->impersonal) LB_TRY(backward_person(net, j, p));
    for (size_t i = 0; i < n; i++)
        through_length(p->t + i * d, p->dt + i * d, (double)p->rho[i], d, p->dt + i * d);
    LB_TRY(mlp_backward(net->text, j, p->dt, p->dr));
    memset(net->request_gain_gradient, 0, sizeof net->request_gain_gradient);
    for (size_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < net->layout.n_requests; k++) {
            const uint32_t *start = net->layout.request_start;
            size_t from = i * net->request_width + start[k];
            net->request_gain_gradient[k] += (float)vec_dot_wide(p->dr + from, p->batch->r + from,
                                                                 start[k + 1] - start[k]);
        }
    return LB_OK;
}

lb_status whisper_net_learn(whisper_net *net, job *j, const whisper_batch *batch, double *loss) {
    passage p;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(passage_new(net, batch, &p));
    LB_TRY_CLEANUP(forward_items(net, j, &p));
    LB_TRY_CLEANUP(forward_requests(net, j, &p));
    LB_TRY_CLEANUP(
        whisper_loss(batch, net->number, p.s, p.z, p.dim, p.ds, p.dz, net->number_gradient, loss));
    LB_TRY_CLEANUP(backward_items(net, j, &p));
    LB_TRY_CLEANUP(backward_requests(net, j, &p));
cleanup:
    passage_free(&p);
    return status;
}
