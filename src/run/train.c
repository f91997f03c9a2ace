#include "run/train.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "model/model.h"
#include "run/compare_spec.h"
#include "run/output.h"
#include "run/source.h"

static lb_status train(job *j, const run_source *source, const model_class *class,
                       const lb_train_options *o, const char *checkpoint) {
    char features[DATASET_FEATURES_TEXT];
    split *s = NULL;
    model *m = NULL;
    lb_status status;
    run_source_features(source, features);
    LB_TRY_CLEANUP(run_source_split(source, &o->split, o->split.seed, &s));
    job_note(j, "train", "%s on %zu pairs, features: %s", class->name, s->n_train,
             *features ? features : "none");
    fit_input input = {
        .split = s,
        .features = source->feature,
        .n_features = source->n_features,
        .seed = o->seed,
        .checkpoint = checkpoint,
        .resume = o->resume,
    };
    LB_TRY_CLEANUP(model_fit(j, class, o->settings, o->n_settings, &input, &m));
    run_split_describe(&o->split, o->split.seed, m->common.split, sizeof m->common.split);
    LB_TRY_CLEANUP(model_save(m, source->dataset, o->output));
cleanup:
    model_free(m);
    split_free(s);
    return status;
}

lb_status run_train(job *j, const char *directory, const lb_train_options *o) {
    const model_class *class;
    run_source source = {0};
    char *checkpoint = NULL;
    lb_status status;
    LB_TRY(model_class_find(o->model, &class));
    LB_TRY(compare_spec_check(class, o->settings, o->n_settings));
    LB_TRY(run_output_check(o->output));
    size_t size = strlen(o->output) + sizeof ".checkpoint";
    LB_TRY_CLEANUP(NEW_ARRAY(checkpoint, size));
    snprintf(checkpoint, size, "%s.checkpoint", o->output);
    LB_TRY_CLEANUP(run_source_open(directory, o->feature, &source));
    // One of an earlier training: cut short before it is replaced, this one would go on from it.
    if (!o->resume) unlink(checkpoint);
    LB_TRY_CLEANUP(train(j, &source, class, o, checkpoint));
    unlink(checkpoint);
cleanup:
    run_source_close(&source);
    free(checkpoint);
    return status;
}
