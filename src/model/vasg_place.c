/* Products that came after training: placed by their feature as cold ones of the training are. */
#include "model/vasg.h"

const float *vasg_look(const void *state, uint32_t *dim) {
    const vasg_model *m = state;
    if (!m->has_look) return NULL;
    *dim = m->cold.look_dim;
    return m->product_look;
}

lb_status vasg_place(const void *state, float *feature, size_t n, size_t feature_dim,
                     const words_product *said, float *vectors, float *embedding, float *look) {
    const vasg_model *m = state;
    (void)said;
    size_t width = vasg_cold_width(m);
    if (!m->has_look) return status_fail(LB_E_UNSUPPORTED, "the model knows no feature");
    const look_space *space = &m->cold.space;
    LB_TRY(look_check_dim(feature_dim, space->dim));
    look_normalise_rows(space, feature, n);
    LB_TRY(cold_place(NULL, &m->cold, feature, n, vectors, width, embedding));
    for (size_t i = 0; i < n; i++) { // the constant carries t Delta, the last one s_u
        vectors[i * width + width - 2] += (float)m->offset;
        vectors[i * width + width - 1] = 1;
    }
    row_matrix matrix = {feature, space->dim};
    row_source rows = rows_of_matrix(&matrix, n);
    return cold_look(NULL, &m->cold, &rows, look);
}
