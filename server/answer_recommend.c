/* Lists of products for a person, and of products like another. */
#include "server/answers.h"
#include "server/requests.h"

typedef struct recommend_fields {
    lb_recommend_options options;
    field_ids liked, disliked, exclude;
    field_bytes image;
} recommend_fields;

#define OPTION(field) offsetof(recommend_fields, options.field)

#define LIST_FIELDS                                                             \
    {"text", FIELD_TEXT, OPTION(text), 0, 0, MOST_TEXT, NULL},                  \
        {"n", FIELD_COUNT, OPTION(n), 0, 1, MOST_N, NULL},                      \
        {"offset", FIELD_COUNT, OPTION(offset), 0, 0, MOST_LIST - 1, NULL},     \
        {"category", FIELD_TEXT, OPTION(category), 0, 1, MOST_CATEGORY, NULL},  \
        {"price_min", FIELD_NUMBER, OPTION(price_min), 0, 0, MOST_PRICE, NULL}, \
        {"price_max", FIELD_NUMBER, OPTION(price_max), 0, 0, MOST_PRICE, NULL}, \
        {"exclude_seen", FIELD_SWITCH, OPTION(exclude_seen), 0, 0, 0, NULL},    \
        {"diversity", FIELD_NUMBER, OPTION(diversity), 0, 0, 1, NULL},          \
        {"explain", FIELD_SWITCH, OPTION(explain), 0, 0, 0, NULL},              \
        {"available", FIELD_SWITCH, OPTION(only_available), 0, 0, 0, NULL},     \
        {"new", FIELD_COUNT, OPTION(n_new), 0, 0, MOST_N, NULL}, {              \
        NULL, FIELD_TEXT, 0, 0, 0, 0, NULL                                      \
    }

static const field address_table[] = {LIST_FIELDS};

static const field body_table[] = {
    {"user", FIELD_TEXT, OPTION(user), 0, 1, MOST_ID, NULL},
    {"liked", FIELD_IDS, offsetof(recommend_fields, liked), 0, 0, 1000, NULL},
    {"disliked", FIELD_IDS, offsetof(recommend_fields, disliked), 0, 0, 1000, NULL},
    {"exclude", FIELD_IDS, offsetof(recommend_fields, exclude), 0, 0, MOST_LIST, NULL},
    {"image", FIELD_BYTES, offsetof(recommend_fields, image), 0, 0, 0, NULL},
    LIST_FIELDS};

static const body_shape body = {body_table, "request", "image", offsetof(recommend_fields, image)};

/* {"request_id":..,"took_ms":..,"based_on":..,"items":[..]} */
static bool send_items(exchange *x, lb_items *items) {
    buffer *out = &x->reply.body;
    buffer_text(out, "{");
    exchange_stamp(x, out);
    buffer_print(out, ",\"based_on\":\"%s\",\"items\":", lb_items_based_on(items));
    buffer_text(out, lb_items_json_list(items));
    buffer_text(out, "}");
    x->reply.status = MHD_HTTP_OK;
    lb_items_free(items);
    return true;
}

static bool recommend(exchange *x, recommend_fields *v) {
    lb_recommend_options *o = &v->options;
    lb_items *items;
    o->liked = v->liked.id;
    o->n_liked = v->liked.n;
    o->disliked = v->disliked.id;
    o->n_disliked = v->disliked.n;
    o->exclude = v->exclude.id;
    o->n_exclude = v->exclude.n;
    o->image = v->image.bytes;
    o->image_bytes = v->image.n;
    // Somebody of whom nothing is said is like a user nobody has seen: shown what is popular.
    if (!o->user && !o->n_liked && !o->image && !o->text) o->user = "";
    lb_status status = lb_service_recommend(x->server->service, o, &items);
    return status == LB_OK ? send_items(x, items) : exchange_fail(x, status, o->image != NULL);
}

/* For the user that the address names, or for nobody in particular. */
bool answer_recommend_user(exchange *x) {
    recommend_fields v = {.liked = {NULL, 0}};
    lb_recommend_options_init(&v.options);
    if (!exchange_read_query(x, address_table, &v)) return false;
    v.options.user = x->segment;
    return recommend(x, &v);
}

bool answer_recommend(exchange *x) {
    recommend_fields v = {.liked = {NULL, 0}};
    lb_recommend_options_init(&v.options);
    if (!exchange_read_body(x, &body, &v)) return false;
    if (v.image.bytes && x->lane != LANE_IMAGE) return exchange_move(x, LANE_IMAGE);
    return recommend(x, &v);
}

typedef struct similar_fields {
    lb_similar_options options;
    int by; // of lb_likeness
} similar_fields;

#define SIMILAR(field) offsetof(similar_fields, options.field)

static const field similar_table[] = {
    {"by", FIELD_CHOICE, offsetof(similar_fields, by), 0, 0, 0, "taste|look|both"},
    {"n", FIELD_COUNT, SIMILAR(n), 0, 1, MOST_N, NULL},
    {"category", FIELD_TEXT, SIMILAR(category), 0, 1, MOST_CATEGORY, NULL},
    {"price_min", FIELD_NUMBER, SIMILAR(price_min), 0, 0, MOST_PRICE, NULL},
    {"price_max", FIELD_NUMBER, SIMILAR(price_max), 0, 0, MOST_PRICE, NULL},
    {NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

bool answer_similar(exchange *x) {
    similar_fields v = {.by = LB_BY_BOTH};
    lb_items *items;
    lb_similar_options_init(&v.options);
    if (!exchange_read_query(x, similar_table, &v)) return false;
    v.options.product = x->segment;
    v.options.by = (lb_likeness)v.by;
    lb_status status = lb_service_similar(x->server->service, &v.options, &items);
    return status == LB_OK ? send_items(x, items) : exchange_fail(x, status, false);
}
