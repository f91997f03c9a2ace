#include "model/whisper.h"

#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/vector.h"

#define FIELD(member) offsetof(whisper_options, member)

static const option_field fields[] = {
    {"dim", OPTION_INT, FIELD(dim), 0, 0, 1024, NULL,
     "dimensions that requests and items share; 0 = as many as are known of an item"},
    {"title-dim", OPTION_INT, FIELD(title_dim), 0, 0, WHISPER_MOST_TITLE_DIM, NULL,
     "dimensions of the sketches by which words find titles; 0 = 512, and fewer of few "
     "words or very many products"},
    {"hidden", OPTION_INT, FIELD(hidden), 128, 1, 4096, NULL, "width of hidden layers"},
    {"epochs", OPTION_INT, FIELD(epochs), 8, 0, 1000, NULL,
     "passes; with validation requests the best one is kept"},
    {"requests", OPTION_INT, FIELD(requests), 16384, 1, 100000000, NULL, "requests in a pass"},
    {"batch", OPTION_INT, FIELD(batch), 512, 2, 8192, NULL, "requests in a batch"},
    {"negatives", OPTION_INT, FIELD(negatives), 4, 1, 100, NULL,
     "products that the user does not have, per request"},
    {"history", OPTION_INT, FIELD(history), 32, 1, WHISPER_MAX_HISTORY, NULL,
     "products of the user that a request is read with while training"},
    {"buckets", OPTION_INT, FIELD(buckets), 262144, 16, 1 << 24, NULL,
     "places that words and runs of letters are hashed to"},
    {"gain-epochs", OPTION_INT, FIELD(gain_epochs), 5, 0, 1000, NULL,
     "the first so many passes learn how much each kind of knowledge counts, and no layers"},
    {"patience", OPTION_INT, FIELD(patience), 3, 1, 1000, NULL,
     "passes without a better one after which training stops"},
    {"lambda", OPTION_REAL, FIELD(lambda), 0.25, 0, 1, NULL,
     "share of binary cross-entropy in the loss; the rest is contrastive"},
    {"rate", OPTION_REAL, FIELD(rate), 0.00005, 1e-8, 1, NULL,
     "learning rate of the layers; of gains and numbers 400 times that"},
    {"decay", OPTION_REAL, FIELD(decay), 10, 0, 100, NULL,
     "strength of the pull back to where the layers start"},
    {"drop", OPTION_REAL, FIELD(drop), 0.5, 0, 1, NULL,
     "probability that a product's place is hidden while training, as if it were new"},
    {"shrink", OPTION_REAL, FIELD(shrink), 1, 1e-6, 1e6, NULL,
     "products that a word must be said of to be half believed"},
    {"cold-offset", OPTION_REAL, FIELD(cold_offset), -1, -1, 10, NULL,
     "where a person asks, how far cold products are lifted over warm ones, in gaps between the "
     "best of both; -1 = what is best on validation requests"},
    {"user", OPTION_CHOICE, FIELD(user), 0, 0, 1, "on|off", "whether the user counts"},
    {"request", OPTION_CHOICE, FIELD(request), 0, 0, 1, "on|off", "whether the words count"},
    {"words", OPTION_CHOICE, FIELD(words), 0, 0, 1, "on|off",
     "whether what words stand for is learned here too where a network reads requests"},
    {"taste-dim", OPTION_INT, FIELD(taste_dim), 64, 2, 1024, NULL, "dim of the vasg inside"},
    {"taste-epochs", OPTION_INT, FIELD(taste_epochs), 8, 1, 1000, NULL, "its epochs"},
    {"look-dim", OPTION_INT, FIELD(look_dim), 128, 1, 4096, NULL, "its look-dim"},
    {"rank", OPTION_INT, FIELD(rank), 128, 0, 2048, NULL, "its rank and item-rank"},
};

const option_table whisper_option_table = {fields, sizeof fields / sizeof *fields,
                                           sizeof(whisper_options)};

/* Of how long requests are at the start, the length at which soft() halves their square. */
static const double SOFTNESS = 0.5;

enum { SOFTNESS_SAMPLE = 1000 };

void whisper_free(void *state) {
    whisper_model *m = state;
    if (!m) return;
    vasg_free(m->taste);
    whisper_items_free(&m->items);
    whisper_words_free(&m->words);
    whisper_net_free(&m->net);
    free(m->z);
    for (int i = 0; i < MODEL_MAX_PARTS; i++) free(m->vector[i]);
    free(m);
}

/* ---- training */

