#include "model/curve.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/memory.h"
#include "math/gemm.h"
#include "math/vector.h"
#include "model/evaluation.h"
#include "model/tensors.h"

#define NAMES_KEY  "lookbook.curve"
#define POINTS_KEY "lookbook.curve.points"
#define TENSOR     "training.curve"

/* ---- recording */

size_t curve_column(const curve *c, const char *name) {
    for (size_t i = 0; i < c->n_columns; i++)
        if (strcmp(c->name[i], name) == 0) return i;
    return CURVE_MAX_COLUMNS;
}

/* The column of a name, made where it is new; it has no value at the points before. */
static size_t column_for(curve *c, const char *name) {
    size_t column = curve_column(c, name);
    if (column < CURVE_MAX_COLUMNS || c->n_columns == CURVE_MAX_COLUMNS) return column;
    column = c->n_columns++;
    snprintf(c->name[column], sizeof c->name[column], "%s", name);
    return column;
}

static lb_status add_row(curve *c) {
    if (c->n_points == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 16;
        double *value = memory_resize(c->value, capacity, CURVE_MAX_COLUMNS * sizeof *value);
        if (!value) return LB_E_NOMEM;
        c->value = value;
        c->capacity = capacity;
    }
    double *row = c->value + c->n_points++ * CURVE_MAX_COLUMNS;
    for (size_t i = 0; i < CURVE_MAX_COLUMNS; i++) row[i] = NAN;
    return LB_OK;
}

lb_status curve_add(curve *c, double epoch, const curve_value *values, size_t n) {
    if (!c) return LB_OK;
    LB_TRY(add_row(c));
    double *row = c->value + (c->n_points - 1) * CURVE_MAX_COLUMNS;
    row[column_for(c, CURVE_EPOCH)] = epoch;
    for (size_t i = 0; i < n; i++) {
        if (isnan(values[i].value)) continue; // a column that is never measured does not appear
        size_t column = column_for(c, values[i].name);
        if (column < CURVE_MAX_COLUMNS) row[column] = values[i].value;
    }
    return LB_OK;
}

void curve_free(curve *c) {
    if (!c) return;
    free(c->value);
    *c = (curve){0};
}

/* ---- in files */

lb_status curve_write(st_writer *w, const curve *c, double **room) {
    char names[CURVE_MAX_COLUMNS * (CURVE_MAX_NAME + 1) + 1] = "";
    *room = NULL;
    if (!c || !c->n_points) return LB_OK;
    size_t used = 0, shape[2] = {c->n_points, c->n_columns};
    for (size_t i = 0; i < c->n_columns; i++)
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", i ? "," : "",
                                 c->name[i]);
    LB_TRY(NEW_ARRAY(*room, c->n_points * c->n_columns));
    for (size_t i = 0; i < c->n_points; i++)
        memcpy(*room + i * c->n_columns, c->value + i * CURVE_MAX_COLUMNS,
               c->n_columns * sizeof **room);
    LB_TRY(st_writer_metadata(w, NAMES_KEY, names));
    LB_TRY(tensor_write_number(w, POINTS_KEY, (double)c->n_points));
    return st_writer_tensor(w, TENSOR, ST_F64, shape, 2, *room);
}

/* Takes the names apart; LB_E_FORMAT for none, too many, or one that is too long. */
static lb_status read_names(const char *names, curve *c) {
    while (*names) {
        size_t length = strcspn(names, ",");
        if (!length || length > CURVE_MAX_NAME || c->n_columns == CURVE_MAX_COLUMNS) break;
        snprintf(c->name[c->n_columns++], sizeof c->name[0], "%.*s", (int)length, names);
        names += length + (names[length] == ',');
    }
    if (!*names && c->n_columns) return LB_OK;
    return status_fail(LB_E_FORMAT, "\"%s\" is no list of 1 to %d columns; train the model again",
                       NAMES_KEY, CURVE_MAX_COLUMNS);
}

lb_status curve_read(const st_reader *r, curve *c) {
    curve read = {0};
    double n_points;
    void *values = NULL;
    lb_status status;
    if (!c) return LB_OK;
    curve_free(c);
    const char *names = st_reader_metadata(r, NAMES_KEY);
    if (!names) return LB_OK;
    LB_TRY_CLEANUP(read_names(names, &read));
    LB_TRY_CLEANUP(tensor_read_number(r, POINTS_KEY, &n_points));
    size_t points = n_points >= 1 && n_points < 1e9 ? (size_t)n_points : 0;
    LB_TRY_CLEANUP(tensor_read(r, TENSOR, ST_F64, points, read.n_columns, &values, NULL, NULL));
    for (size_t i = 0; i < points; i++) {
        LB_TRY_CLEANUP(add_row(&read));
        memcpy(read.value + i * CURVE_MAX_COLUMNS, (double *)values + i * read.n_columns,
               read.n_columns * sizeof *read.value);
    }
    *c = read;
    read = (curve){0};
cleanup:
    curve_free(&read);
    free(values);
    return status;
}

/* ---- measuring */

double curve_user_cosine(const split *s, const float *x, size_t dim, size_t stride) {
    double n = 0, squares = 0;
    double *sum = memory_new(dim, sizeof *sum);
    if (!sum) return NAN;
    for (size_t u = 0; u < s->n_users; u++) {
        const float *row = x + u * stride;
        double norm = sqrt(vec_dot_wide(row, row, dim));
        if (s->user_start[u] == s->user_start[u + 1] || norm == 0) continue;
        for (size_t d = 0; d < dim; d++) sum[d] += (double)row[d] / norm;
        n++;
    }
    for (size_t d = 0; d < dim; d++) squares += sum[d] * sum[d];
    free(sum);
    return n < 2 ? NAN : (squares - n) / (n * (n - 1));
}

lb_status curve_score(void *space, const uint32_t *users, size_t n, float *scores,
                      unsigned worker) {
    const curve_space *s = space;
    float *queries;
    (void)worker;
    LB_TRY(NEW_ARRAY(queries, n * s->dim));
    for (size_t i = 0; i < n; i++)
        memcpy(queries + i * s->dim, s->user + users[i] * s->dim, s->dim * sizeof *queries);
    lb_status status = matrix_multiply(0, 1, n, s->n_products, s->dim, 1, queries, s->dim,
                                       s->product, s->dim, 0, scores, s->n_products);
    for (size_t i = 0; i < n && s->bias && status == LB_OK; i++)
        vec_add(scores + i * s->n_products, s->bias, s->n_products);
    free(queries);
    return status;
}

bool curve_has_warm_validation(const split *s) {
    for (size_t i = 0; i < s->n_valid; i++)
        if (s->degree[s->valid[i].product]) return true;
    return false;
}

lb_status curve_auc(job *j, const split *s, eval_score score, void *context,
                    double auc[EVAL_KINDS]) {
    double all[EVAL_KINDS][EVAL_SETS];
    eval_input input = evaluation_input(s, s->valid, s->n_valid, NULL, 0);
    auc[EVAL_WARM] = auc[EVAL_COLD] = NAN;
    if (!s->n_valid) return LB_OK;
    LB_TRY(eval_auc_quick(j, &input, score, context, all));
    auc[EVAL_WARM] = all[EVAL_WARM][EVAL_OWN];
    auc[EVAL_COLD] = all[EVAL_COLD][EVAL_OWN];
    return LB_OK;
}
