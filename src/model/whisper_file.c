/*
 * `whisper` in files: the tensors of the vasg inside (vasg_file.c), and
 *   whisper.words (rows, dim): what hashed words stand for, projected; .slot (buckets): the row of
 *   each, 2^32 - 1 = none; .rarity (buckets)
 *   whisper.z (n_products, dim), .weight (partitions): the request's part of the scores
 *   whisper.text, .item, .more, .query, .key, .gate, .fuse: the layers; .mask, .numbers
 *   whisper.block_start, .block_mean, .block_scale: how a product's blocks are made ready
 *   numbers whisper.reader.dim, .seen, .read: a network that reads requests, and where what it and
 *   the network of pictures beside it made begins among a product's features; -1 = nowhere
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "model/autoencoder.h"
#include "model/tensors.h"
#include "model/whisper.h"
#include "text/words.h"

enum { N_LAYERS = 7 };

static const char *const layer_names[N_LAYERS] = {"whisper.text",  "whisper.item", "whisper.more",
                                                  "whisper.query", "whisper.key",  "whisper.gate",
                                                  "whisper.fuse"};

static void list_layers(whisper_net *net, mlp **out[N_LAYERS]) {
    mlp **const all[N_LAYERS] = {&net->text, &net->item, &net->more, &net->query,
                                 &net->key,  &net->gate, &net->fuse};
    memcpy(out, all, sizeof all);
}

static const char *const reader_names[2] = {"whisper.reader.seen", "whisper.reader.read"};

static lb_status save_reader(const whisper_reader *r, st_writer *w) {
    LB_TRY(tensor_write_number(w, "whisper.reader.dim", r->dim));
    for (int k = 0; k < 2; k++)
        LB_TRY(tensor_write_number(w, reader_names[k], r->blocks[k] ? (double)r->at[k] : -1));
    return LB_OK;
}

lb_status whisper_save(const void *state, st_writer *w) {
    const whisper_model *m = state;
    const whisper_net *net = &m->net;
    const mlp *const layers[N_LAYERS] = {net->text, net->item, net->more, net->query,
                                         net->key,  net->gate, net->fuse};
    LB_TRY(vasg_save(m->taste, w));
    LB_TRY(tensor_write_f32(w, "whisper.words", m->words.n_rows, net->dim, m->words.table));
    LB_TRY(tensor_write_rows(w, "whisper.slot", m->words.n_buckets, m->words.slot));
    LB_TRY(tensor_write_f32(w, "whisper.rarity", m->words.n_buckets, 1, m->words.rarity));
    LB_TRY(tensor_write_f32(w, "whisper.z", m->n_products, net->dim, m->z));
    LB_TRY(tensor_write_f32(w, "whisper.mask", 1, net->item_width, net->mask));
    LB_TRY(tensor_write_f32(w, "whisper.numbers", 1, WHISPER_NUMBERS, net->number));
    LB_TRY(tensor_write_rows(w, "whisper.block_start", WHISPER_BLOCKS + 1, m->items.start));
    LB_TRY(tensor_write_f32(w, "whisper.block_mean", 1, net->item_width, m->items.mean));
    LB_TRY(tensor_write_f32(w, "whisper.block_scale", 1, WHISPER_BLOCKS, m->items.scale));
    for (int i = 0; i < N_LAYERS; i++)
        LB_TRY(autoencoder_save(w, layer_names[i], layers[i], false));
    LB_TRY(tensor_write_number(w, "whisper.softness", (double)net->softness));
    LB_TRY(save_reader(&m->reader, w));
    LB_TRY(tensor_write_number(w, "whisper.words_off", m->options.words));
    LB_TRY(tensor_write_number(w, "whisper.own_words", m->own_words));
    LB_TRY(tensor_write_number(w, "whisper.user", m->options.user));
    LB_TRY(tensor_write_number(w, "whisper.request", m->options.request));
    LB_TRY(tensor_write_number(w, "whisper.weight.warm", m->weight[0]));
    LB_TRY(tensor_write_number(w, "whisper.weight.cold", m->weight[1]));
    return tensor_write_number(w, "whisper.offset", m->offset);
}

/* ---- reading */

