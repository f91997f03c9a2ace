#include "run/train.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "model/model.h"
#include "run/compare_spec.h"
#include "run/output.h"
#include "run/source.h"

/* What models that take text learn from besides. */
typedef struct train_requests {
    request_set training, validation;
    product_texts texts;
} train_requests;

/* All empty for other models. They are drawn by the split's seed, as those of tests are, so that
 * none of a test's words trains. */
static lb_status load_requests(const dataset *d, const split *s, const model_class *class,
                               const lb_train_options *o, train_requests *out) {
    request_level level;
    if (!class->takes_text) return LB_OK;
    LB_TRY(request_level_parse(o->level ? o->level : "title", &level));
    LB_TRY(requests_load(d, s, level, PART_TRAIN, o->split.seed, &out->training));
    if (!out->training.n)
        return status_fail(LB_E_EMPTY, "no requests of level %s: %s", request_level_name(level),
                           request_level_needs(level));
    LB_TRY(requests_load(d, s, level, PART_VALID, o->split.seed, &out->validation));
    return product_texts_load(d, &out->texts);
}

static lb_status train(job *j, const run_source *source, const model_class *class,
                       const lb_train_options *o, const char *checkpoint) {
    char features[DATASET_FEATURES_TEXT];
    split *s = NULL;
    model *m = NULL;
    train_requests r = {0};
    lb_status status;
    run_source_features(source, features);
    LB_TRY_CLEANUP(run_source_split(source, &o->split, o->split.seed, &s));
    job_note(j, "train", "%s on %zu pairs, features: %s", class->name, s->n_train,
             *features ? features : "none");
    LB_TRY_CLEANUP(load_requests(source->dataset, s, class, o, &r));
    fit_input input = {
        .split = s,
        .features = source->feature,
        .n_features = source->n_features,
        .seed = o->seed,
        .checkpoint = checkpoint,
        .resume = o->resume,
        .requests = class->takes_text ? &r.training : NULL,
        .valid_requests = class->takes_text ? &r.validation : NULL,
        .texts = class->takes_text ? &r.texts : NULL,
        .reader = class->takes_text ? source->reader : NULL,
    };
    LB_TRY_CLEANUP(model_fit(j, class, o->settings, o->n_settings, &input, &m));
    run_split_describe(&o->split, o->split.seed, m->common.split, sizeof m->common.split);
    LB_TRY_CLEANUP(model_save(m, source->dataset, o->output));
cleanup:
    model_free(m);
    requests_free(&r.training);
    requests_free(&r.validation);
    product_texts_free(&r.texts);
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
    LB_TRY_CLEANUP(run_source_read(&source, o->onnx_library));
    // One of an earlier training: cut short before it is replaced, this one would go on from it.
    if (!o->resume) unlink(checkpoint);
    LB_TRY_CLEANUP(train(j, &source, class, o, checkpoint));
    unlink(checkpoint);
cleanup:
    run_source_close(&source);
    free(checkpoint);
    return status;
}
