#include "model/vbpr.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/pca.h"
#include "math/vector.h"
#include "model/bpr.h"
#include "model/look.h"

#define FIELD(member) offsetof(pairwise_options, member)

static const option_field fields[] = {
    {"dim", OPTION_INT, FIELD(dim), 64, 1, 1024, NULL, "factors"},
    {"visual-dim", OPTION_INT, FIELD(visual_dim), 100, 1, 1024, NULL, "visual factors"},
    {"components", OPTION_INT, FIELD(components), 128, 1, 4096, NULL,
     "principal components of the feature to work on"},
    {"epochs", OPTION_INT, FIELD(epochs), 100, 1, 100000, NULL,
     "passes over the interactions, at most"},
    {"patience", OPTION_INT, FIELD(patience), 20, 1, 100000, NULL,
     "epochs without a better validation AUC before training ends"},
    {"blocks", OPTION_INT, FIELD(blocks), 0, 0, 32, NULL,
     "blocks of users and of products that are trained side by side; 0 = by size"},
    {"rate", OPTION_REAL, FIELD(rate), 0, 0, 10, NULL,
     "learning rate at the start; 0 = 3 / interactions per user, within 0.05 to 0.1"},
    {"last-rate", OPTION_REAL, FIELD(last_rate), -1, -1, 10, NULL,
     "learning rate at the end; -1 = a twentieth of the first"},
    {"visual-rate", OPTION_REAL, FIELD(visual_rate), 0.01, 0, 1, NULL,
     "learning rate of E and b' at the start (Adam)"},
    {"l2", OPTION_REAL, FIELD(l2), -1, -1, 100, NULL,
     "L2 of the factors, per triple; -1 = in proportion to what chance gives in data so sparse"},
    {"l2-bias", OPTION_REAL, FIELD(l2_bias), 0.001, 0, 100, NULL, "L2 of the product biases"},
    {"l2-visual", OPTION_REAL, FIELD(l2_visual), -1, -1, 100, NULL,
     "L2 of the users' visual factors; -1 = half of l2"},
    {"l2-map", OPTION_REAL, FIELD(l2_map), 0.001, 0, 100, NULL, "L2 of E and b'"},
    {"feature-scale", OPTION_REAL, FIELD(feature_scale), 1, 1e-6, 1e6, NULL,
     "length that features are scaled to, in the mean square"},
};

static const option_table vbpr_option_table = {fields, sizeof fields / sizeof *fields,
                                               sizeof(pairwise_options)};

static const double NOTHING = 1e-10; // variance as a share of the mean square: only rounding

static void features_free(bpr_features *f) {
    free(f->value);
    free(f->axes);
    free(f->mean);
    free(f->placeable);
}

/* The factor that brings the mean square length over warm products to `scale`; 0 if the features
 * are all the same. `raw_mean` (dim) is the mean of the features. */
static double common_scale(const look_table *l, const float *rows, size_t k, const float *raw_mean,
                           double scale) {
    double squares = 0, warm = (double)l->n_warm;
    for (size_t i = 0; i < l->n; i++)
        if (l->weight[i] > 0) squares += vec_dot_wide(rows + i * k, rows + i * k, k);
    double level = vec_dot_wide(raw_mean, raw_mean, l->dim);
    return squares / warm > NOTHING * level ? scale / sqrt(squares / warm) : 0;
}

static lb_status fit_components(job *j, const look_table *l, const pairwise_options *o,
                                uint32_t n_products, uint64_t seed, bpr_features *out) {
    uint32_t most = l->dim < l->n_warm ? l->dim : (uint32_t)l->n_warm;
    out->dim = l->dim;
    size_t k = out->n = (uint32_t)o->components < most ? (uint32_t)o->components : most;
    float *once = NULL, *rows = NULL;
    double *variance = NULL, scale;
    look_view view = {l, NULL, true, 0};
    row_source raw = look_rows(&view, l->n);
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(once, l->n));
    LB_TRY_CLEANUP(NEW_ARRAY(out->mean, l->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(out->axes, k * l->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(variance, k));
    LB_TRY_CLEANUP(NEW_ARRAY(rows, l->n * k));
    for (size_t i = 0; i < l->n; i++) once[i] = l->weight[i] > 0;
    LB_TRY_CLEANUP(pca_fit_rows(j, &raw, once, k, seed, out->mean, out->axes, variance));
    LB_TRY_CLEANUP(pca_transform_rows(j, &raw, out->mean, out->axes, k, rows));
    scale = common_scale(l, rows, k, out->mean, o->feature_scale);
    if (scale <= 0) goto cleanup;
    LB_TRY_CLEANUP(NEW_ARRAY(out->value, n_products * k));
    vec_scale(rows, (float)scale, l->n * k);
    vec_scale(out->axes, (float)scale, k * l->dim);
    for (size_t i = 0; i < l->n; i++)
        memcpy(out->value + l->product[i] * k, rows + i * k, k * sizeof *rows);
cleanup:
    free(once);
    free(variance);
    free(rows);
    return status;
}

static lb_status fit(job *j, const fit_input *in, const model_common *common, const void *options,
                     void **state) {
    const split *s = in->split;
    look_table looks = {0};
    bpr_features f = {0};
    lb_status status = LB_OK;
    if (!in->n_features)
        return status_fail(LB_E_EMPTY, "vbpr needs a feature: import one, or make one with encode");
    LB_TRY_CLEANUP(look_new(j, in->features, 1, s, &looks));
    LB_TRY_CLEANUP(NEW_ARRAY(f.placeable, s->n_products));
    for (uint32_t i = 0; i < looks.n; i++) f.placeable[looks.product[i]] = 1;
    LB_TRY_CLEANUP(fit_components(j, &looks, options, s->n_products, in->seed, &f));
    look_free(&looks);
    if (!f.value) job_note(j, "vbpr", "all features are the same: training without them");
    LB_TRY_CLEANUP(bpr_fit(j, "vbpr", in, common, options, &f, state));
cleanup:
    look_free(&looks);
    features_free(&f);
    return status;
}

const model_class vbpr_class = {
    .name = "vbpr",
    .summary = "bpr with a visual part, which also places cold products (a reference)",
    .options = &vbpr_option_table,
    .fit = fit,
    .free = bpr_free,
    .save = bpr_save,
    .load = bpr_load,
    .parts = bpr_parts,
    .query_user = bpr_query,
    .fold_in = bpr_fold_in,
    .embedding = bpr_embedding,
    .user_embedding = bpr_user_embedding,
    .look = bpr_look,
    .place = bpr_place,
};