static lb_status make_net(const fit_input *in, const whisper_lexicon *l, whisper_model *m) {
    whisper_net *net = &m->net;
    size_t step = in->requests->n / SOFTNESS_SAMPLE + 1, n = 0;
    subwords scratch = {0};
    float *r = NULL, *v = NULL;
    double squares = 0;
    lb_status status = LB_OK;
    net->hidden = (uint32_t)m->options.hidden;
    net->item_width = m->items.width;
    net->request_width = (uint32_t)whisper_request_width(&m->items, &m->reader);
    net->impersonal = m->options.user != 0;
    net->layout = whisper_lay_out(&m->items, &m->reader);
    net->dim = m->options.dim ? (uint32_t)m->options.dim : whisper_layout_span(&net->layout);
    LB_TRY(whisper_net_new(net, in->seed));
    LB_TRY_CLEANUP(NEW_ARRAY(r, net->request_width));
    LB_TRY_CLEANUP(NEW_ARRAY(v, net->dim));
    for (size_t i = 0; i < in->requests->n; i += step, n++) {
        const request *q = &in->requests->request[i];
        bool said;
        LB_TRY_CLEANUP(whisper_hear(m, in->reader, l, &l->fold[whisper_fold_of(q->product)],
                                    q->text, &scratch, r, &said));
        LB_TRY_CLEANUP(mlp_predict(net->text, NULL, r, 1, v));
        squares += vec_dot_wide(v, v, net->dim);
    }
    net->softness = (float)(SOFTNESS * sqrt(squares / (double)n));
    if (!(net->softness > 0)) net->softness = 1;
cleanup:
    subwords_free(&scratch);
    free(r);
    free(v);
    return status;
}

/* What the layer `text` makes of each bucket: from then on requests are read with that. */
static lb_status project_words(job *j, const whisper_lexicon *l, whisper_model *m) {
    const whisper_words *all = &l->all;
    mlp_layer text = mlp_layer_at(m->net.text, 0);
    whisper_words w = {all->n_buckets, all->n_rows, m->net.dim, all->title_dim, NULL, NULL, NULL};
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(NEW_ARRAY(w.rarity, w.n_buckets));
    LB_TRY_CLEANUP(NEW_ARRAY(w.slot, w.n_buckets));
    LB_TRY_CLEANUP(NEW_ARRAY(w.table, (size_t)w.n_rows * w.width));
    memcpy(w.rarity, all->rarity, w.n_buckets * sizeof *w.rarity);
    memcpy(w.slot, all->slot, w.n_buckets * sizeof *w.slot);
    LB_TRY_CLEANUP(matrix_multiply_parallel(j, 0, 1, w.n_rows, w.width, all->width, 1, all->table,
                                            all->width, text.w, text.in, 0, w.table, w.width));
    m->words = w;
    return LB_OK;
cleanup:
    whisper_words_free(&w);
    return status;
}

/* Words of titles and brands, repeats counting, up to `most`. */
static lb_status count_words(const product_texts *texts, size_t most, size_t *n) {
    subwords scratch = {0};
    lb_status status = LB_OK;
    *n = 0;
    for (uint32_t p = 0; texts && p < texts->n && *n < most && status == LB_OK; p++) {
        const char *const written[] = {texts->title[p], texts->brand[p]};
        for (size_t i = 0; i < 2 && status == LB_OK; i++) {
            status = subwords_read(&scratch, written[i]);
            for (size_t k = 0; k < scratch.n && status == LB_OK; k++) *n += scratch.item[k].word;
        }
    }
    subwords_free(&scratch);
    return status;
}

/* No more than there are words, and the sketches of all products together shall stay within 128 MB
 * as far as 128 values are enough. */
static lb_status choose_title_dim(const whisper_model *m, const product_texts *texts,
                                  uint32_t *out) {
    enum { STEP = 64, LEAST = 128, MOST = 512 };
    size_t room = ((size_t)1 << 25) / ((size_t)m->n_products + 1), words;
    *out = (uint32_t)m->options.title_dim;
    if (*out) return LB_OK;
    LB_TRY(count_words(texts, MOST, &words));
    room = room > MOST ? MOST : room < LEAST ? LEAST : room;
    size_t dim = (words < room ? words + STEP - 1 : room) / STEP * STEP;
    *out = dim ? (uint32_t)dim : STEP;
    return LB_OK;
}

