/* train, compare, models: making models and measuring them. */
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "models.h"

/* ---------------------------------------------------------------- train */

typedef struct train_values {
    const char *dataset;
    lb_train_options train;
} train_values;

#define TRAIN(field) offsetof(train_values, train.field)

static const cli_option train_options[] = {
    {"dataset", 'd', CLI_TEXT, offsetof(train_values, dataset), "DIR", "the dataset", 1, NULL, 0,
     0},
    {"output", 'o', CLI_TEXT, TRAIN(output), "MODEL", "the model file to write", 1, NULL, 0, 0},
    {"model", 0, CLI_TEXT, TRAIN(model), "NAME", "which model; default: vasg", 0, NULL, 0, 0},
    {"feature", 0, CLI_TEXT, TRAIN(feature), "NAMES", cli_feature_help, 0, NULL, 0, 0},
    SPLIT_OPTIONS(TRAIN, "leave-one-out|given",
                  "train on the training part of this split; default: on everything"),
    {"level", 0, CLI_CHOICE, TRAIN(level), "LEVEL",
     "of whisper: what the requests that it learns from are made of; default: title", 0,
     "category|title|other-review|own-review|plot|request", 0, 0},
    {"seed", 0, CLI_U64, TRAIN(seed), "S", "seed of the training; default: 1", 0, NULL, 0,
     UINT64_MAX},
    {"resume", 0, CLI_FLAG, TRAIN(resume), NULL,
     "go on from MODEL.checkpoint, if a training was cut short", 0, NULL, 0, 0},
    {"onnx-library", 0, CLI_TEXT, TRAIN(onnx_library), "PATH",
     "ONNX Runtime, with which whisper reads requests where a feature was made by a network that "
     "reads texts; default: the system's libonnxruntime.so",
     0, NULL, 0, 0},
    {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

static void train_init(void *values) {
    lb_train_options_init(&((train_values *)values)->train);
}

/* Trains; after an interruption says whether there is something to go on from. */
static int train(cli *c, const char *dataset, const lb_train_options *options) {
    char text[4200];
    lb_status status = lb_train(dataset, options, &c->runtime);
    snprintf(text, sizeof text, "%s.checkpoint", options->output);
    if (status == LB_E_INTERRUPTED && access(text, F_OK) == 0) {
        snprintf(text, sizeof text, "%s.checkpoint is kept: --resume goes on from it",
                 options->output);
        c->resume = text;
    }
    int code = cli_status(c, status);
    c->resume = NULL;
    return code;
}

static int run_train(cli *c, const void *values) {
    const train_values *v = values;
    lb_train_options options = v->train;
    int code = cli_check_model(c, options.model);
    if (code != CLI_DONE) return code;
    options.feature = cli_feature_name(options.feature);
    options.settings = c->settings.item;
    options.n_settings = c->settings.n;
    code = train(c, v->dataset, &options);
    if (code != CLI_DONE) return code;
    if (!c->common.json) {
        printf("wrote %s\n", options.output);
        return CLI_DONE;
    }
    cli_json json = {0};
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "model", options.output);
    cli_json_text(&json, "name", options.model);
    cli_json_count(&json, "seed", options.seed);
    cli_json_text(&json, "isa", lb_isa_name());
    cli_json_end(&json, '}');
    return CLI_DONE;
}

const cli_command cli_train = {
    .name = "train",
    .summary = "train a model and write it to a file",
    .synopsis = "-d DIR -o MODEL [--model NAME] [options] [options of the model]",
    .description =
        "Trains on all interactions of the dataset, or on the training part of a split. The file "
        "appears when it is complete; a file of that name stays as it was until then. The same "
        "seed and instruction-set path give the same bytes on any number of threads. While it "
        "trains, MODEL.checkpoint holds what --resume goes on from.",
    .examples = "  lookbook train -d shop -o shop/models/vasg.safetensors\n"
                "  lookbook train -d shop --epochs 12 --dim 96 -o better.safetensors\n"
                "  lookbook train -d shop --resume -o shop/models/vasg.safetensors\n",
    .options = train_options,
    .common = CLI_WITH_RUN | CLI_WITH_JSON,
    .size = sizeof(train_values),
    .init = train_init,
    .run = run_train,
    .model_options = 1,
};

/* ---------------------------------------------------------------- compare */

typedef struct compare_values {
    const char *dataset;
    cli_list models;
    lb_compare_options compare;
    const char *report;
} compare_values;

#define COMPARE(field) offsetof(compare_values, compare.field)

static const cli_option compare_options[] = {
    {"dataset", 'd', CLI_TEXT, offsetof(compare_values, dataset), "DIR", "the dataset", 1, NULL, 0,
     0},
    {"task", 0, CLI_CHOICE, COMPARE(task), "TASK",
     "recommend (default): who buys what; relations: which products are bought together; "
     "requests: which product a person means by a text",
     0, "recommend|relations|requests", 0, 0},
    {"models", 0, CLI_LIST, offsetof(compare_values, models), "LIST",
     "models, commas between; each may have its own options after a colon; default: "
     "rand,pop,wboi,bpr,vbpr,vasg-paper,vasg, for relations inn,ibr,vasg-paper,vasg, for requests "
     "rand,pop,bm25,text,user,late,whisper",
     0, NULL, 0, 0},
    {"feature", 0, CLI_TEXT, COMPARE(feature), "NAMES", cli_feature_help, 0, NULL, 0, 0},
    SPLIT_OPTIONS(COMPARE, "leave-one-out|given", "how to split; default: leave-one-out"),
    {"vary-split", 0, CLI_FLAG, COMPARE(vary_split), NULL,
     "run r splits with seed S + r too, instead of all on one split", 0, NULL, 0, 0},
    {"runs", 0, CLI_U32, COMPARE(runs), "N", "how often to train each model", 0, NULL, 1, 100},
    {"seed", 0, CLI_U64, COMPARE(seed), "S", "run r trains with seed S + r; default: 1", 0, NULL, 0,
     UINT64_MAX},
    {"list", 0, CLI_U32, COMPARE(list), "K", "length of the lists of Recall and NDCG; default: 20",
     0, NULL, 1, 10000},
    {"keep", 0, CLI_TEXT, COMPARE(keep), "DIR",
     "keep the trained models and the result as JSON in this folder", 0, NULL, 0, 0},
    {"level", 0, CLI_CHOICE, COMPARE(level), "LEVEL",
     "of requests, what they are made of; default: category", 0,
     "category|title|other-review|own-review|plot|request", 0, 0},
    {"control", 0, CLI_CHOICE, COMPARE(control), "WHAT",
     "of requests: give each test another test's user or request, to see what it was worth", 0,
     "shuffled-users|shuffled-requests", 0, 0},
    {"onnx-library", 0, CLI_TEXT, COMPARE(onnx_library), "PATH",
     "ONNX Runtime, for networks that read requests; default: the system's libonnxruntime.so", 0,
     NULL, 0, 0},
    {"report", 0, CLI_TEXT, offsetof(compare_values, report), "FILE.html",
     "write the result as a page too, with what report says of the kept models", 0, NULL, 0, 0},
    {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

/* The folder of a file to be written: what can be told before hours of training. */
static int check_folder(cli *c, const char *path) {
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) + 1 : 0;
    char *folder = cli_allocate(c, length + 2);
    if (!folder) return cli_fail(c, "out of memory");
    snprintf(folder, length + 2, "%.*s", (int)(length ? length : 1), length ? path : ".");
    if (access(folder, W_OK) == 0) return CLI_DONE;
    return cli_fail(c, "cannot write %s: %s is not a folder that can be written to", path, folder);
}

/* The comparison as a page, with the kept models' spaces if there are any. */
static int write_report(cli *c, const compare_values *v, const lb_comparison *comparison) {
    lb_report_options options;
    lb_report *report = NULL;
    lb_report_options_init(&options);
    options.comparison = lb_comparison_json(comparison);
    options.from = v->compare.keep;
    options.output = v->report;
    int code = cli_status(c, lb_report_write(v->dataset, &options, &c->runtime, &report));
    lb_report_free(report);
    return code;
}

static void compare_init(void *values) {
    lb_compare_options_init(&((compare_values *)values)->compare);
}

/* Ways to answer requests that are no models, or models by another name. */
static int is_way(const char *name, size_t length) {
    static const char *const ways[] = {"bm25", "text", "user", "late"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        if (strlen(ways[i]) == length && strncmp(ways[i], name, length) == 0) return 1;
    return 0;
}

/* "pop,vasg:dim=32,epochs=4" comes as three pieces; a piece with '=' but no ':' before it belongs
 * to the model before. */
static int join_models(cli *c, const cli_list *pieces, int requests, cli_list *models) {
    for (size_t i = 0; i < pieces->n; i++) {
        const char *piece = pieces->item[i];
        size_t name = strcspn(piece, ":=");
        if (piece[name] != '=') {
            if (!cli_model_exists(piece, name) && !(requests && is_way(piece, name)))
                return cli_unknown_model(c, piece, name);
            if (!cli_list_add(c, models, piece)) return cli_fail(c, "out of memory");
            continue;
        }
        if (!models->n) return cli_usage(c, "--models: \"%s\" stands before any model", piece);
        char between = strchr(models->item[models->n - 1], ':') ? ',' : ':';
        if (!cli_list_join(c, models, between, piece)) return cli_fail(c, "out of memory");
    }
    return CLI_DONE;
}

static int run_compare(cli *c, const void *values) {
    const compare_values *v = values;
    lb_compare_options options = v->compare;
    lb_comparison *comparison = NULL;
    cli_list models = {0};
    int requests = options.task && strcmp(options.task, "requests") == 0;
    int code = join_models(c, &v->models, requests, &models);
    if (code != CLI_DONE) return code;
    if ((options.level || options.control) && !requests)
        return cli_usage(c, "--level and --control belong to --task requests");
    if (v->report && (code = check_folder(c, v->report)) != CLI_DONE) return code;
    options.models = models.item;
    options.n_models = models.n;
    options.feature = cli_feature_name(options.feature);
    code = cli_status(c, lb_compare(v->dataset, &options, &c->runtime, &comparison));
    if (code != CLI_DONE) return code;
    if (c->common.json)
        printf("%s\n", lb_comparison_json(comparison));
    else
        fputs(lb_comparison_table(comparison), stdout);
    if (v->report) code = write_report(c, v, comparison);
    lb_comparison_free(comparison);
    return code;
}

const cli_command cli_compare = {
    .name = "compare",
    .summary = "train several models and test them on the same purchases",
    .synopsis = "-d DIR [--task TASK] [--models LIST] [options]",
    .description =
        "Trains every model on the training part of one split and tests all on the same held-out "
        "purchases, of warm products (bought by others in training) and of completely cold ones. "
        "Prints AUC, Recall, NDCG and MRR with spread and interval over the runs. Keep pop in the "
        "list: a personal model that does not beat it on the same tests has failed.\n"
        "\n"
        "--task relations asks which pairs of products are bought together, and prints accuracy at "
        "a threshold chosen on validation pairs, and AUC.\n"
        "\n"
        "--task requests asks which product a person means by a text, at one --level: the target's "
        "category path, its title without the brand, another user's review of it, the user's own "
        "(an upper bound), or words of its plot. bm25 and text know the words alone, user is vasg "
        "without them, late adds both up.",
    .examples =
        "  lookbook compare -d shop --models rand,pop,wboi,vasg --runs 3\n"
        "  lookbook compare -d shop --models pop,vasg,vasg:dim=32,epochs=4 --json > result.json\n"
        "  lookbook compare -d shop --task relations --runs 5\n"
        "  lookbook compare -d shop --task requests --level title --models "
        "pop,bm25,text,user,late\n"
        "  lookbook compare -d shop --runs 5 --keep results --report report.html\n",
    .options = compare_options,
    .common = CLI_WITH_RUN | CLI_WITH_JSON,
    .size = sizeof(compare_values),
    .init = compare_init,
    .run = run_compare,
};

/* ---------------------------------------------------------------- models */

typedef struct models_values {
    const char *name;
} models_values;

static void print_model(const char *model) {
    const lb_model_option *o;
    printf("%s: %s\n", model, lb_model_summary(model));
    for (size_t i = 0; (o = lb_model_option_get(model, i)); i++)
        printf("  --%-20s %-18s %-10s %s\n", o->name, o->range, o->initial, o->help);
}

static void print_model_json(cli_json *json, const char *model) {
    const lb_model_option *o;
    cli_json_open(json, NULL, '{');
    cli_json_text(json, "name", model);
    cli_json_text(json, "summary", lb_model_summary(model));
    cli_json_open(json, "options", '[');
    for (size_t i = 0; (o = lb_model_option_get(model, i)); i++) {
        cli_json_open(json, NULL, '{');
        cli_json_text(json, "name", o->name);
        cli_json_text(json, "range", o->range);
        cli_json_text(json, "default", o->initial);
        cli_json_text(json, "help", o->help);
        cli_json_close(json, '}');
    }
    cli_json_close(json, ']');
    cli_json_close(json, '}');
}

static int run_models(cli *c, const void *values) {
    const char *name = ((const models_values *)values)->name, *model;
    cli_json json = {0};
    if (name && !cli_model_exists(name, strlen(name)))
        return cli_unknown_model(c, name, strlen(name));
    if (c->common.json) {
        cli_json_open(&json, NULL, '{');
        cli_json_open(&json, "models", '[');
    }
    for (size_t i = 0; (model = lb_model_name(i)); i++) {
        if (name && strcmp(name, model) != 0) continue;
        if (c->common.json)
            print_model_json(&json, model);
        else if (name)
            print_model(model);
        else
            printf("%-12s %s\n", model, lb_model_summary(model));
    }
    if (c->common.json) {
        cli_json_close(&json, ']');
        cli_json_end(&json, '}');
    } else if (!name) {
        printf("\nOptions of one of them: lookbook models NAME\n");
    }
    return CLI_DONE;
}

const cli_command cli_models = {
    .name = "models",
    .summary = "list the models, or one model's options",
    .synopsis = "[NAME] [--json]",
    .description = "Lists the models that train and compare know; with NAME, that model's options: "
                   "name, range, default and meaning.",
    .common = CLI_WITH_JSON,
    .size = sizeof(models_values),
    .run = run_models,
    .operand = "NAME",
    .operand_offset = offsetof(models_values, name),
};
