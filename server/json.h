/* Bodies in JSON, read strictly: RFC 8259 to the letter, valid UTF-8, no NUL in a string, limits on
 * depth and number of values, nothing behind the value. */
#ifndef LOOKBOOK_SERVER_JSON_H
#define LOOKBOOK_SERVER_JSON_H

#include <stddef.h>

#include <cjson/cJSON.h>

#include "server/fault.h"

enum { JSON_MOST_DEPTH = 8, JSON_MOST_VALUES = 50000, JSON_MOST_DIGITS = 40 };

/* Parses text[0..n). The caller frees with cJSON_Delete. BAD_JSON says at which byte, counted from
 * 1, and what. */
bool json_parse(const char *text, size_t n, cJSON **out, fault *f);

#endif
