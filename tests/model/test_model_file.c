/* Model files that are damaged, of something else, or made by hand with a right checksum but the
 * wrong content: each is an error with a reason, never a crash or a wrong score. */
#include "model/feature_shop.h"

#include "model/tensors.h"

enum { MAX_TENSORS = 120 };

static const char *const vasg_quick[] = {"dim=4",  "epochs=1",         "look-dim=4",
                                         "rank=4", "decoder-epochs=1", NULL};
static const char *const paper_quick[] = {
    "dim=4", "width=3", "batch=64", "encoder-epochs=1", "max-batches=5", NULL};
static const char *const ials_quick[] = {"dim=4", "iterations=2", NULL};
static const char *const bpr_quick[] = {"dim=4", "epochs=2", NULL};
static const char *const whisper_quick[] = {
    "dim=4",      "hidden=3",    "epochs=1", "requests=64", "batch=16",       "history=4",
    "buckets=16", "taste-dim=4", "rank=4",   "look-dim=4",  "taste-epochs=1", NULL};
static const char *const none[] = {NULL};

static const struct {
    const char *name;
    const char *const *settings;
    size_t n_features;
} kinds[] = {{"vasg", vasg_quick, 1},
             {"vasg-paper", paper_quick, 1},
             {"wboi", none, 1},
             {"pop", none, 1},
             {"ease", none, 1},
             {"ials", ials_quick, 1},
             {"content", ials_quick, 1},
             {"bpr", bpr_quick, 1},
             {"vbpr", bpr_quick, 1},
             {"vasg", vasg_quick, 2},
             {"whisper", whisper_quick, 1}};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* One small file of each kind of model, made once. */
static char files[N_KINDS][300];

/* Of every training pair a request; two words are said. */
static request_set make_requests(const split *s) {
    request_set r = {.request = calloc(s->n_train, sizeof *r.request)};
    for (uint32_t u = 0; u < s->n_users; u++)
        for (uint32_t k = s->user_start[u]; k < s->user_start[u + 1]; k++)
            r.request[r.n++] = (request){u, s->product[k], s->product[k] % 2 ? "red" : "blue"};
    return r;
}

static int make_files(void **state) {
    (void)state;
    static const feature_plan plan[] = {{"look", FEATURE, TELLS, 6, 5, 0},
                                        {"text", 5, TELLS, 8, 3, 1}};
    feature_shop s = features_open(plan, 2);
    request_set requests = make_requests(s.s.s);
    fit_input input = {.split = s.s.s, .features = s.f, .seed = 3, .requests = &requests};
    job *j = new_job(1);
    const char *folder = test_folder();
    for (size_t i = 0; i < N_KINDS; i++) {
        input.n_features = kinds[i].n_features;
        const model_class *class;
        model *m;
        assert_ok(model_class_find(kinds[i].name, &class));
        assert_ok(fit_settings(j, class, kinds[i].settings, NULL, &input, &m));
        snprintf(files[i], sizeof files[i], "%s/%s%zu.safetensors", folder, kinds[i].name, i);
        assert_ok(model_save(m, s.s.d, files[i]));
        model_free(m);
    }
    job_free(j);
    free(requests.request);
    features_close(&s);
    return 0;
}

/* Loads a file that must be refused as LB_E_FORMAT with its name and a reason. */
static void assert_refused(const char *path, const char *what) {
    model *m = NULL;
    lb_status status = model_load(path, &m);
    if (status != LB_E_FORMAT) fail_msg("%s: %s, not LB_E_FORMAT", what, lb_status_name(status));
    if (!strstr(lb_last_error(), path)) fail_msg("%s: \"%s\" has no path", what, lb_last_error());
    if (strlen(lb_last_error()) < strlen(path) + 10) fail_msg("%s: no reason", what);
    assert_null(m);
}

/* ---------------------------------------------------------------- damaged bytes */

static unsigned char *read_whole(const char *path, size_t *size) {
    file_map map;
    assert_ok(file_map_open(path, &map));
    unsigned char *bytes = malloc(map.size);
    memcpy(bytes, map.bytes, map.size);
    *size = map.size;
    file_map_close(&map);
    return bytes;
}

static void cut_files_are_refused(void **state) {
    (void)state;
    const char *path = in(test_folder(), "cut");
    random_stream r = random_open(1, "test", 0);
    for (size_t i = 0; i < N_KINDS; i++) {
        size_t size;
        unsigned char *bytes = read_whole(files[i], &size);
        for (size_t n = 0; n < 80; n++) {
            size_t keep = n < 20 ? n : n < 40 ? size - (n - 19) : random_below(&r, size);
            test_write(path, bytes, keep);
            assert_refused(path, "cut");
        }
        bytes = realloc(bytes, size + 1);
        bytes[size] = 0;
        test_write(path, bytes, size + 1);
        assert_refused(path, "one byte more");
        free(bytes);
    }
}

