/* json_get [KEY|INDEX]...: reads one JSON document from standard input, nothing before or after
 * it, walks to a value and prints it: text as it is, the number of elements of an array or
 * object. Exit status 1 with a reason if it is no JSON or has no such value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

enum { LIMIT = 1 << 22 };

static int fail(const char *what, const char *detail) {
    fprintf(stderr, "json_get: %s %s\n", what, detail);
    return 1;
}

int main(int argc, char **argv) {
    static char text[LIMIT];
    size_t n = fread(text, 1, LIMIT - 1, stdin);
    const char *end = NULL;
    cJSON *root = cJSON_ParseWithLengthOpts(text, n + 1, &end, 1);
    if (!root) return fail("no JSON:", text);
    const cJSON *value = root;
    for (int i = 1; i < argc && value; i++)
        value = cJSON_IsArray(value) ? cJSON_GetArrayItem(value, (int)strtol(argv[i], NULL, 10))
                                     : cJSON_GetObjectItemCaseSensitive(value, argv[i]);
    if (!value) {
        cJSON_Delete(root);
        return fail("no such value:", argv[argc - 1]);
    }
    if (cJSON_IsString(value))
        puts(value->valuestring);
    else if (cJSON_IsArray(value) || cJSON_IsObject(value))
        printf("%d\n", cJSON_GetArraySize(value));
    else if (cJSON_IsNull(value))
        puts("null");
    else if (cJSON_IsBool(value))
        puts(cJSON_IsTrue(value) ? "true" : "false");
    else
        printf("%.10g\n", value->valuedouble);
    cJSON_Delete(root);
    return 0;
}
