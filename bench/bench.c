#include "bench/bench.h"

#include <math.h>
#include <string.h>

#include "bench/cost.h"
#include "bench/folder.h"
#include "core/memory.h"
#include "graph/bipartite.h"
#include "graph/walk.h"
#include "index/index.h"
#include "run/trial.h"

enum {
    WALK_LENGTH = 20,
    WALKS_PER_PIECE = 256,
    ROWS_PER_PIECE = 256,
    LIST = 20,
    TOP = 10,
    SAMPLE = 512
};

typedef struct bench {
    const bench_options *options;
    lb_runtime runtime; // its progress goes through the clock
    stage_clock *clock;
    job *job;
    bench_result *result;
    bench_folder folder;
    run_source source;
    split *split;
    model *model;
    index_effort effort; // of the searches for many
    double evaluated;    // users
} bench;

/* ---------------------------------------------------------------- import */

static lb_status generate(bench *b) {
    return shape_write(b->job, b->folder.files, &b->options->shape, &b->result->shape);
}

static lb_status import(bench *b) {
    lb_import_options texts, features;
    const shape_report *shape = &b->result->shape;
    lb_import_options_init(&texts);
    lb_import_options_init(&features);
    texts.interactions = b->folder.reviews;
    texts.products = b->folder.meta;
    features.features = b->folder.features;
    features.float16 = b->options->float16;
    clock_begin(b->clock, "import", "import of texts", "bytes", false);
    LB_TRY(lb_import(b->folder.shop, &texts, &b->runtime, NULL));
    clock_add(b->clock, (double)shape->text_bytes);
    clock_begin(b->clock, "import", "import of features", "bytes", false);
    LB_TRY(lb_import(b->folder.shop, &features, &b->runtime, NULL));
    clock_add(b->clock, (double)shape->feature_bytes);
    clock_end(b->clock);
    return LB_OK;
}

/* ---------------------------------------------------------------- features, walks */

static lb_status read_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const feature_set *f = context;
    float *row;
    LB_TRY(NEW_ARRAY(row, f->dim));
    for (size_t i = begin; i < end; i++) feature_row(f, (uint32_t)i, row);
    free(row);
    return LB_OK;
}

static lb_status read_features(bench *b) {
    feature_set *f = b->source.feature;
    clock_begin(b->clock, "read", "read features", "bytes", false);
    LB_TRY(job_run_range(b->job, f->n_products, ROWS_PER_PIECE, read_rows, f));
    clock_add(b->clock, (double)f->n_present * f->dim * (b->options->float16 ? 2 : 4));
    clock_end(b->clock);
    return LB_OK;
}

static lb_status walk_piece(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const walk_plan *plan = context;
    uint32_t nodes[WALK_LENGTH];
    for (size_t i = begin; i < end; i++) walk_plan_run(plan, i, i + 1, nodes);
    return LB_OK;
}

/* One walk from every node, alone: in training they are drawn chunk by chunk. */
static lb_status walk(bench *b) {
    const split *s = b->split;
    bipartite *g = NULL;
    walk_plan plan = {0};
    lb_status status;
    LB_TRY_CLEANUP(bipartite_new(s->n_users, s->n_products, s->user_start, s->product, NULL, &g));
    clock_begin(b->clock, "walks", "walks, alone", "steps", false);
    LB_TRY_CLEANUP(walk_plan_new(g, 1, WALK_LENGTH, 0, b->options->seed, &plan));
    LB_TRY_CLEANUP(job_run_range(b->job, plan.n_walks, WALKS_PER_PIECE, walk_piece, &plan));
    clock_add(b->clock, (double)plan.n_walks * WALK_LENGTH);
    clock_end(b->clock);
cleanup:
    walk_plan_free(&plan);
    bipartite_free(g);
    return status;
}

/* ---------------------------------------------------------------- training, evaluation */

static lb_status fit(bench *b, const char *name, bool timed, model **out) {
    const model_class *class;
    double seconds;
    const bench_options *o = b->options;
    LB_TRY(model_class_find(name, &class));
    if (timed) clock_begin(b->clock, "training", "start", "", true);
    LB_TRY(trial_fit(b->job, class, timed ? o->settings : NULL, timed ? o->n_settings : 0,
                     &b->source, b->split, NULL, o->seed, &seconds, out));
    clock_end(b->clock);
    return LB_OK;
}

