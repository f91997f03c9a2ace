/* {"based_on":..,"items":[{"id":..,"title":..,"brand":..,"category":..,"price":..,"score":..,"new":..,"available":..,"photo":..,"reason":{"kind":
 * "taste|look|both|popular|words","because":..,"because_title":..,"closeness":..,"looks_like":..,
 * "looks_like_title":..,"likeness":..,"words":[..]}}]}; what is not known is null. */
#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "live/live_impl.h"

static const char *reason_name(lb_reason reason) {
    static const char *const names[] = {"popular", "taste", "look", "both", "words"};
    return names[reason];
}

static const char *name_of(int value) {
    return value ? "true" : "false";
}

/* They are letters and digits only, with spaces between. */
static void add_words(text *t, const char *words) {
    for (const char *at = words; *at;) {
        size_t n = strcspn(at, " ");
        text_add(t, "%s\"%.*s\"", at == words ? "" : ",", (int)n, at);
        at += n + (at[n] == ' ');
    }
}

static void add_reason(text *t, const lb_item *item) {
    text_add(t, "{\"kind\":\"%s\",\"because\":", reason_name(item->reason));
    text_json_string(t, item->because);
    text_add(t, ",\"because_title\":");
    text_json_string(t, item->because_title);
    text_add(t, ",\"closeness\":");
    text_json_number(t, item->closeness);
    text_add(t, ",\"looks_like\":");
    text_json_string(t, item->looks_like);
    text_add(t, ",\"looks_like_title\":");
    text_json_string(t, item->looks_like_title);
    text_add(t, ",\"likeness\":");
    text_json_number(t, item->likeness);
    text_add(t, ",\"words\":[");
    add_words(t, item->words ? item->words : "");
    text_add(t, "]}");
}

static void add_item(text *t, const lb_item *item, bool explained) {
    text_add(t, "{\"id\":");
    text_json_string(t, item->id);
    text_add(t, ",\"title\":");
    text_json_string(t, item->title);
    text_add(t, ",\"brand\":");
    text_json_string(t, item->brand);
    text_add(t, ",\"category\":");
    text_json_string(t, item->category);
    text_add(t, ",\"price\":");
    text_json_number(t, item->price);
    text_add(t, ",\"score\":");
    text_json_number(t, item->score);
    text_add(t, ",\"new\":%s,\"available\":%s,\"photo\":%s,\"reason\":", name_of(item->is_new),
             name_of(item->available), name_of(item->has_photo));
    if (explained)
        add_reason(t, item);
    else
        text_add(t, "null");
    text_add(t, "}");
}

lb_status items_print(const lb_items *items, char **json, char **list) {
    text t = {0}, whole = {0};
    text_add(&t, "[");
    for (size_t i = 0; i < items->n; i++) {
        if (i) text_add(&t, ",");
        add_item(&t, &items->item[i], items->explained);
    }
    text_add(&t, "]");
    if (t.status == LB_OK)
        text_add(&whole, "{\"based_on\":\"%s\",\"items\":%s}", items->based_on, t.bytes);
    if (t.status == LB_OK && whole.status == LB_OK) {
        *json = whole.bytes;
        *list = t.bytes;
        return LB_OK;
    }
    free(t.bytes);
    free(whole.bytes);
    return LB_E_NOMEM;
}
