/* compact: what a service has added becomes part of the dataset's files. */
#include "cli.h"

typedef struct compact_values {
    const char *dataset;
} compact_values;

static const cli_option compact_options[] = {{"dataset", 'd', CLI_TEXT,
                                              offsetof(compact_values, dataset), "DIR",
                                              "the dataset", 1, NULL, 0, 0},
                                             {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

static int run_compact(cli *c, const void *values) {
    const compact_values *v = values;
    uint64_t merged = 0;
    c->resume = "the dataset is as it was before";
    int code = cli_status(c, lb_compact(v->dataset, &c->runtime, &merged));
    if (code != CLI_DONE) return code;
    if (c->common.json) {
        cli_json json = {0};
        cli_json_open(&json, NULL, '{');
        cli_json_count(&json, "merged", merged);
        cli_json_end(&json, '}');
    } else
        printf("%llu vectors merged into the feature files\n", (unsigned long long)merged);
    return CLI_DONE;
}

const cli_command cli_compact = {
    .name = "compact",
    .summary = "merge what was added while serving",
    .synopsis = "-d DIR [options]",
    .description =
        "Features of products that came while the dataset was served lie in its database, and are "
        "read beside the feature files. This merges them into the files, and removes uploaded "
        "photos that no product has any more, and copies of networks that neither a feature of the "
        "dataset nor a model in DIR or DIR/models was made with. Nothing else changes: answers are "
        "the same before "
        "and after. A dataset that is being served is left alone.",
    .examples = "  lookbook compact -d shop\n",
    .options = compact_options,
    .common = CLI_WITH_RUN | CLI_WITH_JSON,
    .size = sizeof(compact_values),
    .run = run_compact,
};
