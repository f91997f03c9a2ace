/* demo: a whole shop from nothing, and everything that can be done with it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"
#include "demo/demo.h"
#include "items.h"

typedef struct demo_values {
    const char *folder;
    uint32_t products, shoppers, orders, image_size;
    uint64_t seed;
} demo_values;

#define FIELD(field) offsetof(demo_values, field)

static const cli_option demo_option_table[] = {
    {"products", 0, CLI_U32, FIELD(products), "N", "products to draw; default: 2000", 0, NULL, 20,
     20000},
    {"shoppers", 0, CLI_U32, FIELD(shoppers), "N", "people who buy; default: 1500", 0, NULL, 1,
     100000},
    {"orders", 0, CLI_U32, FIELD(orders), "N",
     "orders, about, and at least one per shopper; default: 25000", 0, NULL, 1, 1000000},
    {"image-size", 0, CLI_U32, FIELD(image_size), "PIXELS",
     "width and height of a picture; default: 256", 0, NULL, 32, 1024},
    {"seed", 0, CLI_U64, FIELD(seed), "S", "seed of the shop and of the training; default: 1", 0,
     NULL, 0, UINT64_MAX},
    {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

static void demo_init(void *values) {
    demo_values *v = values;
    demo_options defaults;
    demo_options_init(&defaults);
    v->products = (uint32_t)defaults.n_products;
    v->shoppers = (uint32_t)defaults.n_shoppers;
    v->orders = (uint32_t)defaults.n_orders;
    v->image_size = (uint32_t)defaults.image_size;
    v->seed = defaults.seed;
}

/* Where the parts of the demo lie. */
typedef struct places {
    char files[4096], reviews[4096], requests[4096], meta[4096], images[4096], shop[4096],
        model[4096], whisper[4096];
} places;

static int name_places(cli *c, const char *folder, places *p) {
    if (!*folder || strlen(folder) > 4000)
        return cli_usage(c, "DIR must be the path of a folder, at most 4000 bytes long");
    snprintf(p->files, sizeof p->files, "%s/files", folder);
    snprintf(p->reviews, sizeof p->reviews, "%s/files/reviews_Demo.json.gz", folder);
    snprintf(p->requests, sizeof p->requests, "%s/files/requests_Demo.json.gz", folder);
    snprintf(p->meta, sizeof p->meta, "%s/files/meta_Demo.json.gz", folder);
    snprintf(p->images, sizeof p->images, "%s/files/images", folder);
    snprintf(p->shop, sizeof p->shop, "%s/shop", folder);
    snprintf(p->model, sizeof p->model, "%s/vasg.safetensors", folder);
    snprintf(p->whisper, sizeof p->whisper, "%s/whisper.safetensors", folder);
    return CLI_DONE;
}

static int make_folder(cli *c, const char *path) {
    if (mkdir(path, 0777) == 0 || errno == EEXIST) return CLI_DONE;
    return cli_fail(c, "%s: cannot be made: %s", path, strerror(errno));
}

/* Makes the folders, unless there is a shop that this command did not draw. */
static int prepare(cli *c, const char *folder, const places *p) {
    struct stat info;
    if (stat(p->shop, &info) == 0 && stat(p->reviews, &info) != 0)
        return cli_fail(c, "%s is there already and is no demo; give another folder", p->shop);
    int code = make_folder(c, folder);
    if (code == CLI_DONE) code = make_folder(c, p->files);
    return code;
}

static int draw(cli *c, const demo_values *v, const places *p) {
    demo_options options;
    demo_options_init(&options);
    options.n_products = v->products;
    options.n_shoppers = v->shoppers;
    options.n_orders = v->orders;
    options.image_size = (int)v->image_size;
    options.seed = v->seed;
    job *j = NULL;
    cli_say(c, "Drawing a shop of %u products into %s", v->products, p->files);
    lb_status status = job_new(&c->runtime, &j);
    if (status == LB_OK) status = demo_write_shop(p->files, &options, j);
    job_free(j);
    return cli_status(c, status);
}

/* The first encoder's feature is the one that models of one feature take. */
static int encode(cli *c, const places *p, const char *encoder) {
    lb_encode_options options;
    lb_encode_report report;
    lb_encode_options_init(&options);
    options.encoder = encoder;
    return cli_status(c, lb_encode(p->shop, &options, &c->runtime, &report));
}

static int make_dataset(cli *c, const places *p) {
    lb_import_options import;
    lb_import_options_init(&import);
    import.interactions = p->reviews;
    import.products = p->meta;
    import.requests = p->requests;
    import.images = p->images;
    cli_say(c, "Importing it into the dataset %s", p->shop);
    int code = cli_status(c, lb_import(p->shop, &import, &c->runtime, NULL));
    if (code != CLI_DONE) return code;
    cli_say(c, "Encoding the pictures as the feature \"look\"");
    code = encode(c, p, "builtin");
    if (code != CLI_DONE) return code;
    cli_say(c, "Encoding titles, categories and brands as the feature \"text\"");
    return encode(c, p, "words");
}

