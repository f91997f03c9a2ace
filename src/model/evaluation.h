/* A split and a model in the terms of eval/eval.h. */
#ifndef LB_MODEL_EVALUATION_H
#define LB_MODEL_EVALUATION_H

#include "eval/eval.h"
#include "model/model.h"

/* Tests of these pairs of the split, the `known` ones left out of the candidates. Points into the
 * arguments. */
eval_input evaluation_input(const split *s, const pair *tests, size_t n_tests, const pair *known,
                            size_t n_known);

/* A split that looks at every so many of the validation pairs, at most `most`: enough to watch a
 * training or to choose by, where all would take longer than the training. `sampled` is a view of s
 * and of *room, which the caller frees. */
lb_status evaluation_sample(const split *s, size_t most, split *sampled, pair **room);

/* An eval_score whose context is a `const model *`. */
lb_status evaluation_score(void *model, const uint32_t *users, size_t n, float *scores,
                           unsigned worker);

#endif
