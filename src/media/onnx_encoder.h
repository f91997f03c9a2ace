/* Encoders that are networks from ONNX files, and the copies of these files that a dataset keeps:
 * DIR/encoders/SHA256.onnx. */
#ifndef LB_MEDIA_ONNX_ENCODER_H
#define LB_MEDIA_ONNX_ENCODER_H

#include "core/sha256.h"
#include "media/encode.h"
#include "media/onnx_prepare.h"

/* "onnx-1", the network's SHA-256, and preparation_text. */
enum { ONNX_IDENTITY_SIZE = 7 + SHA256_TEXT_SIZE + PREPARATION_TEXT_SIZE };

/* Opens the network of a file with a checked preparation. Errors begin with the path; those of
 * onnx_network_open, LB_E_NOT_FOUND and LB_E_IO. The result is closed with image_encoder_close. */
lb_status onnx_encoder_open_file(const char *path, const preparation *p, const char *library,
                                 image_encoder **out);

/* The same of an identity, with the copy in directory/encoders. LB_E_FORMAT: no such identity, or a
 * copy with another content; LB_E_NOT_FOUND: no copy. */
lb_status onnx_encoder_open(const char *identity, const char *directory, const char *library,
                            image_encoder **out);

/* Whether an identity is that of a network. */
bool onnx_encoder_is(const char *identity);

/* The SHA-256 of the network of such an identity; false for any other. */
bool onnx_encoder_digest(const char *identity, char digest[SHA256_TEXT_SIZE]);

/* Takes the settings of the sidecar beside a network, if there is one. LB_E_FORMAT names it. */
lb_status onnx_encoder_sidecar(const char *path, preparation *p);

/* Keeps a copy of the encoder's network in directory/encoders, all or nothing, unless it is there.
 * `path` is where the encoder was opened from: LB_E_MISMATCH if the file has changed since. */
lb_status onnx_encoder_keep(const image_encoder *encoder, const char *path, const char *directory);

#endif
