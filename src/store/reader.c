#include <string.h>

#include <cjson/cJSON.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/checksum.h"

typedef struct metadata_entry {
    const char *key, *value; // inside the JSON tree
} metadata_entry;

struct st_reader {
    char *path; // for error texts
    file_map map;
    cJSON *header; // holds the names and the metadata
    const unsigned char *data;
    size_t data_size, size; // of the tensors' bytes, of the whole file
    st_tensor *tensors;     // (n_tensors) by place in the file
    size_t n_tensors;
    uint32_t *by_name; // (n_tensors) indices into tensors, by name
    metadata_entry *metadata;
    size_t n_metadata;
    bool verified;
};

/* ---------------------------------------------------------------- the header's JSON */

static lb_status parse_header(st_reader *r, const unsigned char *bytes, size_t size) {
    if (size < 8)
        return status_fail(LB_E_FORMAT, "%s: %zu bytes: too short for a safetensors file", r->path,
                           size);
    uint64_t length = 0;
    for (unsigned i = 0; i < 8; i++) length |= (uint64_t)bytes[i] << (8 * i);
    if (length < 2 || length > ST_MAX_HEADER || length > size - 8)
        return status_fail(LB_E_FORMAT,
                           "%s: byte 0: header of %llu bytes in a file of %zu: cut off, or not a "
                           "safetensors file",
                           r->path, (unsigned long long)length, size);
    const char *text = (const char *)bytes + 8, *end = NULL;
    r->data = bytes + 8 + length;
    r->data_size = size - 8 - (size_t)length;
    if (text[0] != '{' || memchr(text, 0, (size_t)length))
        return status_fail(LB_E_FORMAT, "%s: byte 8: the header is not a JSON object", r->path);
    r->header = cJSON_ParseWithLengthOpts(text, (size_t)length, &end, 0);
    if (!r->header || !cJSON_IsObject(r->header))
        return status_fail(LB_E_FORMAT, "%s: byte %zu: the header is not valid JSON", r->path,
                           end ? 8 + (size_t)(end - text) : 8);
    for (; end < text + length; end++)
        if (*end != ' ')
            return status_fail(LB_E_FORMAT, "%s: byte %zu: something follows the header's JSON",
                               r->path, 8 + (size_t)(end - text));
    return LB_OK;
}

/* A whole number from 0 to 2^53, the range that JSON readers keep exact. */
static bool read_size(const cJSON *item, size_t *out) {
    if (!cJSON_IsNumber(item)) return false;
    double v = item->valuedouble;
    if (!(v >= 0 && v <= 0x1p53) || v != (double)(uint64_t)v) return false;
    *out = (size_t)v;
    return true;
}

static bool read_dtype(const cJSON *item, st_dtype *out) {
    if (!cJSON_IsString(item)) return false;
    for (int d = 0; d < ST_DTYPES; d++) {
        *out = (st_dtype)d;
        if (strcmp(item->valuestring, st_dtype_name(*out)) == 0) return true;
    }
    return false;
}

static bool read_shape(const cJSON *array, st_tensor *t) {
    if (!cJSON_IsArray(array)) return false;
    t->bytes = st_dtype_size(t->dtype);
    for (const cJSON *item = array->child; item; item = item->next) {
        size_t n;
        if (t->rank == ST_MAX_RANK || !read_size(item, &n)) return false;
        t->shape[t->rank++] = n;
        if (__builtin_mul_overflow(t->bytes, n, &t->bytes)) return false;
    }
    return true;
}

static lb_status fail_tensor(const st_reader *r, const char *name, const char *what) {
    return status_fail(LB_E_FORMAT, "%s: tensor \"%s\": %s", r->path, name, what);
}

static lb_status read_tensor(const st_reader *r, const cJSON *item, st_tensor *t) {
    t->name = item->string;
    const cJSON *dtype = cJSON_GetObjectItemCaseSensitive(item, "dtype");
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(item, "shape");
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(item, "data_offsets");
    if (!cJSON_IsObject(item) || !dtype || !shape || !offsets || cJSON_GetArraySize(item) != 3)
        return fail_tensor(r, t->name, "expected exactly dtype, shape and data_offsets");
    if (!read_dtype(dtype, &t->dtype)) return fail_tensor(r, t->name, "unknown dtype");
    if (!read_shape(shape, t))
        return fail_tensor(r, t->name, "the shape is not a list of up to 8 sizes that fit memory");
    size_t begin, end;
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 ||
        !read_size(offsets->child, &begin) || !read_size(offsets->child->next, &end))
        return fail_tensor(r, t->name, "data_offsets are not two whole numbers");
    if (begin > end || end > r->data_size)
        return fail_tensor(r, t->name, "data_offsets lie outside the file: it is cut off");
    if (end - begin != t->bytes)
        return fail_tensor(r, t->name, "data_offsets do not fit the shape");
    t->data = r->data + begin;
    return LB_OK;
}

