#include <stdio.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "core/file.h"
#include "core/memory.h"
#include "store/checksum.h"

typedef struct entry {
    char *key, *value;
} entry;

struct st_writer {
    st_tensor *tensors; // in the order of the file: wider elements first, then as added
    size_t n_tensors, tensors_room;
    entry *metadata;
    size_t n_metadata, metadata_room;
    void **owned; // blocks of strings
    size_t n_owned, owned_room;
};

lb_status st_writer_new(st_writer **out) {
    st_writer *w;
    LB_TRY(NEW_ARRAY(w, 1));
    *out = w;
    return LB_OK;
}

void st_writer_free(st_writer *w) {
    if (!w) return;
    for (size_t i = 0; i < w->n_tensors; i++) free((void *)w->tensors[i].name);
    for (size_t i = 0; i < w->n_metadata; i++) {
        free(w->metadata[i].key);
        free(w->metadata[i].value);
    }
    for (size_t i = 0; i < w->n_owned; i++) free(w->owned[i]);
    free(w->tensors);
    free(w->metadata);
    free(w->owned);
    free(w);
}

static lb_status check_name(const st_writer *w, const char *name) {
    if (!*name || strcmp(name, "__metadata__") == 0)
        return status_fail(LB_E_ARGUMENT, "\"%s\" cannot be a tensor's name", name);
    for (size_t i = 0; i < w->n_tensors; i++)
        if (strcmp(w->tensors[i].name, name) == 0)
            return status_fail(LB_E_EXISTS, "tensor \"%s\" is there already", name);
    return LB_OK;
}

/* Bytes of a tensor of this shape. */
static lb_status measure(st_tensor *t) {
    size_t bytes = st_dtype_size(t->dtype);
    for (unsigned i = 0; i < t->rank; i++)
        if (__builtin_mul_overflow(bytes, t->shape[i], &bytes) || bytes > PTRDIFF_MAX)
            return status_fail(LB_E_ARGUMENT, "tensor \"%s\": its size overflows", t->name);
    t->bytes = bytes;
    return LB_OK;
}

static void insert_tensor(st_writer *w, const st_tensor *t) {
    size_t at = w->n_tensors++;
    for (; at > 0; at--) {
        if (st_dtype_size(w->tensors[at - 1].dtype) >= st_dtype_size(t->dtype)) break;
        w->tensors[at] = w->tensors[at - 1];
    }
    w->tensors[at] = *t;
}

lb_status st_writer_tensor(st_writer *w, const char *name, st_dtype dtype, const size_t *shape,
                           unsigned rank, const void *data) {
    LB_TRY(check_name(w, name));
    if ((unsigned)dtype >= ST_DTYPES || rank > ST_MAX_RANK)
        return status_fail(LB_E_ARGUMENT, "tensor \"%s\": type %d, rank %u: out of range", name,
                           (int)dtype, rank);
    st_tensor t = {.name = name, .dtype = dtype, .rank = rank, .data = data};
    if (rank > 0) memcpy(t.shape, shape, rank * sizeof *shape);
    LB_TRY(measure(&t));
    if (t.bytes > 0 && !data) return status_fail(LB_E_ARGUMENT, "tensor \"%s\": no data", name);
    LB_TRY(GROW_ARRAY(w->tensors, w->n_tensors, w->tensors_room));
    t.name = memory_string(name);
    if (!t.name) return LB_E_NOMEM;
    insert_tensor(w, &t);
    return LB_OK;
}

lb_status st_writer_metadata(st_writer *w, const char *key, const char *value) {
    if (strcmp(key, ST_CHECKSUM_KEY) == 0)
        return status_fail(LB_E_ARGUMENT, "metadata key \"%s\" is reserved", key);
    for (size_t i = 0; i < w->n_metadata; i++)
        if (strcmp(w->metadata[i].key, key) == 0)
            return status_fail(LB_E_EXISTS, "metadata key \"%s\" is there already", key);
    LB_TRY(GROW_ARRAY(w->metadata, w->n_metadata, w->metadata_room));
    entry e = {memory_string(key), memory_string(value)};
    if (!e.key || !e.value) {
        free(e.key);
        free(e.value);
        return LB_E_NOMEM;
    }
    w->metadata[w->n_metadata++] = e;
    return LB_OK;
}

/* Hands a block to the writer, which frees it in the end; it is freed at once on failure. */
static lb_status own(st_writer *w, void *block) {
    lb_status status = GROW_ARRAY(w->owned, w->n_owned, w->owned_room);
    if (status == LB_OK)
        w->owned[w->n_owned++] = block;
    else
        free(block);
    return status;
}

