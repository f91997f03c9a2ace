#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "run/sweep.h"

/* ---- the criterion */

/* The position of the word that `*at` begins with, and then a '-' or the end; -1 if it is none. */
static int take_word(const char **at, const char *const *words, int n) {
    size_t length = strcspn(*at, "-");
    for (int i = 0; i < n; i++) {
        if (strlen(words[i]) != length || strncmp(words[i], *at, length) != 0) continue;
        *at += length + ((*at)[length] == '-' && (*at)[length + 1]);
        return i;
    }
    return -1;
}

lb_status sweep_criterion_parse(const char *name, sweep_criterion *out) {
    static const char *const kinds[] = {"warm", "cold"}, *const sets[] = {"all", "own"},
                             *const metrics[] = {"auc", "mrr", "recall", "ndcg"};
    sweep_criterion c = {.mean_own_auc = strcmp(name, "own-auc") == 0};
    const char *at = name;
    snprintf(c.name, sizeof c.name, "%s", name);
    if (!c.mean_own_auc) {
        int kind = take_word(&at, kinds, 2), set = take_word(&at, sets, 2);
        int metric = take_word(&at, metrics, 4);
        if (kind < 0 || set < 0 || metric < 0 || *at)
            return status_fail(LB_E_ARGUMENT,
                               "cannot select by \"%s\": must be own-auc, or one each of "
                               "warm|cold, own|all and auc|recall|ndcg|mrr, such as "
                               "warm-own-recall",
                               name);
        c.metric = (metric_choice){(eval_kind)kind, (eval_set)set, (size_t)metric};
    }
    *out = c;
    return LB_OK;
}

/* Of one training. */
static double criterion_of(const sweep_criterion *c, const sweep_metrics *m) {
    if (!c->mean_own_auc) return m->value[c->metric.kind][c->metric.set][c->metric.metric];
    double warm = m->value[EVAL_WARM][EVAL_OWN][EVAL_AUC],
           cold = m->value[EVAL_COLD][EVAL_OWN][EVAL_AUC];
    return isnan(warm) ? cold : isnan(cold) ? warm : (warm + cold) / 2;
}

/* ---- rows */

/* The trials of one row, at most `runs` of them; room for their numbers. */
typedef struct row_trials {
    const sweep_trial **trial; // (n)
    double *value;             // (n)
    size_t n;
} row_trials;

static void summarise_part(row_trials *t, int part, sweep_row *row) {
    for (eval_kind kind = 0; kind < EVAL_KINDS; kind++)
        for (eval_set set = 0; set < EVAL_SETS; set++)
            for (size_t m = 0; m < EVAL_METRICS; m++) {
                eval_summary *s = &row->metric[part][kind][set][m];
                for (size_t i = 0; i < t->n; i++) {
                    const sweep_metrics *of = part ? &t->trial[i]->test : &t->trial[i]->validation;
                    t->value[i] = of->value[kind][set][m];
                    row->n_tests[part][kind] = of->n_tests[kind];
                }
                eval_summarise_runs(t->value, t->n, s);
                if (t->n && isnan(s->mean))
                    s->why = kind == EVAL_WARM ? "there are no warm pairs of this part"
                                               : "there are no cold pairs of this part";
            }
}

static void summarise(row_trials *t, const sweep_criterion *c, sweep_row *row) {
    for (size_t i = 0; i < t->n; i++) t->value[i] = t->trial[i]->seconds;
    eval_summarise_runs(t->value, t->n, &row->seconds);
    for (size_t i = 0; i < t->n; i++) t->value[i] = criterion_of(c, &t->trial[i]->validation);
    eval_summarise_runs(t->value, t->n, &row->criterion);
    for (int part = 0; part < 2; part++) summarise_part(t, part, row);
    row->n_runs = (uint32_t)t->n;
}

/* The sum over runs is in the order of runs, whatever order they were finished in. */
static int by_run(const void *a, const void *b) {
    const sweep_trial *x = *(const sweep_trial *const *)a, *y = *(const sweep_trial *const *)b;
    return (x->run > y->run) - (x->run < y->run);
}

/* Fills a row from the trials with its settings. */
static lb_status fill_row(const sweep_trial *trials, size_t n_trials, uint32_t runs,
                          const sweep_criterion *c, row_trials *room, sweep_row *row) {
    room->n = 0;
    for (size_t i = 0; i < n_trials; i++) {
        const sweep_trial *t = &trials[i];
        if (t->run >= runs || strcmp(t->settings, row->settings) != 0) continue;
        if (!t->why)
            room->trial[room->n++] = t;
        else if (!row->why && !(row->why = memory_string(t->why)))
            return LB_E_NOMEM;
    }
    if (room->n) qsort(room->trial, room->n, sizeof *room->trial, by_run);
    summarise(room, c, row);
    return LB_OK;
}

/* The first of the best; `runs` = how many a row needs. */
static void choose(sweep_result *r, uint32_t runs) {
    r->best = SIZE_MAX;
    for (size_t i = 0; i < r->n_rows; i++) {
        const sweep_row *row = &r->row[i];
        if (row->why || row->n_runs < runs || isnan(row->criterion.mean)) continue;
        if (r->best == SIZE_MAX || row->criterion.mean > r->row[r->best].criterion.mean)
            r->best = i;
    }
}

static lb_status fill_rows(const sweep_trial *trials, size_t n_trials, uint32_t runs,
                           sweep_result *r) {
    row_trials room = {0};
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(room.trial, n_trials));
    LB_TRY_CLEANUP(NEW_ARRAY(room.value, n_trials));
    for (size_t i = 0; i < r->n_rows; i++)
        LB_TRY_CLEANUP(fill_row(trials, n_trials, runs, &r->criterion, &room, &r->row[i]));
