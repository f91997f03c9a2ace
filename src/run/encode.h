/* Encoding: the pictures or the words of a dataset become a feature. */
#ifndef LB_RUN_ENCODE_H
#define LB_RUN_ENCODE_H

#include "core/job.h"

/* lb_encode with checked options. Pictures that are missing, broken or blank leave their product
 * without the feature; the first 20 that are missing or broken are noted. LB_E_EMPTY when no
 * picture is registered or none can be encoded, or nothing is written of any product: a feature of
 * that name then stays as it was. */
lb_status run_encode(job *j, const char *directory, const lb_encode_options *options,
                     lb_encode_report *report);

#endif
