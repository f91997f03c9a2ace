/* The table of commands, and the two that speak of the others. */
#include <string.h>

#include "cli.h"

const cli_command *const cli_commands[] = {
    &cli_demo,      &cli_import,  &cli_validate, &cli_encode, &cli_compact, &cli_train,
    &cli_recommend, &cli_similar, &cli_compare,  &cli_sweep,  &cli_report,  &cli_serve,
    &cli_bench,     &cli_models,  &cli_version,  &cli_help,   NULL};

const cli_command *cli_command_find(const char *name) {
    for (size_t i = 0; cli_commands[i]; i++)
        if (strcmp(cli_commands[i]->name, name) == 0) return cli_commands[i];
    return NULL;
}

/* ---------------------------------------------------------------- version */

static int run_version(cli *c, const void *values) {
    (void)c;
    (void)values;
    printf("lookbook %s\n", lb_version());
    return CLI_DONE;
}

const cli_command cli_version = {
    .name = "version",
    .summary = "print the version",
    .synopsis = "",
    .description = "Prints the version of the program and its library.",
    .run = run_version,
};

/* ---------------------------------------------------------------- help */

typedef struct help_values {
    const char *command;
    int man;
} help_values;

static const cli_option help_options[] = {{"man", 0, CLI_FLAG, offsetof(help_values, man), NULL,
                                           "print the man page's source", 0, NULL, 0, 0},
                                          {NULL, 0, CLI_FLAG, 0, NULL, NULL, 0, NULL, 0, 0}};

static int run_help(cli *c, const void *values) {
    const help_values *v = values;
    const cli_command *command = v->command ? cli_command_find(v->command) : NULL;
    if (v->command && !command) return cli_usage(c, "there is no command \"%s\"", v->command);
    if (v->man)
        cli_help_man(command, stdout);
    else if (command)
        cli_help_command(command, stdout);
    else
        cli_help_overview(stdout);
    return CLI_DONE;
}

const cli_command cli_help = {
    .name = "help",
    .summary = "print help on a command",
    .synopsis = "[COMMAND] [--man]",
    .description = "Prints what a command does and its options; without COMMAND, the commands.",
    .options = help_options,
    .size = sizeof(help_values),
    .run = run_help,
    .operand = "COMMAND",
    .operand_offset = offsetof(help_values, command),
};