static bool is_count(double x, double least, double most) {
    return x >= least && x <= most && x == floor(x);
}

static lb_status load_reader(const st_reader *r, whisper_reader *out) {
    double dim, at;
    bool good;
    LB_TRY(tensor_read_number(r, "whisper.reader.dim", &dim));
    good = is_count(dim, 0, 1 << 20);
    out->dim = good ? (uint32_t)dim : 0;
    for (int k = 0; k < 2; k++) {
        LB_TRY(tensor_read_number(r, reader_names[k], &at));
        good = good && is_count(at, -1, UINT32_MAX);
        out->blocks[k] = good && at >= 0;
        out->at[k] = out->blocks[k] ? (uint32_t)at : 0;
    }
    // requests that are read need products that are
    if (good && out->blocks[1] == (out->dim > 0) && (out->dim || !out->blocks[0])) return LB_OK;
    return status_fail(LB_E_FORMAT, "whisper.reader makes no sense; train the model again");
}

/* The blocks must be those of the vasg inside. */
static lb_status load_blocks(const st_reader *r, whisper_model *m) {
    whisper_items *i = &m->items;
    uint32_t *start = NULL;
    float *scale = NULL;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(
        tensor_read_rows(r, "whisper.block_start", WHISPER_BLOCKS + 1, UINT32_MAX, &start, NULL));
    uint32_t title_dim = start[WHISPER_KIND] - start[WHISPER_TITLE];
    if (title_dim > WHISPER_MOST_TITLE_DIM) title_dim = 0; // is none, and does not fit
    whisper_items_lay_out(m->taste, title_dim, &m->reader, i);
    if (!title_dim || memcmp(start, i->start, sizeof i->start) != 0) {
        status = status_fail(LB_E_FORMAT, "whisper.block_start does not fit the model's features; "
                                          "train the model again");
        goto cleanup;
    }
    i->n = m->n_products;
    LB_TRY_CLEANUP(tensor_read_f32(r, "whisper.block_mean", 1, i->width, &i->mean, NULL, NULL));
    LB_TRY_CLEANUP(
        tensor_read_f32(r, "whisper.block_scale", 1, WHISPER_BLOCKS, &scale, NULL, NULL));
    memcpy(i->scale, scale, sizeof i->scale);
cleanup:
    free(start);
    free(scale);
    return status;
}

static lb_status load_layers(const st_reader *r, whisper_net *net) {
    mlp **layer[N_LAYERS];
    size_t d = net->dim, in = net->item_width;
    const size_t widths[N_LAYERS] = {net->request_width, in, in, d, d, 2 * d, 3 * d};
    list_layers(net, layer);
    for (int i = 0; i < N_LAYERS; i++) {
        bool relu = false;
        LB_TRY(autoencoder_load(r, layer_names[i], widths[i], d, layer[i], &relu));
        bool single = layer[i] == &net->text || layer[i] == &net->key;
        if (relu || (single && mlp_n_layers(*layer[i]) != 1))
            return status_fail(LB_E_FORMAT, "%s is not a layer of whisper; train the model again",
                               layer_names[i]);
    }
    return LB_OK;
}

static lb_status load_net(const st_reader *r, whisper_model *m) {
    whisper_net *net = &m->net;
    float *number = NULL;
    double softness;
    net->item_width = m->items.width;
    net->request_width = (uint32_t)whisper_request_width(&m->items, &m->reader);
    net->layout = whisper_lay_out(&m->items, &m->reader);
    for (int k = 0; k < WHISPER_NET_BLOCKS; k++) net->item_gain[k] = net->request_gain[k] = 1;
    LB_TRY(load_layers(r, net));
    LB_TRY(tensor_read_f32(r, "whisper.mask", 1, net->item_width, &net->mask, NULL, NULL));
    LB_TRY(tensor_read_f32(r, "whisper.numbers", 1, WHISPER_NUMBERS, &number, NULL, NULL));
    memcpy(net->number, number, sizeof net->number);
    free(number);
    LB_TRY(tensor_read_number(r, "whisper.softness", &softness));
    net->softness = (float)softness;
    if (!(net->softness > 0))
        return status_fail(LB_E_FORMAT, "whisper.softness is %g; train the model again", softness);
    return LB_OK;
}

