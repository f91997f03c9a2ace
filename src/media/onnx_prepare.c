#include "media/onnx_prepare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/text.h"

void preparation_init(preparation *p) {
    *p = (preparation){.range = 1, .std = {1, 1, 1}};
}

/* ---- presets */

typedef struct preset {
    const char *name;
    preparation settings;
} preset;

/* caffenet-fc7: Caffe's reference network, whose layer fc7 the paper's 4,096 numbers are; the mean
 * of ImageNet's training pictures, in Caffe's order. resnet: torchvision's classification networks,
 * MobileNet's there too. mobilenet: as Google published it. clip: OpenAI's, and most of its kind.
 */
static const preset presets[] = {
    {"caffenet-fc7",
     {.width = 227,
      .height = 227,
      .resize_width = 256,
      .resize_height = 256,
      .range = 255,
      .mean = {104.00698793, 116.66876762, 122.67891434},
      .std = {1, 1, 1},
      .bgr = true}},
    {"resnet",
     {.width = 224,
      .height = 224,
      .resize_width = 256,
      .range = 1,
      .mean = {0.485, 0.456, 0.406},
      .std = {0.229, 0.224, 0.225}}},
    {"mobilenet",
     {.width = 224,
      .height = 224,
      .resize_width = 224,
      .resize_height = 224,
      .range = 255,
      .mean = {128, 128, 128},
      .std = {128, 128, 128}}},
    {"clip",
     {.width = 224,
      .height = 224,
      .resize_width = 224,
      .filter = IMAGE_BICUBIC,
      .range = 1,
      .mean = {0.48145466, 0.4578275, 0.40821073},
      .std = {0.26862954, 0.26130258, 0.27577711}}},
};

enum { N_PRESETS = sizeof presets / sizeof *presets };

const char *preparation_preset_name(size_t index) {
    return index < N_PRESETS ? presets[index].name : NULL;
}

lb_status preparation_preset(preparation *p, const char *name) {
    for (size_t i = 0; i < N_PRESETS; i++) {
        if (strcmp(presets[i].name, name) != 0) continue;
        preparation chosen = presets[i].settings;
        memcpy(chosen.output, p->output, sizeof chosen.output);
        *p = chosen;
        return LB_OK;
    }
    text names = {0};
    for (size_t i = 0; i < N_PRESETS; i++) text_add(&names, "%s%s", i ? ", " : "", presets[i].name);
    lb_status status = names.status;
    if (status == LB_OK)
        status = status_fail(LB_E_ARGUMENT, "there is no preset \"%.64s\"; there are %s", name,
                             names.bytes);
    free(names.bytes);
    return status;
}

/* ---- single settings */

static bool parse_side(const char **at, unsigned *out) {
    char *end;
    if (**at < '1' || **at > '9') return false;
    unsigned long value = strtoul(*at, &end, 10);
    if (value > PREPARATION_MAX_SIDE) return false;
    *out = (unsigned)value;
    *at = end;
    return true;
}

/* "W" leaves *height 0. */
static bool parse_sides(const char *value, unsigned *width, unsigned *height) {
    unsigned w, h = 0;
    if (!parse_side(&value, &w)) return false;
    if (*value == 'x') {
        value++;
        if (!parse_side(&value, &h)) return false;
    }
    if (*value) return false;
    *width = w;
    *height = h;
    return true;
}

/* One number, or three with commas between. */
static bool parse_channels(const char *value, double out[3]) {
    double x[3];
    size_t n = 0;
    for (;;) {
        char *end;
        if (!*value || !strchr("+-.0123456789", *value)) return false;
        x[n] = strtod(value, &end);
        if (end == value || !isfinite(x[n]) || fabs(x[n]) > 1e6) return false;
        n++;
        if (!*end) break;
        if (*end != ',' || n == 3) return false;
        value = end + 1;
    }
    for (size_t c = 0; c < 3 && n != 2; c++) out[c] = x[n == 1 ? 0 : c];
    return n != 2;
}

static lb_status refuse(const char *name, const char *value, const char *allowed) {
    return status_fail(LB_E_ARGUMENT, "%s is \"%.64s\": must be %s", name, value, allowed);
}

static lb_status set_size(preparation *p, const char *value) {
    unsigned width, height;
    if (!parse_sides(value, &width, &height))
        return refuse("size", value, "W or WxH, sides of 1 to 4096 pixels");
    p->width = width;
    p->height = height ? height : width;
    return LB_OK;
}

static lb_status set_resize(preparation *p, const char *value) {
    if (parse_sides(value, &p->resize_width, &p->resize_height)) return LB_OK;
    return refuse("resize", value,
                  "N (the shorter side) or WxH (both, whatever the proportions), of 1 to 4096 "
                  "pixels");
}

static const char *const filter_names[IMAGE_N_FILTERS] = {"bilinear", "bicubic", "lanczos"};

