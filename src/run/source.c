#include "run/source.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

lb_status run_source_open(const char *directory, const char *feature, run_source *out) {
    run_source s = {0};
    lb_status status;
    LB_TRY(dataset_open(directory, &s.dataset));
    bool wanted = feature ? *feature != '\0' : dataset_n_features(s.dataset) > 0;
    if (wanted) LB_TRY_CLEANUP(dataset_feature_open(s.dataset, feature, &s.feature));
    s.n_features = wanted;
    *out = s;
    return LB_OK;
cleanup:
    dataset_close(s.dataset);
    return status;
}

void run_source_close(run_source *s) {
    if (s->n_features) feature_set_close(&s->feature);
    dataset_close(s->dataset);
    *s = (run_source){0};
}

static split_options checked_options(const lb_split_options *options, uint64_t seed) {
    return (split_options){
        .method = options->method,
        .seed = seed,
        .min_user = options->min_user,
        .cold = strcmp(options->cold, "natural") == 0 ? COLD_NATURAL : COLD_BALANCED,
        .no_validation = options->no_validation != 0,
    };
}

lb_status run_source_split(const run_source *s, const lb_split_options *options, uint64_t seed,
                           split **out) {
    if (!options->method) return split_all(s->dataset, out);
    split_options o = checked_options(options, seed);
    return split_load(s->dataset, &o, out);
}

lb_status run_source_statistics(const run_source *s, const lb_split_options *options, uint64_t seed,
                                const split *made, dataset_statistics *out) {
    if (!options->method) return dataset_statistics_new(s->dataset, made, NULL, out);
    split_options o = checked_options(options, seed);
    return dataset_statistics_new(s->dataset, made, &o, out);
}

lb_status run_source_relations(const run_source *s, const lb_split_options *options, uint64_t seed,
                               const split *of, relations *out) {
    split_options o = checked_options(options, seed);
    return relations_load(s->dataset, &o, of, out);
}

void run_split_describe(const lb_split_options *options, uint64_t seed, char *out, size_t size) {
    if (!options->method)
        snprintf(out, size, "all interactions");
    else if (strcmp(options->method, "given") == 0)
        snprintf(out, size, "given");
    else
        snprintf(out, size, "%s seed %" PRIu64 " min-user %" PRIu32 " %s%s", options->method, seed,
                 options->min_user, options->cold, options->no_validation ? " no-validation" : "");
}

bool run_split_parse(const char *description, lb_split_options *out) {
    static const char *const colds[] = {"balanced", "natural"};
    lb_split_options o = {.seed = 1, .min_user = 5, .cold = "balanced"};
    if (strcmp(description, "given") == 0) o.method = "given";
    int drawn = 0;
    if (!o.method && strcmp(description, "all interactions") != 0) {
        if (sscanf(description, "leave-one-out seed %" SCNu64 " min-user %" SCNu32 " %n", &o.seed,
                   &o.min_user, &drawn) < 2 ||
            !drawn)
            return false;
        o.method = "leave-one-out";
        const char *rest = description + drawn;
        size_t length = strcspn(rest, " "), kind = 0;
        while (kind < 2 && (strlen(colds[kind]) != length || strncmp(rest, colds[kind], length)))
            kind++;
        if (kind == 2) return false;
        o.cold = colds[kind];
        o.no_validation = strcmp(rest + length, " no-validation") == 0;
        if (rest[length] && !o.no_validation) return false;
    }
    *out = o;
    return true;
}
