/* The paper's experiments, as far as a folder lacks them: comparisons, then sweeps. Each is a file
 * there; one that is whole is not run again, and a sweep goes on where it was stopped. */
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "run/compare.h"
#include "run/report_parts.h"
#include "run/sweep.h"

/* ---- comparisons */

/* What short trainings set, in minutes instead of hours. */
#define QUICK_VASG  "epochs=3", "decoder-epochs=0"
#define QUICK_PAPER "width=32", "encoder-epochs=2", "max-batches=200"
static const char quick_vasg[] = "vasg:epochs=3,decoder-epochs=0",
                  quick_paper[] = "vasg-paper:width=32,encoder-epochs=2,max-batches=200";

enum { MOST_MODELS = 10, LIST = 20 };

static const struct plan {
    const char *task, *file;
    const char *models[MOST_MODELS], *quick[MOST_MODELS]; // NULL: no more
} plans[] = {
    {"recommend",
     "compare.json",
     {"rand", "pop", "wboi", "ease", "ials", "bpr", "content", "vbpr", "vasg-paper", "vasg"},
     {"rand", "pop", "wboi", "bpr", quick_paper, quick_vasg}},
    {"relations", "relations.json", {"inn", "ibr", "vasg-paper", "vasg"}, {"inn", quick_vasg}},
};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* Too little data for one experiment is no reason to leave out the others. */
static lb_status pass_over_empty(job *j, const char *what, lb_status status) {
    if (status != LB_E_EMPTY) return status;
    job_note(j, "report", "%s is left out: %s", what, lb_last_error());
    return LB_OK;
}

static lb_status compare_once(job *j, const char *directory, const lb_report_options *o,
                              const struct plan *p) {
    lb_comparison *made = NULL;
    lb_compare_options c = {
        .task = p->task,
        .models = o->quick ? p->quick : p->models,
        .feature = o->feature,
        .split = o->split,
        .runs = o->quick ? 1 : o->runs,
        .seed = o->seed,
        .list = LIST,
        .keep = o->from,
    };
    while (c.n_models < MOST_MODELS && c.models[c.n_models]) c.n_models++;
    char *path = file_path(o->from, p->file);
    if (!path) return LB_E_NOMEM;
    bool there = file_exists(path);
    free(path);
    if (there) return LB_OK;
    lb_status status = run_compare(j, directory, &c, &made);
    run_comparison_free(made);
    return pass_over_empty(j, p->file, status);
}

/* ---- sweeps */

/* One option of one model. Without a feature vasg-paper has no decoder. */
typedef struct experiment {
    const char *file, *model, *grid, *quick;
    enum { OF_ALL, OF_FEATURES } use; // whether it says anything without features
    bool plain;                       // leaves the feature out
} experiment;

static const experiment experiments[] = {
    {"sweep-vasg-dim.jsonl", "vasg", "dim=10,20,30,50,70,100,150,200", "dim=10,50", OF_ALL, false},
    {"sweep-vasg-walks.jsonl", "vasg", "walks=1,2,5,10", "walks=1,2", OF_ALL, false},
    {"sweep-vasg-negatives.jsonl", "vasg", "negatives=1,2,5,10,20", "negatives=1,5", OF_ALL, false},
    {"sweep-vasg-paper-dim.jsonl", "vasg-paper", "dim=10,30,50,70,100,200", "dim=10,50", OF_ALL,
     false},
    {"sweep-vasg-paper-window.jsonl", "vasg-paper", "window=3,5,7,9", "window=3,7", OF_ALL, false},
    {"sweep-vasg-paper-window-plain.jsonl", "vasg-paper", "window=3,5,7,9", "window=3,7",
     OF_FEATURES, true},
    {"sweep-vasg-paper-noise.jsonl", "vasg-paper", "noise=0,0.01,0.05,0.1,0.2", "noise=0,0.05",
     OF_FEATURES, false},
    {"sweep-vasg-paper-walks.jsonl", "vasg-paper", "walks=1,2,5", "walks=1,2", OF_ALL, false},
    {"sweep-vasg-paper-negatives.jsonl", "vasg-paper", "negatives=0,1,5", "negatives=0,5", OF_ALL,
     false},
};

/* Sweeps meet where their options are at the defaults: what others have of them is not trained
 * again. */
static lb_status sweep_beside(job *j, const char *directory, const lb_report_options *o,
                              const lb_sweep_options *s) {
    char *others[COUNT_OF(experiments)] = {0};
    lb_comparison *made = NULL;
    lb_status status = LB_OK;
    for (size_t i = 0; i < COUNT_OF(experiments) && status == LB_OK; i++)
        status = (others[i] = file_path(o->from, experiments[i].file)) ? LB_OK : LB_E_NOMEM;
    if (status == LB_OK)
        status = run_sweep_beside(j, directory, s, (const char *const *)others,
                                  COUNT_OF(experiments), &made);
    run_comparison_free(made);
    for (size_t i = 0; i < COUNT_OF(experiments); i++) free(others[i]);
    return status;
}

static lb_status sweep_once(job *j, const char *directory, const lb_report_options *o,
                            const experiment *e) {
    static const char *const short_vasg[] = {QUICK_VASG}, *const short_paper[] = {QUICK_PAPER};
    bool paper = strcmp(e->model, "vasg") != 0;
    char *path = file_path(o->from, e->file);
    if (!path) return LB_E_NOMEM;
    const char *grid = o->quick ? e->quick : e->grid;
    lb_sweep_options s = {
        .model = e->model,
        .grid = &grid,
        .n_grid = 1,
        .feature = e->plain ? "" : o->feature,
        .split = o->split,
        .runs = o->quick ? 1 : o->runs,
        .seed = o->seed,
        .list = LIST,
        .jobs = 1,
        .select = "own-auc",
        .output = path,
    };
    if (o->quick) {
        s.settings = paper ? short_paper : short_vasg;
        s.n_settings = paper ? COUNT_OF(short_paper) : COUNT_OF(short_vasg);
    }
    lb_status status = sweep_beside(j, directory, o, &s);
    free(path);
    return pass_over_empty(j, e->file, status);
}

/* What a dataset without features makes pointless: the decoder is gone anyway. */
static lb_status find_features(const char *directory, const lb_report_options *o, bool *any) {
    run_source source = {0};
    LB_TRY(run_source_open(directory, "", &source));
    *any = dataset_n_features(source.dataset) && !(o->feature && !*o->feature);
    run_source_close(&source);
    return LB_OK;
}

lb_status report_run(job *j, const char *directory, const lb_report_options *o) {
    bool features;
    LB_TRY(find_features(directory, o, &features));
    LB_TRY(file_make_directory(o->from));
    for (size_t i = 0; i < COUNT_OF(plans); i++) LB_TRY(compare_once(j, directory, o, &plans[i]));
    for (size_t i = 0; i < COUNT_OF(experiments); i++)
        if (features || experiments[i].use != OF_FEATURES)
            LB_TRY(sweep_once(j, directory, o, &experiments[i]));
    return LB_OK;
}
