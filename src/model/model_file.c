/*
 * Model files. Every model holds, beside its own tensors:
 *   users.bytes/.offsets, products.bytes/.offsets   ids by row
 *   train.user_start (n_users + 1, 1) U32           the training part as CSR,
 *   train.product (n, 1) U32, train.rating (n, 1)   product rows and ratings
 *   train.degree (n_products, 1) U32                training interactions of each product
 *   training.curve (n_points, n_columns) F64        model/curve.h, if something was recorded
 * and as metadata: lookbook.model, .version, .seed, .isa, .split, .feature, .settings, and of each
 * feature .encoder.NAME (encoders.h).
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "data/tombstone.h"
#include "model/encoders.h"
#include "model/model.h"
#include "model/tensors.h"

typedef const char *(*id_of)(const dataset *d, uint32_t row);

static lb_status write_ids(st_writer *w, const char *name, const dataset *d, id_of id, uint32_t n) {
    const char **ids;
    LB_TRY(NEW_ARRAY(ids, n));
    for (uint32_t i = 0; i < n; i++) ids[i] = id(d, i);
    lb_status status = st_writer_strings(w, name, ids, n);
    free(ids);
    return status;
}

static lb_status write_metadata(st_writer *w, const model *m) {
    char seed[24];
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)m->common.seed);
    LB_TRY(st_writer_metadata(w, "lookbook.model", m->class->name));
    LB_TRY(st_writer_metadata(w, "lookbook.version", LB_VERSION));
    LB_TRY(st_writer_metadata(w, "lookbook.seed", seed));
    LB_TRY(st_writer_metadata(w, "lookbook.isa", m->common.isa));
    LB_TRY(st_writer_metadata(w, "lookbook.split", m->common.split));
    LB_TRY(st_writer_metadata(w, "lookbook.feature", m->common.feature));
    LB_TRY(encoders_write(w, &m->common));
    return st_writer_metadata(w, "lookbook.settings", m->common.settings);
}

static lb_status write_common(st_writer *w, const model *m) {
    const model_common *c = &m->common;
    size_t n_train = c->user_start[c->n_users];
    LB_TRY(tensor_write_rows(w, "train.user_start", (size_t)c->n_users + 1, c->user_start));
    LB_TRY(tensor_write_rows(w, "train.product", n_train, c->product));
    LB_TRY(tensor_write_f32(w, "train.rating", n_train, 1, c->rating));
    return tensor_write_rows(w, "train.degree", c->n_products, c->degree);
}

lb_status model_save(const model *m, const dataset *d, const char *path) {
    st_writer *w;
    double *curve_room = NULL;
    LB_TRY(st_writer_new(&w));
    lb_status status = LB_OK;
    if (dataset_n_users(d) < m->common.n_users || dataset_n_products(d) < m->common.n_products) {
        status = status_fail(LB_E_MISMATCH,
                             "%s: the dataset has fewer users or products than the model", path);
        goto cleanup;
    }
    LB_TRY_CLEANUP(write_metadata(w, m));
    LB_TRY_CLEANUP(write_ids(w, "users", d, dataset_user_id, m->common.n_users));
    LB_TRY_CLEANUP(write_ids(w, "products", d, dataset_product_id, m->common.n_products));
    LB_TRY_CLEANUP(write_common(w, m));
    LB_TRY_CLEANUP(curve_write(w, &m->common.curve, &curve_room));
    LB_TRY_CLEANUP(m->class->save(m->state, w));
    LB_TRY_CLEANUP(st_writer_save(w, path));
cleanup:
    st_writer_free(w);
    free(curve_room);
    return status;
}

/* ---- reading */

static lb_status read_ids(const st_reader *r, const char *name, char ***out, uint32_t *n) {
    st_strings strings;
    LB_TRY(st_reader_strings(r, name, &strings));
    if (strings.n > UINT32_MAX)
        return status_fail(LB_E_FORMAT, "%s: %zu ids are too many", name, strings.n);
    char **ids;
    LB_TRY(NEW_ARRAY(ids, strings.n));
    *out = ids; // freed with the model, whatever follows
    *n = (uint32_t)strings.n;
    for (size_t i = 0; i < strings.n; i++) {
        size_t length;
        const char *bytes = st_string(&strings, i, &length);
        if (!(ids[i] = memory_bytes(bytes, length))) return LB_E_NOMEM;
    }
    return LB_OK;
}

static lb_status check_csr(const model_common *c, size_t n_train) {
    int ascending = c->user_start[0] == 0 && c->user_start[c->n_users] == n_train;
    for (uint32_t u = 0; u < c->n_users && ascending; u++)
        ascending = c->user_start[u] <= c->user_start[u + 1];
    if (ascending) return LB_OK;
    return status_fail(LB_E_FORMAT,
                       "train.user_start does not fit the %zu interactions; train the model again",
                       n_train);
}

