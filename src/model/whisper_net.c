/* The layers of whisper: making, parameters, updating, prediction. */
#include "model/whisper_net.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/linalg.h"
#include "math/vector.h"
#include "model/whisper_net_impl.h"

/* ---- making */

static lb_status new_layer(mlp **out, uint64_t seed, size_t n_layers, const size_t *sizes) {
    mlp_options o;
    mlp_options_init(&o);
    o.n_layers = n_layers;
    o.sizes = sizes;
    o.seed = seed;
    return mlp_new(&o, out);
}

static void set_last_zero(mlp *m) {
    mlp_layer l = mlp_layer_at(m, mlp_n_layers(m) - 1);
    memset(l.w, 0, l.in * l.out * sizeof *l.w);
    mlp_changed(m);
}

uint32_t whisper_layout_span(const whisper_layout *l) {
    uint32_t span = 0;
    for (uint32_t k = 0; k < l->n_items; k++)
        if (l->item_like[k] == k) span += l->item_start[k + 1] - l->item_start[k];
    return span;
}

static bool fits(const whisper_net *net) {
    const whisper_layout *l = &net->layout;
    bool good = l->item_start[l->n_items] == net->item_width && net->item_width &&
                l->request_start[l->n_requests] == net->request_width && net->request_width;
    for (uint32_t k = 0; k < l->n_items && good; k++) {
        uint32_t like = l->item_like[k];
        good = like <= k && l->item_like[like] == like &&
               l->item_start[k + 1] - l->item_start[k] ==
                   l->item_start[like + 1] - l->item_start[like];
    }
    for (uint32_t k = 0; k < l->n_requests && good; k++) {
        uint32_t like = l->request_like[k];
        good = like < l->n_items && l->request_start[k + 1] - l->request_start[k] ==
                                        l->item_start[like + 1] - l->item_start[like];
    }
    return good;
}

/* Columns [to, to + n) of a layer become rows [from, from + n) of the projection a (.., dim). */
static void put_columns(mlp_layer *l, size_t to, const double *a, size_t from, size_t n) {
    for (size_t d = 0; d < l->out; d++)
        for (size_t k = 0; k < n; k++) l->w[d * l->in + to + k] = (float)a[(from + k) * l->out + d];
}

/* `item` starts as a random projection with orthonormal rows, if it makes x no longer, with blocks
 * of one space projected alike; and `text` as the same. */
static lb_status project(whisper_net *net, uint64_t seed) {
    const whisper_layout *l = &net->layout;
    size_t span = whisper_layout_span(l), dim = net->dim, at[WHISPER_NET_BLOCKS], used = 0;
    mlp_layer item = mlp_layer_at(net->item, 0), text = mlp_layer_at(net->text, 0);
    double *a;
    LB_TRY(NEW_ARRAY(a, span * dim));
    random_stream r = random_open(seed, "whisper projection", 0);
    for (size_t i = 0; i < span * dim; i++) a[i] = random_normal(&r) / sqrt((double)span);
    lb_status status = dim <= span ? orthonormalise(NULL, a, span, dim) : LB_OK;
    for (uint32_t k = 0; k < l->n_items; k++) {
        size_t width = l->item_start[k + 1] - l->item_start[k];
        bool own = l->item_like[k] == k;
        at[k] = own ? used : at[l->item_like[k]];
        if (own) used += width;
        put_columns(&item, l->item_start[k], a, at[k], width);
    }
    for (uint32_t k = 0; k < l->n_requests; k++)
        put_columns(&text, l->request_start[k], a, at[l->request_like[k]],
                    l->request_start[k + 1] - l->request_start[k]);
    mlp_changed(net->item);
    mlp_changed(net->text);
    free(a);
    return status;
}

