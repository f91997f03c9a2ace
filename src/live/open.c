#include <string.h>

#include "core/memory.h"
#include "live/live_impl.h"

/* Ids in the order of rows; a row that repeats an id would make both unreachable. */
static lb_status map_ids(const char *path, const char *what, char **ids, uint32_t n, idmap *map) {
    for (uint32_t i = 0; i < n; i++) {
        uint32_t row;
        bool added = false;
        LB_TRY(idmap_add(map, ids[i], &row, &added));
        if (!added)
            return status_fail(LB_E_FORMAT, "%s: the %s \"%s\" comes twice; train again", path,
                               what, ids[i]);
    }
    return LB_OK;
}

static lb_status open_dataset(lb_recommender *r, const char *path, const char *directory) {
    const model *m = r->model;
    LB_TRY(dataset_open(directory, &r->dataset));
    LB_TRY(model_check_dataset(m, path, r->dataset));
    r->n_products = dataset_n_products(r->dataset);
    for (uint32_t p = m->common.n_products; p < r->n_products; p++) {
        uint32_t row;
        LB_TRY(idmap_add(&r->products, dataset_product_id(r->dataset, p), &row, NULL));
    }
    return LB_OK;
}

static lb_status index_parts(job *j, lb_recommender *r, const model_part *part) {
    live_sample sample;
    lb_status status = LB_OK;
    LB_TRY(live_sample_users(r, &sample));
    for (size_t i = 0; i < r->n_parts; i++) {
        const index_sample queries = {sample.queries[i], sample.n};
        LB_TRY_CLEANUP(index_exact_new(j, part[i].vector, part[i].n, part[i].dim, &queries,
                                       &r->part[i].index));
    }
cleanup:
    live_sample_free(&sample);
    return status;
}

static lb_status open_parts(job *j, lb_recommender *r) {
    model_part part[MODEL_MAX_PARTS];
    if (!r->model->class->parts) return LB_OK;
    r->n_queries = r->model->class->parts(r->model->state, part);
    for (size_t i = 0; i < r->n_queries; i++) {
        live_part *own = &r->part[r->n_parts++];
        *own = (live_part){.query = i, .n = part[i].n, .product = part[i].product};
        r->query_dim[i] = part[i].dim;
        for (uint32_t k = 0; k < part[i].n; k++) own->n_new += live_is_new(r, part[i].product[k]);
    }
    return index_parts(j, r, part);
}

lb_status live_open(job *j, const char *path, const char *directory, lb_recommender **out) {
    lb_recommender *r;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(r, 1));
    LB_TRY_CLEANUP(job_progress(j, "open", "models", 0, 1));
    LB_TRY_CLEANUP(live_categories_new(&r->categories));
    LB_TRY_CLEANUP(model_load(path, &r->model));
    const model *m = r->model;
    r->n_products = m->common.n_products;
    LB_TRY_CLEANUP(map_ids(path, "user", m->user_ids, m->common.n_users, &r->users));
    LB_TRY_CLEANUP(map_ids(path, "product", m->product_ids, m->common.n_products, &r->products));
    if (directory) LB_TRY_CLEANUP(open_dataset(r, path, directory));
    LB_TRY_CLEANUP(open_parts(j, r));
    LB_TRY_CLEANUP(live_spaces_new(r));
    LB_TRY_CLEANUP(job_progress(j, "open", "models", 1, 1));
    *out = r;
    return LB_OK;
cleanup:
    live_close(r);
    return status;
}

void live_close(lb_recommender *r) {
    if (!r) return;
    for (size_t i = 0; i < r->n_parts; i++) index_free(r->part[i].index);
    live_space_free(&r->taste);
    live_space_free(&r->look);
    live_categories_free(r->categories);
    free(r->gained);
    free(r->gained_vector);
    idmap_free(&r->users);
    idmap_free(&r->products);
    dataset_close(r->dataset);
    model_free(r->model);
    free(r);
}
