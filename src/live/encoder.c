/* The encoders that made the features which products are placed by: for photos and words that come
 * while serving, and for pictures in questions. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "live/live_impl.h"
#include "math/vector.h"
#include "media/encode.h"
#include "text/words.h"

typedef enum encoder_kind {
    ENCODER_NONE,
    ENCODER_PHOTO,
    ENCODER_WORDS,
    ENCODER_READER
} encoder_kind;

struct live_encoder {
    encoder_kind kind;
    unsigned fields;      // of words
    pthread_mutex_t lock; // while a network is being loaded, when it is first needed
    image_encoder *image;
    text_encoder *reader; // of a network that reads texts
};

static const char WORDS[] = "words-1";

/* The first of them reads the requests to the model. */
static lb_status reader_init(lb_recommender *r, size_t k) {
    live_encoder *e = &r->encoder[k];
    e->kind = ENCODER_READER;
    LB_TRY(text_encoder_new(r->feature[k].encoder, dataset_directory(r->dataset), r->onnx_library,
                            &e->reader));
    if (!r->model->common.reader) r->model->common.reader = e->reader;
    return LB_OK;
}

static lb_status encoder_init(lb_recommender *r, size_t k) {
    live_encoder *e = &r->encoder[k];
    const feature_set *f = &r->feature[k];
    size_t length = strlen(WORDS);
    if (pthread_mutex_init(&e->lock, NULL)) return status_fail(LB_E_NOMEM, "cannot make a lock");
    if (!f->encoder[0]) return LB_OK;
    if (text_encoder_is(f->encoder)) return reader_init(r, k);
    e->kind = ENCODER_PHOTO;
    bool words = strncmp(f->encoder, WORDS, length) == 0 &&
                 (f->encoder[length] == '\0' || f->encoder[length] == ' ');
    if (!words) return LB_OK;
    e->kind = ENCODER_WORDS;
    return words_fields_parse(f->encoder[length] ? f->encoder + length + 1 : NULL, &e->fields);
}

lb_status live_encoders_new(lb_recommender *r) {
    LB_TRY(NEW_ARRAY(r->encoder, r->n_features));
    for (size_t k = 0; k < r->n_features; k++) LB_TRY(encoder_init(r, k));
    return LB_OK;
}

void live_encoders_free(lb_recommender *r) {
    for (size_t k = 0; r->encoder && k < r->n_features; k++) {
        image_encoder_close(r->encoder[k].image);
        text_encoder_free(r->encoder[k].reader);
        pthread_mutex_destroy(&r->encoder[k].lock);
    }
    free(r->encoder);
}

bool live_encodes_photos(const lb_recommender *r, size_t k) {
    return r->encoder[k].kind == ENCODER_PHOTO;
}

bool live_encodes_words(const lb_recommender *r, size_t k) {
    return r->encoder[k].kind == ENCODER_WORDS || r->encoder[k].kind == ENCODER_READER;
}

static lb_status open_image_encoder(const lb_recommender *r, size_t k, image_encoder **out) {
    live_encoder *e = &r->encoder[k];
    lb_status status = LB_OK;
    pthread_mutex_lock(&e->lock);
    if (!e->image)
        status = image_encoder_open(r->feature[k].encoder, dataset_directory(r->dataset),
                                    r->onnx_library, &e->image);
    *out = e->image;
    pthread_mutex_unlock(&e->lock);
    if (status == LB_OK && (*out)->dim != r->feature[k].dim)
        return status_fail(LB_E_MISMATCH,
                           "feature \"%s\" has %u columns, and its encoder %s makes %zu; encode "
                           "again",
                           r->feature[k].name, r->feature[k].dim, (*out)->identity, (*out)->dim);
    return status == LB_OK ? LB_OK : status_prefix(status, "feature \"%s\"", r->feature[k].name);
}

lb_status live_encode_photo(const lb_recommender *r, size_t k, const void *bytes, size_t size,
                            float *out, bool *blank) {
    image_encoder *encoder = NULL;
    LB_TRY(open_image_encoder(r, k, &encoder));
    *blank = false;
    return image_encoder_photo(encoder, bytes, size, IMAGE_MAX_PIXELS, out, blank);
}

lb_status live_encode_words(const lb_recommender *r, size_t k, const char *title,
                            const char *category, const char *brand, const char *description,
                            float *out, bool *found) {
    words_scratch scratch = {0};
    words_product product = {title, category, brand, description};
    if (r->encoder[k].reader)
        return text_encoder_product(r->encoder[k].reader, &product, r->feature[k].dim, out, found);
    if (r->feature[k].dim != WORDS_DIM)
        return status_fail(LB_E_MISMATCH, "feature \"%s\" has %u columns of %d; encode again",
                           r->feature[k].name, r->feature[k].dim, WORDS_DIM);
    lb_status status = words_encode(&scratch, &product, r->encoder[k].fields, out, found);
    words_scratch_free(&scratch);
    return status;
}

/* ------------------------------------------------------------ a picture in a question */

/* The features of a picture, side by side; NaN where they come from something else. */
static lb_status encode_picture(const lb_recommender *r, const void *bytes, size_t size,
                                float *features) {
    size_t n_photo = 0, n_shown = 0;
    for (size_t k = 0; k < r->n_features; features += r->feature[k++].dim) {
        bool blank = true;
        if (live_encodes_photos(r, k)) {
            LB_TRY(live_encode_photo(r, k, bytes, size, features, &blank));
            n_photo++;
            n_shown += !blank;
        }
        if (blank) features[0] = NAN;
    }
    if (!n_photo)
        return status_fail(LB_E_UNSUPPORTED,
                           "no picture can be compared: %s; make a feature with `lookbook encode` "
                           "and train on it",
                           r->dataset ? "none of the model's features was made from pictures here"
                                      : "that needs the dataset's directory");
    if (!n_shown)
        return status_fail(LB_E_EMPTY, "the picture is of one colour all over: it shows nothing");
    return LB_OK;
}

lb_status live_picture_open(const lb_recommender *r, const void *bytes, size_t size,
                            live_picture *out) {
    float *features = NULL;
    placed p = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(features, r->feature_dim));
    LB_TRY_CLEANUP(encode_picture(r, bytes, size, features));
    if (!r->can_place && !r->look_mean)
        LB_TRY_CLEANUP(status_fail(LB_E_UNSUPPORTED,
                                   "a %s model cannot place a picture; train vasg, or a model "
                                   "without features of its own",
                                   r->model->class->name));
    LB_TRY_CLEANUP(live_place_features(r, features, 1, NULL, &p));
    if (!(vec_norm(p.look, r->look.dim) > 0))
        LB_TRY_CLEANUP(status_fail(LB_E_EMPTY, "the model sees nothing in the picture"));
    out->look = p.look;
    p.look = NULL;
cleanup:
    free(features);
    placed_free(&p);
    return status;
}

void live_picture_close(live_picture *p) {
    free(p->look);
    *p = (live_picture){0};
}

lb_status live_check_photo(const void *bytes, size_t size) {
    enum { SMALL = 64 };
    image picture = {0};
    LB_TRY(image_decode(bytes, size, SMALL, IMAGE_MAX_PIXELS, &picture));
    image_free(&picture);
    return LB_OK;
}