static lb_status new_layers(whisper_net *net, uint64_t seed) {
    size_t d = net->dim, in = net->item_width, h = net->hidden;
    LB_TRY(new_layer(&net->text, seed, 1, (size_t[]){net->request_width, d}));
    LB_TRY(new_layer(&net->item, seed + 1, 1, (size_t[]){in, d}));
    LB_TRY(new_layer(&net->more, seed + 2, 2, (size_t[]){in, h, d}));
    LB_TRY(new_layer(&net->query, seed + 3, 1, (size_t[]){d, d}));
    LB_TRY(new_layer(&net->key, seed + 4, 1, (size_t[]){d, d}));
    LB_TRY(new_layer(&net->gate, seed + 5, 1, (size_t[]){2 * d, d}));
    LB_TRY(new_layer(&net->fuse, seed + 6, 2, (size_t[]){3 * d, h, d}));
    LB_TRY(NEW_ARRAY(net->mask, in));
    LB_TRY(NEW_ARRAY(net->mask_gradient, in));
    LB_TRY(NEW_ARRAY(net->moment, in + WHISPER_NUMBERS + 2 * WHISPER_NET_BLOCKS));
    return NEW_ARRAY(net->spread, in + WHISPER_NUMBERS + 2 * WHISPER_NET_BLOCKS);
}

lb_status whisper_net_new(whisper_net *net, uint64_t seed) {
    if (!fits(net))
        return status_fail(LB_E_ARGUMENT, "items of %u values do not go with requests of %u",
                           net->item_width, net->request_width);
    net->number[WHISPER_LOG_SCALE] = logf(1 / 0.07f); // as CLIP starts
    net->number[WHISPER_FACTOR] = net->number[WHISPER_TRUST] = 1;
    for (int k = 0; k < WHISPER_NET_BLOCKS; k++) net->item_gain[k] = net->request_gain[k] = 1;
    lb_status status = new_layers(net, seed);
    if (status == LB_OK) status = project(net, seed);
    if (status != LB_OK) {
        whisper_net_free(net);
        return status;
    }
    set_last_zero(net->more);
    set_last_zero(net->fuse);
    return LB_OK;
}

void whisper_net_free(whisper_net *net) {
    mlp_free(net->text);
    mlp_free(net->item);
    mlp_free(net->more);
    mlp_free(net->query);
    mlp_free(net->key);
    mlp_free(net->gate);
    mlp_free(net->fuse);
    free(net->mask);
    free(net->mask_gradient);
    free(net->moment);
    free(net->spread);
    *net = (whisper_net){0};
}

/* ---- parameters */

enum { N_OWN = 4 };

/* The arrays that are no layers': the gains and numbers last. */
static void list_own(whisper_net *net, whisper_array out[N_OWN]) {
    const struct {
        float *w, *g;
        size_t n;
    } own[N_OWN] = {{net->mask, net->mask_gradient, net->item_width},
                    {net->item_gain, net->item_gain_gradient, net->layout.n_items},
                    {net->request_gain, net->request_gain_gradient, net->layout.n_requests},
                    {net->number, net->number_gradient, WHISPER_NUMBERS}};
    size_t at = 0;
    for (size_t i = 0; i < N_OWN; at += own[i++].n)
        out[i] = (whisper_array){own[i].w, own[i].g, net->moment + at, net->spread + at, own[i].n};
}

size_t whisper_net_arrays(whisper_net *net, whisper_array out[WHISPER_MAX_ARRAYS]) {
    mlp *const all[] = {net->text, net->item, net->more, net->query,
                        net->key,  net->gate, net->fuse};
    size_t n = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        for (size_t k = 0; k < mlp_n_layers(all[i]); k++) {
            mlp_layer l = mlp_layer_at(all[i], k);
            out[n++] = (whisper_array){l.w, l.gw, l.mw, l.vw, l.in * l.out};
            // a request without words is nothing: it has no bias
            if (all[i] != net->text) out[n++] = (whisper_array){l.b, l.gb, l.mb, l.vb, l.out};
        }
    whisper_array own[N_OWN];
    list_own(net, own);
    memcpy(out + n, own, sizeof own);
    return n + N_OWN;
}

