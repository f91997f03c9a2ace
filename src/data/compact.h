/* Merging what a service has added into the feature files. */
#ifndef LB_DATA_COMPACT_H
#define LB_DATA_COMPACT_H

#include "core/job.h"

/* Writes the vectors that were added while serving into the files of their features, in one
 * transaction, and removes uploaded photos that no product has. *merged counts the vectors. The
 * caller sees to it that nobody serves the dataset. */
lb_status dataset_compact(job *j, const char *directory, uint64_t *merged);

#endif