static lb_status read_common(const st_reader *r, model *m) {
    model_common *c = &m->common;
    size_t n_train;
    LB_TRY(read_ids(r, "users", &m->user_ids, &c->n_users));
    LB_TRY(read_ids(r, "products", &m->product_ids, &c->n_products));
    LB_TRY(tensor_read_rows(r, "train.product", ST_ANY, c->n_products, &c->product, &n_train));
    LB_TRY(tensor_read_f32(r, "train.rating", n_train, 1, &c->rating, NULL, NULL));
    LB_TRY(tensor_read_rows(r, "train.degree", c->n_products, UINT32_MAX, &c->degree, NULL));
    LB_TRY(tensor_read_rows(r, "train.user_start", (size_t)c->n_users + 1, UINT32_MAX,
                            &c->user_start, NULL));
    return check_csr(c, n_train);
}

static const char *text_of(const st_reader *r, const char *key) {
    const char *text = st_reader_metadata(r, key);
    return text ? text : "";
}

static lb_status read_metadata(const st_reader *r, model *m) {
    model_common *c = &m->common;
    const char *name = text_of(r, "lookbook.model");
    if (!*name) return status_fail(LB_E_FORMAT, "a safetensors file, but not a Lookbook model");
    LB_TRY(model_class_find(name, &m->class));
    c->seed = strtoull(text_of(r, "lookbook.seed"), NULL, 10);
    snprintf(c->isa, sizeof c->isa, "%s", text_of(r, "lookbook.isa"));
    snprintf(c->split, sizeof c->split, "%s", text_of(r, "lookbook.split"));
    snprintf(c->feature, sizeof c->feature, "%s", text_of(r, "lookbook.feature"));
    LB_TRY(encoders_read(r, c));
    return (c->settings = memory_string(text_of(r, "lookbook.settings"))) ? LB_OK : LB_E_NOMEM;
}

lb_status model_load(const char *path, model **out) {
    st_reader *r = NULL;
    model *m = NULL;
    lb_status status = LB_OK;
    LB_TRY(st_reader_open(path, &r));
    LB_TRY_CLEANUP(NEW_ARRAY(m, 1));
    if (!st_reader_verified(r)) {
        status = status_fail(LB_E_FORMAT,
                             "it has no checksum: not written by Lookbook, or damaged");
        goto cleanup;
    }
    LB_TRY_CLEANUP(read_metadata(r, m));
    LB_TRY_CLEANUP(read_common(r, m));
    LB_TRY_CLEANUP(curve_read(r, &m->common.curve));
    LB_TRY_CLEANUP(m->class->load(r, &m->common, &m->state));
    *out = m;
    m = NULL;
cleanup:
    st_reader_close(r);
    model_free(m);
    if (status == LB_E_NOT_FOUND || status == LB_E_MISMATCH) // of a tensor; the file is named
        return status_fail(LB_E_FORMAT, "%s; another version wrote it: train the model again",
                           lb_last_error());
    if (status == LB_E_ARGUMENT) status = LB_E_FORMAT; // the file is at fault
    return status == LB_OK || status == LB_E_NOMEM ? status : status_prefix(status, "%s", path);
}

/* ---- whose model it is */

/* The dataset's first n ids are the model's: rows never change, so an extended dataset fits. What
 * was taken out of the dataset since, or before the training, has no id to compare. */
static lb_status compare_ids(const dataset *d, const char *path, const char *what, char **ids,
                             uint32_t n, uint32_t n_dataset,
                             const char *(*name_of)(const dataset *, uint32_t)) {
    for (uint32_t i = 0; i < n && i < n_dataset; i++)
        if (strcmp(ids[i], name_of(d, i)) != 0 && !id_is_tombstone(name_of(d, i)))
            return status_fail(LB_E_MISMATCH,
                               "%s was trained on another dataset than %s: %s %u is \"%s\" in the "
                               "model and \"%s\" in the dataset; train a model on this dataset",
                               path, dataset_directory(d), what, i, ids[i], name_of(d, i));
    if (n > n_dataset)
        return status_fail(LB_E_MISMATCH,
                           "%s was trained on another dataset than %s: the model's %s %u, \"%s\", "
                           "is not there; train a model on this dataset",
                           path, dataset_directory(d), what, n_dataset, ids[n_dataset]);
    return LB_OK;
}

lb_status model_check_dataset(const model *m, const char *path, const dataset *d) {
    LB_TRY(compare_ids(d, path, "product", m->product_ids, m->common.n_products,
                       dataset_n_products(d), dataset_product_id));
    LB_TRY(compare_ids(d, path, "user", m->user_ids, m->common.n_users, dataset_n_users(d),
                       dataset_user_id));
    return encoders_check(&m->common, path, d);
}
