/* sweep: a grid over a model's options. */
#include <string.h>

#include "cli.h"
#include "models.h"

typedef struct sweep_values {
    const char *dataset;
    cli_list grid;
    lb_sweep_options sweep;
} sweep_values;

#define SWEEP(field) offsetof(sweep_values, sweep.field)

static const cli_option sweep_options[] = {
    {"dataset", 'd', CLI_TEXT, offsetof(sweep_values, dataset), "DIR", "the dataset", 1, NULL, 0,
     0},
    {"model", 0, CLI_TEXT, SWEEP(model), "NAME", "which model; default: vasg", 0, NULL, 0, 0},
    {"grid", 0, CLI_LIST, offsetof(sweep_values, grid), "OPTION=A,B,..",
     "values of an option of the model; once for each option of the grid", 1, NULL, 0, 0},
    {"output", 'o', CLI_TEXT, SWEEP(output), "FILE",
     "JSON lines of the finished trainings, to go on from; default: none", 0, NULL, 0, 0},
    {"select", 0, CLI_TEXT, SWEEP(select), "METRIC",
     "what chooses, on validation pairs: own-auc, the mean of the warm and the cold own AUC, or "
     "warm|cold, own|all and auc|recall|ndcg|mrr with dashes between; default: own-auc",
     0, NULL, 0, 0},
    {"jobs", 0, CLI_U32, SWEEP(jobs), "K",
     "trainings side by side, each with its share of the threads; default: 1", 0, NULL, 1, 64},
    {"feature", 0, CLI_TEXT, SWEEP(feature), "NAMES", cli_feature_help, 0, NULL, 0, 0},
    SPLIT_OPTIONS(SWEEP, "leave-one-out|given", "how to split; default: leave-one-out"),
    {"runs", 0, CLI_U32, SWEEP(runs), "N", "how often to train each combination; default: 1", 0,
     NULL, 1, 100},
    {"seed", 0, CLI_U64, SWEEP(seed), "S", "run r trains with seed S + r; default: 1", 0, NULL, 0,
     UINT64_MAX},
    {"list", 0, CLI_U32, SWEEP(list), "K", "length of the lists of Recall and NDCG; default: 20", 0,
     NULL, 1, 10000},
    {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

static void sweep_init(void *values) {
    lb_sweep_options_init(&((sweep_values *)values)->sweep);
}

/* "dim=8,16" comes as the pieces "dim=8" and "16": a piece without '=' is one more value of the
 * option before. */
static int join_grid(cli *c, const cli_list *pieces, cli_list *grid) {
    for (size_t i = 0; i < pieces->n; i++) {
        const char *piece = pieces->item[i];
        if (strchr(piece, '=')) {
            if (!cli_list_add(c, grid, piece)) return cli_fail(c, "out of memory");
        } else if (!grid->n) {
            return cli_usage(c, "--grid: \"%s\" stands before any option; write OPTION=A,B,..",
                             piece);
        } else if (!cli_list_join(c, grid, ',', piece)) {
            return cli_fail(c, "out of memory");
        }
    }
    return CLI_DONE;
}

static int run_sweep(cli *c, const void *values) {
    const sweep_values *v = values;
    lb_sweep_options options = v->sweep;
    lb_comparison *result = NULL;
    cli_list grid = {0};
    char text[4200];
    int code = cli_check_model(c, options.model);
    if (code == CLI_DONE) code = join_grid(c, &v->grid, &grid);
    if (code != CLI_DONE) return code;
    options.grid = grid.item;
    options.n_grid = grid.n;
    options.settings = c->settings.item;
    options.n_settings = c->settings.n;
    options.feature = cli_feature_name(options.feature);
    if (options.output) {
        snprintf(text, sizeof text,
                 "%s holds the trainings that were finished: the same command "
                 "goes on",
                 options.output);
        c->resume = text;
    }
    code = cli_status(c, lb_sweep(v->dataset, &options, &c->runtime, &result));
    c->resume = NULL;
    if (code != CLI_DONE) return code;
    fputs(c->common.json ? lb_comparison_json(result) : lb_comparison_table(result), stdout);
    lb_comparison_free(result);
    return CLI_DONE;
}

const cli_command cli_sweep = {
    .name = "sweep",
    .summary = "train a model with every combination of a grid of its options",
    .synopsis = "-d DIR --grid OPTION=A,B,.. [--grid ..] [--model NAME] [-o FILE] [options] "
                "[options of the model]",
    .description =
        "Trains every combination on the training part of one split, chooses one by the "
        "validation pairs, and prints what each reaches on the test pairs, which have no say in "
        "the choice. Options of the model outside the grid are the same for all. A combination "
        "that fails is shown with the reason.\n\n"
        "With -o, each finished training is a line of FILE. The same command goes on where it was "
        "stopped or killed; a larger grid, or more runs, adds what is missing. A file of another "
        "dataset, feature, model, split or seed is refused. Results do not depend on --jobs; "
        "each of them needs the memory of a training.",
    .examples = "  lookbook sweep -d shop --grid dim=32,64,128 --grid epochs=4,8 -o sweep.jsonl\n"
                "  lookbook sweep -d shop --model bpr --grid l2=.001,.01,.1 --runs 3 --jobs 4\n",
    .options = sweep_options,
    .common = CLI_WITH_RUN | CLI_WITH_JSON,
    .size = sizeof(sweep_values),
    .init = sweep_init,
    .run = run_sweep,
    .model_options = 1,
};
