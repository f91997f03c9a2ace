#include "media/onnx_network.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "media/onnx_library.h"

enum { MAX_RANK = 8, MAX_NAME = 128, CHANNELS = 3 };

struct onnx_network {
    onnx_library library;
    onnx_environment *environment;
    onnx_session *session;
    onnx_memory *memory;
    char *input, *output, *mask; // mask: the second input of a network that reads texts, or NULL
    int type;                    // of the elements of the input, and of the mask
    size_t rank;
    int64_t shape[4]; // of the input
    size_t n_input;   // elements of it
    size_t dim;
    bool interleaved;
};

/* A tensor's type and shape; open dimensions are -1. */
typedef struct tensor_kind {
    int type;
    size_t rank;
    int64_t shape[MAX_RANK];
} tensor_kind;

/* ---- the library's failures */

/* Takes the failure over. */
static lb_status fail_with(const onnx_network *n, onnx_failure *failure, lb_status code,
                           const char *what) {
    if (!failure) return LB_OK;
    lb_status status = status_fail(code, "%s (ONNX Runtime %s: %s)", what, n->library.version,
                                   n->library.api->failure_text(failure));
    n->library.api->release_failure(failure);
    return status;
}

static lb_status check(const onnx_network *n, onnx_failure *failure) {
    return fail_with(n, failure, LB_E_UNSUPPORTED, "the network cannot be used");
}

/* ---- what a network has */

static lb_status read_shape(const onnx_network *n, const onnx_shape *shape, tensor_kind *out) {
    const onnx_api *api = n->library.api;
    LB_TRY(check(n, api->element_type(shape, &out->type)));
    LB_TRY(check(n, api->rank(shape, &out->rank)));
    if (out->rank > MAX_RANK)
        return status_fail(LB_E_UNSUPPORTED, "a tensor of the network has %zu dimensions",
                           out->rank);
    return check(n, api->dimensions(shape, out->shape, out->rank));
}

/* What is no tensor (a list, a map) has type 0. */
static lb_status read_type(const onnx_network *n, const onnx_type *type, tensor_kind *out) {
    const onnx_shape *shape = NULL;
    *out = (tensor_kind){0};
    LB_TRY(check(n, n->library.api->tensor_of_type(type, &shape)));
    return shape ? read_shape(n, shape, out) : LB_OK;
}

static void describe(const tensor_kind *k, char *text, size_t size) {
    size_t used = (size_t)snprintf(text, size, "(");
    for (size_t i = 0; i < k->rank && used < size; i++) {
        const char *comma = i ? ", " : "";
        used += k->shape[i] < 0 ? (size_t)snprintf(text + used, size - used, "%sn", comma)
                                : (size_t)snprintf(text + used, size - used, "%s%lld", comma,
                                                   (long long)k->shape[i]);
    }
    if (used < size) snprintf(text + used, size - used, ")");
}

typedef onnx_failure *(*get_name)(const onnx_session *, size_t, onnx_allocator *, char **);

/* A copy of a name; what the library allocates is its own. */
static lb_status copy_name(const onnx_network *n, get_name get, size_t index, char **out) {
    onnx_allocator *allocator;
    char *name;
    LB_TRY(check(n, n->library.api->default_allocator(&allocator)));
    LB_TRY(check(n, get(n->session, index, allocator, &name)));
    *out = memory_string(name);
    lb_status status = check(n, n->library.api->allocator_free(allocator, name));
    return *out ? status : LB_E_NOMEM;
}

/* The names of all outputs (or inputs), for messages. */
static lb_status list_names(const onnx_network *n, get_name get, size_t count, char *text,
                            size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < count && used < size; i++) {
        char *name = NULL;
        lb_status status = copy_name(n, get, i, &name);
        if (status == LB_OK)
            used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", name);
        free(name);
        LB_TRY(status);
    }
    return LB_OK;
}

/* ---- loading */

