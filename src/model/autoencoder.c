#include "model/autoencoder.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "core/random.h"
#include "math/gemm.h"

enum {
    HIDDEN = 4,
    LAYERS = HIDDEN + 1,
    MAX_NAME = 128,
    ROWS_PER_PIECE = 16,
    RUN = 32,           // products that are read one behind the other
    RUNS_PER_POOL = 64, // whose products are shuffled among themselves
};

void autoencoder_options_init(autoencoder_options *options) {
    *options = (autoencoder_options){
        .width = 256,
        .batch = 128,
        .epochs = 10,
        .rate = 1e-3,
        .dropout = 0.5f,
        .noise = 0.05,
        .decoder_relu = true,
        .precision = DENSE_AUTO,
    };
}

uint32_t autoencoder_passes(uint32_t most, size_t n) {
    static const size_t enough = 10000; // products
    size_t passes = n > enough ? most * enough / n : most;
    return passes ? (uint32_t)passes : 1;
}

void autoencoder_scale(float *f, size_t n, size_t feature_dim) {
    for (size_t i = 0; i < n; i++, f += feature_dim) {
        float low = f[0], high = f[0];
        for (size_t d = 1; d < feature_dim; d++) {
            low = f[d] < low ? f[d] : low;
            high = f[d] > high ? f[d] : high;
        }
        float range = high - low;
        for (size_t d = 0; d < feature_dim; d++) f[d] = range > 0 ? (f[d] - low) / range : 0;
    }
}

/* ---------------------------------------------------------------- networks */

static lb_status new_network(const autoencoder_options *o, const size_t sizes[LAYERS + 1],
                             bool relu, uint64_t seed, mlp **out) {
    mlp_options settings;
    mlp_options_init(&settings);
    settings.n_layers = LAYERS;
    settings.sizes = sizes;
    settings.output_relu = relu;
    settings.dropout = o->dropout;
    settings.start = MLP_XAVIER;
    settings.precision = o->precision;
    settings.seed = seed;
    return mlp_new(&settings, out);
}

lb_status autoencoder_new_decoder(const autoencoder_options *o, size_t dim, size_t feature_dim,
                                  mlp **out) {
    size_t w = o->width;
    const size_t sizes[] = {dim, w, 2 * w, 4 * w, 8 * w, feature_dim};
    random_stream r = random_open(o->seed, "decoder", 0);
    return new_network(o, sizes, o->decoder_relu, random_u64(&r), out);
}

lb_status autoencoder_new_encoder(const autoencoder_options *o, size_t dim, size_t feature_dim,
                                  mlp **out) {
    size_t w = o->width;
    const size_t sizes[] = {feature_dim, 8 * w, 4 * w, 2 * w, w, dim};
    random_stream r = random_open(o->seed, "encoder", 0);
    return new_network(o, sizes, o->encoder_relu, random_u64(&r), out);
}

/* A copy that drops no units and is never updated. */
static lb_status freeze(const autoencoder_options *o, const mlp *decoder, mlp **out) {
    size_t sizes[MLP_MAX_LAYERS + 1], n = mlp_n_layers(decoder);
    for (size_t i = 0; i < n; i++) {
        mlp_layer l = mlp_layer_at(decoder, i);
        sizes[i] = l.in;
        sizes[i + 1] = l.out;
    }
    mlp_options settings;
    mlp_options_init(&settings);
    settings.n_layers = n;
    settings.sizes = sizes;
    settings.output_relu = o->decoder_relu;
    settings.precision = o->precision;
    LB_TRY(mlp_new(&settings, out));
    for (size_t i = 0; i < n; i++) {
        mlp_layer l = mlp_layer_at(decoder, i);
        mlp_import(*out, i, l.w, l.b);
    }
    return LB_OK;
}

/* ---------------------------------------------------------------- training */

typedef struct fitting {
    const autoencoder_options *options;
    const float *x;      // (n, dim)
    const row_source *f; // (n, feature_dim)
    size_t n, dim, feature_dim;
    mlp *net, *frozen; // frozen: the decoder that an encoder learns through; NULL for a decoder
    uint32_t *order;   // (n) products of this epoch
    float *input, *target, *place; // of the batch: what goes in, the features, the embeddings
    float *dy, *dplace;
    uint64_t step;
} fitting;

