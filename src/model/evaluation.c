#include "model/evaluation.h"

#include "core/memory.h"

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

lb_status evaluation_sample(const split *s, size_t most, split *sampled, pair **room) {
    size_t step = (s->n_valid + most - 1) / most;
    *sampled = *s;
    LB_TRY(NEW_ARRAY(*room, s->n_valid ? (s->n_valid + step - 1) / step : 0));
    sampled->valid = *room;
    sampled->n_valid = 0;
    for (size_t i = 0; i < s->n_valid; i += step) (*room)[sampled->n_valid++] = s->valid[i];
    return LB_OK;
}

lb_status evaluation_score(void *model_, const uint32_t *users, size_t n, float *scores,
                           unsigned worker) {
    (void)worker;
    return model_score(model_, users, n, scores);
}
