/* whisper beside networks of CLIP's kind: untrained it is their cosine, it learns, and it says what
 * is missing. */
#include "media/onnx_here.h"
#include "media/text_network.h"
#include "model/asked_shop.h"
#include "text/clip_vocabulary.h"

enum { DIM = 4 };

static const char *library;

/* A shop whose products have what the pair of networks made of them. */
typedef struct clip_shop {
    asked a;
    text_encoder *reader;
    feature_set feature[3]; // of the shop, seen, read
    float *seen, *read;     // (n_products, DIM)
    uint8_t *has_seen, *has_read;
} clip_shop;

static const char prepared[] = "size=8x8 resize=8x8 filter=bilinear range=1 mean=0,0,0 std=1,1,1 "
                               "order=rgb output=";

static clip_shop clip_open(void) {
    clip_shop c = {.a = asked_open()};
    uint32_t n = c.a.s.s->n_products;
    char network[300], vocabulary[300], seer[65];
    const char *folder = test_folder();
    snprintf(network, sizeof network, "%s/reader.onnx", folder);
    snprintf(vocabulary, sizeof vocabulary, "%s/vocabulary", folder);
    memset(seer, 'b', 64);
    seer[64] = '\0';
    text_network_store(&text_network_clip, network);
    made_vocabulary_store(vocabulary);
    text_encoder_files f = {network, vocabulary, "text_embeds", seer, library, WORDS_FIELDS};
    assert_ok(text_encoder_open(&f, &c.reader));
    c.seen = calloc(n * DIM, sizeof *c.seen);
    c.read = calloc(n * DIM, sizeof *c.read);
    c.has_seen = calloc(n, 1);
    c.has_read = calloc(n, 1);
    for (uint32_t p = 0; p < n; p++) {
        // what is seen of a product is what people say of its kind, nearly
        c.has_seen[p] = p % 5 != 1;
        c.has_read[p] = p % 3 != 1;
        size_t group = group_of(c.a.s.d, p);
        assert_ok(text_encoder_read(c.reader, said[group], DIM, c.seen + p * DIM));
        assert_ok(text_encoder_read(c.reader, titles[group], DIM, c.read + p * DIM));
        c.seen[p * DIM + p % DIM] += 0.2f;
        for (size_t d = 0; d < DIM; d++) c.seen[p * DIM + d] *= 3;
    }
    c.feature[0] = c.a.s.f;
    assert_ok(feature_set_of_rows("clip", c.seen, c.has_seen, n, DIM, &c.feature[1]));
    assert_ok(feature_set_of_rows("clip-text", c.read, c.has_read, n, DIM, &c.feature[2]));
    snprintf(c.feature[1].encoder, sizeof c.feature[1].encoder, "onnx-1 %s %s", seer, prepared);
    snprintf(c.feature[2].encoder, sizeof c.feature[2].encoder, "%s",
             text_encoder_identity(c.reader));
    return c;
}

static void clip_close(clip_shop *c) {
    feature_set_close(&c->feature[1]);
    feature_set_close(&c->feature[2]);
    text_encoder_free(c->reader);
    free(c->seen);
    free(c->read);
    free(c->has_seen);
    free(c->has_read);
    asked_close(&c->a);
}

static lb_status fit(const clip_shop *c, const char *const *more, text_encoder *reader,
                     unsigned threads, model **m) {
    fit_input input = {.split = c->a.s.s,
                       .features = c->feature,
                       .n_features = 3,
                       .seed = 3,
                       .requests = &c->a.train,
                       .valid_requests = &c->a.valid,
                       .texts = &c->a.texts,
                       .reader = reader};
    job *j = new_job(threads);
    lb_status status = fit_settings(j, &whisper_class, quick, more, &input, m);
    job_free(j);
    return status;
}

static void add_unit(const float *x, double *out) {
    double squares = 0;
    for (size_t d = 0; d < DIM; d++) squares += (double)x[d] * (double)x[d];
    for (size_t d = 0; d < DIM; d++) out[d] += (double)x[d] / sqrt(squares);
}

/* Cosine of a text and of what is seen and read of a product together. */
static double cosine(const clip_shop *c, const float *text, uint32_t p) {
    double x[DIM] = {0}, squares = 0, product = 0;
    if (c->has_seen[p]) add_unit(c->seen + p * DIM, x);
    if (c->has_read[p]) add_unit(c->read + p * DIM, x);
    for (size_t d = 0; d < DIM; d++) {
        squares += x[d] * x[d];
        product += x[d] * (double)text[d];
    }
    return squares > 0 ? product / sqrt(squares) : 0;
}

