/*
 * Lookbook: recommendations that know what products look like.
 *
 * This is the whole public interface of liblookbook. The rules that hold for all of it:
 *
 *  - A function that can fail returns `lb_status`; LB_OK is zero. The reason of the last failure,
 * with the file, record or field and what to do, is kept per thread and read with lb_last_error().
 *  - Results come back through the last arguments and are untouched on failure.
 *  - Handles are opaque; every `*_open` or `*_new` has a `*_close` or `*_free` that accepts NULL.
 *  - Strings are UTF-8 and NUL-terminated; the library copies what it keeps.
 *  - Option structs are filled with defaults by their `*_init` function; change what you need.
 *  - The library never prints, never exits and installs no signal handlers. Those of a program
 * that trains models must run on a stack of their own (sigaltstack, SA_ONSTACK): code that oneDNN
 * generates uses the stack pointer for other things.
 *  - Unless stated otherwise a handle may be used by one thread at a time; different handles are
 * independent.
 */
#ifndef LOOKBOOK_H
#define LOOKBOOK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define LB_API __attribute__((visibility("default")))
#else
#define LB_API
#endif

#define LB_VERSION "0.1.0"

/* ---------------------------------------------------------------- status */

/* Every status: name, number, what it means. Numbers are stable. */
#define LB_STATUS_MAP(X)                                                  \
    X(OK, 0, "success")                                                   \
    X(E_ARGUMENT, 1, "an argument is out of range")                       \
    X(E_NOMEM, 2, "out of memory")                                        \
    X(E_IO, 3, "the operating system refused a read or a write")          \
    X(E_FORMAT, 4, "a file is damaged or not of the expected format")     \
    X(E_NOT_FOUND, 5, "no such user, product, feature, split or file")    \
    X(E_EXISTS, 6, "something of that name is there already")             \
    X(E_MISMATCH, 7, "parts that do not belong together")                 \
    X(E_EMPTY, 8, "there is too little data to go on")                    \
    X(E_INTERRUPTED, 9, "stopped by the caller")                          \
    X(E_UNSUPPORTED, 10, "not possible on this machine or in this build") \
    X(E_NUMERIC, 11, "a computation left the finite numbers")             \
    X(E_FULL, 12, "no space is left to write to")                         \
    X(E_BUSY, 13, "somebody else is using it")

typedef enum lb_status {
#define LB_STATUS_ENUM(name, number, text) LB_##name = number,
    LB_STATUS_MAP(LB_STATUS_ENUM)
#undef LB_STATUS_ENUM
} lb_status;

/* The status's name, such as "E_FORMAT"; "unknown" for a number that is none. Never NULL; static
 * storage. */
LB_API const char *lb_status_name(lb_status status);

/* One phrase saying what the status means. Never NULL; static storage. */
LB_API const char *lb_status_text(lb_status status);

/* Why the last call on this thread failed, in one or a few sentences; "" if none did. Never NULL;
 * valid until the next failing call on this thread. */
LB_API const char *lb_last_error(void);

/* LB_VERSION of the library in use. */
LB_API const char *lb_version(void);

/* ---------------------------------------------------------------- runtime */

/* What a long-running call reports while it works. */
typedef struct lb_progress {
    const char *stage; /* what is being done, such as "skip-gram" */
    const char *unit;  /* what is counted, such as "pairs" */
    uint64_t done;     /* units done so far */
    uint64_t total;    /* units in all; 0 when not known in advance */
    const char
        *note; /* a line worth logging (a loss, a warning), or NULL; valid during the call only */
} lb_progress;

/* Called now and then, from the thread that made the long-running call. Returning non-zero asks
 * that call to stop at the next safe point with LB_E_INTERRUPTED; nothing is left half-written. */
typedef int (*lb_progress_fn)(void *context, const lb_progress *progress);

/* How to run a long call. NULL wherever one is expected means all defaults. */
typedef struct lb_runtime {
    unsigned threads; /* worker threads, 1..256; 0 = one per available core. Results do not depend
                         on it. */
    lb_progress_fn progress; /* NULL = silent */
    void *progress_context;
} lb_runtime;

LB_API void lb_runtime_init(lb_runtime *runtime);

/* Chooses the instruction-set path of the numeric kernels for the whole process: "auto" (the best
 * this CPU has), "scalar", "avx2", "avx512" or "neon". Call it before anything else, from one
 * thread. Models are byte-identical between runs only on the same path; its name is recorded in the
 * model. LB_E_UNSUPPORTED if the CPU lacks it. */
LB_API lb_status lb_isa_select(const char *name);

/* The path in use. Static storage. */
LB_API const char *lb_isa_name(void);

/* ---------------------------------------------------------------- datasets */

/* What to read into a dataset directory. Paths may be NULL: only what is given is read. */
typedef struct lb_import_options {
    const char *format;       /* "csv", "recbole", "amazon2014", "amazon2018", "amazon2023", "yelp",
                                 "jsonl"; NULL = recognised */
    const char *interactions; /* who bought what */
    const char *valid, *test; /* with `interactions`: the parts of a given split */
    const char *columns;   /* order or names of the columns, such as "user,item,rating,timestamp" */
    const char *separator; /* "tab", "comma", "::"; NULL = recognised */
    const char *products;  /* titles, categories, prices, ... */
    const char *features;  /* .npy or Amazon .b */
    const char *feature_ids;  /* product ids of the rows of a .npy, one a line */
    const char *feature_name; /* 1 to 64 of [a-z0-9_-]; NULL = "image" */
    int float16; /* 1: the feature is stored in 16 bits a value, those of older imports too; values
                    beyond 65504 are refused. 0: as it is, in float32 if it is new */
    const char *images;  /* folder of pictures named by product id */
    const char *reviews; /* what users wrote about products, or products' plots: texts that requests
                            are made of (lb_compare), never part of a product's own text. JSON lines
                            of Amazon, Yelp or in general. Without `interactions`, reviews by users
                            are also who bought what. Adds no users and products by itself */
    const char *requests; /* what users asked for in words before they bought a product: JSON lines
                             {"user","product","text"}. Models learn from them (level "request") and
                             a service shows them as examples. Adds no users and products */
    int require_feature;  /* 1: interactions with products that have no feature are left out */
    const char *category; /* with `products`: those in this category only, by one component of any
                             of their paths or by the start of one; NULL = all */
    uint32_t min_user;    /* users with fewer products are left out, and what is left of the
                             products and features is that of the others; 0 = all are kept */
    uint32_t sample_per_user; /* keep this many random products per user; 0 = all */
    uint64_t seed;            /* of that sample */
} lb_import_options;

