#include "media/onnx_encoder.h"

#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "media/descriptor.h"
#include "media/encoder_copy.h"
#include "media/onnx_network.h"

#define IDENTITY_START "onnx-1 "

typedef struct onnx_encoder {
    image_encoder base; // first: the one is the other
    preparation preparation;
    onnx_network *network;
    char identity[ONNX_IDENTITY_SIZE];
} onnx_encoder;

/* What the network says of a picture, or of a part of one; nothing of one colour all over. */
static lb_status see(const onnx_encoder *e, const image *picture, float *tensor, float *out,
                     bool *blank) {
    LB_TRY(descriptor_find_blank(picture, blank));
    if (*blank) return LB_OK;
    LB_TRY(
        preparation_apply(&e->preparation, picture, onnx_network_interleaved(e->network), tensor));
    return onnx_network_run(e->network, tensor, out);
}

/* Adds what is seen in a part of the picture, and 1 to *n if it is not of one colour. */
static lb_status add_view(const onnx_encoder *e, const image *picture, const image_window *part,
                          float *tensor, float *one, float *sum, size_t *n) {
    image cut;
    bool blank;
    // a picture resized to its own size keeps its pixels
    LB_TRY(
        image_resize_window(picture, picture->width, picture->height, IMAGE_BILINEAR, part, &cut));
    lb_status status = see(e, &cut, tensor, one, &blank);
    image_free(&cut);
    if (status != LB_OK || blank) return status;
    for (size_t i = 0; i < e->base.dim; i++) sum[i] += one[i];
    ++*n;
    return LB_OK;
}

static lb_status encode(const image_encoder *encoder, const image *picture, float *out,
                        bool *blank) {
    const onnx_encoder *e = (const onnx_encoder *)encoder;
    const preparation *p = &e->preparation;
    float *tensor = NULL, *one = NULL;
    image_window part;
    size_t n = 1;
    lb_status status;
    LB_TRY_CLEANUP(NEW_ARRAY(tensor, (size_t)p->width * p->height * 3));
    LB_TRY_CLEANUP(NEW_ARRAY(one, encoder->dim));
    LB_TRY_CLEANUP(see(e, picture, tensor, out, blank));
    if (*blank) goto cleanup;
    for (size_t i = 1; preparation_view(p, picture->width, picture->height, i, &part); i++)
        LB_TRY_CLEANUP(add_view(e, picture, &part, tensor, one, out, &n));
    for (size_t i = 0; i < encoder->dim && n > 1; i++) out[i] /= (float)n;
cleanup:
    free(tensor);
    free(one);
    return status;
}

static void close_encoder(image_encoder *encoder) {
    onnx_encoder *e = (onnx_encoder *)encoder;
    onnx_network_close(e->network);
    free(e);
}

static lb_status make_identity(onnx_encoder *e, const char *digest) {
    char settings[PREPARATION_TEXT_SIZE];
    LB_TRY(preparation_text(&e->preparation, settings));
    snprintf(e->identity, sizeof e->identity, IDENTITY_START "%s %s", digest, settings);
    return LB_OK;
}

static lb_status open_network(const file_map *map, const char *digest, const preparation *p,
                              const char *library, image_encoder **out) {
    onnx_encoder *e;
    lb_status status = LB_OK;
    onnx_use use = {
        .library = library, .output = p->output, .width = p->width, .height = p->height};
    LB_TRY(preparation_check(p));
    LB_TRY(NEW_ARRAY(e, 1));
    e->preparation = *p;
    LB_TRY_CLEANUP(make_identity(e, digest));
    LB_TRY_CLEANUP(onnx_network_open(map->bytes, map->size, &use, &e->network));
    e->base = (image_encoder){.name = "onnx",
                              .identity = e->identity,
                              .dim = onnx_network_dim(e->network),
                              .wanted = preparation_wanted(p),
                              .encode = encode,
                              .close = close_encoder};
    *out = &e->base;
    return LB_OK;
cleanup:
    free(e);
    return status;
}

lb_status onnx_encoder_open_file(const char *path, const preparation *p, const char *library,
                                 image_encoder **out) {
    file_map map;
    char digest[SHA256_TEXT_SIZE];
    LB_TRY(file_map_open(path, &map));
    encoder_copy_digest(&map, digest);
    lb_status status = map.size ? open_network(&map, digest, p, library, out)
                                : status_fail(LB_E_FORMAT, "the file is empty");
    file_map_close(&map);
    return status == LB_OK ? LB_OK : status_prefix(status, "%s", path);
}

bool onnx_encoder_is(const char *identity) {
    return strncmp(identity, IDENTITY_START, strlen(IDENTITY_START)) == 0;
}

lb_status onnx_encoder_sidecar(const char *path, preparation *p) {
    size_t length = strlen(path), stem = length;
    if (length > 5 && strcmp(path + length - 5, ".onnx") == 0) stem -= 5;
    char *name;
    file_map map = {NULL, 0};
    LB_TRY(NEW_ARRAY(name, stem + sizeof ".json"));
    memcpy(name, path, stem);
    memcpy(name + stem, ".json", sizeof ".json");
    lb_status status = LB_OK;
    if (file_exists(name)) {
        status = file_map_open(name, &map);
        if (status == LB_OK) {
            status = preparation_sidecar(p, (const char *)map.bytes, map.size);
            if (status != LB_OK) status = status_prefix(status, "%s", name);
        }
        file_map_close(&map);
    }
    free(name);
    return status;
}

/* ---- the copy that a dataset keeps */

lb_status onnx_encoder_keep(const image_encoder *encoder, const char *path, const char *directory) {
    return encoder_copy_keep(path, encoder->identity + strlen(IDENTITY_START), ENCODER_NETWORK,
                             directory);
}

static lb_status parse_identity(const char *identity, char digest[SHA256_TEXT_SIZE],
                                preparation *p) {
    const char *at = identity + strlen(IDENTITY_START);
    size_t length = onnx_encoder_is(identity) ? strspn(at, "0123456789abcdef") : 0;
    if (length != SHA256_TEXT_SIZE - 1 || at[length] != ' ')
        return status_fail(LB_E_FORMAT, "\"%.80s\" names no network of this program", identity);
    memcpy(digest, at, length);
    digest[length] = '\0';
    return preparation_parse(at + length + 1, p);
}

bool onnx_encoder_digest(const char *identity, char digest[SHA256_TEXT_SIZE]) {
    preparation p;
    return onnx_encoder_is(identity) && parse_identity(identity, digest, &p) == LB_OK;
}

lb_status onnx_encoder_open(const char *identity, const char *directory, const char *library,
                            image_encoder **out) {
    preparation p;
    char digest[SHA256_TEXT_SIZE], *path = NULL;
    file_map map = {NULL, 0};
    lb_status status;
    LB_TRY(parse_identity(identity, digest, &p));
    LB_TRY_CLEANUP(encoder_copy_open(directory, digest, ENCODER_NETWORK, &path, &map));
    status = open_network(&map, digest, &p, library, out);
    if (status != LB_OK) status = status_prefix(status, "%s", path);
cleanup:
    file_map_close(&map);
    free(path);
    return status;
}
