#include "run/encode_index.h"

#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/half.h"
#include "core/memory.h"

enum { MAGIC_SIZE = 8, CHECK_SIZE = 8, RECORD_SIZE = SHA256_SIZE + 4 + CHECK_SIZE };

static const char magic[MAGIC_SIZE + 1] = "lbidx-2\n";

typedef struct record {
    uint8_t content[SHA256_SIZE];
    uint32_t product;
    uint8_t check[CHECK_SIZE];
} record;

struct encode_index {
    feature_set feature;
    record *records; // (n) by content
    size_t n;
};

static char *index_path(const char *directory, const char *name) {
    char file[96];
    snprintf(file, sizeof file, "cache/%.64s.encoded", name);
    return file_path(directory, file);
}

static void check_of(const float *vector, size_t dim, uint8_t out[CHECK_SIZE]) {
    enum { PIECE = 256 };
    uint16_t halves[PIECE];
    uint8_t digest[SHA256_SIZE];
    sha256 sum;
    sha256_begin(&sum);
    for (size_t at = 0; at < dim; at += PIECE) {
        size_t n = dim - at < PIECE ? dim - at : PIECE;
        for (size_t i = 0; i < n; i++) halves[i] = half_from_f32(vector[at + i]);
        sha256_add(&sum, halves, n * sizeof *halves);
    }
    sha256_end(&sum, digest);
    memcpy(out, digest, CHECK_SIZE);
}

/* ---- reading */

static int compare_records(const void *left, const void *right) {
    const record *l = left, *r = right;
    return memcmp(l->content, r->content, SHA256_SIZE);
}

static bool is_whole(const file_map *map) {
    uint8_t digest[SHA256_SIZE];
    if (map->size < MAGIC_SIZE + SHA256_SIZE || memcmp(map->bytes, magic, MAGIC_SIZE) != 0 ||
        (map->size - MAGIC_SIZE - SHA256_SIZE) % RECORD_SIZE)
        return false;
    sha256_of(map->bytes, map->size - SHA256_SIZE, digest);
    return memcmp(digest, map->bytes + map->size - SHA256_SIZE, SHA256_SIZE) == 0;
}

static lb_status read_records(encode_index *x, const file_map *map) {
    if (!is_whole(map)) return LB_OK;
    x->n = (map->size - MAGIC_SIZE - SHA256_SIZE) / RECORD_SIZE;
    LB_TRY(NEW_ARRAY(x->records, x->n));
    const unsigned char *at = map->bytes + MAGIC_SIZE;
    for (size_t i = 0; i < x->n; i++, at += RECORD_SIZE) {
        record *r = &x->records[i];
        const unsigned char *p = at + SHA256_SIZE;
        memcpy(r->content, at, SHA256_SIZE);
        r->product = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
                     (uint32_t)p[3] << 24;
        memcpy(r->check, p + 4, CHECK_SIZE);
    }
    if (x->n) qsort(x->records, x->n, sizeof *x->records, compare_records);
    return LB_OK;
}

static bool has_feature(const dataset *d, const char *name) {
    for (size_t i = 0; i < dataset_n_features(d); i++)
        if (strcmp(dataset_feature_name(d, i), name) == 0) return true;
    return false;
}

lb_status encode_index_open(const dataset *d, const char *name, const char *identity, size_t dim,
                            encode_index **out) {
    encode_index *x = NULL;
    file_map map = {NULL, 0};
    lb_status status = LB_OK;
    char *path = index_path(dataset_directory(d), name);
    *out = NULL;
    if (!path) return LB_E_NOMEM;
    if (!file_exists(path) || !has_feature(d, name)) goto cleanup;
    LB_TRY_CLEANUP(NEW_ARRAY(x, 1));
    LB_TRY_CLEANUP(dataset_feature_open(d, name, &x->feature));
    if (strcmp(x->feature.encoder, identity) != 0 || x->feature.dim != dim) goto cleanup;
    LB_TRY_CLEANUP(file_map_open(path, &map));
    LB_TRY_CLEANUP(read_records(x, &map));
    *out = x;
    x = NULL;
cleanup:
    file_map_close(&map);
    encode_index_close(x);
    free(path);
    // A damaged feature is no reason not to make it anew.
    return status == LB_E_FORMAT || status == LB_E_NOT_FOUND ? LB_OK : status;
}

void encode_index_close(encode_index *x) {
    if (!x) return;
    feature_set_close(&x->feature);
    free(x->records);
    free(x);
}

bool encode_index_find(const encode_index *x, const uint8_t content[SHA256_SIZE], float *out) {
    record key = {.product = 0};
    uint8_t check[CHECK_SIZE];
    memcpy(key.content, content, SHA256_SIZE);
    const record *found = x && x->n ? bsearch(&key, x->records, x->n, sizeof key, compare_records)
                                    : NULL;
    if (!found || found->product >= x->feature.n_products ||
        !feature_row(&x->feature, found->product, out))
        return false;
    check_of(out, x->feature.dim, check);
    return memcmp(check, found->check, CHECK_SIZE) == 0;
}

/* ---- writing */

lb_status encode_index_make(const encode_index_rows *rows, unsigned char **bytes, size_t *size) {
    unsigned char *made;
    LB_TRY(NEW_ARRAY(made, MAGIC_SIZE + rows->n * RECORD_SIZE + SHA256_SIZE));
    memcpy(made, magic, MAGIC_SIZE);
    unsigned char *at = made + MAGIC_SIZE;
    for (size_t i = 0; i < rows->n; i++) {
        if (rows->skip[i]) continue;
        memcpy(at, rows->contents[i], SHA256_SIZE);
        for (size_t k = 0; k < 4; k++)
            at[SHA256_SIZE + k] = (unsigned char)(rows->product[i] >> 8 * k);
        check_of(rows->vectors + i * rows->dim, rows->dim, at + SHA256_SIZE + 4);
        at += RECORD_SIZE;
    }
    sha256_of(made, (size_t)(at - made), at);
    *bytes = made;
    *size = (size_t)(at - made) + SHA256_SIZE;
    return LB_OK;
}

lb_status encode_index_save(const char *directory, const char *name, const unsigned char *bytes,
                            size_t size) {
    char *path = index_path(directory, name);
    file_writer *w = NULL;
    lb_status status = path ? file_writer_open(path, &w) : LB_E_NOMEM;
    if (status == LB_OK) {
        status = file_writer_write(w, bytes, size);
        if (status == LB_OK)
            status = file_writer_commit(w);
        else
            file_writer_abort(w);
    }
    free(path);
    return status;
}
