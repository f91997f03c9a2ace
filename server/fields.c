#include "server/fields.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/base64.h"

typedef struct place {
    const char *where; // before the name
    const field *field;
    fault *f;
} place;

static bool wrong(const place *p, const char *must) {
    return fault_set(p->f, FAULT_BAD_FIELD, "%s\"%s\" must be %s", p->where, p->field->name, must);
}

static bool no_memory(const place *p) {
    return fault_set(p->f, FAULT_INTERNAL, "out of memory");
}

static bool out_of_range(const place *p, const char *what) {
    char must[160];
    snprintf(must, sizeof must, "%s from %.15g to %.15g", what, p->field->low, p->field->high);
    return wrong(p, must);
}

/* ---------------------------------------------------------------- values */

static bool store_text(const place *p, const char *value, void *out) {
    size_t n = strlen(value);
    if ((double)n < p->field->low || (double)n > p->field->high)
        return out_of_range(p, "a text of a number of bytes");
    *(const char **)out = value;
    return true;
}

static bool store_number(const place *p, double value, void *out) {
    bool whole = p->field->kind != FIELD_NUMBER;
    if (!(value >= p->field->low && value <= p->field->high) || (whole && value != floor(value)))
        return out_of_range(p, whole ? "a whole number" : "a number");
    if (p->field->kind == FIELD_COUNT)
        *(uint32_t *)out = (uint32_t)value;
    else if (p->field->kind == FIELD_TIME)
        *(int64_t *)out = (int64_t)value;
    else
        *(double *)out = value;
    return true;
}

static bool store_choice(const place *p, const char *value, void *out) {
    size_t n = strlen(value);
    char must[160];
    int index = 0;
    for (const char *at = p->field->choices; at; index++) {
        size_t length = strcspn(at, "|");
        if (length == n && memcmp(at, value, n) == 0) {
            *(int *)out = index;
            return true;
        }
        at = at[length] ? at + length + 1 : NULL;
    }
    snprintf(must, sizeof must, "one of %s", p->field->choices);
    return wrong(p, must);
}

static bool check_id_count(const place *p, size_t n) {
    char most[64];
    if ((double)n <= p->field->high) return true;
    snprintf(most, sizeof most, "at most %.0f ids", p->field->high);
    return wrong(p, most);
}

/* ---------------------------------------------------------------- from JSON */

static bool ids_from_json(const place *p, const cJSON *value, arena *a, field_ids *out) {
    if (!cJSON_IsArray(value)) return wrong(p, "an array of product ids");
    size_t n = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, value) n++;
    if (!check_id_count(p, n)) return false;
    const char **id = arena_take(a, (n + 1) * sizeof *id);
    if (!id) return no_memory(p);
    n = 0;
    cJSON_ArrayForEach(item, value) {
        if (!cJSON_IsString(item)) return wrong(p, "an array of product ids, which are texts");
        id[n++] = item->valuestring;
    }
    *out = (field_ids){id, n};
    return true;
}

static bool bytes_from_json(const place *p, const char *value, arena *a, field_bytes *out) {
    size_t n = strlen(value), size;
    char must[96];
    unsigned char *bytes = arena_take(a, BASE64_ROOM(n) + 1);
    if (!bytes) return no_memory(p);
    if (!base64_decode(value, n, bytes, &size)) {
        snprintf(must, sizeof must, "base64 with its padding; its character %zu is not", size + 1);
        return wrong(p, must);
    }
    if (!size) return wrong(p, "an image file in base64, and is empty");
    *out = (field_bytes){bytes, size};
    return true;
}

static bool value_from_json(const place *p, const cJSON *value, arena *a, void *out) {
    switch (p->field->kind) {
    case FIELD_TEXT:
        if (!cJSON_IsString(value)) return wrong(p, "a text");
        return store_text(p, value->valuestring, out);
    case FIELD_IDS: return ids_from_json(p, value, a, out);
    case FIELD_COUNT:
    case FIELD_TIME:
    case FIELD_NUMBER:
        return store_number(p, cJSON_IsNumber(value) ? value->valuedouble : (double)NAN, out);
    case FIELD_SWITCH:
        if (!cJSON_IsBool(value)) return wrong(p, "true or false");
        *(int *)out = cJSON_IsTrue(value) ? 1 : 0;
        return true;
    case FIELD_CHOICE:
        if (!cJSON_IsString(value)) return wrong(p, "a text");
        return store_choice(p, value->valuestring, out);
    case FIELD_BYTES:
        if (!cJSON_IsString(value)) return wrong(p, "an image file in base64");
        return bytes_from_json(p, value->valuestring, a, out);
    }
    return wrong(p, "something else");
}

