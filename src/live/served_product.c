/* Products that come, change and go while they are served. */
#include <math.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/sha256.h"
#include "data/change.h"
#include "live/served.h"

enum { PHOTO_PATH = 80 };

/* One product with what its photo was encoded as. */
typedef struct product_change {
    const lb_product *given;
    unsigned char sum[SHA256_SIZE];
    char photo[PHOTO_PATH]; // in the dataset's folder
    float *features;        // (feature_dim) of the state; of the features that come from photos
    bool blank[DATASET_MAX_FEATURES];
} product_change;

/* All or nothing. */
typedef struct product_batch {
    lb_service *s;
    const live_state *state; // what the photos were encoded for
    product_change *change;  // (n)
    size_t n;
    bool may_add, may_replace, stale;
    size_t n_added;
} product_batch;

/* ------------------------------------------------------------ photos */

/* By content; what can be decoded is one of these. */
static const char *ending_of(const unsigned char *bytes, size_t size) {
    if (size >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0) return "jpg";
    if (size >= 4 && memcmp(bytes, "\x89PNG", 4) == 0) return "png";
    return "webp";
}

static lb_status encode_photo(const lb_recommender *r, product_change *c) {
    const lb_product *p = c->given;
    bool encoded = false;
    float *out = c->features;
    for (size_t k = 0; k < r->n_features; out += r->feature[k++].dim) {
        if (!live_encodes_photos(r, k)) continue;
        lb_status status = live_encode_photo(r, k, p->photo, p->photo_bytes, out, &c->blank[k]);
        if (status != LB_OK) return status_prefix(status, "the photo of product \"%s\"", p->id);
        encoded = true;
    }
    if (encoded) return LB_OK;
    lb_status status = live_check_photo(p->photo, p->photo_bytes);
    return status == LB_OK ? LB_OK : status_prefix(status, "the photo of product \"%s\"", p->id);
}

static lb_status prepare_photo(const lb_recommender *r, product_change *c) {
    const lb_product *p = c->given;
    char digits[SHA256_TEXT_SIZE];
    LB_TRY(NEW_ARRAY(c->features, r->feature_dim));
    LB_TRY(encode_photo(r, c));
    sha256_of(p->photo, p->photo_bytes, c->sum);
    snprintf(c->photo, sizeof c->photo, "images/%s.%s", sha256_text(c->sum, digits),
             ending_of(p->photo, p->photo_bytes));
    return LB_OK;
}

static lb_status prepare_one(void *context, size_t i, unsigned worker) {
    product_batch *b = context;
    (void)worker;
    return b->change[i].given->photo ? prepare_photo(b->state->r, &b->change[i]) : LB_OK;
}

/* Several photos at once, where there are threads. */
static lb_status prepare_photos(product_batch *b) {
    size_t n_photos = 0;
    for (size_t i = 0; i < b->n; i++) n_photos += b->change[i].given->photo != NULL;
    lb_runtime runtime = {.threads = 1};
    if (n_photos > 1)
        runtime.threads = n_photos < b->s->threads ? (unsigned)n_photos : b->s->threads;
    job *j;
    LB_TRY(job_new(&runtime, &j));
    lb_status status = job_run(j, b->n, prepare_one, b);
    job_free(j);
    return status;
}

/* The file is there, whole and synced, before the database names it. */
static lb_status write_photo(const lb_service *s, const product_change *c) {
    file_writer *w = NULL;
    char *folder = file_path(s->directory, "images"), *path = file_path(s->directory, c->photo);
    lb_status status = folder && path ? file_make_directory(folder) : LB_E_NOMEM;
    if (status == LB_OK && !file_exists(path)) {
        status = file_writer_open(path, &w);
        if (status == LB_OK) status = file_writer_write(w, c->given->photo, c->given->photo_bytes);
        if (status == LB_OK)
            status = file_writer_commit(w);
        else
            file_writer_abort(w);
    }
    free(folder);
    free(path);
    return status;
}

/* ------------------------------------------------------------ storing */

static lb_status find_or_add(product_batch *b, const sql *db, const char *id, uint32_t *row,
                             bool *added) {
    bool found = false;
    LB_TRY(change_find_product(db, id, row, &found));
    *added = !found;
    if (!found && !b->may_add) return status_fail(LB_E_NOT_FOUND, "there is no product \"%s\"", id);
    if (found && !b->may_replace)
        return status_fail(LB_E_EXISTS,
                           "there is a product \"%s\" already; change that one, or choose another "
                           "id",
                           id);
    return found ? LB_OK : change_add_product(db, id, row);
}

