#include "math/adam.h"

#include <math.h>

#include "math/cpu.h"
#include "math/gemm.h"

enum { WEIGHT_GRAIN = 1 << 15, ROW_GRAIN = 256 };

void adam_options_init(adam_options *options) {
    *options = (adam_options){1e-3, 0.9, 0.999, 1e-8};
}

/* What one step, dense or by rows, works on. */
typedef struct step {
    math_adam constants;
    float *w, *m, *v;
    const float *g;
    size_t dim;
    const uint32_t *rows;
} step;

static math_adam constants_of(const adam_options *o, uint64_t t) {
    float beta1 = (float)o->beta1, beta2 = (float)o->beta2;
    double n = (double)t; // the corrections belong to the betas as rounded to float
    return (math_adam){
        .beta1 = beta1,
        .beta2 = beta2,
        .rate = (float)(o->rate / (1 - pow((double)beta1, n))),
        .correction = (float)(1 / sqrt(1 - pow((double)beta2, n))),
        .epsilon = (float)o->epsilon,
    };
}

static lb_status step_range(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const step *s = context;
    math_table()->adam(s->w + begin, s->g + begin, s->m + begin, s->v + begin, end - begin,
                       &s->constants);
    return LB_OK;
}

static lb_status step_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const step *s = context;
    const math_kernels *t = math_table();
    for (size_t i = begin; i < end; i++) {
        size_t at = s->rows[i] * s->dim;
        t->adam(s->w + at, s->g + i * s->dim, s->m + at, s->v + at, s->dim, &s->constants);
    }
    return LB_OK;
}

lb_status adam_step(job *j, const adam_options *options, uint64_t t, float *w, const float *g,
                    float *m, float *v, size_t n) {
    step s = {constants_of(options, t), w, m, v, g, 1, NULL};
    return math_run_range(j, n, WEIGHT_GRAIN, step_range, &s);
}

lb_status adam_rows(job *j, const adam_options *options, uint64_t t, float *w, float *m, float *v,
                    size_t dim, const uint32_t *rows, const float *g, size_t n_rows) {
    step s = {constants_of(options, t), w, m, v, g, dim, rows};
    return math_run_range(j, n_rows, ROW_GRAIN, step_rows, &s);
}
