/* The small shop with several features side by side: some follow the groups of taste, some are
 * noise, some products lack some. */
#ifndef LB_TESTS_MODEL_FEATURE_SHOP_H
#define LB_TESTS_MODEL_FEATURE_SHOP_H

#include "model/model_shop.h"

enum { TELLS = 1, COLD_ONLY = 2 };

/* A feature of that name; product pN lacks it where `lacks` and N % lacks == rest. */
typedef struct feature_plan {
    const char *name;
    uint32_t dim;
    int how; // TELLS: follows the groups; COLD_ONLY: only products nobody bought have it
    uint64_t seed;
    unsigned lacks, rest;
} feature_plan;

typedef struct feature_shop {
    shop s; // its own feature is closed
    feature_set f[DATASET_MAX_FEATURES];
    size_t n;
} feature_shop;

static inline void write_feature(const char *directory, const dataset *d, const split *s,
                                 const feature_plan *plan) {
    uint32_t n = dataset_n_products(d);
    float *rows = calloc((size_t)n * plan->dim, sizeof *rows);
    uint8_t *present = calloc(n, 1);
    random_stream r = random_open(plan->seed, "test", 0);
    for (uint32_t p = 0; p < n; p++) {
        unsigned number = (unsigned)strtoul(dataset_product_id(d, p) + 1, NULL, 10);
        for (uint32_t i = 0; i < plan->dim; i++) {
            bool own = plan->how & TELLS && i % GROUPS == number % GROUPS;
            rows[p * plan->dim + i] = (own ? 1.0f : 0.0f) + random_unit_f32(&r);
        }
        present[p] = !(plan->lacks && number % plan->lacks == plan->rest) &&
                     !(plan->how & COLD_ONLY && s->degree[p]);
    }
    assert_ok(dataset_feature_write(
        directory, &(feature_rows){plan->name, "", rows, present, n, plan->dim, false}));
    free(rows);
    free(present);
}

/* The shop with these features and no others in `f`, in that order. */
static inline feature_shop features_open(const feature_plan *plan, size_t n) {
    feature_shop out = {.s = shop_open(LOOKS_ALL), .n = n};
    feature_set_close(&out.s.f);
    const char *directory = memcpy(calloc(512, 1), dataset_directory(out.s.d),
                                   strlen(dataset_directory(out.s.d)));
    for (size_t i = 0; i < n; i++) write_feature(directory, out.s.d, out.s.s, &plan[i]);
    dataset_close(out.s.d);
    assert_ok(dataset_open(directory, &out.s.d));
    for (size_t i = 0; i < n; i++)
        assert_ok(dataset_feature_open(out.s.d, plan[i].name, &out.f[i]));
    free((void *)(uintptr_t)directory);
    return out;
}

static inline void features_close(feature_shop *s) {
    feature_sets_close(s->f, s->n);
    split_free(s->s.s);
    dataset_close(s->s.d);
}

#endif