LB_API void lb_import_options_init(lb_import_options *options);

/* What an import did. */
typedef struct lb_import_report {
    uint64_t users, products, interactions; /* in the dataset now */
    uint64_t users_added, products_added, interactions_added;
    uint64_t repeats;         /* interactions that were there already, in the file or the dataset */
    uint64_t without_feature; /* interactions left out by require_feature */
    uint64_t outside_category;  /* interactions with products that are not in the category */
    uint64_t below_min_user;    /* interactions of users that min_user leaves out */
    uint64_t sampled_out;       /* interactions left out by sample_per_user */
    uint64_t features;          /* feature vectors read */
    uint64_t feature_bytes_cut; /* bytes of an incomplete last record of the feature file */
    uint64_t images;            /* pictures registered */
    uint64_t reviews;           /* texts kept of the reviews */
    uint64_t requests;          /* and of the requests */
} lb_import_report;

/* Makes or extends the dataset at `directory`. All or nothing: after a failure or a kill the
 * dataset is as before. Importing the same files again changes nothing. `report` may be NULL. */
LB_API lb_status lb_import(const char *directory, const lb_import_options *options,
                           const lb_runtime *runtime, lb_import_report *report);

/* One finding of lb_validate. */
typedef struct lb_check {
    const char *name;   /* such as "features are finite" */
    int passed;         /* 1 or 0 */
    uint64_t count;     /* offending records, or what was counted */
    const char *detail; /* a sentence, never NULL */
} lb_check;

typedef struct lb_validation lb_validation;

/* Checks a dataset: what is there, and what is wrong. LB_OK also when checks fail. */
LB_API lb_status lb_validate(const char *directory, const lb_runtime *runtime, lb_validation **out);
LB_API size_t lb_validation_count(const lb_validation *validation);
LB_API const lb_check *lb_validation_get(const lb_validation *validation,
                                         size_t index); /* NULL beyond the end */
LB_API void lb_validation_free(lb_validation *validation);

/* Photos -> features with the encoder "builtin" or a network from an ONNX file, or what is written
 * of the products -> features with "words". Only networks need more than this library: ONNX
 * Runtime, 1.14 or later, which is loaded when one is used. */
typedef struct lb_encode_options {
    const char *images;  /* a folder to register first; NULL = the pictures the dataset knows; not
                            of "words" */
    const char *encoder; /* "builtin", "words", "same" (the one that made the feature `name`), or
                            the path of a network, FILE.onnx */
    const char *name;    /* of the feature; NULL = "text" for "words", "reading" for networks
                            that read texts, "look" for the others */
    const char
        *fields; /* of what reads texts: what of a product it reads, any of title, category, brand
                    and description with commas between; NULL = "title,category,brand" */

    /* Only of networks: how pictures are prepared. With neither, what FILE.json beside FILE.onnx
     * says; settings are taken after it or the preset. */
    const char *preset;          /* "caffenet-fc7", "resnet", "mobilenet" or "clip"; NULL = none */
    const char *const *settings; /* (n_settings) "name=value": size, resize, filter, range, mean,
                                    std, order, tiles, output; see the documentation, "Encoding" */
    size_t n_settings;
    const char *onnx_library; /* path of ONNX Runtime; NULL = the system's libonnxruntime.so */

    /* A network that reads texts (CLIP's text encoder): what is written of the products becomes the
     * feature, and whisper reads requests with it. */
    const char *vocabulary; /* CLIP's bpe_simple_vocab_16e6.txt, plain or gzip: says that `encoder`
                               reads texts. Takes `fields`, and of the settings output */
    const char *beside; /* the feature of pictures whose network shares its space; NULL = none */

    const char *report; /* a file to write of the pictures that are missing, broken or blank, as a
                           CSV table of product, path, outcome and reason; NULL = none */
    int anew; /* 1: encode every picture, also those that the feature was encoded from before; 0 */
    int float16; /* 1: the feature is stored in 16 bits a value; values beyond 65504 are refused.
                    0: as the feature was, in float32 if it is new */
} lb_encode_options;

typedef struct lb_encode_report {
    uint64_t encoded;                /* products that have the feature now */
    uint64_t recalled;               /* of these, pictures that were encoded before */
    uint64_t missing, broken, blank; /* products; missing = registered but not there */
    uint64_t wordless;               /* "words": products of which nothing is written */
    uint32_t dim;
    const char *name; /* of the feature: that of the options, or static */
} lb_encode_report;

LB_API void lb_encode_options_init(lb_encode_options *options);

/* Encodes the pictures or words of the dataset's products and writes the feature, all or nothing;
 * one of that name is replaced. Products whose picture is missing, broken or blank (one
 * colour all over) are left without it: the first 20 missing or broken ones reach the progress
 * callback as notes. Pictures whose file has the content that the feature was encoded from before,
 * by the same encoder, are not encoded again; and a call that was stopped or killed is gone on with
 * by the next one (DIR/cache/NAME.encoding). A network is kept with the dataset
 * (DIR/encoders/SHA256.onnx). Results do not depend on the number of threads.
 *
 * LB_E_EMPTY if there is no picture or none can be used, or if nothing is written of any product.
 * LB_E_ARGUMENT for an unknown encoder, field, preset or setting, and for an option of another
 * encoder. LB_E_BUSY while another call encodes the same feature. For networks: LB_E_UNSUPPORTED
 * without ONNX Runtime and for a network that it cannot run or that gives no vector of a picture;
 * LB_E_NOT_FOUND for a file or an output that is not there; LB_E_FORMAT for one that is damaged;
 * LB_E_MISMATCH for one that reads pictures or texts of another size, and for one of texts that
 * gives another count of numbers than the feature `beside` has; LB_E_NUMERIC for one whose results
 * are not finite. `report` may be NULL. Memory: 4 bytes a number, so about 1.9 KB a product with
 * "builtin", 4 KB with "words". */