cleanup:
    free(room.trial);
    free(room.value);
    return status;
}

static lb_status add_axis(sweep_result *r, size_t *capacity, const char *name, size_t length) {
    LB_TRY(GROW_ARRAY(r->axis, r->n_axes, *capacity));
    if (!(r->axis[r->n_axes] = memory_bytes(name, length))) return LB_E_NOMEM;
    r->n_axes++;
    return LB_OK;
}

static lb_status add_row(sweep_result *r, size_t *capacity, const char *settings) {
    LB_TRY(GROW_ARRAY(r->row, r->n_rows, *capacity));
    r->row[r->n_rows] = (sweep_row){.settings = memory_string(settings)};
    if (!r->row[r->n_rows].settings) return LB_E_NOMEM;
    r->n_rows++;
    return LB_OK;
}

/* ---- of a grid */

lb_status sweep_result_of_grid(const sweep_grid *g, const sweep_trial *trials, size_t n_trials,
                               uint32_t runs, const sweep_criterion *criterion, sweep_result *out) {
    sweep_result r = {.criterion = *criterion};
    size_t axes = 0, rows = 0;
    lb_status status = LB_OK;
    for (size_t i = 0; i < g->n_axes; i++)
        LB_TRY_CLEANUP(add_axis(&r, &axes, g->axis[i].name, strlen(g->axis[i].name)));
    for (size_t i = 0; i < g->n_combinations; i++)
        LB_TRY_CLEANUP(add_row(&r, &rows, g->settings[i]));
    LB_TRY_CLEANUP(fill_rows(trials, n_trials, runs, &r));
    choose(&r, runs);
    *out = r;
    return LB_OK;
cleanup:
    sweep_result_free(&r);
    return status;
}

/* ---- of a file */

/* The options that differ between rows. All settings have the same options in the same order. */
static lb_status find_axes(sweep_result *r) {
    const char *line = r->n_rows ? r->row[0].settings : "";
    size_t capacity = 0;
    while (*line) {
        size_t offset = (size_t)(line - r->row[0].settings), name = strcspn(line, "=");
        char *option = memory_bytes(line, name), *first = NULL;
        if (!option) return LB_E_NOMEM;
        bool differs = false;
        lb_status status = LB_OK;
        LB_TRY_CLEANUP((first = sweep_setting(r->row[0].settings + offset, option)) ? LB_OK
                                                                                    : LB_E_NOMEM);
        for (size_t i = 1; i < r->n_rows && !differs; i++) {
            char *other = sweep_setting(r->row[i].settings, option);
            LB_TRY_CLEANUP(other ? LB_OK : LB_E_NOMEM);
            differs = strcmp(first, other) != 0;
            free(other);
        }
        if (differs) LB_TRY_CLEANUP(add_axis(r, &capacity, line, name));
    cleanup:
        free(option);
        free(first);
        LB_TRY(status);
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    return LB_OK;
}

/* Line by line: numbers as numbers, other values as texts. */
static int by_settings(const void *a, const void *b) {
    const char *x = ((const sweep_row *)a)->settings, *y = ((const sweep_row *)b)->settings;
    while (*x && *y) {
        size_t nx = strcspn(x, "\n"), ny = strcspn(y, "\n"), name = strcspn(x, "=");
        if (nx != ny || memcmp(x, y, nx) != 0) {
            char *end;
            double u = strtod(x + name + 1, &end);
            if (end != x + nx) return strcmp(x, y);
            double v = strtod(y + name + 1, NULL);
            return (u > v) - (u < v);
        }
        x += nx + (x[nx] == '\n');
        y += ny + (y[ny] == '\n');
    }
    return 0;
}

lb_status sweep_result_of_file(const sweep_file *f, const sweep_criterion *criterion,
                               sweep_result *out) {
    sweep_result r = {.criterion = *criterion};
    size_t capacity = 0;
    uint32_t runs = 0;
    lb_status status = LB_OK;
    for (size_t i = 0; i < f->n_trials; i++) {
        const sweep_trial *t = &f->trial[i];
        size_t k = 0;
        while (k < r.n_rows && strcmp(r.row[k].settings, t->settings) != 0) k++;
        if (k == r.n_rows) LB_TRY_CLEANUP(add_row(&r, &capacity, t->settings));
    }
    LB_TRY_CLEANUP(find_axes(&r));
    if (r.n_rows) qsort(r.row, r.n_rows, sizeof *r.row, by_settings);
    LB_TRY_CLEANUP(fill_rows(f->trial, f->n_trials, UINT32_MAX, &r));
    for (size_t i = 0; i < r.n_rows; i++)
        if (r.row[i].n_runs > runs) runs = r.row[i].n_runs;
    choose(&r, runs);
    *out = r;
    return LB_OK;
cleanup:
    sweep_result_free(&r);
    return status;
}

char *sweep_row_value(const sweep_result *r, size_t row, size_t axis) {
    return sweep_setting(r->row[row].settings, r->axis[axis]);
}

void sweep_result_free(sweep_result *r) {
    for (size_t i = 0; i < r->n_axes; i++) free(r->axis[i]);
    for (size_t i = 0; i < r->n_rows; i++) {
        free(r->row[i].settings);
        free(r->row[i].why);
    }
    free(r->axis);
    free(r->row);
    *r = (sweep_result){0};
}
