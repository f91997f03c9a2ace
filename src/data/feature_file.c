#include "data/feature_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/half.h"
#include "core/memory.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "feature files are little-endian");

struct feature_writer {
    char *path, *temporary, *folder;
    int fd;
    uint32_t dim;
    feature_type type;
    uint16_t *halves; // (dim) of float16
    bool placed;
};

static const struct {
    const char *name, *words;
    size_t size;
} types[] = {[FEATURE_F32] = {"<f4", "float32", 4}, [FEATURE_F16] = {"<f2", "float16", 2}};

const char *feature_type_name(feature_type type) {
    return types[type].name;
}

bool feature_type_of_name(const char *name, feature_type *out) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0) {
            *out = (feature_type)i;
            return true;
        }
    return false;
}

char *feature_file_name(char buffer[FEATURE_FILE_NAME_SIZE], const char *name,
                        uint64_t generation) {
    if (generation < 2)
        snprintf(buffer, FEATURE_FILE_NAME_SIZE, "%s.npy", name);
    else
        snprintf(buffer, FEATURE_FILE_NAME_SIZE, "%s.%llu.npy", name,
                 (unsigned long long)generation);
    return buffer;
}

uint64_t feature_file_generation(const char *file, const char *name) {
    size_t length = strlen(name);
    if (strncmp(file, name, length) != 0 || file[length] != '.') return 0;
    const char *rest = file + length + 1;
    if (strcmp(rest, "npy") == 0) return 1;
    char *end;
    unsigned long long generation = strtoull(rest, &end, 10);
    return *rest >= '1' && *rest <= '9' && strcmp(end, ".npy") == 0 ? generation : 0;
}

static void make_header(char header[FEATURE_FILE_HEADER], uint32_t n_rows, uint32_t dim,
                        feature_type type) {
    memset(header, ' ', FEATURE_FILE_HEADER);
    memcpy(header, "\x93NUMPY\x01\x00\x76\x00", 10); // 118 bytes follow these 10
    int n = snprintf(header + 10, FEATURE_FILE_HEADER - 10,
                     "{'descr': '%s', 'fortran_order': False, 'shape': (%u, %u), }",
                     types[type].name, n_rows, dim);
    header[10 + n] = ' ';
    header[FEATURE_FILE_HEADER - 1] = '\n';
}

lb_status feature_file_open(const char *path, uint32_t n_rows, uint32_t dim, feature_type type,
                            feature_file *out) {
    file_map map;
    LB_TRY(file_map_open(path, &map));
    char header[FEATURE_FILE_HEADER];
    make_header(header, n_rows, dim, type);
    size_t data, size = 0;
    bool whole = !__builtin_mul_overflow((size_t)n_rows * dim, types[type].size, &data) &&
                 !__builtin_add_overflow(data, (size_t)FEATURE_FILE_HEADER, &size) &&
                 map.size == size && memcmp(map.bytes, header, sizeof header) == 0;
    if (whole) {
        *out = (feature_file){map, n_rows, dim, type};
        return LB_OK;
    }
    size_t found = map.size;
    file_map_close(&map);
    return status_fail(LB_E_FORMAT,
                       "%s: damaged: expected a NumPy file of %u x %u %s in %zu bytes, found %zu "
                       "bytes or another header; import this feature again",
                       path, n_rows, dim, types[type].words, size, found);
}

void feature_file_close(feature_file *f) {
    file_map_close(&f->map);
}

void feature_file_row(const feature_file *f, uint32_t row, float *out) {
    size_t bytes = f->dim * types[f->type].size;
    const unsigned char *at = f->map.bytes + FEATURE_FILE_HEADER + row * bytes;
    if (f->type == FEATURE_F16)
        half_to_f32_finite(out, at, f->dim);
    else
        memcpy(out, at, bytes);
}

void feature_file_ahead(const feature_file *f, uint32_t row) {
    size_t bytes = f->dim * types[f->type].size;
    file_map_ahead(&f->map, FEATURE_FILE_HEADER + row * bytes, bytes);
}

static void writer_release(feature_writer *w) {
    free(w->path);
    free(w->temporary);
    free(w->folder);
    free(w->halves);
    free(w);
}

