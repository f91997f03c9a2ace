/*
 * `vasg` in files: users.x, products.x (rows, D), products.bias, .level; the prior of people;
 * spectral.source/.user/.product with their numbers; the cold head (cold.*); looks; the partitions'
 * vectors; decoder.* and encoder.*. All of what scoring needs, as it is used, so that another
 * program can rank with plain inner products.
 */
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "model/autoencoder.h"
#include "model/tensors.h"
#include "model/vasg.h"

static lb_status save_spectral(const vasg_model *m, st_writer *w) {
    const spectral_part *s = &m->spectral;
    LB_TRY(tensor_write_f32(w, "spectral.source", m->n_products, s->rank, s->source));
    LB_TRY(tensor_write_f32(w, "spectral.product", m->n_products, s->rank, s->product));
    LB_TRY(tensor_write_f32(w, "spectral.user", m->n_users, s->rank, s->user));
    LB_TRY(tensor_write_number(w, "vasg.alpha", m->alpha));
    LB_TRY(tensor_write_number(w, "spectral.user_offset", s->user_offset));
    LB_TRY(tensor_write_number(w, "spectral.product_offset", s->product_offset));
    LB_TRY(tensor_write_number(w, "spectral.edge", s->edge));
    LB_TRY(tensor_write_number(w, "spectral.share", s->share));
    return tensor_write_number(w, "spectral.tau", s->tau);
}

/* "cold.NAME" of the view of all features, "cold.f.NAME" of feature f alone. */
static void view_key(uint32_t view, const char *name, char key[64]) {
    if (view)
        snprintf(key, 64, "cold.%u.%s", view - 1, name);
    else
        snprintf(key, 64, "cold.%s", name);
}

static lb_status save_view(st_writer *w, uint32_t view, const kernel_ridge *k) {
    char key[64];
    view_key(view, "landmark", key);
    LB_TRY(tensor_write_f32(w, key, k->n_landmarks, k->dim, k->landmark));
    view_key(view, "coefficient", key);
    return tensor_write_f32(w, key, k->n_landmarks, k->n_targets, k->coefficient);
}

static lb_status save_cold(const vasg_model *m, st_writer *w) {
    const cold_head *h = &m->cold;
    LB_TRY(tensor_write_f32(w, "cold.user_mean", 1, h->dim, h->user_mean));
    LB_TRY(tensor_write_f32(w, "cold.product_mean", 1, h->dim, h->product_mean));
    LB_TRY(look_space_write(&h->space, "cold", w));
    LB_TRY(tensor_write_f32(w, "cold.axis", h->look_dim, h->space.dim, h->axis));
    for (uint32_t v = 0; v < h->n_views; v++) LB_TRY(save_view(w, v, &h->view[v]));
    return tensor_write_f32(w, "products.look", m->n_products, h->look_dim, m->product_look);
}

lb_status vasg_save(const void *state, st_writer *w) {
    const vasg_model *m = state;
    size_t users = m->n_users, products = m->n_products;
    LB_TRY(tensor_write_f32(w, "users.x", users, m->dim, m->x));
    LB_TRY(tensor_write_f32(w, "products.x", products, m->dim, m->x + users * m->dim));
    LB_TRY(tensor_write_f32(w, "products.bias", products, 1, m->bias));
    LB_TRY(tensor_write_f32(w, "products.embedding", products, m->dim, m->embedding));
    LB_TRY(tensor_write_f32(w, "products.level", products, 1, m->level));
    LB_TRY(tensor_write_number(w, "vasg.lambda", m->lambda));
    LB_TRY(tensor_write_f32(w, "people.mean", 1, m->dim, m->people.mean));
    LB_TRY(tensor_write_f32(w, "people.precision", m->dim, m->dim, m->people.precision));
    LB_TRY(tensor_write_number(w, "vasg.negatives", m->negatives));
    LB_TRY(tensor_write_number(w, "vasg.buyer_scale", m->buyer_scale));
    LB_TRY(tensor_write_number(w, "vasg.offset", m->offset));
    LB_TRY(tensor_write_number(w, "vasg.gap", m->gap));
    LB_TRY(save_spectral(m, w));
    LB_TRY(tensor_write_rows(w, "warm.product", m->n_warm, m->warm));
    LB_TRY(tensor_write_f32(w, "warm.vector", m->n_warm, vasg_warm_width(m), m->warm_vector));
    LB_TRY(tensor_write_f32(w, "warm.mean", 1, vasg_warm_width(m), m->mean_warm));
    LB_TRY(tensor_write_rows(w, "cold.product", m->n_cold, m->unseen));
    LB_TRY(tensor_write_f32(w, "cold.vector", m->n_cold, vasg_cold_width(m), m->cold_vector));
    if (m->has_look) LB_TRY(save_cold(m, w));
    if (m->decoder) LB_TRY(autoencoder_save(w, "decoder", m->decoder, true));
    return m->encoder ? autoencoder_save(w, "encoder", m->encoder, false) : LB_OK;
}

