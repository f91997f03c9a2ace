/* A real network on real photos: the features that were computed from them elsewhere come out. */
#include "media/onnx_here.h"

#include <math.h>

#include "core/file.h"
#include "core/job.h"
#include "data/read_npy.h"
#include "media/onnx_encoder.h"

#define ML1M TEST_SHARED_DATA "/ml1m"

enum { STEP = 16 }; // every so manieth poster; with LOOKBOOK_TEST_ALL set, all of them

/* What was computed, and whose it is. */
typedef struct reference {
    file_map features, ids;
    npy_header header;
} reference;

static void reference_open(reference *r) {
    assert_ok(file_map_open(ML1M "/poster_features.npy", &r->features));
    assert_ok(npy_parse("features", r->features.bytes, r->features.size, &r->header));
    assert_ok(file_map_open(ML1M "/poster_features.ids.txt", &r->ids));
}

static void reference_close(reference *r) {
    file_map_close(&r->features);
    file_map_close(&r->ids);
}

/* The items of every step-th line of the ids; *n of them. */
static encode_item *list_posters(const reference *r, size_t step, size_t *n) {
    encode_item *items = calloc(r->header.rows, sizeof *items);
    assert_non_null(items);
    const char *at = (const char *)r->ids.bytes, *end = at + r->ids.size;
    *n = 0;
    for (size_t row = 0; row < r->header.rows; row++) {
        char path[512];
        size_t length = 0;
        while (at + length < end && at[length] != '\n') length++;
        snprintf(path, sizeof path, "%s/posters/%.*s.jpg", ML1M, (int)length, at);
        if (row % step == 0) items[(*n)++] = (encode_item){"", strdup(path)};
        at += length + 1;
    }
    return items;
}

static double cosine(const float *x, const float *y, size_t dim) {
    double xy = 0, xx = 0, yy = 0;
    for (size_t i = 0; i < dim; i++) {
        xy += (double)x[i] * (double)y[i];
        xx += (double)x[i] * (double)x[i];
        yy += (double)y[i] * (double)y[i];
    }
    return xy / sqrt(xx * yy);
}

static image_encoder *open_encoder(const char *library) {
    preparation p;
    image_encoder *encoder;
    preparation_init(&p);
    assert_ok(preparation_preset(&p, "mobilenet"));
    assert_ok(onnx_encoder_open_file(TEST_SHARED_DATA "/weights/mobilenet_v2_1280.onnx", &p,
                                     library, &encoder));
    assert_int_equal(encoder->dim, 1280);
    return encoder;
}

static void compare(const reference *r, const float *made, size_t step,
                    const encode_report *report) {
    size_t dim = r->header.dim, close = 0, blank = report->counts[ENCODE_BLANK];
    double worst = 1, sum = 0;
    float *expected = malloc(dim * sizeof *expected);
    assert_non_null(expected);
    for (size_t i = 0; i < report->n; i++) {
        if (report->outcomes[i] != ENCODE_OK) continue;
        npy_values(r->header.type,
                   r->features.bytes + r->header.offset + i * step * dim * r->header.value_size,
                   dim, expected);
        double c = cosine(made + i * dim, expected, dim);
        close += c > 0.999;
        sum += c;
        if (c < worst) worst = c;
    }
    size_t n = report->counts[ENCODE_OK];
    print_message("%zu posters, %zu of them blank: cosine above 0.999 for %.2f %% of the others, "
                  "mean %.6f, least %.6f\n",
                  report->n, blank, 100 * (double)close / (double)n, sum / (double)n, worst);
    free(expected);
    assert_int_equal(n + blank, report->n);
    assert_true(blank * 100 <= report->n);
    assert_true(close * 100 >= report->n * 99);
}

static void posters_give_their_known_features(void **state) {
    (void)state;
    const char *library;
    if (!test_shared_data()) {
        print_message("skipped: the real data for development are not there\n");
        skip();
    }
    if (!test_onnx(&library)) skip();
    size_t step = getenv("LOOKBOOK_TEST_ALL") ? 1 : STEP, n;
    reference r;
    encode_report report;
    job *j;
    reference_open(&r);
    encode_item *items = list_posters(&r, step, &n);
    image_encoder *encoder = open_encoder(library);
    assert_int_equal(encoder->dim, r.header.dim);
    float *made = malloc(n * encoder->dim * sizeof *made);
    assert_non_null(made);
    assert_ok(job_new(NULL, &j));
    assert_ok(encode_images(j, encoder, items, n, IMAGE_MAX_PIXELS, NULL, made, &report));
    job_free(j);
    compare(&r, made, step, &report);
    for (size_t i = 0; i < n; i++) free((char *)(uintptr_t)items[i].path);
    free(items);
    free(made);
    encode_report_free(&report);
    image_encoder_close(encoder);
    reference_close(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(posters_give_their_known_features),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