static lb_status make_options(const onnx_network *n, onnx_options **out) {
    const onnx_api *api = n->library.api;
    onnx_options *options = NULL;
    LB_TRY(check(n, api->create_options(&options)));
    lb_status status = LB_OK;
    // A picture is encoded on the thread that asks: pictures run side by side, and no sum depends
    // on how many threads there are.
    LB_TRY_CLEANUP(check(n, api->set_threads_within(options, 1)));
    LB_TRY_CLEANUP(check(n, api->set_threads_between(options, 1)));
    LB_TRY_CLEANUP(check(n, api->set_optimization(options, ONNX_OPTIMIZE_ALL)));
    *out = options;
    return LB_OK;
cleanup:
    api->release_options(options);
    return status;
}

static lb_status make_session(onnx_network *n, const void *bytes, size_t size, lb_status code,
                              const char *what) {
    onnx_options *options = NULL;
    LB_TRY(make_options(n, &options));
    lb_status status = fail_with(
        n, n->library.api->create_session(n->environment, bytes, size, options, &n->session), code,
        what);
    n->library.api->release_options(options);
    return status;
}

/* A network's inner value becomes an output of it. ONNX files are protocol buffers, in which a
 * message that comes twice is merged: behind the file it is enough to add a graph (field 7 of the
 * model) whose only content is one more output (field 12) with that name (field 1). */
static lb_status expose(onnx_network *n, const void *bytes, size_t size, const char *output) {
    size_t length = strlen(output);
    if (length >= MAX_NAME - 8 || size > SIZE_MAX - 6 - length)
        return status_fail(LB_E_ARGUMENT, "the output's name is longer than %d bytes",
                           MAX_NAME - 9);
    unsigned char *longer,
        head[6] = {0x3a, (unsigned char)(length + 4), 0x62, (unsigned char)(length + 2),
                   0x0a, (unsigned char)length};
    LB_TRY(NEW_ARRAY(longer, size + sizeof head + length));
    memcpy(longer, bytes, size);
    memcpy(longer + size, head, sizeof head);
    memcpy(longer + size + sizeof head, output, length);
    n->library.api->release_session(n->session);
    n->session = NULL;
    lb_status status = make_session(n, longer, size + sizeof head + length, LB_E_NOT_FOUND,
                                    "the network has no such value");
    free(longer);
    return status;
}

/* Finds the output by name among `count`; *found is false if it is none of them. */
static lb_status find_output(onnx_network *n, const char *name, size_t count, bool *found) {
    *found = false;
    for (size_t i = 0; i < count && !*found; i++) {
        char *candidate = NULL;
        lb_status status = copy_name(n, n->library.api->output_name, i, &candidate);
        *found = status == LB_OK && strcmp(candidate, name) == 0;
        free(candidate);
        LB_TRY(status);
    }
    return LB_OK;
}

static lb_status choose_output(onnx_network *n, const void *bytes, size_t size, const char *name) {
    char names[256];
    size_t count;
    bool found;
    LB_TRY(check(n, n->library.api->count_outputs(n->session, &count)));
    LB_TRY(list_names(n, n->library.api->output_name, count, names, sizeof names));
    if (!*name && count == 1) return copy_name(n, n->library.api->output_name, 0, &n->output);
    if (!*name)
        return status_fail(LB_E_ARGUMENT,
                           "the network has %zu outputs, %s: name the one to take (output)", count,
                           names);
    LB_TRY(find_output(n, name, count, &found));
    if (!found) {
        lb_status status = expose(n, bytes, size, name);
        if (status == LB_E_NOT_FOUND)
            return status_prefix(status, "there is no output or inner value \"%s\"; outputs are %s",
                                 name, names);
        LB_TRY(status);
    }
    return (n->output = memory_string(name)) ? LB_OK : LB_E_NOMEM;
}

/* ---- the input */

static lb_status wrong_input(const tensor_kind *k) {
    char shape[128];
    describe(k, shape, sizeof shape);
    return status_fail(LB_E_UNSUPPORTED,
                       "the network's input is %s of type %d; pictures are float32 (type %d), "
                       "(n, 3, height, width) or (n, height, width, 3): export it anew",
                       shape, k->type, ONNX_FLOAT);
}

static bool fits(int64_t dimension, size_t size) {
    return dimension < 0 || (uint64_t)dimension == size;
}

