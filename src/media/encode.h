/*
 * Encoding photos: from image files to a matrix of features, one row a product.
 *
 * An image_encoder turns one decoded picture into `dim` numbers: the built-in descriptor, or a
 * network from an ONNX file (onnx_encoder.h).
 */
#ifndef LB_MEDIA_ENCODE_H
#define LB_MEDIA_ENCODE_H

#include <stdbool.h>

#include "core/job.h"
#include "core/sha256.h"
#include "media/image.h"

/* ---------------------------------------------------------------- encoders */

typedef struct image_encoder image_encoder;

/* What an encoder is made of. `encode` and `close` get the encoder itself. */
struct image_encoder {
    const char *name;     // what the user calls it, such as "builtin"
    const char *identity; // changes whenever the numbers' meaning does, such as "builtin-1"; of a
                          // network it is a text with all that the numbers depend on
    size_t dim;           // numbers a picture
    size_t wanted;        // for image_decode: the shorter side that it makes use of; 0 = all pixels

    /* Encodes a picture (at least 1 x 1) in `out` (dim), all finite; or sets `*blank` if it shows
     * nothing (`out` is then ignored). May be called from several threads at once; the result
     * depends on the picture alone. */
    lb_status (*encode)(const image_encoder *encoder, const image *picture, float *out,
                        bool *blank);

    void (*close)(image_encoder *encoder); // frees it; NULL for a static one
};

/* The built-in descriptor (descriptor.h). Static storage; needs no close. */
const image_encoder *image_encoder_builtin(void);

/* Opens the encoder of an identity, as a feature of the dataset at `directory` or a model has it:
 * the built-in one, or a network that the dataset keeps, run by the library at `onnx_library` (NULL
 * = the system's). What it encodes is what the feature's pictures were encoded to. Close with
 * image_encoder_close.
 *
 * LB_E_UNSUPPORTED: an identity that is no encoder of pictures ("" of imported vectors, that of
 * words), no ONNX Runtime, or one that cannot run the network; LB_E_NOT_FOUND: the dataset has lost
 * the network; LB_E_FORMAT: it is damaged. */
lb_status image_encoder_open(const char *identity, const char *directory, const char *onnx_library,
                             image_encoder **out);

/* Decodes and encodes an image file of n bytes in memory into `out` (e->dim); a picture that shows
 * nothing sets `*blank`, and `out` is all zero. Pictures above `max_pixels` are refused (see
 * image_decode, whose errors it has). Thread-safe. */
lb_status image_encoder_photo(const image_encoder *e, const void *bytes, size_t n,
                              size_t max_pixels, float *out, bool *blank);

/* Frees an encoder that was opened; accepts NULL and static ones. */
void image_encoder_close(image_encoder *encoder);

/* ---------------------------------------------------------------- what to encode */

typedef struct encode_item {
    const char *id;   // the product's
    const char *path; // of its photo
} encode_item;

/* The photos of a folder. All zero is an empty list. */
typedef struct encode_list {
    encode_item *items; // (n) strictly ascending by id (byte order); ids and paths belong to it
    size_t n;
    size_t n_other;     // files that are not named like a photo, and folders
    size_t n_duplicate; // photos left out because another of the same id is listed
} encode_list;

/* Lists the photos ID.jpg, ID.jpeg, ID.png and ID.webp (in any case) of a folder, without
 * sub-folders and hidden files. Of several photos of one id the first in that order of endings is
 * taken, and among equal endings the first by name. LB_E_NOT_FOUND if there is no such folder,
 * LB_E_IO if it cannot be read, LB_E_EMPTY if it holds no photo; `out` is then untouched. Free with
 * encode_list_free. */
lb_status encode_list_folder(const char *folder, encode_list *out);

void encode_list_free(encode_list *list); // accepts an all-zero list, leaves one

/* ---------------------------------------------------------------- encoding */

typedef enum encode_outcome {
    ENCODE_OK,
    ENCODE_BLANK,   // one colour all over: says nothing about a product
    ENCODE_MISSING, // no file at the path
    ENCODE_BROKEN   // there is one but it cannot be read or decoded
} encode_outcome;

enum { ENCODE_N_OUTCOMES = 4 };

/* How each item went. All zero is an empty report. */
typedef struct encode_report {
    size_t n;
    encode_outcome *outcomes; // (n)
    char **reasons;           // (n) NULL for ENCODE_OK and ENCODE_BLANK, else path and reason
    uint8_t (*contents)[SHA256_SIZE]; // (n) of the files; zeros where one cannot be read
    bool *recalled;                   // (n) known already, not encoded now
    size_t counts[ENCODE_N_OUTCOMES]; // how many of each outcome; sums to n
    size_t n_recalled;
} encode_report;

/* Vectors that this encoder has made before, by the content of the picture's file. */
typedef struct encode_memory {
    void *context;

    /* Whether the vector of that content is known; `out` then receives it. Called by several
     * threads at once. */
    bool (*recall)(void *context, const uint8_t content[SHA256_SIZE], float *out);

    /* Pictures begin..end-1 are done: outcomes, contents and recalled are those of the report,
     * `out` is as of encode_images. On the thread that called encode_images. */
    lb_status (*remember)(void *context, const encode_report *report, const float *out,
                          size_t begin, size_t end);
} encode_memory;

/* "ok", "blank", "missing" or "broken". */
const char *encode_outcome_name(encode_outcome outcome);

/* Encodes n photos on the job's threads. `out` (n, encoder->dim) gets one row an item, in the order
 * of `items`, all zero unless the outcome is ENCODE_OK. What `memory` (NULL = none) recalls is not
 * encoded again. A photo that fails never stops the others: it is in the report. Progress is
 * reported as "encode", "photos". Pictures above `max_pixels` (see image_decode) count as broken.
 * The same bytes on any number of threads.
 *
 * LB_E_INTERRUPTED if the caller's progress function says stop, LB_E_NOMEM, and whatever else the
 * encoder itself or the memory fails with; `report` is then untouched and `out` undefined. Free the
 * report with encode_report_free. */
lb_status encode_images(job *j, const image_encoder *encoder, const encode_item *items, size_t n,
                        size_t max_pixels, const encode_memory *memory, float *out,
                        encode_report *report);

void encode_report_free(encode_report *report); // accepts an all-zero report, leaves one

#endif
