/* bench: how fast everything is, on a generated dataset. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "cli.h"
#include "models.h"

typedef struct bench_values {
    bench_options bench;
    const char *scale;
} bench_values;

#define BENCH(field) offsetof(bench_values, bench.field)

static const cli_option bench_option_table[] = {
    {"shape", 0, CLI_CHOICE, BENCH(shape.name), "NAME",
     "which of the datasets of the VASG paper to be like; default: women", 0, SHAPE_NAMES, 0, 0},
    {"scale", 0, CLI_TEXT, offsetof(bench_values, scale), "X",
     "times as many users, products and purchases, 0.001 to 100; default: 1", 0, NULL, 0, 0},
    {"model", 0, CLI_CHOICE, BENCH(model), "NAME", "which model; default: vasg", 0,
     "vasg|vasg-paper", 0, 0},
    {"keep", 0, CLI_TEXT, BENCH(folder), "DIR",
     "a folder for the files, the dataset and the model; default: a temporary one", 0, NULL, 0, 0},
    {"float16", 0, CLI_FLAG, BENCH(float16), NULL,
     "import the features in 16 bits a value, in half the space", 0, NULL, 0, 0},
    {"seed", 0, CLI_U64, BENCH(seed), "S", "seed of the training; default: 1", 0, NULL, 0,
     UINT64_MAX},
    {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

static void bench_init(void *values) {
    bench_options_init(&((bench_values *)values)->bench);
}

/* 1234567 -> "1.23M" */
static void format_amount(double amount, char *out, size_t size) {
    static const char units[] = {' ', 'k', 'M', 'G', 'T'};
    size_t u = 0;
    for (; amount >= 999.5 && u + 1 < sizeof units; u++) amount /= 1000;
    snprintf(out, size,
             amount < 10    ? "%.2f%.1s"
             : amount < 100 ? "%.1f%.1s"
                            : "%.0f%.1s",
             amount, u ? units + u : "");
}

static double mib(uint64_t bytes) {
    return (double)bytes / (1 << 20);
}

/* ---------------------------------------------------------------- a table */

static void print_row(const bench_result *r, const bench_row *row) {
    const clock_stage *s = &row->stage;
    double share = bench_share(r, row);
    char rate[16], unit[CLOCK_UNIT + 4];
    format_amount(s->amount / s->seconds, rate, sizeof rate);
    snprintf(unit, sizeof unit, "%s/s", s->unit);
    if (!*s->unit || !(s->amount > 0)) rate[0] = unit[0] = 0;
    printf("%-24s %9.2f %9.2f  %8s %-13s", s->name, s->seconds, s->cpu, rate, unit);
    if (isnan(share))
        printf(" %5s %-5s", "", "");
    else
        printf(" %4.0f%% %-5s", 100 * share, bench_limit_name(row->limit));
    printf(" %7.0f %8.0f\n", mib(s->own), mib(s->mapped));
}

static void print_auc(const bench_result *r) {
    static const char *const kinds[BENCH_KINDS] = {"warm", "completely cold"};
    printf("\nAUC of held-out purchases, among products of their kind:");
    for (int i = 0; i < BENCH_KINDS; i++)
        if (isnan(r->auc[i]))
            printf("%s no %s tests", i ? ";" : "", kinds[i]);
        else
            printf("%s %s %.3f (pop %.3f)", i ? ";" : "", kinds[i], r->auc[i], r->popular[i]);
    printf("\n");
}

static void print_table(const bench_values *v, const bench_result *r) {
    const char *phase = "";
    printf(
        "%s, times %s: %u users, %u products, %zu purchases; %s, seed %llu; %u threads, %s%s%s%s\n",
        v->bench.shape.name, v->scale ? v->scale : "1", r->shape.n_users, r->shape.n_products,
        r->shape.n_ratings, v->bench.model, (unsigned long long)v->bench.seed, r->threads, r->isa,
        r->precision ? ", networks in " : "", r->precision ? r->precision : "",
        v->bench.float16 ? ", features in 16 bits" : "");
    printf("The machine at its best: %.0f GFLOP/s f32", r->machine.f32 * 1e-9);
    if (r->machine.bf16 > 0) printf(", %.0f bf16", r->machine.bf16 * 1e-9);
    printf("; %.1f GB/s read, %.1f triad\n\n", r->machine.read * 1e-9, r->machine.triad * 1e-9);
    printf("%-24s %9s %9s  %-22s %-11s %7s %8s\n", "stage", "seconds", "cpu", "rate", "of the best",
           "own MB", "mapped");
    for (size_t i = 0; i < r->n_rows; i++) {
        if (*phase && strcmp(phase, r->row[i].stage.phase) != 0) printf("\n");
        phase = r->row[i].stage.phase;
        print_row(r, &r->row[i]);
    }
    printf("\n%-24s %9.2f %9.2f  %34s %7.0f %8.0f\n", "all of the training", r->training,
           r->training_cpu, "at most:", mib(r->own), mib(r->mapped));
    print_auc(r);
}

/* ---------------------------------------------------------------- JSON */

