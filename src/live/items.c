#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "live/live_impl.h"

lb_status items_new(size_t capacity, const char *based_on, bool explained, lb_items **out) {
    lb_items *items;
    LB_TRY(NEW_ARRAY(items, 1));
    lb_status status = NEW_ARRAY(items->item, capacity);
    if (status != LB_OK) {
        free(items);
        return status;
    }
    items->capacity = capacity;
    items->based_on = based_on;
    items->explained = explained;
    *out = items;
    return LB_OK;
}

/* The public struct shows strings as constant; they are the result's own. */
static void free_text(const char *text) {
    free((char *)(uintptr_t)text);
}

void items_free(lb_items *items) {
    if (!items) return;
    for (size_t i = 0; i < items->n; i++) {
        free_text(items->item[i].id);
        free_text(items->item[i].title);
        free_text(items->item[i].because);
        free_text(items->item[i].looks_like);
        free_text(items->item[i].because_title);
        free_text(items->item[i].looks_like_title);
        free_text(items->item[i].brand);
        free_text(items->item[i].category);
        free_text(items->item[i].words);
    }
    free(items->item);
    free(items->json);
    free(items->list);
    free(items);
}

static lb_status copy_id(const lb_recommender *r, int64_t product, const char **out) {
    if (product < 0) return LB_OK;
    return (*out = memory_string(r->products.id[product])) ? LB_OK : LB_E_NOMEM;
}

static lb_status copy_text(const char *text, const char **out) {
    if (!text) return LB_OK;
    return (*out = memory_string(text)) ? LB_OK : LB_E_NOMEM;
}

static lb_status copy_title(const lb_recommender *r, int64_t product, const char **out) {
    const live_product *known = product < 0 ? NULL : r->known[product];
    return copy_text(known ? known->title : NULL, out);
}

lb_status items_add(lb_items *items, const lb_recommender *r, uint32_t product, const lb_item *item,
                    int64_t because, int64_t looks_like) {
    if (items->n == items->capacity)
        return status_fail(LB_E_ARGUMENT, "more than %zu items", items->capacity);
    lb_item *own = &items->item[items->n++]; // counted now, so that items_free sees its strings
    *own = *item;
    own->id = own->title = own->because = own->looks_like = NULL;
    own->because_title = own->looks_like_title = own->brand = own->category = NULL;
    own->words = NULL;
    const live_product *known = r->known[product];
    own->available = !known || known->available;
    own->has_photo = known && known->photo;
    own->price = known && known->price >= 0 ? known->price : (double)NAN;
    LB_TRY(copy_text(known ? known->brand : NULL, &own->brand));
    LB_TRY(copy_text(known ? known->category : NULL, &own->category));
    LB_TRY(copy_text(item->words, &own->words));
    LB_TRY(copy_id(r, product, &own->id));
    LB_TRY(copy_id(r, because, &own->because));
    LB_TRY(copy_id(r, looks_like, &own->looks_like));
    LB_TRY(copy_title(r, because, &own->because_title));
    LB_TRY(copy_title(r, looks_like, &own->looks_like_title));
    return copy_title(r, product, &own->title);
}

lb_status items_finish(lb_items *items) {
    return items_print(items, &items->json, &items->list);
}