static int compare_entries(const void *a, const void *b) {
    return strcmp(((const metadata_entry *)a)->key, ((const metadata_entry *)b)->key);
}

static lb_status read_metadata(st_reader *r, const cJSON *object) {
    if (r->metadata || !cJSON_IsObject(object))
        return status_fail(LB_E_FORMAT, "%s: __metadata__ is there twice or not an object",
                           r->path);
    LB_TRY(NEW_ARRAY(r->metadata, (size_t)cJSON_GetArraySize(object)));
    for (const cJSON *item = object->child; item; item = item->next) {
        if (!cJSON_IsString(item))
            return status_fail(LB_E_FORMAT, "%s: metadata \"%s\" is not a text", r->path,
                               item->string);
        r->metadata[r->n_metadata++] = (metadata_entry){item->string, item->valuestring};
    }
    return LB_OK;
}

static lb_status read_header(st_reader *r) {
    size_t n = (size_t)cJSON_GetArraySize(r->header);
    LB_TRY(NEW_ARRAY(r->tensors, n));
    for (const cJSON *item = r->header->child; item; item = item->next) {
        if (strcmp(item->string, "__metadata__") == 0)
            LB_TRY(read_metadata(r, item));
        else
            LB_TRY(read_tensor(r, item, &r->tensors[r->n_tensors++]));
    }
    return LB_OK;
}

/* ---------------------------------------------------------------- the whole */

/* By place; an empty tensor stands before the one that begins where it is. */
static int compare_places(const void *a, const void *b) {
    const st_tensor *x = a, *y = b;
    const unsigned char *xp = x->data, *yp = y->data;
    if (xp != yp) return (xp > yp) - (xp < yp);
    return (x->bytes > y->bytes) - (x->bytes < y->bytes);
}

static lb_status check_cover(st_reader *r) {
    qsort(r->tensors, r->n_tensors, sizeof *r->tensors, compare_places);
    const unsigned char *end = r->data;
    for (size_t i = 0; i < r->n_tensors; i++) {
        const unsigned char *begin = r->tensors[i].data;
        if (begin != end)
            return fail_tensor(r, r->tensors[i].name,
                               begin < end ? "overlaps another" : "a hole lies before it");
        end = begin + r->tensors[i].bytes;
    }
    if (end != r->data + r->data_size)
        return status_fail(LB_E_FORMAT, "%s: byte %zu: bytes that belong to no tensor", r->path,
                           r->size - (size_t)(r->data + r->data_size - end));
    return LB_OK;
}

typedef struct named {
    const char *name;
    uint32_t index;
} named;

static int compare_names(const void *a, const void *b) {
    return strcmp(((const named *)a)->name, ((const named *)b)->name);
}

static lb_status index_names(st_reader *r) {
    named *names;
    LB_TRY(NEW_ARRAY(names, r->n_tensors));
    for (size_t i = 0; i < r->n_tensors; i++) names[i] = (named){r->tensors[i].name, (uint32_t)i};
    qsort(names, r->n_tensors, sizeof *names, compare_names);
    lb_status status = NEW_ARRAY(r->by_name, r->n_tensors);
    for (size_t i = 0; status == LB_OK && i < r->n_tensors; i++) {
        r->by_name[i] = names[i].index;
        if (i > 0 && strcmp(names[i].name, names[i - 1].name) == 0)
            status = fail_tensor(r, names[i].name, "is there twice");
    }
    free(names);
    return status;
}

static lb_status check_sum(st_reader *r) {
    const char *expected = NULL;
    uint64_t sum = 0;
    for (size_t i = 0; i < r->n_tensors; i++) sum += checksum_tensor(&r->tensors[i]);
    for (size_t i = 0; i < r->n_metadata; i++) {
        if (strcmp(r->metadata[i].key, ST_CHECKSUM_KEY) == 0)
            expected = r->metadata[i].value;
        else
            sum += checksum_metadata(r->metadata[i].key, r->metadata[i].value);
    }
    if (!expected) return LB_OK;
    char actual[17];
    checksum_text(sum, actual);
    if (strcmp(actual, expected) != 0)
        return status_fail(LB_E_FORMAT,
                           "%s: the checksum is %s and not %.32s as the file says: it is damaged; "
                           "make or copy it again",
                           r->path, actual, expected);
    r->verified = true;
    return LB_OK;
}

