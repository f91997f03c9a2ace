#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "data/idmap.h"
#include "run/report_parts.h"

/* ---- analogies */

/* The number of each product's category path. */
static lb_status label_products(const dataset *d, uint32_t n, uint32_t *label, bool *any) {
    idmap categories = {0};
    lb_status status = LB_OK;
    *any = false;
    for (uint32_t p = 0; p < n && status == LB_OK; p++) {
        product_info info;
        label[p] = ANALOGY_NO_LABEL;
        LB_TRY_CLEANUP(dataset_product_info(d, p, &info));
        if (info.category && *info.category) {
            status = idmap_add(&categories, info.category, &label[p], NULL);
            *any = true;
        }
        product_info_free(&info);
    }
cleanup:
    idmap_free(&categories);
    return status;
}

/* The catalogue of the split it was trained on, or whatever has a place in the space. */
static analogy_input analogies_of(const report_space *s, const uint32_t *label, uint32_t samples,
                                  uint64_t seed) {
    const model_common *c = &s->model->common;
    return (analogy_input){
        .n_users = c->n_users,
        .n_products = c->n_products,
        .dim = s->dim,
        .user = s->user,
        .product = s->product,
        .candidate = s->split ? s->split->in_catalogue : NULL,
        .user_start = c->user_start,
        .bought = c->product,
        .test = s->split ? s->split->test : NULL,
        .n_test = s->split ? s->split->n_test : 0,
        .label = label,
        .samples = samples,
        .seed = seed,
    };
}

static lb_status measure_analogies(job *j, const dataset *d, uint32_t samples, uint64_t seed,
                                   report_space *s) {
    uint32_t *label;
    bool any;
    lb_status status;
    LB_TRY(NEW_ARRAY(label, s->model->common.n_products));
    LB_TRY_CLEANUP(label_products(d, s->model->common.n_products, label, &any));
    analogy_input input = analogies_of(s, any ? label : NULL, samples, seed);
    status = analogy_measure(j, &input, &s->analogies);
    if (status == LB_E_EMPTY) {
        snprintf(s->why_no_analogies, sizeof s->why_no_analogies, "%s", lb_last_error());
        status = LB_OK;
    }
cleanup:
    free(label);
    return status;
}

/* ---- similarities */

/* A random sample of the products that count: warm, with a place in the space. */
static lb_status sample_products(const report_space *s, const feature_set *f, uint64_t seed,
                                 uint32_t **out, size_t *n) {
    const model_common *c = &s->model->common;
    random_stream r = random_open(seed, "report similarities", 0);
    size_t found = 0;
    LB_TRY(NEW_ARRAY(*out, c->n_products));
    for (uint32_t p = 0; p < c->n_products; p++)
        if (c->degree[p] && (!f || (p < f->n_products && f->present[p]))) (*out)[found++] = p;
    random_shuffle(&r, *out, found);
    *n = found < REPORT_SAMPLE ? found : REPORT_SAMPLE;
    return LB_OK;
}

/* A measurement that too few rows do not allow is all zero. */
static lb_status measure(job *j, const float *x, size_t n, size_t dim, bool centre, uint64_t seed,
                         similarity *out) {
    lb_status status = similarity_measure(j, x, n, dim, centre, REPORT_PAIRS, seed, out);
    return status == LB_E_EMPTY ? LB_OK : status;
}

static lb_status measure_products(job *j, uint64_t seed, report_space *s) {
    uint32_t *products;
    float *x = NULL;
    size_t n, dim = s->dim;
    lb_status status;
    LB_TRY(sample_products(s, NULL, seed, &products, &n));
    LB_TRY_CLEANUP(NEW_ARRAY(x, n * dim));
    for (size_t i = 0; i < n; i++)
        memcpy(x + i * dim, s->product + products[i] * dim, dim * sizeof *x);
    LB_TRY_CLEANUP(measure(j, x, n, dim, false, seed, &s->products));
    LB_TRY_CLEANUP(measure(j, x, n, dim, true, seed, &s->centred));
cleanup:
    free(products);
    free(x);
    return status;
}

static lb_status measure_people(job *j, uint64_t seed, report_space *s) {
    const model_common *c = &s->model->common;
    random_stream r = random_open(seed, "report people", 0);
    uint32_t *users;
    float *x = NULL;
    size_t n = 0, dim = s->dim;
    lb_status status;
    LB_TRY(NEW_ARRAY(users, c->n_users));
    for (uint32_t u = 0; u < c->n_users; u++)
        if (c->user_start[u] < c->user_start[u + 1]) users[n++] = u;
    random_shuffle(&r, users, n);
    if (n > REPORT_SAMPLE) n = REPORT_SAMPLE;
    LB_TRY_CLEANUP(NEW_ARRAY(x, n * dim));
    for (size_t i = 0; i < n; i++) memcpy(x + i * dim, s->user + users[i] * dim, dim * sizeof *x);
    LB_TRY_CLEANUP(measure(j, x, n, dim, false, seed, &s->people));
cleanup:
    free(users);
    free(x);
    return status;
}

lb_status report_space_measure(job *j, const dataset *d, uint32_t samples, uint64_t seed,
                               report_space *s) {
    LB_TRY(measure_analogies(j, d, samples, seed, s));
    LB_TRY(measure_products(j, seed, s));
    return measure_people(j, seed, s);
}

lb_status report_looks_measure(job *j, const feature_set *f, const report_space *s, uint64_t seed,
                               report_looks *out) {
    uint32_t *products;
    float *x = NULL;
    size_t n, dim = f->dim;
    lb_status status;
    LB_TRY(sample_products(s, f, seed, &products, &n));
    LB_TRY_CLEANUP(NEW_ARRAY(x, n * dim));
    for (size_t i = 0; i < n; i++) feature_row(f, products[i], x + i * dim);
    LB_TRY_CLEANUP(measure(j, x, n, dim, false, seed, &out->products));
    LB_TRY_CLEANUP(measure(j, x, n, dim, true, seed, &out->centred));
    snprintf(out->name, sizeof out->name, "%s", f->name);
    out->dim = f->dim;
cleanup:
    free(products);
    free(x);
    return status;
}