static void flipped_bytes_are_refused(void **state) {
    (void)state;
    const char *path = in(test_folder(), "flipped");
    random_stream r = random_open(2, "test", 0);
    for (size_t i = 0; i < N_KINDS; i++) {
        size_t size;
        unsigned char *bytes = read_whole(files[i], &size);
        for (size_t n = 0; n < 150; n++) {
            size_t at = n < 60 ? n : random_below(&r, n < 110 && size > 4000 ? 4000 : size);
            unsigned char mask = (unsigned char)(1u << random_below(&r, 8));
            bytes[at] ^= mask;
            test_write(path, bytes, size);
            assert_refused(path, "flipped");
            bytes[at] ^= mask;
        }
        free(bytes);
    }
}

/* ---------------------------------------------------------------- made by hand */

/* How one tensor or metadata entry of a copy differs from the file. */
typedef enum change {
    DROP,      // it is not there
    FEWER,     // the first dimension is one less
    NARROWER,  // the last dimension is one less
    FLAT,      // rank 1 in place of 2 and the other way round
    OTHER,     // another type of the same width
    EMPTY,     // no rows
    LAST_NAN,  // the last value is NaN, or a row number far out of range
    FIRST_BIG, // the first value is infinite, or a row number far out of range
    CHANGES
} change;

static void change_shape(st_tensor *t, change how) {
    if (how == FEWER && t->rank && t->shape[0]) t->shape[0]--;
    if (how == NARROWER && t->rank && t->shape[t->rank - 1]) t->shape[t->rank - 1]--;
    if (how == EMPTY && t->rank) t->shape[0] = 0;
    if (how == FLAT && t->rank == 1)
        t->shape[t->rank++] = 1;
    else if (how == FLAT && t->rank == 2) {
        t->rank = 1;
        t->shape[0] *= t->shape[1];
    }
    if (how == OTHER)
        t->dtype = t->dtype == ST_F32   ? ST_I32
                   : t->dtype == ST_U32 ? ST_F32
                   : t->dtype == ST_U8  ? ST_I8
                                        : ST_F64;
}

/* A changed copy of the values, or NULL where there is nothing to change. Free it. */
static unsigned char *change_values(const st_tensor *t, change how) {
    size_t width = st_dtype_size(t->dtype);
    if (how < LAST_NAN || t->bytes < width) return NULL;
    if (t->dtype != ST_F32 && t->dtype != ST_U32 && t->dtype != ST_I64) return NULL;
    unsigned char *copy = malloc(t->bytes), *at = copy;
    memcpy(copy, t->data, t->bytes);
    if (how == LAST_NAN) at += t->bytes - width;
    memset(at, how == LAST_NAN || t->dtype != ST_F32 ? 0xff : 0, width);
    if (how == FIRST_BIG && t->dtype == ST_F32) memcpy(at, &(float){INFINITY}, sizeof(float));
    return copy;
}

static int copy_tensor(st_writer *w, const st_tensor *from, int is_it, change how,
                       unsigned char **owned) {
    st_tensor t;
    memcpy(&t, from, sizeof t); // with its padding: compared below
    if (is_it && how == DROP) return 1;
    if (is_it) change_shape(&t, how);
    *owned = is_it ? change_values(from, how) : NULL;
    assert_ok(st_writer_tensor(w, t.name, t.dtype, t.shape, t.rank, *owned ? *owned : t.data));
    return *owned || memcmp(&t, from, sizeof t) != 0;
}

/* Copies a model file with one tensor changed; false if the change says nothing for it. */
static int copy_with_tensor(const st_reader *r, size_t which, change how, const char *path) {
    st_writer *w;
    unsigned char *owned[MAX_TENSORS] = {NULL};
    int changed = 0;
    size_t n = st_reader_count(r);
    assert_true(n <= MAX_TENSORS);
    assert_ok(st_writer_new(&w));
    for (size_t i = 0; i < n; i++)
        changed |= copy_tensor(w, st_reader_tensor(r, i), i == which, how, &owned[i]);
    for (size_t i = 0; i < st_reader_metadata_count(r); i++) {
        const char *value, *key = st_reader_metadata_at(r, i, &value);
        if (strcmp(key, ST_CHECKSUM_KEY) != 0) assert_ok(st_writer_metadata(w, key, value));
    }
    assert_ok(st_writer_save(w, path));
    st_writer_free(w);
    for (size_t i = 0; i < n; i++) free(owned[i]);
    return changed;
}