LB_API lb_status lb_encode(const char *directory, const lb_encode_options *options,
                           const lb_runtime *runtime, lb_encode_report *report);

/* ---------------------------------------------------------------- models */

/* One option of a model, as lb_train, lb_compare and the command line take it. */
typedef struct lb_model_option {
    const char *name;    /* such as "walk-length" */
    const char *range;   /* such as "2..1000" or "uniform|rating" */
    const char *initial; /* the default, as text */
    const char *help;
} lb_model_option;

/* What models there are and their options; NULL beyond the end and for an unknown (or NULL) name.
 * The first is the default. Static storage or storage of this thread that the next call of the
 * same function replaces. */
LB_API const char *lb_model_name(size_t index);
LB_API const char *lb_model_summary(const char *name);
LB_API const lb_model_option *lb_model_option_get(const char *name, size_t index);

/* Which interactions train and which test (see the documentation, "Evaluation"). */
typedef struct lb_split_options {
    const char
        *method;   /* "leave-one-out", "given" or, for lb_train only, NULL = train on everything */
    uint64_t seed; /* of the split; 1 */
    uint32_t min_user; /* users with fewer products are dropped; 5 */
    const char *cold;  /* "balanced" or "natural" */
    int no_validation; /* 1: nothing is held out for validation (a final figure, options being
                          settled); 0 */
} lb_split_options;

LB_API void lb_split_options_init(lb_split_options *options);

typedef struct lb_train_options {
    const char *model;   /* "vasg" */
    const char *feature; /* names of the features to use, "look,text"; NULL = all of the dataset,
                            "" = none. Models that take one take the first */
    const char *const *settings; /* (n_settings) "name=value", options of the model */
    size_t n_settings;
    lb_split_options split; /* method NULL = all interactions */
    uint64_t seed;          /* 1 */
    const char *level; /* of models that learn from requests in words (whisper): what these are made
                          of, "category", "title", "other-review", "own-review", "plot" or
                          "request"; NULL = "title". Others ignore it */
    const char *output;       /* file to write */
    int resume;               /* 1: go on from OUTPUT.checkpoint, if a training was cut short */
    const char *onnx_library; /* ONNX Runtime, where requests are read by the network that made a
                                 feature of texts; NULL = the system's */
} lb_train_options;

LB_API void lb_train_options_init(lb_train_options *options);

/* Trains a model on the dataset and writes it to options->output, all or nothing. While it trains,
 * OUTPUT.checkpoint holds what a later call with `resume` and the same options goes on from, to the
 * same bytes; it is removed at the end, and at the start of a training without `resume`. Without a
 * checkpoint `resume` starts at the beginning. The same dataset, options and instruction-set path
 * give the same file on any number of threads.
 *
 * LB_E_ARGUMENT: an unknown model, an option it does not have or a value out of range, before
 * anything is read. LB_E_NOT_FOUND: the dataset, the feature, a given split or the folder of
 * `output`. LB_E_EMPTY: too little to learn from, or no feature for a model that needs one.
 * LB_E_INTERRUPTED: a file that was there before stays as it was. */
LB_API lb_status lb_train(const char *directory, const lb_train_options *options,
                          const lb_runtime *runtime);

typedef struct lb_compare_options {
    const char *task; /* "recommend" (NULL is the same): who buys what; "relations": which products
                         are bought together; "requests": which product a person means by a text */
    const char *const
        *models;     /* (n_models) names; a model's own options may follow, "vasg:dim=32,epochs=4".
                        Nothing is added: name "pop" and "rand" to have them stand beside */
    size_t n_models; /* 0: rand, pop, wboi, bpr, vbpr, vasg-paper, vasg; for relations inn, ibr,
                        vasg-paper, vasg; for requests rand, pop, bm25, text, user, late, whisper */
    const char *feature; /* as in lb_train_options */
    lb_split_options split;
    uint32_t runs;     /* 1..100; run r trains with seed + r */
    uint64_t seed;     /* 1 */
    int vary_split;    /* 1: run r uses split seed + r as well */
    uint32_t list;     /* k of Recall@k and NDCG@k; 20 */
    const char *keep;  /* folder to keep the trained models in, made if need be (its parent must be
                          there), as NAME-rR.safetensors with R from 0; in a NAME with options each
                          of ":/, " is a "_", and the JSON of the result as compare.json or, of
                          relations, relations.json, of requests, requests.json; NULL = none */
    const char *level; /* of requests, what they are made of: "category" (NULL is the same),
                          "title", "other-review", "own-review", "plot" or "request" */
    const char *control; /* of requests: "shuffled-users" or "shuffled-requests", each test with
                            another test's user or text, so that what that was worth must vanish;
                            NULL = none */
    const char *onnx_library; /* as in lb_train_options */
} lb_compare_options;

LB_API void lb_compare_options_init(lb_compare_options *options);

/* The result of a comparison or a sweep. */
typedef struct lb_comparison lb_comparison;

/* Trains every model `runs` times on the training part of one split and tests all on the same
 * pairs. A model that cannot work on the dataset (it needs a feature and there is none, say) stands
 * in the result with the reason. LB_E_ARGUMENT: a model is unknown or named twice, or has a wrong
 * option; LB_E_NOT_FOUND: the dataset, the feature or a given split; LB_E_EMPTY: the split has no
 * tests. `out` is untouched on failure; what `keep` holds by then stays. */
LB_API lb_status lb_compare(const char *directory, const lb_compare_options *options,
                            const lb_runtime *runtime, lb_comparison **out);

