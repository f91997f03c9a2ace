#include "core/job.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "core/memory.h"

enum { MAX_THREADS = 256, ERROR_TEXT_SIZE = 1024, STAGE_SIZE = 64 };

typedef struct task {
    job_work work;
    void *context;
    size_t n_items;
    atomic_size_t next;
    size_t failed_item; // lowest failing item so far
    lb_status failed_status;
    char failed_text[ERROR_TEXT_SIZE];
} task;

struct job {
    lb_progress_fn progress;
    void *progress_context;
    struct timespec last_report;
    char last_stage[STAGE_SIZE];
    unsigned n_threads; // the calling thread counts as one
    pthread_t *threads; // (n_threads - 1)
    unsigned n_started;
    pthread_mutex_t lock;
    pthread_cond_t wake, idle;
    task task;
    uint64_t generation; // grows with every job_run
    unsigned n_busy;
    int stopping;
};

typedef struct worker_start {
    job *job;
    unsigned worker;
} worker_start;

static void record_failure(job *j, size_t item, lb_status status) {
    pthread_mutex_lock(&j->lock);
    if (j->task.failed_status == LB_OK || item < j->task.failed_item) {
        j->task.failed_item = item;
        j->task.failed_status = status;
        snprintf(j->task.failed_text, sizeof j->task.failed_text, "%s", lb_last_error());
    }
    pthread_mutex_unlock(&j->lock);
}

static void run_items(job *j, unsigned worker) {
    task *t = &j->task;
    for (;;) {
        size_t item = atomic_fetch_add(&t->next, 1);
        if (item >= t->n_items) return;
        lb_status status = t->work(t->context, item, worker);
        if (status != LB_OK) {
            record_failure(j, item, status);
            atomic_store(&t->next, t->n_items);
        }
    }
}

static void *worker_main(void *argument) {
    worker_start start = *(worker_start *)argument;
    free(argument);
    job *j = start.job;
    uint64_t seen = 0;
    pthread_mutex_lock(&j->lock);
    for (;;) {
        while (j->generation == seen && !j->stopping) pthread_cond_wait(&j->wake, &j->lock);
        if (j->stopping) break;
        seen = j->generation;
        pthread_mutex_unlock(&j->lock);
        run_items(j, start.worker);
        pthread_mutex_lock(&j->lock);
        if (--j->n_busy == 0) pthread_cond_signal(&j->idle);
    }
    pthread_mutex_unlock(&j->lock);
    return NULL;
}

static unsigned available_cores(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    if (n < 1) return 1;
    return n > MAX_THREADS ? MAX_THREADS : (unsigned)n;
}

static lb_status start_threads(job *j) {
    for (unsigned i = 1; i < j->n_threads; i++) {
        worker_start *start;
        LB_TRY(NEW_ARRAY(start, 1));
        *start = (worker_start){j, i};
        int failed = pthread_create(&j->threads[i - 1], NULL, worker_main, start);
        if (failed) {
            free(start);
            return status_fail(LB_E_NOMEM, "cannot start thread %u of %u: use fewer threads", i + 1,
                               j->n_threads);
        }
        j->n_started++;
    }
    return LB_OK;
}

lb_status job_new(const lb_runtime *runtime, job **out) {
    lb_runtime defaults;
    lb_runtime_init(&defaults);
    if (!runtime) runtime = &defaults;
    if (runtime->threads > MAX_THREADS)
        return status_fail(LB_E_ARGUMENT, "threads is %u: must be 0 to %d", runtime->threads,
                           MAX_THREADS);
    job *j;
    LB_TRY(NEW_ARRAY(j, 1));
    pthread_mutex_init(&j->lock, NULL);
    pthread_cond_init(&j->wake, NULL);
    pthread_cond_init(&j->idle, NULL);
    j->progress = runtime->progress;
    j->progress_context = runtime->progress_context;
    j->n_threads = runtime->threads ? runtime->threads : available_cores();
    lb_status status = NEW_ARRAY(j->threads, j->n_threads);
    if (status == LB_OK) status = start_threads(j);
    if (status != LB_OK) {
        job_free(j);
        return status;
    }
    *out = j;
    return LB_OK;
}

void job_free(job *j) {
    if (!j) return;
    pthread_mutex_lock(&j->lock);
    j->stopping = 1;
    pthread_cond_broadcast(&j->wake);
    pthread_mutex_unlock(&j->lock);
    for (unsigned i = 0; i < j->n_started; i++) pthread_join(j->threads[i], NULL);
    pthread_cond_destroy(&j->idle);
    pthread_cond_destroy(&j->wake);
    pthread_mutex_destroy(&j->lock);
    free(j->threads);
    free(j);
}

unsigned job_threads(const job *j) {
    return j->n_threads;
}

lb_status job_run(job *j, size_t n_items, job_work work, void *context) {
    task *t = &j->task;
    pthread_mutex_lock(&j->lock);
    t->work = work;
    t->context = context;
    t->n_items = n_items;
    t->failed_status = LB_OK;
    atomic_store(&t->next, 0);
    int alone = n_items < 2 || j->n_threads == 1;
    if (!alone) {
        j->generation++;
        j->n_busy = j->n_threads - 1;
        pthread_cond_broadcast(&j->wake);
    }
    pthread_mutex_unlock(&j->lock);

    run_items(j, 0);

    pthread_mutex_lock(&j->lock);
    while (!alone && j->n_busy) pthread_cond_wait(&j->idle, &j->lock);
    pthread_mutex_unlock(&j->lock);
    return t->failed_status == LB_OK ? LB_OK : status_fail(t->failed_status, "%s", t->failed_text);
}

typedef struct range_context {
    job_range_work work;
    void *context;
    size_t n, grain;
} range_context;

static lb_status run_piece(void *context, size_t item, unsigned worker) {
    range_context *r = context;
    size_t begin = item * r->grain, end = begin + r->grain < r->n ? begin + r->grain : r->n;
    return r->work(r->context, begin, end, worker);
}

lb_status job_run_range(job *j, size_t n, size_t grain, job_range_work work, void *context) {
    range_context r = {work, context, n, grain};
    return job_run(j, (n + grain - 1) / grain, run_piece, &r);
}

static int report(job *j, const lb_progress *p) {
    return j->progress ? j->progress(j->progress_context, p) : 0;
}

lb_status job_progress(job *j, const char *stage, const char *unit, uint64_t done, uint64_t total) {
    if (!j->progress) return LB_OK;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    double since = (double)(now.tv_sec - j->last_report.tv_sec) +
                   1e-9 * (double)(now.tv_nsec - j->last_report.tv_nsec);
    bool same = strncmp(stage, j->last_stage, STAGE_SIZE - 1) == 0;
    if (same && done && done != total && since < 0.1) return LB_OK;
    if (!same) snprintf(j->last_stage, STAGE_SIZE, "%s", stage);
    j->last_report = now;
    lb_progress p = {stage, unit, done, total, NULL};
    if (report(j, &p)) return status_fail(LB_E_INTERRUPTED, "stopped while at: %s", stage);
    return LB_OK;
}

void job_note(job *j, const char *stage, const char *format, ...) {
    char text[ERROR_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    lb_progress p = {stage, "", 0, 0, text};
    report(j, &p);
}

void lb_runtime_init(lb_runtime *runtime) {
    memset(runtime, 0, sizeof *runtime);
}
