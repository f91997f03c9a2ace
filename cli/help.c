/* Help texts and man pages, made from the tables. */
#include <string.h>

#include "cli.h"

enum { WIDTH = 80, INDENT = 28 };

static const char exit_text[] =
    "0 when done; 1 when something failed (standard error says what, and what to do); 2 when the "
    "command line is wrong; 130 when stopped by SIGINT (Ctrl-C) and 143 when stopped by SIGTERM.";

/* Prints words in lines of at most WIDTH columns, from `column` on and indented by `indent`. */
static void print_wrapped(FILE *out, const char *text, size_t column, size_t indent) {
    int first = 1;
    while (*text) {
        size_t length = strcspn(text, " \n");
        if (text[0] == '\n') {
            fputs("\n", out);
            column = 0, first = 1;
            text++;
            continue;
        }
        if (!first && column + 1 + length > WIDTH) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent, first = 1;
        }
        fprintf(out, "%s%.*s", first ? "" : " ", (int)length, text);
        column += length + (first ? 0 : 1);
        first = 0;
        text += length;
        if (*text == ' ') text++;
    }
    fputc('\n', out);
}

/* "  -d, --dataset DIR    the dataset" */
static void print_entry(FILE *out, const char *left, const char *right) {
    size_t length = strlen(left);
    fputs(left, out);
    if (length + 2 > INDENT) {
        fputc('\n', out);
        length = 0;
    }
    fprintf(out, "%*s", (int)(INDENT - length), "");
    print_wrapped(out, right, INDENT, INDENT);
}

static void print_option(FILE *out, const cli_option *o) {
    char left[160], right[512], letter[8] = "    ";
    if (o->letter) snprintf(letter, sizeof letter, "-%c, ", o->letter);
    snprintf(left, sizeof left, "  %s--%s%s%s", letter, o->name, o->argument ? " " : "",
             o->argument ? o->argument : "");
    snprintf(right, sizeof right, "%s%s%s%s%s", o->help, o->choices ? " (" : "",
             o->choices ? o->choices : "", o->choices ? ")" : "", o->required ? " (required)" : "");
    print_entry(out, left, right);
}

static void print_model_options(FILE *out, const char *model) {
    const lb_model_option *o;
    for (size_t i = 0; (o = lb_model_option_get(model, i)); i++) {
        char left[160], right[512];
        snprintf(left, sizeof left, "      --%s", o->name);
        snprintf(right, sizeof right, "%s; %s, default %s", o->help, o->range, o->initial);
        print_entry(out, left, right);
    }
}

/* The forms of a command line, one a line. */
static void print_synopsis(FILE *out, const cli_command *command, const char *before,
                           const char *between) {
    const char *p = command->synopsis;
    for (int first = 1; first || *p; first = 0) {
        size_t length = strcspn(p, "\n");
        fprintf(out, "%slookbook %s%s%.*s\n", first ? before : between, command->name,
                length ? " " : "", (int)length, p);
        p += length;
        if (*p) p++;
    }
}

void cli_help_overview(FILE *out) {
    fputs("Usage: lookbook COMMAND [options]\n\n"
          "Recommends products to a person by how they look and what the person bought.\n\n"
          "Commands:\n",
          out);
    for (size_t i = 0; cli_commands[i]; i++)
        fprintf(out, "  %-11s %s\n", cli_commands[i]->name, cli_commands[i]->summary);
    fputs("\nHelp on one of them: lookbook COMMAND --help. A first try: lookbook demo shop-demo\n",
          out);
}

void cli_help_command(const cli_command *command, FILE *out) {
    const cli_option *o;
    print_synopsis(out, command, "Usage: ", "       ");
    fputc('\n', out);
    print_wrapped(out, command->description, 0, 0);
    fputs("\nOptions:\n", out);
    for (o = command->options; o && o->name; o++) print_option(out, o);
    for (size_t i = 0; (o = cli_common_option(command->common, i)); i++) print_option(out, o);
    if (command->model_options) {
        fputs("\nOptions of the model vasg (of the others: lookbook models NAME):\n", out);
        print_model_options(out, "vasg");
    }
    if (command->examples) fprintf(out, "\nExamples:\n%s", command->examples);
    fputs("\nExit status:\n", out);
    print_wrapped(out, exit_text, 0, 0);
}

