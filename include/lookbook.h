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
 *  - The library never prints, never exits and installs no signal handlers.
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
    X(E_NUMERIC, 11, "a computation left the finite numbers")

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
    const char *format; /* "csv", "recbole", "amazon2014", "amazon2018", "amazon2023", "jsonl"; NULL
                           = recognised */
    const char *interactions; /* who bought what */
    const char *valid, *test; /* with `interactions`: the parts of a given split */
    const char *columns;   /* order or names of the columns, such as "user,item,rating,timestamp" */
    const char *separator; /* "tab", "comma", "::"; NULL = recognised */
    const char *products;  /* titles, categories, prices, ... */
    const char *features;  /* .npy or Amazon .b */
    const char *feature_ids;  /* product ids of the rows of a .npy, one a line */
    const char *feature_name; /* 1 to 64 of [a-z0-9_-]; NULL = "image" */
    const char *images;       /* folder of pictures named by product id */
    int require_feature;      /* 1: interactions with products that have no feature are left out */
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
    uint64_t sampled_out;     /* interactions left out by sample_per_user */
    uint64_t features;        /* feature vectors read */
    uint64_t feature_bytes_cut; /* bytes of an incomplete last record of the feature file */
    uint64_t images;            /* pictures registered */
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

/* Photos -> features, with the encoder "builtin" (no weights needed). */
typedef struct lb_encode_options {
    const char *images;  /* a folder to register first; NULL = the pictures the dataset knows */
    const char *encoder; /* "builtin" */
    const char *name;    /* of the feature; NULL = "look" */
} lb_encode_options;

typedef struct lb_encode_report {
    uint64_t encoded, missing, broken, blank; /* products; missing = registered but not there */
    uint32_t dim;
} lb_encode_report;

LB_API void lb_encode_options_init(lb_encode_options *options);
LB_API lb_status lb_encode(const char *directory, const lb_encode_options *options,
                           const lb_runtime *runtime, lb_encode_report *report);

#ifdef __cplusplus
}
#endif

#endif /* LOOKBOOK_H */
