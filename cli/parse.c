/* Command-line arguments against the tables. */
#include <errno.h>
#include <float.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define COMMON(field) offsetof(cli_common, field)

static const cli_option run_options[] = {
    {"threads", 0, CLI_U32, COMMON(threads), "N",
     "worker threads, 1 to 256; default: one per core; results do not depend on it", 0, NULL, 1,
     256},
    {"isa", 0, CLI_CHOICE, COMMON(isa), "PATH",
     "instruction-set path of the numeric kernels; default: auto, the best this CPU has", 0,
     "auto|scalar|avx2|avx512|neon", 0, 0},
    {"quiet", 'q', CLI_FLAG, COMMON(quiet), NULL, "no progress and no notes", 0, NULL, 0, 0},
};
static const cli_option json_option = {
    "json", 0, CLI_FLAG, COMMON(json), NULL, "print the results as JSON", 0, NULL, 0, 0};
static const cli_option help_option = {
    "help", 'h', CLI_FLAG, COMMON(help), NULL, "print this help", 0, NULL, 0, 0};

const cli_option *cli_common_option(int common, size_t index) {
    const cli_option *all[8];
    size_t n = 0;
    if (common & CLI_WITH_JSON) all[n++] = &json_option;
    if (common & CLI_WITH_RUN)
        for (size_t i = 0; i < sizeof run_options / sizeof *run_options; i++)
            all[n++] = &run_options[i];
    all[n++] = &help_option;
    return index < n ? all[index] : NULL;
}

void *cli_allocate(cli *c, size_t size) {
    cli_block *block = malloc(sizeof *block + size);
    if (!block) return NULL;
    block->next = c->blocks;
    c->blocks = block;
    return block->bytes;
}

void cli_free_all(cli *c) {
    while (c->blocks) {
        cli_block *next = c->blocks->next;
        free(c->blocks);
        c->blocks = next;
    }
}

int cli_list_add(cli *c, cli_list *list, const char *item) {
    if (list->n == list->capacity) {
        size_t capacity = list->capacity ? 2 * list->capacity : 8;
        const char **grown = cli_allocate(c, capacity * sizeof *grown);
        if (!grown) return 0;
        if (list->n) memcpy(grown, list->item, list->n * sizeof *grown);
        list->item = grown;
        list->capacity = capacity;
    }
    list->item[list->n++] = item;
    return 1;
}

/* Finds an option by its long name (of `length` bytes) or, with length 0, by its letter. Sets
 * `base` to the struct that holds its field. */
static const cli_option *find(cli *c, void *values, const char *name, size_t length, void **base) {
    const cli_option *o;
    *base = values;
    for (o = c->command->options; o && o->name; o++)
        if (length ? strncmp(o->name, name, length) == 0 && !o->name[length] : o->letter == *name)
            return o;
    *base = &c->common;
    for (size_t i = 0; (o = cli_common_option(c->command->common, i)); i++)
        if (length ? strncmp(o->name, name, length) == 0 && !o->name[length] : o->letter == *name)
            return o;
    return NULL;
}

static int is_choice(const char *choices, const char *value) {
    size_t length = strlen(value);
    for (const char *p = choices; p; p = strchr(p, '|'), p = p ? p + 1 : NULL)
        if (length && strncmp(p, value, length) == 0 && (!p[length] || p[length] == '|')) return 1;
    return 0;
}

static int parse_number(cli *c, const cli_option *o, const char *value, uint64_t *out) {
    char *end;
    errno = 0;
    unsigned long long number = strtoull(value, &end, 10);
    if (*value < '0' || *value > '9' || *end || errno || number < o->low || number > o->high)
        return cli_usage(c, "--%s is \"%s\": must be a whole number from %llu to %llu", o->name,
                         value, (unsigned long long)o->low, (unsigned long long)o->high);
    *out = number;
    return CLI_DONE;
}

static int parse_real(cli *c, const cli_option *o, const char *value, double *out) {
    char *end;
    double low = (double)o->low, high = o->high ? (double)o->high : DBL_MAX;
    *out = strtod(value, &end);
    if (end != value && !*end && *out >= low && *out <= high) return CLI_DONE;
    if (o->high)
        return cli_usage(c, "--%s is \"%s\": must be a number from %g to %g", o->name, value, low,
                         high);
    return cli_usage(c, "--%s is \"%s\": must be a number of at least %g", o->name, value, low);
}

/* Splits at commas; "\," stands for a comma within a piece. */
static int add_pieces(cli *c, const cli_option *o, const char *value, cli_list *list) {
    for (const char *p = value;; p++) {
        size_t length = 0;
        char *piece = cli_allocate(c, strlen(p) + 1);
        if (!piece) return cli_fail(c, "out of memory");
        for (; *p && *p != ','; p++) {
            if (*p == '\\' && p[1] == ',') p++;
            piece[length++] = *p;
        }
        piece[length] = 0;
        if (!length)
            return cli_usage(c, "--%s \"%s\": a piece between commas is empty", o->name, value);
        if (!cli_list_add(c, list, piece)) return cli_fail(c, "out of memory");
        if (!*p) return CLI_DONE;
    }
}

