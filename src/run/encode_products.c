/* What is written of each product through an encoder of texts, block by block. */
#include "core/memory.h"
#include "data/dataset.h"
#include "run/encode_parts.h"

enum { BLOCK = 8192 }; // products whose texts are in memory at a time

typedef struct encoding {
    const text_reading *reading;
    uint32_t first;     // of the block
    product_info *info; // (BLOCK)
} encoding;

static lb_status encode_range(void *context, size_t begin, size_t end, unsigned worker) {
    const encoding *e = context;
    const text_reading *r = e->reading;
    for (size_t i = begin; i < end; i++) {
        const product_info *info = &e->info[i];
        const words_product said = {info->title, info->category, info->brand, info->description};
        size_t row = e->first + i;
        bool found;
        LB_TRY(r->read(r->context, worker, &said, r->rows + row * r->dim, &found));
        r->present[row] = found;
    }
    return LB_OK;
}

static lb_status encode_block(job *j, const dataset *d, encoding *e, uint32_t n) {
    LB_TRY(dataset_product_infos(d, e->first, n, e->info));
    lb_status status = job_run_range(j, n, e->reading->grain, encode_range, e);
    for (uint32_t i = 0; i < n; i++) product_info_free(&e->info[i]);
    return status;
}

static lb_status encode_all(job *j, const dataset *d, encoding *e) {
    uint32_t n_products = dataset_n_products(d);
    while (e->first < n_products) {
        uint32_t left = n_products - e->first, n = left < BLOCK ? left : BLOCK;
        LB_TRY(job_progress(j, "encode", "products", e->first, n_products));
        LB_TRY(encode_block(j, d, e, n));
        e->first += n;
    }
    return job_progress(j, "encode", "products", n_products, n_products);
}

lb_status encode_products(job *j, const dataset *d, const text_reading *r,
                          lb_encode_report *report) {
    encoding e = {.reading = r};
    uint32_t n_products = dataset_n_products(d);
    LB_TRY(NEW_ARRAY(e.info, BLOCK));
    lb_status status = encode_all(j, d, &e);
    free(e.info);
    LB_TRY(status);
    for (uint32_t p = 0; p < n_products; p++) report->encoded += r->present[p];
    report->wordless = n_products - report->encoded;
    if (report->encoded) return LB_OK;
    return status_fail(LB_E_EMPTY,
                       "%s: nothing to read is known of any product; import the catalogue "
                       "(--products FILE) with titles, categories or brands",
                       dataset_directory(d));
}
