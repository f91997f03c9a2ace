#include <string.h>

#include "core/memory.h"
#include "run/compare_spec.h"
#include "run/sweep.h"

char *sweep_setting(const char *settings, const char *name) {
    size_t length = strlen(name);
    while (settings && *settings) {
        size_t line = strcspn(settings, "\n");
        if (line > length && settings[length] == '=' && memcmp(settings, name, length) == 0)
            return memory_bytes(settings + length + 1, line - length - 1);
        settings += line + (settings[line] == '\n');
    }
    return NULL;
}

/* All options of the model with these set, as options_print writes them. */
static lb_status print_settings(const model_class *class, const char *const *settings, size_t n,
                                char **out) {
    lb_status status = LB_OK;
    void *options = memory_new(1, class->options->size);
    if (!options) return LB_E_NOMEM;
    options_init(class->options, options);
    for (size_t i = 0; i < n; i++)
        LB_TRY_CLEANUP(options_set(class->options, options, settings[i]));
    LB_TRY_CLEANUP((*out = options_print(class->options, options)) ? LB_OK : LB_E_NOMEM);
cleanup:
    free(options);
    return status == LB_OK ? LB_OK : status_prefix(status, "%s", class->name);
}

/* Checks "option=value" and gives the value as options_print writes it: ".10" becomes "0.1". */
static lb_status canonical_value(const model_class *class, const char *name, const char *setting,
                                 char **out) {
    char *settings = NULL;
    LB_TRY(print_settings(class, &setting, 1, &settings));
    *out = sweep_setting(settings, name);
    free(settings);
    return *out ? LB_OK : LB_E_NOMEM;
}

static lb_status add_value(const model_class *class, sweep_axis *a, size_t *capacity,
                           const char *value, size_t length) {
    char *canonical = NULL, *setting;
    size_t name = strlen(a->name);
    lb_status status;
    LB_TRY(NEW_ARRAY(setting, name + length + 2));
    memcpy(setting, a->name, name);
    setting[name] = '=';
    memcpy(setting + name + 1, value, length);
    LB_TRY_CLEANUP(canonical_value(class, a->name, setting, &canonical));
    for (size_t i = 0; i < a->n_values; i++)
        if (strcmp(a->value[i], canonical) == 0) {
            status = status_fail(LB_E_ARGUMENT, "the grid has %s=%s twice", a->name, canonical);
            goto cleanup;
        }
    LB_TRY_CLEANUP(GROW_ARRAY(a->value, a->n_values, *capacity));
    a->value[a->n_values++] = canonical;
    canonical = NULL;
cleanup:
    free(canonical);
    free(setting);
    return status;
}

/* "option=a,b,c" into an axis that was all zero. */
static lb_status parse_axis(const model_class *class, const char *given, sweep_axis *out) {
    const char *value = strchr(given, '=');
    size_t capacity = 0;
    if (!value || value == given || !value[1])
        return status_fail(LB_E_ARGUMENT, "grid \"%s\": must be option=value,value,..", given);
    if (!(out->name = memory_bytes(given, (size_t)(value - given)))) return LB_E_NOMEM;
    for (value++;; value++) {
        size_t length = strcspn(value, ",");
        LB_TRY(add_value(class, out, &capacity, value, length));
        value += length;
        if (!*value) return LB_OK;
    }
}

/* An option may be given once, in the grid or outside it. */
static lb_status check_apart(const sweep_grid *g, const char *const *fixed, size_t n_fixed) {
    const char *name = g->axis[g->n_axes - 1].name;
    size_t length = strlen(name);
    for (size_t i = 0; i + 1 < g->n_axes; i++)
        if (strcmp(g->axis[i].name, name) == 0)
            return status_fail(LB_E_ARGUMENT, "the grid has option %s twice", name);
    for (size_t i = 0; i < n_fixed; i++)
        if (strncmp(fixed[i], name, length) == 0 && fixed[i][length] == '=')
            return status_fail(LB_E_ARGUMENT, "option %s is in the grid and outside it", name);
    return LB_OK;
}

static lb_status count_combinations(const sweep_grid *g, size_t *out) {
    size_t n = 1;
    for (size_t i = 0; i < g->n_axes; i++) {
        if (g->axis[i].n_values > SWEEP_MAX_COMBINATIONS / n)
            return status_fail(LB_E_ARGUMENT, "the grid has more than %d combinations",
                               SWEEP_MAX_COMBINATIONS);
        n *= g->axis[i].n_values;
    }
    *out = n;
    return LB_OK;
}

/* The settings of combination `index`: `room` holds the fixed ones and one for each axis. */
static lb_status combine(const model_class *class, const sweep_grid *g, size_t index, char **room,
                         size_t n_fixed, char **out) {
    lb_status status = LB_OK;
    for (size_t i = g->n_axes; i-- > 0;) {
        const sweep_axis *a = &g->axis[i];
        text t = {0};
        text_add(&t, "%s=%s", a->name, a->value[index % a->n_values]);
        index /= a->n_values;
        room[n_fixed + i] = t.bytes;
        if (t.status != LB_OK) status = t.status;
    }
    if (status == LB_OK)
        status = print_settings(class, (const char *const *)room, n_fixed + g->n_axes, out);
    for (size_t i = 0; i < g->n_axes; i++) free(room[n_fixed + i]);
    return status;
}

lb_status sweep_grid_new(const model_class *class, const char *const *grid, size_t n_grid,
                         const char *const *fixed, size_t n_fixed, sweep_grid *out) {
    sweep_grid g = {0};
    char **room = NULL;
    size_t n = 0;
    lb_status status;
    LB_TRY_CLEANUP(compare_spec_check(class, fixed, n_fixed));
    LB_TRY_CLEANUP(NEW_ARRAY(g.axis, n_grid));
    for (size_t i = 0; i < n_grid; i++) {
        g.n_axes++;
        LB_TRY_CLEANUP(parse_axis(class, grid[i], &g.axis[i]));
        LB_TRY_CLEANUP(check_apart(&g, fixed, n_fixed));
    }
    LB_TRY_CLEANUP(count_combinations(&g, &n));
    LB_TRY_CLEANUP(NEW_ARRAY(g.settings, n));
    LB_TRY_CLEANUP(NEW_ARRAY(room, n_fixed + n_grid));
    if (n_fixed) memcpy(room, fixed, n_fixed * sizeof *room);
    for (; g.n_combinations < n; g.n_combinations++)
        LB_TRY_CLEANUP(
            combine(class, &g, g.n_combinations, room, n_fixed, &g.settings[g.n_combinations]));
    *out = g;
    g = (sweep_grid){0};
cleanup:
    free(room);
    sweep_grid_free(&g);
    return status;
}

void sweep_grid_free(sweep_grid *g) {
    for (size_t i = 0; i < g->n_axes; i++) {
        for (size_t k = 0; k < g->axis[i].n_values; k++) free(g->axis[i].value[k]);
        free(g->axis[i].value);
        free(g->axis[i].name);
    }
    for (size_t i = 0; i < g->n_combinations; i++) free(g->settings[i]);
    free(g->axis);
    free(g->settings);
    *g = (sweep_grid){0};
}
