/* What is written of the products becomes a feature. */
#include "core/memory.h"
#include "data/dataset.h"
#include "run/encode_parts.h"
#include "text/words.h"

enum { GRAIN = 256 }; // products of one piece of work

typedef struct encoding {
    unsigned fields;
    words_scratch *scratch; // (threads)
} encoding;

static lb_status read_product(void *context, unsigned worker, const words_product *said, float *row,
                              bool *found) {
    const encoding *e = context;
    return words_encode(&e->scratch[worker], said, e->fields, row, found);
}

lb_status encode_words(job *j, const char *directory, const lb_encode_options *options,
                       lb_encode_report *report) {
    encoding e = {0};
    text_reading r = {.read = read_product, .context = &e, .dim = WORDS_DIM, .grain = GRAIN};
    dataset *d = NULL;
    char identity[WORDS_IDENTITY_SIZE];
    unsigned n_scratch = job_threads(j);
    lb_encode_report made = {.dim = WORDS_DIM, .name = options->name ? options->name : "text"};
    lb_status status;
    LB_TRY(words_fields_parse(options->fields, &e.fields));
    LB_TRY_CLEANUP(dataset_open(directory, &d));
    uint32_t n_products = dataset_n_products(d);
    LB_TRY_CLEANUP(NEW_ARRAY(e.scratch, n_scratch));
    LB_TRY_CLEANUP(NEW_ARRAY(r.rows, (size_t)n_products * WORDS_DIM));
    LB_TRY_CLEANUP(NEW_ARRAY(r.present, n_products));
    LB_TRY_CLEANUP(encode_products(j, d, &r, &made));
    LB_TRY_CLEANUP(dataset_feature_write(
        directory, &(feature_rows){made.name, words_identity(e.fields, identity), r.rows, r.present,
                                   n_products, WORDS_DIM, options->float16}));
    *report = made;
cleanup:
    for (unsigned i = 0; e.scratch && i < n_scratch; i++) words_scratch_free(&e.scratch[i]);
    free(e.scratch);
    free(r.rows);
    free(r.present);
    dataset_close(d);
    return status;
}
