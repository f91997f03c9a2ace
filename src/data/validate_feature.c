/* Checks of a feature: its file, its values, who has it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "data/validate_impl.h"

typedef struct vector_hash {
    uint64_t hash;
    uint32_t product;
} vector_hash;

typedef struct findings {
    uint64_t n_not_finite, n_zero, n_same, n_constant_columns;
    uint32_t first_not_finite;
} findings;

static int compare_hashes(const void *a, const void *b) {
    const vector_hash *x = a, *y = b;
    if (x->hash != y->hash) return x->hash < y->hash ? -1 : 1;
    return x->product < y->product ? -1 : x->product > y->product;
}

static uint64_t hash_vector(const float *x, uint32_t dim) {
    uint64_t h = dim;
    for (uint32_t k = 0; k < dim; k++) {
        uint32_t bits;
        memcpy(&bits, &x[k], sizeof bits);
        h = (h ^ bits) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    return h;
}

/* One vector: its values into the columns' ranges. */
static void look_at(const float *x, uint32_t dim, uint32_t product, float *low, float *high,
                    findings *f) {
    bool finite = true, zero = true;
    for (uint32_t k = 0; k < dim; k++) {
        finite = finite && isfinite(x[k]);
        zero = zero && x[k] == 0;
        if (x[k] < low[k]) low[k] = x[k];
        if (x[k] > high[k]) high[k] = x[k];
    }
    if (!finite && !f->n_not_finite++) f->first_not_finite = product;
    f->n_zero += zero;
}

/* Products whose vector is that of a product with a lower row. `a` and `b` are scratch, (dim). */
static uint64_t count_same(const feature_set *set, vector_hash *hashes, size_t n, float *a,
                           float *b) {
    uint64_t same = 0;
    qsort(hashes, n, sizeof *hashes, compare_hashes);
    for (size_t i = 1; i < n; i++) {
        if (hashes[i].hash != hashes[i - 1].hash) continue;
        feature_row(set, hashes[i - 1].product, a);
        feature_row(set, hashes[i].product, b);
        same += memcmp(a, b, set->dim * sizeof *a) == 0;
    }
    return same;
}

static lb_status look_at_all(job *j, const feature_set *set, findings *f) {
    float *rows = NULL; // (4, dim): a vector, another, and the lowest and highest of each column
    vector_hash *hashes = NULL;
    size_t n = 0, dim = set->dim;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(rows, 4 * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(hashes, set->n_present));
    float *low = rows + 2 * dim, *high = rows + 3 * dim;
    for (size_t k = 0; k < dim; k++) {
        low[k] = INFINITY;
        high[k] = -INFINITY;
    }
    for (uint32_t p = 0; p < set->n_products; p++) {
        if (!feature_row(set, p, rows)) continue;
        look_at(rows, set->dim, p, low, high, f);
        hashes[n++] = (vector_hash){hash_vector(rows, set->dim), p};
        if (n % 1024 == 0)
            LB_TRY_CLEANUP(job_progress(j, "checking features", "vectors", n, set->n_present));
    }
    for (size_t k = 0; k < dim; k++) f->n_constant_columns += n > 1 && low[k] == high[k];
    f->n_same = count_same(set, hashes, n, rows, rows + dim);
cleanup:
    free(rows);
    free(hashes);
    return status;
}

static lb_status add(lb_validation *v, const feature_set *set, const char *what, bool passed,
                     uint64_t count, const char *detail) {
    char name[160];
    snprintf(name, sizeof name, "feature %s: %s", set->name, what);
    return validation_add(v, name, passed, count, "%s", detail);
}

static lb_status add_findings(const dataset *d, const feature_set *set, const findings *f,
                              lb_validation *v) {
    char detail[DATASET_ENCODER_SIZE + 64];
    snprintf(detail, sizeof detail, "%u columns%s%s", set->dim,
             set->encoder[0] ? ", made by the encoder " : "", set->encoder);
    LB_TRY(add(v, set, "file is whole", true, set->n_present, detail));
    if (f->n_not_finite)
        snprintf(detail, sizeof detail,
                 "vectors with NaN or infinity, the first is that of product %.256s; make them "
                 "again",
                 dataset_product_id(d, f->first_not_finite));
    else
        snprintf(detail, sizeof detail, "all values are finite");
    LB_TRY(add(v, set, "values are finite", !f->n_not_finite, f->n_not_finite, detail));
    snprintf(detail, sizeof detail, "of %u products", set->n_products);
    LB_TRY(add(v, set, "products without it", true, set->n_products - set->n_present, detail));
    LB_TRY(add(v, set, "vectors of zeros", true, f->n_zero, "they say nothing of the product"));
    LB_TRY(add(v, set, "columns that never change", true, f->n_constant_columns,
               "they tell no products apart"));
    return add(v, set, "products with another product's vector", true, f->n_same,
               "duplicates, or pictures that stand for a missing one");
}

lb_status validate_feature(job *j, const dataset *d, const char *name, lb_validation *v) {
    feature_set set = {0};
    findings f = {0};
    lb_status status = dataset_feature_open(d, name, &set);
    if (status == LB_E_FORMAT) {
        snprintf(set.name, sizeof set.name, "%s", name);
        return add(v, &set, "file is whole", false, 1, lb_last_error());
    }
    if (status != LB_OK) return status;
    status = look_at_all(j, &set, &f);
    if (status == LB_OK) status = add_findings(d, &set, &f, v);
    feature_set_close(&set);
    return status;
}