/* ---- reading */

static lb_status load_x(const st_reader *r, vasg_model *m) {
    float *users = NULL, *products = NULL;
    size_t dim;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(tensor_read_f32(r, "users.x", m->n_users, ST_ANY, &users, NULL, &dim));
    LB_TRY_CLEANUP(tensor_read_f32(r, "products.x", m->n_products, dim, &products, NULL, NULL));
    size_t n_users = (size_t)m->n_users * dim, n_products = (size_t)m->n_products * dim;
    LB_TRY_CLEANUP(NEW_ARRAY(m->x, n_users + n_products));
    memcpy(m->x, users, n_users * sizeof *users);
    memcpy(m->x + n_users, products, n_products * sizeof *products);
    m->dim = (uint32_t)dim;
cleanup:
    free(users);
    free(products);
    return status;
}

static lb_status load_spectral(const st_reader *r, vasg_model *m) {
    spectral_part *s = &m->spectral;
    size_t rank;
    LB_TRY(tensor_read_f32(r, "spectral.source", m->n_products, ST_ANY, &s->source, NULL, &rank));
    LB_TRY(tensor_read_f32(r, "spectral.product", m->n_products, rank, &s->product, NULL, NULL));
    LB_TRY(tensor_read_f32(r, "spectral.user", m->n_users, rank, &s->user, NULL, NULL));
    s->rank = (uint32_t)rank;
    LB_TRY(tensor_read_number(r, "vasg.alpha", &m->alpha));
    LB_TRY(tensor_read_number(r, "spectral.user_offset", &s->user_offset));
    LB_TRY(tensor_read_number(r, "spectral.product_offset", &s->product_offset));
    LB_TRY(tensor_read_number(r, "spectral.edge", &s->edge));
    LB_TRY(tensor_read_number(r, "spectral.share", &s->share));
    LB_TRY(tensor_read_number(r, "spectral.tau", &s->tau));
    if (m->alpha >= 0 && s->user_offset >= 0) return LB_OK; // roots are taken of them
    return status_fail(LB_E_FORMAT,
                       "vasg.alpha or spectral.user_offset is negative; train the model again");
}

static lb_status load_view(const st_reader *r, const cold_head *h, uint32_t view, kernel_ridge *k) {
    char key[64];
    k->dim = cold_view_dim(h, view);
    k->n_targets = (size_t)h->dim + 1;
    view_key(view, "landmark", key);
    LB_TRY(tensor_read_f32(r, key, ST_ANY, k->dim, &k->landmark, &k->n_landmarks, NULL));
    view_key(view, "coefficient", key);
    return tensor_read_f32(r, key, k->n_landmarks, k->n_targets, &k->coefficient, NULL, NULL);
}