static lb_status measure(bench *b, model *m, bool timed, double auc[BENCH_KINDS]) {
    eval_result *r;
    if (timed) clock_begin(b->clock, "evaluate", "evaluate", "users", false);
    LB_TRY(trial_measure(b->job, m, b->split, TRIAL_TEST, LIST, &r));
    if (timed) {
        b->evaluated = (double)r->n_users;
        clock_add(b->clock, b->evaluated);
        clock_end(b->clock);
    }
    const eval_result *runs[] = {r};
    lb_status status = LB_OK;
    for (int kind = 0; kind < BENCH_KINDS && status == LB_OK; kind++) {
        eval_summary summary;
        status = eval_summarise(runs, 1, kind ? EVAL_COLD : EVAL_WARM, EVAL_OWN, EVAL_AUC,
                                b->options->seed, &summary);
        auc[kind] = summary.mean;
    }
    eval_result_free(r);
    return status;
}

static lb_status train(bench *b) {
    model *popular = NULL;
    lb_status status;
    LB_TRY_CLEANUP(fit(b, b->options->model, true, &b->model));
    LB_TRY_CLEANUP(model_save(b->model, b->source.dataset, b->folder.model));
    LB_TRY_CLEANUP(measure(b, b->model, true, b->result->auc));
    LB_TRY_CLEANUP(fit(b, "pop", false, &popular));
    status = measure(b, popular, false, b->result->popular);
cleanup:
    model_free(popular);
    return status;
}

/* ---------------------------------------------------------------- search */

typedef struct searching {
    model_part part[MODEL_MAX_PARTS];
    size_t n_parts;
    float *query[MODEL_MAX_PARTS]; // (n_users, dim)
    vector_index *index[MODEL_MAX_PARTS];
    uint32_t *row; // (n_users, TOP)
    float *score;
} searching;

static void searching_free(searching *s) {
    for (size_t p = 0; p < MODEL_MAX_PARTS; p++) {
        free(s->query[p]);
        index_free(s->index[p]);
    }
    free(s->row);
    free(s->score);
}

static lb_status make_queries(const model *m, searching *s) {
    uint32_t n = m->common.n_users;
    for (size_t p = 0; p < s->n_parts; p++)
        LB_TRY(NEW_ARRAY(s->query[p], (size_t)n * s->part[p].dim));
    LB_TRY(NEW_ARRAY(s->row, (size_t)n * TOP));
    LB_TRY(NEW_ARRAY(s->score, (size_t)n * TOP));
    for (uint32_t u = 0; u < n; u++) {
        float *query[MODEL_MAX_PARTS] = {0};
        for (size_t p = 0; p < s->n_parts; p++) query[p] = s->query[p] + (size_t)u * s->part[p].dim;
        LB_TRY(m->class->query_user(m->state, &m->common, u, query));
    }
    return LB_OK;
}

static lb_status search_all(const searching *s, size_t n, index_effort *effort, job *j) {
    for (size_t p = 0; p < s->n_parts; p++) {
        index_effort e;
        LB_TRY(index_search(s->index[p], s->query[p], n, TOP, NULL, s->row, s->score, NULL, j));
        index_effort_read(s->index[p], &e);
        effort->bytes += e.bytes;
    }
    return LB_OK;
}

static lb_status search_each(const searching *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        for (size_t p = 0; p < s->n_parts; p++)
            LB_TRY(index_search(s->index[p], s->query[p] + i * s->part[p].dim, 1, TOP, NULL, s->row,
                                s->score, NULL, NULL));
    return LB_OK;
}

