#include "run/source.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

lb_status run_source_open(const char *directory, const char *features, run_source *out) {
    run_source s = {0};
    lb_status status;
    LB_TRY(dataset_open(directory, &s.dataset));
    LB_TRY_CLEANUP(dataset_features_open(s.dataset, features, s.feature, &s.n_features));
    *out = s;
    return LB_OK;
cleanup:
    dataset_close(s.dataset);
    return status;
}

lb_status run_source_read(run_source *s, const char *library) {
    for (size_t k = 0; k < s->n_features && !s->reader; k++)
        if (text_encoder_is(s->feature[k].encoder))
            LB_TRY(text_encoder_new(s->feature[k].encoder, dataset_directory(s->dataset), library,
                                    &s->reader));
    return LB_OK;
}

void run_source_close(run_source *s) {
    text_encoder_free(s->reader);
    feature_sets_close(s->feature, s->n_features);
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

/* Steps over a word, or a number, that must come next. */
static bool take_word(const char **at, const char *word) {
    size_t length = strlen(word);
    if (strncmp(*at, word, length) != 0) return false;
    *at += length;
    return true;
}

static bool take_number(const char **at, uint64_t most, uint64_t *out) {
    char *end;
    if (**at < '0' || **at > '9') return false;
    errno = 0;
    unsigned long long value = strtoull(*at, &end, 10);
    if (errno || value > most) return false;
    *at = end;
    *out = value;
    return true;
}

bool run_split_parse(const char *description, lb_split_options *out) {
    lb_split_options o = {.seed = 1, .min_user = 5, .cold = "balanced"};
    const char *at = description;
    uint64_t min_user;
    if (strcmp(description, "given") == 0) {
        o.method = "given";
    } else if (strcmp(description, "all interactions") != 0) {
        o.method = "leave-one-out";
        if (!take_word(&at, "leave-one-out seed ") || !take_number(&at, UINT64_MAX, &o.seed) ||
            !take_word(&at, " min-user ") || !take_number(&at, UINT32_MAX, &min_user))
            return false;
        o.min_user = (uint32_t)min_user;
        if (take_word(&at, " natural"))
            o.cold = "natural";
        else if (!take_word(&at, " balanced"))
            return false;
        o.no_validation = take_word(&at, " no-validation");
        if (*at) return false;
    }
    *out = o;
    return true;
}
