/* Checks of a dataset: what is there, and what is wrong with it. */
#ifndef LB_DATA_VALIDATE_H
#define LB_DATA_VALIDATE_H

#include "core/job.h"

/* The findings, in the order of the checks. Texts are owned by it. */
struct lb_validation {
    lb_check *checks;
    size_t n, capacity;
};

/* Runs all checks. A check fails for damage and for what is named but not there; what is merely
 * worth knowing (cold products, small users, products without a picture) is counted and passes.
 * LB_OK also when checks fail: a database that cannot be read at all is one failed check.
 * LB_E_NOT_FOUND if there is no dataset. Free with dataset_validation_free. */
lb_status dataset_validate(job *j, const char *directory, lb_validation **out);
void dataset_validation_free(lb_validation *v); // accepts NULL

#endif
