#include "model/model.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "math/cpu.h"
#include "math/gemm.h"
#include "math/vector.h"
#include "model/bpr.h"
#include "model/content.h"
#include "model/ease.h"
#include "model/encoders.h"
#include "model/ials.h"
#include "model/ibr.h"
#include "model/paper.h"
#include "model/simple.h"
#include "model/vasg.h"
#include "model/vbpr.h"
#include "model/whisper.h"

static const model_class *const classes[] = {
    &vasg_class, &paper_class, &rand_class,    &pop_class, &wboi_class, &inn_class,    &ibr_class,
    &ease_class, &ials_class,  &content_class, &bpr_class, &vbpr_class, &whisper_class};

enum { N_CLASSES = sizeof classes / sizeof *classes };

const model_class *model_class_at(size_t index) {
    return index < N_CLASSES ? classes[index] : NULL;
}

lb_status model_class_find(const char *name, const model_class **out) {
    char names[256] = "";
    size_t used = 0;
    for (size_t i = 0; i < N_CLASSES; i++) {
        if (strcmp(classes[i]->name, name) == 0) {
            *out = classes[i];
            return LB_OK;
        }
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
                                 classes[i]->name);
    }
    return status_fail(LB_E_ARGUMENT, "there is no model \"%s\"; there are: %s", name, names);
}

static lb_status copy_common(const fit_input *in, model_common *c) {
    const split *s = in->split;
    c->n_users = s->n_users;
    c->n_products = s->n_products;
    c->seed = in->seed;
    c->reader = in->reader;
    snprintf(c->isa, sizeof c->isa, "%s", lb_isa_name());
    feature_sets_names(in->features, in->n_features, c->feature);
    encoders_take(in->features, in->n_features, c);
    LB_TRY(NEW_ARRAY(c->user_start, (size_t)s->n_users + 1));
    LB_TRY(NEW_ARRAY(c->product, s->n_train));
    LB_TRY(NEW_ARRAY(c->rating, s->n_train));
    LB_TRY(NEW_ARRAY(c->degree, s->n_products));
    memcpy(c->user_start, s->user_start, ((size_t)s->n_users + 1) * sizeof *c->user_start);
    if (s->n_train) memcpy(c->product, s->product, s->n_train * sizeof *c->product);
    if (s->n_train) memcpy(c->rating, s->rating, s->n_train * sizeof *c->rating);
    memcpy(c->degree, s->degree, s->n_products * sizeof *c->degree);
    return LB_OK;
}

lb_status model_fit(job *j, const model_class *class, const char *const *settings,
                    size_t n_settings, const fit_input *input, model **out) {
    model *m;
    fit_input recorded = *input;
    void *options = NULL;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(m, 1));
    recorded.curve = &m->common.curve;
    if (!class->many_features && recorded.n_features) recorded.n_features = 1;
    m->class = class;
    LB_TRY_CLEANUP((options = memory_new(1, class->options->size)) ? LB_OK : LB_E_NOMEM);
    options_init(class->options, options);
    for (size_t i = 0; i < n_settings; i++)
        LB_TRY_CLEANUP(options_set(class->options, options, settings[i]));
    LB_TRY_CLEANUP((m->common.settings = options_print(class->options, options)) ? LB_OK
                                                                                 : LB_E_NOMEM);
    LB_TRY_CLEANUP(copy_common(input, &m->common));
    LB_TRY_CLEANUP(class->fit(j, &recorded, &m->common, options, &m->state));
    *out = m;
    m = NULL;
cleanup:
    free(options);
    model_free(m);
    return status;
}

static void free_ids(char **ids, uint32_t n) {
    for (uint32_t i = 0; ids && i < n; i++) free(ids[i]);
    free(ids);
}

void model_free(model *m) {
    if (!m) return;
    if (m->state) m->class->free(m->state);
    free_ids(m->user_ids, m->common.n_users);
    free_ids(m->product_ids, m->common.n_products);
    free(m->common.user_start);
    free(m->common.product);
    free(m->common.rating);
    free(m->common.degree);
    free(m->common.settings);
    curve_free(&m->common.curve);
    free(m);
}

/* ---- scoring through partitions */

/* Scores of a partition that are made together, so that they are still in the cache when they are
 * put where they belong. */
enum { TILE_SCORES = 1 << 16 };

