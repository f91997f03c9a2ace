/* What the commands that train models share: the split, the feature, the model and its options. */
#ifndef LOOKBOOK_CLI_MODELS_H
#define LOOKBOOK_CLI_MODELS_H

#include "cli.h"

/* The options that say which split; `METHODS` differs, since only training can do without. */
#define SPLIT_OPTIONS(FIELD, METHODS, METHOD_HELP)                                               \
    {"split", 0, CLI_CHOICE, FIELD(split.method), "NAME", METHOD_HELP, 0, METHODS, 0, 0},        \
        {"split-seed", 0, CLI_U64,   FIELD(split.seed), "S", "seed of the split; default: 1", 0, \
         NULL,         0, UINT64_MAX},                                                           \
        {"min-user", 0,                                                                          \
         CLI_U32,    FIELD(split.min_user),                                                      \
         "N",        "users with fewer products are dropped from the split; default: 5",         \
         0,          NULL,                                                                       \
         1,          UINT32_MAX},                                                                \
        {"cold",                                                                                 \
         0,                                                                                      \
         CLI_CHOICE,                                                                             \
         FIELD(split.cold),                                                                      \
         "KIND",                                                                                 \
         "completely cold products: as many tests as warm ones, or what the split gives; "       \
         "default: balanced",                                                                    \
         0,                                                                                      \
         "balanced|natural",                                                                     \
         0,                                                                                      \
         0},                                                                                     \
    {                                                                                            \
        "no-validation", 0, CLI_FLAG, FIELD(split.no_validation), NULL,                          \
            "hold nothing out for validation: for final figures, once options are settled", 0,   \
            NULL, 0, 0                                                                           \
    }

/* Of the option --feature. "none" on the command line is "" in the library. */
extern const char cli_feature_help[];
const char *cli_feature_name(const char *given);

/* Whether the first `length` bytes of a text are a model's name, and the usage error if not. */
int cli_model_exists(const char *name, size_t length);
int cli_unknown_model(const cli *c, const char *name, size_t length);

/* Whether there is the model, and the settings collected on the command line are options of it:
 * CLI_DONE, or CLI_USAGE with the reason printed. */
int cli_check_model(const cli *c, const char *name);

/* Puts a further piece behind the last item of a list. Returns 0 when memory runs out. */
int cli_list_join(cli *c, cli_list *list, char between, const char *piece);

#endif
