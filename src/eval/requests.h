/*
 * How good an answer to requests is: a test is (user, request, product), and every request is
 * ranked by itself, by the metrics and with the candidates of eval.h (what the user had in training
 * or in `known` is left out; several requests of a user do not see each other).
 *
 * A user's value is the mean over his or her requests, the model's the mean over users; intervals
 * are therefore over users, however many requests each has.
 */
#ifndef LB_EVAL_REQUESTS_H
#define LB_EVAL_REQUESTS_H

#include "eval/eval.h"

/* As eval_run_cutoffs, where `score` is given numbers of tests in `input->tests` in the place of
 * users: it scores all products for the n requests `users[0..n)`. The same product may be asked for
 * by several tests of a user. The result is about users. Memory: the training part of every test's
 * user, once a test. */
lb_status eval_requests(job *j, const eval_input *input, eval_score score, void *context,
                        const unsigned *cutoffs, size_t n_cutoffs, unsigned list,
                        eval_result **out);

#endif
