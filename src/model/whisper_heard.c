/* What a network that reads texts makes of the requests of a training. */
#include <string.h>

#include "core/memory.h"
#include "model/whisper_words.h"

/* Texts of training, and of validation, that are read at most: a network takes its time. */
enum { MOST_TRAINING = 16384, MOST_VALIDATION = 4096, GRAIN = 8 };

static int compare_texts(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each once, ascending; returns how many. */
static size_t make_unique(const char **text, size_t n) {
    size_t kept = 0;
    if (n) qsort((void *)text, n, sizeof *text, compare_texts);
    for (size_t i = 0; i < n; i++)
        if (!i || strcmp(text[i], text[kept - 1]) != 0) text[kept++] = text[i];
    return kept;
}

/* Adds a set's texts, at most so many, to h. */
static lb_status gather(const request_set *requests, size_t most, whisper_heard *h) {
    const char **text;
    if (!requests || !requests->n) return LB_OK;
    LB_TRY(NEW_ARRAY(text, requests->n));
    for (size_t i = 0; i < requests->n; i++) text[i] = requests->request[i].text;
    size_t n = make_unique(text, requests->n), step = (n + most - 1) / most;
    for (size_t i = 0; i < n; i += step) h->text[h->n++] = text[i];
    free((void *)text);
    return LB_OK;
}

typedef struct listener {
    text_encoder *reader;
    whisper_heard *heard;
} listener;

static lb_status listen(void *context, size_t begin, size_t end, unsigned worker) {
    const listener *l = context;
    whisper_heard *h = l->heard;
    (void)worker;
    for (size_t i = begin; i < end; i++)
        LB_TRY(text_encoder_read(l->reader, h->text[i], h->dim, h->vector + i * h->dim));
    return LB_OK;
}

/* In pieces, so that it can be stopped. */
static lb_status listen_all(job *j, const listener *l) {
    enum { PIECE = 256 };
    whisper_heard all = *l->heard;
    for (size_t first = 0; first < all.n; first += PIECE) {
        size_t n = all.n - first < PIECE ? all.n - first : PIECE;
        whisper_heard piece = {n, all.dim, all.text + first, all.vector + first * all.dim};
        listener some = {l->reader, &piece};
        LB_TRY(job_progress(j, "whisper", "texts", first, all.n));
        LB_TRY(job_run_range(j, n, GRAIN, listen, &some));
    }
    return LB_OK;
}

lb_status whisper_heard_new(job *j, const fit_input *in, uint32_t dim, whisper_heard *out) {
    whisper_heard h = {.dim = dim};
    lb_status status = LB_OK;
    if (!dim) return LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(h.text, MOST_TRAINING + MOST_VALIDATION));
    LB_TRY_CLEANUP(gather(in->requests, MOST_TRAINING, &h));
    LB_TRY_CLEANUP(gather(in->valid_requests, MOST_VALIDATION, &h));
    h.n = make_unique(h.text, h.n);
    LB_TRY_CLEANUP(NEW_ARRAY(h.vector, h.n * dim));
    listener l = {in->reader, &h};
    LB_TRY_CLEANUP(listen_all(j, &l));
    *out = h;
    h = (whisper_heard){0};
cleanup:
    whisper_heard_free(&h);
    return status;
}

void whisper_heard_free(whisper_heard *h) {
    free((void *)h->text);
    free(h->vector);
    *h = (whisper_heard){0};
}

const float *whisper_heard_find(const whisper_heard *h, const char *text) {
    const char **found =
        h->n ? bsearch(&text, (const void *)h->text, h->n, sizeof *h->text, compare_texts) : NULL;
    return found ? h->vector + (size_t)(found - h->text) * h->dim : NULL;
}
