/* Encoding again, going on after a stop, reports, and networks: what is encoded, what is kept. */
#include "core/half.h"
#include "media/network.h"
#include "media/onnx_here.h"
#include "media/pictures.h"
#include "run/shop.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

enum { N_PHOTOS = 40 };

static void store(const char *folder, const char *name, file_bytes file) {
    test_write(in(folder, name), file.bytes, file.size);
    free(file.bytes);
}

static void store_drawn(const char *folder, unsigned product, unsigned rgb) {
    char name[24];
    image p = picture_new(60, 50);
    picture_fill(&p, 0, 0, 60, 50, 0xffffff);
    picture_fill(&p, 8 + product % 5, 10, 40, 30 + product % 9, rgb);
    snprintf(name, sizeof name, "p%u.png", product);
    store(folder, name, png_store_picture(&p));
    image_free(&p);
}

/* A shop with a photo of each product. */
static const char *make_shop(char photos[300]) {
    shop_kind kind = small_shop;
    kind.features = 0;
    const char *shop = shop_make(kind);
    snprintf(photos, 300, "%s/photos", shop);
    assert_int_equal(mkdir(photos, 0755), 0);
    for (unsigned p = 0; p < N_PHOTOS; p++) store_drawn(photos, p, 0x102030 + p * 0x050403);
    return shop;
}

static lb_encode_report encode(const char *shop, lb_encode_options o) {
    lb_encode_report r;
    lb_runtime runtime = {.threads = 2};
    assert_ok(lb_encode(shop, &o, &runtime, &r));
    return r;
}

static lb_encode_options options_of(const char *images) {
    lb_encode_options o;
    lb_encode_options_init(&o);
    o.images = images;
    return o;
}

/* The feature's vectors, (n_products, dim). */
static float *vectors_of(const char *shop, const char *name, size_t *n) {
    dataset *d;
    feature_set f;
    assert_ok(dataset_open(shop, &d));
    assert_ok(dataset_feature_open(d, name, &f));
    *n = (size_t)f.n_products * f.dim;
    float *x = calloc(*n, sizeof *x);
    assert_non_null(x);
    for (uint32_t p = 0; p < f.n_products; p++) feature_row(&f, p, x + (size_t)p * f.dim);
    feature_set_close(&f);
    dataset_close(d);
    return x;
}

/* Whether two features hold the same numbers. */
static void assert_same_feature(const char *shop, const char *a, const char *b) {
    size_t n, m;
    float *x = vectors_of(shop, a, &n), *y = vectors_of(shop, b, &m);
    assert_int_equal(n, m);
    assert_memory_equal(x, y, n * sizeof *x);
    free(x);
    free(y);
}

static void only_new_and_changed_pictures_are_encoded(void **state) {
    (void)state;
    char photos[300];
    const char *shop = make_shop(photos);
    lb_encode_options o = options_of(photos);
    assert_int_equal(encode(shop, o).recalled, 0);
    assert_int_equal(encode(shop, o).recalled, N_PHOTOS);
    store_drawn(photos, 3, 0xf01020);
    store_drawn(photos, 7, 0x10f020);
    char name[24] = "p9.png";
    assert_int_equal(rename(in(photos, "p8.png"), in(photos, name)), 0); // p9 is p8's now
    lb_encode_report r = encode(shop, o);
    assert_int_equal(r.recalled, N_PHOTOS - 3); // p8 is missing
    assert_int_equal(r.missing, 1);
    assert_int_equal(r.encoded, N_PHOTOS - 1);
    o.name = "whole";
    assert_int_equal(encode(shop, o).recalled, 0); // another feature knows nothing
    assert_same_feature(shop, "look", "whole");
    o.anew = 1;
    assert_int_equal(encode(shop, o).recalled, 0);
    assert_same_feature(shop, "look", "whole");
}

