/* What the files that implement encode.h share. */
#ifndef LB_RUN_ENCODE_PARTS_H
#define LB_RUN_ENCODE_PARTS_H

#include "core/job.h"
#include "data/dataset.h"
#include "media/encode.h"
#include "text/words.h"

/* An encoder and where a network was read from, to be kept with the dataset; NULL if it is kept
 * already or there is none. */
typedef struct encode_choice {
    image_encoder *encoder;
    const char *network;
} encode_choice;

/* The encoder of pictures that the options ask for, for the feature `name`. Close
 * choice.encoder. */
lb_status encode_choose(const char *directory, const lb_encode_options *options, const char *name,
                        encode_choice *out);

/* Writes what could not be encoded as a table: product, path, outcome, reason. All or nothing. */
lb_status encode_write_failures(const char *path, const encode_item *items,
                                const encode_report *report);

/* How texts become rows. */
typedef struct text_reading {
    lb_status (*read)(void *context, unsigned worker, const words_product *said, float *row,
                      bool *found); // on several threads
    void *context;
    uint32_t dim, grain; // numbers of a row; products of one piece of work
    float *rows;         // (n_products, dim)
    uint8_t *present;    // (n_products)
} text_reading;

/* Fills the rows of all products, and the counts of the report. LB_E_EMPTY if nothing is written of
 * any. */
lb_status encode_products(job *j, const dataset *d, const text_reading *r,
                          lb_encode_report *report);

/* The same with the encoder "words" and options that fit it; `report` is not NULL. */
lb_status encode_words(job *j, const char *directory, const lb_encode_options *options,
                       lb_encode_report *report);

/* The same with a network that reads texts; whether the options ask for one: a vocabulary, or the
 * encoder of a feature that was made so. */
bool encode_reads_texts(const char *directory, const lb_encode_options *options);
lb_status encode_texts(job *j, const char *directory, const lb_encode_options *options,
                       lb_encode_report *report);

/* And with an encoder of pictures. */
lb_status encode_pictures(job *j, const char *directory, const lb_encode_options *options,
                          lb_encode_report *report);

#endif
