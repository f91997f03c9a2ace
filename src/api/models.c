/* The public list of models and their options. */
#include <stdio.h>
#include <string.h>

#include "model/model.h"

const char *lb_model_name(size_t index) {
    const model_class *class = model_class_at(index);
    return class ? class->name : NULL;
}

static const model_class *find(const char *name) {
    const model_class *class;
    for (size_t i = 0; name && (class = model_class_at(i)); i++)
        if (strcmp(class->name, name) == 0) return class;
    return NULL;
}

const char *lb_model_summary(const char *name) {
    const model_class *class = find(name);
    return class ? class->summary : NULL;
}

/* The choice at a position of "a|b|c". */
static void print_choice(const char *choices, int position, char *out, size_t size) {
    for (int i = 0; i < position; i++) {
        const char *bar = strchr(choices, '|');
        if (!bar) break;
        choices = bar + 1;
    }
    snprintf(out, size, "%.*s", (int)strcspn(choices, "|"), choices);
}

const lb_model_option *lb_model_option_get(const char *name, size_t index) {
    static _Thread_local lb_model_option option;
    static _Thread_local char range[64], initial[64];
    const model_class *class = find(name);
    if (!class || index >= class->options->n_fields) return NULL;
    const option_field *f = &class->options->field[index];
    if (f->type == OPTION_CHOICE)
        print_choice(f->choices, (int)f->fallback, initial, sizeof initial);
    else
        snprintf(initial, sizeof initial, "%.9g", f->fallback);
    snprintf(range, sizeof range, "%.9g..%.9g", f->low, f->high);
    option = (lb_model_option){
        .name = f->name,
        .range = f->type == OPTION_CHOICE ? f->choices : range,
        .initial = initial,
        .help = f->help,
    };
    return &option;
}