static lb_status load_cold(const st_reader *r, vasg_model *m) {
    cold_head *h = &m->cold;
    size_t look_dim;
    h->dim = m->dim;
    LB_TRY(look_space_read(r, "cold", &h->space));
    LB_TRY(tensor_read_f32(r, "cold.axis", ST_ANY, h->space.dim, &h->axis, &look_dim, NULL));
    h->look_dim = (uint32_t)look_dim;
    LB_TRY(tensor_read_f32(r, "cold.user_mean", 1, m->dim, &h->user_mean, NULL, NULL));
    LB_TRY(tensor_read_f32(r, "cold.product_mean", 1, m->dim, &h->product_mean, NULL, NULL));
    h->n_views = h->space.n_features == 1 ? 1 : 1 + h->space.n_features;
    for (uint32_t v = 0; v < h->n_views; v++) LB_TRY(load_view(r, h, v, &h->view[v]));
    return tensor_read_f32(r, "products.look", m->n_products, look_dim, &m->product_look, NULL,
                           NULL);
}

static int has_tensor(const st_reader *r, const char *name) {
    for (size_t i = 0; i < st_reader_count(r); i++)
        if (strcmp(st_reader_tensor(r, i)->name, name) == 0) return 1;
    return 0;
}

static lb_status load_parts(const st_reader *r, vasg_model *m) {
    size_t n;
    LB_TRY(tensor_read_rows(r, "warm.product", ST_ANY, m->n_products, &m->warm, &n));
    m->n_warm = (uint32_t)n;
    LB_TRY(tensor_read_rows(r, "cold.product", ST_ANY, m->n_products, &m->unseen, &n));
    m->n_cold = (uint32_t)n;
    LB_TRY(tensor_read_f32(r, "warm.vector", m->n_warm, vasg_warm_width(m), &m->warm_vector, NULL,
                           NULL));
    LB_TRY(tensor_read_f32(r, "warm.mean", 1, vasg_warm_width(m), &m->mean_warm, NULL, NULL));
    return tensor_read_f32(r, "cold.vector", m->n_cold, vasg_cold_width(m), &m->cold_vector, NULL,
                           NULL);
}

static lb_status load_into(const st_reader *r, vasg_model *m) {
    LB_TRY(load_x(r, m));
    LB_TRY(tensor_read_f32(r, "products.bias", m->n_products, 1, &m->bias, NULL, NULL));
    LB_TRY(
        tensor_read_f32(r, "products.embedding", m->n_products, m->dim, &m->embedding, NULL, NULL));
    LB_TRY(tensor_read_f32(r, "products.level", m->n_products, 1, &m->level, NULL, NULL));
    LB_TRY(tensor_read_number(r, "vasg.lambda", &m->lambda));
    m->people.dim = m->dim;
    LB_TRY(tensor_read_f32(r, "people.mean", 1, m->dim, &m->people.mean, NULL, NULL));
    LB_TRY(
        tensor_read_f32(r, "people.precision", m->dim, m->dim, &m->people.precision, NULL, NULL));
    LB_TRY(tensor_read_number(r, "vasg.negatives", &m->negatives));
    if (!(m->negatives >= 0))
        return status_fail(LB_E_FORMAT, "vasg.negatives is negative; train the model again");
    LB_TRY(tensor_read_number(r, "vasg.buyer_scale", &m->buyer_scale));
    LB_TRY(tensor_read_number(r, "vasg.offset", &m->offset));
    LB_TRY(tensor_read_number(r, "vasg.gap", &m->gap));
    LB_TRY(load_spectral(r, m));
    m->has_look = has_tensor(r, "cold.axis");
    if (m->has_look) LB_TRY(load_cold(r, m));
    LB_TRY(load_parts(r, m));
    if (!m->has_look || !has_tensor(r, "decoder.0.weight")) return LB_OK;
    uint32_t width = look_width(&m->cold.space, 0);
    LB_TRY(autoencoder_load(r, "decoder", m->dim, width, &m->decoder, NULL));
    return autoencoder_load(r, "encoder", width, m->dim, &m->encoder, NULL);
}

lb_status vasg_load(const st_reader *r, const model_common *common, void **state) {
    vasg_model *m;
    LB_TRY(NEW_ARRAY(m, 1));
    options_init(&vasg_option_table, &m->options);
    m->n_users = common->n_users;
    m->n_products = common->n_products;
    m->dim = 0;
    lb_status status = load_into(r, m);
    if (status != LB_OK) {
        vasg_free(m);
        return status;
    }
    *state = m;
    return LB_OK;
}
