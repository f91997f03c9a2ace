#include "model/density.h"

#include <math.h>

density density_of(const split *s) {
    density d = {0};
    for (uint32_t u = 0; u < s->n_users; u++) {
        double degree = s->user_start[u + 1] - s->user_start[u];
        d.n_users += degree > 0;
        d.per_user += degree * degree;
    }
    for (uint32_t p = 0; p < s->n_products; p++) {
        double degree = s->degree[p];
        d.n_products += degree > 0;
        d.per_product += degree * degree;
    }
    if (!s->n_train) return (density){0};
    d.n_train = (double)s->n_train;
    d.per_user /= d.n_train;
    d.per_product /= d.n_train;
    d.edge = sqrt(d.per_user) + sqrt(d.per_product);
    d.normalised_edge = 1 / sqrt(d.per_user) + 1 / sqrt(d.per_product);
    return d;
}
