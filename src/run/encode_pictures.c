/* Pictures become a feature: what was encoded before is not encoded again, and an encoding that was
 * cut short goes on. */
#include <string.h>

#include "core/memory.h"
#include "data/dataset.h"
#include "data/import.h"
#include "media/onnx_encoder.h"
#include "run/encode_index.h"
#include "run/encode_partial.h"
#include "run/encode_parts.h"

enum { MAX_NOTES = 20 };

typedef struct encoding {
    dataset *dataset;
    const char *name; // of the feature
    encode_choice choice;
    encode_item *item; // (n) of the products that have a picture; ids and paths are the dataset's
    uint32_t *product; // (n) ascending
    size_t n;
    encode_partial *partial; // what this encoding has done so far
    encode_index *index;     // what the feature was made from; NULL if nothing is known
    float *rows;             // (n_products, dim)
    bool *skip;              // (n) not to be kept in partial and index
    encode_report made;
} encoding;

static void encoding_close(encoding *e) {
    encode_report_free(&e->made);
    encode_partial_close(e->partial);
    encode_index_close(e->index);
    image_encoder_close(e->choice.encoder);
    dataset_close(e->dataset);
    free(e->item);
    free(e->product);
    free(e->rows);
    free(e->skip);
}

static lb_status find_pictures(encoding *e) {
    uint32_t n_products = dataset_n_products(e->dataset);
    LB_TRY(NEW_ARRAY(e->item, n_products));
    LB_TRY(NEW_ARRAY(e->product, n_products));
    LB_TRY(NEW_ARRAY(e->skip, n_products));
    for (uint32_t row = 0; row < n_products; row++) {
        const char *path = dataset_image_path(e->dataset, row);
        if (!path) continue;
        e->item[e->n] = (encode_item){dataset_product_id(e->dataset, row), path};
        e->product[e->n++] = row;
    }
    if (e->n == 0)
        return status_fail(LB_E_EMPTY, "%s: no product has a picture; import a folder of images",
                           dataset_directory(e->dataset));
    return LB_OK;
}

/* ---- what was encoded before */

static bool recall(void *context, const uint8_t content[SHA256_SIZE], float *out) {
    const encoding *e = context;
    return encode_partial_find(e->partial, content, out) ||
           encode_index_find(e->index, content, out);
}

/* Adds what is new. What the feature has need not be kept twice; what was in the file is there. */
static lb_status remember(void *context, const encode_report *r, const float *out, size_t begin,
                          size_t end) {
    const encoding *e = context;
    for (size_t i = begin; i < end; i++) e->skip[i] = r->outcomes[i] != ENCODE_OK || r->recalled[i];
    size_t dim = e->choice.encoder->dim;
    return encode_partial_add(e->partial, (const uint8_t(*)[SHA256_SIZE])r->contents + begin,
                              out + begin * dim, e->skip + begin, end - begin);
}

static lb_status open_memory(job *j, encoding *e, bool anew) {
    const char *directory = dataset_directory(e->dataset);
    const image_encoder *encoder = e->choice.encoder;
    LB_TRY(encode_partial_open(directory, e->name, encoder->identity, encoder->dim, &e->partial));
    if (!anew)
        LB_TRY(encode_index_open(e->dataset, e->name, encoder->identity, encoder->dim, &e->index));
    if (encode_partial_count(e->partial))
        job_note(j, "encode", "going on: %zu pictures were encoded before it was cut short",
                 encode_partial_count(e->partial));
    return LB_OK;
}

/* ---- the feature */

/* Row i of `rows` belongs to product[i] >= i: moved there from the last to the first, in place. */
static void scatter(const encoding *e, uint8_t *present) {
    size_t dim = e->choice.encoder->dim;
    for (size_t i = e->n; i-- > 0;) {
        size_t to = e->product[i];
        present[to] = e->made.outcomes[i] == ENCODE_OK;
        if (to == i) continue;
        memcpy(e->rows + to * dim, e->rows + i * dim, dim * sizeof *e->rows);
        memset(e->rows + i * dim, 0, dim * sizeof *e->rows);
    }
}

