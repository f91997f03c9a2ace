/*
 * The model files of a service. Beside MODEL, which others write, stand
 *
 *   MODEL.serving    a copy of the one in use, so that it is there when MODEL is written over
 *   MODEL.previous   the one that was in use before
 *   MODEL.loading    a copy that is being tried
 *
 * Copies are synced and renamed into their place. Killed at any moment, MODEL is what it was or the
 * whole file that a rollback puts there, and the others are whole files.
 */
#ifndef LB_LIVE_VERSIONS_H
#define LB_LIVE_VERSIONS_H

#include <stdbool.h>

#include "core/status.h"

typedef struct model_versions model_versions;

lb_status model_versions_new(const char *model, model_versions **out);
void model_versions_free(model_versions *v); // accepts NULL; removes MODEL.loading

/* Copies MODEL, or the previous one, to MODEL.loading; *path is that of the copy. LB_E_NOT_FOUND if
 * there is none. */
lb_status model_versions_stage(model_versions *v, bool previous, const char **path);

/* The staged model is in use from now on, and the one in use before is the previous one; where they
 * are the same file, nothing else changes. */
lb_status model_versions_commit(model_versions *v);

/* Removes the staged copy, if there is one. */
void model_versions_drop(const model_versions *v);

/* Makes MODEL the staged one, before the commit of a rollback. */
lb_status model_versions_restore(model_versions *v);

bool model_versions_has_previous(const model_versions *v);
const char *model_versions_serving(const model_versions *v); // path; valid until freed

#endif
