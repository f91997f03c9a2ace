/* For the tests of models: a small synthetic shop in which taste and looks go together, training
 * with settings, and scores. */
#ifndef LB_TESTS_MODEL_SHOP_H
#define LB_TESTS_MODEL_SHOP_H

#include "core/file.h"
#include "data/shop_files.h"

#include <math.h>

#include "core/random.h"
#include "data/split.h"
#include "model/look.h"
#include "model/model.h"

enum { GROUPS = 4, USERS = 120, PRODUCTS = 60, PER_USER = 16, FEATURE = 12 };

static inline job *new_job(unsigned threads) {
    lb_runtime runtime = {.threads = threads};
    job *j;
    assert_ok(job_new(&runtime, &j));
    return j;
}

/* ---------------------------------------------------------------- a small shop */

typedef struct shop {
    dataset *d;
    split *s;
    feature_set f;
} shop;

/* Users of a group buy mostly products of their group, which look alike. */
static inline void write_events(const char *path) {
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    random_stream r = random_open(5, "test", 0);
    for (unsigned u = 0; u < USERS; u++)
        for (int k = 0; k < PER_USER; k++) {
            uint64_t p = random_below(&r, PRODUCTS);
            if (random_unit(&r) < 0.6) p = p / GROUPS * GROUPS + u % GROUPS;
            fprintf(f, "u%u\tp%u\n", u, (unsigned)p);
        }
    assert_int_equal(fclose(f), 0);
}

typedef enum looks { LOOKS_ALL, LOOKS_SOME, LOOKS_COLD } looks;

static inline void write_looks(const char *directory, const dataset *d, const split *s,
                               looks which) {
    uint32_t n = dataset_n_products(d);
    float *rows = calloc((size_t)n * FEATURE, sizeof *rows);
    uint8_t *present = calloc(n, 1);
    random_stream r = random_open(6, "test", 0);
    for (uint32_t p = 0; p < n; p++) {
        size_t group = strtoul(dataset_product_id(d, p) + 1, NULL, 10) % GROUPS;
        for (size_t i = 0; i < FEATURE; i++)
            rows[p * FEATURE + i] = (i % GROUPS == group ? 1.0f : 0.0f) + random_unit_f32(&r);
        present[p] = which == LOOKS_ALL || (which == LOOKS_SOME && p % 5) ||
                     (which == LOOKS_COLD && s->degree[p] == 0);
    }
    assert_ok(dataset_feature_write(directory,
                                    &(feature_rows){"look", "", rows, present, n, FEATURE, false}));
    free(rows);
    free(present);
}

static inline shop shop_open(looks which) {
    const char *folder = test_folder(), *path = in(folder, "events.tsv"), *at = in(folder, "shop");
    shop out;
    split_options options = {
        .method = "leave-one-out", .seed = 1, .min_user = 3, .cold = COLD_BALANCED};
    write_events(path);
    assert_ok(import_into(at, &(lb_import_options){.interactions = path}, NULL));
    assert_ok(dataset_open(at, &out.d));
    assert_ok(split_load(out.d, &options, &out.s));
    write_looks(at, out.d, out.s, which);
    dataset_close(out.d);
    assert_ok(dataset_open(at, &out.d));
    assert_ok(dataset_feature_open(out.d, "look", &out.f));
    return out;
}

static inline void shop_close(shop *s) {
    feature_set_close(&s->f);
    split_free(s->s);
    dataset_close(s->d);
}

/* Trains with the settings of two NULL-terminated lists; either may be NULL. */
static inline lb_status fit_settings(job *j, const model_class *class, const char *const *first,
                                     const char *const *more, const fit_input *input, model **out) {
    enum { MAX_SETTINGS = 32 };
    const char *settings[MAX_SETTINGS];
    size_t n = 0;
    for (; first && *first; first++) settings[n++] = *first;
    for (; more && *more; more++) settings[n++] = *more;
    assert_true(n < MAX_SETTINGS);
    return model_fit(j, class, settings, n, input, out);
}

/* All rows of a table as models fetch them, (n, dim), or as they were imported. */
static inline float *all_looks(const look_table *l, bool raw) {
    look_view view = {l, NULL, raw, 0};
    row_source rows = look_rows(&view, l->n);
    float *out = calloc((size_t)l->n * l->dim, sizeof *out);
    assert_ok(rows_fetch(NULL, &rows, 0, l->n, out));
    return out;
}

