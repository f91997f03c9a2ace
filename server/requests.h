/* What requests may say of products and feedback, alone and in bulk. */
#ifndef LOOKBOOK_SERVER_REQUESTS_H
#define LOOKBOOK_SERVER_REQUESTS_H

#include "server/fields.h"

enum { MOST_ID = 256, MOST_TEXT = 65536, MOST_CATEGORY = 1024, MOST_N = 1000, MOST_LIST = 10000 };

#define MOST_PRICE 1e12

typedef struct product_fields {
    lb_product product;
    field_bytes photo;
} product_fields;

extern const field product_table[];        // a new one
extern const field product_change_table[]; // without the id

void product_fields_init(product_fields *values);

/* The product with its photo. */
const lb_product *product_fields_get(product_fields *values);

typedef struct feedback_fields {
    lb_feedback feedback;
    int kind; // of lb_feedback_kind
} feedback_fields;

extern const field feedback_table[];

/* The feedback with its kind. */
lb_feedback feedback_fields_get(const feedback_fields *values);

#endif
