/*
 * The layers of `whisper` (whisper.h) and their loss. A batch has n requests, each with the product
 * that was meant, and K products a request that its user does not have. Gradients flow everywhere
 * but into the history's z, which are those of the last pass.
 *
 *   loss = lambda L_bce + (1 - lambda) L_con
 *   L_bce = -1 / (n (1 + K)) sum [ln sigma(y+) + sum_k ln sigma(-y_k)],  y = a (s . z) + b + c v
 *   L_con = 1 / (2 n) [cross-entropy over rows + over columns] of
 *           S_nm = min(e^l, 100) (s_n . z_m) + c v_nm - ln p_m
 *
 * with v what vasg says of a user and a product, p_m how often product m is met as one that was
 * meant (Yi et al., RecSys 2019), and S_nm left out where m is n's own product again or one that
 * n's user has.
 */
#ifndef LB_MODEL_WHISPER_NET_H
#define LB_MODEL_WHISPER_NET_H

#include <stdbool.h>

#include "math/dense.h"

enum { WHISPER_LOG_SCALE, WHISPER_FACTOR, WHISPER_SHIFT, WHISPER_TRUST, WHISPER_NUMBERS };
enum { WHISPER_NET_BLOCKS = 8, WHISPER_MAX_ARRAYS = 24 };

/* Block k of an item's x is [item_start[k], item_start[k + 1]), and may be missing: bit k of
 * `present`; and so of a request's r. Each block has a gain on either side. Blocks of one space are
 * projected alike at the start: item block k as block item_like[k] <= k, a request's as block
 * request_like[k] of items, which must be as wide. */
typedef struct whisper_layout {
    uint32_t n_items, n_requests;
    uint32_t item_start[WHISPER_NET_BLOCKS + 1], request_start[WHISPER_NET_BLOCKS + 1];
    uint8_t item_like[WHISPER_NET_BLOCKS], request_like[WHISPER_NET_BLOCKS];
} whisper_layout;

/* Values of an item that are of different spaces: what z needs to keep all of them apart. */
uint32_t whisper_layout_span(const whisper_layout *l);

typedef struct whisper_net {
    uint32_t dim, item_width, request_width, hidden;
    float softness;  // of soft(v) = v / sqrt(|v|^2 + softness^2)
    bool impersonal; // s = t_q: no attention, no fusion
    whisper_layout layout;
    mlp *text, *item, *more, *query, *key, *gate, *fuse;
    float *mask;                   // (item_width) in the place of what is missing
    float number[WHISPER_NUMBERS]; // l, a, b, c
    float item_gain[WHISPER_NET_BLOCKS], request_gain[WHISPER_NET_BLOCKS];
    float *mask_gradient, number_gradient[WHISPER_NUMBERS];
    float item_gain_gradient[WHISPER_NET_BLOCKS], request_gain_gradient[WHISPER_NET_BLOCKS];
    float *moment, *spread; // Adam's, of the arrays that are no layers', one after the other
    uint64_t steps;
} whisper_net;

typedef struct whisper_batch {
    size_t n, negatives;    // items are n + n * negatives: those meant, then K of each request
    const float *r;         // (n, request_width)
    const float *x;         // (n_items, item_width), zero where missing
    const uint8_t *present; // (n_items)
    size_t most_history;
    const float *history;           // (n, most_history, dim)
    const uint32_t *n_history;      // (n)
    const float *personal;          // (n, n) v_nm
    const float *personal_negative; // (n, negatives)
    const uint8_t *masked;          // (n, n) 1 = left out; the diagonal never is
    const float *log_share;         // (n) ln p of the products that were meant
    double lambda;
} whisper_batch;

/* An array of parameters, its gradient, and Adam's moments of it. */
typedef struct whisper_array {
    float *w, *g, *moment, *spread;
    size_t n;
} whisper_array;

/* A fresh net: text and item start as one random projection, MLP and fusion at zero. dim, widths,
 * hidden, softness, impersonal and layout are set; LB_E_ARGUMENT for widths that do not go with the
 * layout. */
lb_status whisper_net_new(whisper_net *net, uint64_t seed);
void whisper_net_free(whisper_net *net);

/* All parameters that are trained, in a fixed order; returns how many arrays. After writing to them
 * whisper_net_changed. */
size_t whisper_net_arrays(whisper_net *net, whisper_array out[WHISPER_MAX_ARRAYS]);
void whisper_net_changed(whisper_net *net);

/* Adam's steps so far: net->steps are of gains and numbers, these of the layers. To go on from
 * saved parameters and moments set them again. */
uint64_t whisper_net_layer_steps(const whisper_net *net);
void whisper_net_set_steps(whisper_net *net, uint64_t steps, uint64_t layer_steps);

/* The loss of a batch and all gradients. */
lb_status whisper_net_learn(whisper_net *net, job *j, const whisper_batch *batch, double *loss);
/* One Adam step with them; or of gains and numbers alone. */
lb_status whisper_net_update(whisper_net *net, job *j, const adam_options *adam, bool gains_alone);
/* Moves the gains into the layers; they are one then. Nothing else changes but by rounding. */
void whisper_net_bake(whisper_net *net);

/* z (n, dim) of items. Thread-safe with a j of its own or NULL. */
lb_status whisper_net_items(const whisper_net *net, job *j, const float *x, const uint8_t *present,
                            size_t n, float *z);
/* s (dim) of v (dim), what the layer `text` makes of a request, which is changed, and of the z of a
 * history (n_history, dim). Thread-safe. */
lb_status whisper_net_speak(const whisper_net *net, float *v, const float *history,
                            size_t n_history, float *s);
/* soft(v) in place. */
void whisper_net_soften(const whisper_net *net, float *v);

/* whisper_loss.c: the loss of s (n, dim) and z (n_items, dim), both gradients and that of the
 * numbers. */
lb_status whisper_loss(const whisper_batch *batch, const float number[WHISPER_NUMBERS],
                       const float *s, const float *z, size_t dim, float *ds, float *dz,
                       float number_gradient[WHISPER_NUMBERS], double *loss);

#endif
