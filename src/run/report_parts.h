/* What the files of a report share; see report.h. */
#ifndef LB_RUN_REPORT_PARTS_H
#define LB_RUN_REPORT_PARTS_H

#include <cjson/cJSON.h>

#include "eval/analogy.h"
#include "eval/similarity.h"
#include "model/model.h"
#include "plot/document.h"
#include "plot/figure.h"
#include "run/source.h"
#include "run/sweep.h"

enum {
    REPORT_SPACES = 2,     // models whose space is shown, at most
    REPORT_MAP = 200,      // products in a map of principal components
    REPORT_USERS = 4,      // users in a t-SNE map
    REPORT_FEWEST = 20,    // ... who have at least so many training products
    REPORT_MOST = 60,      // ... and at most so many
    REPORT_EXAMPLES = 3,   // analogies that are shown
    REPORT_SAMPLE = 4096,  // products whose similarities are looked at
    REPORT_PAIRS = 200000, // pairs of them
    REPORT_NEAR = 30,      // t-SNE's perplexity
    REPORT_CURVES = 8,     // training curves in one figure
    REPORT_BINS = 80       // of a density over [-1, 1]
};

/* ---------------------------------------------------------------- pictures */

typedef struct report_pictures report_pictures;

/* Small pictures of products with their titles, made when they are asked for and kept. The dataset
 * must outlive them. */
lb_status report_pictures_new(const dataset *d, report_pictures **out);
void report_pictures_free(report_pictures *p); // accepts NULL

/* Whether any product has a picture, by the dataset's word. */
bool report_pictures_any(const report_pictures *p);

/* A product's picture, belonging to `p`: `jpeg` is NULL where there is none or it is broken. `name`
 * is the product's title, or its id. */
lb_status report_picture(report_pictures *p, uint32_t product, figure_picture *out);

/* ---------------------------------------------------------------- spaces */

/* Products in the plane. */
typedef struct report_map {
    size_t n;
    uint32_t *product; // (n)
    double *x, *y;     // (n)
    uint32_t *groups;  // (n) bit g: of user g; NULL in a map of principal components
} report_map;

/* A model whose users and products lie in one space, and what was found there. */
typedef struct report_space {
    char *name, *path; // as people call it; its file
    model *model;
    uint32_t dim;
    const float *product, *user; // (n_products, dim), (n_users, dim): the model's
    lb_split_options split_options;
    split *split;          // what it was trained on; NULL if that cannot be had again
    char why_untested[96]; // why there are no held-out products, or ""

    report_map components; // products by their first two principal components
    double share[2];       // of the variance
    size_t n_fitted;       // products that the components were taken from

    report_map neighbours; // t-SNE of the products of some users
    size_t n_users;
    uint32_t users[REPORT_USERS];
    double perplexity, divergence;
    double same_user, same_user_by_chance; // nearest neighbours bought by the same user

    char why_no_analogies[192]; // "" if there are
    analogy_result analogies;
    similarity products, centred, people; // of products; about their mean; of users
} report_space;

/* Loads a model and makes sure that it has a space and belongs to the dataset: else
 * LB_E_UNSUPPORTED or LB_E_MISMATCH. Close with report_space_close, also after a failure. */
lb_status report_space_open(const run_source *source, const char *path, const char *name,
                            report_space *out);
void report_space_close(report_space *s); // accepts all zero

/* The maps. Products with pictures are preferred where there are any. */
lb_status report_space_draw(job *j, report_pictures *pictures, uint64_t seed, report_space *s);

/* Analogies and similarities. */
lb_status report_space_measure(job *j, const dataset *d, uint32_t samples, uint64_t seed,
                               report_space *s);

/* How similar the features of the same sampled products are. */
typedef struct report_looks {
    char name[65]; // "" if there is none
    uint32_t dim;
    similarity products, centred;
} report_looks;
lb_status report_looks_measure(job *j, const feature_set *f, const report_space *s, uint64_t seed,
                               report_looks *out);

/* ---------------------------------------------------------------- results */