static lb_status fit_requests(job *j, const fit_input *in, const model_common *common,
                              const st_reader *checkpoint, whisper_model *m) {
    whisper_words words = {0};
    whisper_lexicon l = {0};
    whisper_known known = {m->taste, in->split, in->texts, &words, {0}, {NULL, NULL}};
    lb_status status = LB_OK;
    uint32_t title_dim;
    whisper_reader_find(in, &known.reader, known.feature);
    m->reader = known.reader;
    if (m->options.words && !m->reader.dim)
        return status_fail(LB_E_ARGUMENT, "whisper: words=off is for datasets with a feature of a "
                                          "network that reads texts; there is none");
    LB_TRY_CLEANUP(choose_title_dim(m, in->texts, &title_dim));
    LB_TRY_CLEANUP(
        whisper_words_new((uint32_t)m->options.buckets, title_dim, in->split, in->texts, &words));
    LB_TRY_CLEANUP(whisper_items_new(&known, &m->items));
    whisper_hide(m, m->items.present, m->n_products);
    LB_TRY_CLEANUP(
        whisper_lexicon_new(j, in, &m->items, m->options.shrink, m->reader.dim, &words, &l));
    LB_TRY_CLEANUP(make_net(in, &l, m));
    LB_TRY_CLEANUP(NEW_ARRAY(m->z, (size_t)m->n_products * m->net.dim));
    LB_TRY_CLEANUP(whisper_train(j, in, common, &l, checkpoint, m));
    whisper_net_bake(&m->net);
    LB_TRY_CLEANUP(project_words(j, &l, m));
    LB_TRY_CLEANUP(whisper_build_parts(m));
    LB_TRY_CLEANUP(whisper_choose_offset(j, in, common, m));
    free(m->items.x);
    m->items.x = NULL;
cleanup:
    whisper_words_free(&words);
    whisper_lexicon_free(&l);
    return status;
}

static lb_status fit(job *j, const fit_input *in, const model_common *common, const void *options,
                     void **state) {
    whisper_model *m;
    st_reader *checkpoint = NULL;
    lb_status status = LB_OK;
    if (!in->requests || !in->requests->n)
        return status_fail(LB_E_EMPTY, "whisper learns from requests and there are none: name what "
                                       "they are made of (--level)");
    LB_TRY(NEW_ARRAY(m, 1));
    m->options = *(const whisper_options *)options;
    m->n_users = in->split->n_users;
    m->n_products = in->split->n_products;
    LB_TRY_CLEANUP(whisper_checkpoint_open(j, in, common, &checkpoint));
    if (checkpoint)
        LB_TRY_CLEANUP(whisper_checkpoint_taste(checkpoint, common, in->curve, m));
    else
        LB_TRY_CLEANUP(whisper_fit_taste(j, in, common, m));
    LB_TRY_CLEANUP(fit_requests(j, in, common, checkpoint, m));
    *state = m;
    m = NULL;
cleanup:
    st_reader_close(checkpoint);
    whisper_free(m);
    return status;
}

/* ---- the class; spaces, looks and relations are those of the vasg inside */

static size_t parts(const void *state, model_part part[MODEL_MAX_PARTS]) {
    const whisper_model *m = state;
    size_t n = vasg_class.parts(m->taste, part);
    for (size_t i = 0; i < n; i++) {
        part[i].dim += (uint32_t)whisper_front(m);
        part[i].vector = m->vector[i];
    }
    return n;
}

static const float *embedding(const void *state, uint32_t *dim) {
    return vasg_class.embedding(((const whisper_model *)state)->taste, dim);
}

static const float *user_embedding(const void *state, uint32_t *dim) {
    return vasg_class.user_embedding(((const whisper_model *)state)->taste, dim);
}

static const float *look(const void *state, uint32_t *dim) {
    return vasg_look(((const whisper_model *)state)->taste, dim);
}

static lb_status relate(const void *state, const model_common *common, const relation *pairs,
                        size_t n, float *scores) {
    return vasg_relate(((const whisper_model *)state)->taste, common, pairs, n, scores);
}

const model_class whisper_class = {
    .name = "whisper",
    .summary = "requests in words and a person's taste in one ranking, after WhisperLite, on vasg",
    .options = &whisper_option_table,
    .many_features = true,
    .takes_text = true,
    .fit = fit,
    .free = whisper_free,
    .save = whisper_save,
    .load = whisper_load,
    .parts = parts,
    .query_user = whisper_query_user,
    .query_request = whisper_query_request,
    .query_word = whisper_query_word,
    .fold_in = whisper_fold_in,
    .embedding = embedding,
    .relate = relate,
    .user_embedding = user_embedding,
    .look = look,
    .place = whisper_place,
};
