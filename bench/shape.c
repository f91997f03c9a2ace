/* The files of a shape: reviews and products with the planted ratings, and a feature file of what a
 * network's last hidden layer looks like: not negative, about three in four zero. */
#include "bench/shape.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/planted.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "demo/amazon.h"
#include "math/vector.h"

enum { TAKE_BYTES = 1 << 20, WORDS = 64, BODY = 512, PRODUCTS_PER_REPORT = 4096 };

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

/* What the writers share. */
typedef struct writing {
    job *job; // or NULL
    const char *folder;
    const table_shape *shape;
    planted_options planted;
    shape_report report;
} writing;

static lb_status progress(const writing *w, const char *stage, const char *unit, uint64_t done,
                          uint64_t total) {
    return w->job ? job_progress(w->job, stage, unit, done, total) : LB_OK;
}

/* Hands what is in the text to the file once there is enough of it. */
static lb_status take(writing *w, amazon_file *file, text *t, size_t enough) {
    if (t->n <= enough) return t->status;
    w->report.text_bytes += t->n;
    return amazon_file_take(file, t);
}

/* ---------------------------------------------------------------- reviews */

static const char *const words[WORDS] = {
    "the",     "and",     "it",     "is",     "a",      "to",          "of",       "this",
    "very",    "fit",     "great",  "nice",   "size",   "colour",      "love",     "soft",
    "small",   "large",   "bought", "wear",   "shirt",  "dress",       "shoes",    "price",
    "quality", "look",    "looks",  "good",   "well",   "made",        "material", "comfortable",
    "perfect", "gift",    "wife",   "black",  "red",    "blue",        "white",    "ordered",
    "picture", "exactly", "like",   "was",    "not",    "but",         "little",   "tight",
    "loose",   "long",    "short",  "fabric", "washed", "again",       "would",    "buy",
    "happy",   "with",    "day",    "all",    "many",   "compliments", "for",      "my"};

static void write_text(random_stream *r, char *out, size_t size) {
    size_t n = 8 + random_below(r, 80), used = 0;
    for (size_t i = 0; i < n && used + 16 < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? " " : "",
                                 words[random_below(r, WORDS)]);
}

static void user_id(uint32_t user, char out[16]) {
    snprintf(out, 16, "A%013u", user);
}

static void product_id(uint32_t product, char out[AMAZON_ID + 1]) {
    snprintf(out, AMAZON_ID + 1, "B%09u", product % 1000000000);
}

static lb_status add_review(text *t, const planted_rating *rating, random_stream *r) {
    char user[16], product[AMAZON_ID + 1], body[BODY];
    user_id(rating->user, user);
    product_id(rating->product, product);
    write_text(r, body, sizeof body);
    amazon_review review = {.user = user,
                            .product = product,
                            .user_name = "A customer",
                            .summary = words[random_below(r, WORDS)],
                            .body = body,
                            .stars = random_below(r, 4) ? 5 : 1 + (int)random_below(r, 4),
                            .time = 1041379200 + (int64_t)random_below(r, 4200) * 86400};
    return amazon_add_review(t, &review);
}

static lb_status write_reviews(writing *w, const planted *p) {
    text t = {0};
    amazon_file *file = NULL;
    lb_status status;
    random_stream r = random_open(w->planted.seed, "shape reviews", 0);
    LB_TRY(amazon_file_open(w->folder, SHAPE_REVIEWS, &file));
    for (size_t i = 0; i < p->n; i++) {
        if (i % PRODUCTS_PER_REPORT == 0)
            LB_TRY_CLEANUP(progress(w, "writing reviews", "reviews", i, p->n));
        LB_TRY_CLEANUP(add_review(&t, &p->rating[i], &r));
        LB_TRY_CLEANUP(take(w, file, &t, TAKE_BYTES));
    }
    LB_TRY_CLEANUP(take(w, file, &t, 0));
    status = amazon_file_commit(file);
    file = NULL;
cleanup:
    amazon_file_abort(file);
    free(t.bytes);
    return status;
}

/* ---------------------------------------------------------------- products */

/* A product may be in several categories; that of the shape need not be the first. */
static void add_product(text *t, const writing *w, const planted *p, uint32_t i) {
    char id[AMAZON_ID + 1], title[64], kind[16], image[64];
    bool inside = i < p->n_products;
    product_id(i, id);
    snprintf(kind, sizeof kind, "Kind %u", p->kind[i]);
    snprintf(title, sizeof title, "%s %s, no. %u", w->shape->category, kind, i);
    snprintf(image, sizeof image, "http://shop.example/images/%s.jpg", id);
    const char *own[] = {"Clothing, Shoes & Jewelry", inside ? w->shape->category : "Luggage", kind,
                         NULL};
    const char *other[] = {"Clothing, Shoes & Jewelry", "Novelty, Costumes & More", NULL};
    const char *const *paths[] = {i % 7 ? own : other, i % 7 ? other : own};
    amazon_product product = {.id = id,
                              .title = title,
                              .image = image,
                              .brand = "House brand",
                              .price = 9.5 + i % 90,
                              .path = paths,
                              .n_paths = i % 7 && i % 3 ? 1 : 2};
    amazon_add_product(t, &product);
}

static lb_status write_meta(writing *w, const planted *p) {
    text t = {0};
    amazon_file *file = NULL;
    lb_status status;
    LB_TRY(amazon_file_open(w->folder, SHAPE_META, &file));
    for (uint32_t i = 0; i < p->all_products; i++) {
        add_product(&t, w, p, i);
        LB_TRY_CLEANUP(take(w, file, &t, TAKE_BYTES));
    }
    LB_TRY_CLEANUP(take(w, file, &t, 0));
    status = amazon_file_commit(file);
    file = NULL;
cleanup:
    amazon_file_abort(file);
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
    char *path = file_path(w->folder, SHAPE_FEATURES);
    if (!path) return LB_E_NOMEM;
    LB_TRY_CLEANUP(NEW_ARRAY(map, (size_t)PLANTED_LOOK * AMAZON_DIM));
    LB_TRY_CLEANUP(NEW_ARRAY(values, AMAZON_DIM));
    random_stream r = random_open(w->planted.seed, "shape map", 0);
    for (size_t i = 0; i < (size_t)PLANTED_LOOK * AMAZON_DIM; i++)
        map[i] = (float)random_normal(&r);
    LB_TRY_CLEANUP(file_writer_open(path, &file));
    for (uint32_t i = 0; i < p->all_products; i++) {
        char id[AMAZON_ID + 1];
        if (i % PRODUCTS_PER_REPORT == 0)
            LB_TRY_CLEANUP(progress(w, "drawing features", "products", i, p->all_products));
        if (i % 100 == 99) continue;
        product_id(i, id);
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

/* ---------------------------------------------------------------- all three */

void shape_options_init(shape_options *options) {
    *options = (shape_options){.name = shapes[0].name, .scale = 1, .least = 5, .seed = 1};
}

static lb_status choose(const shape_options *o, writing *w) {
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strcmp(shapes[i].name, o->name) == 0) w->shape = &shapes[i];
    if (!w->shape)
        return status_fail(LB_E_ARGUMENT, "there is no shape \"%s\": use " SHAPE_NAMES, o->name);
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
    LB_TRY_CLEANUP(write_reviews(&w, &p));
    LB_TRY_CLEANUP(write_meta(&w, &p));
    LB_TRY_CLEANUP(write_features(&w, &p));
    describe(&p, w.planted.n_ratings, &w.report);
    *out = w.report;
cleanup:
    planted_free(&p);
    return status;
}
