#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "run/report_parts.h"
#include "run/trial.h"

/* The rows of the users' and the products' vectors. */
static lb_status find_space(report_space *s) {
    const model *m = s->model;
    uint32_t dim = 0;
    if (m->class->embedding && m->class->user_embedding) {
        s->product = m->class->embedding(m->state, &s->dim);
        s->user = m->class->user_embedding(m->state, &dim);
    }
    if (s->product && s->user && dim == s->dim) return LB_OK;
    return status_fail(LB_E_UNSUPPORTED,
                       "%s: the model %s has no space that users and products share; report on one "
                       "that has, such as vasg",
                       s->path, m->class->name);
}

/* Whether the model was trained on the training part of this split. */
static bool trained_on(const model *m, const split *s) {
    const model_common *c = &m->common;
    size_t offsets = ((size_t)s->n_users + 1) * sizeof *s->user_start;
    return c->n_users == s->n_users && c->n_products == s->n_products &&
           memcmp(c->user_start, s->user_start, offsets) == 0 &&
           memcmp(c->product, s->product, s->n_train * sizeof *s->product) == 0;
}

/* The split that the file names, for its held-out products. */
static lb_status find_split(const run_source *source, report_space *s) {
    const char *name = s->model->common.split;
    if (!run_split_parse(name, &s->split_options)) {
        snprintf(s->why_untested, sizeof s->why_untested,
                 "the model does not say what it was "
                 "trained on");
        return LB_OK;
    }
    lb_status status = run_source_split(source, &s->split_options, s->split_options.seed,
                                        &s->split);
    if (trial_is_fatal(status)) return status;
    if (status != LB_OK || !trained_on(s->model, s->split)) {
        split_free(s->split);
        s->split = NULL;
        snprintf(s->why_untested, sizeof s->why_untested,
                 "the dataset has changed since the model was trained");
    } else if (!s->split->n_test) {
        snprintf(s->why_untested, sizeof s->why_untested,
                 "the model was trained on all interactions");
    }
    return LB_OK;
}

lb_status report_space_open(const run_source *source, const char *path, const char *name,
                            report_space *out) {
    *out = (report_space){0};
    if (!(out->path = memory_string(path))) return LB_E_NOMEM;
    LB_TRY(model_load(path, &out->model));
    if (!(out->name = memory_string(name ? name : out->model->class->name))) return LB_E_NOMEM;
    LB_TRY(model_check_dataset(out->model, path, source->dataset));
    LB_TRY(find_space(out));
    return find_split(source, out);
}

static void map_free(report_map *m) {
    free(m->product);
    free(m->x);
    free(m->y);
    free(m->groups);
}

void report_space_close(report_space *s) {
    map_free(&s->components);
    map_free(&s->neighbours);
    free(s->analogies.cases);
    free(s->products.cosine);
    free(s->centred.cosine);
    free(s->people.cosine);
    split_free(s->split);
    model_free(s->model);
    free(s->name);
    free(s->path);
    *s = (report_space){0};
}
