/* What a training or a comparison works on: a dataset, the feature to use, a split. */
#ifndef LB_RUN_SOURCE_H
#define LB_RUN_SOURCE_H

#include "data/dataset.h"
#include "data/relations.h"
#include "data/split.h"
#include "data/statistics.h"
#include "model/text_encoder.h"

typedef struct run_source {
    dataset *dataset;
    feature_set feature[DATASET_MAX_FEATURES]; // (n_features)
    size_t n_features;
    text_encoder *reader; // of one of the features, once run_source_read was called; NULL = none
} run_source;

/* Opens the dataset and features of it: a list "look,text"; NULL = all that it has, "" = none.
 * LB_E_NOT_FOUND names what is not there. Close with run_source_close. */
lb_status run_source_open(const char *directory, const char *features, run_source *out);

/* Makes ready the network that made the first feature of texts, if there is one, to read requests
 * with: nothing is loaded before it is needed. `library`: ONNX Runtime, NULL = the system's. */
lb_status run_source_read(run_source *s, const char *library);

/* The names of the features as such a list. */
static inline void run_source_features(const run_source *s, char names[DATASET_FEATURES_TEXT]) {
    feature_sets_names(s->feature, s->n_features, names);
}
void run_source_close(run_source *s); // accepts all zero

/* The split that the public options name; method NULL = all interactions, no tests. `seed` takes
 * the place of options->seed. Free with split_free. */
lb_status run_source_split(const run_source *s, const lb_split_options *options, uint64_t seed,
                           split **out);

/* What the dataset and that split of it hold. Free with dataset_statistics_free. */
lb_status run_source_statistics(const run_source *s, const lb_split_options *options, uint64_t seed,
                                const split *made, dataset_statistics *out);

/* The pairs of products that belong to such a split (data/relations.h). */
lb_status run_source_relations(const run_source *s, const lb_split_options *options, uint64_t seed,
                               const split *of, relations *out);

/* "leave-one-out seed 1 min-user 5 balanced", "given" or "all interactions". */
void run_split_describe(const lb_split_options *options, uint64_t seed, char *out, size_t size);

/* Reads such a description; false if it is none. The options' texts are static. */
bool run_split_parse(const char *description, lb_split_options *out);

#endif
