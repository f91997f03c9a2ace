/* What is written of the products becomes a feature. */
#include "core/memory.h"
#include "data/dataset.h"
#include "run/encode_parts.h"
#include "text/words.h"

/* Products whose texts are in memory at a time, and those of one piece of work. */
enum { BLOCK = 8192, GRAIN = 256 };

typedef struct encoding {
    unsigned fields;
    uint32_t first;           // of the block
    product_info *info;       // (BLOCK)
    words_scratch *scratch;   // (threads)
    float (*rows)[WORDS_DIM]; // (n_products, WORDS_DIM)
    uint8_t *present;         // (n_products)
} encoding;

static lb_status encode_range(void *context, size_t begin, size_t end, unsigned worker) {
    const encoding *e = context;
    for (size_t i = begin; i < end; i++) {
        const product_info *info = &e->info[i];
        words_product product = {info->title, info->category, info->brand, info->description};
        size_t row = e->first + i;
        bool found;
        LB_TRY(words_encode(&e->scratch[worker], &product, e->fields, e->rows[row], &found));
        e->present[row] = found;
    }
    return LB_OK;
}

static lb_status encode_block(job *j, const dataset *d, encoding *e, uint32_t n) {
    LB_TRY(dataset_product_infos(d, e->first, n, e->info));
    lb_status status = job_run_range(j, n, GRAIN, encode_range, e);
    for (uint32_t i = 0; i < n; i++) product_info_free(&e->info[i]);
    return status;
}

static lb_status encode_all(job *j, const dataset *d, encoding *e, lb_encode_report *report) {
    uint32_t n_products = dataset_n_products(d);
    for (e->first = 0; e->first < n_products;) {
        uint32_t left = n_products - e->first, n = left < BLOCK ? left : BLOCK;
        LB_TRY(job_progress(j, "encode", "products", e->first, n_products));
        LB_TRY(encode_block(j, d, e, n));
        e->first += n;
    }
    LB_TRY(job_progress(j, "encode", "products", n_products, n_products));
    for (uint32_t p = 0; p < n_products; p++) report->encoded += e->present[p];
    report->wordless = n_products - report->encoded;
    if (report->encoded) return LB_OK;
    return status_fail(LB_E_EMPTY,
                       "%s: nothing to read is known of any product; import the catalogue "
                       "(--products FILE) with titles, categories or brands",
                       dataset_directory(d));
}

lb_status encode_words(job *j, const char *directory, const lb_encode_options *options,
                       lb_encode_report *report) {
    encoding e = {0};
    dataset *d = NULL;
    char identity[WORDS_IDENTITY_SIZE];
    unsigned n_scratch = job_threads(j);
    lb_encode_report made = {.dim = WORDS_DIM, .name = options->name ? options->name : "text"};
    lb_status status;
    LB_TRY(words_fields_parse(options->fields, &e.fields));
    LB_TRY_CLEANUP(dataset_open(directory, &d));
    uint32_t n_products = dataset_n_products(d);
    LB_TRY_CLEANUP(NEW_ARRAY(e.info, BLOCK));
    LB_TRY_CLEANUP(NEW_ARRAY(e.scratch, n_scratch));
    LB_TRY_CLEANUP(NEW_ARRAY(e.rows, n_products));
    LB_TRY_CLEANUP(NEW_ARRAY(e.present, n_products));
    LB_TRY_CLEANUP(encode_all(j, d, &e, &made));
    LB_TRY_CLEANUP(dataset_feature_write(directory, made.name, words_identity(e.fields, identity),
                                         *e.rows, e.present, n_products, WORDS_DIM));
    *report = made;
cleanup:
    for (unsigned i = 0; e.scratch && i < n_scratch; i++) words_scratch_free(&e.scratch[i]);
    free(e.scratch);
    free(e.info);
    free(e.rows);
    free(e.present);
    dataset_close(d);
    return status;
}