static void fitting_free(fitting *t) {
    mlp_free(t->frozen);
    free(t->order);
    free(t->input);
    free(t->target);
    free(t->place);
    free(t->dy);
    free(t->dplace);
}

static lb_status fitting_new(const autoencoder_options *o, mlp *net, const float *x, size_t dim,
                             const row_source *f, fitting *out) {
    size_t batch = o->batch, n = f->n, feature_dim = f->dim;
    fitting t = {.options = o, .x = x, .f = f, .n = n, .dim = dim, .feature_dim = feature_dim};
    lb_status status;
    t.net = net;
    LB_TRY_CLEANUP(NEW_ARRAY(t.order, n));
    LB_TRY_CLEANUP(NEW_ARRAY(t.input, batch * (dim > feature_dim ? dim : feature_dim)));
    LB_TRY_CLEANUP(NEW_ARRAY(t.target, batch * feature_dim));
    LB_TRY_CLEANUP(NEW_ARRAY(t.place, batch * dim));
    LB_TRY_CLEANUP(NEW_ARRAY(t.dy, batch * feature_dim));
    LB_TRY_CLEANUP(NEW_ARRAY(t.dplace, batch * dim));
    *out = t;
    return LB_OK;
cleanup:
    fitting_free(&t);
    return status;
}

typedef struct noise_work {
    float *input;
    size_t dim;
    double sd;
    random_stream stream;
} noise_work;

static lb_status add_noise(void *context, size_t row, unsigned worker) {
    (void)worker;
    const noise_work *n = context;
    random_stream r = random_split(&n->stream, row);
    float *input = n->input + row * n->dim;
    for (size_t d = 0; d < n->dim; d++) input[d] += (float)(n->sd * random_normal(&r));
    return LB_OK;
}

typedef struct gathering {
    const fitting *fitting;
    size_t first; // of the batch, in the order of the epoch
} gathering;

static lb_status gather_rows(void *context, size_t begin, size_t end, unsigned worker) {
    (void)worker;
    const gathering *g = context;
    const fitting *t = g->fitting;
    for (size_t i = begin; i < end; i++) {
        size_t row = t->order[g->first + i];
        t->f->fetch(t->f->context, row, t->target + i * t->feature_dim);
        memcpy(t->place + i * t->dim, t->x + row * t->dim, t->dim * sizeof *t->x);
    }
    return LB_OK;
}

static lb_status gather(job *j, const fitting *t, size_t first, size_t n) {
    gathering g = {t, first};
    return math_run_range(j, n, ROWS_PER_PIECE, gather_rows, &g);
}

/* The next batch is read while this one is trained. */
static void ask_ahead(const fitting *t, size_t first) {
    size_t end = first + t->options->batch;
    for (size_t i = first; t->f->ahead && i < t->n && i < end; i++)
        t->f->ahead(t->f->context, t->order[i]);
}

static double mean_scale(const fitting *t, size_t n) {
    return 1.0 / ((double)n * (double)t->feature_dim);
}

static lb_status decoder_batch(job *j, fitting *t, size_t n, double *loss) {
    const float *y;
    LB_TRY(mlp_forward(t->net, j, t->place, n, t->step, &y));
    LB_TRY(mse_loss(j, y, t->target, n, t->feature_dim, NULL, mean_scale(t, n), t->dy, loss));
    return mlp_backward(t->net, j, t->dy, NULL);
}

