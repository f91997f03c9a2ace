/* recommend and similar: questions to a trained model. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "items.h"
#include "read_file.h"

static const char dataset_help[] =
    "the dataset the model was trained on: titles, categories, products added since";
static const char least_help[] =
    "only products of at least this price, none whose price is not known (needs -d)";
static const char most_help[] =
    "only products of at most this price, none whose price is not known (needs -d)";
static const char library_help[] =
    "ONNX Runtime, for photos where the features come from an ONNX network; default: the system's "
    "libonnxruntime.so";

/* ---------------------------------------------------------------- recommend */

typedef struct recommend_values {
    lb_recommender_options open;
    const char *image;
    cli_list liked, disliked, exclude;
    lb_recommend_options recommend;
} recommend_values;

#define FIELD(field)     offsetof(recommend_values, field)
#define RECOMMEND(field) offsetof(recommend_values, recommend.field)

static const cli_option recommend_options[] = {
    {"model", 'm', CLI_TEXT, FIELD(open.model), "MODEL", "the model file", 1, NULL, 0, 0},
    {"dataset", 'd', CLI_TEXT, FIELD(open.directory), "DIR", dataset_help, 0, NULL, 0, 0},
    {"user", 0, CLI_TEXT, RECOMMEND(user), "ID", "a user of the dataset", 0, NULL, 0, 0},
    {"liked", 0, CLI_LIST, FIELD(liked), "ID,...",
     "products the person likes; alone: somebody who is no user", 0, NULL, 0, 0},
    {"disliked", 0, CLI_LIST, FIELD(disliked), "ID,...", "products the person does not like", 0,
     NULL, 0, 0},
    {"exclude", 0, CLI_LIST, FIELD(exclude), "ID,...", "products to leave out", 0, NULL, 0, 0},
    {"exclude-seen", 0, CLI_FLAG, RECOMMEND(exclude_seen), NULL,
     "leave out what the person bought or likes", 0, NULL, 0, 0},
    {"category", 0, CLI_TEXT, RECOMMEND(category), "C",
     "this category only: a part or the beginning of its path (needs -d)", 0, NULL, 0, 0},
    {"price-min", 0, CLI_REAL, RECOMMEND(price_min), "P", least_help, 0, NULL, 0, 0},
    {"price-max", 0, CLI_REAL, RECOMMEND(price_max), "P", most_help, 0, NULL, 0, 0},
    {"number", 'n', CLI_U32, RECOMMEND(n), "N", "how many products; default: 10", 0, NULL, 1,
     10000},
    {"offset", 0, CLI_U32, RECOMMEND(offset), "N", "skip the best N; default: 0", 0, NULL, 0, 9999},
    {"image", 0, CLI_TEXT, FIELD(image), "FILE",
     "a photo whose looks are wanted, alone or with a person (needs -d)", 0, NULL, 0, 0},
    {"text", 0, CLI_TEXT, RECOMMEND(text), "T",
     "what is asked for in words, alone or with a person or a photo (a model trained with --model "
     "whisper)",
     0, NULL, 0, 0},
    {"diversity", 0, CLI_REAL, RECOMMEND(diversity), "X",
     "0 to 1: how much products unlike those before them are preferred; default: 0", 0, NULL, 0, 1},
    {"new", 0, CLI_U32, RECOMMEND(n_new), "K",
     "places among them kept for products that nobody has bought yet; default: 0", 0, NULL, 0,
     10000},
    {"onnx-library", 0, CLI_TEXT, FIELD(open.onnx_library), "PATH", library_help, 0, NULL, 0, 0},
    {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

static void recommend_init(void *values) {
    lb_recommender_options_init(&((recommend_values *)values)->open);
    lb_recommend_options_init(&((recommend_values *)values)->recommend);
}

/* What only the dataset knows is not asked of the model alone. */
static int check_dataset(cli *c, const char *directory, const char *image, const char *category,
                         double price_min, double price_max) {
    const char *option = image               ? "image"
                         : category          ? "category"
                         : !isnan(price_min) ? "price-min"
                         : !isnan(price_max) ? "price-max"
                                             : NULL;
    if (!option || directory) return CLI_DONE;
    return cli_usage(c, "--%s needs the dataset: give -d DIR", option);
}

static int check_recommend(cli *c, const recommend_values *v, const lb_recommend_options *options) {
    if (!options->user && !v->liked.n && !v->image && !options->text)
        return cli_usage(c, "--user ID, --liked ID,..., --image FILE or --text T is missing");
    int code = check_dataset(c, v->open.directory, v->image, options->category, options->price_min,
                             options->price_max);
    if (code != CLI_DONE) return code;
    if (options->n_new > options->n)
        return cli_usage(c, "--new %u is more than the %u products asked for (-n)", options->n_new,
                         options->n);
    return CLI_DONE;
}

static int run_recommend(cli *c, const void *values) {
    const recommend_values *v = values;
    lb_recommend_options options = v->recommend;
    int code = check_recommend(c, v, &options);
    if (code != CLI_DONE) return code;
    options.liked = v->liked.item;
    options.n_liked = v->liked.n;
    options.disliked = v->disliked.item;
    options.n_disliked = v->disliked.n;
    options.exclude = v->exclude.item;
    options.n_exclude = v->exclude.n;
    lb_recommender *recommender = NULL;
    lb_items *items = NULL;
    void *image = NULL;
    if (v->image) code = cli_read_file(c, v->image, &image, &options.image_bytes);
    options.image = image;
    if (code == CLI_DONE)
        code = cli_status(c, lb_recommender_open_with(&v->open, &c->runtime, &recommender));
    if (code == CLI_DONE) code = cli_status(c, lb_recommend(recommender, &options, &items));
    if (code == CLI_DONE && c->common.json)
        printf("%s\n", lb_items_json(items));
    else if (code == CLI_DONE)
        cli_items_print(items, options.user ? "bought" : "like");
    if (code == CLI_DONE && !lb_items_count(items)) cli_say(c, "no product is left to recommend");
    lb_items_free(items);
    lb_recommender_close(recommender);
    free(image);
    return code;
}

const cli_command cli_recommend = {
    .name = "recommend",
    .summary = "products for a person, with reasons",
    .synopsis = "-m MODEL [-d DIR] --user ID [options]\n"
                "-m MODEL [-d DIR] --liked ID,... [options]\n"
                "-m MODEL -d DIR --image FILE [--user ID] [options]\n"
                "-m MODEL [-d DIR] --text T [--user ID] [--image FILE] [options]",
    .description =
        "Ranks the catalogue for a user of the dataset, or for somebody known only by some liked "
        "products, or finds what looks like a photo, or what is asked for in words; what is given "
        "together counts together. Scores compare within one list only. A model "
        "is refused with another dataset "
        "than the one it was trained on. An id with a comma in it is written with \"\\,\".",
    .examples =
        "  lookbook recommend -m vasg.safetensors -d shop --user A1 --exclude-seen\n"
        "  lookbook recommend -m vasg.safetensors -d shop --liked B7,B9 -n 20 --new 4 --json\n"
        "  lookbook recommend -m vasg.safetensors -d shop --image photo.jpg --user A1\n"
        "  lookbook recommend -m whisper.safetensors -d shop --text 'a light dress' --user A1\n",
    .options = recommend_options,
    .common = CLI_WITH_RUN | CLI_WITH_JSON,
    .size = sizeof(recommend_values),
    .init = recommend_init,
    .run = run_recommend,
};

/* ---------------------------------------------------------------- similar */

typedef struct similar_values {
    lb_recommender_options open;
    const char *by, *image;
    lb_similar_options similar;
} similar_values;

static const cli_option similar_options[] = {
    {"model", 'm', CLI_TEXT, offsetof(similar_values, open.model), "MODEL", "the model file", 1,
     NULL, 0, 0},
    {"product", 0, CLI_TEXT, offsetof(similar_values, similar.product), "ID", "the product", 0,
     NULL, 0, 0},
    {"image", 0, CLI_TEXT, offsetof(similar_values, image), "FILE",
     "a photo instead: what looks like it (needs -d)", 0, NULL, 0, 0},
    {"dataset", 'd', CLI_TEXT, offsetof(similar_values, open.directory), "DIR", dataset_help, 0,
     NULL, 0, 0},
    {"by", 0, CLI_CHOICE, offsetof(similar_values, by), "WHAT", "who buys it, its picture, or both",
     0, "taste|look|both", 0, 0},
    {"category", 0, CLI_TEXT, offsetof(similar_values, similar.category), "C",
     "this category only (needs -d)", 0, NULL, 0, 0},
    {"price-min", 0, CLI_REAL, offsetof(similar_values, similar.price_min), "P", least_help, 0,
     NULL, 0, 0},
    {"price-max", 0, CLI_REAL, offsetof(similar_values, similar.price_max), "P", most_help, 0, NULL,
     0, 0},
    {"number", 'n', CLI_U32, offsetof(similar_values, similar.n), "N",
     "how many products; default: 10", 0, NULL, 1, 10000},
    {"onnx-library", 0, CLI_TEXT, offsetof(similar_values, open.onnx_library), "PATH", library_help,
     0, NULL, 0, 0},
    {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

static void similar_init(void *values) {
    lb_recommender_options_init(&((similar_values *)values)->open);
    lb_similar_options_init(&((similar_values *)values)->similar);
}

static int run_similar(cli *c, const void *values) {
    const similar_values *v = values;
    lb_similar_options options = v->similar;
    void *image = NULL;
    int code = CLI_DONE;
    if (!options.product == !v->image)
        return cli_usage(c, "give either --product ID or --image FILE");
    code = check_dataset(c, v->open.directory, v->image, options.category, options.price_min,
                         options.price_max);
    if (code != CLI_DONE) return code;
    if (v->by)
        options.by = strcmp(v->by, "taste") == 0  ? LB_BY_TASTE
                     : strcmp(v->by, "look") == 0 ? LB_BY_LOOK
                                                  : LB_BY_BOTH;
    lb_recommender *recommender = NULL;
    lb_items *items = NULL;
    if (v->image) code = cli_read_file(c, v->image, &image, &options.image_bytes);
    options.image = image;
    if (code == CLI_DONE)
        code = cli_status(c, lb_recommender_open_with(&v->open, &c->runtime, &recommender));
    if (code == CLI_DONE) code = cli_status(c, lb_similar(recommender, &options, &items));
    if (code == CLI_DONE && c->common.json)
        printf("%s\n", lb_items_json(items));
    else if (code == CLI_DONE)
        cli_items_print(items, NULL);
    if (code == CLI_DONE && !lb_items_count(items)) cli_say(c, "no product is left to show");
    lb_items_free(items);
    lb_recommender_close(recommender);
    free(image);
    return code;
}

const cli_command cli_similar = {
    .name = "similar",
    .summary = "products like a given one",
    .synopsis = "-m MODEL [-d DIR] --product ID [--by taste|look|both] [options]\n"
                "-m MODEL -d DIR --image FILE [options]",
    .description = "Lists a product's neighbours: by taste (who buys it), by look (its feature), "
                   "or by the mean of both; or what looks like a photo.",
    .examples = "  lookbook similar -m vasg.safetensors -d shop --product B7 --by look\n",
    .options = similar_options,
    .common = CLI_WITH_RUN | CLI_WITH_JSON,
    .size = sizeof(similar_values),
    .init = similar_init,
    .run = run_similar,
};