static lb_status sort_metadata(st_reader *r) {
    if (r->n_metadata == 0) return LB_OK;
    qsort(r->metadata, r->n_metadata, sizeof *r->metadata, compare_entries);
    for (size_t i = 1; i < r->n_metadata; i++)
        if (compare_entries(&r->metadata[i - 1], &r->metadata[i]) == 0)
            return status_fail(LB_E_FORMAT, "%s: metadata \"%s\" is there twice", r->path,
                               r->metadata[i].key);
    return LB_OK;
}

static lb_status read_all(st_reader *r, const unsigned char *bytes, size_t size) {
    r->size = size;
    LB_TRY(parse_header(r, bytes, size));
    LB_TRY(read_header(r));
    LB_TRY(sort_metadata(r));
    LB_TRY(check_cover(r));
    LB_TRY(index_names(r));
    return check_sum(r);
}

/* Opens a reader over `map` (mapped) or over `bytes` when `map` is NULL. */
static lb_status open_bytes(const file_map *map, const void *bytes, size_t size, const char *name,
                            st_reader **out) {
    lb_status status;
    st_reader *r;
    LB_TRY(NEW_ARRAY(r, 1));
    r->path = memory_string(name);
    LB_TRY_CLEANUP(r->path ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(read_all(r, bytes, size));
    if (map) r->map = *map;
    *out = r;
    return LB_OK;
cleanup:
    st_reader_close(r);
    return status;
}

lb_status st_reader_open(const char *path, st_reader **out) {
    file_map map;
    LB_TRY(file_map_open(path, &map));
    lb_status status = open_bytes(&map, map.bytes, map.size, path, out);
    if (status != LB_OK) file_map_close(&map);
    return status;
}

lb_status st_reader_open_memory(const void *bytes, size_t size, const char *name, st_reader **out) {
    return open_bytes(NULL, bytes, size, name, out);
}

void st_reader_close(st_reader *r) {
    if (!r) return;
    cJSON_Delete(r->header);
    file_map_close(&r->map);
    free(r->tensors);
    free(r->by_name);
    free(r->metadata);
    free(r->path);
    free(r);
}

/* ---------------------------------------------------------------- what is in it */

bool st_reader_verified(const st_reader *r) {
    return r->verified;
}

static const st_tensor *find(const st_reader *r, const char *name) {
    size_t low = 0, high = r->n_tensors;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const st_tensor *t = &r->tensors[r->by_name[middle]];
        int order = strcmp(t->name, name);
        if (order == 0) return t;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

lb_status st_reader_find(const st_reader *r, const char *name, st_dtype dtype, unsigned rank,
                         size_t *shape, const void **data) {
    const st_tensor *t = find(r, name);
    if (!t) return status_fail(LB_E_NOT_FOUND, "%s: no tensor \"%s\"", r->path, name);
    if (t->dtype != dtype)
        return status_fail(LB_E_MISMATCH, "%s: tensor \"%s\": is %s, expected %s", r->path, name,
                           st_dtype_name(t->dtype), st_dtype_name(dtype));
    if (t->rank != rank)
        return status_fail(LB_E_MISMATCH, "%s: tensor \"%s\": has %u dimensions, expected %u",
                           r->path, name, t->rank, rank);
    for (unsigned i = 0; i < rank; i++)
        if (shape[i] != ST_ANY && shape[i] != t->shape[i])
            return status_fail(LB_E_MISMATCH,
                               "%s: tensor \"%s\": dimension %u is %zu, expected %zu", r->path,
                               name, i, t->shape[i], shape[i]);
    if ((uintptr_t)t->data % st_dtype_size(dtype) != 0)
        return status_fail(LB_E_UNSUPPORTED,
                           "%s: tensor \"%s\": not aligned to its elements: write the file again "
                           "with wider types first",
                           r->path, name);
    if (rank > 0) memcpy(shape, t->shape, rank * sizeof *shape);
    *data = t->data;
    return LB_OK;
}

size_t st_reader_count(const st_reader *r) {
    return r->n_tensors;
}

const st_tensor *st_reader_tensor(const st_reader *r, size_t index) {
    return index < r->n_tensors ? &r->tensors[index] : NULL;
}

const char *st_reader_metadata(const st_reader *r, const char *key) {
    metadata_entry wanted = {key, NULL};
    if (r->n_metadata == 0) return NULL;
    const metadata_entry *e = bsearch(&wanted, r->metadata, r->n_metadata, sizeof wanted,
                                      compare_entries);
    return e ? e->value : NULL;
}

size_t st_reader_metadata_count(const st_reader *r) {
    return r->n_metadata;
}

const char *st_reader_metadata_at(const st_reader *r, size_t index, const char **value) {
    if (index >= r->n_metadata) return NULL;
    *value = r->metadata[index].value;
    return r->metadata[index].key;
}
