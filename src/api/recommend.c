/* The public calls that answer: arguments are checked before anything is touched. */
#include <string.h>

#include "api/check.h"
#include "core/job.h"
#include "live/live.h"

enum { MOST_ITEMS = 10000, MOST_FEEDBACK = 1000 };

lb_status lb_recommender_open(const char *path, const char *directory, const lb_runtime *runtime,
                              lb_recommender **out) {
    job *j;
    if (!path || !*path) return status_fail(LB_E_ARGUMENT, "no model file is given");
    if (directory && !*directory)
        return status_fail(LB_E_ARGUMENT, "the dataset directory is empty; NULL goes without one");
    if (!out) return status_fail(LB_E_ARGUMENT, "there is no place for the recommender");
    LB_TRY(job_new(runtime, &j));
    lb_status status = live_open(j, path, directory, out);
    job_free(j);
    return status;
}

void lb_recommender_close(lb_recommender *recommender) {
    live_close(recommender);
}

void lb_recommend_options_init(lb_recommend_options *options) {
    memset(options, 0, sizeof *options);
    options->n = 10;
    options->only_available = 1;
    options->explain = 1;
}

void lb_similar_options_init(lb_similar_options *options) {
    memset(options, 0, sizeof *options);
    options->n = 10;
}

static lb_status check_ids(const char *what, const char *const *ids, size_t n, size_t most) {
    if (n > most) return status_fail(LB_E_ARGUMENT, "%zu %s products: at most %zu", n, what, most);
    if (n && !ids) return status_fail(LB_E_ARGUMENT, "the list of %s products is NULL", what);
    for (size_t i = 0; i < n; i++)
        if (!ids[i]) return status_fail(LB_E_ARGUMENT, "%s product %zu is NULL", what, i);
    return LB_OK;
}

static lb_status check_place(const lb_recommender *recommender, const void *options,
                             lb_items **out) {
    if (!recommender) return status_fail(LB_E_ARGUMENT, "no recommender is given");
    if (!options) return status_fail(LB_E_ARGUMENT, "no options are given");
    if (!out) return status_fail(LB_E_ARGUMENT, "there is no place for the items");
    return LB_OK;
}

static lb_status check_n(uint32_t n) {
    if (n < 1 || n > MOST_ITEMS)
        return status_fail(LB_E_ARGUMENT, "n is %u: must be 1 to %d", n, MOST_ITEMS);
    return LB_OK;
}

static lb_status check_category(const char *category) {
    if (category && !*category)
        return status_fail(LB_E_ARGUMENT, "the category is empty; NULL stands for all");
    return LB_OK;
}

static lb_status check_recommend(const lb_recommend_options *o) {
    LB_TRY(check_ids("liked", o->liked, o->n_liked, MOST_FEEDBACK));
    LB_TRY(check_ids("disliked", o->disliked, o->n_disliked, MOST_FEEDBACK));
    LB_TRY(check_ids("excluded", o->exclude, o->n_exclude, SIZE_MAX));
    if (!o->user && !o->n_liked)
        return status_fail(LB_E_ARGUMENT, "neither a user nor liked products are given");
    LB_TRY(check_n(o->n));
    if (o->n_new > o->n)
        return status_fail(LB_E_ARGUMENT, "n_new is %u: must be 0 to n, %u", o->n_new, o->n);
    LB_TRY(api_check_switch("exclude_seen", o->exclude_seen));
    return check_category(o->category);
}

lb_status lb_recommend(const lb_recommender *recommender, const lb_recommend_options *options,
                       lb_items **out) {
    LB_TRY(check_place(recommender, options, out));
    LB_TRY(check_recommend(options));
    return live_recommend(recommender, options, out);
}

lb_status lb_similar(const lb_recommender *recommender, const lb_similar_options *options,
                     lb_items **out) {
    LB_TRY(check_place(recommender, options, out));
    if (!options->product) return status_fail(LB_E_ARGUMENT, "no product is given");
    if (options->by != LB_BY_TASTE && options->by != LB_BY_LOOK && options->by != LB_BY_BOTH)
        return status_fail(LB_E_ARGUMENT, "by is %d: must be taste, look or both",
                           (int)options->by);
    LB_TRY(check_n(options->n));
    LB_TRY(check_category(options->category));
    return live_similar(recommender, options, out);
}

size_t lb_items_count(const lb_items *items) {
    return items ? items->n : 0;
}

const lb_item *lb_items_get(const lb_items *items, size_t index) {
    return items && index < items->n ? &items->item[index] : NULL;
}

const char *lb_items_json(const lb_items *items) {
    return items ? items->json : "{\"items\":[]}";
}

const char *lb_items_based_on(const lb_items *items) {
    (void)items;
    return "popular";
}

const char *lb_items_json_list(const lb_items *items) {
    return items ? items->list : "[]";
}

void lb_items_free(lb_items *items) {
    items_free(items);
}