static void print_row_json(cli_json *json, const bench_result *r, const bench_row *row) {
    const clock_stage *s = &row->stage;
    double share = bench_share(r, row);
    cli_json_open(json, NULL, '{');
    cli_json_text(json, "phase", s->phase);
    cli_json_text(json, "name", s->name);
    cli_json_number(json, "seconds", s->seconds);
    cli_json_number(json, "cpu_seconds", s->cpu);
    cli_json_text(json, "unit", s->unit);
    cli_json_number(json, "amount", s->amount);
    cli_json_number(json, "rate", s->seconds > 0 ? s->amount / s->seconds : NAN);
    cli_json_text(json, "limit", isnan(share) ? NULL : bench_limit_name(row->limit));
    cli_json_number(json, "share", share);
    cli_json_count(json, "own_bytes", s->own);
    cli_json_count(json, "mapped_bytes", s->mapped);
    cli_json_close(json, '}');
}

static void print_auc_json(cli_json *json, const char *key, const double auc[BENCH_KINDS]) {
    cli_json_open(json, key, '{');
    cli_json_number(json, "warm_own", auc[0]);
    cli_json_number(json, "cold_own", auc[1]);
    cli_json_close(json, '}');
}

static void print_json(const bench_values *v, const bench_result *r) {
    cli_json json = {0};
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "shape", v->bench.shape.name);
    cli_json_number(&json, "scale", v->bench.shape.scale);
    cli_json_count(&json, "users", r->shape.n_users);
    cli_json_count(&json, "products", r->shape.n_products);
    cli_json_count(&json, "purchases", r->shape.n_ratings);
    cli_json_text(&json, "model", v->bench.model);
    cli_json_count(&json, "seed", v->bench.seed);
    cli_json_count(&json, "threads", r->threads);
    cli_json_text(&json, "isa", r->isa);
    cli_json_text(&json, "precision", r->precision);
    cli_json_bool(&json, "float16", v->bench.float16);
    cli_json_open(&json, "machine", '{');
    cli_json_number(&json, "f32_flops", r->machine.f32);
    cli_json_number(&json, "bf16_flops", r->machine.bf16);
    cli_json_number(&json, "read_bytes_per_s", r->machine.read);
    cli_json_number(&json, "triad_bytes_per_s", r->machine.triad);
    cli_json_close(&json, '}');
    cli_json_open(&json, "stages", '[');
    for (size_t i = 0; i < r->n_rows; i++) print_row_json(&json, r, &r->row[i]);
    cli_json_close(&json, ']');
    cli_json_number(&json, "training_seconds", r->training);
    cli_json_number(&json, "training_cpu_seconds", r->training_cpu);
    cli_json_count(&json, "own_bytes", r->own);
    cli_json_count(&json, "mapped_bytes", r->mapped);
    print_auc_json(&json, "auc", r->auc);
    print_auc_json(&json, "auc_pop", r->popular);
    cli_json_end(&json, '}');
}

/* ---------------------------------------------------------------- the command */

static int parse_scale(const cli *c, const char *value, double *out) {
    char *end;
    if (!value) return CLI_DONE;
    *out = strtod(value, &end);
    if (*value && !*end && *out >= 0.001 && *out <= 100) return CLI_DONE;
    return cli_usage(c, "--scale is \"%s\": must be a number from 0.001 to 100", value);
}

static int run_bench(cli *c, const void *values) {
    bench_values v = *(const bench_values *)values;
    bench_result *r;
    int code = parse_scale(c, v.scale, &v.bench.shape.scale);
    if (code == CLI_DONE) code = cli_check_model(c, v.bench.model);
    if (code != CLI_DONE) return code;
    v.bench.settings = c->settings.item;
    v.bench.n_settings = c->settings.n;
    r = malloc(sizeof *r);
    if (!r) return cli_fail(c, "out of memory");
    code = cli_status(c, bench_run(&v.bench, &c->runtime, r));
    if (code == CLI_DONE && c->common.json) print_json(&v, r);
    if (code == CLI_DONE && !c->common.json) print_table(&v, r);
    free(r);
    return code;
}

const cli_command cli_bench = {
    .name = "bench",
    .summary = "measure how fast everything is on this machine",
    .synopsis = "[--shape NAME] [--scale X] [--model NAME] [options] [options of the model]",
    .description =
        "Generates a dataset of the size of one of the VASG paper's, imports it, trains a model, "
        "evaluates it and searches in it, and prints for every stage the seconds it took, a rate, "
        "what part that is of the best that this machine was measured to do, and the memory at its "
        "height: the process's own, and pages of mapped files, which can be dropped at any time. "
        "The purchases are drawn from tastes and styles that show in the features, so that AUC "
        "says whether a model still learns; it says nothing about real shops.\n"
        "\n"
        "Women's shape takes 4 GB of disk, ten times as much 40 GB; with --float16 3 and 30.",
    .examples = "  lookbook bench\n"
                "  lookbook bench --scale 0.1 --threads 1 --json\n"
                "  lookbook bench --shape men --model vasg-paper --max-batches 200\n",
    .options = bench_option_table,
    .common = CLI_WITH_RUN | CLI_WITH_JSON,
    .size = sizeof(bench_values),
    .init = bench_init,
    .run = run_bench,
    .model_options = 1,
};
