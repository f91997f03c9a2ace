#include "text/match.h"

#include "core/memory.h"

/* One number of a product. */
typedef struct entry {
    uint32_t row;
    float value;
} entry;

typedef struct entry_list {
    entry *entry;
    size_t n, capacity;
} entry_list;

struct text_match {
    entry_list place[WORDS_DIM]; // the products that are not 0 there
    uint32_t n;
    words_scratch scratch;
    float product[WORDS_DIM];
};

lb_status text_match_new(text_match **out) {
    return NEW_ARRAY(*out, 1);
}

lb_status text_match_add(text_match *m, const char *product) {
    words_product title = {.title = product};
    bool found;
    LB_TRY(words_encode(&m->scratch, &title, WORDS_TITLE, m->product, &found));
    for (size_t k = 0; k < WORDS_DIM && found; k++) {
        entry_list *list = &m->place[k];
        if (m->product[k] == 0) continue;
        LB_TRY(GROW_ARRAY(list->entry, list->n, list->capacity));
        list->entry[list->n++] = (entry){m->n, m->product[k]};
    }
    m->n++;
    return LB_OK;
}

void text_match_free(text_match *m) {
    if (!m) return;
    for (size_t k = 0; k < WORDS_DIM; k++) free(m->place[k].entry);
    words_scratch_free(&m->scratch);
    free(m);
}

lb_status text_match_score(const text_match *m, const char *request, float *out) {
    words_scratch scratch = {0};
    words_product title = {.title = request};
    float asked[WORDS_DIM];
    bool found;
    lb_status status = words_encode(&scratch, &title, WORDS_TITLE, asked, &found);
    words_scratch_free(&scratch);
    LB_TRY(status);
    for (uint32_t i = 0; i < m->n; i++) out[i] = 0;
    for (size_t k = 0; k < WORDS_DIM && found; k++) {
        const entry_list *list = &m->place[k];
        for (size_t i = 0; i < list->n && asked[k] != 0; i++)
            out[list->entry[i].row] += asked[k] * list->entry[i].value;
    }
    return LB_OK;
}
