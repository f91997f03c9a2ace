#include "data/read_npy.h"

#include <math.h>
#include <string.h>

#include "core/half.h"
#include "core/memory.h"
#include "core/utf8.h"
#include "data/read_field.h"
#include "data/read_value.h"

enum { MAGIC_SIZE = 6, MAX_HEADER = 1 << 20 };

bool npy_magic(const unsigned char *bytes, size_t size) {
    return size >= MAGIC_SIZE && !memcmp(bytes, "\x93NUMPY", MAGIC_SIZE);
}

static uint32_t load_u16(const unsigned char *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t load_u32(const unsigned char *p) {
    return load_u16(p) | load_u16(p + 2) << 16;
}

/* ---------------------------------------------------------------- header */

static lb_status take_type(const value *v, npy_header *out) {
    static const struct {
        const char *descr;
        npy_type type;
        size_t size;
    } types[] = {{"<f2", NPY_F16, 2}, {"<f4", NPY_F32, 4}, {"<f8", NPY_F64, 8}};
    if (!v || v->kind != VALUE_STRING)
        return status_fail(LB_E_FORMAT, "'descr' is missing or no simple type");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (!strcmp(v->text, types[i].descr)) {
            out->type = types[i].type;
            out->value_size = types[i].size;
            return LB_OK;
        }
    if (*v->text == '>')
        return status_fail(LB_E_FORMAT, "the values are big-endian ('%.20s'): save them as '<f4'",
                           v->text);
    return status_fail(
        LB_E_FORMAT, "the values have type '%.20s': save them as '<f4' (or '<f2', '<f8')", v->text);
}

static lb_status take_size(const value *v, size_t *out) {
    double size;
    if (v->kind != VALUE_NUMBER || !field_number(v->text, v->length, &size) || size < 0 ||
        size > 0x1p48 || size != floor(size))
        return status_fail(LB_E_FORMAT, "'shape' must hold whole numbers");
    *out = (size_t)size;
    return LB_OK;
}

static lb_status take_shape(const value_tree *tree, const value *v, npy_header *out) {
    size_t shape[2] = {0, 0}, n = 0;
    if (!v || v->kind != VALUE_LIST) return status_fail(LB_E_FORMAT, "'shape' is missing");
    for (const value *c = value_first(tree, v); c; c = value_next(tree, v, c), n++)
        if (n < 2) LB_TRY(take_size(c, &shape[n]));
    if (n != 2)
        return status_fail(LB_E_FORMAT, "the array has %zu dimensions: (products, dim) is expected",
                           n);
    if (!shape[0]) return status_fail(LB_E_EMPTY, "the array has no rows");
    if (!shape[1] || shape[1] > NPY_MAX_DIM)
        return status_fail(LB_E_FORMAT, "the features have %zu values each: 1 to %d are possible",
                           shape[1], NPY_MAX_DIM);
    out->rows = shape[0];
    out->dim = shape[1];
    return LB_OK;
}

static lb_status parse_dict(value_tree *tree, char *text, size_t length, npy_header *out) {
    if (utf8_valid_length(text, length) != length || memchr(text, 0, length))
        return status_fail(LB_E_FORMAT, "the header is not text");
    LB_TRY(value_parse(tree, text, length, VALUE_PYTHON));
    const value *dict = tree->nodes, *order = value_member(tree, dict, "fortran_order");
    LB_TRY(take_type(value_member(tree, dict, "descr"), out));
    if (!order || (order->kind != VALUE_TRUE && order->kind != VALUE_FALSE))
        return status_fail(LB_E_FORMAT, "'fortran_order' is missing");
    if (order->kind == VALUE_TRUE)
        return status_fail(LB_E_FORMAT, "the array is in Fortran order: save it with "
                                        "numpy.ascontiguousarray");
    return take_shape(tree, value_member(tree, dict, "shape"), out);
}

/* Where the dict begins and how long it is. */
static lb_status find_dict(const unsigned char *bytes, size_t size, size_t *at, size_t *length) {
    if (!npy_magic(bytes, size)) return status_fail(LB_E_FORMAT, "this is no .npy file");
    if (size < 12) return status_fail(LB_E_FORMAT, "the file ends within its header");
    if (bytes[6] < 1 || bytes[6] > 3)
        return status_fail(LB_E_FORMAT, "version %u of the .npy format is not known: 1 to 3 are",
                           (unsigned)bytes[6]);
    *at = bytes[6] == 1 ? 10 : 12;
    *length = bytes[6] == 1 ? load_u16(bytes + 8) : load_u32(bytes + 8);
    if (*length > size - *at || *length > MAX_HEADER)
        return status_fail(LB_E_FORMAT, "the header has %zu bytes, which the file does not hold",
                           *length);
    return LB_OK;
}

static lb_status check_fill(const npy_header *h, size_t size) {
    size_t present = size - h->offset, row = h->dim * h->value_size; // at most 2^23: no overflow
    if (present / row == h->rows && present % row == 0) return LB_OK;
    return status_fail(
        LB_E_FORMAT,
        "the shape is (%zu, %zu) of %zu-byte values, but %zu bytes follow the header: "
        "the file is %s",
        h->rows, h->dim, h->value_size, present,
        present / row < h->rows ? "incomplete" : "too long");
}

static lb_status parse_header(const unsigned char *bytes, size_t size, npy_header *out) {
    value_tree tree = {NULL, 0, 0};
    char *text = NULL;
    size_t at = 0, length = 0;
    lb_status status = LB_OK;
    LB_TRY_CLEANUP(find_dict(bytes, size, &at, &length));
    LB_TRY_CLEANUP((text = memory_bytes((const char *)bytes + at, length)) ? LB_OK : LB_E_NOMEM);
    LB_TRY_CLEANUP(parse_dict(&tree, text, length, out));
    out->offset = at + length;
    LB_TRY_CLEANUP(check_fill(out, size));
cleanup:
    value_tree_free(&tree);
    free(text);
    return status;
}

lb_status npy_parse(const char *path, const unsigned char *bytes, size_t size, npy_header *out) {
    npy_header header;
    lb_status status = parse_header(bytes, size, &header);
    if (status != LB_OK) return status_prefix(status, "%s", path);
    *out = header;
    return LB_OK;
}

/* ---------------------------------------------------------------- values */

static float load_f32(const unsigned char *p) {
    uint32_t bits = load_u32(p);
    float number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

/* A double beyond float32 becomes infinite, which the caller looks for. */
static float load_f64(const unsigned char *p) {
    uint64_t bits = (uint64_t)load_u32(p) | (uint64_t)load_u32(p + 4) << 32;
    double number;
    memcpy(&number, &bits, sizeof number);
    if (fabs(number) > 0x1.fffffefffffffp127) return INFINITY;
    return (float)number;
}

size_t npy_values(npy_type type, const unsigned char *bytes, size_t n, float *out) {
    if (type == NPY_F16)
        for (size_t i = 0; i < n; i++) out[i] = half_to_f32((uint16_t)load_u16(bytes + 2 * i));
    if (type == NPY_F32)
        for (size_t i = 0; i < n; i++) out[i] = load_f32(bytes + 4 * i);
    if (type == NPY_F64)
        for (size_t i = 0; i < n; i++) out[i] = load_f64(bytes + 8 * i);
    // By the bits, in a loop without a branch: infinities and NaN have all exponent bits set.
    uint32_t any = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t word;
        memcpy(&word, &out[i], sizeof word);
        any |= (word & 0x7f800000u) == 0x7f800000u;
    }
    if (!any) return n;
    size_t i = 0;
    while (isfinite(out[i])) i++;
    return i;
}
