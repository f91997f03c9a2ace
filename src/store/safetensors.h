/*
 * Model files: named tensors and text metadata in the safetensors layout, which every ecosystem
 * reads (https://github.com/huggingface/safetensors, section "Format"):
 *
 *   8 bytes   N, the header's length, unsigned little-endian
 *   N bytes   JSON in UTF-8, padded with spaces:
 *             {"__metadata__": {"key": "text", ..},
 *              "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ..}
 *   the rest  the tensors' bytes, little-endian, row-major, without holes; offsets count from here
 *
 * What we add, within the format: wider element types come first, so that every tensor is aligned
 * to its elements when the file is mapped; and the metadata key "lookbook.checksum" holds 16 hex
 * digits over everything else in the file (names, types, shapes, bytes, other metadata), verified
 * when the file is opened. The same content gives the same bytes.
 */
#ifndef LB_STORE_SAFETENSORS_H
#define LB_STORE_SAFETENSORS_H

#include <stdbool.h>

#include "core/status.h"

/* Element types: name in the file, bytes. */
#define ST_DTYPE_MAP(X) \
    X(F64, 8)           \
    X(I64, 8)           \
    X(U64, 8)           \
    X(F32, 4)           \
    X(I32, 4)           \
    X(U32, 4)           \
    X(F16, 2)           \
    X(BF16, 2)          \
    X(I16, 2)           \
    X(U16, 2)           \
    X(I8, 1)            \
    X(U8, 1)            \
    X(BOOL, 1)

typedef enum st_dtype {
#define ST_DTYPE_ENUM(name, size) ST_##name,
    ST_DTYPE_MAP(ST_DTYPE_ENUM)
#undef ST_DTYPE_ENUM
        ST_DTYPES
} st_dtype;

enum { ST_MAX_RANK = 8, ST_MAX_HEADER = 1 << 24 };

#define ST_CHECKSUM_KEY "lookbook.checksum"

/* As a shape's dimension: whatever it is. */
#define ST_ANY SIZE_MAX

const char *st_dtype_name(st_dtype dtype); // "F32"; static storage
size_t st_dtype_size(st_dtype dtype);      // bytes of an element

/* A tensor in a file or about to be in one. */
typedef struct st_tensor {
    const char *name;
    st_dtype dtype;
    unsigned rank; // 0 = one element
    size_t shape[ST_MAX_RANK];
    const void *data; // aligned to the element if this library wrote the file
    size_t bytes;
} st_tensor;

/* ---------------------------------------------------------------- writing */

typedef struct st_writer st_writer;

lb_status st_writer_new(st_writer **out);
void st_writer_free(st_writer *w); // accepts NULL

/* Adds a tensor. `data` is not copied: it must stay as it is until the writer is freed; it may be
 * NULL when the shape holds no element. LB_E_EXISTS for a name already there; LB_E_ARGUMENT for an
 * empty name, "__metadata__", a rank above ST_MAX_RANK or a size beyond the address space. */
lb_status st_writer_tensor(st_writer *w, const char *name, st_dtype dtype, const size_t *shape,
                           unsigned rank, const void *data);

/* Adds a metadata entry; both are UTF-8 and copied. LB_E_EXISTS, LB_E_ARGUMENT (the checksum's
 * key). */
lb_status st_writer_metadata(st_writer *w, const char *key, const char *value);

/* Adds n strings, copied, as two tensors: `NAME.bytes` U8 (total) and `NAME.offsets` I64 (n + 1);
 * string i is bytes[offsets[i] .. offsets[i + 1]), without NUL. */
lb_status st_writer_strings(st_writer *w, const char *name, const char *const *strings, size_t n);

/* Writes the file: all of it or nothing (core/file.h). May be called more than once. LB_E_IO;
 * LB_E_ARGUMENT when names and metadata exceed ST_MAX_HEADER. */
lb_status st_writer_save(const st_writer *w, const char *path);

/* ---------------------------------------------------------------- reading */

typedef struct st_reader st_reader;

/* Maps and verifies a file. Everything is checked: lengths, JSON, types, shapes, that the tensors
 * cover the data exactly, names, and the checksum if there is one. LB_E_NOT_FOUND, LB_E_IO,
 * LB_E_FORMAT. Reading from an open reader is thread-safe. Time O(file size). */
lb_status st_reader_open(const char *path, st_reader **out);

/* The same from memory that stays valid and unchanged until the reader is closed; `name` is what
 * errors call it. */
lb_status st_reader_open_memory(const void *bytes, size_t size, const char *name, st_reader **out);
void st_reader_close(st_reader *r); // accepts NULL; ends the life of all that was read from it

/* Whether the file carries a checksum, which then was right. Files of other programs have none. */
bool st_reader_verified(const st_reader *r);

/* Finds a tensor and checks what it is. shape (rank) says what is expected, ST_ANY where any size
 * will do; on success it holds the actual shape. `*data` points into the mapping. LB_E_NOT_FOUND if
 * there is no such tensor; LB_E_MISMATCH if its type, rank or shape is another; LB_E_UNSUPPORTED if
 * it is not aligned to its elements. Errors name file and tensor. */
lb_status st_reader_find(const st_reader *r, const char *name, st_dtype dtype, unsigned rank,
                         size_t *shape, const void **data);

/* All tensors in the order of their bytes. NULL beyond the end. Metadata, below, by key. */
size_t st_reader_count(const st_reader *r);
const st_tensor *st_reader_tensor(const st_reader *r, size_t index);

/* A metadata value, or NULL if there is none. Valid until the reader is closed. */
const char *st_reader_metadata(const st_reader *r, const char *key);
size_t st_reader_metadata_count(const st_reader *r);
const char *st_reader_metadata_at(const st_reader *r, size_t index, const char **value);

/* Strings as st_writer_strings lays them out, inside the mapping. */
typedef struct st_strings {
    const char *bytes;      // all strings one after the other, no NULs between
    const int64_t *offsets; // (n + 1) checked: ascending, from 0 to the number of bytes
    size_t n;
} st_strings;

/* Errors as st_reader_find; LB_E_FORMAT if the offsets do not fit the bytes. */
lb_status st_reader_strings(const st_reader *r, const char *name, st_strings *out);

/* String i and its length in bytes. Not NUL-terminated. */
static inline const char *st_string(const st_strings *s, size_t i, size_t *length) {
    *length = (size_t)(s->offsets[i + 1] - s->offsets[i]);
    return s->bytes + s->offsets[i];
}

#endif