static void what_is_known_is_trusted_only_where_it_fits(void **state) {
    (void)state;
    char photos[300], index[400];
    const char *shop = make_shop(photos);
    lb_encode_options o = options_of(photos);
    encode(shop, o);
    snprintf(index, sizeof index, "%s/cache/look.encoded", shop);
    // Vectors that are not those the pictures were encoded to.
    float *x = calloc(N_PHOTOS, 463 * sizeof *x);
    uint8_t present[N_PHOTOS];
    assert_non_null(x);
    memset(present, 1, sizeof present);
    for (size_t i = 0; i < N_PHOTOS * 463; i++) x[i] = (float)i;
    assert_ok(dataset_feature_write(
        shop, &(feature_rows){"look", "builtin-1", x, present, N_PHOTOS, 463, false}));
    free(x);
    assert_int_equal(encode(shop, o).recalled, 0);
    assert_int_equal(encode(shop, o).recalled, N_PHOTOS);
    // A damaged file, and none.
    int fd = open(index, O_WRONLY);
    assert_true(fd >= 0 && pwrite(fd, "damage", 6, 100) == 6 && close(fd) == 0);
    assert_int_equal(encode(shop, o).recalled, 0);
    assert_int_equal(truncate(index, 50), 0);
    assert_int_equal(encode(shop, o).recalled, 0);
    assert_int_equal(unlink(index), 0);
    assert_int_equal(encode(shop, o).recalled, 0);
}

static void a_feature_takes_half_the_space(void **state) {
    (void)state;
    char photos[300];
    const char *shop = make_shop(photos);
    lb_encode_options o = options_of(photos);
    size_t n, m;
    encode(shop, o);
    float *whole = vectors_of(shop, "look", &n);
    for (o.float16 = 1; o.float16 >= 0; o.float16--) {        // what is stored so stays so
        assert_int_equal(encode(shop, o).recalled, N_PHOTOS); // rounded, not encoded again
        float *half = vectors_of(shop, "look", &m);
        bool differs = false;
        assert_int_equal(n, m);
        for (size_t i = 0; i < n; i++) {
            assert_true(half[i] == half_to_f32(half_from_f32(whole[i])));
            differs |= half[i] != whole[i];
        }
        assert_true(differs);
        free(half);
    }
    free(whole);
}

static int stop_after_first_pieces(void *context, const lb_progress *p) {
    (void)context;
    return strcmp(p->stage, "encode") == 0 && p->done >= p->total;
}

/* Stopped at the last moment, all is in the file of what was done. */
static void stop(const char *shop, lb_encode_options o) {
    lb_runtime runtime = {.threads = 1, .progress = stop_after_first_pieces};
    assert_error(lb_encode(shop, &o, &runtime, NULL), LB_E_INTERRUPTED, "");
}

static void a_stopped_encoding_goes_on(void **state) {
    (void)state;
    char photos[300], partial[400];
    const char *shop = make_shop(photos);
    struct stat info;
    lb_encode_options o = options_of(photos);
    snprintf(partial, sizeof partial, "%s/cache/look.encoding", shop);
    stop(shop, o);
    assert_int_equal(stat(partial, &info), 0);
    // A kill in the middle of a record: what is whole before it counts.
    assert_int_equal(truncate(partial, info.st_size - 5 * 1892 - 700), 0);
    lb_encode_report r = encode(shop, o);
    assert_int_equal(r.recalled, N_PHOTOS - 6);
    assert_int_equal(r.encoded, N_PHOTOS);
    assert_int_equal(stat(partial, &info), -1); // done with
    o.name = "whole";
    encode(shop, o);
    assert_same_feature(shop, "look", "whole");
}

static void damage_to_what_was_done_costs_work_only(void **state) {
    (void)state;
    char photos[300], partial[400];
    const char *shop = make_shop(photos);
    lb_encode_options o = options_of(photos);
    snprintf(partial, sizeof partial, "%s/cache/look.encoding", shop);
    stop(shop, o);
    int fd = open(partial, O_WRONLY);
    assert_true(fd >= 0 && pwrite(fd, "damage", 6, 25 + 10 * 1892 + 60) == 6 && close(fd) == 0);
    assert_int_equal(encode(shop, o).recalled, 10);
    test_write(partial, "nothing of the kind", 19);
    o.anew = 1;
    assert_int_equal(encode(shop, o).recalled, 0);
    o.name = "whole";
    encode(shop, o);
    assert_same_feature(shop, "look", "whole");
}

