/* A job: the threads and the progress callback that a long-running call carries down through the
 * layers. */
#ifndef LB_CORE_JOB_H
#define LB_CORE_JOB_H

#include "core/status.h"

typedef struct job job;

/* Starts the worker threads that `runtime` (NULL = defaults) asks for. Free with job_free. */
lb_status job_new(const lb_runtime *runtime, job **out);
void job_free(job *j);

unsigned job_threads(const job *j);

/* Runs `work(context, item, worker)` for item = 0..n_items-1 on the job's threads and waits for
 * all. `worker` is below job_threads and tells threads apart (for scratch memory); which worker
 * gets which item is not defined, so results must not depend on it. After a failure the items not
 * yet begun are skipped; the status and error text of the failing item with the lowest number among
 * those run are returned. Not to be called from inside `work`. */
typedef lb_status (*job_work)(void *context, size_t item, unsigned worker);
lb_status job_run(job *j, size_t n_items, job_work work, void *context);

/* Splits 0..n-1 into consecutive pieces of `grain` and runs `work(context, begin, end, worker)` on
 * each. The pieces do not depend on the number of threads. */
typedef lb_status (*job_range_work)(void *context, size_t begin, size_t end, unsigned worker);
lb_status job_run_range(job *j, size_t n, size_t grain, job_range_work work, void *context);

/* Reports progress (at most about ten times a second reaches the callback; the first report of a
 * stage that follows another one and the last always do). A stage's first report should come before
 * its work: it lasts until another one's. LB_E_INTERRUPTED if the caller wants to stop. Call it
 * from the thread that made the long-running call. */
lb_status job_progress(job *j, const char *stage, const char *unit, uint64_t done, uint64_t total);

/* Hands the caller a line worth logging: a loss, a warning, what was skipped. */
void job_note(job *j, const char *stage, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
