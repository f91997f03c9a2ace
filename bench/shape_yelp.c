/* The layout of the Yelp Open Dataset: businesses and reviews as JSON lines, no features. */
#include <stdio.h>
#include <time.h>

#include "bench/shape_impl.h"

static lb_status add_review(text *t, const shape_review *r) {
    time_t when = (time_t)r->time;
    struct tm d;
    if (!gmtime_r(&when, &d))
        return status_fail(LB_E_NUMERIC, "no date for time %lld", (long long)r->time);
    text_add(t, "{\"review_id\":\"r%010u%011u\",\"user_id\":\"u%021u\",\"business_id\":\"b%021u\",",
             r->user, r->product, r->user, r->product);
    text_add(t, "\"stars\":%d.0,\"useful\":0,\"funny\":0,\"cool\":0,\"text\":", r->stars);
    text_json_string(t, r->body);
    text_add(t, ",\"date\":\"%04d-%02d-%02d %02d:%02d:%02d\"}\n", d.tm_year + 1900, d.tm_mon + 1,
             d.tm_mday, d.tm_hour, d.tm_min, d.tm_sec);
    return t->status;
}

/* Kinds stand side by side, in any order. */
static void add_product(text *t, const shape_product *p) {
    const char *category = p->inside ? p->category : "Luggage";
    bool turned = p->number % 7 == 0;
    text_add(t,
             "{\"business_id\":\"b%021u\",\"name\":\"%s, no. %u\",\"address\":\"%u Main St\","
             "\"city\":\"City %u\",\"state\":\"ST\",\"postal_code\":\"%05u\",\"stars\":%u.5,",
             p->number, p->kind, p->number, 1 + p->number % 200, p->number % 12, p->number % 99999,
             1 + p->number % 4);
    text_add(t, "\"is_open\":1,\"attributes\":null,\"categories\":\"%s, %s\",\"hours\":null}\n",
             turned ? category : p->kind, turned ? p->kind : category);
}

const shape_layout shape_yelp = {.name = "yelp",
                                 .reviews = "yelp_academic_dataset_review.json",
                                 .products = "yelp_academic_dataset_business.json",
                                 .add_review = add_review,
                                 .add_product = add_product};
