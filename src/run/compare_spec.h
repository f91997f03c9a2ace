/* Which model to compare, as written: "name" or "name:option=value,option=value". */
#ifndef LB_RUN_COMPARE_SPEC_H
#define LB_RUN_COMPARE_SPEC_H

#include "run/answer.h"

typedef struct compare_spec {
    char *text;               // as written: what the model is called in the results
    const model_class *class; // NULL for a way to answer requests without a model
    answer_way way;           // of requests
    char *copy;               // what `settings` points into
    const char **settings;    // (n_settings) "name=value"
    size_t n_settings;
} compare_spec;

/* Checks "name=value" settings against the options of a model. LB_E_ARGUMENT says what there is. */
lb_status compare_spec_check(const model_class *class, const char *const *settings,
                             size_t n_settings);

/* What a name stands for: answer_find. */
typedef lb_status (*compare_find)(const char *name, answer_way *way, const model_class **class);

/* `find` NULL: names are those of model classes. LB_E_ARGUMENT for an unknown model, an unknown
 * option or a value out of its range. Free with compare_spec_free. */
lb_status compare_spec_parse(const char *text, compare_find find, compare_spec *out);
void compare_spec_free(compare_spec *s); // accepts all zero

/* "FOLDER/NAME-rR.safetensors", allocated; whatever a file name should not hold is a "_". NULL
 * with the error text set when memory runs out. */
char *compare_spec_file(const compare_spec *s, const char *folder, uint32_t run);

#endif