static lb_status add_part(st_writer *w, const char *name, const char *part, st_dtype dtype,
                          size_t n, const void *data) {
    size_t room = strlen(name) + strlen(part) + 1;
    char *full;
    LB_TRY(NEW_ARRAY(full, room));
    snprintf(full, room, "%s%s", name, part);
    lb_status status = st_writer_tensor(w, full, dtype, &n, 1, data);
    free(full);
    return status;
}

lb_status st_writer_strings(st_writer *w, const char *name, const char *const *strings, size_t n) {
    int64_t *offsets;
    LB_TRY(NEW_ARRAY(offsets, n + 1));
    LB_TRY(own(w, offsets));
    for (size_t i = 0; i < n; i++) offsets[i + 1] = offsets[i] + (int64_t)strlen(strings[i]);
    char *bytes;
    LB_TRY(NEW_ARRAY(bytes, (size_t)offsets[n]));
    LB_TRY(own(w, bytes));
    for (size_t i = 0; i < n; i++)
        memcpy(bytes + offsets[i], strings[i], (size_t)(offsets[i + 1] - offsets[i]));
    LB_TRY(add_part(w, name, ".bytes", ST_U8, (size_t)offsets[n], bytes));
    return add_part(w, name, ".offsets", ST_I64, n + 1, offsets);
}

/* ---------------------------------------------------------------- the file */

static uint64_t sum_all(const st_writer *w) {
    uint64_t sum = 0;
    for (size_t i = 0; i < w->n_tensors; i++) sum += checksum_tensor(&w->tensors[i]);
    for (size_t i = 0; i < w->n_metadata; i++)
        sum += checksum_metadata(w->metadata[i].key, w->metadata[i].value);
    return sum;
}

static int describe_metadata(const st_writer *w, cJSON *header) {
    char sum[17];
    checksum_text(sum_all(w), sum);
    cJSON *object = cJSON_AddObjectToObject(header, "__metadata__");
    int ok = cJSON_AddStringToObject(object, ST_CHECKSUM_KEY, sum) != NULL;
    for (size_t i = 0; i < w->n_metadata; i++)
        ok &= cJSON_AddStringToObject(object, w->metadata[i].key, w->metadata[i].value) != NULL;
    return ok;
}

static int add_number(cJSON *array, size_t n) {
    return cJSON_AddItemToArray(array, cJSON_CreateNumber((double)n));
}

static int describe_tensor(const st_tensor *t, size_t begin, cJSON *header) {
    cJSON *object = cJSON_AddObjectToObject(header, t->name);
    int ok = cJSON_AddStringToObject(object, "dtype", st_dtype_name(t->dtype)) != NULL;
    cJSON *shape = cJSON_AddArrayToObject(object, "shape");
    for (unsigned i = 0; i < t->rank; i++) ok &= add_number(shape, t->shape[i]);
    cJSON *offsets = cJSON_AddArrayToObject(object, "data_offsets");
    ok &= add_number(offsets, begin);
    ok &= add_number(offsets, begin + t->bytes);
    return ok;
}

/* The header's JSON without padding; freed with cJSON_free. NULL when memory runs out. */
static char *describe(const st_writer *w) {
    cJSON *header = cJSON_CreateObject();
    int ok = header && describe_metadata(w, header);
    size_t begin = 0;
    for (size_t i = 0; ok && i < w->n_tensors; i++) {
        ok = describe_tensor(&w->tensors[i], begin, header);
        begin += w->tensors[i].bytes;
    }
    char *text = ok ? cJSON_PrintUnformatted(header) : NULL;
    cJSON_Delete(header);
    return text;
}

static lb_status write_all(const st_writer *w, const char *header, file_writer *f) {
    size_t length = strlen(header), padding = (8 - length % 8) % 8;
    if (length + padding > ST_MAX_HEADER)
        return status_fail(LB_E_ARGUMENT, "%zu bytes of names and metadata: at most %d", length,
                           ST_MAX_HEADER);
    unsigned char size[8];
    for (unsigned i = 0; i < 8; i++)
        size[i] = (unsigned char)((uint64_t)(length + padding) >> (8 * i));
    LB_TRY(file_writer_write(f, size, sizeof size));
    LB_TRY(file_writer_write(f, header, length));
    LB_TRY(file_writer_write(f, "        ", padding));
    for (size_t i = 0; i < w->n_tensors; i++)
        if (w->tensors[i].bytes > 0)
            LB_TRY(file_writer_write(f, w->tensors[i].data, w->tensors[i].bytes));
    return LB_OK;
}

lb_status st_writer_save(const st_writer *w, const char *path) {
    char *header = describe(w);
    if (!header) return status_fail(LB_E_NOMEM, "%s: out of memory for the header", path);
    file_writer *f = NULL;
    lb_status status = file_writer_open(path, &f);
    if (status == LB_OK) {
        status = write_all(w, header, f);
        if (status == LB_OK)
            status = file_writer_commit(f);
        else
            file_writer_abort(f);
    }
    cJSON_free(header);
    return status;
}
