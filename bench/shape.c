/* The files of a shape: reviews and products with the planted ratings, and a feature file of what a
 * network's last hidden layer looks like: not negative, about three in four zero. */
#include "bench/shape.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/shape_impl.h"
#include "core/file.h"
#include "core/memory.h"
#include "demo/amazon.h"
#include "math/vector.h"

enum { TAKE_BYTES = 1 << 20, ROWS_PER_REPORT = 4096 };

static const float STYLE_SEEN = 0.6f; // of the style, beside the rest of the look

typedef struct table_shape {
    const char *name, *category;
    uint32_t users, products;
    size_t ratings;
} table_shape;

/* Table 1 of the paper. */
static const table_shape shapes[] = {{"women", "Women", 14110, 116971, 307863},
                                     {"men", "Men", 19618, 62376, 187181},
                                     {"shoes", "Shoes", 22066, 71219, 211818},
                                     {"jewelry", "Jewelry", 13975, 62958, 161439}};

static const shape_layout *const layouts[] = {&shape_amazon, &shape_yelp};

/* What the writers share. */
typedef struct writing {
    job *job; // or NULL
    const char *folder;
    const table_shape *shape;
    const shape_layout *layout;
    planted_options planted;
    shape_report report;
} writing;

static lb_status progress(const writing *w, const char *stage, const char *unit, uint64_t done,
                          uint64_t total) {
    return w->job ? job_progress(w->job, stage, unit, done, total) : LB_OK;
}

/* ---------------------------------------------------------------- lines */

/* A file of lines, packed where its name ends in ".gz". */
typedef struct line_file {
    amazon_file *packed;
    file_writer *plain;
} line_file;

static lb_status line_file_open(const char *folder, const char *name, line_file *f) {
    size_t n = strlen(name);
    *f = (line_file){NULL, NULL};
    if (n > 3 && strcmp(name + n - 3, ".gz") == 0)
        return amazon_file_open(folder, name, &f->packed);
    char *path = file_path(folder, name);
    if (!path) return LB_E_NOMEM;
    lb_status status = file_writer_open(path, &f->plain);
    free(path);
    return status;
}

/* Hands what is in the text to the file once there is enough of it. */
static lb_status take(writing *w, line_file *f, text *t, size_t enough) {
    LB_TRY(t->status);
    if (t->n <= enough) return LB_OK;
    w->report.text_bytes += t->n;
    if (f->packed) return amazon_file_take(f->packed, t);
    size_t n = t->n;
    t->n = 0;
    return file_writer_write(f->plain, t->bytes, n);
}

static lb_status line_file_commit(line_file *f) {
    line_file open = *f;
    *f = (line_file){NULL, NULL};
    return open.packed ? amazon_file_commit(open.packed) : file_writer_commit(open.plain);
}

static void line_file_abort(line_file *f) {
    amazon_file_abort(f->packed);
    file_writer_abort(f->plain);
}

static lb_status add_review(const writing *w, const planted *p, size_t i, text *t) {
    shape_review review;
    shape_draw_review(p, w->planted.seed, i, &review);
    return w->layout->add_review(t, &review);
}

static lb_status add_product(const writing *w, const planted *p, size_t i, text *t) {
    shape_product product = {
        .number = (uint32_t)i, .inside = i < p->n_products, .category = w->shape->category};
    snprintf(product.kind, sizeof product.kind, "Kind %u", p->kind[i]);
    w->layout->add_product(t, &product);
    return t->status;
}

static lb_status write_lines(writing *w, const planted *p, const char *name, const char *what,
                             size_t n,
                             lb_status (*add)(const writing *, const planted *, size_t, text *)) {
    char stage[32];
    text t = {0};
    line_file file;
    snprintf(stage, sizeof stage, "writing %s", what);
    lb_status status = line_file_open(w->folder, name, &file);
    LB_TRY_CLEANUP(status);
    for (size_t i = 0; i < n; i++) {
        if (i % ROWS_PER_REPORT == 0) LB_TRY_CLEANUP(progress(w, stage, what, i, n));
        LB_TRY_CLEANUP(add(w, p, i, &t));
        LB_TRY_CLEANUP(take(w, &file, &t, TAKE_BYTES));
    }
    LB_TRY_CLEANUP(take(w, &file, &t, 0));
    status = line_file_commit(&file);
cleanup:
    line_file_abort(&file);
    free(t.bytes);
    return status;
}

/* ---------------------------------------------------------------- features */

/* Two cheap draws of 32 bits a word make noise of about the right form: a sum of two uniforms. */
static void add_noise(random_stream *r, float *values) {
    for (int i = 0; i < AMAZON_DIM; i++) {
        uint64_t bits = random_u64(r);
        float sum = (float)(uint32_t)bits + (float)(uint32_t)(bits >> 32);
        values[i] += 4.0f * (sum * 0x1p-32f - 1.0f);
    }
}

/* f = max(0, W look + noise - 7) / 2, W (PLANTED_LOOK, AMAZON_DIM) standard normal; what people
 * choose by is the smaller part of what can be seen. */
