/* Several features by name, "look,text". */
#include <stdio.h>
#include <string.h>

#include "data/dataset.h"

enum { NAME_SIZE = 65 };

/* Copies the name at *list and moves *list behind it and its comma; false, *list unmoved, for what
 * is no name. */
static bool next_name(const char **list, char name[NAME_SIZE]) {
    size_t length = strcspn(*list, ",");
    if (length == 0 || length >= NAME_SIZE) return false;
    snprintf(name, NAME_SIZE, "%.*s", (int)length, *list);
    if (!dataset_feature_name_valid(name)) return false;
    *list += length;
    if (**list == ',') (*list)++;
    return true;
}

/* Whether a text is names with commas between, however many; *n receives how many. */
static bool is_list(const char *names, size_t *n) {
    char name[NAME_SIZE];
    size_t length = strlen(names);
    *n = 0;
    if (length && names[length - 1] == ',') return false;
    while (*names && next_name(&names, name)) (*n)++;
    return !*names;
}

bool dataset_features_valid(const char *names) {
    size_t n;
    return is_list(names, &n) && n <= DATASET_MAX_FEATURES;
}

static lb_status open_one(const dataset *d, const char *name, feature_set *out, size_t *n) {
    if (*n == DATASET_MAX_FEATURES)
        return status_fail(LB_E_ARGUMENT, "%s: more than %d features; name those to use",
                           dataset_directory(d), DATASET_MAX_FEATURES);
    for (size_t i = 0; i < *n; i++)
        if (strcmp(out[i].name, name) == 0)
            return status_fail(LB_E_ARGUMENT, "feature \"%s\" is named twice", name);
    LB_TRY(dataset_feature_open(d, name, &out[*n]));
    (*n)++;
    return LB_OK;
}

lb_status dataset_features_open(const dataset *d, const char *names, feature_set *out, size_t *n) {
    char name[NAME_SIZE];
    size_t count;
    lb_status status = LB_OK;
    *n = 0;
    if (names && !is_list(names, &count))
        return status_fail(LB_E_ARGUMENT,
                           "features \"%s\": must be names of a-z 0-9 _ - with commas", names);
    for (size_t i = 0; !names && i < dataset_n_features(d); i++)
        LB_TRY_CLEANUP(open_one(d, dataset_feature_name(d, i), out, n));
    while (names && *names && next_name(&names, name)) LB_TRY_CLEANUP(open_one(d, name, out, n));
    return LB_OK;
cleanup:
    feature_sets_close(out, *n);
    *n = 0;
    return status;
}

void feature_sets_close(feature_set *f, size_t n) {
    for (size_t i = 0; i < n; i++) feature_set_close(&f[i]);
}

void feature_sets_names(const feature_set *f, size_t n, char names[DATASET_FEATURES_TEXT]) {
    size_t used = 0;
    names[0] = '\0';
    for (size_t i = 0; i < n; i++)
        used += (size_t)snprintf(names + used, DATASET_FEATURES_TEXT - used, "%s%s", i ? "," : "",
                                 f[i].name);
}
