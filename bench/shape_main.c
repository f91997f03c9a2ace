/*
 * shape DIR [--shape women|men|shoes|jewelry] [--layout amazon|yelp] [--scale X] [--limit Q]
 * [--around X] [--seed S]: writes a dataset of the sizes in the VASG paper's Table 1, times X
 * (shape.h).
 *
 * --limit: ratings of the smallest user; --around: as much again that a preparation leaves out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/shape.h"
#include "core/file.h"

static lb_status number(const char *option, const char *value, double least, double most,
                        double *out) {
    char *end;
    *out = value ? strtod(value, &end) : 0;
    if (value && *value && !*end && *out >= least && *out <= most) return LB_OK;
    return status_fail(LB_E_ARGUMENT, "%s: a number from %g to %g is expected", option, least,
                       most);
}

static lb_status parse_option(shape_options *o, const char *option, const char *value) {
    double x = 0;
    if (strcmp(option, "--shape") == 0) {
        if (!value) return status_fail(LB_E_ARGUMENT, "--shape: one of " SHAPE_NAMES);
        o->name = value;
        return LB_OK;
    }
    if (strcmp(option, "--layout") == 0) {
        if (!value) return status_fail(LB_E_ARGUMENT, "--layout: one of " SHAPE_LAYOUTS);
        o->layout = value;
        return LB_OK;
    }
    if (strcmp(option, "--scale") == 0) return number(option, value, 1e-4, 100, &o->scale);
    if (strcmp(option, "--around") == 0) return number(option, value, 0, 10, &o->around);
    if (strcmp(option, "--limit") == 0) {
        LB_TRY(number(option, value, 2, 1000, &x));
        o->least = (uint32_t)x;
        return LB_OK;
    }
    if (strcmp(option, "--seed") == 0) {
        LB_TRY(number(option, value, 0, 1e15, &x));
        o->seed = (uint64_t)x;
        return LB_OK;
    }
    return status_fail(LB_E_ARGUMENT, "%s: no such option", option);
}

static lb_status parse(int n, char **argument, shape_options *o, const char **folder) {
    shape_options_init(o);
    *folder = NULL;
    for (int i = 1; i < n; i++) {
        if (strncmp(argument[i], "--", 2) != 0) {
            *folder = argument[i];
            continue;
        }
        LB_TRY(parse_option(o, argument[i], i + 1 < n ? argument[i + 1] : NULL));
        i++;
    }
    if (*folder) return LB_OK;
    return status_fail(LB_E_ARGUMENT,
                       "usage: shape DIR [--shape " SHAPE_NAMES "] [--layout " SHAPE_LAYOUTS
                       "] [--scale X] [--limit Q] [--around X] [--seed S]");
}

int main(int n, char **argument) {
    shape_options o;
    shape_report r;
    const char *folder;
    lb_status status;
    LB_TRY_CLEANUP(parse(n, argument, &o, &folder));
    LB_TRY_CLEANUP(file_make_directory(folder));
    LB_TRY_CLEANUP(shape_write(NULL, folder, &o, &r));
    printf("%s: %u users, %u products, %zu ratings; around them %u users, %u products, %zu "
           "ratings\n",
           folder, r.n_users, r.n_products, r.n_ratings, r.users_around, r.products_around,
           r.ratings_around);
cleanup:
    if (status == LB_OK) return 0;
    fprintf(stderr, "shape: %s\n", lb_last_error());
    return status == LB_E_ARGUMENT ? 2 : 1;
}