/* As JSON and as a table for people, in UTF-8. Owned by the comparison; never NULL ("" for NULL).
 *
 * {"dataset":S, "task":S,
 *  "split":{"method":S,"seed":n,"varied":b,"min_user":n,"cold":S, counts..},
 *  "statistics":{"all":NETWORK,"kept":NETWORK,"features":[{"name":S,"dim":n,"products":n}],..},
 *  "feature":S or null, "runs":n, "seed":n, "models":[{"name":S, "train_seconds":{}, "coverage":{},
 *  "gini":{}, "warm":{"tests":n, "auc_all":{}, "auc_own":{}, "recall@20_all":{}, ..,
 *  "ndcg@20_own":{}, "mrr_all":{}, "mrr_own":{}, "ties_all":{"tied":n,"compared":n}, "ties_own"},
 *  "cold":{the same}, "beats_pop":b, "auc_own_over_pop":{}}]}
 *
 * A metric is {"mean":x,"sd":x,"ci95":[lo,hi]}: mean and standard deviation over runs (null for
 * one run), and the bootstrap interval over users. What cannot be computed has null and "why"; so
 * has, as a whole, a model that could not be trained. The last two stand where POP is compared
 * too, beside every model but RAND: warm own AUC minus POP's over users, and whether its interval
 * is above 0. Tests, counts and users are those of the first run, ties of all runs.
 *
 * For relations there is "relations":{"validation":{"related":n,"others":n}, "all":.., "warm":..,
 * "cold":..} beside the split, and a model is {"name":S, "train_seconds":{}, "accuracy":{},
 * "auc":{}, "auc_warm":{}, "auc_cold":{}, "threshold":{}, "validation_accuracy":{},
 * "not_placed":n, "ties":n}, with bootstrap intervals over products.
 *
 * For requests there is "level":S, "control":S or null, "requests":{"validation":n, "test":n,
 * "without":n} beside the split, and a model is {"name":S, "train_seconds":{}, "coverage":{},
 * "gini":{}, "weight":{} (late), "warm":{"tests":n, "recall@1_all":{}, "recall@1_own":{}, ..
 * "recall@50_own":{}, "ndcg@10_all":{}, .., "ndcg@20_own":{}, "mrr_all":{}, "mrr_own":{}},
 * "cold":{the same}, "last_minus_this":{"warm":{"recall@10_own":{}, "mrr_own":{}}, "cold":{}}}: the
 * last is the paired difference of the last model of the list and this one. */
LB_API const char *lb_comparison_json(const lb_comparison *comparison);
LB_API const char *lb_comparison_table(const lb_comparison *comparison);
LB_API void lb_comparison_free(lb_comparison *comparison);

typedef struct lb_sweep_options {
    const char *model;       /* "vasg" */
    const char *const *grid; /* (n_grid) "option=a,b,c": values of one option of the model */
    size_t n_grid;
    const char *const *settings; /* (n_settings) "option=a": the same for all combinations */
    size_t n_settings;
    const char *feature; /* as in lb_train_options */
    lb_split_options split;
    uint32_t runs;      /* 1..100; run r trains with seed + r */
    uint64_t seed;      /* 1 */
    uint32_t list;      /* k of Recall@k and NDCG@k; 20 */
    uint32_t jobs;      /* 1..64 trainings side by side, each with its share of the threads; 1 */
    const char *select; /* what chooses, on validation pairs: "own-auc" (the mean of the warm and
                           the cold own AUC, of those there are tests for) or KIND-SET-METRIC of
                           warm|cold, own|all, auc|recall|ndcg|mrr, such as "warm-own-recall" */
    const char *output; /* file of finished trainings, one JSON object a line; NULL = none */
} lb_sweep_options;

LB_API void lb_sweep_options_init(lb_sweep_options *options);

/* Trains every combination of the grid `runs` times on the training part of the split, measures on
 * validation and on test pairs, and chooses by validation alone. Results do not depend on `jobs`
 * and threads; each of the `jobs` needs a training's memory. A combination that fails (it diverges,
 * say) stands in the result with the reason.
 *
 * With `output`, a training that is finished is a line of that file, safe on the disk, and is not
 * repeated when the sweep is run again, with the same grid or a larger one; a line cut short by a
 * kill is. LB_E_MISMATCH if the file is of another dataset, feature, model, split, seed or list;
 * LB_E_FORMAT if it is none of a sweep; LB_E_BUSY while another sweep writes to it; in all three
 * it stays as it was. LB_E_ARGUMENT: an unknown model, an option or a value that it does not have,
 * before anything is trained. LB_E_EMPTY: the split has no validation pairs or no tests. Others as
 * lb_compare. `out` is untouched on failure.
 *
 * The result's JSON: {"dataset":S, "model":S, "split":S, "feature":S or null, "runs":n, "seed":n,
 * "select":S, "axes":[S, ..], "best":index or null, "combinations":[{"options":{axis: value, ..},
 * "selected":b, "train_seconds":{}, "criterion":{}, "validation":{"warm":{"tests":n,
 * "auc_all":{}, ..}, "cold":{}}, "test":{the same}, "why":S where it failed}]}; a metric is as
 * below, its interval null. */
LB_API lb_status lb_sweep(const char *directory, const lb_sweep_options *options,
                          const lb_runtime *runtime, lb_comparison **out);

/* ---------------------------------------------------------------- reports */

typedef struct lb_report_options {
    const char *model;      /* a trained model whose space is analysed; NULL = none */
    const char *from;       /* a folder of results: what lb_compare kept there (compare.json,
                               relations.json, models) and files of sweeps (*.jsonl); NULL = none */
    const char *comparison; /* lb_comparison_json of a comparison, in the place of what `from` has;
                               NULL = none */
    const char *output;     /* HTML file to write */
    uint64_t seed;          /* of samples, maps and pairs; 1 */
    uint32_t samples;       /* analogies, 1..1000000; 10000 */

    int run;       /* 1, with `from`: first runs what the folder lacks of the paper's experiments
                      (comparisons, relations, sweeps); it is made if need be (its parent must be
                      there). Stopped, it goes on from the last whole comparison or training of a sweep
                      when it is called again. 0 */
    int quick;     /* 1: a trial run of that: one run each, few values, short trainings; 0 */
    uint32_t runs; /* of each experiment, 1..100; 5 */
    const char *feature;    /* of the experiments, as in lb_train_options */
    lb_split_options split; /* of the experiments */
} lb_report_options;

