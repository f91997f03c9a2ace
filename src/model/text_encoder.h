/*
 * Networks that read texts: CLIP's text encoder and those of its kind, from an ONNX file, with
 * CLIP's vocabulary (text/clip_tokens.h). A text is a vector of length one; so is what is written
 * of a product, and, of a network that stands beside one that sees, a picture by that: all of them
 * in one space, where near things go together.
 *
 * What the vectors depend on is the identity of such an encoder, as features and models keep it:
 *   clip-text-1 NETWORK VOCABULARY beside=SEER fields=title,category,brand output=NAME
 * with the SHA-256 of the files, SEER that of the network of pictures or "none", and what is read
 * of a product. Both files are copied to DIR/encoders.
 */
#ifndef LB_MODEL_TEXT_ENCODER_H
#define LB_MODEL_TEXT_ENCODER_H

#include <stdbool.h>
#include <stdint.h>

#include "core/sha256.h"
#include "data/dataset.h"
#include "text/words.h"

typedef struct text_encoder text_encoder;

/* Where a new one comes from. */
typedef struct text_encoder_files {
    const char *network, *vocabulary; // paths
    const char *output;               // of the network; "" = its only one
    const char *seer;                 // SHA-256 of the network of pictures, "" = none
    const char *library;              // ONNX Runtime; NULL = the system's
    unsigned fields;                  // text/words.h
} text_encoder_files;

/* Loads it. Errors of onnx_network_open and clip_tokens_open, beginning with the file's path. */
lb_status text_encoder_open(const text_encoder_files *files, text_encoder **out);

/* That of an identity, kept by the dataset at `directory`. The files are loaded when they are first
 * needed, or by text_encoder_load. LB_E_FORMAT: no such identity. */
lb_status text_encoder_new(const char *identity, const char *directory, const char *library,
                           text_encoder **out);
void text_encoder_free(text_encoder *e); // accepts NULL

/* Thread-safe. LB_E_NOT_FOUND: the dataset has lost a file; LB_E_FORMAT: it is damaged;
 * LB_E_UNSUPPORTED: no ONNX Runtime. Once it is loaded it stays so. */
lb_status text_encoder_load(text_encoder *e);

bool text_encoder_is(const char *identity);
const char *text_encoder_identity(const text_encoder *e);
const char *text_encoder_seer(const text_encoder *e); // SHA-256, "" = none
uint32_t text_encoder_dim(const text_encoder *e);     // once it is loaded

/* A text's vector, out (dim), of length one. Loads first. LB_E_MISMATCH if the network gives
 * another dim; LB_E_NUMERIC for zero. Any text will do; of a long one CLIP reads the first 75
 * tokens. Thread-safe. */
lb_status text_encoder_read(text_encoder *e, const char *string, uint32_t dim, float *out);

/* That of a product: title, brand and the last steps of its category paths with commas between, as
 * far as its fields are these. *found is false, and out zero, where nothing is known. */
lb_status text_encoder_product(text_encoder *e, const words_product *product, uint32_t dim,
                               float *out, bool *found);

/* Keeps the files of one that was opened from them. All or nothing each. */
lb_status text_encoder_keep(const text_encoder *e, const text_encoder_files *files,
                            const char *directory);

#endif
