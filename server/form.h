/* multipart/form-data (RFC 7578) in memory: parts with a name, at most a few. */
#ifndef LOOKBOOK_SERVER_FORM_H
#define LOOKBOOK_SERVER_FORM_H

#include <stddef.h>

#include "server/fault.h"

enum { FORM_MOST_PARTS = 8, FORM_MOST_NAME = 64, FORM_MOST_BOUNDARY = 70 };

typedef struct form_part {
    char name[FORM_MOST_NAME + 1];
    const char *bytes; // within the body
    size_t n;
} form_part;

typedef struct form {
    form_part part[FORM_MOST_PARTS];
    size_t n;
} form;

/* Takes a body apart. `content_type` is the header's value, with the boundary. File names and types
 * of the parts are of no interest and not looked at. */
bool form_parse(const char *content_type, const char *body, size_t n, form *out, fault *f);

const form_part *form_find(const form *f, const char *name); // NULL = there is none

#endif
