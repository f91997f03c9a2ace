#include "run/encode.h"

#include <string.h>

#include "core/memory.h"
#include "data/dataset.h"
#include "data/import.h"
#include "media/encode.h"

enum { MAX_NOTES = 20 };

/* The products that have a picture. */
typedef struct pictures {
    encode_item *item; // (n) ids and paths belong to the dataset
    uint32_t *product; // (n) ascending
    size_t n;
} pictures;

static void pictures_free(pictures *p) {
    free(p->item);
    free(p->product);
}

static lb_status pictures_find(const dataset *d, pictures *p) {
    uint32_t n_products = dataset_n_products(d);
    LB_TRY(NEW_ARRAY(p->item, n_products));
    LB_TRY(NEW_ARRAY(p->product, n_products));
    for (uint32_t row = 0; row < n_products; row++) {
        const char *path = dataset_image_path(d, row);
        if (!path) continue;
        p->item[p->n] = (encode_item){dataset_product_id(d, row), path};
        p->product[p->n++] = row;
    }
    if (p->n == 0)
        return status_fail(LB_E_EMPTY, "%s: no product has a picture; import a folder of images",
                           dataset_directory(d));
    return LB_OK;
}

/* Row i of `rows` belongs to product[i] >= i: moved there from the last to the first, in place. */
static void scatter(const pictures *p, const encode_report *r, size_t dim, float *rows,
                    uint8_t *present) {
    for (size_t i = p->n; i-- > 0;) {
        size_t to = p->product[i];
        present[to] = r->outcomes[i] == ENCODE_OK;
        if (to == i) continue;
        memcpy(rows + to * dim, rows + i * dim, dim * sizeof *rows);
        memset(rows + i * dim, 0, dim * sizeof *rows);
    }
}

static void note_failures(job *j, const pictures *p, const encode_report *r) {
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        if (!r->reasons[i] || n++ >= MAX_NOTES) continue;
        job_note(j, "encode", "product %s: %s", p->item[i].id, r->reasons[i]);
    }
    if (n > MAX_NOTES)
        job_note(j, "encode", "and %zu more pictures that are missing or broken", n - MAX_NOTES);
}

static lb_status write_feature(job *j, const dataset *d, const image_encoder *encoder,
                               const pictures *p, const char *name, encode_report *made) {
    uint32_t n_products = dataset_n_products(d);
    float *rows = NULL;
    uint8_t *present = NULL;
    lb_status status;
    LB_TRY_CLEANUP(encoder->dim && n_products > SIZE_MAX / encoder->dim ? LB_E_NOMEM : LB_OK);
    LB_TRY_CLEANUP(NEW_ARRAY(rows, n_products * encoder->dim));
    LB_TRY_CLEANUP(NEW_ARRAY(present, n_products));
    LB_TRY_CLEANUP(encode_images(j, encoder, p->item, p->n, IMAGE_MAX_PIXELS, rows, made));
    note_failures(j, p, made);
    if (made->counts[ENCODE_OK] == 0) {
        status = status_fail(LB_E_EMPTY,
                             "none of %zu pictures can be used: %zu missing, %zu broken, %zu blank",
                             p->n, made->counts[ENCODE_MISSING], made->counts[ENCODE_BROKEN],
                             made->counts[ENCODE_BLANK]);
        goto cleanup;
    }
    scatter(p, made, encoder->dim, rows, present);
    LB_TRY_CLEANUP(dataset_feature_write(dataset_directory(d), name, encoder->identity, rows,
                                         present, n_products, (uint32_t)encoder->dim));
cleanup:
    free(rows);
    free(present);
    return status;
}

static lb_status register_folder(job *j, const char *directory, const char *folder) {
    lb_import_options import = {.images = folder, .seed = 1};
    return dataset_import(j, directory, &import, NULL);
}

static lb_status encode_pictures(job *j, const char *directory, const lb_encode_options *options,
                                 lb_encode_report *report) {
    const image_encoder *encoder = image_encoder_builtin();
    const char *name = options->name ? options->name : "look";
    dataset *d = NULL;
    pictures p = {0};
    encode_report made = {0};
    lb_status status = LB_OK;
    if (options->images) LB_TRY(register_folder(j, directory, options->images));
    LB_TRY_CLEANUP(dataset_open(directory, &d));
    LB_TRY_CLEANUP(pictures_find(d, &p));
    LB_TRY_CLEANUP(write_feature(j, d, encoder, &p, name, &made));
    *report = (lb_encode_report){
        .encoded = made.counts[ENCODE_OK],
        .missing = made.counts[ENCODE_MISSING],
        .broken = made.counts[ENCODE_BROKEN],
        .blank = made.counts[ENCODE_BLANK],
        .dim = (uint32_t)encoder->dim,
        .name = name,
    };
cleanup:
    encode_report_free(&made);
    pictures_free(&p);
    dataset_close(d);
    return status;
}

lb_status run_encode(job *j, const char *directory, const lb_encode_options *options,
                     lb_encode_report *report) {
    const char *pictures_encoder = image_encoder_builtin()->name;
    lb_encode_report unread;
    if (!report) report = &unread;
    if (strcmp(options->encoder, "words") == 0) {
        if (options->images)
            return status_fail(LB_E_ARGUMENT,
                               "the encoder \"words\" reads no pictures; leave out "
                               "the folder of images, or take \"%s\"",
                               pictures_encoder);
        return encode_words(j, directory, options, report);
    }
    if (strcmp(options->encoder, pictures_encoder) != 0)
        return status_fail(LB_E_ARGUMENT, "there is no encoder \"%s\"; there are: %s, words",
                           options->encoder, pictures_encoder);
    if (options->fields)
        return status_fail(LB_E_ARGUMENT,
                           "the encoder \"%s\" reads pictures; fields are read by "
                           "\"words\"",
                           pictures_encoder);
    return encode_pictures(j, directory, options, report);
}
