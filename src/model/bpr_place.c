/*
 * Where looks put products in `vbpr`: E f and b' . f of those that come after training, as of the
 * cold ones of the training. E and b' of the features' components are kept as one matrix on the
 * features themselves.
 */
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/vector.h"
#include "model/bpr.h"
#include "model/look.h"
#include "model/tensors.h"

/* E f of all products, which is in their vectors. */
static lb_status list_looks(bpr_model *m) {
    size_t width = (size_t)m->dim + m->visual_dim, n = m->visual_dim;
    LB_TRY(NEW_ARRAY(m->look, m->n_products * n));
    for (size_t p = 0; p < m->n_products; p++)
        memcpy(m->look + p * n, m->product + p * width + m->dim, n * sizeof *m->look);
    return LB_OK;
}

lb_status bpr_take_map(job *j, const pairwise_table *t, const bpr_features *f, bpr_model *m) {
    size_t n = t->n_components, dim = f->dim, rows = t->visual_dim;
    m->feature_dim = f->dim;
    LB_TRY(NEW_ARRAY(m->feature_mean, dim));
    LB_TRY(NEW_ARRAY(m->map, (rows + 1) * dim));
    memcpy(m->feature_mean, f->mean, dim * sizeof *m->feature_mean);
    LB_TRY(matrix_multiply_parallel(j, 0, 0, rows, dim, n, 1, t->map, n, f->axes, dim, 0, m->map,
                                    dim));
    LB_TRY(matrix_multiply_parallel(j, 0, 0, 1, dim, n, 1, t->map_bias, n, f->axes, dim, 0,
                                    m->map + rows * dim, dim));
    return list_looks(m);
}

const float *bpr_look(const void *state, uint32_t *dim) {
    const bpr_model *m = state;
    *dim = m->visual_dim;
    return m->look;
}

lb_status bpr_place(const void *state, float *feature, size_t n, size_t feature_dim,
                    const words_product *said, float *vectors, float *embedding, float *look) {
    const bpr_model *m = state;
    (void)said;
    size_t looks = m->visual_dim, dim = m->feature_dim, width = m->dim + looks;
    float *placed;
    if (!m->look) return status_fail(LB_E_UNSUPPORTED, "the model knows no feature");
    LB_TRY(look_check_dim(feature_dim, dim));
    for (size_t i = 0; i < n; i++) vec_axpy(feature + i * dim, -1, m->feature_mean, dim);
    LB_TRY(NEW_ARRAY(placed, n * (looks + 1)));
    lb_status status = matrix_multiply(0, 1, n, looks + 1, dim, 1, feature, dim, m->map, dim, 0,
                                       placed, looks + 1);
    for (size_t i = 0; i < n && status == LB_OK; i++) {
        const float *from = placed + i * (looks + 1);
        float *vector = vectors + i * (width + 1);
        memset(vector, 0, m->dim * sizeof *vector); // nothing is known of its g_p
        memcpy(vector + m->dim, from, looks * sizeof *vector);
        vector[width] = (float)m->level + from[looks];
        memcpy(embedding + i * width, vector, width * sizeof *vector);
        memcpy(look + i * looks, from, looks * sizeof *look);
    }
    free(placed);
    return status;
}

/* ---- files */

lb_status bpr_save_map(const bpr_model *m, st_writer *w) {
    if (!m->look) return LB_OK;
    LB_TRY(tensor_write_number(w, "bpr.level", m->level));
    LB_TRY(tensor_write_f32(w, "bpr.feature_mean", m->feature_dim, 1, m->feature_mean));
    return tensor_write_f32(w, "bpr.map", (size_t)m->visual_dim + 1, m->feature_dim, m->map);
}

lb_status bpr_read_map(const st_reader *r, bpr_model *m) {
    size_t dim;
    if (!m->visual_dim) return LB_OK;
    LB_TRY(tensor_read_f32(r, "bpr.map", (size_t)m->visual_dim + 1, ST_ANY, &m->map, NULL, &dim));
    if (dim < 1 || dim > UINT32_MAX)
        return status_fail(LB_E_FORMAT, "tensor bpr.map: a feature of %zu numbers", dim);
    m->feature_dim = (uint32_t)dim;
    LB_TRY(tensor_read_f32(r, "bpr.feature_mean", dim, 1, &m->feature_mean, NULL, NULL));
    LB_TRY(tensor_read_number(r, "bpr.level", &m->level));
    return list_looks(m);
}
