/* A trial: one model trained once on the training part of a split, timed, and measured. */
#ifndef LB_RUN_TRIAL_H
#define LB_RUN_TRIAL_H

#include "eval/eval.h"
#include "model/model.h"
#include "run/source.h"

/* Which held-out pairs measure. */
typedef enum trial_part { TRIAL_VALIDATION, TRIAL_TEST } trial_part;

/* What models that take text learn from besides. */
typedef struct trial_requests {
    const request_set *training, *validation;
    const product_texts *texts;
} trial_requests;

/* Trains; *seconds is the time it took. `requests` may be NULL. Errors as model_fit. */
lb_status trial_fit(job *j, const model_class *class, const char *const *settings,
                    size_t n_settings, const run_source *source, const split *s,
                    const trial_requests *requests, uint64_t seed, double *seconds, model **out);

/* Measures on a part of the split, with lists of `list`. What the user has in the other parts is
 * no candidate of the tests; nothing of the tests is used with validation pairs. */
lb_status trial_measure(job *j, model *m, const split *s, trial_part part, unsigned list,
                        eval_result **out);

/* Whether a failure ends a whole comparison or sweep, and not only this trial: memory, input and
 * output, and the caller's wish to stop. */
bool trial_is_fatal(lb_status status);

#endif
