/* Training: a dataset, a split and a model class become a model file. */
#ifndef LB_RUN_TRAIN_H
#define LB_RUN_TRAIN_H

#include "core/job.h"

/* lb_train with checked options. Model settings are checked before anything is read. */
lb_status run_train(job *j, const char *directory, const lb_train_options *options);

#endif
