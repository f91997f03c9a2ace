#include "api/check.h"

#include <string.h>

#include "data/dataset.h"

lb_status api_check_directory(const char *directory) {
    if (!directory || !*directory)
        return status_fail(LB_E_ARGUMENT, "no dataset directory is given");
    return LB_OK;
}

lb_status api_check_feature(const char *feature) {
    if (feature && !dataset_features_valid(feature))
        return status_fail(LB_E_ARGUMENT,
                           "features \"%s\": must be up to %d names of 1 to 64 of a-z 0-9 _ -, "
                           "with commas",
                           feature, DATASET_MAX_FEATURES);
    return LB_OK;
}

lb_status api_check_split(const lb_split_options *split, int all) {
    const char *m = split->method;
    if (!m && all) return LB_OK;
    if (!m || (strcmp(m, "leave-one-out") != 0 && strcmp(m, "given") != 0))
        return status_fail(LB_E_ARGUMENT, "split method \"%s\": must be leave-one-out or given",
                           m ? m : "");
    const char *cold = split->cold;
    if (!cold || (strcmp(cold, "balanced") != 0 && strcmp(cold, "natural") != 0))
        return status_fail(LB_E_ARGUMENT, "cold products \"%s\": must be balanced or natural",
                           cold ? cold : "");
    return LB_OK;
}

lb_status api_check_switch(const char *name, int value) {
    if (value != 0 && value != 1)
        return status_fail(LB_E_ARGUMENT, "%s is %d: must be 0 or 1", name, value);
    return LB_OK;
}

lb_status api_check_range(const char *name, uint32_t value, uint32_t low, uint32_t high) {
    if (value < low || value > high)
        return status_fail(LB_E_ARGUMENT, "%s is %u: must be %u to %u", name, value, low, high);
    return LB_OK;
}

lb_status api_check_texts(const char *name, const char *const *texts, size_t n) {
    if (n && !texts)
        return status_fail(LB_E_ARGUMENT, "%zu %ss are announced but not given", n, name);
    for (size_t i = 0; i < n; i++)
        if (!texts[i]) return status_fail(LB_E_ARGUMENT, "%s %zu is NULL", name, i);
    return LB_OK;
}