/* As above with one metadata entry: another value, or dropped where NULL. */
static void copy_with_metadata(const st_reader *r, const char *which, const char *new_value,
                               const char *path) {
    st_writer *w;
    unsigned char *unused;
    assert_ok(st_writer_new(&w));
    for (size_t i = 0; i < st_reader_count(r); i++)
        copy_tensor(w, st_reader_tensor(r, i), 0, DROP, &unused);
    for (size_t i = 0; i < st_reader_metadata_count(r); i++) {
        const char *value, *key = st_reader_metadata_at(r, i, &value);
        if (strcmp(key, ST_CHECKSUM_KEY) == 0) continue;
        if (strcmp(key, which) == 0) value = new_value;
        if (value) assert_ok(st_writer_metadata(w, key, value));
    }
    assert_ok(st_writer_save(w, path));
    st_writer_free(w);
}

/* What loads must be as good as a model: it scores without a NaN. */
static void assert_scores(const char *path, const char *what) {
    model *m;
    if (model_load(path, &m) != LB_OK) {
        assert_refused(path, what);
        return;
    }
    float *scores = all_scores(m);
    for (size_t i = 0; i < (size_t)m->common.n_users * m->common.n_products; i++)
        if (isnan(scores[i])) fail_msg("%s: score %zu is not a number", what, i);
    if (m->class->takes_text)
        assert_ok(model_score_requests(m, &(int64_t){0}, &(const char *){"red dress"}, 1, scores));
    for (size_t i = 0; i < m->common.n_products; i++)
        if (isnan(scores[i])) fail_msg("%s: request, score %zu is not a number", what, i);
    free(scores);
    model_free(m);
}

/* Leaving out the paper's decoder, or everything about looks, is allowed: such models exist;
 * wboi takes any width, content, bpr and vbpr any list of cold products. */
static int may_be(const char *name, change how) {
    if (how == DROP) return strncmp(name, "decoder.", 8) == 0 || strcmp(name, "cold.axis") == 0;
    if (strcmp(name, "content.cold") == 0 || strcmp(name, "bpr.cold") == 0)
        return how == FEWER || how == EMPTY;
    // a word that was never said
    if (strcmp(name, "whisper.slot") == 0) return how == LAST_NAN || how == FIRST_BIG;
    return how == NARROWER && strcmp(name, "wboi.vector") == 0;
}

static void unchanged_copies_load(void **state) {
    (void)state;
    const char *path = in(test_folder(), "copy");
    for (size_t i = 0; i < N_KINDS; i++) {
        st_reader *r;
        model *a, *b;
        assert_ok(st_reader_open(files[i], &r));
        copy_with_tensor(r, SIZE_MAX, DROP, path);
        st_reader_close(r);
        assert_ok(model_load(files[i], &a));
        assert_ok(model_load(path, &b));
        assert_same_scores(a, b);
        model_free(a);
        model_free(b);
    }
}

/* The vasg inside of whisper is refused as the vasg alone is. */
static int is_covered(size_t kind, const char *name) {
    return strcmp(kinds[kind].name, "whisper") == 0 && strncmp(name, "whisper.", 8) != 0;
}

static void wrong_tensors_are_refused(void **state) {
    (void)state;
    const char *path = in(test_folder(), "changed");
    for (size_t i = 0; i < N_KINDS; i++) {
        st_reader *r;
        assert_ok(st_reader_open(files[i], &r));
        for (size_t k = 0; k < st_reader_count(r); k++)
            for (change how = DROP; how < CHANGES; how++) {
                char what[200];
                const st_tensor *t = st_reader_tensor(r, k);
                if (is_covered(i, t->name)) continue;
                snprintf(what, sizeof what, "%s, %s, change %d", kinds[i].name, t->name, (int)how);
                if (!copy_with_tensor(r, k, how, path)) continue;
                if (may_be(t->name, how))
                    assert_scores(path, what);
                else
                    assert_refused(path, what);
            }
        st_reader_close(r);
    }
}

/* What a network was trained in: files of earlier versions do not say it. */
static int is_precision(const char *key) {
    size_t length = strlen(key), end = strlen(".precision");
    return length > end && strcmp(key + length - end, ".precision") == 0;
}