static lb_status fit_picture(onnx_network *n, const tensor_kind *k, size_t width, size_t height) {
    if (k->rank != 4 || k->type != ONNX_FLOAT) return wrong_input(k);
    // Channels first unless only the last dimension can be them.
    n->interleaved = !fits(k->shape[1], CHANNELS) || (k->shape[1] < 0 && k->shape[3] == CHANNELS);
    const int64_t *side = n->interleaved ? k->shape + 1 : k->shape + 2;
    if (!fits(n->interleaved ? k->shape[3] : k->shape[1], CHANNELS)) return wrong_input(k);
    if (!fits(k->shape[0], 1))
        return status_fail(LB_E_UNSUPPORTED,
                           "the network takes %lld pictures at a time; export it for one, or for "
                           "any number",
                           (long long)k->shape[0]);
    if (!fits(side[0], height) || !fits(side[1], width)) {
        char shape[128];
        describe(k, shape, sizeof shape);
        return status_fail(LB_E_MISMATCH,
                           "pictures are prepared to %zu x %zu pixels, but the network's input is "
                           "%s: give its width and height as size",
                           width, height, shape);
    }
    int64_t w = (int64_t)width, h = (int64_t)height;
    memcpy(n->shape,
           n->interleaved ? (int64_t[]){1, h, w, CHANNELS} : (int64_t[]){1, CHANNELS, h, w},
           sizeof n->shape);
    n->n_input = width * height * CHANNELS;
    n->rank = 4;
    n->type = ONNX_FLOAT;
    return LB_OK;
}

static lb_status fit_text(onnx_network *n, const tensor_kind *k, size_t tokens) {
    bool numbers = k->type == ONNX_INT64 || k->type == ONNX_INT32;
    char shape[128];
    describe(k, shape, sizeof shape);
    if (k->rank != 2 || !numbers || !fits(k->shape[0], 1))
        return status_fail(LB_E_UNSUPPORTED,
                           "the network's input is %s of type %d; texts are int64 (type %d) or "
                           "int32 (type %d), (n, %zu): is it the text encoder?",
                           shape, k->type, ONNX_INT64, ONNX_INT32, tokens);
    if (!fits(k->shape[1], tokens))
        return status_fail(LB_E_MISMATCH,
                           "a text is %zu tokens, but the network's input is %s: it is not of "
                           "CLIP's kind",
                           tokens, shape);
    memcpy(n->shape, (int64_t[]){1, (int64_t)tokens, 0, 0}, sizeof n->shape);
    n->n_input = tokens;
    n->rank = 2;
    n->type = k->type;
    return LB_OK;
}

static lb_status read_input(const onnx_network *n, size_t index, tensor_kind *out) {
    onnx_type *type = NULL;
    LB_TRY(check(n, n->library.api->input_type(n->session, index, &type)));
    lb_status status = read_type(n, type, out);
    n->library.api->release_type(type);
    return status;
}

/* Which of a text encoder's two inputs is the mask: the one that says so. */
static lb_status choose_mask(onnx_network *n, size_t tokens, size_t *input) {
    char *name = NULL;
    tensor_kind kind;
    *input = 0;
    LB_TRY(copy_name(n, n->library.api->input_name, 0, &name));
    bool first = strstr(name, "mask") != NULL;
    free(name);
    LB_TRY(copy_name(n, n->library.api->input_name, first ? 0 : 1, &n->mask));
    if (!strstr(n->mask, "mask"))
        return status_fail(LB_E_UNSUPPORTED,
                           "the network has a second input \"%s\" that is no attention mask; "
                           "export the part that reads texts",
                           n->mask);
    *input = first ? 1 : 0;
    LB_TRY(read_input(n, 1 - *input, &kind));
    return fit_text(n, &kind, tokens);
}

