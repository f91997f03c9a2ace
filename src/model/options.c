#include "model/options.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

static void store(const option_field *f, void *options, double value) {
    char *place = (char *)options + f->offset;
    if (f->type == OPTION_REAL) {
        memcpy(place, &value, sizeof value);
    } else {
        int whole = (int)value;
        memcpy(place, &whole, sizeof whole);
    }
}

static double fetch(const option_field *f, const void *options) {
    const char *place = (const char *)options + f->offset;
    if (f->type == OPTION_REAL) {
        double value;
        memcpy(&value, place, sizeof value);
        return value;
    }
    int whole;
    memcpy(&whole, place, sizeof whole);
    return whole;
}

void options_init(const option_table *table, void *options) {
    memset(options, 0, table->size);
    for (size_t i = 0; i < table->n_fields; i++)
        store(&table->field[i], options, table->field[i].fallback);
}

/* The position of `value` among "a|b|c", or -1. */
static int choice_index(const char *choices, const char *value) {
    size_t length = strlen(value);
    for (int index = 0; choices; index++) {
        const char *bar = strchr(choices, '|');
        size_t size = bar ? (size_t)(bar - choices) : strlen(choices);
        if (size == length && memcmp(choices, value, size) == 0) return index;
        choices = bar ? bar + 1 : NULL;
    }
    return -1;
}

static lb_status set_field(const option_field *f, void *options, const char *value) {
    if (f->type == OPTION_CHOICE) {
        int index = choice_index(f->choices, value);
        if (index < 0)
            return status_fail(LB_E_ARGUMENT, "option %s is \"%s\": must be one of %s", f->name,
                               value, f->choices);
        store(f, options, index);
        return LB_OK;
    }
    char *end;
    double number = strtod(value, &end);
    int whole = f->type == OPTION_REAL || number == floor(number);
    if (end == value || *end || !whole || !(number >= f->low && number <= f->high))
        return status_fail(LB_E_ARGUMENT, "option %s is \"%s\": must be a %s from %g to %g",
                           f->name, value, f->type == OPTION_REAL ? "number" : "whole number",
                           f->low, f->high);
    store(f, options, number);
    return LB_OK;
}

static lb_status unknown_option(const option_table *table, const char *setting, size_t length) {
    char names[700] = "";
    size_t used = 0;
    for (size_t i = 0; i < table->n_fields && used < sizeof names; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "",
                                 table->field[i].name);
    return status_fail(LB_E_ARGUMENT, "this model has no option \"%.*s\"; it has: %s", (int)length,
                       setting, *names ? names : "none");
}

lb_status options_set(const option_table *table, void *options, const char *setting) {
    const char *equals = strchr(setting, '=');
    size_t length = equals ? (size_t)(equals - setting) : strlen(setting);
    if (!equals)
        return status_fail(LB_E_ARGUMENT, "\"%s\": an option is written name=value", setting);
    for (size_t i = 0; i < table->n_fields; i++) {
        const option_field *f = &table->field[i];
        if (strlen(f->name) == length && memcmp(f->name, setting, length) == 0)
            return set_field(f, options, equals + 1);
    }
    return unknown_option(table, setting, length);
}

/* As short as reads back to the same value. */
static int print_number(char *out, size_t size, const char *name, double value) {
    char text[40];
    for (int digits = 9; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, value);
        if (strtod(text, NULL) == value) break;
    }
    return snprintf(out, size, "%s=%s\n", name, text);
}

static int print_field(char *out, size_t size, const option_field *f, const void *options) {
    double value = fetch(f, options);
    if (f->type != OPTION_CHOICE) return print_number(out, size, f->name, value);
    const char *choice = f->choices;
    for (int i = 0; i < (int)value; i++) choice = strchr(choice, '|') + 1;
    return snprintf(out, size, "%s=%.*s\n", f->name, (int)strcspn(choice, "|"), choice);
}

char *options_print(const option_table *table, const void *options) {
    size_t size = 1, used = 0;
    for (size_t i = 0; i < table->n_fields; i++)
        size += (size_t)print_field(NULL, 0, &table->field[i], options);
    char *text = memory_resize(NULL, size, 1);
    if (!text) return NULL;
    *text = '\0';
    for (size_t i = 0; i < table->n_fields; i++)
        used += (size_t)print_field(text + used, size - used, &table->field[i], options);
    return text;
}
