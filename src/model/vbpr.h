/*
 * `vbpr`, visual Bayesian personalised ranking (He and McAuley, AAAI 2016): `bpr` (bpr.h) with a
 * visual part, x_ui = b_i + g_u . g_i + th_u . (E f_i) + b' . f_i, trained by pairwise.h. The sizes
 * are those that the VASG paper compared with: 20 factors and 100 visual ones.
 *
 * f is the feature's leading principal components (of warm products), with one common scale. E acts
 * on the feature only through the space that the products' features span, and centring adds the
 * same to all products' scores; so an E on all components is as general as one on the feature, and
 * leaving the last components out is the only approximation.
 *
 * Products without a feature have f = 0, no visual part; features that are all the same are left
 * out with a note, and vbpr is then bpr to the last bit. Cold products with a feature are scored by
 * it, and so are those that come after training. Without any feature, or with one that no trained
 * product has: LB_E_EMPTY.
 */
#ifndef LB_MODEL_VBPR_H
#define LB_MODEL_VBPR_H

#include "model/model.h"

extern const model_class vbpr_class;

#endif
