/* Reading and writing a model's arrays: each tensor copied out of the file into memory of its own.
 */
#ifndef LB_MODEL_TENSORS_H
#define LB_MODEL_TENSORS_H

#include "store/safetensors.h"

/* Copies a matrix (rows, columns) of the file into *out, allocated. ST_ANY lets the file decide a
 * dimension. The actual ones are stored where the pointers are not NULL. */
lb_status tensor_read(const st_reader *r, const char *name, st_dtype dtype, size_t rows,
                      size_t columns, void **out, size_t *actual_rows, size_t *actual_columns);

/* As tensor_read for float32, with every value checked to be finite: LB_E_FORMAT names tensor and
 * place. */
lb_status tensor_read_f32(const st_reader *r, const char *name, size_t rows, size_t columns,
                          float **out, size_t *actual_rows, size_t *actual_columns);

/* The same in place, in the reader's mapping, for what is not to be in memory twice. */
lb_status tensor_find_f32(const st_reader *r, const char *name, size_t rows, size_t columns,
                          const float **out, size_t *actual_rows, size_t *actual_columns);

/* Row numbers, checked to be below `limit`. */
lb_status tensor_read_rows(const st_reader *r, const char *name, size_t n, uint32_t limit,
                           uint32_t **out, size_t *actual_n);

lb_status tensor_write_f32(st_writer *w, const char *name, size_t rows, size_t columns,
                           const float *data);
lb_status tensor_write_rows(st_writer *w, const char *name, size_t n, const uint32_t *data);

/* Numbers, as text that reads back to the same value, in the metadata. */
lb_status tensor_write_number(st_writer *w, const char *key, double value);
lb_status tensor_read_number(const st_reader *r, const char *key, double *out);

#endif