static void one_encoding_of_a_feature_at_a_time(void **state) {
    (void)state;
    char photos[300], partial[400];
    const char *shop = make_shop(photos);
    lb_encode_options o = options_of(photos);
    stop(shop, o);
    snprintf(partial, sizeof partial, "%s/cache/look.encoding", shop);
    int fd = open(partial, O_RDONLY);
    assert_true(fd >= 0 && flock(fd, LOCK_EX) == 0);
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_BUSY, "another encoding");
    o.name = "other";
    assert_ok(lb_encode(shop, &o, NULL, NULL));
    assert_int_equal(close(fd), 0);
}

static void failures_are_listed(void **state) {
    (void)state;
    char photos[300], report[400];
    const char *shop = make_shop(photos);
    lb_encode_options o = options_of(photos);
    encode(shop, o);
    snprintf(report, sizeof report, "%s/report.csv", shop);
    assert_int_equal(unlink(in(photos, "p3.png")), 0);
    test_write(in(photos, "p5.png"), "GIF89a, \"moving\"", 16);
    image white = picture_new(20, 20);
    picture_fill(&white, 0, 0, 20, 20, 0xffffff);
    store(photos, "p7.png", png_store_picture(&white));
    image_free(&white);
    o.report = report;
    o.images = NULL;
    lb_encode_report r = encode(shop, o);
    assert_true(r.missing == 1 && r.broken == 1 && r.blank == 1);
    file_map map;
    char expected[2000];
    snprintf(expected, sizeof expected,
             "product,path,outcome,reason\n"
             "p3,%s/p3.png,missing,cannot open %s/p3.png: No such file or directory\n"
             "p5,%s/p5.png,broken,\"%s/p5.png: this is GIF; JPEG, PNG and WebP can be read: "
             "convert it\"\n"
             "p7,%s/p7.png,blank,one colour all over\n",
             photos, photos, photos, photos, photos);
    assert_ok(file_map_open(report, &map));
    assert_int_equal(map.size, strlen(expected));
    assert_memory_equal(map.bytes, expected, map.size);
    file_map_close(&map);
    o.report = "/no/such/folder/report.csv";
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_NOT_FOUND, "/no/such/folder");
}

static void options_must_fit_the_encoder(void **state) {
    (void)state;
    static const char *const settings[] = {"size=4", NULL};
    char photos[300];
    const char *shop = make_shop(photos);
    lb_encode_options o = options_of(photos);
    o.encoder = "words";
    o.images = NULL;
    o.anew = 1;
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_ARGUMENT, "anew");
    o = options_of(photos);
    o.preset = "clip";
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_ARGUMENT, "networks");
    o.preset = NULL;
    o.settings = settings;
    o.n_settings = 2;
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_ARGUMENT,
                 "setting 1 of the network is NULL");
    o.n_settings = 1;
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_ARGUMENT, "networks");
    o = options_of(photos);
    o.encoder = "same";
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_NOT_FOUND, "no features");
    encode(shop, options_of(photos));
    assert_int_equal(encode(shop, o).recalled, N_PHOTOS);
    o.encoder = "/no/such/net.onnx";
    o.preset = "clip";
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_NOT_FOUND, "/no/such/net.onnx");
    o.preset = "vgg";
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_ARGUMENT, "no preset \"vgg\"");
    o.preset = NULL;
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_ARGUMENT, "NETWORK.json");
}

/* ---- networks */

static const char *train(const char *shop, const char *feature) {
    static const char *const settings[] = {"dim=4", "epochs=1", "decoder-epochs=0"};
    static char path[400];
    lb_train_options o;
    lb_train_options_init(&o);
    snprintf(path, sizeof path, "%s/model.safetensors", shop);
    o.output = path;
    o.feature = feature;
    o.settings = settings;
    o.n_settings = 3;
    assert_ok(lb_train(shop, &o, NULL));
    return path;
}