static const field *find(const field *table, const char *name) {
    for (; table->name; table++)
        if (strcmp(table->name, name) == 0) return table;
    return NULL;
}

static bool unknown(const field *table, const char *where, const char *name, fault *f) {
    char known[400] = "";
    size_t n = 0;
    for (const field *row = table; row->name && n < sizeof known; row++)
        n += (size_t)snprintf(known + n, sizeof known - n, "%s%s", n ? ", " : "", row->name);
    return fault_set(f, FAULT_BAD_FIELD, "%sthere is no field \"%.100s\"; there are: %s", where,
                     name, *known ? known : "none");
}

static bool check_required(const field *table, unsigned long given, const char *where, fault *f) {
    for (const field *row = table; row->name; row++)
        if (row->required && !(given >> (row - table) & 1))
            return fault_set(f, FAULT_BAD_FIELD, "%s\"%s\" is missing", where, row->name);
    return true;
}

bool fields_from_json(const cJSON *object, const field *table, const char *where, arena *a,
                      void *values, fault *f) {
    unsigned long given = 0;
    const cJSON *member;
    if (!cJSON_IsObject(object))
        return fault_set(f, FAULT_BAD_FIELD, "%sa JSON object is wanted: {..}", where);
    cJSON_ArrayForEach(member, object) {
        place p = {where, find(table, member->string), f};
        if (!p.field) return unknown(table, where, member->string, f);
        unsigned long bit = 1ul << (p.field - table);
        if (given & bit)
            return fault_set(f, FAULT_BAD_FIELD, "%s\"%s\" is given twice", where, p.field->name);
        given |= bit;
        if (!value_from_json(&p, member, a, (char *)values + p.field->offset)) return false;
    }
    return check_required(table, given, where, f);
}

/* ---------------------------------------------------------------- from an address */

static bool number_from_text(const char *text, double *out) {
    char *end;
    if (!*text || strspn(text, "0123456789.-") != strlen(text)) return false;
    errno = 0;
    *out = strtod(text, &end);
    return !*end && !errno;
}

static bool switch_from_text(const char *text, int *out) {
    bool yes = strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    bool no = strcmp(text, "false") == 0 || strcmp(text, "0") == 0;
    *out = yes;
    return yes || no;
}

static bool ids_from_text(const place *p, const char *text, arena *a, field_ids *out) {
    size_t n = 1;
    for (const char *c = text; *c; c++) n += *c == ',';
    if (!check_id_count(p, n)) return false;
    char *copy = arena_copy(a, text, strlen(text));
    const char **id = arena_take(a, n * sizeof *id);
    if (!copy || !id) return no_memory(p);
    n = 0;
    for (char *at = copy;;) {
        size_t length = strcspn(at, ",");
        bool last = !at[length];
        if (!length) return wrong(p, "product ids with commas between");
        at[length] = '\0';
        id[n++] = at;
        if (last) break;
        at += length + 1;
    }
    *out = (field_ids){id, n};
    return true;
}

static bool value_from_text(const place *p, const char *text, arena *a, void *out) {
    double number;
    switch (p->field->kind) {
    case FIELD_TEXT: return store_text(p, text, out);
    case FIELD_IDS: return ids_from_text(p, text, a, out);
    case FIELD_COUNT:
    case FIELD_TIME:
    case FIELD_NUMBER:
        return store_number(p, number_from_text(text, &number) ? number : (double)NAN, out);
    case FIELD_SWITCH: return switch_from_text(text, out) || wrong(p, "true or false");
    case FIELD_CHOICE: return store_choice(p, text, out);
    case FIELD_BYTES: break;
    }
    return wrong(p, "in the body, not in the address");
}

bool fields_from_query(const query *q, const field *table, arena *a, void *values, fault *f) {
    unsigned long given = 0;
    for (size_t i = 0; i < q->n_parameters; i++) {
        place p = {"", find(table, q->parameter[i].name), f};
        if (!p.field) return unknown(table, "", q->parameter[i].name, f);
        given |= 1ul << (p.field - table);
        if (!value_from_text(&p, q->parameter[i].value, a, (char *)values + p.field->offset))
            return false;
    }
    return check_required(table, given, "", f);
}