static lb_status load_words(const st_reader *r, size_t dim, uint32_t title_dim, whisper_words *w) {
    size_t rows, buckets;
    void *slot;
    LB_TRY(tensor_read_f32(r, "whisper.words", ST_ANY, dim, &w->table, &rows, NULL));
    LB_TRY(tensor_read_f32(r, "whisper.rarity", ST_ANY, 1, &w->rarity, &buckets, NULL));
    if (!dim || !buckets || buckets > UINT32_MAX || rows > buckets)
        return status_fail(LB_E_FORMAT,
                           "whisper.words has %zu rows for %zu words; train the model "
                           "again",
                           rows, buckets);
    LB_TRY(tensor_read(r, "whisper.slot", ST_U32, buckets, 1, &slot, NULL, NULL));
    w->slot = slot;
    w->n_buckets = (uint32_t)buckets;
    w->n_rows = (uint32_t)rows;
    w->width = (uint32_t)dim;
    w->title_dim = title_dim;
    for (size_t b = 0; b < buckets; b++)
        if (w->slot[b] >= rows && w->slot[b] != WHISPER_UNSAID)
            return status_fail(LB_E_FORMAT,
                               "whisper.slot names row %u of %zu; train the model again",
                               w->slot[b], rows);
    return LB_OK;
}

static lb_status load_into(const st_reader *r, const model_common *common, whisper_model *m) {
    size_t dim;
    double no_user, no_request, no_words, own_words;
    void *taste_state;
    LB_TRY(vasg_load(r, common, &taste_state));
    m->taste = taste_state;
    LB_TRY(tensor_read_number(r, "whisper.own_words", &own_words));
    if (own_words != 0 && own_words != WORDS_DIM)
        return status_fail(LB_E_FORMAT,
                           "whisper.own_words is %g, not 0 or %d; train the model again", own_words,
                           WORDS_DIM);
    m->own_words = (uint32_t)own_words;
    LB_TRY(load_reader(r, &m->reader));
    LB_TRY(load_blocks(r, m));
    LB_TRY(tensor_read_f32(r, "whisper.z", m->n_products, ST_ANY, &m->z, NULL, &dim));
    m->net.dim = (uint32_t)dim;
    LB_TRY(load_words(r, dim, m->items.start[WHISPER_KIND] - m->items.start[WHISPER_TITLE],
                      &m->words));
    LB_TRY(load_net(r, m));
    LB_TRY(tensor_read_number(r, "whisper.user", &no_user));
    LB_TRY(tensor_read_number(r, "whisper.request", &no_request));
    LB_TRY(tensor_read_number(r, "whisper.words_off", &no_words));
    m->options.words = no_words != 0;
    m->options.user = no_user != 0;
    m->options.request = no_request != 0;
    m->net.impersonal = m->options.user != 0;
    LB_TRY(tensor_read_number(r, "whisper.weight.warm", &m->weight[0]));
    LB_TRY(tensor_read_number(r, "whisper.weight.cold", &m->weight[1]));
    LB_TRY(tensor_read_number(r, "whisper.offset", &m->offset));
    return whisper_build_parts(m);
}

lb_status whisper_load(const st_reader *r, const model_common *common, void **state) {
    whisper_model *m;
    LB_TRY(NEW_ARRAY(m, 1));
    options_init(&whisper_option_table, &m->options);
    m->n_users = common->n_users;
    m->n_products = common->n_products;
    lb_status status = load_into(r, common, m);
    if (status != LB_OK) {
        whisper_free(m);
        return status;
    }
    *state = m;
    return LB_OK;
}