static int train(cli *c, const demo_values *v, const places *p) {
    enum { REQUESTS = 16384 }; // in a pass of whisper; a smaller shop has fewer
    char requests[32];
    snprintf(requests, sizeof requests, "requests=%u", v->orders < REQUESTS ? v->orders : REQUESTS);
    const char *const quick[] = {"epochs=3", "gain-epochs=2", requests};
    lb_train_options options;
    lb_train_options_init(&options);
    options.seed = v->seed;
    options.output = p->model;
    cli_say(c, "Training the model vasg on both into %s", p->model);
    int code = cli_status(c, lb_train(p->shop, &options, &c->runtime));
    if (code != CLI_DONE) return code;
    options.model = "whisper";
    options.level = "request";
    options.settings = quick; // settled after a few passes on so little data
    options.n_settings = sizeof quick / sizeof *quick;
    options.output = p->whisper;
    cli_say(c, "Training the model whisper, which also reads what shoppers ask for, into %s",
            p->whisper);
    return cli_status(c, lb_train(p->shop, &options, &c->runtime));
}

static int compare(cli *c, const demo_values *v, const places *p) {
    static const char *const models[] = {"rand", "pop", "wboi", "vasg"};
    lb_compare_options options;
    lb_comparison *comparison = NULL;
    lb_compare_options_init(&options);
    options.models = models;
    options.n_models = sizeof models / sizeof *models;
    options.runs = 1;
    options.seed = v->seed;
    cli_say(c, "Comparing it with simpler models on held-out purchases");
    int code = cli_status(c, lb_compare(p->shop, &options, &c->runtime, &comparison));
    if (code != CLI_DONE) return code;
    if (c->common.json)
        printf("%s\n", lb_comparison_json(comparison));
    else
        printf(
            "How well held-out purchases are predicted, by vasg from pictures and words, by wboi "
            "from\npictures alone:\n\n%s",
            lb_comparison_table(comparison));
    lb_comparison_free(comparison);
    return CLI_DONE;
}

/* What the first shopper gets. Every shopper of the demo has ordered something. */
static const char shopper[] = "SHOPPER000001";

static int show_recommendations(cli *c, const places *p) {
    lb_recommend_options options;
    lb_recommender *recommender = NULL;
    lb_items *items = NULL;
    lb_recommend_options_init(&options);
    options.user = shopper;
    options.exclude_seen = 1;
    options.n_new = 2;
    int code = cli_status(c, lb_recommender_open(p->model, p->shop, &c->runtime, &recommender));
    if (code == CLI_DONE) code = cli_status(c, lb_recommend(recommender, &options, &items));
    if (code == CLI_DONE) {
        printf("\nRecommended to %s, two places kept for products nobody has bought yet:\n\n",
               shopper);
        cli_items_print(items, "bought");
    }
    lb_items_free(items);
    lb_recommender_close(recommender);
    return code;
}

static void print_next_steps(const places *p) {
    printf("\nGo on with:\n\n"
           "  lookbook recommend -m %s -d %s --user SHOPPER000002\n"
           "  lookbook recommend -m %s -d %s --liked DEMO000001,DEMO000002\n"
           "  lookbook recommend -m %s -d %s --user SHOPPER000002 --text 'a light dress'\n"
           "  lookbook serve -m %s -d %s    # a page to look at\n"
           "  lookbook similar -m %s -d %s --product DEMO000001 --by look\n"
           "  lookbook compare -d %s --models pop,wboi,vasg --runs 3\n"
           "  lookbook compare -d %s --models vasg --runs 1 --feature look    # pictures alone\n"
           "  lookbook validate -d %s\n\n"
           "The pictures are in %s.\n",
           p->model, p->shop, p->model, p->shop, p->whisper, p->shop, p->whisper, p->shop, p->model,
           p->shop, p->shop, p->shop, p->shop, p->images);
}

static int run_demo(cli *c, const void *values) {
    const demo_values *v = values;
    places *p = malloc(sizeof *p);
    if (!p) return cli_fail(c, "out of memory");
    c->resume = "the same command starts it again";
    int code = name_places(c, v->folder, p);
    if (code == CLI_DONE && v->orders < v->shoppers)
        code = cli_usage(c, "--orders %u is less than the %u shoppers", v->orders, v->shoppers);
    if (code == CLI_DONE) code = prepare(c, v->folder, p);
    if (code == CLI_DONE) code = draw(c, v, p);
    if (code == CLI_DONE) code = make_dataset(c, p);
    if (code == CLI_DONE) code = train(c, v, p);
    if (code == CLI_DONE) code = compare(c, v, p);
    if (code == CLI_DONE && !c->common.json) code = show_recommendations(c, p);
    if (code == CLI_DONE && !c->common.json) print_next_steps(p);
    free(p);
    return code;
}

const cli_command cli_demo = {
    .name = "demo",
    .summary = "draw a fictitious shop and try everything on it",
    .synopsis = "DIR [options]",
    .description =
        "Draws a fashion shop with pictures, shoppers and orders into DIR/files, imports it into "
        "the dataset DIR/shop, encodes its pictures and words, trains a model on both, compares it "
        "with simpler ones and recommends products to one shopper. With --json the comparison is "
        "printed.",
    .examples = "  lookbook demo shop-demo\n",
    .options = demo_option_table,
    .common = CLI_WITH_RUN | CLI_WITH_JSON,
    .size = sizeof(demo_values),
    .init = demo_init,
    .run = run_demo,
    .operand = "DIR",
    .operand_offset = offsetof(demo_values, folder),
    .operand_required = 1,
};
