/* Metrics as results show them: their names, as JSON, and as cells of a table. */
#ifndef LB_RUN_METRIC_H
#define LB_RUN_METRIC_H

#include "core/text.h"
#include "eval/eval.h"

enum { METRIC_CELL = 12 }; // columns of "0.872 ±.001" and the gap behind it

/* One number of a result. */
typedef struct metric {
    eval_kind kind;
    eval_set set;
    size_t metric; // EVAL_AUC, ..
} metric_choice;

/* The metrics in the order of results. */
extern const size_t metric_order[EVAL_METRICS];

/* "auc_own", "recall@20_all", "mrr_all", ..; `list` is the k. 48 bytes are enough. */
void metric_key(size_t metric, eval_set set, uint32_t list, char *key, size_t size);
const char *metric_kind_name(eval_kind kind); // "warm" or "cold"

/* "key":{"mean":x,"sd":x,"ci95":[lo,hi]}, with "why" where there is a reason that it cannot be
 * computed: `why`, or else the summary's own. */
void metric_json(text *t, const char *key, const eval_summary *s, const char *why);

/* ".872" for .872: the digits that matter. 32 bytes are enough. */
void metric_fraction(double value, char *out, size_t size);

/* ".872 ±.001" padded to METRIC_CELL columns; "-" for what cannot be computed. */
void metric_cell(text *t, const eval_summary *s);

/* Columns that a text takes in a table. */
int metric_text_width(const char *name);

#endif
