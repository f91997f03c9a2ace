/* What the machine can do, measured on a job's threads: what stages are compared with. */
#ifndef LB_BENCH_MACHINE_H
#define LB_BENCH_MACHINE_H

#include "core/job.h"

typedef struct machine_peak {
    double f32;   // floating-point operations a second of the best product of large matrices
    double bf16;  // the same with factors of bfloat16; 0 where the CPU has none
    double read;  // bytes a second read from memory (or a last-level cache that holds them)
    double triad; // bytes a second of a[i] = b[i] + s c[i], counted without the read before a write
} machine_peak;

/* The best of a few tries each; takes about three seconds, and half a GB of memory. */
lb_status machine_measure(job *j, machine_peak *out);

#endif