/* scores of one partition's products for n users, scattered to out (n, n_products). */
static lb_status score_part(const model_part *part, const float *queries, size_t n,
                            size_t n_products, float *out) {
    size_t tile = TILE_SCORES / (n + 1) + 1;
    float *dense;
    lb_status status = LB_OK;
    if (tile > part->n) tile = part->n;
    LB_TRY(NEW_ARRAY(dense, n * tile));
    for (size_t first = 0; first < part->n && status == LB_OK; first += tile) {
        size_t width = part->n - first < tile ? part->n - first : tile;
        const uint32_t *product = part->product + first;
        status = matrix_multiply(0, 1, n, width, part->dim, 1, queries, part->dim,
                                 part->vector + first * part->dim, part->dim, 0, dense, width);
        for (size_t i = 0; i < n && status == LB_OK; i++)
            for (size_t k = 0; k < width; k++)
                out[i * n_products + product[k]] = dense[i * width + k];
    }
    free(dense);
    return status;
}

/* Who is scored for: trained users, or with texts people who ask. */
typedef struct askers {
    const uint32_t *user;    // (n); or
    const int64_t *asking;   // (n) user or -1
    const char *const *text; // (n) with `asking`
} askers;

static lb_status make_query(const model *m, const askers *a, size_t i,
                            float *const query[MODEL_MAX_PARTS]) {
    if (!a->text) return m->class->query_user(m->state, &m->common, a->user[i], query);
    return m->class->query_request(m->state, &m->common, a->asking[i], a->text[i], query);
}

static lb_status score_parts(const model *m, const askers *a, size_t n, float *out) {
    model_part part[MODEL_MAX_PARTS];
    float *query[MODEL_MAX_PARTS] = {NULL}, *at[MODEL_MAX_PARTS] = {NULL};
    size_t n_parts = m->class->parts(m->state, part);
    lb_status status = LB_OK;
    size_t n_scored = 0;
    for (size_t i = 0; i < n_parts; i++) n_scored += part[i].n; // no product is in two
    for (size_t i = 0; n_scored < m->common.n_products && i < n * m->common.n_products; i++)
        out[i] = -INFINITY;
    for (size_t i = 0; i < n_parts; i++) LB_TRY_CLEANUP(NEW_ARRAY(query[i], n * part[i].dim));
    for (size_t u = 0; u < n; u++) {
        for (size_t i = 0; i < n_parts; i++) at[i] = query[i] + u * part[i].dim;
        LB_TRY_CLEANUP(make_query(m, a, u, at));
    }
    for (size_t i = 0; i < n_parts; i++)
        if (part[i].n) LB_TRY_CLEANUP(score_part(&part[i], query[i], n, m->common.n_products, out));
cleanup:
    for (size_t i = 0; i < MODEL_MAX_PARTS; i++) free(query[i]);
    return status;
}

lb_status model_score(const model *m, const uint32_t *users, size_t n, float *scores) {
    if (m->class->score) return m->class->score(m->state, &m->common, users, n, scores);
    return score_parts(m, &(askers){.user = users}, n, scores);
}

lb_status model_score_requests(const model *m, const int64_t *users, const char *const *texts,
                               size_t n, float *scores) {
    if (!m->class->takes_text)
        return status_fail(LB_E_UNSUPPORTED,
                           "a %s model does not take requests in words: use whisper",
                           m->class->name);
    return score_parts(m, &(askers){.asking = users, .text = texts}, n, scores);
}

/* ---- pairs of products */

void model_relate_rows(const float *x, size_t dim, bool cosine, const relation *pairs, size_t n,
                       float *scores) {
    for (size_t i = 0; i < n; i++) {
        const float *a = x + pairs[i].a * dim, *b = x + pairs[i].b * dim;
        float norms = vec_norm(a, dim) * vec_norm(b, dim);
        scores[i] = norms > 0 ? vec_dot(a, b, dim) / (cosine ? norms : 1) : -INFINITY;
    }
}

lb_status model_relate(const model *m, const relation *pairs, size_t n, float *scores) {
    uint32_t dim = 0;
    if (m->class->relate) return m->class->relate(m->state, &m->common, pairs, n, scores);
    const float *x = m->class->embedding ? m->class->embedding(m->state, &dim) : NULL;
    if (!x)
        return status_fail(LB_E_UNSUPPORTED,
                           "%s has no space of products to tell which go together", m->class->name);
    model_relate_rows(x, dim, true, pairs, n, scores);
    return LB_OK;
}
