/* The public calls that answer: arguments are checked before anything is touched. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "api/check.h"
#include "core/job.h"
#include "core/utf8.h"
#include "live/live.h"

enum { MOST_ITEMS = 10000, MOST_FEEDBACK = 1000, MOST_REQUEST = 65536 };

void lb_recommender_options_init(lb_recommender_options *options) {
    memset(options, 0, sizeof *options);
}

lb_status lb_recommender_open_with(const lb_recommender_options *o, const lb_runtime *runtime,
                                   lb_recommender **out) {
    job *j;
    if (!o) return status_fail(LB_E_ARGUMENT, "no options are given");
    if (!o->model || !*o->model) return status_fail(LB_E_ARGUMENT, "no model file is given");
    if (o->directory && !*o->directory)
        return status_fail(LB_E_ARGUMENT, "the dataset directory is empty; NULL goes without one");
    if (!out) return status_fail(LB_E_ARGUMENT, "there is no place for the recommender");
    LB_TRY(job_new(runtime, &j));
    lb_status status = live_open(j, o->model, o->directory, false, o->onnx_library, out);
    job_free(j);
    return status;
}

lb_status lb_recommender_open(const char *path, const char *directory, const lb_runtime *runtime,
                              lb_recommender **out) {
    const lb_recommender_options options = {.model = path, .directory = directory};
    return lb_recommender_open_with(&options, runtime, out);
}

void lb_recommender_close(lb_recommender *recommender) {
    live_close(recommender);
}

void lb_recommend_options_init(lb_recommend_options *options) {
    memset(options, 0, sizeof *options);
    options->n = 10;
    options->price_min = options->price_max = (double)NAN;
    options->only_available = 1;
    options->explain = 1;
}

void lb_similar_options_init(lb_similar_options *options) {
    memset(options, 0, sizeof *options);
    options->n = 10;
    options->price_min = options->price_max = (double)NAN;
}

static lb_status check_ids(const char *what, const char *const *ids, size_t n, size_t most) {
    if (n > most) return status_fail(LB_E_ARGUMENT, "%zu %s products: at most %zu", n, what, most);
    if (n && !ids) return status_fail(LB_E_ARGUMENT, "the list of %s products is NULL", what);
    for (size_t i = 0; i < n; i++)
        if (!ids[i]) return status_fail(LB_E_ARGUMENT, "%s product %zu is NULL", what, i);
    return LB_OK;
}

static lb_status check_image(const void *image, size_t bytes) {
    if (!image && bytes)
        return status_fail(LB_E_ARGUMENT, "an image of %zu bytes is announced but not given",
                           bytes);
    if (image && !bytes) return status_fail(LB_E_ARGUMENT, "the image is empty");
    return LB_OK;
}

static lb_status check_request(const char *words) {
    size_t length = words ? strlen(words) : 0;
    if (length > MOST_REQUEST)
        return status_fail(LB_E_ARGUMENT, "the text has %zu bytes: at most %d", length,
                           MOST_REQUEST);
    if (length && utf8_valid_length(words, length) != length)
        return status_fail(LB_E_ARGUMENT, "the text is not UTF-8");
    return LB_OK;
}

static bool is_blank(const char *words) {
    return !words || !words[strspn(words, " \t\r\n\v\f")];
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

lb_status api_check_price(double least, double most) {
    if (least < 0 || most < 0 || least > most || isinf(least))
        return status_fail(LB_E_ARGUMENT,
                           "prices from %g to %g: neither may be negative, nor the first above the "
                           "second",
                           least, most);
    return LB_OK;
}

lb_status api_check_recommend(const lb_recommend_options *o) {
    LB_TRY(check_ids("liked", o->liked, o->n_liked, MOST_FEEDBACK));
    LB_TRY(check_ids("disliked", o->disliked, o->n_disliked, MOST_FEEDBACK));
    LB_TRY(check_ids("excluded", o->exclude, o->n_exclude, SIZE_MAX));
    LB_TRY(check_image(o->image, o->image_bytes));
    LB_TRY(check_request(o->text));
    LB_TRY(check_n(o->n));
    if (o->offset > MOST_ITEMS - o->n)
        return status_fail(LB_E_ARGUMENT, "offset is %u: offset and n are at most %d together",
                           o->offset, MOST_ITEMS);
    if (!(o->diversity >= 0 && o->diversity <= 1))
        return status_fail(LB_E_ARGUMENT, "diversity is %g: must be 0 to 1", o->diversity);
    if (o->n_new > o->n)
        return status_fail(LB_E_ARGUMENT, "n_new is %u: must be 0 to n, %u", o->n_new, o->n);
    LB_TRY(api_check_price(o->price_min, o->price_max));
    LB_TRY(api_check_switch("exclude_seen", o->exclude_seen));
    LB_TRY(api_check_switch("only_available", o->only_available));
    LB_TRY(api_check_switch("explain", o->explain));
    return check_category(o->category);
}

lb_status api_check_person(const lb_recommend_options *o) {
    if (o->user || o->n_liked || o->image || !is_blank(o->text)) return LB_OK;
    return status_fail(LB_E_ARGUMENT, "neither a user, liked products, an image nor a text with "
                                      "words in it are given");
}

lb_status api_check_similar(const lb_similar_options *o) {
    LB_TRY(check_image(o->image, o->image_bytes));
    if (!o->product && !o->image)
        return status_fail(LB_E_ARGUMENT, "no product is given, and no image");
    if (o->product && o->image)
        return status_fail(LB_E_ARGUMENT, "a product and an image are given: one of them");
    if (o->by != LB_BY_TASTE && o->by != LB_BY_LOOK && o->by != LB_BY_BOTH)
        return status_fail(LB_E_ARGUMENT, "by is %d: must be taste, look or both", (int)o->by);
    LB_TRY(check_n(o->n));
    LB_TRY(api_check_price(o->price_min, o->price_max));
    return check_category(o->category);
}

lb_status api_check_place(const void *handle, const char *what, const void *options,
                          const void *out) {
    if (!handle) return status_fail(LB_E_ARGUMENT, "no %s is given", what);
    if (!options) return status_fail(LB_E_ARGUMENT, "no options are given");
    if (!out) return status_fail(LB_E_ARGUMENT, "there is no place for the items");
    return LB_OK;
}

lb_status lb_recommend(const lb_recommender *recommender, const lb_recommend_options *options,
                       lb_items **out) {
    LB_TRY(api_check_place(recommender, "recommender", options, out));
    LB_TRY(api_check_recommend(options));
    LB_TRY(api_check_person(options));
    live_picture picture = {0};
    if (options->image)
        LB_TRY(live_picture_open(recommender, options->image, options->image_bytes, &picture));
    lb_status status = live_recommend(recommender, options, &picture, out);
    live_picture_close(&picture);
    return status;
}

lb_status lb_similar(const lb_recommender *recommender, const lb_similar_options *options,
                     lb_items **out) {
    LB_TRY(api_check_place(recommender, "recommender", options, out));
    LB_TRY(api_check_similar(options));
    live_picture picture = {0};
    if (options->image)
        LB_TRY(live_picture_open(recommender, options->image, options->image_bytes, &picture));
    lb_status status = live_similar(recommender, options, &picture, out);
    live_picture_close(&picture);
    return status;
}

size_t lb_items_count(const lb_items *items) {
    return items ? items->n : 0;
}

const lb_item *lb_items_get(const lb_items *items, size_t index) {
    return items && index < items->n ? &items->item[index] : NULL;
}

const char *lb_items_json(const lb_items *items) {
    return items ? items->json : "{\"based_on\":\"popular\",\"items\":[]}";
}

const char *lb_items_based_on(const lb_items *items) {
    return items ? items->based_on : "popular";
}

const char *lb_items_json_list(const lb_items *items) {
    return items ? items->list : "[]";
}

void lb_items_free(lb_items *items) {
    items_free(items);
}