/* A kept model's training curve. */
typedef struct report_curve {
    char *name;
    curve curve;
} report_curve;

/* A file of a sweep's trials, and what they come to. */
typedef struct report_sweep {
    char *name; // of the file
    sweep_file file;
    sweep_result result;
} report_sweep;

/* What there is to report. */
typedef struct report_results {
    cJSON *statistics; // as dataset_statistics_json
    cJSON *compare, *relations, *requests;
    report_sweep *sweeps; // (n_sweeps)
    size_t n_sweeps;
    report_curve *curves; // (n_curves)
    size_t n_curves;
    char **kept, **kept_names; // (n_kept) files NAME-r0.safetensors, and NAME
    size_t n_kept;
} report_results;

/* Reads a folder. LB_E_NOT_FOUND if there is none, LB_E_EMPTY if nothing of the kind is in it,
 * LB_E_FORMAT for a damaged file. */
lb_status report_results_read(const char *folder, report_results *out);
lb_status report_results_parse(const char *json, const char *name, cJSON **out);
lb_status report_curve_add(report_results *r, const char *name, const curve *c);
void report_results_free(report_results *r); // accepts all zero

/* A count for people, "11,145", in `room`. */
const char *report_count(double value, char room[32]);
#define REPORT_COUNT(value) report_count((value), (char[32]){0})

/* report_sweeps.c */
lb_status report_sweep_read(const char *folder, const char *name, report_results *r);
void report_sweep_free(report_sweep *s);
void report_sweeps_order(report_results *r);       // models stay together
uint32_t report_sweep_runs(const report_sweep *s); // the most that any row has
void report_sweep_fixed(const report_sweep *s, void (*add)(text *t, const char *setting), text *t);
lb_status report_sweeps_json(const report_results *r, text *t); // ,"sweeps":[..]

/* "models.0.warm.auc_own.mean": NULL, NaN or "" where there is none. */
const cJSON *report_at(const cJSON *json, const char *path);

/* The first item of a list, or NULL; `next` leads to the others. */
static inline const cJSON *report_first(const cJSON *list) {
    return list ? list->child : NULL;
}
double report_number(const cJSON *json, const char *path);
const char *report_string(const cJSON *json, const char *path);

/* Runs what the folder options->from lacks of the paper's experiments; it is made if need be. What
 * the dataset is too small for is left out, with a note. Errors as of run_compare and run_sweep. */
lb_status report_run(job *j, const char *directory, const lb_report_options *options);

/* ---------------------------------------------------------------- the page */

typedef struct report_whole {
    const char *directory;
    const lb_report_options *options;
    char dataset[256]; // the last component of the directory
    run_source source;
    report_pictures *pictures;
    report_results results;
    report_space space[REPORT_SPACES];
    size_t n_spaces;
    report_looks looks;
} report_whole;

/* A model of a comparison for people: "vasg:epochs=3,dim=8" as "vasg (epochs=3, dim=8)". */
void report_model_cell(table *t, const cJSON *row);

/* Why models of a comparison have no results, as note "b" of a table. */
void report_untrained_notes(table *t, const cJSON *models);

/* Each writes its part, if there is anything to say. */
void report_write_abstract(const report_whole *r, document *d);
void report_write_statistics(const report_whole *r, document *d);
void report_write_recommendation(const report_whole *r, document *d);
void report_write_relations(const report_whole *r, document *d);
void report_write_requests(const report_whole *r, document *d);
lb_status report_write_space(const report_whole *r, document *d);
lb_status report_write_strips(const report_whole *r, const report_space *s, document *d);
void report_write_curves(const report_whole *r, document *d);
void report_write_sweeps(const report_whole *r, document *d);
void report_write_made(const report_whole *r, document *d);

/* Calls `add` with every "name=value" of a model's settings that is not its default. */
lb_status report_changes(const model_class *class, const char *settings,
                         void (*add)(text *t, const char *setting), text *t);

/* The numbers of all of it, allocated. */
lb_status report_json(const report_whole *r, char **out);

#endif