static void wrong_metadata_is_refused(void **state) {
    (void)state;
    static const char *const values[] = {NULL, "", "1 2", "nan"};
    const char *path = in(test_folder(), "changed");
    for (size_t i = 0; i < N_KINDS; i++) {
        st_reader *r;
        assert_ok(st_reader_open(files[i], &r));
        for (size_t k = 0; k < st_reader_metadata_count(r); k++) {
            const char *value, *key = st_reader_metadata_at(r, k, &value);
            if (strcmp(key, ST_CHECKSUM_KEY) == 0 || is_covered(i, key)) continue;
            int ours = strncmp(key, "lookbook.", 9) == 0; // for people, but for the model's name
            for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
                char what[200];
                snprintf(what, sizeof what, "%s, %s = %s", kinds[i].name, key,
                         values[v] ? values[v] : "nothing");
                copy_with_metadata(r, key, values[v], path);
                if (is_precision(key) && !values[v])
                    assert_scores(path, what);
                else if (is_precision(key) || strcmp(key, "lookbook.model") == 0 ||
                         strncmp(key, "vasg.", 5) == 0 || strncmp(key, "spectral.", 9) == 0 ||
                         strncmp(key, "cold.", 5) == 0 || strncmp(key, "whisper.", 8) == 0)
                    assert_refused(path, what);
                else if (ours || v < 3)
                    assert_scores(path, what);
            }
        }
        st_reader_close(r);
    }
}

static void other_files_are_refused(void **state) {
    (void)state;
    static const float values[] = {1, 2};
    const char *folder = test_folder(), *path = in(folder, "other");
    st_reader *r;
    st_writer *w;
    model *m;
    assert_ok(st_reader_open(files[0], &r));
    copy_with_metadata(r, "lookbook.model", "vasg-9", path);
    assert_error(model_load(path, &m), LB_E_FORMAT, "there is no model \"vasg-9\"; there are:");
    copy_with_metadata(r, "lookbook.model", NULL, path);
    assert_error(model_load(path, &m), LB_E_FORMAT, "not a Lookbook model");
    copy_with_metadata(r, "lookbook.model", "wboi", path);
    assert_error(model_load(path, &m), LB_E_FORMAT, "wboi.");
    copy_with_metadata(r, "vasg.alpha", "-1", path); // a root is taken of it
    assert_refused(path, "negative alpha");
    copy_with_metadata(r, "spectral.user_offset", "-1", path); // and of this
    assert_refused(path, "negative offset");
    st_reader_close(r);
    assert_ok(st_writer_new(&w));
    assert_ok(tensor_write_f32(w, "x", 1, 2, values));
    assert_ok(st_writer_save(w, path));
    st_writer_free(w);
    assert_error(model_load(path, &m), LB_E_FORMAT, "not a Lookbook model");
    write_text(folder, "other", "id,score\n1,2\n");
    assert_refused(path, "text");
    assert_error(model_load(folder, &m), LB_E_IO, folder);
    assert_error(model_load(in(folder, "nothing"), &m), LB_E_NOT_FOUND, "nothing");
}

static void errors_name_the_tensor(void **state) {
    (void)state;
    static const struct {
        const char *tensor;
        change how;
        const char *phrase;
    } cases[] = {
        {"users.x", LAST_NAN, "tensor users.x holds a value that is not finite, at row 119"},
        {"warm.product", FIRST_BIG, "tensor warm.product holds row 4294967295 of only"},
        {"train.product", DROP, "train.product"},
        {"products.bias", FEWER, "products.bias"},
        {"train.user_start", LAST_NAN, "train.user_start"},
        {"cold.vector", OTHER, "cold.vector"},
    };
    const char *path = in(test_folder(), "changed");
    st_reader *r;
    model *m;
    assert_ok(st_reader_open(files[0], &r));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t k = 0;
        while (strcmp(st_reader_tensor(r, k)->name, cases[i].tensor) != 0) k++;
        assert_true(copy_with_tensor(r, k, cases[i].how, path));
        assert_error(model_load(path, &m), LB_E_FORMAT, cases[i].phrase);
    }
    st_reader_close(r);
}

static void a_smaller_dataset_is_refused(void **state) {
    (void)state;
    const char *folder = test_folder(), *at = in(folder, "shop");
    const char *events = write_text(folder, "events.tsv", "u0\tp0\n");
    dataset *d;
    model *m;
    assert_ok(import_into(at, &(lb_import_options){.interactions = events}, NULL));
    assert_ok(dataset_open(at, &d));
    assert_ok(model_load(files[0], &m));
    assert_error(model_save(m, d, in(folder, "model")), LB_E_MISMATCH, "fewer users or products");
    assert_false(file_exists(in(folder, "model")));
    model_free(m);
    dataset_close(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_files_are_refused),     cmocka_unit_test(flipped_bytes_are_refused),
        cmocka_unit_test(unchanged_copies_load),     cmocka_unit_test(wrong_tensors_are_refused),
        cmocka_unit_test(wrong_metadata_is_refused), cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(errors_name_the_tensor),    cmocka_unit_test(a_smaller_dataset_is_refused),
    };
    return cmocka_run_group_tests(tests, make_files, NULL);
}
