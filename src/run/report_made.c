/* How it was made: what to type to make it again, and with what it was made. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "run/report_parts.h"

/* A word of a command line, in quotes where a shell would take it apart. */
static void add_word(text *t, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./:=,@%+";
    if (*word && word[strspn(word, plain)] == '\0') {
        text_add(t, " %s", word);
        return;
    }
    text_add(t, " '");
    for (const char *p = word; *p; p++)
        if (*p == '\'')
            text_add(t, "'\\''");
        else
            text_add(t, "%c", *p);
    text_add(t, "'");
}

/* What a page shows of a line without scrolling. */
enum { LINE = 88 };

/* " NAME VALUE", or " NAME" alone, on a line of its own where this one has no room. */
static void add_words(text *t, const char *dashes, const char *name, const char *value) {
    const char *line = t->bytes ? strrchr(t->bytes, '\n') : NULL;
    size_t length = t->bytes ? strlen(line ? line + 1 : t->bytes) : 0;
    text words = {0};
    text_add(&words, " %s%s", dashes, name);
    if (value) add_word(&words, value);
    text_add(t, "%s%s", length + words.n > LINE ? " \\\n   " : "", words.bytes ? words.bytes : "");
    if (words.status != LB_OK) t->status = words.status;
    free(words.bytes);
}

static void add_option(text *t, const char *name, const char *value) {
    add_words(t, "--", name, value);
}

static void add_number(text *t, const char *name, uint64_t value) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    add_option(t, name, digits);
}

static void add_flag(text *t, const char *name, bool given) {
    if (given) add_option(t, name, NULL);
}

/* "name=value" as an option. */
static void add_setting(text *t, const char *setting) {
    add_option(t, setting, NULL);
}

/* A whole number of results. */
static uint64_t whole(const cJSON *json, const char *path) {
    double value = report_number(json, path);
    return value > 0 && value < 0x1p63 ? (uint64_t)value : 0;
}

/* ---- commands */

static void report_command(const report_whole *r, text *t) {
    const lb_report_options *o = r->options;
    text_add(t, "lookbook report -d");
    add_word(t, r->directory);
    if (o->model) add_words(t, "-", "m", o->model);
    if (o->from) add_option(t, "from", o->from);
    add_number(t, "seed", o->seed);
    add_number(t, "samples", o->samples);
    add_words(t, "-", "o", o->output);
    text_add(t, "\n");
}

static void split_words(const lb_split_options *o, text *t) {
    if (!o->method) return;
    add_option(t, "split", o->method);
    if (strcmp(o->method, "given") == 0) return;
    add_number(t, "split-seed", o->seed);
    add_number(t, "min-user", o->min_user);
    add_option(t, "cold", o->cold);
    add_flag(t, "no-validation", o->no_validation);
}

lb_status report_changes(const model_class *class, const char *settings,
                         void (*add)(text *t, const char *setting), text *t) {
    const option_table *known = class->options;
    char *defaults = NULL;
    void *values = NULL;
    lb_status status = LB_OK;
    if (!known) return LB_OK;
    LB_TRY_CLEANUP((values = memory_new(1, known->size)) ? LB_OK : LB_E_NOMEM);
    options_init(known, values);
    LB_TRY_CLEANUP((defaults = options_print(known, values)) ? LB_OK : LB_E_NOMEM);
    for (const char *line = settings; *line;) {
        size_t length = strcspn(line, "\n");
        char setting[128];
        snprintf(setting, sizeof setting, "%.*s\n", (int)length, line);
        if (length + 2 < sizeof setting && !strstr(defaults, setting)) {
            setting[length] = '\0';
            add(t, setting);
        }
        line += length + (line[length] == '\n');
    }
cleanup:
    free(values);
    free(defaults);
    return status;
}

static void train_command(const report_whole *r, const report_space *s, text *t) {
    const model_common *c = &s->model->common;
    text_add(t, "lookbook train -d");
    add_word(t, r->directory);
    add_option(t, "model", s->model->class->name);
    add_option(t, "feature", *c->feature ? c->feature : "none");
    split_words(&s->split_options, t);
    add_number(t, "seed", c->seed);
    if (report_changes(s->model->class, c->settings, add_setting, t) != LB_OK)
        t->status = LB_E_NOMEM;
    if (*c->isa) add_option(t, "isa", c->isa);
    add_words(t, "-", "o", s->path);
    text_add(t, "\n");
}

/* The split as a comparison tells it. */
static void compare_split(const cJSON *c, text *t) {
    const cJSON *s = report_at(c, "split");
    const char *method = report_string(s, "method");
    add_option(t, "split", *method ? method : "leave-one-out");
    if (strcmp(method, "given") == 0) return;
    add_number(t, "split-seed", whole(s, "seed"));
    add_number(t, "min-user", whole(s, "min_user"));
    add_option(t, "cold", report_string(s, "cold"));
    add_flag(t, "no-validation", cJSON_IsTrue(report_at(s, "no_validation")));
    add_flag(t, "vary-split", cJSON_IsTrue(report_at(s, "varied")));
}

