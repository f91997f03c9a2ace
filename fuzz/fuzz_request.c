/* Any bytes at all as a part of a request: the first byte says which (the table below). Readers
 * must refuse, or give what their contracts promise. The corpus in fuzz/corpus/request is run by
 * ctest; to search further:
 *
 *   clang -g -O1 -fsanitize=fuzzer,address,undefined -D_DEFAULT_SOURCE -Iinclude -I. \
 *         fuzz/fuzz_request.c
 * server/{arena,base64,buffer,fault,fields,form,guard,json,keys,query}.c \ server/requests.c
 * build/release/src/liblookbook.a ... -lcjson -o fuzz_request
 *   ./fuzz_request -max_len=4096 NEW_CORPUS fuzz/corpus/request
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/base64.h"
#include "server/buffer.h"
#include "server/fields.h"
#include "server/form.h"
#include "server/guard.h"
#include "server/json.h"
#include "server/requests.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

typedef struct all_fields {
    const char *text;
    field_ids ids;
    uint32_t count;
    int64_t time;
    double number;
    int on, choice;
    field_bytes bytes;
} all_fields;

static const field all_table[] = {
    {"text", FIELD_TEXT, offsetof(all_fields, text), 0, 1, 8, NULL},
    {"ids", FIELD_IDS, offsetof(all_fields, ids), 0, 0, 3, NULL},
    {"count", FIELD_COUNT, offsetof(all_fields, count), 0, 1, 1000, NULL},
    {"time", FIELD_TIME, offsetof(all_fields, time), 0, 1, 253402300799.0, NULL},
    {"number", FIELD_NUMBER, offsetof(all_fields, number), 0, 0, 1, NULL},
    {"on", FIELD_SWITCH, offsetof(all_fields, on), 0, 0, 0, NULL},
    {"choice", FIELD_CHOICE, offsetof(all_fields, choice), 0, 0, 0, "a|b|c"},
    {"bytes", FIELD_BYTES, offsetof(all_fields, bytes), 0, 0, 0, NULL},
    {NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

static void demand(int condition) {
    if (!condition) abort();
}

static void check_text(const char *text) {
    demand(utf8_prefix(text, strlen(text)) == strlen(text));
}

static void check_all(const all_fields *v) {
    if (v->text) {
        check_text(v->text);
        demand(*v->text && strlen(v->text) <= 8);
    }
    demand(v->ids.n <= 3 && v->count <= 1000 && v->number >= 0 && v->number <= 1);
    for (size_t i = 0; i < v->ids.n; i++) check_text(v->ids.id[i]);
    demand(v->choice >= 0 && v->choice <= 2 && (v->on == 0 || v->on == 1));
}

static void check_fault(const fault *f) {
    demand(f->message[0] != '\0');
    demand(fault_status(f->kind) >= 400);
}

static void as_json(const char *text, size_t n) {
    fault f = {0};
    cJSON *json = NULL;
    arena a = {0};
    all_fields v = {0};
    product_fields product;
    product_fields_init(&product);
    if (!json_parse(text, n, &json, &f)) {
        check_fault(&f);
        return;
    }
    if (fields_from_json(json, all_table, "", &a, &v, &f))
        check_all(&v);
    else
        check_fault(&f);
    if (fields_from_json(json, product_table, "line: ", &a, &product, &f))
        demand(product.product.id && *product.product.id && !(product.product.price < 0));
    cJSON_Delete(json);
    arena_free(&a);
}

static void as_query(const char *text) {
    fault f = {0};
    query q;
    arena a = {0};
    all_fields v = {0};
    if (query_parse(text, &a, &q, &f)) {
        for (size_t i = 0; i < q.n_segments; i++) check_text(q.segment[i]);
        if (fields_from_query(&q, all_table, &a, &v, &f)) check_all(&v);
    } else {
        check_fault(&f);
    }
    arena_free(&a);
}

/* The first line is the Content-Type. */
static void as_form(char *text, size_t n) {
    fault f = {0};
    form parts;
    char *end = memchr(text, '\n', n);
    if (!end) return;
    *end = '\0';
    const char *body = end + 1, *last = text + n;
    if (!form_parse(text, body, (size_t)(last - body), &parts, &f)) {
        check_fault(&f);
        return;
    }
    demand(parts.n <= FORM_MOST_PARTS);
    for (size_t i = 0; i < parts.n; i++) {
        demand(parts.part[i].bytes >= body && parts.part[i].bytes + parts.part[i].n <= last);
        demand(form_find(&parts, parts.part[i].name) == &parts.part[i]);
    }
}

static void as_base64(const char *text, size_t n) {
    size_t size;
    unsigned char *out = malloc(BASE64_ROOM(n) + 1);
    demand(out != NULL);
    if (base64_decode(text, n, out, &size))
        demand(size <= BASE64_ROOM(n) && n % 4 == 0 && size + 2 >= BASE64_ROOM(n));
    else
        demand(size <= n);
    free(out);
}

static void as_host(const char *text) {
    static const char *const names[] = {"shop.example"};
    guard g = {"127.0.0.1", false, names, 1};
    fault f = {0};
    if (!guard_host(&g, text, &f)) check_fault(&f);
    if (!guard_origin("127.0.0.1:8080", text, NULL, &f)) check_fault(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    char *text = malloc(size + 1);
    if (!text || !size) {
        free(text);
        return 0;
    }
    memcpy(text, bytes + 1, size - 1);
    text[size - 1] = '\0';
    switch (bytes[0]) {
    case 'j': as_json(text, size - 1); break;
    case 'q': as_query(text); break;
    case 'f': as_form(text, size - 1); break;
    case 'b': as_base64(text, size - 1); break;
    default: as_host(text); break;
    }
    free(text);
    return 0;
}
