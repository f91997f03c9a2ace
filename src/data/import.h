/*
 * Import: files into a dataset, in one transaction. Products come from feature files, interaction
 * files, product files and pictures, in this order, and texts that requests are made of last; a
 * product that nobody bought is a completely cold one. What is there already stays; what comes
 * again replaces: the rating of the same (user, product, time), the columns that a product file
 * has, the vector of a feature, the path of a picture. Importing the same files again therefore
 * changes nothing, whatever the order.
 */
#ifndef LB_DATA_IMPORT_H
#define LB_DATA_IMPORT_H

#include "core/job.h"

/* Makes or extends the dataset at `directory` (its parent must exist). All or nothing; a directory
 * and a database made for it are removed after a failure. `options` are checked by the caller but
 * for what only files can tell.
 *
 *  - require_feature looks at all features, those of this import and older ones.
 *  - sample_per_user ranks each user's products in these files by a hash keyed with seed and user
 *    and keeps the first: the order of lines does not matter. It comes after require_feature.
 *  - With valid or test the split "given" is stored (split.h). A pair that stands in several parts
 *    stays in the first of training, validation, test; a note says how many.
 *
 * LB_E_MISMATCH for a feature of another dimension, LB_E_EXISTS for one that Lookbook made itself,
 * LB_E_NOT_FOUND when require_feature finds no feature at all, and the errors of the readers.
 * `report` may be NULL. */
lb_status dataset_import(job *j, const char *directory, const lb_import_options *options,
                         lb_import_report *report);

#endif