static void compare_command(const report_whole *r, const cJSON *c, const char *task, text *t) {
    const cJSON *m;
    text models = {0};
    if (!c) return;
    text_add(t, "lookbook compare -d");
    add_word(t, r->directory);
    if (task) add_option(t, "task", task);
    if (*report_string(c, "level")) add_option(t, "level", report_string(c, "level"));
    if (*report_string(c, "control")) add_option(t, "control", report_string(c, "control"));
    for (m = report_first(report_at(c, "models")); m; m = m->next)
        text_add(&models, "%s%s", models.n ? "," : "", report_string(m, "name"));
    add_option(t, "models", models.bytes ? models.bytes : "");
    if (models.status != LB_OK) t->status = models.status;
    free(models.bytes);
    const char *feature = report_string(c, "feature");
    add_option(t, "feature", *feature ? feature : "none");
    compare_split(c, t);
    add_number(t, "runs", whole(c, "runs"));
    add_number(t, "seed", whole(c, "seed"));
    if (r->options->from) add_option(t, "keep", r->options->from);
    text_add(t, "\n");
}

/* An axis as a grid: its values in their order, each once. */
static void grid_words(const sweep_result *r, size_t axis, text *t) {
    text grid = {0};
    text_add(&grid, "%s=", r->axis[axis]);
    for (size_t i = 0; i < r->n_rows; i++) {
        char *value = sweep_row_value(r, i, axis), *before = NULL;
        bool seen = false;
        for (size_t k = 0; k < i && value && !seen; k++) {
            before = sweep_row_value(r, k, axis);
            seen = before && strcmp(before, value) == 0;
            free(before);
        }
        if (value && !seen) text_add(&grid, "%s%s", i ? "," : "", value);
        free(value);
    }
    if (grid.status == LB_OK) add_option(t, "grid", grid.bytes);
    free(grid.bytes);
}

static void sweep_command(const report_whole *r, const report_sweep *s, text *t) {
    const sweep_head *h = &s->file.head;
    lb_split_options trained;
    text path = {0};
    text_add(t, "lookbook sweep -d");
    add_word(t, r->directory);
    add_option(t, "model", h->class->name);
    for (size_t a = 0; a < s->result.n_axes; a++) grid_words(&s->result, a, t);
    report_sweep_fixed(s, add_setting, t);
    add_option(t, "feature", *h->feature ? h->feature : "none");
    if (run_split_parse(h->split, &trained)) split_words(&trained, t);
    add_number(t, "runs", report_sweep_runs(s));
    add_number(t, "seed", h->seed);
    text_add(&path, "%s/%s", r->options->from, s->name);
    if (path.status == LB_OK) add_option(t, "output", path.bytes);
    free(path.bytes);
    text_add(t, "\n");
}

/* ---- facts */

static void write_facts(const report_whole *r, document *d) {
    char seed[120], trained[160] = "";
    document_fact facts[6];
    size_t n = 0;
    facts[n++] = (document_fact){"dataset", r->dataset};
    if (r->n_spaces) {
        run_split_describe(&r->space[0].split_options, r->space[0].split_options.seed, trained,
                           sizeof trained);
        facts[n++] = (document_fact){"split", trained};
    }
    snprintf(seed, sizeof seed, "%" PRIu64 " (samples, maps, pairs)", r->options->seed);
    facts[n++] = (document_fact){"seed of the report", seed};
    facts[n++] = (document_fact){"Lookbook", lb_version()};
    facts[n++] = (document_fact){"instruction-set path", lb_isa_name()};
    document_facts(d, facts, n);
}

void report_write_made(const report_whole *r, document *d) {
    text t = {0};
    document_section(d, "How this was made");
    document_paragraph(d, "The same dataset, files, seeds, version and instruction-set path give "
                          "this page again, byte for byte, on any number of threads.");
    write_facts(r, d);
    compare_command(r, r->results.compare, NULL, &t);
    compare_command(r, r->results.relations, "relations", &t);
    compare_command(r, r->results.requests, "requests", &t);
    for (size_t i = 0; i < r->results.n_sweeps; i++) sweep_command(r, &r->results.sweeps[i], &t);
    if (!r->results.compare)
        for (size_t i = 0; i < r->n_spaces; i++) train_command(r, &r->space[i], &t);
    report_command(r, &t);
    if (t.status == LB_OK) document_code(d, "commands", t.bytes);
    free(t.bytes);
}
