/* The small shop as the tests of vasg train on it. */
#ifndef LB_TESTS_MODEL_VASG_SHOP_H
#define LB_TESTS_MODEL_VASG_SHOP_H

#include "model/model_shop.h"

#include "model/vasg.h"

static const char *const quick[] = {"dim=8",   "epochs=4",         "look-dim=8",
                                    "rank=16", "decoder-epochs=0", NULL};

static inline lb_status fit_with(job *j, const fit_input *input, const char *const *more,
                                 model **out) {
    return fit_settings(j, &vasg_class, quick, more, input, out);
}

static inline fit_input input_of(const shop *s) {
    return (fit_input){.split = s->s, .features = &s->f, .n_features = 1, .seed = 3};
}

static inline model *fit_threads(const fit_input *input, const char *const *more,
                                 unsigned threads) {
    job *j = new_job(threads);
    model *m;
    assert_ok(fit_with(j, input, more, &m));
    job_free(j);
    return m;
}

static inline model *fit_shop(const shop *s, const char *const *more) {
    fit_input input = input_of(s);
    return fit_threads(&input, more, 2);
}

static inline const char *save(const model *m, const shop *s, const char *name) {
    const char *path = in(test_folder(), name);
    assert_ok(model_save(m, s->d, path));
    return path;
}

#endif