void whisper_net_changed(whisper_net *net) {
    mlp *const all[] = {net->text, net->item, net->more, net->query,
                        net->key,  net->gate, net->fuse};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) mlp_changed(all[i]);
}

uint64_t whisper_net_layer_steps(const whisper_net *net) {
    return mlp_steps(net->text);
}

/* Layers that are not trained (impersonal) have no use for theirs. */
void whisper_net_set_steps(whisper_net *net, uint64_t steps, uint64_t layer_steps) {
    mlp *const all[] = {net->text, net->item, net->more, net->query,
                        net->key,  net->gate, net->fuse};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) mlp_set_steps(all[i], layer_steps);
    net->steps = steps;
}

lb_status whisper_net_update(whisper_net *net, job *j, const adam_options *adam, bool gains_alone) {
    mlp *const all[] = {net->text, net->item, net->more, net->query,
                        net->key,  net->gate, net->fuse};
    size_t n = net->impersonal ? 3 : sizeof all / sizeof *all;
    whisper_array own[N_OWN];
    net->steps++;
    for (size_t i = 0; i < n && !gains_alone; i++) LB_TRY(mlp_update(all[i], j, adam));
    mlp_layer text = mlp_layer_at(net->text, 0);
    memset(text.b, 0, text.out * sizeof *text.b);
    list_own(net, own);
    for (size_t i = gains_alone ? 1 : 0; i < N_OWN; i++)
        LB_TRY(adam_step(j, adam, net->steps, own[i].w, own[i].g, own[i].moment, own[i].spread,
                         own[i].n));
    float *l = &net->number[WHISPER_LOG_SCALE];
    *l = fminf(*l, logf(100));
    return LB_OK;
}

static void scale_columns(mlp *m, const uint32_t *start, uint32_t n_blocks, const float *gain) {
    mlp_layer first = mlp_layer_at(m, 0);
    for (size_t d = 0; d < first.out; d++)
        for (uint32_t k = 0; k < n_blocks; k++)
            vec_scale(first.w + d * first.in + start[k], gain[k], start[k + 1] - start[k]);
    mlp_changed(m);
}

void whisper_net_bake(whisper_net *net) {
    const whisper_layout *l = &net->layout;
    scale_columns(net->item, l->item_start, l->n_items, net->item_gain);
    scale_columns(net->more, l->item_start, l->n_items, net->item_gain);
    scale_columns(net->text, l->request_start, l->n_requests, net->request_gain);
    for (int k = 0; k < WHISPER_NET_BLOCKS; k++) net->item_gain[k] = net->request_gain[k] = 1;
}

/* ---- prediction */

void whisper_net_soften(const whisper_net *net, float *v) {
    double e = (double)net->softness, length = sqrt(vec_dot_wide(v, v, net->dim) + e * e);
    if (length > 0) vec_scale(v, (float)(1 / length), net->dim);
}

void whisper_net_fill(const whisper_net *net, const float *x, uint8_t present, float *out) {
    const whisper_layout *l = &net->layout;
    for (uint32_t k = 0; k < l->n_items; k++) {
        const float *from = present & 1 << k ? x : net->mask;
        for (uint32_t d = l->item_start[k]; d < l->item_start[k + 1]; d++)
            out[d] = net->item_gain[k] * from[d];
    }
}

lb_status whisper_net_items(const whisper_net *net, job *j, const float *x, const uint8_t *present,
                            size_t n, float *z) {
    enum { BLOCK = 2048 };
    size_t width = net->item_width, dim = net->dim;
    float *filled = NULL, *more = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(filled, (n < BLOCK ? n : BLOCK) * width));
    LB_TRY_CLEANUP(NEW_ARRAY(more, (n < BLOCK ? n : BLOCK) * dim));
    for (size_t first = 0; first < n; first += BLOCK) {
        size_t rows = n - first < BLOCK ? n - first : BLOCK;
        float *out = z + first * dim;
        for (size_t i = 0; i < rows; i++)
            whisper_net_fill(net, x + (first + i) * width, present[first + i], filled + i * width);
        LB_TRY_CLEANUP(mlp_predict(net->item, j, filled, rows, out));
        LB_TRY_CLEANUP(mlp_predict(net->more, j, filled, rows, more));
        vec_add(out, more, rows * dim);
        for (size_t i = 0; i < rows; i++) vec_normalise(out + i * dim, dim);
    }
