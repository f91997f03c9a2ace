#include "data/feature_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "feature files are little-endian");

struct feature_writer {
    char *path, *temporary, *folder;
    int fd;
    uint32_t dim;
    bool placed;
};

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

static void make_header(char header[FEATURE_FILE_HEADER], uint32_t n_rows, uint32_t dim) {
    memset(header, ' ', FEATURE_FILE_HEADER);
    memcpy(header, "\x93NUMPY\x01\x00\x76\x00", 10); // 118 bytes follow these 10
    int n = snprintf(header + 10, FEATURE_FILE_HEADER - 10,
                     "{'descr': '<f4', 'fortran_order': False, 'shape': (%u, %u), }", n_rows, dim);
    header[10 + n] = ' ';
    header[FEATURE_FILE_HEADER - 1] = '\n';
}

lb_status feature_file_open(const char *path, uint32_t n_rows, uint32_t dim, file_map *out) {
    file_map map;
    LB_TRY(file_map_open(path, &map));
    char header[FEATURE_FILE_HEADER];
    make_header(header, n_rows, dim);
    size_t data, size = 0;
    bool whole = !__builtin_mul_overflow((size_t)n_rows * dim, sizeof(float), &data) &&
                 !__builtin_add_overflow(data, (size_t)FEATURE_FILE_HEADER, &size) &&
                 map.size == size && memcmp(map.bytes, header, sizeof header) == 0;
    if (whole) {
        *out = map;
        return LB_OK;
    }
    size_t found = map.size;
    file_map_close(&map);
    return status_fail(LB_E_FORMAT,
                       "%s: damaged: expected a NumPy file of %u x %u float32 in %zu bytes, found "
                       "%zu bytes or another header; import this feature again",
                       path, n_rows, dim, size, found);
}

static void writer_release(feature_writer *w) {
    free(w->path);
    free(w->temporary);
    free(w->folder);
    free(w);
}

lb_status feature_writer_open(const char *path, uint32_t dim, feature_writer **out) {
    feature_writer *w;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(w, 1));
    size_t length = strlen(path) + 5;
    w->dim = dim;
    w->path = memory_string(path);
    w->folder = memory_bytes(path, (size_t)(file_name(path) - path));
    LB_TRY_CLEANUP(w->path && w->folder ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(NEW_ARRAY(w->temporary, length));
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

lb_status feature_writer_rows(feature_writer *w, uint32_t first_row, const void *rows, size_t n) {
    size_t row_bytes = (size_t)w->dim * sizeof(float);
    return write_at(w, FEATURE_FILE_HEADER + first_row * row_bytes, rows, n * row_bytes);
}

lb_status feature_writer_finish(feature_writer *w, uint32_t n_rows) {
    char header[FEATURE_FILE_HEADER];
    make_header(header, n_rows, w->dim);
    LB_TRY(write_at(w, 0, header, sizeof header));
    size_t size = FEATURE_FILE_HEADER + (size_t)n_rows * w->dim * sizeof(float);
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