static lb_status encoder_batch(job *j, fitting *t, size_t n, double *loss) {
    const float *place, *y;
    noise_work noise = {t->input, t->feature_dim, t->options->noise,
                        random_open(t->options->seed, "encoder noise", t->step)};
    memcpy(t->input, t->target, n * t->feature_dim * sizeof *t->input);
    if (noise.sd > 0) LB_TRY(job_run(j, n, add_noise, &noise));
    LB_TRY(mlp_forward(t->net, j, t->input, n, t->step, &place));
    LB_TRY(mlp_forward(t->frozen, j, place, n, t->step, &y));
    LB_TRY(mse_loss(j, y, t->target, n, t->feature_dim, NULL, mean_scale(t, n), t->dy, loss));
    LB_TRY(mlp_backward_inputs(t->frozen, j, t->dy, t->dplace));
    float pull = (float)(2 * t->options->target_weight / (double)n);
    for (size_t i = 0; pull > 0 && i < n * t->dim; i++)
        t->dplace[i] += pull * (place[i] - t->place[i]);
    return mlp_backward(t->net, j, t->dplace, NULL);
}

/* The products of an epoch: at random, and yet features that do not fit the memory are read in runs
 * and each page once. Runs come in random order, and the products of every RUNS_PER_POOL of them.
 */
static lb_status draw_order(fitting *t, const char *stage, uint32_t epoch) {
    random_stream r = random_open(t->options->seed, stage, epoch);
    uint32_t n = (uint32_t)t->n, n_runs = (n + RUN - 1) / RUN, pool = 0, filled = 0, *run;
    LB_TRY(NEW_ARRAY(run, n_runs));
    random_permutation(&r, run, n_runs);
    for (uint32_t k = 1; k <= n_runs; k++) {
        uint32_t first = run[k - 1] * RUN;
        for (uint32_t i = first; i < first + RUN && i < n; i++) t->order[filled++] = i;
        if (k % RUNS_PER_POOL != 0 && k < n_runs) continue;
        random_shuffle(&r, t->order + pool, filled - pool);
        pool = filled;
    }
    free(run);
    return LB_OK;
}

static lb_status train_network(job *j, fitting *t, const char *stage, double *loss) {
    const autoencoder_options *o = t->options;
    adam_options adam;
    adam_options_init(&adam);
    adam.rate = o->rate;
    size_t batches = (t->n + o->batch - 1) / o->batch, total = t->n * o->epochs;
    double mean = 0;
    for (uint32_t epoch = 0; epoch < o->epochs; epoch++) {
        LB_TRY(draw_order(t, stage, epoch));
        mean = 0;
        for (size_t b = 0; b < batches; b++, t->step++) {
            size_t begin = b * o->batch, n = t->n - begin < o->batch ? t->n - begin : o->batch;
            double batch_loss;
            LB_TRY(job_progress(j, stage, "products", epoch * t->n + begin, total));
            LB_TRY(gather(j, t, begin, n));
            ask_ahead(t, begin + n);
            LB_TRY(t->frozen ? encoder_batch(j, t, n, &batch_loss)
                             : decoder_batch(j, t, n, &batch_loss));
            LB_TRY(mlp_update(t->net, j, &adam));
            mean += batch_loss * (double)n / (double)t->n;
        }
        if (!isfinite(mean))
            return status_fail(LB_E_NUMERIC,
                               "%s, epoch %u: the loss is not finite; lower the learning rate",
                               stage, epoch + 1);
    }
    if (loss) *loss = mean;
    return job_progress(j, stage, "products", total, total);
}

lb_status autoencoder_train_encoder(job *j, const autoencoder_options *options, const mlp *decoder,
                                    const float *x, size_t dim, const row_source *f, mlp **encoder,
                                    double *loss) {
    mlp *net = NULL;
    fitting t = {0};
    lb_status status;
    LB_TRY_CLEANUP(autoencoder_new_encoder(options, dim, f->dim, &net));
    LB_TRY_CLEANUP(fitting_new(options, net, x, dim, f, &t));
    LB_TRY_CLEANUP(freeze(options, decoder, &t.frozen));
    LB_TRY_CLEANUP(train_network(j, &t, "encoder", loss));
    *encoder = net;
    net = NULL;
cleanup:
    fitting_free(&t);
    mlp_free(net);
    return status;
}

