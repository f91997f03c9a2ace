/* CLIP's vocabulary from its file, plain or gzip. */
#ifndef LB_MODEL_CLIP_FILE_H
#define LB_MODEL_CLIP_FILE_H

#include "text/clip_tokens.h"

/* LB_E_NOT_FOUND, LB_E_IO; LB_E_FORMAT for any other file, damaged ones included. Free with
 * clip_tokens_free. */
lb_status clip_tokens_open(const char *path, clip_tokens **out);

#endif
