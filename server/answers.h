/* What the rows of the route table call. */
#ifndef LOOKBOOK_SERVER_ANSWERS_H
#define LOOKBOOK_SERVER_ANSWERS_H

#include "server/exchange.h"

// answer_recommend.c
bool answer_recommend_user(exchange *x);
bool answer_recommend(exchange *x);
bool answer_similar(exchange *x);

// answer_products.c
bool answer_products(exchange *x);
bool answer_product(exchange *x);
bool answer_product_add(exchange *x);
bool answer_product_change(exchange *x);
bool answer_product_remove(exchange *x);
bool answer_photo(exchange *x);
bool answer_categories(exchange *x);

// answer_users.c
bool answer_feedback(exchange *x);
bool answer_users(exchange *x);
bool answer_user(exchange *x);
bool answer_user_remove(exchange *x);
bool answer_requests(exchange *x);

// answer_study.c
bool answer_study_pair(exchange *x);
bool answer_study_vote(exchange *x);
bool answer_study_results(exchange *x);

// answer_operation.c
bool answer_live(exchange *x);
bool answer_ready(exchange *x);
bool answer_state(exchange *x);
bool answer_metrics(exchange *x);
bool answer_map(exchange *x);
bool answer_backup(exchange *x);
bool answer_reload(exchange *x);
bool answer_rollback(exchange *x);
bool answer_openapi(exchange *x);
bool answer_page(exchange *x);

#endif