/* The first users of all, in every partition: as many as make a sample. */
static lb_status search(bench *b) {
    const model *m = b->model;
    searching s = {0};
    size_t n = m->common.n_users, few = n < SAMPLE ? n : SAMPLE, rows = 0;
    lb_status status = LB_OK;
    if (!m->class->parts) return LB_OK;
    s.n_parts = m->class->parts(m->state, s.part);
    LB_TRY_CLEANUP(make_queries(m, &s));
    clock_begin(b->clock, "search", "index", "products", false);
    for (size_t p = 0; p < s.n_parts; p++) {
        const index_sample sample = {s.query[p], few};
        LB_TRY_CLEANUP(index_exact_new(b->job, s.part[p].vector, s.part[p].n, s.part[p].dim,
                                       &sample, &s.index[p]));
        rows += s.part[p].n;
    }
    clock_add(b->clock, (double)rows);
    clock_begin(b->clock, "search", "search", "queries", false);
    LB_TRY_CLEANUP(search_all(&s, n, &b->effort, b->job));
    clock_add(b->clock, (double)n);
    clock_begin(b->clock, "search", "search, one by one", "queries", false);
    LB_TRY_CLEANUP(search_each(&s, few));
    clock_add(b->clock, (double)few);
cleanup:
    clock_end(b->clock);
    searching_free(&s);
    return status;
}

/* ---------------------------------------------------------------- results */

static void fill_rows(const bench *b, bench_result *r) {
    const clock_stage *s;
    cost_input in = {.model = b->model, .evaluated = b->evaluated, .searched = &b->effort};
    in.feature_dim = b->source.n_features ? b->source.feature[0].dim : 0;
    for (size_t i = 0; (s = clock_stage_at(b->clock, i)); i++) {
        bench_row *row = &r->row[r->n_rows++];
        *row = (bench_row){.stage = *s};
        cost_of_stage(&in, row);
        if (strcmp(s->phase, "training") == 0) {
            r->training += s->seconds;
            r->training_cpu += s->cpu;
        }
        r->own = s->own > r->own ? s->own : r->own;
        r->mapped = s->mapped > r->mapped ? s->mapped : r->mapped;
    }
    r->precision = cost_precision(b->model);
}

double bench_peak(const bench_result *r, bench_limit limit) {
    const double peak[] = {0, r->machine.f32, r->machine.bf16, r->machine.read};
    return peak[limit];
}

double bench_share(const bench_result *r, const bench_row *row) {
    double peak = bench_peak(r, row->limit);
    if (!(peak > 0) || !(row->stage.seconds > 0)) return NAN;
    return row->work / row->stage.seconds / peak;
}

const char *bench_limit_name(bench_limit limit) {
    static const char *const names[] = {"", "f32", "bf16", "read"};
    return names[limit];
}

/* ---------------------------------------------------------------- the whole */

void bench_options_init(bench_options *options) {
    *options = (bench_options){.model = "vasg", .seed = 1};
    shape_options_init(&options->shape);
}

static lb_status run_stages(bench *b) {
    lb_split_options how;
    lb_split_options_init(&how);
    LB_TRY(machine_measure(b->job, &b->result->machine));
    LB_TRY(generate(b));
    LB_TRY(import(b));
    LB_TRY(run_source_open(b->folder.shop, NULL, &b->source));
    LB_TRY(run_source_split(&b->source, &how, how.seed, &b->split));
    LB_TRY(read_features(b));
    LB_TRY(walk(b));
    LB_TRY(train(b));
    return search(b);
}

lb_status bench_run(const bench_options *options, const lb_runtime *runtime, bench_result *out) {
    bench_result result = {0};
    bench b = {.options = options, .result = &result};
    lb_status status;
    lb_runtime_init(&b.runtime);
    if (runtime) b.runtime = *runtime;
    LB_TRY_CLEANUP(clock_new(b.runtime.progress, b.runtime.progress_context, &b.clock));
    b.runtime.progress = clock_progress;
    b.runtime.progress_context = b.clock;
    LB_TRY_CLEANUP(job_new(&b.runtime, &b.job));
    LB_TRY_CLEANUP(bench_folder_open(options->folder, &b.folder));
    result.threads = job_threads(b.job);
    result.isa = lb_isa_name();
    LB_TRY_CLEANUP(run_stages(&b));
    fill_rows(&b, &result);
    *out = result;
cleanup:
    model_free(b.model);
    split_free(b.split);
    run_source_close(&b.source);
    job_free(b.job);
    clock_free(b.clock);
    bench_folder_close(&b.folder);
    return status;
}
