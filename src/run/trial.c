#include "run/trial.h"

#include <time.h>

#include "model/evaluation.h"

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

lb_status trial_fit(job *j, const model_class *class, const char *const *settings,
                    size_t n_settings, const run_source *source, const split *s,
                    const trial_requests *requests, uint64_t seed, double *seconds, model **out) {
    fit_input input = {
        .split = s, .features = source->feature, .n_features = source->n_features, .seed = seed};
    if (requests && class->takes_text) {
        input.requests = requests->training;
        input.valid_requests = requests->validation;
        input.texts = requests->texts;
        input.reader = source->reader;
    }
    double start = now();
    LB_TRY(model_fit(j, class, settings, n_settings, &input, out));
    *seconds = now() - start;
    return LB_OK;
}

lb_status trial_measure(job *j, model *m, const split *s, trial_part part, unsigned list,
                        eval_result **out) {
    eval_input tests = part == TRIAL_TEST
                           ? evaluation_input(s, s->test, s->n_test, s->valid, s->n_valid)
                           : evaluation_input(s, s->valid, s->n_valid, NULL, 0);
    return eval_run(j, &tests, evaluation_score, m, list, out);
}

bool trial_is_fatal(lb_status status) {
    return status == LB_E_NOMEM || status == LB_E_IO || status == LB_E_FULL ||
           status == LB_E_BUSY || status == LB_E_INTERRUPTED;
}