static void a_network_makes_a_feature(void **state) {
    (void)state;
    char photos[300], network[400], sidecar[400];
    const char *shop = make_shop(photos), *library;
    if (!test_onnx(&library)) skip();
    lb_encode_options o = options_of(photos);
    snprintf(network, sizeof network, "%s/net.onnx", photos);
    snprintf(sidecar, sizeof sidecar, "%s/net.json", photos);
    network_store(&network_means, network);
    test_write(sidecar, "{\"size\": 4, \"range\": 255}", 25);
    o.encoder = network;
    o.onnx_library = library;
    o.name = "net";
    lb_encode_report r = encode(shop, o);
    assert_int_equal(r.encoded, N_PHOTOS);
    assert_int_equal(r.dim, 4);
    size_t n;
    float *x = vectors_of(shop, "net", &n);
    assert_true(x[0] > 100 && x[3] > x[0] + x[1] + x[2] - 0.1f && x[3] < x[0] + x[1] + x[2] + 0.1f);
    free(x);

    // The dataset has the network; the file is not needed any more.
    const char *model = train(shop, "net");
    lb_recommender *recommender;
    assert_ok(lb_recommender_open(model, shop, NULL, &recommender));
    lb_recommender_close(recommender);
    assert_int_equal(unlink(network), 0);
    o.encoder = "same";
    store_drawn(photos, 3, 0xf01020);
    assert_int_equal(encode(shop, o).recalled, N_PHOTOS - 1);
    assert_ok(lb_recommender_open(model, shop, NULL, &recommender)); // the same encoder
    lb_recommender_close(recommender);

    // Prepared otherwise the same network is another encoder, and the model is of the first.
    network_store(&network_means, network);
    static const char *const settings[] = {"order=bgr"};
    o.encoder = network;
    o.settings = settings;
    o.n_settings = 1;
    assert_int_equal(encode(shop, o).recalled, 0);
    assert_error(lb_recommender_open(model, shop, NULL, &recommender), LB_E_MISMATCH,
                 "train the model again");
}

static void failing_networks_leave_no_feature(void **state) {
    (void)state;
    static const char *const settings[] = {"size=2", "mean=0.9"};
    char photos[300], network[400];
    const char *shop = make_shop(photos), *library;
    if (!test_onnx(&library)) skip();
    const network_kind logs = {
        .shape = {1, 3, 2, 2},
        .node = {{"Log", "pixels", "logs", NULL, 0}, {"Flatten", "logs", "x", NULL, 0}},
        .output = {"x"}};
    lb_encode_options o = options_of(photos);
    snprintf(network, sizeof network, "%s/net.onnx", shop);
    network_store(&logs, network);
    o.encoder = network;
    o.onnx_library = library;
    o.settings = settings;
    o.n_settings = 2;
    assert_error(lb_encode(shop, &o, NULL, NULL), LB_E_NUMERIC, ".png: output \"x\"");
    dataset *d;
    struct stat info;
    assert_ok(dataset_open(shop, &d));
    assert_int_equal(dataset_n_features(d), 0);
    dataset_close(d);
    assert_int_equal(stat(in(shop, "encoders"), &info), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_new_and_changed_pictures_are_encoded),
        cmocka_unit_test(what_is_known_is_trusted_only_where_it_fits),
        cmocka_unit_test(a_feature_takes_half_the_space),
        cmocka_unit_test(a_stopped_encoding_goes_on),
        cmocka_unit_test(damage_to_what_was_done_costs_work_only),
        cmocka_unit_test(one_encoding_of_a_feature_at_a_time),
        cmocka_unit_test(failures_are_listed),
        cmocka_unit_test(options_must_fit_the_encoder),
        cmocka_unit_test(a_network_makes_a_feature),
        cmocka_unit_test(failing_networks_leave_no_feature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
