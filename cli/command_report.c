/* report: what is known of a dataset and its models, as a page. */
#include "models.h"

typedef struct report_values {
    const char *dataset;
    lb_report_options report;
} report_values;

#define REPORT(field) offsetof(report_values, report.field)

static const cli_option report_options[] = {
    {"dataset", 'd', CLI_TEXT, offsetof(report_values, dataset), "DIR", "the dataset", 1, NULL, 0,
     0},
    {"model", 'm', CLI_TEXT, REPORT(model), "MODEL", "a trained model to analyse", 0, NULL, 0, 0},
    {"from", 0, CLI_TEXT, REPORT(from), "FOLDER",
     "results: what compare --keep left there, and files of sweeps (*.jsonl)", 0, NULL, 0, 0},
    {"output", 'o', CLI_TEXT, REPORT(output), "FILE", "the HTML file to write", 1, NULL, 0, 0},
    {"samples", 0, CLI_U32, REPORT(samples), "N", "analogies to sample; default: 10000", 0, NULL, 1,
     1000000},
    {"seed", 0, CLI_U64, REPORT(seed), "S", "seed of samples and maps; default: 1", 0, NULL, 0,
     UINT64_MAX},
    {"run", 0, CLI_FLAG, REPORT(run), NULL,
     "with --from: first run what the folder lacks of the paper's experiments", 0, NULL, 0, 0},
    {"quick", 0, CLI_FLAG, REPORT(quick), NULL,
     "with --run: one run each, few values, short trainings, to see that all is well", 0, NULL, 0,
     0},
    {"runs", 0, CLI_U32, REPORT(runs), "N", "with --run: how often to train each model; default: 5",
     0, NULL, 1, 100},
    {"feature", 0, CLI_TEXT, REPORT(feature), "NAMES", cli_feature_help, 0, NULL, 0, 0},
    SPLIT_OPTIONS(REPORT, "leave-one-out|given",
                  "with --run: how to split; default: leave-one-out"),
    {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

static void report_init(void *values) {
    lb_report_options_init(&((report_values *)values)->report);
}

static int run_report(cli *c, const void *values) {
    const report_values *v = values;
    lb_report_options options = v->report;
    lb_report *report = NULL;
    if (!v->report.model && !v->report.from)
        return cli_usage(c, "-m MODEL or --from FOLDER is missing");
    if (v->report.model && v->report.from)
        return cli_usage(c, "-m MODEL and --from FOLDER exclude each other");
    if (v->report.run && !v->report.from) return cli_usage(c, "--run needs --from FOLDER");
    options.feature = cli_feature_name(options.feature);
    if (options.run) c->resume = "the same command goes on from there";
    int code = cli_status(c, lb_report_write(v->dataset, &options, &c->runtime, &report));
    c->resume = NULL;
    if (code != CLI_DONE) return code;
    if (c->common.json)
        fputs(lb_report_json(report), stdout);
    else
        printf("wrote %s\n", v->report.output);
    lb_report_free(report);
    return CLI_DONE;
}

const cli_command cli_report = {
    .name = "report",
    .summary = "write tables and figures of a model or of results as a page",
    .synopsis = "-d DIR -m MODEL -o FILE.html [options]\n"
                "-d DIR --from FOLDER -o FILE.html [options]",
    .description =
        "Writes one self-contained HTML file that reads like a paper. Of a model: the dataset's "
        "statistics, maps of its space (principal components, t-SNE), analogies, the distribution "
        "of similarities and the training curve. Of a folder of results: the tables of compare, "
        "the figures of sweeps, and the same analyses of vasg and vasg-paper if they were kept "
        "there. With --run the folder need not hold anything yet: the paper's whole experiment is "
        "run first, which takes hours; stopped, it is taken up again by the same command. --json "
        "prints all numbers. The same files and seed give the same bytes.",
    .examples = "  lookbook report -d shop -m shop/models/vasg.safetensors -o vasg.html\n"
                "  lookbook compare -d shop --models pop,vasg,vasg-paper --keep results\n"
                "  lookbook report -d shop --from results -o report.html\n"
                "  lookbook report -d shop --from paper --run --runs 5 -o paper.html\n",
    .options = report_options,
    .common = CLI_WITH_RUN | CLI_WITH_JSON,
    .size = sizeof(report_values),
    .init = report_init,
    .run = run_report,
};
