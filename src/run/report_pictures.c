#include <string.h>

#include "core/memory.h"
#include "media/thumbnail.h"
#include "run/report_parts.h"

/* Pixels of the longer side: a picture in a map is 44 units of 480, on a wide screen about as many
 * pixels. */
enum { SIDE = 96, QUALITY = 78 };

typedef struct entry {
    bool made;
    thumbnail picture; // all zero where there is none
    char *name;
} entry;

struct report_pictures {
    const dataset *dataset;
    bool any;
    entry *entry; // (n_products)
};

lb_status report_pictures_new(const dataset *d, report_pictures **out) {
    report_pictures *p;
    LB_TRY(NEW_ARRAY(p, 1));
    p->dataset = d;
    lb_status status = NEW_ARRAY(p->entry, dataset_n_products(d));
    for (uint32_t i = 0; i < dataset_n_products(d) && !p->any; i++)
        p->any = dataset_image_path(d, i) != NULL;
    if (status == LB_OK)
        *out = p;
    else
        report_pictures_free(p);
    return status;
}

void report_pictures_free(report_pictures *p) {
    if (!p) return;
    for (uint32_t i = 0; p->entry && i < dataset_n_products(p->dataset); i++) {
        thumbnail_free(&p->entry[i].picture);
        free(p->entry[i].name);
    }
    free(p->entry);
    free(p);
}

bool report_pictures_any(const report_pictures *p) {
    return p->any;
}

static lb_status make_entry(const dataset *d, uint32_t product, entry *e) {
    const char *path = dataset_image_path(d, product);
    product_info info;
    LB_TRY(dataset_product_info(d, product, &info));
    bool titled = info.title && *info.title;
    e->name = memory_string(titled ? info.title : dataset_product_id(d, product));
    product_info_free(&info);
    if (!e->name) return LB_E_NOMEM;
    e->made = true;
    if (!path) return LB_OK;
    // A picture that has gone or is broken is like none.
    lb_status status = thumbnail_read(path, SIDE, QUALITY, &e->picture);
    return status == LB_E_NOMEM ? status : LB_OK;
}

lb_status report_picture(report_pictures *p, uint32_t product, figure_picture *out) {
    entry *e = &p->entry[product];
    if (!e->made) LB_TRY(make_entry(p->dataset, product, e));
    *out = (figure_picture){
        .jpeg = e->picture.jpeg,
        .size = e->picture.size,
        .width = e->picture.width,
        .height = e->picture.height,
        .name = e->name,
    };
    return LB_OK;
}