static int store(cli *c, const cli_option *o, const char *value, void *base) {
    char *field = (char *)base + o->offset;
    uint64_t number = 0;
    int code = CLI_DONE;
    switch (o->kind) {
    case CLI_FLAG: *(int *)(void *)field = 1; break;
    case CLI_TEXT: *(const char **)(void *)field = value; break;
    case CLI_CHOICE:
        if (!is_choice(o->choices, value))
            return cli_usage(c, "--%s is \"%s\": must be one of %s", o->name, value, o->choices);
        *(const char **)(void *)field = value;
        break;
    case CLI_U32:
        code = parse_number(c, o, value, &number);
        if (code == CLI_DONE) *(uint32_t *)(void *)field = (uint32_t)number;
        break;
    case CLI_U64:
        code = parse_number(c, o, value, &number);
        if (code == CLI_DONE) *(uint64_t *)(void *)field = number;
        break;
    case CLI_REAL: code = parse_real(c, o, value, (double *)(void *)field); break;
    case CLI_LIST: code = add_pieces(c, o, value, (cli_list *)(void *)field); break;
    }
    return code;
}

/* `--name value` that no table knows: an option of the model, checked once the model is known. */
static int collect_setting(cli *c, const char *name, size_t length, const char *value) {
    char *setting = cli_allocate(c, length + strlen(value) + 2);
    if (!setting) return cli_fail(c, "out of memory");
    memcpy(setting, name, length);
    setting[length] = '=';
    memcpy(setting + length + 1, value, strlen(value) + 1);
    return cli_list_add(c, &c->settings, setting) ? CLI_DONE : cli_fail(c, "out of memory");
}

/* argv[*at] is "--name", "--name=value", "-x" or "-xvalue". */
static int parse_option(cli *c, int argc, char **argv, int *at, void *values) {
    const char *word = argv[*at];
    int is_long = word[1] == '-';
    const char *name = word + 1 + is_long;
    size_t length = is_long ? strcspn(name, "=") : 0;
    const char *value = NULL;
    if (is_long && name[length]) value = name + length + 1;
    if (!is_long && name[1]) value = name + 1;
    void *base;
    const cli_option *o = is_long && !length ? NULL : find(c, values, name, length, &base);
    if (o && o->kind == CLI_FLAG) {
        if (value && is_long) return cli_usage(c, "--%s takes no value", o->name);
        if (value) return cli_usage(c, "-%c takes no value; write short options apart", o->letter);
        return store(c, o, NULL, base);
    }
    int collected = !o && is_long && length && c->command->model_options;
    if (!o && !collected) return cli_usage(c, "unknown option %s", word);
    if (!value && *at + 1 == argc && collected) return cli_usage(c, "unknown option %s", word);
    if (!value && *at + 1 == argc) return cli_usage(c, "%s needs a value (%s)", word, o->argument);
    if (!value) value = argv[++*at];
    return o ? store(c, o, value, base) : collect_setting(c, name, length, value);
}

/* Whether a required option was given: its field is no longer empty. */
static int is_given(const cli_option *o, const void *values) {
    const char *field = (const char *)values + o->offset;
    if (o->kind == CLI_LIST) return ((const cli_list *)(const void *)field)->n > 0;
    return *(const char *const *)(const void *)field != NULL;
}

static int check_required(cli *c, const void *values) {
    const cli_command *command = c->command;
    for (const cli_option *o = command->options; o && o->name; o++) {
        if (!o->required || is_given(o, values)) continue;
        if (o->letter)
            return cli_usage(c, "-%c %s (--%s) is missing", o->letter, o->argument, o->name);
        return cli_usage(c, "--%s %s is missing", o->name, o->argument);
    }
    if (command->operand_required &&
        !*(const char *const *)(const void *)((const char *)values + command->operand_offset))
        return cli_usage(c, "%s is missing", command->operand);
    return CLI_DONE;
}

int cli_parse(cli *c, int argc, char **argv, void *values) {
    const cli_command *command = c->command;
    int options_end = 0;
    for (int i = 0; i < argc; i++) {
        if (!options_end && strcmp(argv[i], "--") == 0) {
            options_end = 1;
        } else if (!options_end && argv[i][0] == '-' && argv[i][1]) {
            int code = parse_option(c, argc, argv, &i, values);
            if (code != CLI_DONE) return code;
        } else {
            const char **operand = (const char **)(void *)((char *)values +
                                                           command->operand_offset);
            if (!command->operand || *operand)
                return cli_usage(c, "unexpected argument \"%s\"", argv[i]);
            *operand = argv[i];
        }
        if (c->common.help) return CLI_DONE;
    }
    return check_required(c, values);
}
