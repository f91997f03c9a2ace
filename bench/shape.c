/*
 * shape DIR [--shape women|men|shoes|jewelry] [--scale X] [--limit Q] [--around X] [--seed S]:
 * writes a dataset of the sizes in the VASG paper's Table 1, times X, in the layout and under the
 * names of the Amazon review data of 2014 ("Clothing, Shoes and Jewelry"):
 *
 *   reviews_Clothing_Shoes_and_Jewelry.json.gz
 *   meta_Clothing_Shoes_and_Jewelry.json.gz
 *   image_features_Clothing_Shoes_and_Jewelry.b
 *
 * --limit: ratings of the smallest user; --around: as much again that a preparation leaves out. The
 * features are what a network's last hidden layer looks like: not negative, about three in four
 * zero. The products' styles are visible in them through a fixed random map.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/planted.h"
#include "core/file.h"
#include "core/memory.h"
#include "core/random.h"
#include "demo/amazon.h"
#include "math/vector.h"

#define FILES "Clothing_Shoes_and_Jewelry"

enum { TAKE_BYTES = 1 << 20, WORDS = 64, BODY = 512 };

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

typedef struct arguments {
    const char *folder;
    const table_shape *shape;
    double scale;
    planted_options planted;
} arguments;

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

static lb_status write_reviews(const arguments *a, const planted *p) {
    text t = {0};
    amazon_file *file = NULL;
    lb_status status;
    random_stream r = random_open(a->planted.seed, "shape reviews", 0);
    LB_TRY(amazon_file_open(a->folder, "reviews_" FILES ".json.gz", &file));
    for (size_t i = 0; i < p->n; i++) {
        LB_TRY_CLEANUP(add_review(&t, &p->rating[i], &r));
        if (t.n > TAKE_BYTES) LB_TRY_CLEANUP(amazon_file_take(file, &t));
    }
    LB_TRY_CLEANUP(amazon_file_take(file, &t));
    status = amazon_file_commit(file);
    file = NULL;
cleanup:
    amazon_file_abort(file);
    free(t.bytes);
    return status;
}

/* ---------------------------------------------------------------- products */

