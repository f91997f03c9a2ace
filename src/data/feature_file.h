/*
 * A feature's file: NumPy format 1.0 (numpy.org/doc/stable/reference/generated/
 * numpy.lib.format.html), little-endian float32 in C order, shape (n_rows, dim), the header filled
 * up to 128 bytes. Rows of products without a feature are zero.
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

/* Maps a file and checks that it is whole and has this shape. */
lb_status feature_file_open(const char *path, uint32_t n_rows, uint32_t dim, file_map *out);

/* The rows of a mapped file, (n_rows, dim). */
static inline const unsigned char *feature_file_rows(const file_map *map) {
    return map->bytes + FEATURE_FILE_HEADER;
}

/* A file being written beside its place, rows in any order. */
typedef struct feature_writer feature_writer;
lb_status feature_writer_open(const char *path, uint32_t dim, feature_writer **out);
lb_status feature_writer_rows(feature_writer *w, uint32_t first_row, const void *rows, size_t n);

/* Ends the file at n_rows rows and syncs it; it is not in its place yet. */
lb_status feature_writer_finish(feature_writer *w, uint32_t n_rows);

/* Whether the finished file has the bytes of another one. */
lb_status feature_writer_equals(const feature_writer *w, const char *path, bool *same);

/* Moves a finished file into its place and syncs the folder. The writer is still to be freed. */
lb_status feature_writer_place(feature_writer *w);
void feature_writer_free(feature_writer *w); // removes a file that was not placed; accepts NULL

#endif
