/* Which words of a request speak for a product. A request is the sum over its words of what they
 * stand for, so that each word's share in a product's score is known: how much the word counts
 * times its cosine with the product. A word speaks for the product if it is not far from it (chance
 * reaches a cosine of about .05 in hundreds of dimensions) and its share is no small part of the
 * largest, nor of what a request must say to be heard: words that are said of anything
 * ("something", "the") stand for next to nothing, and do not speak even where they are alone. */
#include <math.h>
#include <string.h>

#include "core/letters.h"
#include "core/memory.h"
#include "live/live_impl.h"

enum { MOST_WORDS = 32, MOST_SAID = 6 };

static const double NEAR = 0.1, SHARE = 0.3, HEARD = 0.2;

bool spoken_any(const char *text) {
    char word[SPOKEN_BYTES];
    return text && letters_next_word(&text, word, sizeof word) > 0;
}

/* A word that comes again counts more (text/subwords.h). */
static bool repeats(spoken *s, double *times, const char *word) {
    for (size_t i = 0; i < s->n; i++) {
        if (strcmp(s->word[i].text, word) != 0) continue;
        times[i]++;
        return true;
    }
    return false;
}

static lb_status understand(const lb_recommender *r, double times, spoken_word *w) {
    const model *m = r->model;
    w->meaning.r = r;
    for (size_t i = 0; i < r->n_queries; i++)
        LB_TRY(NEW_ARRAY(w->meaning.query[i], r->query_dim[i]));
    LB_TRY(m->class->query_word(m->state, w->text, w->meaning.query, &w->length));
    w->length *= 1 + log(times);
    return LB_OK;
}

lb_status spoken_open(const lb_recommender *r, const char *text, spoken *out) {
    spoken s = {0};
    double times[MOST_WORDS];
    char word[SPOKEN_BYTES];
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(s.word, MOST_WORDS));
    while (s.n < MOST_WORDS && letters_next_word(&text, word, sizeof word)) {
        if (repeats(&s, times, word)) continue;
        times[s.n] = 1;
        memcpy(s.word[s.n++].text, word, sizeof word);
    }
    for (size_t i = 0; i < s.n; i++) LB_TRY_CLEANUP(understand(r, times[i], &s.word[i]));
    *out = s;
    return LB_OK;
cleanup:
    spoken_close(&s);
    return status;
}

void spoken_close(spoken *s) {
    for (size_t i = 0; i < s->n; i++) ranking_free(&s->word[i].meaning);
    free(s->word);
    *s = (spoken){0};
}

/* The least share with which a word still speaks, INFINITY if none does. */
static double least_share(const double *share, size_t n) {
    double largest = 0, least = INFINITY;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, share[i]);
    for (size_t k = 0; k < MOST_SAID && largest > 0; k++) {
        double next = 0;
        for (size_t i = 0; i < n; i++)
            if (share[i] < least) next = fmax(next, share[i]);
        if (next < SHARE * largest) break;
        least = next;
    }
    return least;
}

lb_status spoken_find(const spoken *s, uint32_t product, char **out) {
    double share[MOST_WORDS];
    size_t room = 0, n = 0;
    *out = NULL;
    for (size_t i = 0; i < s->n; i++) {
        double cosine = (double)ranking_score(&s->word[i].meaning, product);
        double said = cosine * s->word[i].length;
        share[i] = cosine >= NEAR && said >= HEARD ? said : 0;
        room += strlen(s->word[i].text) + 1;
    }
    double least = least_share(share, s->n);
    if (least == INFINITY) return LB_OK;
    LB_TRY(NEW_ARRAY(*out, room + 1));
    for (size_t i = 0; i < s->n; i++) {
        size_t length = strlen(s->word[i].text);
        if (share[i] < least) continue;
        if (n) (*out)[n++] = ' ';
        memcpy(*out + n, s->word[i].text, length);
        n += length;
    }
    (*out)[n] = '\0';
    return LB_OK;
}
