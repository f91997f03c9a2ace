/* Files that results go to. */
#ifndef LB_RUN_OUTPUT_H
#define LB_RUN_OUTPUT_H

#include "core/status.h"

/* Whether a file of this name may be written, as far as can be told: what would otherwise fail
 * after hours. LB_E_ARGUMENT for a directory, LB_E_NOT_FOUND without a folder to put it in,
 * LB_E_IO. */
lb_status run_output_check(const char *path);

/* The last component of a path into name (size), slashes at its end left out. */
void run_last_name(const char *path, char *name, size_t size);

#endif
