/* Files: mapped reading, and writing that replaces all of a file or nothing. */
#ifndef LB_CORE_FILE_H
#define LB_CORE_FILE_H

#include <stdbool.h>
#include <stdio.h>

#include "core/status.h"

/* A file mapped read-only. */
typedef struct file_map {
    const unsigned char *bytes; // NULL when the file is empty
    size_t size;
} file_map;

/* Maps `path`. LB_E_NOT_FOUND if there is none, LB_E_IO for a directory or unreadable file. */
lb_status file_map_open(const char *path, file_map *out);
void file_map_close(file_map *map); // accepts an all-zero map

/* Has the system read a part of the file that is wanted soon, and does not wait for it. */
void file_map_ahead(const file_map *map, size_t offset, size_t size);

/* A file being written beside its destination. On commit it is flushed, synced and renamed over the
 * destination, and the folder is synced; before that the destination is untouched. */
typedef struct file_writer file_writer;
lb_status file_writer_open(const char *path, file_writer **out);
lb_status file_writer_write(file_writer *w, const void *bytes, size_t size);
lb_status file_writer_commit(file_writer *w); // ends and frees the writer, also on failure
void file_writer_abort(file_writer *w);       // drops what was written; accepts NULL

/* Writes a copy of a file, all or nothing. */
lb_status file_copy(const char *from, const char *to);

/* "directory/name", allocated. NULL with the error text set on failure. */
char *file_path(const char *directory, const char *name);

/* Makes a directory if it is not there (its parent must be). */
lb_status file_make_directory(const char *path);

bool file_exists(const char *path);
bool file_is_directory(const char *path);

/* The last component of a path, inside the same string. */
const char *file_name(const char *path);

#endif
