#include "model/tensors.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"

lb_status tensor_read(const st_reader *r, const char *name, st_dtype dtype, size_t rows,
                      size_t columns, void **out, size_t *actual_rows, size_t *actual_columns) {
    size_t shape[2] = {rows, columns};
    const void *data;
    LB_TRY(st_reader_find(r, name, dtype, 2, shape, &data));
    size_t bytes = shape[0] * shape[1] * st_dtype_size(dtype);
    void *copy = memory_new(bytes, 1);
    if (!copy) return LB_E_NOMEM;
    if (bytes) memcpy(copy, data, bytes);
    *out = copy;
    if (actual_rows) *actual_rows = shape[0];
    if (actual_columns) *actual_columns = shape[1];
    return LB_OK;
}

lb_status tensor_find_f32(const st_reader *r, const char *name, size_t rows, size_t columns,
                          const float **out, size_t *actual_rows, size_t *actual_columns) {
    size_t shape[2] = {rows, columns};
    const void *data;
    LB_TRY(st_reader_find(r, name, ST_F32, 2, shape, &data));
    const float *values = data;
    for (size_t i = 0; i < shape[0] * shape[1]; i++)
        if (!isfinite(values[i]))
            return status_fail(
                LB_E_FORMAT,
                "tensor %s holds a value that is not finite, at row %zu; train the model again",
                name, i / shape[1]);
    *out = values;
    if (actual_rows) *actual_rows = shape[0];
    if (actual_columns) *actual_columns = shape[1];
    return LB_OK;
}

lb_status tensor_read_f32(const st_reader *r, const char *name, size_t rows, size_t columns,
                          float **out, size_t *actual_rows, size_t *actual_columns) {
    const float *values;
    size_t n_rows, n_columns;
    LB_TRY(tensor_find_f32(r, name, rows, columns, &values, &n_rows, &n_columns));
    size_t n = n_rows * n_columns;
    LB_TRY(NEW_ARRAY(*out, n));
    if (n) memcpy(*out, values, n * sizeof *values);
    if (actual_rows) *actual_rows = n_rows;
    if (actual_columns) *actual_columns = n_columns;
    return LB_OK;
}

lb_status tensor_read_rows(const st_reader *r, const char *name, size_t n, uint32_t limit,
                           uint32_t **out, size_t *actual_n) {
    size_t count;
    void *copy;
    LB_TRY(tensor_read(r, name, ST_U32, n, 1, &copy, &count, NULL));
    uint32_t *rows = copy;
    for (size_t i = 0; i < count; i++) {
        if (rows[i] < limit) continue;
        uint32_t row = rows[i];
        free(rows);
        return status_fail(LB_E_FORMAT, "tensor %s holds row %u of only %u; train the model again",
                           name, row, limit);
    }
    *out = rows;
    if (actual_n) *actual_n = count;
    return LB_OK;
}

lb_status tensor_write_f32(st_writer *w, const char *name, size_t rows, size_t columns,
                           const float *data) {
    size_t shape[2] = {rows, columns};
    return st_writer_tensor(w, name, ST_F32, shape, 2, data);
}

lb_status tensor_write_rows(st_writer *w, const char *name, size_t n, const uint32_t *data) {
    size_t shape[2] = {n, 1};
    return st_writer_tensor(w, name, ST_U32, shape, 2, data);
}

lb_status tensor_write_number(st_writer *w, const char *key, double value) {
    char text[40];
    snprintf(text, sizeof text, "%.17g", value);
    return st_writer_metadata(w, key, text);
}

lb_status tensor_read_number(const st_reader *r, const char *key, double *out) {
    const char *text = st_reader_metadata(r, key);
    char *end;
    if (!text)
        return status_fail(LB_E_FORMAT, "the model file has no \"%s\"; train the model again", key);
    double value = strtod(text, &end);
    if (end == text || *end || !isfinite(value))
        return status_fail(LB_E_FORMAT, "\"%s\" of the model file is \"%s\": not a number", key,
                           text);
    *out = value;
    return LB_OK;
}