static void note_failures(job *j, const encoding *e) {
    size_t n = 0;
    const encode_report *r = &e->made;
    for (size_t i = 0; i < r->n; i++) {
        if (!r->reasons[i] || n++ >= MAX_NOTES) continue;
        job_note(j, "encode", "product %s: %s", e->item[i].id, r->reasons[i]);
    }
    if (n > MAX_NOTES)
        job_note(j, "encode", "and %zu more pictures that are missing or broken", n - MAX_NOTES);
}

static lb_status encode_all(job *j, encoding *e, const lb_encode_options *options) {
    const encode_memory memory = {e, recall, remember};
    const image_encoder *encoder = e->choice.encoder;
    uint32_t n_products = dataset_n_products(e->dataset);
    if (n_products > SIZE_MAX / encoder->dim) return status_fail(LB_E_NOMEM, "too many products");
    LB_TRY(NEW_ARRAY(e->rows, n_products * encoder->dim));
    LB_TRY(encode_images(j, encoder, e->item, e->n, IMAGE_MAX_PIXELS, &memory, e->rows, &e->made));
    note_failures(j, e);
    if (options->report) LB_TRY(encode_write_failures(options->report, e->item, &e->made));
    const size_t *counts = e->made.counts;
    if (counts[ENCODE_OK]) return LB_OK;
    return status_fail(LB_E_EMPTY,
                       "none of %zu pictures can be used: %zu missing, %zu broken, %zu blank", e->n,
                       counts[ENCODE_MISSING], counts[ENCODE_BROKEN], counts[ENCODE_BLANK]);
}

/* The network first, so that no feature stands there whose encoder is gone; then the feature; then
 * what it was made from. Killed in between, only work is lost. */
static lb_status write_feature(encoding *e, bool float16) {
    const char *directory = dataset_directory(e->dataset);
    const image_encoder *encoder = e->choice.encoder;
    uint32_t n_products = dataset_n_products(e->dataset);
    encode_index_rows rows = {(const uint8_t(*)[SHA256_SIZE])e->made.contents,
                              e->product,
                              e->skip,
                              e->rows,
                              e->n,
                              encoder->dim};
    unsigned char *index = NULL;
    uint8_t *present = NULL;
    size_t index_size;
    lb_status status;
    for (size_t i = 0; i < e->n; i++) e->skip[i] = e->made.outcomes[i] != ENCODE_OK;
    LB_TRY_CLEANUP(encode_index_make(&rows, &index, &index_size));
    LB_TRY_CLEANUP(NEW_ARRAY(present, n_products));
    if (e->choice.network) LB_TRY_CLEANUP(onnx_encoder_keep(encoder, e->choice.network, directory));
    scatter(e, present);
    LB_TRY_CLEANUP(dataset_feature_write(
        directory, &(feature_rows){e->name, encoder->identity, e->rows, present, n_products,
                                   (uint32_t)encoder->dim, float16}));
    LB_TRY_CLEANUP(encode_index_save(directory, e->name, index, index_size));
    encode_partial_remove(e->partial);
cleanup:
    free(index);
    free(present);
    return status;
}

static lb_status register_folder(job *j, const char *directory, const char *folder) {
    lb_import_options import = {.images = folder, .seed = 1};
    return dataset_import(j, directory, &import, NULL);
}

lb_status encode_pictures(job *j, const char *directory, const lb_encode_options *options,
                          lb_encode_report *report) {
    encoding e = {.name = options->name ? options->name : "look"};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(encode_choose(directory, options, e.name, &e.choice));
    if (options->images) LB_TRY_CLEANUP(register_folder(j, directory, options->images));
    LB_TRY_CLEANUP(dataset_open(directory, &e.dataset));
    LB_TRY_CLEANUP(find_pictures(&e));
    LB_TRY_CLEANUP(open_memory(j, &e, options->anew));
    LB_TRY_CLEANUP(encode_all(j, &e, options));
    LB_TRY_CLEANUP(write_feature(&e, options->float16));
    const size_t *counts = e.made.counts;
    *report = (lb_encode_report){
        .encoded = counts[ENCODE_OK],
        .recalled = e.made.n_recalled,
        .missing = counts[ENCODE_MISSING],
        .broken = counts[ENCODE_BROKEN],
        .blank = counts[ENCODE_BLANK],
        .dim = (uint32_t)e.choice.encoder->dim,
        .name = e.name,
    };
cleanup:
    encoding_close(&e);
    return status;
}
