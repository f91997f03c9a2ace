/* The Adam optimiser (Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015). */
#ifndef LB_MATH_ADAM_H
#define LB_MATH_ADAM_H

#include <stddef.h>
#include <stdint.h>

#include "core/job.h"

typedef struct adam_options {
    double rate;         // 1e-3
    double beta1, beta2; // 0.9, 0.999
    double epsilon;      // 1e-8
} adam_options;

/* The paper's defaults. */
void adam_options_init(adam_options *options);

/* Step t (from 1 on) on n weights w with gradient g; m and v are the moments, zeros before step 1.
 * j may be NULL. */
lb_status adam_step(job *j, const adam_options *options, uint64_t t, float *w, const float *g,
                    float *m, float *v, size_t n);

/* Lazy Adam: step t on some rows of the table w (.., dim) with moments m and v of its shape. Row
 * rows[i] has the gradient g[i] of g (n_rows, dim); the rows must be distinct. Rows that are not
 * named keep their weights and moments, so a row's moments decay only when it is met. */
lb_status adam_rows(job *j, const adam_options *options, uint64_t t, float *w, float *m, float *v,
                    size_t dim, const uint32_t *rows, const float *g, size_t n_rows);

#endif