static lb_status choose_input(onnx_network *n, const onnx_use *use) {
    char names[256];
    size_t count, input = 0;
    int mask_type = 0;
    tensor_kind kind;
    LB_TRY(check(n, n->library.api->count_inputs(n->session, &count)));
    LB_TRY(list_names(n, n->library.api->input_name, count, names, sizeof names));
    if (count != 1 && !(use->tokens && count == 2))
        return status_fail(LB_E_UNSUPPORTED,
                           "the network has %zu inputs (%s), not a %s alone; export the part "
                           "that reads %s",
                           count, names, use->tokens ? "text" : "picture",
                           use->tokens ? "texts" : "pictures");
    if (count == 2) {
        LB_TRY(choose_mask(n, use->tokens, &input));
        mask_type = n->type;
    }
    LB_TRY(copy_name(n, n->library.api->input_name, input, &n->input));
    LB_TRY(read_input(n, input, &kind));
    if (!use->tokens) return fit_picture(n, &kind, use->width, use->height);
    LB_TRY(fit_text(n, &kind, use->tokens));
    if (n->mask && n->type != mask_type)
        return status_fail(LB_E_UNSUPPORTED,
                           "the network's inputs (%s) are of types %d and %d; export them alike",
                           names, n->type, mask_type);
    return LB_OK;
}

/* ---- running */

/* A vector is what has one dimension that is not 1, behind that of the pictures. */
static bool is_vector(const tensor_kind *k) {
    size_t wide = 0;
    for (size_t i = 1; i < k->rank; i++) wide += k->shape[i] != 1;
    return k->type == ONNX_FLOAT && k->rank >= 2 && k->shape[0] == 1 && wide <= 1;
}

static lb_status read_vector(const onnx_network *n, onnx_value *value, const float **data,
                             size_t *dim) {
    const onnx_api *api = n->library.api;
    onnx_shape *shape = NULL;
    tensor_kind kind = {0};
    void *bytes;
    LB_TRY(check(n, api->tensor_shape(value, &shape)));
    lb_status status = read_shape(n, shape, &kind);
    if (status == LB_OK) status = check(n, api->count_elements(shape, dim));
    api->release_shape(shape);
    LB_TRY(status);
    if (!is_vector(&kind) || !*dim) {
        char text[128];
        describe(&kind, text, sizeof text);
        return status_fail(LB_E_UNSUPPORTED,
                           "output \"%s\" is %s of type %d, not one float32 vector (type %d) for "
                           "one input; name another output or inner value (output)",
                           n->output, text, kind.type, ONNX_FLOAT);
    }
    LB_TRY(check(n, api->tensor_data(value, &bytes)));
    *data = bytes;
    return LB_OK;
}

static lb_status make_tensor(const onnx_network *n, void *values, onnx_value **out) {
    size_t size = n->type == ONNX_INT64 ? sizeof(int64_t) : sizeof(float); // int32 is as large
    return check(n, n->library.api->create_tensor(n->memory, values, n->n_input * size, n->shape,
                                                  n->rank, n->type, out));
}

/* `mask` of a network that has one. */
static lb_status run_session(const onnx_network *n, void *values, void *mask, onnx_value **out) {
    const onnx_api *api = n->library.api;
    onnx_value *input[2] = {NULL, NULL};
    lb_status status;
    *out = NULL;
    LB_TRY_CLEANUP(make_tensor(n, values, &input[0]));
    if (n->mask) LB_TRY_CLEANUP(make_tensor(n, mask, &input[1]));
    const onnx_value *inputs[] = {input[0], input[1]};
    const char *input_names[] = {n->input, n->mask}, *output_names[] = {n->output};
    status = fail_with(
        n, api->run(n->session, NULL, input_names, inputs, n->mask ? 2 : 1, output_names, 1, out),
        LB_E_UNSUPPORTED,
        n->rank == 2 ? "the network cannot be run on a text"
                     : "the network cannot be run on a picture");
cleanup:
    for (int i = 0; i < 2; i++)
        if (input[i]) api->release_value(input[i]);
    return status;
}

static lb_status check_finite(const onnx_network *n, const float *x, size_t dim) {
    for (size_t i = 0; i < dim; i++)
        if (!isfinite(x[i]))
            return status_fail(LB_E_NUMERIC,
                               "output \"%s\" of the network is not finite (number %zu); are mean, "
                               "std and range those it was trained with?",
                               n->output, i);
    return LB_OK;
}

static lb_status run(const onnx_network *n, void *values, void *mask, float *out) {
    onnx_value *value;
    const float *data;
    size_t dim;
    LB_TRY(run_session(n, values, mask, &value));
    lb_status status = read_vector(n, value, &data, &dim);
    if (status == LB_OK && dim != n->dim)
        status = status_fail(LB_E_UNSUPPORTED,
                             "output \"%s\" has %zu numbers for one input and %zu for another",
                             n->output, n->dim, dim);
    if (status == LB_OK) status = check_finite(n, data, dim);
    if (status == LB_OK) memcpy(out, data, dim * sizeof *out);
    n->library.api->release_value(value);
    return status;
}

