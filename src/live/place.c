/* Where products are by their features: through the model, or else in the space of looks alone. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "live/live_impl.h"
#include "math/vector.h"

static lb_status place_by_model(const lb_recommender *r, float *features, size_t n,
                                const words_product *said, placed *p) {
    const model *m = r->model;
    LB_TRY(NEW_ARRAY(p->vector, n * r->query_dim[r->n_queries - 1]));
    lb_status status = m->class->place(m->state, features, n, r->feature_dim, said, p->vector,
                                       r->taste.dim ? p->taste : NULL, p->look);
    if (status == LB_OK) return LB_OK;
    return status_prefix(status, "feature %s of %s", m->common.feature,
                         dataset_directory(r->dataset));
}

/* The look is the first feature without what all have in common. */
static void look_by_feature(const lb_recommender *r, const float *features, size_t n, placed *p) {
    uint32_t dim = r->look.dim;
    for (size_t i = 0; i < n; i++) {
        const float *from = features + i * r->feature_dim;
        if (isnan(from[0])) continue;
        memcpy(p->look + i * dim, from, dim * sizeof *from);
        vec_axpy(p->look + i * dim, -1, r->look_mean, dim);
    }
}

lb_status live_place_features(const lb_recommender *r, float *features, size_t n,
                              const words_product *said, placed *out) {
    placed p = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(p.taste, n * r->taste.dim));
    LB_TRY_CLEANUP(NEW_ARRAY(p.look, n * r->look.dim));
    if (r->can_place)
        LB_TRY_CLEANUP(place_by_model(r, features, n, said, &p));
    else if (r->look_mean)
        look_by_feature(r, features, n, &p);
    for (size_t i = 0; i < n; i++) {
        if (r->taste.dim) live_direction(p.taste + i * r->taste.dim, r->taste.dim);
        if (r->look.dim) live_direction(p.look + i * r->look.dim, r->look.dim);
    }
    *out = p;
    return LB_OK;
cleanup:
    placed_free(&p);
    return status;
}

void placed_free(placed *p) {
    free(p->vector);
    free(p->taste);
    free(p->look);
    *p = (placed){0};
}
