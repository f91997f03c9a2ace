/* Steps of the net that training and prediction share. */
#ifndef LB_MODEL_WHISPER_NET_IMPL_H
#define LB_MODEL_WHISPER_NET_IMPL_H

#include "model/whisper_net.h"

/* An item's row with the mask's values in the place of what is missing. */
void whisper_net_fill(const whisper_net *net, const float *x, uint8_t present, float *out);

/* h (dim) = sum of weight_k history_k, the weights being softmax(q . key_k / sqrt(dim)). n >= 1. */
void whisper_net_attend(const float *q, const float *key, const float *history, size_t n,
                        size_t dim, float *weight, float *h);

/* pair = [h; t], triple = [h; t; h * t]. */
void whisper_net_join(const float *h, const float *t, size_t dim, float *pair, float *triple);

/* s = clip(t + sigmoid(gate) * m), or clip(t) of somebody without a history; gate becomes its
 * sigmoid. */
void whisper_net_combine(const float *t, float *gate, const float *m, size_t dim, bool personal,
                         float *s);

#endif
