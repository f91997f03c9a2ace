#include "bench/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/memory.h"

struct stage_clock {
    lb_progress_fn then;
    void *then_context;
    clock_stage stage[CLOCK_MAX_STAGES]; // (n)
    size_t n;
    clock_stage *present; // NULL = none
    const char *phase;
    bool follow;
    double since, since_cpu; // when the present stage went on
    uint64_t done;           // of the present stage at the last report
    pthread_t watcher;
    bool watching;
    atomic_bool stop;
    atomic_uint_fast64_t own, mapped; // the highest since the present stage went on
};

double clock_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double clock_cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* ---------------------------------------------------------------- memory */

static void keep_highest(atomic_uint_fast64_t *highest, uint64_t bytes) {
    uint_fast64_t old = atomic_load(highest);
    while (bytes > old && !atomic_compare_exchange_weak(highest, &old, bytes)) continue;
}

/* Reads /proc/self/status; where there is none, memory stays zero. */
static void look_at_memory(stage_clock *c) {
    char line[128];
    unsigned long long kib, mapped = 0;
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f)) {
        if (sscanf(line, "RssAnon: %llu", &kib) == 1) keep_highest(&c->own, kib * 1024);
        if (sscanf(line, "RssFile: %llu", &kib) == 1) mapped += kib * 1024;
        if (sscanf(line, "RssShmem: %llu", &kib) == 1) mapped += kib * 1024;
    }
    keep_highest(&c->mapped, mapped);
    if (f) fclose(f);
}

static void *watch(void *clock) {
    stage_clock *c = clock;
    while (!atomic_load(&c->stop)) {
        look_at_memory(c);
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return NULL;
}

lb_status clock_new(lb_progress_fn then, void *then_context, stage_clock **out) {
    stage_clock *c;
    LB_TRY(NEW_ARRAY(c, 1));
    c->then = then;
    c->then_context = then_context;
    if (pthread_create(&c->watcher, NULL, watch, c) != 0) {
        free(c);
        return status_fail(LB_E_NOMEM, "cannot start the thread that looks at the memory");
    }
    c->watching = true;
    *out = c;
    return LB_OK;
}

void clock_free(stage_clock *c) {
    if (!c) return;
    atomic_store(&c->stop, true);
    if (c->watching) pthread_join(c->watcher, NULL);
    free(c);
}

/* ---------------------------------------------------------------- stages */

void clock_end(stage_clock *c) {
    clock_stage *s = c->present;
    double now = clock_now(), cpu = clock_cpu();
    look_at_memory(c);
    uint64_t own = atomic_exchange(&c->own, 0), mapped = atomic_exchange(&c->mapped, 0);
    if (s) {
        s->seconds += now - c->since;
        s->cpu += cpu - c->since_cpu;
        s->own = own > s->own ? own : s->own;
        s->mapped = mapped > s->mapped ? mapped : s->mapped;
    }
    c->present = NULL;
    c->follow = false;
    c->since = now;
    c->since_cpu = cpu;
}

/* The stage of that name in this phase; past the most, the last one collects. */
static clock_stage *find(stage_clock *c, const char *name) {
    for (size_t i = 0; i < c->n; i++)
        if (c->stage[i].phase == c->phase && strncmp(c->stage[i].name, name, CLOCK_NAME - 1) == 0)
            return &c->stage[i];
    clock_stage *s = &c->stage[c->n < CLOCK_MAX_STAGES ? c->n++ : CLOCK_MAX_STAGES - 1];
    s->phase = c->phase;
    snprintf(s->name, sizeof s->name, "%s", name);
    return s;
}

void clock_begin(stage_clock *c, const char *phase, const char *name, const char *unit,
                 bool follow) {
    clock_end(c);
    c->phase = phase;
    c->follow = follow;
    c->present = find(c, name);
    c->done = 0;
    snprintf(c->present->unit, sizeof c->present->unit, "%s", unit);
}

void clock_add(stage_clock *c, double amount) {
    if (c->present) c->present->amount += amount;
}

static void follow(stage_clock *c, const lb_progress *p) {
    if (strncmp(p->stage, c->present->name, CLOCK_NAME - 1) != 0) {
        clock_begin(c, c->phase, p->stage, p->unit ? p->unit : "", true);
        // One that goes on counts from where it was; one that starts again reports zero first.
        c->done = p->done && p->done >= (uint64_t)c->present->amount ? (uint64_t)c->present->amount
                                                                     : p->done;
    }
    if (p->done > c->done) c->present->amount += (double)(p->done - c->done);
    c->done = p->done;
}

int clock_progress(void *clock, const lb_progress *p) {
    stage_clock *c = clock;
    if (c->follow && c->present && p->stage && !p->note) follow(c, p);
    return c->then ? c->then(c->then_context, p) : 0;
}

const clock_stage *clock_stage_at(const stage_clock *c, size_t i) {
    return i < c->n ? &c->stage[i] : NULL;
}
