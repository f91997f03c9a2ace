/* The description of the API and the route table say the same; so do the error codes. */
#include "support.h"

#include "server/assets.h"
#include "server/exchange.h"

static cJSON *description;

static int open_description(void **state) {
    (void)state;
    const asset *a = asset_find("/api/openapi.json");
    description = a ? cJSON_ParseWithLength((const char *)a->bytes, a->n) : NULL;
    return description ? 0 : -1;
}

static int close_description(void **state) {
    (void)state;
    cJSON_Delete(description);
    return 0;
}

static const cJSON *get(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static void lower(const char *method, char out[16]) {
    size_t n = strlen(method);
    for (size_t i = 0; i <= n; i++)
        out[i] = (char)(method[i] >= 'A' && method[i] <= 'Z' ? method[i] + 32 : method[i]);
}

static void every_route_is_described(void **state) {
    (void)state;
    for (size_t i = 0; i < n_routes; i++) {
        char method[16];
        lower(routes[i].method, method);
        const cJSON *operation = get(get(get(description, "paths"), routes[i].path), method);
        if (!operation) fail_msg("%s %s is not described", routes[i].method, routes[i].path);
        assert_string_equal(get(operation, "x-right")->valuestring, right_name(routes[i].right));
        int has_body = get(operation, "requestBody") != NULL;
        assert_int_equal(has_body, routes[i].body != BODY_NONE);
        const cJSON *content = get(get(operation, "requestBody"), "content");
        assert_int_equal(get(content, "multipart/form-data") != NULL, routes[i].body == BODY_FORM);
    }
}

static void nothing_else_is_described(void **state) {
    (void)state;
    size_t n = 0;
    const cJSON *path;
    cJSON_ArrayForEach(path, get(description, "paths")) n += (size_t)cJSON_GetArraySize(path);
    assert_int_equal(n, n_routes);
    assert_true(n_routes < METRICS_ROUTES);
}

static void every_code_is_described(void **state) {
    (void)state;
    const cJSON *schema = get(get(get(description, "components"), "schemas"), "Error");
    const cJSON *error = get(get(schema, "properties"), "error");
    const cJSON *codes = get(get(get(error, "properties"), "code"), "enum");
    static const char *const known[] = {
#define CODE(name, status, code) code,
        FAULT_MAP(CODE)
#undef CODE
    };
    assert_int_equal(cJSON_GetArraySize(codes), sizeof known / sizeof *known);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_string_equal(cJSON_GetArrayItem(codes, (int)i)->valuestring, known[i]);
}

static void references_lead_somewhere(const cJSON *value) {
    const cJSON *member;
    cJSON_ArrayForEach(member, value) {
        if (member->string && strcmp(member->string, "$ref") == 0) {
            char kind[32], name[64];
            const char *at = member->valuestring + strlen("#/components/");
            size_t n = strcspn(at, "/");
            snprintf(kind, sizeof kind, "%.*s", (int)n, at);
            snprintf(name, sizeof name, "%s", at + n + 1);
            if (!get(get(get(description, "components"), kind), name))
                fail_msg("%s leads nowhere", member->valuestring);
        }
        references_lead_somewhere(member);
    }
}

static void all_references_lead_somewhere(void **state) {
    (void)state;
    references_lead_somewhere(description);
}

static void the_page_is_embedded(void **state) {
    (void)state;
    const asset *page = asset_find("/");
    assert_non_null(page);
    assert_string_equal(page->type, "text/html; charset=utf-8");
    assert_true(page->n > 0 && page->packed[0] == 0x1f && page->packed[1] == 0x8b);
    assert_null(asset_find("/app/../../etc/passwd"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_is_described), cmocka_unit_test(nothing_else_is_described),
        cmocka_unit_test(every_code_is_described), cmocka_unit_test(all_references_lead_somewhere),
        cmocka_unit_test(the_page_is_embedded)};
    return cmocka_run_group_tests(tests, open_description, close_description);
}
