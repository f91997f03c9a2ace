/* Stages of a run: how long each took, what it got done, and the memory at its height. */
#ifndef LB_BENCH_CLOCK_H
#define LB_BENCH_CLOCK_H

#include <stdbool.h>

#include "core/status.h"

enum { CLOCK_MAX_STAGES = 48, CLOCK_NAME = 48, CLOCK_UNIT = 24 };

typedef struct clock_stage {
    const char *phase;
    char name[CLOCK_NAME], unit[CLOCK_UNIT];
    double seconds, cpu; // by the clock, and of the processors
    double amount;       // units done
    uint64_t own;        // bytes of the process's own memory (anonymous), at the highest
    uint64_t mapped;     // bytes of mapped files, and shared memory, that were resident then
} clock_stage;

typedef struct stage_clock stage_clock;

/* Measures nothing yet. `then`, or NULL, is shown every progress report and may stop the run.
 * Starts a thread that looks at the memory a hundred times a second. Free with clock_free. */
lb_status clock_new(lb_progress_fn then, void *then_context, stage_clock **out);
void clock_free(stage_clock *c); // accepts NULL

/* Begins a stage; the last one ends. With `follow`, stages that are reported take its place, each
 * from its first report to that of another; one that comes again goes on. `phase` and `unit` are
 * static. */
void clock_begin(stage_clock *c, const char *phase, const char *name, const char *unit,
                 bool follow);
void clock_add(stage_clock *c, double amount); // to the present stage
void clock_end(stage_clock *c);                // the present stage; time passes unmeasured

/* An lb_progress_fn; the context is the clock. */
int clock_progress(void *clock, const lb_progress *p);

/* The stages so far, in the order they came first; NULL past the last. */
const clock_stage *clock_stage_at(const stage_clock *c, size_t i);

double clock_now(void); // seconds
double clock_cpu(void); // of this process so far, all threads

#endif
