/* What was said of which product, and what words stand for by that. */
#include <string.h>

#include "core/memory.h"
#include "math/vector.h"
#include "model/whisper_words.h"

/* The buckets that were said of each trained product, each once. */
typedef struct sayings {
    size_t *start;    // (n_products + 1)
    uint32_t *bucket; // (start[n_products])
    size_t n, capacity;
} sayings;

static void sayings_free(sayings *s) {
    free(s->start);
    free(s->bucket);
}

static int compare_rows(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static lb_status add_text(const whisper_words *w, const char *text, subwords *scratch,
                          sayings *out) {
    LB_TRY(subwords_read(scratch, text));
    for (size_t i = 0; i < scratch->n; i++) {
        LB_TRY(GROW_ARRAY(out->bucket, out->n, out->capacity));
        out->bucket[out->n++] = (uint32_t)(scratch->item[i].hash % w->n_buckets);
    }
    return LB_OK;
}

/* Keeps each of the buckets from `begin` on once. */
static void make_unique(sayings *s, size_t begin) {
    size_t n = begin;
    if (s->n > begin) qsort(s->bucket + begin, s->n - begin, sizeof *s->bucket, compare_rows);
    for (size_t i = begin; i < s->n; i++)
        if (i == begin || s->bucket[i] != s->bucket[i - 1]) s->bucket[n++] = s->bucket[i];
    s->n = n;
}

/* Requests by product, in their order. order (requests->n), start (n_products + 1) zero. */
static void sort_requests(const request_set *requests, uint32_t n_products, size_t *start,
                          uint32_t *order) {
    for (size_t i = 0; i < requests->n; i++) start[requests->request[i].product + 1]++;
    for (uint32_t p = 0; p < n_products; p++) start[p + 1] += start[p];
    for (size_t i = 0; i < requests->n; i++)
        order[start[requests->request[i].product]++] = (uint32_t)i;
    memmove(start + 1, start, n_products * sizeof *start);
    start[0] = 0;
}

static lb_status gather(const fit_input *in, const whisper_words *w, sayings *out) {
    const split *s = in->split;
    size_t *start = NULL;
    uint32_t *order = NULL;
    subwords scratch = {0};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(start, (size_t)s->n_products + 1));
    LB_TRY_CLEANUP(NEW_ARRAY(order, in->requests->n));
    LB_TRY_CLEANUP(NEW_ARRAY(out->start, (size_t)s->n_products + 1));
    sort_requests(in->requests, s->n_products, start, order);
    for (uint32_t p = 0; p < s->n_products; p++) {
        out->start[p] = out->n;
        if (!s->degree[p]) continue;
        if (in->texts && p < in->texts->n)
            LB_TRY_CLEANUP(add_text(w, in->texts->text[p], &scratch, out));
        const char *last = NULL;
        for (size_t i = start[p]; i < start[p + 1]; i++) { // many are the same text
            const char *text = in->requests->request[order[i]].text;
            if (text != last) LB_TRY_CLEANUP(add_text(w, text, &scratch, out));
            if (out->n - out->start[p] > 1u << 16) make_unique(out, out->start[p]);
            last = text;
        }
        make_unique(out, out->start[p]);
    }
    out->start[s->n_products] = out->n;
cleanup:
    subwords_free(&scratch);
    free(order);
    free(start);
    return status;
}

/* ---- tables */

typedef struct table_context {
    const sayings *said;
    const whisper_items *items;
    double shrink;
    whisper_lexicon *out;
} table_context;

/* The table without one fold; fold WHISPER_FOLDS leaves out none. */
static lb_status make_table(void *context, size_t fold, unsigned worker) {
    (void)worker;
    const table_context *c = context;
    whisper_words *w = fold < WHISPER_FOLDS ? &c->out->fold[fold] : &c->out->all;
    size_t width = w->width;
    float *count;
    LB_TRY(NEW_ARRAY(count, w->n_rows));
    for (uint32_t p = 0; p < c->items->n; p++) {
        if (fold < WHISPER_FOLDS && whisper_fold_of(p) == fold) continue;
        const float *x = c->items->x + (size_t)p * c->items->width;
        for (size_t k = c->said->start[p]; k < c->said->start[p + 1]; k++) {
            uint32_t slot = w->slot[c->said->bucket[k]];
            vec_add(w->table + slot * width, x, width);
            count[slot]++;
        }
    }
    for (uint32_t i = 0; i < w->n_rows; i++)
        vec_scale(w->table + i * width, (float)(1 / ((double)count[i] + c->shrink)), width);
    free(count);
    return LB_OK;
}

lb_status whisper_lexicon_new(job *j, const fit_input *in, const whisper_items *items,
                              double shrink, uint32_t reader_dim, whisper_words *words,
                              whisper_lexicon *out) {
    whisper_lexicon l = {.all = *words};
    sayings said = {0};
    lb_status status = LB_OK;
    *words = (whisper_words){0};
    LB_TRY_CLEANUP(gather(in, &l.all, &said));
    LB_TRY_CLEANUP(whisper_heard_new(j, in, reader_dim, &l.heard));
    l.all.width = whisper_said_width(items);
    for (size_t k = 0; k < said.n; k++) {
        uint32_t *slot = &l.all.slot[said.bucket[k]];
        if (*slot == WHISPER_UNSAID) *slot = l.all.n_rows++;
    }
    for (int f = 0; f <= WHISPER_FOLDS; f++) {
        whisper_words *w = f < WHISPER_FOLDS ? &l.fold[f] : &l.all;
        *w = l.all;
        LB_TRY_CLEANUP(NEW_ARRAY(w->table, (size_t)w->n_rows * w->width));
    }
    table_context c = {&said, items, shrink, &l};
    LB_TRY_CLEANUP(job_run(j, WHISPER_FOLDS + 1, make_table, &c));
    *out = l;
    l = (whisper_lexicon){0};
cleanup:
    sayings_free(&said);
    whisper_lexicon_free(&l);
    return status;
}

void whisper_lexicon_free(whisper_lexicon *l) {
    for (int f = 0; f < WHISPER_FOLDS; f++) free(l->fold[f].table);
    whisper_words_free(&l->all);
    whisper_heard_free(&l->heard);
    *l = (whisper_lexicon){0};
}
