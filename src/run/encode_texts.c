/* What is written of the products becomes a feature by a network that reads texts. */
#include <string.h>

#include "core/memory.h"
#include "data/dataset.h"
#include "media/onnx_encoder.h"
#include "model/text_encoder.h"
#include "run/encode_parts.h"
#include "text/words.h"

enum { GRAIN = 4 }; // products of one piece of work

static lb_status read_product(void *encoder, unsigned worker, const words_product *said, float *row,
                              bool *found) {
    (void)worker;
    return text_encoder_product(encoder, said, text_encoder_dim(encoder), row, found);
}

/* ---- which network */

/* Whether the network stands beside one that made a feature of pictures: its SHA-256 in `seer`, and
 * both must give as many numbers. */
static lb_status check_beside(const dataset *d, const char *name, char seer[SHA256_TEXT_SIZE],
                              uint32_t *dim) {
    feature_set f;
    lb_status status = LB_OK;
    LB_TRY(dataset_feature_open(d, name, &f));
    *dim = f.dim;
    if (!onnx_encoder_digest(f.encoder, seer))
        status = status_fail(LB_E_ARGUMENT,
                             "the feature \"%s\" was not made by a network from an ONNX file, so "
                             "that no network of texts stands beside it; encode the pictures with "
                             "the image network of the pair first",
                             name);
    feature_set_close(&f);
    return status;
}

static lb_status check_widths(const text_encoder *e, const char *beside, uint32_t dim) {
    if (!beside || text_encoder_dim(e) == dim) return LB_OK;
    return status_fail(LB_E_MISMATCH,
                       "the network of texts gives %u numbers and that of the feature \"%s\" %u: "
                       "texts and pictures do not meet in one space; take two networks that were "
                       "trained together, and the outputs of both that are compared",
                       text_encoder_dim(e), beside, dim);
}

/* "output=NAME" is the only setting. */
static lb_status take_output(const lb_encode_options *o, const char **output) {
    *output = "";
    for (size_t i = 0; i < o->n_settings; i++) {
        if (strncmp(o->settings[i], "output=", 7) != 0)
            return status_fail(LB_E_ARGUMENT,
                               "\"%.64s\" is of pictures: a network that reads texts takes output "
                               "alone",
                               o->settings[i]);
        *output = o->settings[i] + 7;
    }
    return LB_OK;
}

static lb_status take_files(const dataset *d, const lb_encode_options *o, char *seer,
                            text_encoder_files *f, text_encoder **out) {
    uint32_t dim = 0;
    text_encoder *e;
    *f = (text_encoder_files){.network = o->encoder,
                              .vocabulary = o->vocabulary,
                              .seer = seer,
                              .library = o->onnx_library};
    LB_TRY(take_output(o, &f->output));
    LB_TRY(words_fields_parse(o->fields, &f->fields));
    if (o->beside) LB_TRY(check_beside(d, o->beside, seer, &dim));
    LB_TRY(text_encoder_open(f, &e));
    lb_status status = check_widths(e, o->beside, dim);
    if (status == LB_OK)
        *out = e;
    else
        text_encoder_free(e);
    return status;
}

/* That of the feature `name`. */
static lb_status take_same(const dataset *d, const lb_encode_options *o, const char *name,
                           text_encoder **out) {
    feature_set f;
    text_encoder *e = NULL;
    LB_TRY(dataset_feature_open(d, name, &f));
    lb_status status = text_encoder_new(f.encoder, dataset_directory(d), o->onnx_library, &e);
    feature_set_close(&f);
    if (status == LB_OK) status = text_encoder_load(e);
    if (status == LB_OK)
        *out = e;
    else
        text_encoder_free(e);
    return status;
}

bool encode_reads_texts(const char *directory, const lb_encode_options *o) {
    dataset *d;
    feature_set f;
    if (o->vocabulary) return true;
    if (strcmp(o->encoder, "same") != 0 || !o->name || dataset_open(directory, &d) != LB_OK)
        return false;
    bool reads = dataset_feature_open(d, o->name, &f) == LB_OK;
    if (reads) {
        reads = text_encoder_is(f.encoder);
        feature_set_close(&f);
    }
    dataset_close(d);
    return reads;
}

lb_status encode_texts(job *j, const char *directory, const lb_encode_options *options,
                       lb_encode_report *report) {
    text_reading r = {.read = read_product, .grain = GRAIN};
    text_encoder *encoder = NULL;
    dataset *d = NULL;
    char seer[SHA256_TEXT_SIZE] = "";
    text_encoder_files files = {.network = NULL};
    lb_encode_report made = {.name = options->name ? options->name : "reading"};
    lb_status status;
    LB_TRY_CLEANUP(dataset_open(directory, &d));
    if (options->vocabulary)
        LB_TRY_CLEANUP(take_files(d, options, seer, &files, &encoder));
    else
        LB_TRY_CLEANUP(take_same(d, options, made.name, &encoder));
    uint32_t n_products = dataset_n_products(d);
    made.dim = r.dim = text_encoder_dim(encoder);
    r.context = encoder;
    LB_TRY_CLEANUP(NEW_ARRAY(r.rows, (size_t)n_products * r.dim));
    LB_TRY_CLEANUP(NEW_ARRAY(r.present, n_products));
    LB_TRY_CLEANUP(encode_products(j, d, &r, &made));
    if (files.network) LB_TRY_CLEANUP(text_encoder_keep(encoder, &files, directory));
    LB_TRY_CLEANUP(dataset_feature_write(
        directory, &(feature_rows){made.name, text_encoder_identity(encoder), r.rows, r.present,
                                   n_products, r.dim, options->float16}));
    *report = made;
cleanup:
    text_encoder_free(encoder);
    free(r.rows);
    free(r.present);
    dataset_close(d);
    return status;
}
