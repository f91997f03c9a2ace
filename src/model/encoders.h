/* What made the features that a model was trained on: metadata "lookbook.encoder.NAME" of its file,
 * an identity as dataset.h's feature_set has it. */
#ifndef LB_MODEL_ENCODERS_H
#define LB_MODEL_ENCODERS_H

#include "model/model.h"

/* Stands for what is not known: models of earlier versions. */
#define ENCODERS_UNKNOWN "?"

/* Takes the identities of the features of a training; c->feature names the same. */
void encoders_take(const feature_set *f, size_t n, model_common *c);

lb_status encoders_write(st_writer *w, const model_common *c);

/* Reads those of c->feature. LB_E_FORMAT for a list or an identity that is too long. */
lb_status encoders_read(const st_reader *r, model_common *c);

/* LB_E_MISMATCH if the dataset has a feature of the model from another encoder by now: its numbers
 * mean something else. `path` is what the error calls the model. */
lb_status encoders_check(const model_common *c, const char *path, const dataset *d);

#endif