lb_status feature_writer_open(const char *path, uint32_t dim, feature_type type,
                              feature_writer **out) {
    feature_writer *w;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(w, 1));
    size_t length = strlen(path) + 5;
    w->dim = dim;
    w->type = type;
    w->path = memory_string(path);
    w->folder = memory_bytes(path, (size_t)(file_name(path) - path));
    LB_TRY_CLEANUP(w->path && w->folder ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(NEW_ARRAY(w->temporary, length));
    if (type == FEATURE_F16) LB_TRY_CLEANUP(NEW_ARRAY(w->halves, dim));
    snprintf(w->temporary, length, "%s.tmp", path);
    w->fd = open(w->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (w->fd < 0) {
        status = status_fail_errno(LB_E_IO, "cannot write %s", w->temporary);
        goto cleanup;
    }
    *out = w;
    return LB_OK;
cleanup:
    writer_release(w);
    return status;
}

static lb_status write_at(feature_writer *w, size_t offset, const void *bytes, size_t size) {
    const char *next = bytes;
    while (size) {
        ssize_t n = pwrite(w->fd, next, size, (off_t)offset);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0)
            return status_fail_errno(LB_E_IO, "cannot write %s; is the disk full?", w->path);
        next += n;
        offset += (size_t)n;
        size -= (size_t)n;
    }
    return LB_OK;
}

/* The values in the writer's own array; those beyond the largest float16 do not fit. */
static lb_status to_halves(feature_writer *w, const unsigned char *values) {
    for (uint32_t k = 0; k < w->dim; k++) {
        float value;
        memcpy(&value, values + k * sizeof value, sizeof value);
        w->halves[k] = half_from_f32(value);
        if ((w->halves[k] & 0x7c00u) == 0x7c00u)
            return status_fail(LB_E_FORMAT,
                               "value %u is %g, and float16 ends at 65504: store the feature in "
                               "float32",
                               k + 1, (double)value);
    }
    return LB_OK;
}

lb_status feature_writer_row(feature_writer *w, uint32_t row, const void *values) {
    size_t bytes = w->dim * types[w->type].size, at = FEATURE_FILE_HEADER + row * bytes;
    if (w->type == FEATURE_F32) return write_at(w, at, values, bytes);
    LB_TRY(to_halves(w, values));
    return write_at(w, at, w->halves, bytes);
}

lb_status feature_writer_finish(feature_writer *w, uint32_t n_rows) {
    char header[FEATURE_FILE_HEADER];
    make_header(header, n_rows, w->dim, w->type);
    LB_TRY(write_at(w, 0, header, sizeof header));
    size_t size = FEATURE_FILE_HEADER + (size_t)n_rows * w->dim * types[w->type].size;
    if (ftruncate(w->fd, (off_t)size) != 0 || fsync(w->fd) != 0)
        return status_fail_errno(LB_E_IO, "cannot write %s; is the disk full?", w->path);
    return LB_OK;
}

lb_status feature_writer_equals(const feature_writer *w, const char *path, bool *same) {
    file_map a, b;
    LB_TRY(file_map_open(w->temporary, &a));
    lb_status status = file_map_open(path, &b);
    if (status == LB_OK) {
        *same = a.size == b.size && memcmp(a.bytes, b.bytes, a.size) == 0;
        file_map_close(&b);
    }
    file_map_close(&a);
    return status;
}

lb_status feature_writer_place(feature_writer *w) {
    if (rename(w->temporary, w->path) != 0)
        return status_fail_errno(LB_E_IO, "cannot replace %s", w->path);
    w->placed = true;
    int fd = open(*w->folder ? w->folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    lb_status status = LB_OK;
    if (fd < 0 || fsync(fd) != 0)
        status = status_fail_errno(LB_E_IO, "cannot sync the folder of %s", w->path);
    if (fd >= 0) close(fd);
    return status;
}

void feature_writer_free(feature_writer *w) {
    if (!w) return;
    close(w->fd);
    if (!w->placed) unlink(w->temporary);
    writer_release(w);
}