static lb_status train_decoder(job *j, const autoencoder_options *options, const float *x,
                               size_t dim, const row_source *f, mlp **decoder) {
    mlp *net = NULL;
    fitting t = {0};
    lb_status status;
    LB_TRY_CLEANUP(autoencoder_new_decoder(options, dim, f->dim, &net));
    LB_TRY_CLEANUP(fitting_new(options, net, x, dim, f, &t));
    LB_TRY_CLEANUP(train_network(j, &t, "decoder", NULL));
    *decoder = net;
    net = NULL;
cleanup:
    fitting_free(&t);
    mlp_free(net);
    return status;
}

lb_status autoencoder_train(job *j, const autoencoder_options *options, const float *x, size_t dim,
                            const row_source *f, mlp **decoder, mlp **encoder) {
    mlp *network = NULL;
    LB_TRY(train_decoder(j, options, x, dim, f, &network));
    lb_status status = autoencoder_train_encoder(j, options, network, x, dim, f, encoder, NULL);
    if (status != LB_OK)
        mlp_free(network);
    else
        *decoder = network;
    return status;
}

/* ---------------------------------------------------------------- files */

/* One of a layer's arrays and the name of its tensor behind PREFIX.LAYER. */
typedef struct layer_array {
    const char *name;
    float *data;
    unsigned rank;
} layer_array;

static void weights_of(const mlp_layer *l, layer_array out[2]) {
    out[0] = (layer_array){"weight", l->w, 2};
    out[1] = (layer_array){"bias", l->b, 1};
}

static void moments_of(const mlp_layer *l, layer_array out[4]) {
    out[0] = (layer_array){"weight.m", l->mw, 2};
    out[1] = (layer_array){"weight.v", l->vw, 2};
    out[2] = (layer_array){"bias.m", l->mb, 1};
    out[3] = (layer_array){"bias.v", l->vb, 1};
}

static lb_status name_array(const char *prefix, size_t layer, const char *array,
                            char name[MAX_NAME]) {
    int length = snprintf(name, MAX_NAME, "%s.%zu.%s", prefix, layer, array);
    if (length >= MAX_NAME)
        return status_fail(LB_E_ARGUMENT, "\"%s\" is too long for a prefix", prefix);
    return LB_OK;
}

static lb_status save_array(st_writer *w, const char *prefix, size_t layer, const mlp_layer *l,
                            const layer_array *a) {
    char name[MAX_NAME];
    const size_t shape[2] = {l->out, l->in};
    LB_TRY(name_array(prefix, layer, a->name, name));
    return st_writer_tensor(w, name, ST_F32, shape, a->rank, a->data);
}

static lb_status read_array(const st_reader *r, const char *prefix, size_t layer,
                            const mlp_layer *l, const layer_array *a) {
    char name[MAX_NAME];
    size_t shape[2] = {l->out, l->in};
    const void *data;
    LB_TRY(name_array(prefix, layer, a->name, name));
    LB_TRY(st_reader_find(r, name, ST_F32, a->rank, shape, &data));
    size_t n = l->out * (a->rank == 2 ? l->in : 1);
    const float *values = data;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(values[i]))
            return status_fail(LB_E_FORMAT, "tensor \"%s\": value %zu is not finite", name, i);
    memcpy(a->data, values, n * sizeof *values);
    return LB_OK;
}

lb_status autoencoder_save(st_writer *w, const char *prefix, const mlp *m, bool output_relu) {
    static const uint8_t flags[2] = {0, 1}; // the writer keeps pointers
    char name[MAX_NAME];
    for (size_t i = 0; i < mlp_n_layers(m); i++) {
        mlp_layer l = mlp_layer_at(m, i);
        layer_array arrays[2];
        weights_of(&l, arrays);
        for (size_t k = 0; k < 2; k++) LB_TRY(save_array(w, prefix, i, &l, &arrays[k]));
    }
    snprintf(name, sizeof name, "%s.precision", prefix);
    LB_TRY(st_writer_metadata(w, name, dense_precision_name(mlp_precision(m))));
    snprintf(name, sizeof name, "%s.relu", prefix);
    return st_writer_tensor(w, name, ST_U8, NULL, 0, &flags[output_relu]);
}

