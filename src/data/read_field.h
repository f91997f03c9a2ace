/* Single fields of records: numbers, times, ids, prices, names of columns. None depends on the
 * locale. */
#ifndef LB_DATA_READ_FIELD_H
#define LB_DATA_READ_FIELD_H

#include <stdbool.h>

#include "core/status.h"
#include "data/reader.h"

/* Parses all of text[0..length) as a decimal number such as 4, -0.5 or 1.2e9; false for anything
 * else: spaces, hexadecimal, nan, inf, and what does not fit a double. */
bool field_number(const char *text, size_t length, double *out);

/* A time: an integer (4.0 counts) in seconds since 1970, or in milliseconds if it is above 1e11
 * (the year 5138) or `milliseconds` is set. LB_E_FORMAT says what is wrong. */
lb_status field_time(const char *text, size_t length, bool milliseconds, int64_t *out);

/* A day or a second of a day as Yelp writes it, "2018-07-07" or "2018-07-07 22:09:11", as seconds
 * since 1970 (UTC). LB_E_FORMAT says what is wrong. */
lb_status field_date(const char *text, size_t length, int64_t *out);

/* A finite number, for `what` ("rating"). LB_E_FORMAT says what is wrong. */
lb_status field_finite(const char *what, const char *text, size_t length, double *out);

/* Trims spaces and checks an id: 1 to READER_MAX_ID bytes without control characters; `what` is
 * "user" or "product". `text` is valid UTF-8 and gets a NUL where the id ends. */
lb_status field_id(const char *what, char *text, size_t length, const char **out);

/* As field_id for an id written as a number: kept as written if it is an integer, and turned into
 * one if it is one in other notation (5.0, 1e3). `buffer` holds READER_MAX_ID + 1 bytes. */
lb_status field_number_id(const char *what, const char *text, size_t length, char *buffer,
                          const char **out);

/* The amount in a text such as "12.99", "$1,299.00" or "$10 - $20" (then the first); false if there
 * is none. */
bool field_price(const char *text, size_t length, double *out);

/* Whether a column's name means `name`: letter case, '_', '-' and spaces do not count, nor does the
 * ":token" that RecBole appends. `name` is in lower-case letters. */
bool field_named(const char *column, size_t length, const char *name);

/* Drops spaces and tabs at both ends. */
void field_trim(char **text, size_t *length);

/* Replaces control characters (also NUL) by spaces, so that a text is one clean line. */
void field_clean(char *text, size_t length);

#endif