/* Text for roff: backslashes and leading dots mean something there, and a dash is a minus. */
static void man_text(FILE *out, const char *text) {
    int line_start = 1;
    for (const char *p = text; *p; p++) {
        if (line_start && (*p == '.' || *p == '\'')) fputs("\\&", out);
        line_start = *p == '\n';
        if (*p == '\\')
            fputs("\\e", out);
        else if (*p == '-')
            fputs("\\-", out);
        else if (p[0] == '\n' && p[1] == '\n')
            fputs("\n.PP\n", out), p++;
        else
            fputc(*p, out);
    }
}

static void man_option(FILE *out, const cli_option *o) {
    fputs(".TP\n.B ", out);
    if (o->letter) fprintf(out, "\\-%c\\fR, \\fB", o->letter);
    fputs("\\-\\-", out);
    man_text(out, o->name);
    if (o->argument) {
        fputs("\\fR \\fI", out);
        man_text(out, o->argument);
        fputs("\\fR", out);
    }
    fputc('\n', out);
    man_text(out, o->help);
    if (o->choices) {
        fputs(" (", out);
        man_text(out, o->choices);
        fputc(')', out);
    }
    fputs(o->required ? " (required)\n" : "\n", out);
}

static void man_head(FILE *out, const char *title, const char *name, const char *summary) {
    fprintf(out, ".TH %s 1 \"\" \"Lookbook %s\"\n.SH NAME\n%s \\- ", title, lb_version(), name);
    man_text(out, summary);
    fputs("\n.SH SYNOPSIS\n", out);
}

static void man_models(FILE *out) {
    const char *model;
    for (size_t i = 0; (model = lb_model_name(i)); i++) {
        const lb_model_option *o = lb_model_option_get(model, 0);
        if (o) fprintf(out, ".SH OPTIONS OF THE MODEL %s\n", model);
        for (size_t k = 0; (o = lb_model_option_get(model, k)); k++) {
            fputs(".TP\n.B \\-\\-", out);
            man_text(out, o->name);
            fputc('\n', out);
            man_text(out, o->help);
            fprintf(out, "; ");
            man_text(out, o->range);
            fputs(", default ", out);
            man_text(out, o->initial);
            fputc('\n', out);
        }
    }
}

static void man_tail(FILE *out) {
    fputs(".SH EXIT STATUS\n", out);
    man_text(out, exit_text);
    fputs("\n.SH SEE ALSO\n.BR lookbook (1)", out);
    for (size_t i = 0; cli_commands[i]; i++)
        fprintf(out, ",\n.BR lookbook\\-%s (1)", cli_commands[i]->name);
    fputc('\n', out);
}

static void man_program(FILE *out) {
    man_head(out, "LOOKBOOK", "lookbook",
             "recommend products by how they look and by what was bought");
    fputs(".B lookbook\n.I COMMAND\n[options]\n.SH COMMANDS\n", out);
    for (size_t i = 0; cli_commands[i]; i++) {
        fprintf(out, ".TP\n.B %s\n", cli_commands[i]->name);
        man_text(out, cli_commands[i]->summary);
        fputc('\n', out);
    }
    man_tail(out);
}

void cli_help_man(const cli_command *command, FILE *out) {
    char name[64], title[64];
    const cli_option *o;
    if (!command) {
        man_program(out);
        return;
    }
    snprintf(name, sizeof name, "lookbook\\-%s", command->name);
    snprintf(title, sizeof title, "LOOKBOOK\\-%s", command->name);
    for (char *p = title; *p; p++)
        if (*p >= 'a' && *p <= 'z') *p = (char)(*p - 'a' + 'A');
    man_head(out, title, name, command->summary);
    fputs(".nf\n", out);
    print_synopsis(out, command, "", "");
    fputs(".fi\n.SH DESCRIPTION\n", out);
    man_text(out, command->description);
    fputs("\n.SH OPTIONS\n", out);
    for (o = command->options; o && o->name; o++) man_option(out, o);
    for (size_t i = 0; (o = cli_common_option(command->common, i)); i++) man_option(out, o);
    if (command->model_options) man_models(out);
    if (command->examples) {
        fputs(".SH EXAMPLES\n.nf\n", out);
        man_text(out, command->examples);
        fputs(".fi\n", out);
    }
    man_tail(out);
}
