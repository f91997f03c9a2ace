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
    r->n_fixed = dataset_n_products(r->dataset);
    return LB_OK;
}

/* The dataset's ids where there is one: it knows which products were taken out since. */
static lb_status map_products(lb_recommender *r, const char *path) {
    if (!r->dataset)
        return map_ids(path, "product", r->model->product_ids, r->n_fixed, &r->products);
    for (uint32_t p = 0, row; p < r->n_fixed; p++)
        LB_TRY(idmap_add(&r->products, dataset_product_id(r->dataset, p), &row, NULL));
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
        *own = (live_part){
            .query = i, .n = part[i].n, .product = part[i].product, .vector = part[i].vector};
        r->query_dim[i] = part[i].dim;
        for (uint32_t k = 0; k < part[i].n; k++) own->n_new += live_is_new(r, part[i].product[k]);
    }
    return index_parts(j, r, part);
}

/* Where each product is searched, and where each part's bits are in a mask. */
static lb_status lay_out(lb_recommender *r) {
    LB_TRY(NEW_ARRAY(r->part_of, r->n_fixed));
    LB_TRY(NEW_ARRAY(r->place_of, r->n_fixed));
    memset(r->part_of, LIVE_MAX_PARTS, r->n_fixed);
    for (size_t i = 0; i < r->n_parts; i++) {
        live_part *part = &r->part[i];
        part->word = r->mask_words;
        r->mask_words += ((size_t)part->n + 63) / 64;
        for (uint32_t k = 0; k < part->n; k++) {
            r->part_of[part->product[k]] = (uint8_t)i;
            r->place_of[part->product[k]] = k;
        }
    }
    LB_TRY(live_reserve(r, r->n_fixed + 1));
    r->n_products = r->n_fixed;
    return LB_OK;
}

static lb_status open_rest(lb_recommender *r, bool served) {
    LB_TRY(live_catalogue_load(r));
    LB_TRY(live_encoders_new(r));
    if (served) return live_people_new(r);
    memcpy(r->buyers, r->model->common.degree, r->model->common.n_products * sizeof *r->buyers);
    return LB_OK;
}

lb_status live_open(job *j, const char *path, const char *directory, bool served,
                    const char *onnx_library, lb_recommender **out) {
    lb_recommender *r;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(r, 1));
    LB_TRY_CLEANUP(job_progress(j, "open", "models", 0, 1));
    LB_TRY_CLEANUP(live_categories_new(&r->categories));
    if (onnx_library)
        LB_TRY_CLEANUP((r->onnx_library = memory_string(onnx_library)) ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(model_load(path, &r->model));
    const model *m = r->model;
    r->n_fixed = m->common.n_products;
    LB_TRY_CLEANUP(map_ids(path, "user", m->user_ids, m->common.n_users, &r->users));
    if (directory) LB_TRY_CLEANUP(open_dataset(r, path, directory));
    LB_TRY_CLEANUP(map_products(r, path));
    LB_TRY_CLEANUP(open_parts(j, r));
    LB_TRY_CLEANUP(live_spaces_new(j, r));
    LB_TRY_CLEANUP(lay_out(r));
    LB_TRY_CLEANUP(open_rest(r, served));
    LB_TRY_CLEANUP(job_progress(j, "open", "models", 1, 1));
    *out = r;
    return LB_OK;
cleanup:
    live_close(r);
    return status;
}

static void fresh_free(live_fresh *f) {
    free(f->row);
    free(f->searched);
    free(f->tasted);
    free(f->vector);
    free(f->taste);
    free(f->look);
    free(f->slot);
}

void live_close(lb_recommender *r) {
    if (!r) return;
    for (size_t i = 0; i < r->n_parts; i++) index_free(r->part[i].index);
    live_space_free(&r->taste);
    live_space_free(&r->look);
    live_categories_free(r->categories);
    live_people_free(r->people);
    live_encoders_free(r);
    feature_sets_close(r->feature, r->n_features);
    fresh_free(&r->fresh);
    for (uint32_t p = 0; r->known && p < r->capacity; p++) free(r->known[p]);
    free(r->known);
    free(r->buyers);
    free(r->price);
    free(r->gone);
    free(r->hidden);
    free((void *)r->stand_in);
    free(r->part_of);
    free(r->place_of);
    free(r->look_mean);
    free(r->gained);
    free(r->gained_vector);
    free(r->onnx_library);
    idmap_free(&r->users);
    idmap_free(&r->products);
    dataset_close(r->dataset);
    model_free(r->model);
    free(r);
}
