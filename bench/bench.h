/*
 * `lookbook bench`: a generated dataset goes through everything, import to search, and every stage
 * is timed: seconds, a rate in its own unit, its share of what the machine can do, memory.
 */
#ifndef LB_BENCH_BENCH_H
#define LB_BENCH_BENCH_H

#include "bench/clock.h"
#include "bench/machine.h"
#include "bench/shape.h"

typedef struct bench_options {
    shape_options shape;
    const char *model;           // "vasg" or "vasg-paper"
    const char *const *settings; // (n_settings) "name=value", options of the model
    size_t n_settings;
    uint64_t seed;      // of the training
    int float16;        // 1: the features are imported in 16 bits a value
    const char *folder; // where files, dataset and model are put and stay, made if need be;
                        // NULL = a temporary one, removed at the end
} bench_options;

/* What limits a stage. */
typedef enum bench_limit { BENCH_UNKNOWN, BENCH_F32, BENCH_BF16, BENCH_READ } bench_limit;

typedef struct bench_row {
    clock_stage stage;
    bench_limit limit;
    double work; // operations, or bytes of memory, that the stage needs
} bench_row;

enum { BENCH_KINDS = 2 }; // of tests: warm, cold

typedef struct bench_result {
    shape_report shape;
    machine_peak machine;
    const char *isa;       // instruction-set path; static
    const char *precision; // of the networks' products: "bf16" or "f32"; NULL without networks
    unsigned threads;
    bench_row row[CLOCK_MAX_STAGES]; // (n_rows)
    size_t n_rows;
    double training, training_cpu; // seconds of all its stages
    uint64_t own, mapped;          // bytes, at the highest of any stage
    double auc[BENCH_KINDS];       // of the model, own candidates; NaN where there are no tests
    double popular[BENCH_KINDS];   // of what is bought most
} bench_result;

void bench_options_init(bench_options *options);

/* Runs all stages. LB_E_EXISTS if the folder holds a dataset already; errors of the stages. */
lb_status bench_run(const bench_options *options, const lb_runtime *runtime, bench_result *out);

/* The peak that a row is compared with: operations or bytes a second; 0 = none. */
double bench_peak(const bench_result *r, bench_limit limit);

/* The part of the peak that the row reached; NaN if none is known. */
double bench_share(const bench_result *r, const bench_row *row);

/* "bf16", "f32", "read" or "" */
const char *bench_limit_name(bench_limit limit);

#endif
