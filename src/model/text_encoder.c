#include "model/text_encoder.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/text.h"
#include "math/vector.h"
#include "media/encoder_copy.h"
#include "media/onnx_network.h"
#include "model/clip_file.h"

#define IDENTITY_START "clip-text-1 "

enum { DIGEST = SHA256_TEXT_SIZE - 1, FIELDS_SIZE = 64, OUTPUT_SIZE = 120 };

struct text_encoder {
    char identity[DATASET_ENCODER_SIZE];
    char network_digest[SHA256_TEXT_SIZE], vocabulary_digest[SHA256_TEXT_SIZE];
    char seer[SHA256_TEXT_SIZE]; // "" = none
    char output[OUTPUT_SIZE];
    unsigned fields;
    char *directory, *library; // NULL of one opened from files; NULL = the system's
    pthread_mutex_t lock;      // while it is being loaded
    bool loaded;
    onnx_network *network;
    clip_tokens *tokens;
};

/* ---- identity */

static void fields_text(unsigned fields, char out[FIELDS_SIZE]) {
    static const struct {
        unsigned field;
        const char *name;
    } all[] = {{WORDS_TITLE, "title"},
               {WORDS_CATEGORY, "category"},
               {WORDS_BRAND, "brand"},
               {WORDS_DESCRIPTION, "description"}};
    size_t used = 0;
    out[0] = '\0';
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (fields & all[i].field)
            used += (size_t)snprintf(out + used, FIELDS_SIZE - used, "%s%s", used ? "," : "",
                                     all[i].name);
}

static lb_status make_identity(text_encoder *e) {
    char fields[FIELDS_SIZE];
    fields_text(e->fields, fields);
    int n = snprintf(e->identity, sizeof e->identity,
                     IDENTITY_START "%s %s beside=%s fields=%s output=%s", e->network_digest,
                     e->vocabulary_digest, *e->seer ? e->seer : "none", fields, e->output);
    return n > 0 && (size_t)n < sizeof e->identity
               ? LB_OK
               : status_fail(LB_E_ARGUMENT, "the output's name is too long");
}

/* Takes the next `size` bytes, and a blank if one follows, where `start` stands before them. */
static bool take(const char **at, const char *start, size_t size, char *out) {
    size_t length = strlen(start);
    if (strncmp(*at, start, length) != 0 || strlen(*at + length) < size) return false;
    memcpy(out, *at + length, size);
    out[size] = '\0';
    *at += length + size;
    if (**at == ' ') ++*at;
    return true;
}

static bool take_digest(const char **at, const char *start, char out[SHA256_TEXT_SIZE]) {
    return take(at, start, DIGEST, out) && strspn(out, "0123456789abcdef") == DIGEST;
}

static lb_status parse_identity(const char *identity, text_encoder *e) {
    const char *at = identity;
    char fields[FIELDS_SIZE], none[8];
    bool good = take_digest(&at, IDENTITY_START, e->network_digest) &&
                take_digest(&at, "", e->vocabulary_digest);
    if (good && strncmp(at, "beside=none ", 12) == 0)
        good = take(&at, "beside=", 4, none);
    else if (good)
        good = take_digest(&at, "beside=", e->seer);
    size_t length = good && strncmp(at, "fields=", 7) == 0 ? strcspn(at + 7, " ") : FIELDS_SIZE;
    if (length >= FIELDS_SIZE || !take(&at, "fields=", length, fields) ||
        words_fields_parse(fields, &e->fields) != LB_OK || strncmp(at, "output=", 7) != 0 ||
        strlen(at + 7) >= OUTPUT_SIZE || strlen(identity) >= sizeof e->identity)
        return status_fail(LB_E_FORMAT, "\"%.80s\" names no network that reads texts", identity);
    snprintf(e->output, sizeof e->output, "%s", at + 7);
    snprintf(e->identity, sizeof e->identity, "%s", identity);
    return LB_OK;
}

bool text_encoder_is(const char *identity) {
    return strncmp(identity, IDENTITY_START, strlen(IDENTITY_START)) == 0;
}

const char *text_encoder_identity(const text_encoder *e) {
    return e->identity;
}

const char *text_encoder_seer(const text_encoder *e) {
    return e->seer;
}

uint32_t text_encoder_dim(const text_encoder *e) {
    return e->network ? (uint32_t)onnx_network_dim(e->network) : 0;
}

/* ---- loading */

static lb_status load_network(text_encoder *e, const char *path, const file_map *map) {
    const onnx_use use = {.library = e->library, .output = e->output, .tokens = CLIP_CONTEXT};
    if (!map->size) return status_fail(LB_E_FORMAT, "%s: the file is empty", path);
    lb_status status = onnx_network_open(map->bytes, map->size, &use, &e->network);
    return status == LB_OK ? LB_OK : status_prefix(status, "%s", path);
}

static lb_status make(text_encoder **out) {
    text_encoder *e;
    LB_TRY(NEW_ARRAY(e, 1));
    if (pthread_mutex_init(&e->lock, NULL)) {
        free(e);
        return status_fail(LB_E_NOMEM, "cannot make a lock");
    }
    *out = e;
    return LB_OK;
}

void text_encoder_free(text_encoder *e) {
    if (!e) return;
    onnx_network_close(e->network);
    clip_tokens_free(e->tokens);
    pthread_mutex_destroy(&e->lock);
    free(e->directory);
    free(e->library);
    free(e);
}