LB_API void lb_report_options_init(lb_report_options *options);

typedef struct lb_report lb_report;

/* Writes what is known of a dataset and of models on it as one self-contained HTML file that reads
 * like a paper, all or nothing: statistics of the dataset; of a comparison and of sweeps their
 * tables and figures; of a model, or of `vasg` and `vasg-paper` among those kept in `from`, maps
 * (principal components, t-SNE), analogies, the distribution of similarities, and training curves.
 * The same dataset, files, options and instruction-set path give the same bytes on any number of
 * threads. Pictures are those that the dataset knows; products whose picture is missing or broken
 * get a grey box.
 *
 * At least one of `model`, `from` and `comparison` is given, and not `model` with another.
 * LB_E_ARGUMENT otherwise; with `run` what lb_compare and lb_sweep return; LB_E_NOT_FOUND: the
 * dataset, the model or the folder; LB_E_EMPTY: the folder holds no results; LB_E_MISMATCH: results
 * or a model of another dataset; LB_E_UNSUPPORTED: a model without a space that users and products
 * share (pop, say), or a comparison of requests; LB_E_FORMAT: a damaged file. */
LB_API lb_status lb_report_write(const char *directory, const lb_report_options *options,
                                 const lb_runtime *runtime, lb_report **out);

/* All numbers of the tables and figures, owned by the report; "" for NULL. null stands for what
 * there is not:
 * {"dataset":S, "version":S, "isa":S, "seed":n, "statistics":{}, "compare":{} as
 *  lb_comparison_json, "relations":{}, "feature":{"name":S, "dim":n, "similarity":{},
 *  "similarity_centred":{}}, "spaces":[{"name":S, .., "components":[{"product":S, "x":x, "y":x}],
 *  "neighbours":[{.., "users":[S]}], "analogies":{.., "sum":{"train_precision@5":x,
 *  "held_out_hit_rate@5":x, "category_precision@5":x}, "user":{}, "product":{}, "popular":{},
 *  "random":{}}, "similarity":{"mean":x, "sd":x, "excess_kurtosis":x, "effective_rank":x,
 *  "density":[x]}, ..}], "curves":[{"model":S, "epoch":[x], ..}], "sweeps":[{} as of lb_sweep]} */
LB_API const char *lb_report_json(const lb_report *report);
LB_API void lb_report_free(lb_report *report); /* accepts NULL */

/* ---------------------------------------------------------------- answers */

/* A trained model, with the catalogue it was trained on if there is one at hand. May be used by
 * several threads. */
typedef struct lb_recommender lb_recommender;

/* Opens a model file. `directory` may be NULL: then there are no titles, categories and photos.
 * LB_E_MISMATCH if the model was trained on another dataset. Products and users that the dataset
 * has gained since are unknown to the model; new products with the model's feature compete as cold
 * ones. */
LB_API lb_status lb_recommender_open(const char *model, const char *directory,
                                     const lb_runtime *runtime, lb_recommender **out);
LB_API void lb_recommender_close(lb_recommender *recommender);

typedef struct lb_recommender_options {
    const char *model;        /* the model file */
    const char *directory;    /* the dataset; NULL = none */
    const char *onnx_library; /* path of ONNX Runtime, for images where the model's features come
                                 from an ONNX network; NULL = the system's libonnxruntime.so */
} lb_recommender_options;

LB_API void lb_recommender_options_init(lb_recommender_options *options);

/* As lb_recommender_open, with all there is to choose. A library that cannot be loaded is told by
 * the first call that needs it: LB_E_UNSUPPORTED. */
LB_API lb_status lb_recommender_open_with(const lb_recommender_options *options,
                                          const lb_runtime *runtime, lb_recommender **out);

typedef struct lb_recommend_options {
    const char *user;         /* a trained user; NULL = somebody known by the rest */
    const char *const *liked; /* (n_liked) product ids, at most 1000; never recommended */
    size_t n_liked;
    const char *const *disliked; /* the same */
    size_t n_disliked;
    const char *const *exclude; /* products to leave out */
    size_t n_exclude;
    const char *category; /* NULL = all; a component or a prefix of the category path */
    double price_min; /* both inclusive and not negative; NaN (the default) = no limit. Products */
    double price_max; /* whose price is not known fit no limit */
    int exclude_seen; /* 1: leave out what the user bought in training */
    uint32_t n;       /* 1..10000; 10 */
    uint32_t n_new;   /* places reserved for products that nobody has bought yet, 0..n: the best
                         so many of them are among the n, in the order of scores; without it
                         they compete like any other. Counted in pages of n from the start of
                         the list, so that pages neither repeat nor miss a product; with
                         `diversity` or an image, among the candidates only */
    uint32_t offset;  /* skip the best so many; offset + n at most 10000; 0 */
    int only_available; /* 1 (the default): leave out products that are not available */
    double diversity;   /* 0..1: how much unlikeness to what stands before counts against the
                           score (maximal marginal relevance: Carbonell and Goldstein, SIGIR 1998)
                           among the best 10 (offset + n), at least 100 and at most 2000; the list
                           is then not in the order of scores; 0 */
    int explain;        /* 1 (the default): reasons; 0: none, which is faster */
    const void *image;  /* an image file (JPEG, PNG, WebP) whose looks are wanted; NULL = none */
    size_t image_bytes;
    const char *text; /* what is asked for in words, at most 65536 bytes of UTF-8 of which the first
                         1,000 words are read; NULL, or no words in it = nothing. Only of models
                         that learn from requests (whisper) */
} lb_recommend_options;

LB_API void lb_recommend_options_init(lb_recommend_options *options);

typedef enum lb_reason {
    LB_REASON_POPULAR = 0, /* nothing is known of this person: bought by many */
    LB_REASON_TASTE = 1,   /* close in taste to `because` */
    LB_REASON_LOOK = 2,    /* looks like `because` (and taste says little: a new product) */
    LB_REASON_BOTH = 3,    /* close in taste to `because`, looks like `looks_like` */
    LB_REASON_WORDS = 4    /* asked for by `words`, or, without them, nearest to what was asked for;
                              `because` and `looks_like` where they are near as well */
} lb_reason;

