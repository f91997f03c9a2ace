/*
 * A feature's file: NumPy format 1.0 (numpy.org/doc/stable/reference/generated/
 * numpy.lib.format.html), little-endian float32 or float16 in C order, shape (n_rows, dim), the
 * header filled up to 128 bytes. Rows of products without a feature are zero, all values finite.
 */
#ifndef LB_DATA_FEATURE_FILE_H
#define LB_DATA_FEATURE_FILE_H

#include "core/file.h"

enum { FEATURE_FILE_HEADER = 128 };

/* The name of a feature's file for its n-th content, n >= 1: NAME.npy, NAME.2.npy, ... Returns the
 * buffer. */
enum { FEATURE_FILE_NAME_SIZE = 96 };
char *feature_file_name(char buffer[FEATURE_FILE_NAME_SIZE], const char *name, uint64_t generation);

/* The generation in such a name, 0 if it is none. */
uint64_t feature_file_generation(const char *file, const char *name);

/* How a value is stored. */
typedef enum feature_type { FEATURE_F32, FEATURE_F16 } feature_type;
const char *feature_type_name(feature_type type); // as NumPy writes it: "<f4", "<f2"
bool feature_type_of_name(const char *name, feature_type *out);

/* A file that is mapped. */
typedef struct feature_file {
    file_map map;
    uint32_t n_rows, dim;
    feature_type type;
} feature_file;

/* Maps a file and checks that it is whole, and of this shape and type. */
lb_status feature_file_open(const char *path, uint32_t n_rows, uint32_t dim, feature_type type,
                            feature_file *out);
void feature_file_close(feature_file *f); // accepts all zero

/* A row as float32, (dim). */
void feature_file_row(const feature_file *f, uint32_t row, float *out);

/* Has the system read a row that is wanted soon, and does not wait for it. */
void feature_file_ahead(const feature_file *f, uint32_t row);

/* A file being written beside its place, rows in any order. */
typedef struct feature_writer feature_writer;
lb_status feature_writer_open(const char *path, uint32_t dim, feature_type type,
                              feature_writer **out);

/* Writes a row of float32, (dim), of any alignment. LB_E_FORMAT for a value too large for the
 * type. */
lb_status feature_writer_row(feature_writer *w, uint32_t row, const void *values);

/* Ends the file at n_rows rows and syncs it; it is not in its place yet. */
lb_status feature_writer_finish(feature_writer *w, uint32_t n_rows);

/* Whether the finished file has the bytes of another one. */
lb_status feature_writer_equals(const feature_writer *w, const char *path, bool *same);

/* Moves a finished file into its place and syncs the folder. The writer is still to be freed. */
lb_status feature_writer_place(feature_writer *w);
void feature_writer_free(feature_writer *w); // removes a file that was not placed; accepts NULL

#endif
