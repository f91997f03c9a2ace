#include "core/memory.h"
#include "live/live_impl.h"

lb_status live_find_product(const lb_recommender *r, const char *id, uint32_t *out) {
    if (idmap_find(&r->products, id, out)) return LB_OK;
    return status_fail(LB_E_NOT_FOUND, "there is no product \"%s\"%s", id,
                       r->dataset ? "" : " in the model; newer ones need the dataset's directory");
}

lb_status live_find_user(const lb_recommender *r, const char *id, uint32_t *out) {
    if (idmap_find(&r->users, id, out)) return LB_OK;
    return status_fail(LB_E_NOT_FOUND,
                       "the model knows no user \"%s\"; give products that the person liked, or "
                       "train again if the user is newer than the model",
                       id);
}

lb_status live_keep_category(const lb_recommender *r, const char *category, uint8_t *skip) {
    if (!r->dataset)
        return status_fail(LB_E_ARGUMENT,
                           "category \"%s\": categories are in the dataset; open the model with "
                           "the dataset's directory",
                           category);
    uint8_t *mask;
    size_t count;
    LB_TRY(NEW_ARRAY(mask, r->n_products));
    lb_status status = dataset_category_mask(r->dataset, category, mask, &count);
    for (uint32_t p = 0; p < r->n_products && status == LB_OK; p++) skip[p] |= !mask[p];
    free(mask);
    return status;
}