/* One recommended product. Strings belong to the result. */
typedef struct lb_item {
    const char *id;
    const char *title; /* NULL when unknown */
    double score;      /* comparable within one result only */
    int is_new;        /* nobody has bought it yet */
    lb_reason reason;
    const char *because; /* id of a product the person bought or liked; NULL when popular, or when
                            it looks like the image only (`likeness` is then to the image) */
    double closeness;    /* cosine in the space of taste to `because`; NaN when there is none */
    const char
        *looks_like; /* id of the person's product it resembles most; NULL without features */
    double likeness; /* cosine of the features; NaN when there is none */
    const char *because_title; /* their titles; NULL when unknown */
    const char *looks_like_title;
    int available;        /* 0: the shop does not have it at present */
    int has_photo;        /* the dataset knows a photo of it */
    const char *brand;    /* NULL when unknown */
    const char *category; /* the same; several paths have line feeds between */
    double price;         /* NaN when unknown */
    const char *words;    /* of the request, those that speak for it: in lower case, in the order of
                             the request, with spaces between; NULL when there are none */
} lb_item;

typedef struct lb_items lb_items;

/* What would this person like? The best first, equal scores in the order of the catalogue. With an
 * image and nobody, what looks most like it, scored by the cosine of looks; with an image and a
 * person, the 500 that look most like it (at least offset + n), by the mean of both, each scaled to
 * 0..1 among them. A text counts together with the person in one score, alone if there is nobody.
 * LB_E_NOT_FOUND names an unknown user or product; LB_E_ARGUMENT if neither user, liked products,
 * an image nor a text are given, or a category or price without a dataset; LB_E_UNSUPPORTED if the
 * model knows trained users only, cannot tell what an image looks like, or takes no text;
 * LB_E_FORMAT for an image that cannot be decoded. An empty history falls back to what is popular,
 * with the number of its buyers as score. */
LB_API lb_status lb_recommend(const lb_recommender *recommender,
                              const lb_recommend_options *options, lb_items **out);

typedef enum lb_likeness { LB_BY_TASTE, LB_BY_LOOK, LB_BY_BOTH } lb_likeness;

typedef struct lb_similar_options {
    const char *product; /* or, with NULL, */
    const void *image;   /* an image file: what looks like it (`by` plays no part) */
    size_t image_bytes;
    lb_likeness by;       /* LB_BY_BOTH: the mean of both cosines */
    uint32_t n;           /* 1..10000; 10 */
    const char *category; /* these as in lb_recommend_options */
    double price_min, price_max;
} lb_similar_options;

LB_API void lb_similar_options_init(lb_similar_options *options);

/* What is like this one? `because` of the items is the product asked for, scores are cosines.
 * Products that are not available are left out.
 * LB_E_NOT_FOUND if the product is unknown or has no feature to compare looks by; LB_E_ARGUMENT if
 * the model has no space of taste, or there is no feature at all. */
LB_API lb_status lb_similar(const lb_recommender *recommender, const lb_similar_options *options,
                            lb_items **out);

LB_API size_t lb_items_count(const lb_items *items);
LB_API const lb_item *lb_items_get(const lb_items *items, size_t index); /* NULL beyond the end */

/* The whole result as JSON, owned by the items; null stands for what is not known:
 * {"based_on":"history","items":[{"id":..,"title":..,"brand":..,"category":..,"price":..,"score":..,
 * "new":false,"available":true,"photo":true,
 * "reason":{"kind":"taste","because":..,"because_title":..,"closeness":..,"looks_like":..,
 * "looks_like_title":..,"likeness":..,"words":[..]}}]}; kind is popular, taste, look, both or
 * words; without `explain` the reason is null. based_on is the first of these that took part:
 * history (what the user bought), feedback (what the user likes and dislikes), liked (the
 * request's), text, image, popular; "product" of lb_similar. */
LB_API const char *lb_items_json(const lb_items *items);

/* What that says of based_on; static storage. "popular" for NULL. */
LB_API const char *lb_items_based_on(const lb_items *items);

/* The value of "items" alone, for splicing; owned by the items. "[]" for NULL. */
LB_API const char *lb_items_json_list(const lb_items *items);
LB_API void lb_items_free(lb_items *items);

/* ---------------------------------------------------------------- serving */

/* A dataset and a model on it in use: any number of threads ask, while products, feedback and users
 * change and the model is exchanged. All functions on an open service may be called from several
 * threads at once, but for lb_service_close. Every change is on the disk (synchronised) when its
 * call returns LB_OK, and the next question on any thread knows it; a call that fails has changed
 * nothing.
 *
 * Other programs may read the dataset at the same time, and `lookbook import` may add to it: new
 * products and users are known from the next change or reload on, what it adds to users that are
 * there from the next reload on. While another program writes, a change waits 5 seconds and then
 * fails with LB_E_BUSY. */
typedef struct lb_service lb_service;

typedef struct lb_service_options {
    const char *directory;    /* the dataset */
    const char *model;        /* the model file; beside it are kept MODEL.serving, the one in use,
                                 and MODEL.previous, the one before (links or copies) */
    const char *onnx_library; /* ONNX Runtime, where the dataset's features come from an ONNX
                                 network; NULL = the system's */
} lb_service_options;

LB_API void lb_service_options_init(lb_service_options *options);

/* Opens the dataset and the model at options->model. LB_E_BUSY while another service has the
 * dataset open; LB_E_MISMATCH if the model is of another dataset; LB_E_NOT_FOUND, LB_E_FORMAT and
 * LB_E_IO as lb_recommender_open. The photos of a batch of products are encoded on as many threads
 * as `runtime` has. Memory: the model, an index of it, and what is known of products and of who
 * bought what, without descriptions. */
LB_API lb_status lb_service_open(const lb_service_options *options, const lb_runtime *runtime,
                                 lb_service **out);
LB_API void lb_service_close(lb_service *service); /* accepts NULL */

