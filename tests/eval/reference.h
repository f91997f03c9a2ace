/* The evaluation protocol once more, by sorting and with nothing clever: what eval_run is checked
 * against. */
#ifndef LB_TESTS_EVAL_REFERENCE_H
#define LB_TESTS_EVAL_REFERENCE_H

#include "eval/eval.h"

/* One user's metrics of one (kind, set) from his or her scores of all products. */
void reference_measure(const eval_input *in, const float *scores, uint32_t user, eval_kind kind,
                       eval_set set, unsigned k, double out[EVAL_METRICS]);

#endif
