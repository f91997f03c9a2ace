/*
 * Checkpoints: the state of an unfinished training in a file, and what it is valid for. Nothing but
 * the same model, options, seed, instruction-set path, feature, training part, requests and
 * products' texts goes on to the same model, so a file of anything else is refused.
 */
#ifndef LB_MODEL_CHECKPOINT_H
#define LB_MODEL_CHECKPOINT_H

#include "model/model.h"

/* A file to be that says what it is valid for; the model adds its tensors and saves it. `name` is
 * the model's. st_writer_free frees it. */
lb_status checkpoint_new(const char *name, const fit_input *in, const model_common *common,
                         st_writer **out);

/* Adds in->curve and saves the file as in->checkpoint. */
lb_status checkpoint_save(st_writer *w, const fit_input *in);

/* Whether in->checkpoint is there and of that model, of whatever training. LB_E_FORMAT if it is
 * damaged. */
lb_status checkpoint_is_of(const char *name, const fit_input *in, bool *out);

/* Opens in->checkpoint, which is not NULL, to go on from it. *out is NULL, with a note in the log,
 * if there is none; st_reader_close closes it. LB_E_MISMATCH if it is of another training,
 * LB_E_FORMAT if it is damaged. */
lb_status checkpoint_open(job *j, const char *name, const fit_input *in, const model_common *common,
                          st_reader **out);

/* Whole numbers up to this are exact in a file. */
#define CHECKPOINT_MOST (UINT64_C(1) << 53)

/* A whole number of the file, up to `most`, which is at most CHECKPOINT_MOST. LB_E_FORMAT if it is
 * none, or not there. */
lb_status checkpoint_count(const st_reader *r, const char *key, uint64_t most, uint64_t *out);

#endif
