#include "data/product_text.h"

#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "data/idmap.h"

enum { BLOCK = 4096 };

static lb_status keep(product_texts *t, const char *string, const char **out) {
    uint32_t row;
    if (!string) return LB_OK;
    LB_TRY(idmap_add(t->impl, string, &row, NULL));
    *out = ((const idmap *)t->impl)->id[row];
    return LB_OK;
}

/* Adds the steps of category paths as words, one path after the other. */
static void add_paths(text *joined, const char *paths) {
    for (;;) {
        const char *end = paths;
        while (*end && *end != '\n' && strncmp(end, " > ", 3) != 0) end++;
        text_add(joined, "%s%.*s", joined->n ? " " : "", (int)(end - paths), paths);
        if (!*end) return;
        paths = end + (*end == '\n' ? 1 : 3);
    }
}

static lb_status keep_product(product_texts *t, uint32_t product, const product_info *info,
                              text *joined) {
    LB_TRY(keep(t, info->title, &t->title[product]));
    LB_TRY(keep(t, info->category, &t->category[product]));
    LB_TRY(keep(t, info->brand, &t->brand[product]));
    joined->n = 0;
    text_add(joined, "%s", info->title ? info->title : "");
    if (info->category) add_paths(joined, info->category);
    if (info->brand) text_add(joined, "%s%s", joined->n ? " " : "", info->brand);
    LB_TRY(joined->status);
    return keep(t, joined->n ? joined->bytes : "", &t->text[product]);
}

static lb_status load_all(const dataset *d, product_info *info, text *joined, product_texts *t) {
    for (uint32_t first = 0, n; first < t->n; first += n) {
        n = t->n - first < BLOCK ? t->n - first : BLOCK;
        LB_TRY(dataset_product_infos(d, first, n, info));
        lb_status status = LB_OK;
        for (uint32_t i = 0; i < n; i++) {
            if (status == LB_OK) status = keep_product(t, first + i, &info[i], joined);
            product_info_free(&info[i]);
        }
        LB_TRY(status);
    }
    return LB_OK;
}

lb_status product_texts_load(const dataset *d, product_texts *out) {
    product_texts t = {.n = dataset_n_products(d)};
    product_info *info = NULL;
    text joined = {0};
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(info, BLOCK));
    LB_TRY_CLEANUP((t.impl = memory_new(1, sizeof(idmap))) ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(NEW_ARRAY(t.title, t.n));
    LB_TRY_CLEANUP(NEW_ARRAY(t.category, t.n));
    LB_TRY_CLEANUP(NEW_ARRAY(t.brand, t.n));
    LB_TRY_CLEANUP(NEW_ARRAY(t.text, t.n));
    LB_TRY_CLEANUP(load_all(d, info, &joined, &t));
    *out = t;
    t = (product_texts){0};
cleanup:
    product_texts_free(&t);
    free(info);
    free(joined.bytes);
    return status;
}

void product_texts_free(product_texts *t) {
    if (t->impl) idmap_free(t->impl);
    free(t->impl);
    free(t->title);
    free(t->category);
    free(t->brand);
    free(t->text);
    *t = (product_texts){0};
}