lb_status text_encoder_open(const text_encoder_files *f, text_encoder **out) {
    text_encoder *e;
    file_map network = {NULL, 0}, vocabulary = {NULL, 0};
    lb_status status;
    if (strlen(f->output) >= OUTPUT_SIZE)
        return status_fail(LB_E_ARGUMENT, "the output's name is longer than %d bytes",
                           OUTPUT_SIZE - 1);
    LB_TRY(make(&e));
    snprintf(e->output, sizeof e->output, "%s", f->output);
    snprintf(e->seer, sizeof e->seer, "%s", f->seer);
    e->fields = f->fields;
    if (f->library) LB_TRY_CLEANUP((e->library = memory_string(f->library)) ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(clip_tokens_open(f->vocabulary, &e->tokens));
    LB_TRY_CLEANUP(file_map_open(f->vocabulary, &vocabulary));
    LB_TRY_CLEANUP(file_map_open(f->network, &network));
    encoder_copy_digest(&network, e->network_digest);
    encoder_copy_digest(&vocabulary, e->vocabulary_digest);
    LB_TRY_CLEANUP(make_identity(e));
    LB_TRY_CLEANUP(load_network(e, f->network, &network));
    e->loaded = true;
    *out = e;
    e = NULL;
cleanup:
    file_map_close(&network);
    file_map_close(&vocabulary);
    text_encoder_free(e);
    return status;
}

lb_status text_encoder_new(const char *identity, const char *directory, const char *library,
                           text_encoder **out) {
    text_encoder *e;
    lb_status status = LB_OK;
    LB_TRY(make(&e));
    LB_TRY_CLEANUP(parse_identity(identity, e));
    LB_TRY_CLEANUP((e->directory = memory_string(directory)) ? LB_OK : LB_E_NOMEM);
    if (library) LB_TRY_CLEANUP((e->library = memory_string(library)) ? LB_OK : LB_E_NOMEM);
    *out = e;
    return LB_OK;
cleanup:
    text_encoder_free(e);
    return status;
}

static lb_status load_copies(text_encoder *e) {
    char *network = NULL, *vocabulary = NULL;
    file_map map = {NULL, 0}, words = {NULL, 0};
    lb_status status;
    LB_TRY_CLEANUP(encoder_copy_open(e->directory, e->vocabulary_digest, ENCODER_VOCABULARY,
                                     &vocabulary, &words));
    LB_TRY_CLEANUP(
        encoder_copy_open(e->directory, e->network_digest, ENCODER_NETWORK, &network, &map));
    if (!e->tokens) LB_TRY_CLEANUP(clip_tokens_open(vocabulary, &e->tokens));
    LB_TRY_CLEANUP(load_network(e, network, &map));
    e->loaded = true;
cleanup:
    file_map_close(&map);
    file_map_close(&words);
    free(network);
    free(vocabulary);
    return status;
}

lb_status text_encoder_load(text_encoder *e) {
    pthread_mutex_lock(&e->lock);
    lb_status status = e->loaded ? LB_OK : load_copies(e);
    pthread_mutex_unlock(&e->lock);
    return status == LB_OK
               ? LB_OK
               : status_prefix(status, "the network that reads requests cannot be used");
}

lb_status text_encoder_keep(const text_encoder *e, const text_encoder_files *files,
                            const char *directory) {
    LB_TRY(
        encoder_copy_keep(files->vocabulary, e->vocabulary_digest, ENCODER_VOCABULARY, directory));
    return encoder_copy_keep(files->network, e->network_digest, ENCODER_NETWORK, directory);
}

/* ---- reading */

lb_status text_encoder_read(text_encoder *e, const char *string, uint32_t dim, float *out) {
    uint32_t token[CLIP_CONTEXT];
    size_t used;
    LB_TRY(text_encoder_load(e));
    if (onnx_network_dim(e->network) != dim)
        return status_fail(LB_E_MISMATCH,
                           "the network that reads texts gives %zu numbers, and the products have "
                           "%u: they do not go together; encode again",
                           onnx_network_dim(e->network), dim);
    LB_TRY(clip_tokens_encode(e->tokens, string, token, &used));
    LB_TRY(onnx_network_read(e->network, token, used, out));
    if (!(vec_normalise(out, dim) > 0))
        return status_fail(LB_E_NUMERIC, "the network gives zeros for the text \"%.60s\"", string);
    return LB_OK;
}

static void add_part(text *t, const char *part, size_t length) {
    if (length) text_add(t, "%s%.*s", t->n ? ", " : "", (int)length, part);
}

/* The last step of each path. */
static void add_kinds(text *t, const char *paths) {
    for (;;) {
        size_t length = strcspn(paths, "\n");
        const char *last = paths;
        for (const char *at = paths; at + 3 <= paths + length; at++)
            if (strncmp(at, " > ", 3) == 0) last = at + 3;
        add_part(t, last, (size_t)(paths + length - last));
        if (!paths[length]) return;
        paths += length + 1;
    }
}

lb_status text_encoder_product(text_encoder *e, const words_product *product, uint32_t dim,
                               float *out, bool *found) {
    const struct {
        unsigned field;
        const char *text;
    } whole[] = {{WORDS_TITLE, product->title},
                 {WORDS_BRAND, product->brand},
                 {WORDS_DESCRIPTION, product->description}};
    text t = {0};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        if (e->fields & whole[i].field && whole[i].text)
            add_part(&t, whole[i].text, strlen(whole[i].text));
        if (i == 1 && e->fields & WORDS_CATEGORY && product->category)
            add_kinds(&t, product->category);
    }
    *found = t.n > 0;
    memset(out, 0, dim * sizeof *out);
    lb_status status = t.status;
    if (status == LB_OK && *found) status = text_encoder_read(e, t.bytes, dim, out);
    free(t.bytes);
    return status;
}