/* Nothing but CLIP, untrained: its cosine, for whoever asks. */
static void untrained_is_clip(void **state) {
    (void)state;
    clip_shop c = clip_open();
    model *m;
    float text[DIM];
    assert_ok(
        fit(&c, (const char *const[]){"epochs=0", "words=off", "user=off", NULL}, c.reader, 2, &m));
    const whisper_model *w = m->state;
    uint32_t n = m->common.n_products;
    float *scores = calloc(n, sizeof *scores);
    const int64_t user = 3;
    static const char *const asks[] = {"light beach linen", "a suit", "\xf0\x9f\x91\x97"};
    for (size_t i = 0; i < sizeof asks / sizeof *asks; i++) {
        assert_ok(model_score_requests(m, &user, &asks[i], 1, scores));
        assert_ok(text_encoder_read(c.reader, asks[i], DIM, text));
        double soft = sqrt(1 + (double)w->net.softness * (double)w->net.softness);
        for (uint32_t p = 0; p < n; p++)
            if (!(fabs((double)scores[p] * soft / w->weight[0] - cosine(&c, text, p)) < 1e-4))
                fail_msg("product %u: %g, not %g", p, (double)scores[p] * soft / w->weight[0],
                         cosine(&c, text, p));
    }
    free(scores);
    model_free(m);
    clip_close(&c);
}

static void it_learns_and_is_kept(void **state) {
    (void)state;
    clip_shop c = clip_open();
    model *one, *three, *read;
    const char *x = in(test_folder(), "one"), *y = in(test_folder(), "three");
    assert_ok(fit(&c, NULL, c.reader, 1, &one));
    assert_ok(fit(&c, NULL, c.reader, 3, &three));
    assert_ok(model_save(one, c.a.s.d, x));
    assert_ok(model_save(three, c.a.s.d, y));
    assert_true(same_files(x, y));
    assert_ok(model_load(x, &read));
    uint32_t n = one->common.n_products;
    float *p = calloc(n, sizeof *p), *q = calloc(n, sizeof *q);
    const int64_t user = 3;
    const char *text = "beach dress, unheard-of", *none = " \n";
    assert_ok(model_score_requests(one, &user, &text, 1, p));
    assert_int_equal(model_score_requests(read, &user, &text, 1, q), LB_E_UNSUPPORTED);
    assert_non_null(strstr(lb_last_error(), "open the model with its dataset"));
    assert_ok(model_score_requests(read, &user, &none, 1, q)); // nothing to read
    read->common.reader = c.reader;
    assert_ok(model_score_requests(read, &user, &text, 1, q));
    assert_memory_equal(p, q, n * sizeof *p);
    free(p);
    free(q);
    model_free(one);
    model_free(three);
    model_free(read);
    clip_close(&c);
}

/* A product that comes later is where it would have been, by what was seen and read of it. */
static void newcomers_have_their_place(void **state) {
    (void)state;
    clip_shop c = clip_open();
    model *m;
    enum { WIDTH = FEATURE + 2 * DIM };
    float row[WIDTH] = {0};
    uint32_t p = 0;
    assert_ok(fit(&c, (const char *const[]){"words=off", "epochs=0", NULL}, c.reader, 2, &m));
    const whisper_model *w = m->state;
    while (m->common.degree[p] || !c.has_seen[p] || !c.has_read[p]) p++;
    row[0] = NAN;
    memcpy(row + FEATURE, c.seen + p * DIM, DIM * sizeof *row);
    memcpy(row + FEATURE + DIM, c.read + p * DIM, DIM * sizeof *row);
    model_part part[MODEL_MAX_PARTS];
    assert_int_equal(whisper_class.parts(w, part), 2);
    float *vector = calloc(part[1].dim, sizeof *vector), *look = calloc(64, sizeof *look);
    float *place = calloc(w->taste->dim, sizeof *place);
    assert_ok(whisper_class.place(w, row, 1, WIDTH, NULL, vector, place, look));
    for (size_t d = 0; d < w->net.dim; d++)
        assert_true(fabs((double)vector[d] - w->weight[1] * (double)w->z[p * w->net.dim + d]) <
                    1e-4);
    free(vector);
    free(look);
    free(place);
    model_free(m);
    clip_close(&c);
}

static void what_does_not_go_together(void **state) {
    (void)state;
    clip_shop c = clip_open();
    model *m = NULL;
    const char *const off[] = {"words=off", NULL};
    assert_int_equal(fit(&c, off, NULL, 1, &m), LB_E_ARGUMENT);
    assert_non_null(strstr(lb_last_error(), "words=off"));
    // pictures seen by another network, or to other numbers, are no part of the space
    c.feature[1].encoder[10] = 'c';
    assert_ok(fit(&c, off, c.reader, 1, &m));
    assert_false(((const whisper_model *)m->state)->reader.blocks[0]);
    assert_true(((const whisper_model *)m->state)->reader.blocks[1]);
    model_free(m);
    clip_close(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(untrained_is_clip),
        cmocka_unit_test(it_learns_and_is_kept),
        cmocka_unit_test(newcomers_have_their_place),
        cmocka_unit_test(what_does_not_go_together),
    };
    if (!test_onnx(&library)) return 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
