/* import, validate: what makes and checks a dataset. */
#include <string.h>

#include "cli.h"

/* ---------------------------------------------------------------- import */

typedef struct import_values {
    const char *dataset;
    lb_import_options import;
} import_values;

#define FIELD(field)  offsetof(import_values, field)
#define IMPORT(field) offsetof(import_values, import.field)

static const cli_option import_options[] = {
    {"dataset", 'd', CLI_TEXT, FIELD(dataset), "DIR", "the dataset to make or extend", 1, NULL, 0,
     0},
    {"interactions", 0, CLI_TEXT, IMPORT(interactions), "FILE",
     "who bought what: csv, tsv, RecBole .inter, JSON lines, Amazon ratings; .gz or not", 0, NULL,
     0, 0},
    {"reviews", 0, CLI_TEXT, IMPORT(reviews), "FILE",
     "what users wrote about products (Amazon, Yelp, JSON lines), or products' plots, for "
     "requests; "
     "without --interactions reviews are also who bought what",
     0, NULL, 0, 0},
    {"requests", 0, CLI_TEXT, IMPORT(requests), "FILE",
     "what users asked for in words before they bought a product: JSON lines "
     "{\"user\",\"product\",\"text\"}",
     0, NULL, 0, 0},
    {"valid", 0, CLI_TEXT, IMPORT(valid), "FILE",
     "validation part of a given split; --interactions is then its training part", 0, NULL, 0, 0},
    {"test", 0, CLI_TEXT, IMPORT(test), "FILE", "test part of a given split", 0, NULL, 0, 0},
    {"format", 0, CLI_CHOICE, IMPORT(format), "FORMAT",
     "format of the interactions and products; default: recognised", 0,
     "csv|recbole|amazon2014|amazon2018|amazon2023|yelp|jsonl", 0, 0},
    {"columns", 0, CLI_TEXT, IMPORT(columns), "LIST",
     "order or names of the columns: user,item[,rating[,timestamp]]", 0, NULL, 0, 0},
    {"sep", 0, CLI_CHOICE, IMPORT(separator), "SEPARATOR",
     "what stands between columns; default: recognised", 0, "tab|comma|::", 0, 0},
    {"products", 0, CLI_TEXT, IMPORT(products), "FILE",
     "the catalogue: titles, categories, prices, pictures", 0, NULL, 0, 0},
    {"features", 0, CLI_TEXT, IMPORT(features), "FILE",
     "a vector per product: .npy with --feature-ids, or an Amazon .b file", 0, NULL, 0, 0},
    {"feature-ids", 0, CLI_TEXT, IMPORT(feature_ids), "FILE",
     "product ids of the rows of the .npy, one a line", 0, NULL, 0, 0},
    {"feature-name", 0, CLI_TEXT, IMPORT(feature_name), "NAME",
     "name of the feature; default: image", 0, NULL, 0, 0},
    {"float16", 0, CLI_FLAG, IMPORT(float16), NULL,
     "store the feature in 16 bits a value, in half the space", 0, NULL, 0, 0},
    {"images", 0, CLI_TEXT, IMPORT(images), "FOLDER",
     "pictures named by product id; they stay where they lie", 0, NULL, 0, 0},
    {"require-feature", 0, CLI_FLAG, IMPORT(require_feature), NULL,
     "leave out interactions with products that have no feature", 0, NULL, 0, 0},
    {"category", 0, CLI_TEXT, IMPORT(category), "NAME",
     "with --products: only what is in this category, by any of a product's paths", 0, NULL, 0, 0},
    {"min-user", 0, CLI_U32, IMPORT(min_user), "K",
     "leave out users of fewer products, and products and features that only they need", 0, NULL, 1,
     UINT32_MAX},
    {"sample-per-user", 0, CLI_U32, IMPORT(sample_per_user), "K",
     "keep K random products per user; default: all", 0, NULL, 1, UINT32_MAX},
    {"seed", 0, CLI_U64, IMPORT(seed), "S", "of that sample; default: 1", 0, NULL, 0, UINT64_MAX},
    {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

static void import_init(void *values) {
    lb_import_options_init(&((import_values *)values)->import);
}

static void print_import_json(const char *dataset, const lb_import_report *r) {
    cli_json json = {0};
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "dataset", dataset);
    cli_json_count(&json, "users", r->users);
    cli_json_count(&json, "products", r->products);
    cli_json_count(&json, "interactions", r->interactions);
    cli_json_count(&json, "users_added", r->users_added);
    cli_json_count(&json, "products_added", r->products_added);
    cli_json_count(&json, "interactions_added", r->interactions_added);
    cli_json_count(&json, "repeats", r->repeats);
    cli_json_count(&json, "without_feature", r->without_feature);
    cli_json_count(&json, "outside_category", r->outside_category);
    cli_json_count(&json, "below_min_user", r->below_min_user);
    cli_json_count(&json, "sampled_out", r->sampled_out);
    cli_json_count(&json, "features", r->features);
    cli_json_count(&json, "feature_bytes_cut", r->feature_bytes_cut);
    cli_json_count(&json, "images", r->images);
    cli_json_count(&json, "reviews", r->reviews);
    cli_json_count(&json, "requests", r->requests);
    cli_json_end(&json, '}');
}

static void print_line(const char *what, uint64_t count) {
    printf("  %-44s %12llu\n", what, (unsigned long long)count);
}

static void print_import(const char *dataset, const lb_import_report *r) {
    printf("%s\n", dataset);
    printf("  %-16s %12llu  (%llu new)\n", "users", (unsigned long long)r->users,
           (unsigned long long)r->users_added);
    printf("  %-16s %12llu  (%llu new)\n", "products", (unsigned long long)r->products,
           (unsigned long long)r->products_added);
    printf("  %-16s %12llu  (%llu new)\n", "interactions", (unsigned long long)r->interactions,
           (unsigned long long)r->interactions_added);
    if (r->features) printf("  %-16s %12llu\n", "features", (unsigned long long)r->features);
    if (r->reviews) printf("  %-16s %12llu\n", "texts of reviews", (unsigned long long)r->reviews);
    if (r->requests) printf("  %-16s %12llu\n", "requests", (unsigned long long)r->requests);
    if (r->images) printf("  %-16s %12llu\n", "pictures", (unsigned long long)r->images);
    if (r->repeats) print_line("interactions that were there already", r->repeats);
    if (r->without_feature)
        print_line("interactions left out: product has no feature", r->without_feature);
    if (r->outside_category)
        print_line("interactions left out: not in the category", r->outside_category);
    if (r->below_min_user) print_line("interactions left out: user has too few", r->below_min_user);
    if (r->sampled_out) print_line("interactions left out: not in the sample", r->sampled_out);
    if (r->feature_bytes_cut)
        print_line("bytes of a cut last feature, left out", r->feature_bytes_cut);
}

static int run_import(cli *c, const void *values) {
    const import_values *v = values;
    lb_import_options options = v->import;
    lb_import_report report;
    c->resume = "the dataset is as it was before";
    int code = cli_status(c, lb_import(v->dataset, &options, &c->runtime, &report));
    if (code != CLI_DONE) return code;
    if (c->common.json)
        print_import_json(v->dataset, &report);
    else
        print_import(v->dataset, &report);
    return CLI_DONE;
}

const cli_command cli_import = {
    .name = "import",
    .summary = "make or extend a dataset from files",
    .synopsis = "-d DIR [--interactions FILE] [--products FILE] [--features FILE] [options]",
    .description =
        "Reads purchases, the catalogue, features and pictures into the dataset DIR, which is made "
        "if it is not there. All or nothing: after a failure or a kill the dataset is as it was. "
        "The same files again change nothing; more files extend it.",
    .examples =
        "  lookbook import -d shop --interactions orders.csv --columns user,item,rating,timestamp\n"
        "  lookbook import -d shop --products catalogue.jsonl --images photos/\n"
        "  lookbook import -d shop --features clip.npy --feature-ids ids.txt --feature-name clip\n"
        "  lookbook import -d food --interactions review.json --products business.json --reviews "
        "review.json\n"
        "  lookbook import -d baby --reviews reviews_Baby_5.json.gz --features "
        "image_features_Baby.b\n",
    .options = import_options,
    .common = CLI_WITH_RUN | CLI_WITH_JSON,
    .size = sizeof(import_values),
    .init = import_init,
    .run = run_import,
};

/* ---------------------------------------------------------------- validate */

typedef struct validate_values {
    const char *dataset;
} validate_values;

static const cli_option validate_options[] = {{"dataset", 'd', CLI_TEXT,
                                               offsetof(validate_values, dataset), "DIR",
                                               "the dataset to check", 1, NULL, 0, 0},
                                              {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

static void print_checks_json(const lb_validation *validation, size_t n_failed) {
    cli_json json = {0};
    const lb_check *check;
    cli_json_open(&json, NULL, '{');
    cli_json_bool(&json, "passed", n_failed == 0);
    cli_json_open(&json, "checks", '[');
    for (size_t i = 0; (check = lb_validation_get(validation, i)); i++) {
        cli_json_open(&json, NULL, '{');
        cli_json_text(&json, "name", check->name);
        cli_json_bool(&json, "passed", check->passed);
        cli_json_count(&json, "count", check->count);
        cli_json_text(&json, "detail", check->detail);
        cli_json_close(&json, '}');
    }
    cli_json_close(&json, ']');
    cli_json_end(&json, '}');
}

static void print_checks(const lb_validation *validation) {
    const lb_check *check;
    for (size_t i = 0; (check = lb_validation_get(validation, i)); i++) {
        printf("%s  %10llu  ", check->passed ? "PASS" : "FAIL", (unsigned long long)check->count);
        cli_print_text(stdout, check->name, 52, 1);
        fputs("  ", stdout);
        cli_print_text(stdout, check->detail, 1024, 0);
        putchar('\n');
    }
}

static int run_validate(cli *c, const void *values) {
    const validate_values *v = values;
    lb_validation *validation = NULL;
    const lb_check *check;
    size_t n_failed = 0;
    int code = cli_status(c, lb_validate(v->dataset, &c->runtime, &validation));
    if (code != CLI_DONE) return code;
    for (size_t i = 0; (check = lb_validation_get(validation, i)); i++) n_failed += !check->passed;
    if (c->common.json)
        print_checks_json(validation, n_failed);
    else
        print_checks(validation);
    size_t n = lb_validation_count(validation);
    lb_validation_free(validation);
    if (!n_failed) return CLI_DONE;
    return cli_fail(c, "%s: %zu of %zu checks failed", v->dataset, n_failed, n);
}

const cli_command cli_validate = {
    .name = "validate",
    .summary = "check a dataset: what is there, and what is wrong",
    .synopsis = "-d DIR [options]",
    .description =
        "Prints a line per check: PASS or FAIL, a count, what was looked at. A check fails for "
        "damage and for what is named but not there; what is merely worth knowing (products "
        "without a picture, users with few products) is counted and passes. The exit status is 1 "
        "if a check fails.",
    .options = validate_options,
    .common = CLI_WITH_RUN | CLI_WITH_JSON,
    .size = sizeof(validate_values),
    .run = run_validate,
};