/* Answers; options as for lb_recommend and lb_similar, with these differences. A user's history is
 * what the dataset says, not only what the model was trained on; what is newer than the model,
 * likes and dislikes are folded in. A user with nothing at all, whom nobody has ever seen, or no
 * person at all gets what is popular, and the result says so: that is no error. Neither is an
 * unknown id in `exclude`: a product may have been removed in the meantime. Where there is an
 * image, LB_E_UNSUPPORTED is of it alone: what the model cannot do besides, as to take a text, is
 * LB_E_ARGUMENT. */
LB_API lb_status lb_service_recommend(lb_service *service, const lb_recommend_options *options,
                                      lb_items **out);
LB_API lb_status lb_service_similar(lb_service *service, const lb_similar_options *options,
                                    lb_items **out);

/* A JSON text. */
typedef struct lb_reply lb_reply;
LB_API const char *lb_reply_json(const lb_reply *reply); /* "null" for NULL; valid until freed */
LB_API void lb_reply_free(lb_reply *reply);              /* accepts NULL */

/* ---- products */

typedef struct lb_product {
    const char *id;    /* 1 to 256 bytes of UTF-8 without control characters */
    const char *title; /* these four: NULL = unknown, or in a change as it was; "" in a change =
                          removed; at most 65536 bytes of UTF-8 */
    const char *brand;
    const char *category; /* such as "Clothing > Dresses"; several with line feeds between */
    const char *description;
    double price;      /* not negative; NaN = unknown, or as it was */
    int available;     /* 1, 0, or -1 = as it was (of a new product: 1) */
    const void *photo; /* an image file (JPEG, PNG, WebP) of at most 64 megapixels; NULL = none, or
                          as it was */
    size_t photo_bytes;
} lb_product;

LB_API void lb_product_init(lb_product *product); /* all unknown, or as it was */

/* Adds n products, all or nothing; LB_E_EXISTS names one that is there or stands twice in the list.
 * With `replace` 1, one that is there is changed as by lb_service_product_change. What the model
 * needs to place a product (features of its photo or words) is computed by the encoders that made
 * the model's features; a product placed that way is recommended from the next request on. One that
 * has none of them (no photo, a blank one, features that were imported and have no encoder) is kept
 * and listed, but not recommended until a model is trained that knows it.
 * LB_E_FORMAT, LB_E_UNSUPPORTED: a photo that cannot be decoded; the text says of which product.
 * LB_E_ARGUMENT: an id, text or number out of range. LB_E_FULL; LB_E_BUSY: the database is locked
 * by another program. */
LB_API lb_status lb_service_products_add(lb_service *service, const lb_product *products, size_t n,
                                         int replace);

/* Changes what is given of one product. LB_E_NOT_FOUND; else as lb_service_products_add. */
LB_API lb_status lb_service_product_change(lb_service *service, const lb_product *product);

/* Takes a product out for good: it is in no list and no later training. Its row remains as a
 * tombstone; a product of the same id that comes later is another one. LB_E_NOT_FOUND. */
LB_API lb_status lb_service_product_remove(lb_service *service, const char *id);

/* {"id","title","brand","category","description","price","available":b,"new":b,"photo":b,
 * "buyers":n}; unknown is null; "new": nobody had bought it when the model was trained.
 * LB_E_NOT_FOUND. */
LB_API lb_status lb_service_product(lb_service *service, const char *id, lb_reply **out);

/* A part of a list. */
typedef struct lb_list_options {
    const char *search;   /* a part of the title or id, in any (ASCII) case; of users of the id;
                             NULL = all */
    const char *category; /* of products: as in lb_recommend_options */
    double price_min;     /* of products: these two as in lb_recommend_options */
    double price_max;
    int only_available; /* of products: 1 = available ones only; 0 */
    int only_new;       /* of products: 1 = new ones only; 0 */
    uint32_t offset;    /* 0 */
    uint32_t n;         /* 1..1000; 50 */
    int by_row; /* 1: in order of rows, and `offset` and "next" are rows, so that pages of what
                   changes meanwhile neither miss nor repeat anything; "total" is null; 0 */
} lb_list_options;

LB_API void lb_list_options_init(lb_list_options *options);

/* A page of the catalogue in order of rows: {"products":[as above, without description],"total":n,
 * "next":offset or null}. A category that no product is in gives an empty list. O(n_products). */
LB_API lb_status lb_service_products(lb_service *service, const lb_list_options *options,
                                     lb_reply **out);

/* {"categories":[{"name":"A > B","products":n}]}, every path that a product has, by name. */
LB_API lb_status lb_service_categories(lb_service *service, lb_reply **out);

/* An image file in memory. */
typedef struct lb_picture lb_picture;

/* A product's photo as JPEG whose longer side is at most `side`: 64, 128, 256 or 512. Kept in the
 * dataset's folder `cache`, which may be emptied at any time. Or, for side 0, the photo's file as
 * it is, in whatever format. LB_E_NOT_FOUND: no such product, no photo, or its file is gone.
 * LB_E_FORMAT: a damaged one. */
LB_API lb_status lb_service_photo(lb_service *service, const char *id, uint32_t side,
                                  lb_picture **out);
LB_API const void *lb_picture_bytes(const lb_picture *picture, size_t *n);
LB_API void lb_picture_free(lb_picture *picture); /* accepts NULL */

/* ---- feedback and users */

typedef enum lb_feedback_kind {
    LB_BOUGHT = 0,   /* an interaction: of the next training too */
    LB_LIKED = 1,    /* replaces a dislike of the same product, and the other way round */
    LB_DISLIKED = 2, /* never recommended to this user */
    LB_WITHDRAWN = 3 /* takes a like or dislike back; nothing if there is none */
} lb_feedback_kind;

typedef struct lb_feedback {
    const char *user, *product; /* an unknown user is made */
    lb_feedback_kind kind;
    int64_t time; /* seconds since 1970; 0 = now */
} lb_feedback;

/* Stores a batch, all or nothing, in order. LB_E_NOT_FOUND names an unknown product. `key` (NULL =
 * none; 1 to 128 bytes) makes a repeat of the same batch harmless: *repeated (may be NULL) is 1 and
 * nothing is stored; LB_E_MISMATCH for a key that came with another batch. Keys are remembered for
 * 7 days, the latest 100,000 of them. */
