/* What a request may say, as tables: members of a JSON body and parameters of an address, read into
 * the fields of a struct. A name that is in no table, one given twice, a value of another type or
 * out of range is a BAD_FIELD that says which. */
#ifndef LOOKBOOK_SERVER_FIELDS_H
#define LOOKBOOK_SERVER_FIELDS_H

#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "server/arena.h"
#include "server/query.h"

typedef enum field_kind {
    FIELD_TEXT,   // const char *, of low..high bytes
    FIELD_IDS,    // field_ids, at most `high`; in an address with commas between
    FIELD_COUNT,  // uint32_t within low..high
    FIELD_TIME,   // int64_t within low..high
    FIELD_NUMBER, // double within low..high
    FIELD_SWITCH, // int: true 1, false 0; in an address "true" or "1", "false" or "0"
    FIELD_CHOICE, // int: the place in `choices`
    FIELD_BYTES   // field_bytes: base64; in a JSON body only
} field_kind;

typedef struct field_ids {
    const char *const *id; // (n)
    size_t n;
} field_ids;

typedef struct field_bytes {
    const void *bytes; // NULL = not given
    size_t n;
} field_bytes;

enum { FIELD_OPTIONAL = 0, FIELD_REQUIRED = 1 };

/* A table ends with a row whose name is NULL; it has at most 32 rows. */
typedef struct field {
    const char *name;
    field_kind kind;
    size_t offset; // of the field in the struct
    int required;
    double low, high;
    const char *choices; // FIELD_CHOICE: "a|b|c"
} field;

/* What is not given keeps its value. Strings live in the object, or the query, and the arena.
 * `where` goes before the names in messages ("feedback 3: "), "" for none. `object` must be a JSON
 * object. */
bool fields_from_json(const cJSON *object, const field *table, const char *where, arena *a,
                      void *values, fault *f);
bool fields_from_query(const query *q, const field *table, arena *a, void *values, fault *f);

#endif