static lb_status set_filter(preparation *p, const char *value) {
    for (size_t i = 0; i < IMAGE_N_FILTERS; i++) {
        if (strcmp(value, filter_names[i]) != 0) continue;
        p->filter = (image_filter)i;
        return LB_OK;
    }
    return refuse("filter", value, "bilinear, bicubic or lanczos");
}

static lb_status set_range(preparation *p, const char *value) {
    bool wide = strcmp(value, "255") == 0;
    if (!wide && strcmp(value, "1") != 0) return refuse("range", value, "1 or 255");
    p->range = wide ? 255 : 1;
    return LB_OK;
}

static lb_status set_mean(preparation *p, const char *value) {
    return parse_channels(value, p->mean)
               ? LB_OK
               : refuse("mean", value, "a number, or three with commas between");
}

static lb_status set_std(preparation *p, const char *value) {
    double std[3];
    if (!parse_channels(value, std) || !(fmin(std[0], fmin(std[1], std[2])) >= 1e-6))
        return refuse("std", value, "a number above 0, or three with commas between");
    memcpy(p->std, std, sizeof std);
    return LB_OK;
}

static lb_status set_order(preparation *p, const char *value) {
    p->bgr = strcmp(value, "bgr") == 0;
    return p->bgr || strcmp(value, "rgb") == 0 ? LB_OK : refuse("order", value, "rgb or bgr");
}

static lb_status set_tiles(preparation *p, const char *value) {
    if (value[0] < '0' || value[0] > '0' + PREPARATION_MAX_TILES || value[1])
        return refuse("tiles", value, "a level of 0 to 4");
    p->tiles = (unsigned)(value[0] - '0');
    return LB_OK;
}

static lb_status set_output(preparation *p, const char *value) {
    size_t length = strlen(value);
    bool good = length < PREPARATION_OUTPUT_SIZE;
    for (size_t i = 0; good && i < length; i++) good = (unsigned char)value[i] >= ' ';
    if (!good)
        return refuse("output", value, "a name of at most 119 bytes without control characters");
    memcpy(p->output, value, length + 1);
    return LB_OK;
}

/* In the order of preparation_text. */
static const struct {
    const char *name;
    lb_status (*set)(preparation *p, const char *value);
    bool optional; // in a text, which is older than it
} settings[] = {
    {"size", set_size, false},   {"resize", set_resize, false}, {"filter", set_filter, false},
    {"range", set_range, false}, {"mean", set_mean, false},     {"std", set_std, false},
    {"order", set_order, false}, {"tiles", set_tiles, true},    {"output", set_output, false}};

enum { N_SETTINGS = sizeof settings / sizeof *settings };

lb_status preparation_set(preparation *p, const char *setting) {
    const char *equals = strchr(setting, '=');
    size_t length = equals ? (size_t)(equals - setting) : strlen(setting);
    for (size_t i = 0; equals && i < N_SETTINGS; i++)
        if (strlen(settings[i].name) == length && memcmp(settings[i].name, setting, length) == 0)
            return settings[i].set(p, equals + 1);
    return status_fail(LB_E_ARGUMENT,
                       "\"%.64s\" is no setting of a network; there are size, resize, filter, "
                       "range, mean, std, order, tiles and output, as name=value",
                       setting);
}

lb_status preparation_check(const preparation *p) {
    if (!p->width)
        return status_fail(LB_E_ARGUMENT,
                           "how pictures are to be prepared for this network is not said: give a "
                           "preset (caffenet-fc7, resnet, mobilenet, clip), at least a size, or a "
                           "file of settings beside the network, NETWORK.json");
    unsigned width = p->resize_width, height = p->resize_height ? p->resize_height : width;
    if (width && (width < p->width || height < p->height))
        return status_fail(LB_E_ARGUMENT,
                           "pictures resized to %u x %u do not fill the network's size, %u x %u",
                           width, height, p->width, p->height);
    return LB_OK;
}

/* ---- as text */

static void add_channels(text *t, const char *name, const double x[3]) {
    text_add(t, " %s=", name);
    for (size_t c = 0; c < 3; c++) {
        if (c) text_add(t, ",");
        text_json_number(t, x[c]);
    }
}

