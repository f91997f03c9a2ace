#include "model/evaluation.h"

eval_input evaluation_input(const split *s, const pair *tests, size_t n_tests, const pair *known,
                            size_t n_known) {
    return (eval_input){
        .n_users = s->n_users,
        .n_products = s->n_products,
        .user_start = s->user_start,
        .product = s->product,
        .in_catalogue = s->in_catalogue,
        .degree = s->degree,
        .tests = tests,
        .n_tests = n_tests,
        .known = known,
        .n_known = n_known,
    };
}

lb_status evaluation_score(void *model_, const uint32_t *users, size_t n, float *scores,
                           unsigned worker) {
    (void)worker;
    return model_score(model_, users, n, scores);
}