static void make_feature(const float *map, const float *look, random_stream *r, float *values) {
    for (int i = 0; i < AMAZON_DIM; i++) values[i] = -7;
    for (int d = 0; d < PLANTED_LOOK; d++)
        vec_axpy(values, d < PLANTED_STYLE ? STYLE_SEEN * look[d] : look[d],
                 map + (size_t)d * AMAZON_DIM, AMAZON_DIM);
    add_noise(r, values);
    for (int i = 0; i < AMAZON_DIM; i++) values[i] = values[i] > 0 ? 0.5f * values[i] : 0;
}

/* One product in a hundred has no picture. */
static lb_status write_features(writing *w, const planted *p) {
    float *map = NULL, *values = NULL;
    file_writer *file = NULL;
    lb_status status = LB_OK;
    char *path = file_path(w->folder, w->layout->features);
    if (!path) return LB_E_NOMEM;
    LB_TRY_CLEANUP(NEW_ARRAY(map, (size_t)PLANTED_LOOK * AMAZON_DIM));
    LB_TRY_CLEANUP(NEW_ARRAY(values, AMAZON_DIM));
    random_stream r = random_open(w->planted.seed, "shape map", 0);
    for (size_t i = 0; i < (size_t)PLANTED_LOOK * AMAZON_DIM; i++)
        map[i] = (float)random_normal(&r);
    LB_TRY_CLEANUP(file_writer_open(path, &file));
    for (uint32_t i = 0; i < p->all_products; i++) {
        char id[AMAZON_ID + 1];
        if (i % ROWS_PER_REPORT == 0)
            LB_TRY_CLEANUP(progress(w, "drawing features", "products", i, p->all_products));
        if (i % 100 == 99) continue;
        shape_amazon_id(i, id);
        r = random_open(w->planted.seed, "shape feature", i);
        make_feature(map, p->look + (size_t)i * PLANTED_LOOK, &r, values);
        LB_TRY_CLEANUP(file_writer_write(file, id, AMAZON_ID));
        LB_TRY_CLEANUP(file_writer_write(file, values, AMAZON_DIM * sizeof *values));
        w->report.feature_bytes += AMAZON_ID + AMAZON_DIM * sizeof *values;
    }
    status = file_writer_commit(file);
    file = NULL;
cleanup:
    file_writer_abort(file);
    free(map);
    free(values);
    free(path);
    return status;
}

/* ---------------------------------------------------------------- all files */

void shape_options_init(shape_options *options) {
    *options = (shape_options){
        .name = shapes[0].name, .layout = shape_amazon.name, .scale = 1, .least = 5, .seed = 1};
}

static lb_status choose(const shape_options *o, writing *w) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strcmp(shapes[i].name, o->name) == 0) w->shape = &shapes[i];
    if (!w->shape)
        return status_fail(LB_E_ARGUMENT, "there is no shape \"%s\": use " SHAPE_NAMES, o->name);
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (strcmp(layouts[i]->name, o->layout) == 0) w->layout = layouts[i];
    if (!w->layout)
        return status_fail(LB_E_ARGUMENT, "there is no layout \"%s\": use " SHAPE_LAYOUTS,
                           o->layout);
    if (!(o->scale >= 1e-4 && o->scale <= 100))
        return status_fail(LB_E_ARGUMENT, "the scale is %g: must be from 0.0001 to 100", o->scale);
    w->planted = (planted_options){
        .n_users = (uint32_t)round(o->scale * w->shape->users),
        .n_products = (uint32_t)round(o->scale * w->shape->products),
        .n_ratings = (size_t)round(o->scale * (double)w->shape->ratings),
        .least = o->least,
        .around = o->around,
        .seed = o->seed,
    };
    return LB_OK;
}

static void describe(const planted *p, size_t n_ratings, shape_report *out) {
    out->n_users = p->n_users;
    out->n_products = p->n_products;
    out->n_ratings = n_ratings;
    out->users_around = p->all_users - p->n_users;
    out->products_around = p->all_products - p->n_products;
    out->ratings_around = p->n - n_ratings;
}

lb_status shape_write(job *j, const char *folder, const shape_options *options, shape_report *out) {
    writing w = {.job = j, .folder = folder};
    planted p = {0};
    lb_status status;
    LB_TRY_CLEANUP(choose(options, &w));
    LB_TRY_CLEANUP(progress(&w, "drawing purchases", "", 0, 0));
    LB_TRY_CLEANUP(planted_new(&w.planted, &p));
    LB_TRY_CLEANUP(write_lines(&w, &p, w.layout->reviews, "reviews", p.n, add_review));
    LB_TRY_CLEANUP(
        write_lines(&w, &p, w.layout->products, "products", p.all_products, add_product));
    if (w.layout->features) LB_TRY_CLEANUP(write_features(&w, &p));
    describe(&p, w.planted.n_ratings, &w.report);
    *out = w.report;
cleanup:
    planted_free(&p);
    return status;
}
