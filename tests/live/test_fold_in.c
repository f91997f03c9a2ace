/* Real data: trained users who are folded in from their histories alone lose at most .01 AUC. */
#include "live/live_shop.h"

#include "core/random.h"
#include "math/vector.h"
#include "model/evaluation.h"

typedef struct folding {
    const model *m;
    model_part part[MODEL_MAX_PARTS];
} folding;

/* Scores of users known by what they bought, as if they had come after training. */
static lb_status score_folded(void *context, const uint32_t *users, size_t n, float *scores,
                              unsigned worker) {
    (void)worker;
    const folding *f = context;
    const model_common *c = &f->m->common;
    float *query[MODEL_MAX_PARTS] = {NULL};
    lb_status status = LB_OK;
    for (size_t i = 0; i < 2; i++) LB_TRY_CLEANUP(NEW_ARRAY(query[i], f->part[i].dim));
    for (size_t u = 0; u < n; u++) {
        uint32_t start = c->user_start[users[u]];
        taste who = {.user = -1,
                     .liked = c->product + start,
                     .n_liked = c->user_start[users[u] + 1] - start};
        LB_TRY_CLEANUP(f->m->class->fold_in(f->m->state, c, &who, query));
        float *row = scores + u * c->n_products;
        for (size_t i = 0; i < 2; i++)
            for (size_t k = 0; k < f->part[i].n; k++)
                row[f->part[i].product[k]] = vec_dot(
                    query[i], f->part[i].vector + k * f->part[i].dim, f->part[i].dim);
    }
cleanup:
    free(query[0]);
    free(query[1]);
    return status;
}

static lb_status score_trained(void *context, const uint32_t *users, size_t n, float *scores,
                               unsigned worker) {
    (void)worker;
    const folding *f = context;
    return model_score(f->m, users, n, scores);
}

static void import_sparse(const char *shop) {
    lb_import_options o;
    lb_import_options_init(&o);
    o.interactions = TEST_SHARED_DATA "/ml1m/interactions.tsv.gz";
    o.columns = "user,item";
    o.features = TEST_SHARED_DATA "/ml1m/poster_features.npy";
    o.feature_ids = TEST_SHARED_DATA "/ml1m/poster_features.ids.txt";
    o.require_feature = 1;
    o.sample_per_user = 10;
    o.seed = 1;
    assert_ok(import_into(shop, &o, NULL));
}

static void folded_users_lose_little(void **state) {
    (void)state;
    if (!test_shared_data()) {
        print_message("skipped: the shared data is not there\n");
        return;
    }
    char folder[256];
    job *j;
    dataset *d;
    split *s;
    split_options options = {
        .method = "leave-one-out", .seed = 1, .min_user = 5, .cold = COLD_BALANCED};
    static const char *const settings[] = {"decoder-epochs=0", "cold-offset=0.25"};
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = in(folder, "sparse"), *path = in(folder, "model.safetensors");
    import_sparse(shop);
    static const lb_runtime runtime = {.threads = 2};
    model *m;
    const model_class *class;
    feature_set feature;
    assert_ok(job_new(&runtime, &j));
    assert_ok(dataset_open(shop, &d));
    assert_ok(split_load(d, &options, &s));
    assert_ok(dataset_feature_open(d, NULL, &feature));
    assert_ok(model_class_find("vasg", &class));
    fit_input input = {.split = s, .features = &feature, .n_features = 1, .seed = 1};
    assert_ok(model_fit(j, class, settings, 2, &input, &m));
    assert_ok(model_save(m, d, path));
    model_free(m);
    assert_ok(model_load(path, &m));

    folding f = {.m = m};
    assert_int_equal(class->parts(m->state, f.part), 2);
    eval_input in = evaluation_input(s, s->test, s->n_test, NULL, 0);
    double trained[EVAL_KINDS][EVAL_SETS], folded[EVAL_KINDS][EVAL_SETS];
    assert_ok(eval_auc_quick(j, &in, score_trained, &f, trained));
    assert_ok(eval_auc_quick(j, &in, score_folded, &f, folded));
    for (int kind = 0; kind < EVAL_KINDS; kind++) {
        print_message("%s: trained %.4f own %.4f all, folded in %.4f own %.4f all\n",
                      kind == EVAL_WARM ? "warm" : "cold", trained[kind][EVAL_OWN],
                      trained[kind][EVAL_ALL], folded[kind][EVAL_OWN], folded[kind][EVAL_ALL]);
        assert_true(folded[kind][EVAL_OWN] >= trained[kind][EVAL_OWN] - 0.01);
        assert_true(folded[kind][EVAL_ALL] >= trained[kind][EVAL_ALL] - 0.01);
    }
    model_free(m);
    feature_set_close(&feature);
    split_free(s);
    dataset_close(d);
    job_free(j);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(folded_users_lose_little)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
