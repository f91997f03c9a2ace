/*
 * The program: what the sub-commands share.
 *
 * A command is a row of a table (command_*.c) with a table of its options; parsing, `--help` and
 * the man pages all follow from these tables. A command's `run` sees its options as a filled
 * struct.
 *
 * Standard output carries results and nothing else; everything else goes to standard error.
 */
#ifndef LOOKBOOK_CLI_H
#define LOOKBOOK_CLI_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "lookbook.h"

/* Exit statuses. A run stopped by SIGINT or SIGTERM exits with 128 + the signal's number, as
 * shells have it. */
enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/* ---------------------------------------------------------------- tables */

typedef enum cli_kind {
    CLI_FLAG,   // int: 1 when given
    CLI_TEXT,   // const char *
    CLI_CHOICE, // const char *, one of `choices`
    CLI_U32,    // uint32_t within low..high
    CLI_U64,    // uint64_t within low..high
    CLI_REAL,   // double within low..high
    CLI_LIST    // cli_list: pieces between commas; may be given several times; "\," is a comma
} cli_kind;

typedef struct cli_list {
    const char **item; // (n)
    size_t n, capacity;
} cli_list;

/* One option; a table of them ends with a row whose name is NULL. */
typedef struct cli_option {
    const char *name;     // without the dashes
    char letter;          // short form, 0 = none
    cli_kind kind;        // and with it the type of the field
    size_t offset;        // of the field in the command's values
    const char *argument; // what stands for the value in the help, such as "DIR"
    const char *help;     // a phrase; says the default where there is one
    int required;
    const char *choices; // CLI_CHOICE: "a|b|c"
    uint64_t low, high;  // numbers: inclusive; CLI_REAL with high 0: no limit above
} cli_option;

/* Options that several commands share, kept in cli_common. */
enum { CLI_WITH_RUN = 1, CLI_WITH_JSON = 2 };

typedef struct cli_common {
    uint32_t threads;
    const char *isa;
    int quiet, json, help;
} cli_common;

typedef struct cli cli;

typedef struct cli_command {
    const char *name;
    const char *summary;       // one phrase
    const char *synopsis;      // what follows "lookbook NAME "; further lines are further forms
    const char *description;   // paragraphs, an empty line between them
    const char *examples;      // command lines
    const cli_option *options; // NULL = none of its own
    int common;                // CLI_WITH_*
    size_t size;               // of the values
    void (*init)(void *values);
    int (*run)(cli *c, const void *values);
    const char *operand; // name of the one argument without dashes, NULL = takes none
    size_t operand_offset;
    int operand_required;
    int model_options; // 1: `--name value` of the chosen model is collected in cli.settings
} cli_command;

/* All commands, in the order of the help; ends with NULL. */
extern const cli_command *const cli_commands[];
const cli_command *cli_command_find(const char *name);

/* What cli_commands points to. */
extern const cli_command cli_demo, cli_import, cli_validate, cli_encode, cli_compact, cli_train,
    cli_recommend, cli_similar, cli_compare, cli_sweep, cli_report, cli_serve, cli_bench,
    cli_models, cli_version, cli_help;

/* ---------------------------------------------------------------- a run */

typedef struct cli_block {
    struct cli_block *next;
    max_align_t bytes[];
} cli_block;

typedef struct cli_progress {
    int quiet, terminal;
    char stage[64];
    int announced;         // the stage has had a line
    int drawn;             // a bar stands on the terminal's last line
    double began, printed; // seconds of the monotonic clock: the stage, the last line
    uint64_t first, last;  // units done when the stage was first seen, and last
} cli_progress;

struct cli {
    const cli_command *command;
    cli_common common;
    cli_list settings; // options of the model, "name=value"
    cli_block *blocks; // of cli_allocate
    cli_progress progress;
    lb_runtime runtime; // for the library's long calls
    const char *resume; // what to say after an interruption, NULL = nothing to go on from
};

/* The signal that asked the run to stop, 0 = none. */
extern volatile sig_atomic_t cli_signal;

/* "lookbook: ..." on standard error; returns CLI_FAILED. */
int cli_fail(cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "lookbook COMMAND: ..." and where the help is, on standard error; returns CLI_USAGE. */
int cli_usage(const cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What a finished call of the library means for the exit status, with its reason on standard
 * error. */
int cli_status(cli *c, lb_status status);

/* A line on standard error, unless --quiet. */
void cli_say(cli *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* ---------------------------------------------------------------- parts */

/* Fills `values` and c->common from the arguments after the command's name. Returns CLI_DONE,
 * CLI_USAGE with the reason printed, or CLI_FAILED when memory runs out. */
int cli_parse(cli *c, int argc, char **argv, void *values);

/* The table of options of cli_common that go with `common`; as `index` grows, NULL beyond the
 * end. */
const cli_option *cli_common_option(int common, size_t index);

/* Memory that is freed when the run ends: the pieces of arguments. NULL when there is none left. */
void *cli_allocate(cli *c, size_t size);
void cli_free_all(cli *c);

/* Appends to a list. Returns 0 when memory runs out. */
int cli_list_add(cli *c, cli_list *list, const char *item);

void cli_help_overview(FILE *out);
void cli_help_command(const cli_command *command, FILE *out);
void cli_help_man(const cli_command *command, FILE *out); // NULL = the program's own page

/* lb_progress_fn; the context is the cli. */
int cli_progress_show(void *context, const lb_progress *progress);
/* Clears the bar, so that other lines may follow. */
void cli_progress_end(cli *c);

/* Text from data as it may be shown on a terminal: control characters become '?', and at most
 * `columns` characters are printed (an ellipsis marks a cut), padded with blanks if `pad`. */
void cli_print_text(FILE *out, const char *text, size_t columns, int pad);

/* JSON on standard output: fields appear in the order of the calls, commas by themselves. */
typedef struct cli_json {
    int began; // something stands before in this object
} cli_json;
void cli_json_open(cli_json *json, const char *key, char bracket); // key NULL = none
void cli_json_close(cli_json *json, char bracket);
void cli_json_text(cli_json *json, const char *key, const char *value); // value NULL = null
void cli_json_count(cli_json *json, const char *key, uint64_t value);
void cli_json_number(cli_json *json, const char *key, double value); // null unless finite
void cli_json_bool(cli_json *json, const char *key, int value);
void cli_json_end(cli_json *json, char bracket); // closes the outermost, ends the line

#endif