lb_status onnx_network_run(const onnx_network *n, float *tensor, float *out) {
    return run(n, tensor, NULL, out);
}

/* The numbers of a text in the type that the network takes, and its mask behind them. */
static lb_status make_numbers(const onnx_network *n, const uint32_t *tokens, size_t used,
                              void **out) {
    bool wide = n->type == ONNX_INT64;
    int64_t *numbers; // or int32_t, which need less room
    LB_TRY(NEW_ARRAY(numbers, 2 * n->n_input));
    int32_t *narrow = (int32_t *)(void *)numbers;
    for (size_t i = 0; i < n->n_input; i++) {
        if (wide) {
            numbers[i] = tokens[i];
            numbers[n->n_input + i] = i < used;
        } else {
            narrow[i] = (int32_t)tokens[i];
            narrow[n->n_input + i] = i < used;
        }
    }
    *out = numbers;
    return LB_OK;
}

static void *mask_of(const onnx_network *n, void *numbers) {
    size_t size = n->type == ONNX_INT64 ? sizeof(int64_t) : sizeof(int32_t);
    return (unsigned char *)numbers + n->n_input * size;
}

lb_status onnx_network_read(const onnx_network *n, const uint32_t *tokens, size_t used,
                            float *out) {
    void *numbers;
    LB_TRY(make_numbers(n, tokens, used, &numbers));
    lb_status status = run(n, numbers, mask_of(n, numbers), out);
    free(numbers);
    return status;
}

/* What the files say of the output's shape may be open or wrong: a run on zeros tells. */
static lb_status try_out(onnx_network *n) {
    int64_t *zeros; // as large as any input with a mask
    const float *data;
    onnx_value *value = NULL;
    LB_TRY(NEW_ARRAY(zeros, 2 * n->n_input));
    lb_status status = run_session(n, zeros, n->mask ? mask_of(n, zeros) : NULL, &value);
    if (status == LB_OK) status = read_vector(n, value, &data, &n->dim);
    if (status == LB_OK && n->dim > UINT32_MAX)
        status = status_fail(LB_E_UNSUPPORTED, "output \"%s\" has %zu numbers", n->output, n->dim);
    if (value) n->library.api->release_value(value);
    free(zeros);
    return status;
}

lb_status onnx_network_open(const void *bytes, size_t size, const onnx_use *use,
                            onnx_network **out) {
    onnx_network *n;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(n, 1));
    LB_TRY_CLEANUP(onnx_library_open(use->library, &n->library));
    const onnx_api *api = n->library.api;
    // The library would print what it also returns.
    LB_TRY_CLEANUP(check(n, api->create_environment(ONNX_LOG_FATAL, "lookbook", &n->environment)));
    LB_TRY_CLEANUP(
        make_session(n, bytes, size, LB_E_FORMAT, "not an ONNX network, or a damaged one"));
    LB_TRY_CLEANUP(
        check(n, api->create_cpu_memory(ONNX_ARENA_ALLOCATOR, ONNX_MEMORY_DEFAULT, &n->memory)));
    LB_TRY_CLEANUP(choose_input(n, use));
    LB_TRY_CLEANUP(choose_output(n, bytes, size, use->output));
    LB_TRY_CLEANUP(try_out(n));
    *out = n;
    return LB_OK;
cleanup:
    onnx_network_close(n);
    return status;
}

void onnx_network_close(onnx_network *n) {
    if (!n) return;
    const onnx_api *api = n->library.api;
    if (n->memory) api->release_memory(n->memory);
    if (n->session) api->release_session(n->session);
    if (n->environment) api->release_environment(n->environment);
    onnx_library_close(&n->library);
    free(n->input);
    free(n->output);
    free(n->mask);
    free(n);
}

size_t onnx_network_dim(const onnx_network *n) {
    return n->dim;
}

bool onnx_network_interleaved(const onnx_network *n) {
    return n->interleaved;
}
