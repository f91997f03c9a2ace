#include "graph/alias.h"

#include <math.h>

#include "core/memory.h"

/* Pairs entries below the mean with entries above it; `scaled` has mean 1. `stack` is (n): the
 * small entries grow from its front, the large ones from its back. */
static void pair_up(double *scaled, uint32_t *stack, alias_table *t) {
    uint32_t n_small = 0, n_large = 0, n = t->n;
    for (uint32_t i = n; i-- > 0;) {
        if (scaled[i] < 1)
            stack[n_small++] = i;
        else
            stack[n - ++n_large] = i;
    }
    while (n_small && n_large) {
        uint32_t small = stack[--n_small], large = stack[n - n_large];
        t->threshold[small] = (float)scaled[small];
        t->alias[small] = large;
        scaled[large] -= 1 - scaled[small];
        if (scaled[large] < 1) {
            n_large--;
            stack[n_small++] = large;
        }
    }
    while (n_small) t->threshold[stack[--n_small]] = 1;
    while (n_large) t->threshold[stack[n - n_large--]] = 1;
}

lb_status alias_table_new(const double *weight, uint32_t n, alias_table *out) {
    double sum = 0;
    for (uint32_t i = 0; i < n; i++) {
        if (!isfinite(weight[i]) || weight[i] < 0)
            return status_fail(LB_E_ARGUMENT, "weight %u is %g: must be 0 or more", i, weight[i]);
        sum += weight[i];
    }
    if (!(sum > 0) || !isfinite(sum))
        return status_fail(LB_E_ARGUMENT, "weights have no positive sum");
    alias_table t = {.n = n};
    double *scaled = NULL;
    uint32_t *stack = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(t.alias, n));
    LB_TRY_CLEANUP(NEW_ARRAY(t.threshold, n));
    LB_TRY_CLEANUP(NEW_ARRAY(scaled, n));
    LB_TRY_CLEANUP(NEW_ARRAY(stack, n));
    for (uint32_t i = 0; i < n; i++) {
        scaled[i] = weight[i] / sum * n;
        t.alias[i] = i;
    }
    pair_up(scaled, stack, &t);
    *out = t;
cleanup:
    if (status != LB_OK) alias_table_free(&t);
    free(scaled);
    free(stack);
    return status;
}

void alias_table_free(alias_table *table) {
    free(table->alias);
    free(table->threshold);
    *table = (alias_table){0, NULL, NULL};
}
