/* Settings of a network from the JSON file beside it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "core/text.h"
#include "media/onnx_prepare.h"

static void add_scalar(text *t, const cJSON *value) {
    if (cJSON_IsString(value))
        text_add(t, "%s", value->valuestring);
    else if (cJSON_IsNumber(value))
        text_json_number(t, value->valuedouble);
    else
        t->status = LB_E_FORMAT;
}

/* [224, 224] of sides is 224x224, other lists have commas. */
static void add_value(text *t, const cJSON *member) {
    bool sides = strcmp(member->string, "size") == 0 || strcmp(member->string, "resize") == 0;
    if (!cJSON_IsArray(member)) {
        add_scalar(t, member);
        return;
    }
    for (const cJSON *item = member->child; item; item = item->next) {
        if (item != member->child) text_add(t, sides ? "x" : ",");
        add_scalar(t, item);
    }
}

static lb_status take_member(preparation *p, const cJSON *member) {
    text t = {0};
    if (strcmp(member->string, "preset") == 0) return LB_OK; // was taken first
    text_add(&t, "%s=", member->string);
    add_value(&t, member);
    lb_status status = t.status;
    if (status == LB_E_FORMAT)
        status = status_fail(LB_E_FORMAT, "\"%.64s\" must be text, a number or a list of them",
                             member->string);
    if (status == LB_OK) status = preparation_set(p, t.bytes);
    free(t.bytes);
    return status == LB_E_ARGUMENT ? LB_E_FORMAT : status;
}

static lb_status take_preset(preparation *p, const cJSON *object) {
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, "preset");
    if (!name) return LB_OK;
    if (!cJSON_IsString(name)) return status_fail(LB_E_FORMAT, "\"preset\" must be a name");
    lb_status status = preparation_preset(p, name->valuestring);
    return status == LB_E_ARGUMENT ? LB_E_FORMAT : status;
}

lb_status preparation_sidecar(preparation *p, const char *bytes, size_t size) {
    const char *advice =
        "a JSON object of settings such as {\"preset\": \"resnet\", \"size\": 224}";
    if (size > PREPARATION_MAX_SIDECAR)
        return status_fail(LB_E_FORMAT, "%zu bytes are no settings of a network: it must be %s",
                           size, advice);
    preparation made = *p;
    cJSON *object = size ? cJSON_ParseWithLength(bytes, size) : NULL;
    lb_status status = LB_OK;
    if (!cJSON_IsObject(object)) status = status_fail(LB_E_FORMAT, "it must be %s", advice);
    if (status == LB_OK) status = take_preset(&made, object);
    for (const cJSON *m = object ? object->child : NULL; m && status == LB_OK; m = m->next)
        status = take_member(&made, m);
    cJSON_Delete(object);
    if (status == LB_OK) *p = made;
    return status;
}
