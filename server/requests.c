#include "server/requests.h"

#define PRODUCT(field) offsetof(product_fields, product.field)

#define PRODUCT_TEXTS                                                             \
    {"title", FIELD_TEXT, PRODUCT(title), 0, 0, MOST_TEXT, NULL},                 \
        {"brand", FIELD_TEXT, PRODUCT(brand), 0, 0, MOST_TEXT, NULL},             \
        {"category", FIELD_TEXT, PRODUCT(category), 0, 0, MOST_TEXT, NULL},       \
        {"description", FIELD_TEXT, PRODUCT(description), 0, 0, MOST_TEXT, NULL}, \
        {"price", FIELD_NUMBER, PRODUCT(price), 0, 0, MOST_PRICE, NULL},          \
        {"available", FIELD_SWITCH, PRODUCT(available), 0, 0, 0, NULL},           \
        {"photo", FIELD_BYTES, offsetof(product_fields, photo), 0, 0, 0, NULL}, { \
        NULL, FIELD_TEXT, 0, 0, 0, 0, NULL                                        \
    }

const field product_table[] = {{"id", FIELD_TEXT, PRODUCT(id), FIELD_REQUIRED, 1, MOST_ID, NULL},
                               PRODUCT_TEXTS};
const field product_change_table[] = {PRODUCT_TEXTS};

void product_fields_init(product_fields *values) {
    lb_product_init(&values->product);
    values->photo = (field_bytes){NULL, 0};
}

const lb_product *product_fields_get(product_fields *values) {
    values->product.photo = values->photo.bytes;
    values->product.photo_bytes = values->photo.n;
    return &values->product;
}

#define FEEDBACK(field) offsetof(feedback_fields, feedback.field)

const field feedback_table[] = {
    {"user", FIELD_TEXT, FEEDBACK(user), FIELD_REQUIRED, 1, MOST_ID, NULL},
    {"product", FIELD_TEXT, FEEDBACK(product), FIELD_REQUIRED, 1, MOST_ID, NULL},
    {"kind", FIELD_CHOICE, offsetof(feedback_fields, kind), FIELD_REQUIRED, 0, 0,
     "bought|liked|disliked|withdrawn"},
    {"time", FIELD_TIME, FEEDBACK(time), 0, 1, 253402300799.0, NULL}, // to the end of 9999
    {NULL, FIELD_TEXT, 0, 0, 0, 0, NULL}};

lb_feedback feedback_fields_get(const feedback_fields *values) {
    lb_feedback feedback = values->feedback;
    feedback.kind = (lb_feedback_kind)values->kind;
    return feedback;
}