static lb_status store_photo(const lb_recommender *r, const sql *db, const product_change *c,
                             uint32_t row) {
    LB_TRY(change_photo(db, row, c->photo, c->sum));
    const float *from = c->features;
    for (size_t k = 0; k < r->n_features; from += r->feature[k++].dim)
        if (live_encodes_photos(r, k))
            LB_TRY(change_feature(db, r->feature[k].name, row, c->blank[k] ? NULL : from,
                                  r->feature[k].dim));
    return LB_OK;
}

static lb_status store_words(const lb_recommender *r, const sql *db, size_t k, uint32_t row,
                             const product_info *info) {
    float *out;
    bool found = false;
    LB_TRY(NEW_ARRAY(out, r->feature[k].dim));
    lb_status status = live_encode_words(r, k, info->title, info->category, info->brand,
                                         info->description, out, &found);
    if (status == LB_OK)
        status = change_feature(db, r->feature[k].name, row, found ? out : NULL, r->feature[k].dim);
    free(out);
    return status;
}

/* Features of words, from all that is written of the product now. */
static lb_status store_all_words(const lb_recommender *r, const sql *db, const lb_product *p,
                                 uint32_t row) {
    if (!p->title && !p->brand && !p->category && !p->description) return LB_OK;
    product_info info;
    LB_TRY(rows_info(db, row, &info));
    lb_status status = LB_OK;
    for (size_t k = 0; k < r->n_features && status == LB_OK; k++)
        if (live_encodes_words(r, k)) status = store_words(r, db, k, row, &info);
    product_info_free(&info);
    return status;
}

static lb_status store_product(product_batch *b, const sql *db, const product_change *c,
                               touched *t) {
    const lb_recommender *r = b->state->r;
    const lb_product *p = c->given;
    product_fields texts = {p->title,       p->brand, p->category,
                            p->description, p->price, p->available};
    uint32_t row = 0;
    bool added = false;
    LB_TRY(find_or_add(b, db, p->id, &row, &added));
    b->n_added += added;
    LB_TRY(change_product(db, row, &texts));
    if (p->photo) LB_TRY(store_photo(r, db, c, row));
    LB_TRY(store_all_words(r, db, p, row));
    return touch_product(t, row);
}

static lb_status store_batch(void *context, const sql *db, touched *t) {
    product_batch *b = context;
    b->n_added = 0;
    b->stale = b->s->state != b->state;
    if (b->stale) return status_fail(LB_E_INTERRUPTED, "another model came into use");
    for (size_t i = 0; i < b->n; i++) LB_TRY(store_product(b, db, &b->change[i], t));
    return LB_OK;
}

/* ------------------------------------------------------------ calls */

static void free_changes(product_batch *b) {
    for (size_t i = 0; b->change && i < b->n; i++) free(b->change[i].features);
    free(b->change);
}

static lb_status try_batch(lb_service *s, const lb_product *products, product_batch *b) {
    live_state *state = served_hold(s);
    lb_status status = LB_OK;
    b->state = state;
    LB_TRY_CLEANUP(NEW_ARRAY(b->change, b->n));
    for (size_t i = 0; i < b->n; i++) b->change[i].given = &products[i];
    LB_TRY_CLEANUP(prepare_photos(b));
    for (size_t i = 0; i < b->n; i++)
        if (products[i].photo) LB_TRY_CLEANUP(write_photo(s, &b->change[i]));
    LB_TRY_CLEANUP(shop_write(s->writer, store_batch, b));
    atomic_fetch_add(&s->products_added, b->n_added);
cleanup:
    free_changes(b);
    served_release(state);
    return status;
}

/* When a reload comes in between, the new model's features are computed instead. */
static lb_status store_products(lb_service *s, const lb_product *products, size_t n, bool may_add,
                                bool may_replace) {
    lb_status status;
    product_batch b;
    do {
        b = (product_batch){.s = s, .n = n, .may_add = may_add, .may_replace = may_replace};
        status = try_batch(s, products, &b);
    } while (b.stale);
    return status;
}

lb_status served_products_add(lb_service *s, const lb_product *products, size_t n, int replace) {
    return n ? store_products(s, products, n, true, replace) : LB_OK;
}

lb_status served_product_change(lb_service *s, const lb_product *product) {
    return store_products(s, product, 1, false, true);
}

static lb_status store_removal(void *context, const sql *db, touched *t) {
    const char *id = context;
    uint32_t row = 0;
    bool found = false;
    LB_TRY(change_find_product(db, id, &row, &found));
    if (!found) return status_fail(LB_E_NOT_FOUND, "there is no product \"%s\"", id);
    LB_TRY(change_remove_product(db, row));
    return touch_product(t, row);
}

lb_status served_product_remove(lb_service *s, const char *id) {
    return shop_write(s->writer, store_removal, (void *)(uintptr_t)id);
}
