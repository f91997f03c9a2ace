#include "run/compare_spec.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"

lb_status compare_spec_check(const model_class *class, const char *const *settings,
                             size_t n_settings) {
    void *options = memory_new(1, class->options->size);
    lb_status status = options ? LB_OK : LB_E_NOMEM;
    if (options) options_init(class->options, options);
    for (size_t i = 0; i < n_settings && status == LB_OK; i++)
        status = options_set(class->options, options, settings[i]);
    free(options);
    return status == LB_OK ? LB_OK : status_prefix(status, "%s", class->name);
}

static lb_status split_settings(compare_spec *s, char *list) {
    size_t capacity = 0;
    while (*list) {
        char *comma = strchr(list, ',');
        if (comma) *comma = '\0';
        LB_TRY(GROW_ARRAY(s->settings, s->n_settings, capacity));
        s->settings[s->n_settings++] = list;
        list = comma ? comma + 1 : list + strlen(list);
    }
    return compare_spec_check(s->class, s->settings, s->n_settings);
}

lb_status compare_spec_parse(const char *text, compare_find find, compare_spec *out) {
    compare_spec s = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP((s.text = memory_string(text)) ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP((s.copy = memory_string(text)) ? LB_OK : LB_E_NOMEM);
    char *colon = strchr(s.copy, ':');
    if (colon) *colon = '\0';
    LB_TRY_CLEANUP(find ? find(s.copy, &s.way, &s.class) : model_class_find(s.copy, &s.class));
    if (colon && !s.class) LB_TRY_CLEANUP(status_fail(LB_E_ARGUMENT, "%s has no options", s.copy));
    if (colon) LB_TRY_CLEANUP(split_settings(&s, colon + 1));
    *out = s;
    return LB_OK;
cleanup:
    compare_spec_free(&s);
    return status;
}

void compare_spec_free(compare_spec *s) {
    free(s->text);
    free(s->copy);
    free(s->settings);
    *s = (compare_spec){0};
}

char *compare_spec_file(const compare_spec *s, const char *folder, uint32_t run) {
    size_t length = strlen(folder), size = length + strlen(s->text) + 40;
    char *path = memory_resize(NULL, size, 1);
    if (!path) return NULL;
    snprintf(path, size, "%s/%s-r%" PRIu32 ".safetensors", folder, s->text, run);
    for (char *c = path + length + 1; *c; c++)
        if (*c == '/' || *c == ':' || *c == ',' || *c == ' ') *c = '_';
    return path;
}