cleanup:
    free(filled);
    free(more);
    return status;
}

/* h of the history: attention of q over the keys. `weight` (n_history) is the attention. */
void whisper_net_attend(const float *q, const float *key, const float *history, size_t n,
                        size_t dim, float *weight, float *h) {
    double root = sqrt((double)dim), most = -INFINITY, sum = 0;
    memset(h, 0, dim * sizeof *h);
    for (size_t k = 0; k < n; k++) {
        weight[k] = (float)((double)vec_dot(q, key + k * dim, dim) / root);
        most = fmax(most, (double)weight[k]);
    }
    for (size_t k = 0; k < n; k++) {
        weight[k] = (float)exp((double)weight[k] - most);
        sum += (double)weight[k];
    }
    for (size_t k = 0; k < n; k++) {
        weight[k] = (float)((double)weight[k] / sum);
        vec_axpy(h, weight[k], history + k * dim, dim);
    }
}

void whisper_net_join(const float *h, const float *t, size_t dim, float *pair, float *triple) {
    memcpy(pair, h, dim * sizeof *h);
    memcpy(pair + dim, t, dim * sizeof *h);
    memcpy(triple, pair, 2 * dim * sizeof *h);
    for (size_t d = 0; d < dim; d++) triple[2 * dim + d] = h[d] * t[d];
}

void whisper_net_combine(const float *t, float *gate, const float *m, size_t dim, bool personal,
                         float *s) {
    for (size_t d = 0; d < dim; d++) {
        gate[d] = 1 / (1 + expf(-gate[d]));
        s[d] = personal ? t[d] + gate[d] * m[d] : t[d];
    }
    double length = sqrt(vec_dot_wide(s, s, dim));
    if (length > 1) vec_scale(s, (float)(1 / length), dim);
}

/* W_k^T q: q . (W_k z + b) is that times z, plus what is the same for all of a history and so no
 * matter to the attention. Keys of a long history would cost more than the search. */
static void seek(const whisper_net *net, const float *q, float *sought) {
    mlp_layer key = mlp_layer_at(net->key, 0);
    memset(sought, 0, key.in * sizeof *sought);
    for (size_t d = 0; d < key.out; d++) vec_axpy(sought, q[d], key.w + d * key.in, key.in);
}

lb_status whisper_net_speak(const whisper_net *net, float *v, const float *history,
                            size_t n_history, float *s) {
    size_t d = net->dim;
    float *room = NULL;
    lb_status status = LB_OK;
    whisper_net_soften(net, v);
    if (net->impersonal || !n_history) {
        memcpy(s, v, d * sizeof *s);
        return LB_OK;
    }
    LB_TRY_CLEANUP(NEW_ARRAY(room, 10 * d + n_history));
    float *q = room, *h = q + d, *pair = h + d, *triple = pair + 2 * d, *gate = triple + 3 * d,
          *m = gate + d, *sought = m + d, *weight = sought + d;
    LB_TRY_CLEANUP(mlp_predict(net->query, NULL, v, 1, q));
    seek(net, q, sought);
    whisper_net_attend(sought, history, history, n_history, d, weight, h);
    whisper_net_join(h, v, d, pair, triple);
    LB_TRY_CLEANUP(mlp_predict(net->gate, NULL, pair, 1, gate));
    LB_TRY_CLEANUP(mlp_predict(net->fuse, NULL, triple, 1, m));
    whisper_net_combine(v, gate, m, d, true, s);
cleanup:
    free(room);
    return status;
}
