/* encode: pictures or words become a feature. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

/* Settings of a network, by the names that the library knows them by. */
enum { N_SETTINGS = 9 };
static const char *const setting_names[N_SETTINGS] = {"size", "resize", "filter", "range", "mean",
                                                      "std",  "order",  "output", "tiles"};

typedef struct encode_values {
    const char *dataset;
    lb_encode_options encode;
    const char *setting[N_SETTINGS]; // in the order of the names
} encode_values;

#define ENCODE(field)  offsetof(encode_values, encode.field)
#define SETTING(index) (offsetof(encode_values, setting) + (index) * sizeof(const char *))

static const cli_option encode_options[] = {
    {"dataset", 'd', CLI_TEXT, offsetof(encode_values, dataset), "DIR", "the dataset", 1, NULL, 0,
     0},
    {"images", 0, CLI_TEXT, ENCODE(images), "FOLDER",
     "register this folder's pictures first; default: those that the dataset knows", 0, NULL, 0, 0},
    {"encoder", 0, CLI_TEXT, ENCODE(encoder), "NAME",
     "builtin (the default): colours, patterns and outlines of the pictures; FILE.onnx: what this "
     "network sees in them, or with --vocabulary reads of the products; same: what the feature was "
     "made with; words: those of title, category and brand",
     0, NULL, 0, 0},
    {"fields", 0, CLI_TEXT, ENCODE(fields), "LIST",
     "what is read of a product, of title, category, brand and description; default: "
     "title,category,brand",
     0, NULL, 0, 0},
    {"name", 0, CLI_TEXT, ENCODE(name), "NAME",
     "name of the feature to make; default: look, text for words, and reading for networks that "
     "read texts",
     0, NULL, 0, 0},
    {"anew", 0, CLI_FLAG, ENCODE(anew), NULL,
     "encode every picture; default: only those that are new or have changed", 0, NULL, 0, 0},
    {"float16", 0, CLI_FLAG, ENCODE(float16), NULL,
     "store the vectors in 16 bits a value, in half the space; default: as the feature was", 0,
     NULL, 0, 0},
    {"report", 0, CLI_TEXT, ENCODE(report), "FILE.csv",
     "write which pictures are missing, broken or blank, and why", 0, NULL, 0, 0},
    {"preset", 0, CLI_CHOICE, ENCODE(preset), "NAME",
     "how a network of this kind wants its pictures; default: what FILE.json beside FILE.onnx says",
     0, "caffenet-fc7|resnet|mobilenet|clip", 0, 0},
    {"size", 0, CLI_TEXT, SETTING(0), "W[xH]", "pixels that the network reads", 0, NULL, 0, 0},
    {"resize", 0, CLI_TEXT, SETTING(1), "N|WxH",
     "before that, and then the middle is taken: the shorter side to N, or both sides; default: "
     "both to size",
     0, NULL, 0, 0},
    {"filter", 0, CLI_TEXT, SETTING(2), "NAME",
     "for resizing: bilinear (the default), bicubic or lanczos", 0, NULL, 0, 0},
    {"range", 0, CLI_TEXT, SETTING(3), "1|255", "a white pixel's value; default: 1", 0, NULL, 0, 0},
    {"mean", 0, CLI_TEXT, SETTING(4), "X[,X,X]",
     "what is taken off the pixels, of each channel in their order; default: 0", 0, NULL, 0, 0},
    {"std", 0, CLI_TEXT, SETTING(5), "X[,X,X]", "what they are then divided by; default: 1", 0,
     NULL, 0, 0},
    {"order", 0, CLI_TEXT, SETTING(6), "ORDER", "of the channels: rgb (the default) or bgr", 0,
     NULL, 0, 0},
    {"output", 0, CLI_TEXT, SETTING(7), "NAME",
     "the network's output, or a value within it; default: its only output", 0, NULL, 0, 0},
    {"tiles", 0, CLI_TEXT, SETTING(8), "LEVEL",
     "0 to 4: how closely pictures are seen, by averaging what the network sees in square tiles of "
     "them; default: 0, the whole alone",
     0, NULL, 0, 0},
    {"vocabulary", 0, CLI_TEXT, ENCODE(vocabulary), "FILE",
     "the network reads texts, as CLIP's text encoder does: its bpe_simple_vocab_16e6.txt.gz", 0,
     NULL, 0, 0},
    {"beside", 0, CLI_TEXT, ENCODE(beside), "NAME",
     "the feature of pictures whose network shares a space with the one that reads texts", 0, NULL,
     0, 0},
    {"onnx-library", 0, CLI_TEXT, ENCODE(onnx_library), "PATH",
     "ONNX Runtime, which runs networks; default: the system's libonnxruntime.so", 0, NULL, 0, 0},
    {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

static void encode_init(void *values) {
    lb_encode_options_init(&((encode_values *)values)->encode);
}

/* "name=value" of the settings that are given. Returns 0 when memory runs out. */
static int collect_settings(cli *c, const encode_values *v, cli_list *settings) {
    for (size_t i = 0; i < N_SETTINGS; i++) {
        if (!v->setting[i]) continue;
        size_t size = strlen(setting_names[i]) + strlen(v->setting[i]) + 2;
        char *text = cli_allocate(c, size);
        if (!text) return 0;
        snprintf(text, size, "%s=%s", setting_names[i], v->setting[i]);
        if (!cli_list_add(c, settings, text)) return 0;
    }
    return 1;
}

static void print_encode_json(const lb_encode_report *r) {
    cli_json json = {0};
    cli_json_open(&json, NULL, '{');
    cli_json_text(&json, "feature", r->name);
    cli_json_count(&json, "dim", r->dim);
    cli_json_count(&json, "encoded", r->encoded);
    cli_json_count(&json, "recalled", r->recalled);
    cli_json_count(&json, "missing", r->missing);
    cli_json_count(&json, "broken", r->broken);
    cli_json_count(&json, "blank", r->blank);
    cli_json_count(&json, "wordless", r->wordless);
    cli_json_end(&json, '}');
}

static void print_line(const char *what, uint64_t count) {
    if (count) printf("  %-44s %12llu\n", what, (unsigned long long)count);
}

static void print_encode(const lb_encode_report *r) {
    printf("feature \"%s\": %llu products, %u numbers each\n", r->name,
           (unsigned long long)r->encoded, r->dim);
    print_line("pictures that were encoded before", r->recalled);
    print_line("pictures registered but not there", r->missing);
    print_line("pictures that cannot be read", r->broken);
    print_line("pictures of one colour only", r->blank);
    print_line("products of which nothing is written", r->wordless);
}

static int run_encode(cli *c, const void *values) {
    const encode_values *v = values;
    lb_encode_options options = v->encode;
    lb_encode_report r;
    cli_list settings = {0};
    if (!collect_settings(c, v, &settings)) return cli_fail(c, "out of memory");
    options.settings = settings.item;
    options.n_settings = settings.n;
    c->resume = "the dataset is as it was before; the same command goes on from here";
    int code = cli_status(c, lb_encode(v->dataset, &options, &c->runtime, &r));
    if (code != CLI_DONE) return code;
    if (c->common.json)
        print_encode_json(&r);
    else
        print_encode(&r);
    return CLI_DONE;
}

const cli_command cli_encode = {
    .name = "encode",
    .summary = "turn photos or words into features",
    .synopsis = "-d DIR [--images FOLDER] [--name NAME] [options]\n"
                "-d DIR --encoder FILE.onnx [--preset NAME] [--images FOLDER] [options]\n"
                "-d DIR --encoder FILE.onnx --vocabulary FILE [--beside NAME] [options]\n"
                "-d DIR --encoder words [--fields LIST] [--name NAME] [options]",
    .description =
        "Describes each product's picture, or what is written of it, by a vector, and stores the "
        "vectors as a feature of the dataset that models can be trained on.\n\n"
        "Pictures are JPEG, PNG and WebP. Those that the feature was encoded from before are not "
        "encoded again, and a run that was stopped goes on where it was.\n\n"
        "A network is an ONNX file that reads one picture and gives one vector. It is run by ONNX "
        "Runtime, and kept with the dataset, so that a new picture is encoded as the others were. "
        "How it wants pictures is said by a preset, by options, or by a file beside it, FILE.json: "
        "{\"preset\": \"resnet\", \"size\": 288}.\n\n"
        "With --vocabulary the network is one that reads texts, CLIP's text encoder: it reads what "
        "is written of the products, and the requests that whisper is asked; --beside names the "
        "feature that CLIP's other half made of the pictures.\n\n"
        "The encoder words tells which words of the title, which kinds of the category paths and "
        "which brand two products share; it knows no meanings. The description is read only where "
        "--fields names it: texts that were written after purchases, such as reviews, would tell "
        "of a new product what nobody can know yet.",
    .examples = "  lookbook encode -d shop --images photos/\n"
                "  lookbook encode -d shop --encoder mobilenet.onnx --preset mobilenet --name net\n"
                "  lookbook encode -d shop --encoder same --name net --report pictures.csv\n"
                "  lookbook encode -d shop --encoder clip-text.onnx --vocabulary "
                "bpe_simple_vocab_16e6.txt.gz \\\n"
                "      --beside clip --output text_embeds --name clip-text\n"
                "  lookbook encode -d shop --encoder words\n"
                "  lookbook train -d shop --feature look -o shop/models/vasg.safetensors\n",
    .options = encode_options,
    .common = CLI_WITH_RUN | CLI_WITH_JSON,
    .size = sizeof(encode_values),
    .init = encode_init,
    .run = run_encode,
};
