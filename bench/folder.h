/* The folder that a run works in. */
#ifndef LB_BENCH_FOLDER_H
#define LB_BENCH_FOLDER_H

#include <stdbool.h>

#include "core/status.h"

typedef struct bench_folder {
    char *path;  // of all
    char *files; // what is imported: reviews, meta, features
    char *reviews, *meta, *features;
    char *shop;  // the dataset
    char *model; // the trained model
    bool temporary;
} bench_folder;

/* Makes the folders; `path` NULL = a temporary one below TMPDIR, or /tmp. LB_E_EXISTS if there is a
 * dataset already. */
lb_status bench_folder_open(const char *path, bench_folder *out);

/* Removes a temporary one with all that is in it. Accepts all zero. */
void bench_folder_close(bench_folder *f);

#endif