lb_status autoencoder_save_moments(st_writer *w, const char *prefix, const mlp *m) {
    for (size_t i = 0; i < mlp_n_layers(m); i++) {
        mlp_layer l = mlp_layer_at(m, i);
        layer_array arrays[4];
        moments_of(&l, arrays);
        for (size_t k = 0; k < 4; k++) LB_TRY(save_array(w, prefix, i, &l, &arrays[k]));
    }
    return LB_OK;
}

lb_status autoencoder_read(const st_reader *r, const char *prefix, mlp *m) {
    for (size_t i = 0; i < mlp_n_layers(m); i++) {
        mlp_layer l = mlp_layer_at(m, i);
        layer_array arrays[2];
        weights_of(&l, arrays);
        for (size_t k = 0; k < 2; k++) LB_TRY(read_array(r, prefix, i, &l, &arrays[k]));
    }
    mlp_changed(m);
    return LB_OK;
}

lb_status autoencoder_read_moments(const st_reader *r, const char *prefix, mlp *m, uint64_t steps) {
    for (size_t i = 0; i < mlp_n_layers(m); i++) {
        mlp_layer l = mlp_layer_at(m, i);
        layer_array arrays[4];
        moments_of(&l, arrays);
        for (size_t k = 0; k < 4; k++) LB_TRY(read_array(r, prefix, i, &l, &arrays[k]));
    }
    mlp_set_steps(m, steps);
    return LB_OK;
}

/* Widths of the layers in the file, input first. */
static lb_status read_sizes(const st_reader *r, const char *prefix, size_t *sizes, size_t *n) {
    for (*n = 0; *n < MLP_MAX_LAYERS; ++*n) {
        char name[MAX_NAME];
        size_t shape[2] = {ST_ANY, *n ? sizes[*n] : ST_ANY};
        const void *data;
        LB_TRY(name_array(prefix, *n, "weight", name));
        lb_status status = st_reader_find(r, name, ST_F32, 2, shape, &data);
        if (status == LB_E_NOT_FOUND && *n) return LB_OK;
        LB_TRY(status);
        sizes[*n] = shape[1];
        sizes[*n + 1] = shape[0];
    }
    return LB_OK;
}

/* DENSE_AUTO where the file does not say, as those of earlier versions. */
static lb_status read_precision(const st_reader *r, const char *prefix, dense_precision *out) {
    char name[MAX_NAME];
    snprintf(name, sizeof name, "%s.precision", prefix);
    const char *value = st_reader_metadata(r, name);
    *out = DENSE_AUTO;
    if (!value || dense_precision_find(value, out)) return LB_OK;
    return status_fail(LB_E_FORMAT, "%s is \"%s\", not f32 or bf16; train the model again", name,
                       value);
}

lb_status autoencoder_load(const st_reader *r, const char *prefix, size_t in, size_t out, mlp **m,
                           bool *output_relu) {
    size_t sizes[MLP_MAX_LAYERS + 1], n;
    char name[MAX_NAME];
    const void *flag;
    dense_precision trained_in;
    LB_TRY(read_sizes(r, prefix, sizes, &n));
    LB_TRY(read_precision(r, prefix, &trained_in));
    snprintf(name, sizeof name, "%s.relu", prefix);
    LB_TRY(st_reader_find(r, name, ST_U8, 0, NULL, &flag));
    if ((in != ST_ANY && in != sizes[0]) || (out != ST_ANY && out != sizes[n]))
        return status_fail(LB_E_FORMAT,
                           "network \"%s\" leads from %zu to %zu values, not from "
                           "%zu to %zu",
                           prefix, sizes[0], sizes[n], in, out);
    mlp_options settings;
    mlp_options_init(&settings);
    settings.n_layers = n;
    settings.sizes = sizes;
    settings.output_relu = *(const uint8_t *)flag != 0;
    mlp *network;
    LB_TRY(mlp_new(&settings, &network));
    lb_status status = autoencoder_read(r, prefix, network);
    if (status != LB_OK) {
        mlp_free(network);
        return status;
    }
    mlp_set_precision(network, trained_in);
    if (output_relu) *output_relu = settings.output_relu;
    *m = network;
    return LB_OK;
}