static inline float *all_scores(const model *m) {
    size_t n = m->common.n_users;
    uint32_t *users = calloc(n, sizeof *users);
    float *scores = calloc(n * m->common.n_products, sizeof *scores);
    for (uint32_t u = 0; u < n; u++) users[u] = u;
    assert_ok(model_score(m, users, n, scores));
    free(users);
    return scores;
}

static inline void assert_same_scores(const model *a, const model *b) {
    float *x = all_scores(a), *y = all_scores(b);
    assert_memory_equal(x, y, (size_t)a->common.n_users * a->common.n_products * sizeof *x);
    free(x);
    free(y);
}

/* The same points to the last bit, those not measured included. */
static inline void assert_same_curve(const curve *a, const curve *b) {
    assert_int_equal(a->n_points, b->n_points);
    assert_int_equal(a->n_columns, b->n_columns);
    assert_true(a->n_points > 0);
    for (size_t k = 0; k < a->n_columns; k++) {
        assert_string_equal(a->name[k], b->name[k]);
        for (size_t i = 0; i < a->n_points; i++) {
            double x = curve_at(a, i, k), y = curve_at(b, i, k);
            if (!(isnan(x) && isnan(y))) assert_memory_equal(&x, &y, sizeof x);
        }
    }
}

/* Whether two files hold the same bytes. */
static inline int same_files(const char *a, const char *b) {
    file_map x, y;
    assert_ok(file_map_open(a, &x));
    assert_ok(file_map_open(b, &y));
    int same = x.size == y.size && memcmp(x.bytes, y.bytes, x.size) == 0;
    file_map_close(&x);
    file_map_close(&y);
    return same;
}

static inline void assert_near(const float *a, const float *b, size_t n, float error) {
    for (size_t i = 0; i < n; i++)
        if (!(fabsf(a[i] - b[i]) <= error * (1 + fabsf(b[i]))))
            fail_msg("number %zu is %f, not %f", i, (double)a[i], (double)b[i]);
}

/* A cold product with these features (n), side by side, that comes after training is placed where
 * the model, trained with it in the catalogue, has it: its vector, and so all its scores; its
 * embedding; and its look, as that of warm products too. Returns how many were cold. */
static inline size_t assert_placed_as_cold(const model *m, const feature_set *f, size_t n,
                                           float error) {
    const model_class *c = m->class;
    uint32_t place_dim, look_dim, dim = 0;
    const float *embedding = c->embedding(m->state, &place_dim);
    const float *all = c->look(m->state, &look_dim);
    model_part part[MODEL_MAX_PARTS];
    const model_part *cold = &part[c->parts(m->state, part) - 1];
    for (size_t k = 0; k < n; k++) dim += f[k].dim;
    float *feature = calloc(dim, sizeof *feature), *vector = calloc(cold->dim, sizeof *vector);
    float *place = calloc(place_dim, sizeof *place), *look = calloc(look_dim, sizeof *look);
    size_t n_cold = 0;
    for (uint32_t p = 0; p < m->common.n_products; p++) {
        bool any = false;
        float *to = feature;
        for (size_t k = 0; k < n; to += f[k++].dim)
            if (feature_row(&f[k], p, to))
                any = true;
            else
                to[0] = NAN;
        for (uint32_t d = 0; d < look_dim && !any; d++)
            assert_true(all[(size_t)p * look_dim + d] == 0);
        if (!any) continue;
        assert_ok(c->place(m->state, feature, 1, dim, NULL, vector, place, look));
        assert_near(look, all + (size_t)p * look_dim, look_dim, error);
        if (m->common.degree[p]) continue;
        assert_int_equal(cold->product[n_cold], p);
        assert_near(vector, cold->vector + n_cold++ * cold->dim, cold->dim, error);
        assert_near(place, embedding + (size_t)p * place_dim, place_dim, error);
    }
    assert_error(c->place(m->state, feature, 1, dim + 1, NULL, vector, place, look), LB_E_MISMATCH,
                 "values, the model was trained on");
    free(feature);
    free(vector);
    free(place);
    free(look);
    return n_cold;
}

#endif