/* A product may be in several categories; that of the shape need not be the first. */
static void add_product(text *t, const arguments *a, const planted *p, uint32_t i) {
    char id[AMAZON_ID + 1], title[64], kind[16], image[64];
    bool inside = i < p->n_products;
    product_id(i, id);
    snprintf(kind, sizeof kind, "Kind %u", p->kind[i]);
    snprintf(title, sizeof title, "%s %s, no. %u", a->shape->category, kind, i);
    snprintf(image, sizeof image, "http://shop.example/images/%s.jpg", id);
    const char *own[] = {"Clothing, Shoes & Jewelry", inside ? a->shape->category : "Luggage", kind,
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

static lb_status write_meta(const arguments *a, const planted *p) {
    text t = {0};
    amazon_file *file = NULL;
    lb_status status;
    LB_TRY(amazon_file_open(a->folder, "meta_" FILES ".json.gz", &file));
    for (uint32_t i = 0; i < p->all_products; i++) {
        add_product(&t, a, p, i);
        if (t.n > TAKE_BYTES) LB_TRY_CLEANUP(amazon_file_take(file, &t));
    }
    LB_TRY_CLEANUP(amazon_file_take(file, &t));
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
static lb_status write_features(const arguments *a, const planted *p) {
    float *map = NULL, *values = NULL;
    file_writer *w = NULL;
    lb_status status = LB_OK;
    char *path = file_path(a->folder, "image_features_" FILES ".b");
    if (!path) return LB_E_NOMEM;
    LB_TRY_CLEANUP(NEW_ARRAY(map, (size_t)PLANTED_LOOK * AMAZON_DIM));
    LB_TRY_CLEANUP(NEW_ARRAY(values, AMAZON_DIM));
    random_stream r = random_open(a->planted.seed, "shape map", 0);
    for (size_t i = 0; i < (size_t)PLANTED_LOOK * AMAZON_DIM; i++)
        map[i] = (float)random_normal(&r);
    LB_TRY_CLEANUP(file_writer_open(path, &w));
    for (uint32_t i = 0; i < p->all_products; i++) {
        char id[AMAZON_ID + 1];
        if (i % 100 == 99) continue;
        product_id(i, id);
        r = random_open(a->planted.seed, "shape feature", i);
        make_feature(map, p->look + (size_t)i * PLANTED_LOOK, &r, values);
        LB_TRY_CLEANUP(file_writer_write(w, id, AMAZON_ID));
        LB_TRY_CLEANUP(file_writer_write(w, values, AMAZON_DIM * sizeof *values));
    }
    status = file_writer_commit(w);
    w = NULL;
cleanup:
    file_writer_abort(w);
    free(map);
    free(values);
    free(path);
    return status;
}

/* ---------------------------------------------------------------- the program */

static lb_status number(const char *option, const char *value, double least, double most,
                        double *out) {
    char *end;
    *out = value ? strtod(value, &end) : 0;
    if (value && *value && !*end && *out >= least && *out <= most) return LB_OK;
    return status_fail(LB_E_ARGUMENT, "%s: a number from %g to %g is expected", option, least,
                       most);
}

static lb_status parse_option(arguments *a, const char *option, const char *value) {
    double x = 0;
    if (strcmp(option, "--shape") == 0) {
        for (size_t i = 0; value && i < sizeof shapes / sizeof *shapes; i++)
            if (strcmp(shapes[i].name, value) == 0) {
                a->shape = &shapes[i];
                return LB_OK;
            }
        return status_fail(LB_E_ARGUMENT, "--shape: women, men, shoes or jewelry");
    }
    if (strcmp(option, "--scale") == 0) return number(option, value, 1e-4, 100, &a->scale);
    if (strcmp(option, "--around") == 0) return number(option, value, 0, 10, &a->planted.around);
    if (strcmp(option, "--limit") == 0) {
        LB_TRY(number(option, value, 2, 1000, &x));
        a->planted.least = (uint32_t)x;
        return LB_OK;
    }
    if (strcmp(option, "--seed") == 0) {
        LB_TRY(number(option, value, 0, 1e15, &x));
        a->planted.seed = (uint64_t)x;
        return LB_OK;
    }
    return status_fail(LB_E_ARGUMENT, "%s: no such option", option);
}

static lb_status parse(int n, char **argument, arguments *a) {
    *a = (arguments){.shape = &shapes[0], .scale = 1, .planted = {.least = 5, .seed = 1}};
    for (int i = 1; i < n; i++) {
        if (strncmp(argument[i], "--", 2) != 0) {
            a->folder = argument[i];
            continue;
        }
        LB_TRY(parse_option(a, argument[i], i + 1 < n ? argument[i + 1] : NULL));
        i++;
    }
    if (!a->folder)
        return status_fail(LB_E_ARGUMENT, "usage: shape DIR [--shape women|men|shoes|jewelry] "
                                          "[--scale X] [--limit Q] [--around X] [--seed S]");
    a->planted.n_users = (uint32_t)round(a->scale * a->shape->users);
    a->planted.n_products = (uint32_t)round(a->scale * a->shape->products);
    a->planted.n_ratings = (size_t)round(a->scale * (double)a->shape->ratings);
    return LB_OK;
}

int main(int n, char **argument) {
    arguments a;
    planted p = {0};
    lb_status status;
    LB_TRY_CLEANUP(parse(n, argument, &a));
    LB_TRY_CLEANUP(file_make_directory(a.folder));
    LB_TRY_CLEANUP(planted_new(&a.planted, &p));
    LB_TRY_CLEANUP(write_reviews(&a, &p));
    LB_TRY_CLEANUP(write_meta(&a, &p));
    LB_TRY_CLEANUP(write_features(&a, &p));
    printf("%s: %u users, %u products, %zu ratings; around them %u users, %u products, %zu "
           "ratings\n",
           a.folder, p.n_users, p.n_products, a.planted.n_ratings, p.all_users - p.n_users,
           p.all_products - p.n_products, p.n - a.planted.n_ratings);
cleanup:
    planted_free(&p);
    if (status == LB_OK) return 0;
    fprintf(stderr, "shape: %s\n", lb_last_error());
    return status == LB_E_ARGUMENT ? 2 : 1;
}
