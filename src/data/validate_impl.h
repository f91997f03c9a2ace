/* What the files of the checks share. */
#ifndef LB_DATA_VALIDATE_IMPL_H
#define LB_DATA_VALIDATE_IMPL_H

#include "data/dataset_impl.h"
#include "data/validate.h"

/* Adds a finding; name and detail are copied, the detail is printf-style. */
lb_status validation_add(lb_validation *v, const char *name, bool passed, uint64_t count,
                         const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The findings about one feature: its file, its values, which products have it. */
lb_status validate_feature(job *j, const dataset *d, const char *name, lb_validation *v);

/* The findings about users, products and their network. */
lb_status validate_network(const dataset *d, lb_validation *v);

#endif