LB_API lb_status lb_service_feedback(lb_service *service, const lb_feedback *feedback, size_t n,
                                     const char *key, int *repeated);

/* {"id","history":[{"product","title","time","kind":"bought"}],"liked":[{"product","title","time",
 * "kind":"liked"}],"disliked":[..],"known_to_model":b}; newest first, at most 1000 of each; a time
 * that is not known is null. LB_E_NOT_FOUND. */
LB_API lb_status lb_service_user(lb_service *service, const char *id, lb_reply **out);

/* Everything of one kind (bought, liked or disliked) that a user did with products from the row
 * `first` on (0 = all): {"events":[{"product","time":t or null}],"next":row or null}, in order of
 * products; about n of them (1..10000), as what was done with one product is not divided. "next" is
 * the `first` of the next call. LB_E_NOT_FOUND; LB_E_ARGUMENT for another kind. */
LB_API lb_status lb_service_events(lb_service *service, const char *user, lb_feedback_kind kind,
                                   uint32_t first, uint32_t n, lb_reply **out);

/* {"users":[{"id","products":n}],"total":n,"next":offset or null}, most products first, equal ones
 * in order of rows; n counts what the user bought. The options' members of products play no part.
 * O(n_users log(offset + n)). */
LB_API lb_status lb_service_users(lb_service *service, const lb_list_options *options,
                                  lb_reply **out);

/* What users asked for in words (lb_import), as examples: a user's own, or, with NULL, one of each
 * of n (1..1000) users: {"takes_text":b,"requests":[{"user","text"}]}. takes_text: the model in use
 * answers requests in words. Nobody's, where there are none or the user is unknown: an empty list.
 */
LB_API lb_status lb_service_requests(lb_service *service, const char *user, uint32_t n,
                                     lb_reply **out);

/* Erases a user: id, history, requests and feedback are taken out of the dataset, what the model in
 * use knows is not used any more, and the next training knows nothing of this person. Model files
 * and backups that were made before still hold it, and an import of a file with this id makes a
 * user anew. LB_E_NOT_FOUND. */
LB_API lb_status lb_service_user_remove(lb_service *service, const char *id);

/* ---- a study of relevance: is a list better for knowing who asks? */

typedef enum lb_vote { LB_VOTE_LEFT = 0, LB_VOTE_RIGHT = 1, LB_VOTE_SAME = 2 } lb_vote;

/* Two lists for a request that a user made (lb_import), one for this user and one for nobody in
 * particular, neither with what the user bought, on sides drawn by chance: {"pair","user","text",
 * "left":[{"id","title","photo":b}],"right":[..]}. LB_E_EMPTY without requests, LB_E_UNSUPPORTED if
 * the model takes no text. */
LB_API lb_status lb_service_study_pair(lb_service *service, lb_reply **out);

/* Which of a pair is better. Stored in the dataset, with `reviewer` (NULL = unnamed; at most 256
 * bytes), and counted once: LB_E_NOT_FOUND for a pair that has its vote, or was not among the last
 * 256. */
LB_API lb_status lb_service_study_vote(lb_service *service, const char *pair, lb_vote vote,
                                       const char *reviewer);

/* {"votes","personal","other","same","reviewers","share","interval":[lo,hi],"method"}: share is
 * that of `personal` among the votes that prefer one, with Wilson's interval; null without any. */
LB_API lb_status lb_service_study_results(lb_service *service, lb_reply **out);

/* ---- operation */

/* Takes in the model file anew, and what imports added to the dataset; questions and changes go on
 * meanwhile. On failure all stays as it was. One at a time: LB_E_BUSY while another runs. */
LB_API lb_status lb_service_reload(lb_service *service, const lb_runtime *runtime);

/* Back to the model before the last reload, also after a restart; called again, forward to the one
 * that was left. The file at options->model becomes that model, too, so that a restart keeps to it.
 * LB_E_NOT_FOUND if there is none. */
LB_API lb_status lb_service_rollback(lb_service *service, const lb_runtime *runtime);

/* A consistent copy of the dataset (database, features, uploaded photos) and of the model in use,
 * in backups/NAME of the dataset's folder; NAME is the time: {"backup":NAME,"bytes":n}. The copy is
 * a dataset with models/serving.safetensors in it. All or nothing. */
LB_API lb_status lb_service_backup(lb_service *service, lb_reply **out);

/* {"version","isa","model":{"name","trained_on","features","takes_text":b,"seed","previous":b,"loaded_at":t},
 * "dataset":{"directory","users","products","available","new","interactions","photos"},"changes":
 * {"products_added","feedback","users_removed","last_feedback_at"},"coverage":{
 * "products_recommendable"}}; "changes" are counted since the service was opened; directory is the
 * last part of its name; a time is in seconds since 1970 or null. */
LB_API lb_status lb_service_state(lb_service *service, lb_reply **out);

/* Products on a plane: the first two principal components of the space of taste, or else of look,
 * scaled to -1..1. At most n (1..10000) products: of those that have a place, new ones in
 * proportion, the most bought first; and a user (NULL = none; one without a place is null):
 * {"space":"taste",
 * "products":[{"id","title","category","new":b,"photo":b,"x":x,"y":y}],"user":{"id","x","y"} or
 * null}. LB_E_UNSUPPORTED if the model has no such space. */
LB_API lb_status lb_service_map(lb_service *service, uint32_t n, const char *user, lb_reply **out);

/* `lookbook compact`: merges features that were computed while serving into the feature files, and
 * removes uploaded photos that no product has any more, and copies of networks (DIR/encoders) that
 * neither a feature nor a model in DIR or DIR/models names. *merged (may be NULL) counts vectors.
 * LB_E_BUSY while a service has the dataset open. All or nothing. */
LB_API lb_status lb_compact(const char *directory, const lb_runtime *runtime, uint64_t *merged);

#ifdef __cplusplus
}
#endif

#endif /* LOOKBOOK_H */