lb_status preparation_text(const preparation *p, char out[PREPARATION_TEXT_SIZE]) {
    text t = {0};
    text_add(&t, "size=%ux%u", p->width, p->height);
    if (p->resize_height)
        text_add(&t, " resize=%ux%u", p->resize_width, p->resize_height);
    else if (p->resize_width)
        text_add(&t, " resize=%u", p->resize_width);
    else
        text_add(&t, " resize=%ux%u", p->width, p->height);
    text_add(&t, " filter=%s range=%u", filter_names[p->filter], p->range > 1 ? 255u : 1u);
    add_channels(&t, "mean", p->mean);
    add_channels(&t, "std", p->std);
    text_add(&t, " order=%s", p->bgr ? "bgr" : "rgb");
    if (p->tiles) text_add(&t, " tiles=%u", p->tiles);
    text_add(&t, " output=%s", p->output);
    lb_status status = t.status;
    if (status == LB_OK && t.n >= PREPARATION_TEXT_SIZE)
        status = status_fail(LB_E_ARGUMENT, "the settings of the network are too long");
    if (status == LB_OK) memcpy(out, t.bytes, t.n + 1);
    free(t.bytes);
    return status;
}

lb_status preparation_parse(const char *from, preparation *p) {
    preparation made;
    char setting[PREPARATION_TEXT_SIZE];
    preparation_init(&made);
    for (size_t i = 0; i < N_SETTINGS; i++) {
        bool last = i + 1 == N_SETTINGS;
        size_t length = last ? strlen(from) : strcspn(from, " ");
        if (length >= sizeof setting)
            return status_fail(LB_E_FORMAT, "settings of a network that are too long");
        memcpy(setting, from, length);
        setting[length] = '\0';
        size_t name = strlen(settings[i].name);
        bool named = strncmp(setting, settings[i].name, name) == 0 && setting[name] == '=';
        if (!named && settings[i].optional) continue;
        if (!named || settings[i].set(&made, setting + name + 1) != LB_OK)
            return status_fail(LB_E_FORMAT, "settings of a network with \"%.64s\" where %s belongs",
                               setting, settings[i].name);
        from += length + (from[length] == ' ');
    }
    if (preparation_check(&made) != LB_OK)
        return status_fail(LB_E_FORMAT, "settings of a network that do not fit each other");
    *p = made;
    return LB_OK;
}

/* ---- applying */

size_t preparation_wanted(const preparation *p) {
    unsigned width = p->resize_width ? p->resize_width : p->width;
    unsigned height = p->resize_width ? p->resize_height : p->height;
    // Twice the size leaves the filter something to average over, in the smallest tile too.
    size_t side = 2 * (size_t)(width > height ? width : height);
    return p->tiles > 1 ? side * (p->tiles + 1) / 2 : side;
}

/* How many tiles of `side` lie along `length`, which is no less: spread evenly, and where the limit
 * allows no more than half a tile apart. */
static size_t tiles_along(size_t length, size_t side) {
    size_t n = (2 * (length - side) + side - 1) / side + 1;
    return n < PREPARATION_MAX_ROW ? n : PREPARATION_MAX_ROW;
}

bool preparation_view(const preparation *p, size_t width, size_t height, size_t index,
                      image_window *out) {
    *out = (image_window){0, 0, width, height};
    if (!index) return true;
    size_t shorter = width < height ? width : height, i = index - 1;
    for (size_t level = 1; level <= p->tiles; level++) {
        size_t side = 2 * shorter / (level + 1) ? 2 * shorter / (level + 1) : 1;
        size_t across = tiles_along(width, side), down = tiles_along(height, side);
        if (across * down == 1) continue; // the whole
        if (i >= across * down) {
            i -= across * down;
            continue;
        }
        size_t x = across > 1 ? i % across * (width - side) / (across - 1) : 0;
        size_t y = down > 1 ? i / across * (height - side) / (down - 1) : 0;
        *out = (image_window){x, y, side, side};
        return true;
    }
    return false;
}

/* The size of the resized picture, and the middle of it. */
static image_window find_window(const preparation *p, const image *picture, size_t *width,
                                size_t *height) {
    *width = p->resize_width ? p->resize_width : p->width;
    *height = p->resize_width ? p->resize_height : p->height;
    if (!*height) { // the shorter side is given
        size_t side = *width, w = picture->width, h = picture->height;
        *width = w <= h ? side : side * w / h;
        *height = h <= w ? side : side * h / w;
    }
    return (image_window){(*width - p->width) / 2, (*height - p->height) / 2, p->width, p->height};
}

lb_status preparation_apply(const preparation *p, const image *picture, bool interleaved,
                            float *out) {
    size_t width, height, n = (size_t)p->width * p->height;
    image_window window = find_window(p, picture, &width, &height);
    image small;
    LB_TRY(image_resize_window(picture, width, height, p->filter, &window, &small));
    for (size_t c = 0; c < 3; c++) {
        float value[256];
        for (size_t v = 0; v < 256; v++)
            value[v] = (float)(((double)v * p->range / 255 - p->mean[c]) / p->std[c]);
        const unsigned char *from = small.rgb + (p->bgr ? 2 - c : c);
        float *to = interleaved ? out + c : out + c * n;
        for (size_t i = 0; i < n; i++) to[interleaved ? 3 * i : i] = value[from[3 * i]];
    }
    image_free(&small);
    return LB_OK;
}
