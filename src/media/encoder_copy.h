/* The files of encoders that a dataset keeps: DIR/encoders/SHA256 and an ending. */
#ifndef LB_MEDIA_ENCODER_COPY_H
#define LB_MEDIA_ENCODER_COPY_H

#include "core/file.h"
#include "core/sha256.h"
#include "core/status.h"

#define ENCODER_NETWORK    ".onnx"
#define ENCODER_VOCABULARY ".bpe"

/* The SHA-256 of a file's content. */
void encoder_copy_digest(const file_map *map, char text[SHA256_TEXT_SIZE]);

/* Keeps a copy of the file `path`, whose content had this digest when it was opened, all or
 * nothing, unless it is there. LB_E_MISMATCH if the file has changed since. */
lb_status encoder_copy_keep(const char *path, const char *digest, const char *ending,
                            const char *directory);

/* Opens the copy; *path (allocated, of failures too where there was memory) is where it is.
 * LB_E_NOT_FOUND: it is gone; LB_E_FORMAT: its content is another. Errors name it. */
lb_status encoder_copy_open(const char *directory, const char *digest, const char *ending,
                            char **path, file_map *out);

#endif
