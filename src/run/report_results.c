#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/file.h"
#include "core/memory.h"
#include "core/utf8.h"
#include "plot/markup.h"
#include "run/report_parts.h"

static const char kept_ending[] = "-r0.safetensors", sweep_ending[] = ".jsonl";

/* ---- values in JSON */

const cJSON *report_at(const cJSON *json, const char *path) {
    while (json && *path) {
        char name[64];
        size_t n = strcspn(path, ".");
        snprintf(name, sizeof name, "%.*s", (int)n, path);
        json = cJSON_IsArray(json) ? cJSON_GetArrayItem(json, (int)strtol(name, NULL, 10))
                                   : cJSON_GetObjectItemCaseSensitive(json, name);
        path += n + (path[n] == '.');
    }
    return json;
}

double report_number(const cJSON *json, const char *path) {
    const cJSON *at = report_at(json, path);
    return cJSON_IsNumber(at) ? at->valuedouble : NAN;
}

const char *report_string(const cJSON *json, const char *path) {
    const cJSON *at = report_at(json, path);
    return cJSON_IsString(at) ? at->valuestring : "";
}

const char *report_count(double value, char room[32]) {
    text t = {0};
    markup_number(&t, value, 0);
    snprintf(room, 32, "%s", t.bytes ? t.bytes : "");
    free(t.bytes);
    return room;
}

/* ---- files of results */

/* An object, from memory that need not end with a NUL. */
static lb_status parse_bytes(const char *bytes, size_t size, const char *name, cJSON **out) {
    const char *end = NULL;
    cJSON *made = NULL;
    if (utf8_valid_length(bytes, size) == size)
        made = cJSON_ParseWithLengthOpts(bytes, size, &end, false);
    if (made && cJSON_IsObject(made)) {
        *out = made;
        return LB_OK;
    }
    cJSON_Delete(made);
    return status_fail(LB_E_FORMAT, "%s: not a JSON object; make it again", name);
}

lb_status report_results_parse(const char *json, const char *name, cJSON **out) {
    return parse_bytes(json, strlen(json), name, out);
}

static lb_status read_document(const char *folder, const char *name, cJSON **out) {
    char *path = file_path(folder, name);
    file_map map = {0};
    if (!path) return LB_E_NOMEM;
    lb_status status = LB_OK;
    if (!file_exists(path)) goto cleanup;
    LB_TRY_CLEANUP(file_map_open(path, &map));
    LB_TRY_CLEANUP(parse_bytes(map.size ? (const char *)map.bytes : "", map.size, path, out));
cleanup:
    file_map_close(&map);
    free(path);
    return status;
}

/* ---- kept models */

lb_status report_curve_add(report_results *r, const char *name, const curve *c) {
    report_curve *curves = memory_resize(r->curves, r->n_curves + 1, sizeof *curves);
    if (!curves) return LB_E_NOMEM;
    r->curves = curves;
    report_curve *at = &curves[r->n_curves++];
    *at = (report_curve){.name = memory_string(name)};
    if (!at->name) return LB_E_NOMEM;
    at->curve = *c;
    at->curve.capacity = c->n_points;
    LB_TRY(NEW_ARRAY(at->curve.value, c->n_points * CURVE_MAX_COLUMNS));
    memcpy(at->curve.value, c->value, c->n_points * CURVE_MAX_COLUMNS * sizeof *c->value);
    return LB_OK;
}

static lb_status read_curve(const char *path, const char *name, report_results *r) {
    st_reader *reader;
    curve c = {0};
    LB_TRY(st_reader_open(path, &reader));
    lb_status status = curve_read(reader, &c);
    if (status == LB_OK && c.n_points) status = report_curve_add(r, name, &c);
    curve_free(&c);
    st_reader_close(reader);
    return status == LB_E_FORMAT ? status_prefix(status, "%s", path) : status;
}

static lb_status read_kept(const char *folder, const char *file, report_results *r) {
    size_t n = r->n_kept, length = strlen(file) - (sizeof kept_ending - 1);
    char **kept = memory_resize(r->kept, n + 1, sizeof *kept);
    if (!kept) return LB_E_NOMEM;
    r->kept = kept;
    char **names = memory_resize(r->kept_names, n + 1, sizeof *names);
    if (!names) return LB_E_NOMEM;
    r->kept_names = names;
    kept[n] = file_path(folder, file);
    names[n] = memory_bytes(file, length);
    r->n_kept++;
    return kept[n] && names[n] ? read_curve(kept[n], names[n], r) : LB_E_NOMEM;
}

/* ---- the folder */

static bool ends_with(const char *name, const char *ending) {
    size_t n = strlen(name), k = strlen(ending);
    return n > k && strcmp(name + n - k, ending) == 0;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void free_names(char **names, size_t n) {
    for (size_t i = 0; i < n; i++) free(names[i]);
    free(names);
}

/* The files that count, in order of names. */
static lb_status list_files(const char *folder, char ***out, size_t *n) {
    char **names = NULL;
    size_t count = 0, capacity = 0;
    lb_status status = LB_OK;
    DIR *d = opendir(folder);
    if (!d) return status_fail_errno(LB_E_NOT_FOUND, "cannot read the folder %s", folder);
    for (struct dirent *e; (e = readdir(d));) {
        if (*e->d_name == '.') continue;
        if (!ends_with(e->d_name, kept_ending) && !ends_with(e->d_name, sweep_ending)) continue;
        LB_TRY_CLEANUP(GROW_ARRAY(names, count, capacity));
        if (!(names[count] = memory_string(e->d_name))) {
            status = LB_E_NOMEM;
            goto cleanup;
        }
        count++;
    }
    if (count) qsort(names, count, sizeof *names, by_name);
    *out = names;
    *n = count;
    names = NULL;
cleanup:
    closedir(d);
    if (names) free_names(names, count);
    return status;
}

/* "vasg_epochs=3" is "vasg" where no other kept model is one: curves and kept models stand in the
 * same order, the former with gaps. */
static void shorten_names(report_results *r) {
    for (size_t i = 0; i < r->n_kept; i++) {
        size_t length = strcspn(r->kept_names[i], "_"), same = 0;
        for (size_t k = 0; k < r->n_kept; k++)
            same += strcspn(r->kept_names[k], "_") == length &&
                    strncmp(r->kept_names[k], r->kept_names[i], length) == 0;
        if (same > 1 || !r->kept_names[i][length]) continue;
        for (size_t k = 0; k < r->n_curves; k++)
            if (strcmp(r->curves[k].name, r->kept_names[i]) == 0) r->curves[k].name[length] = '\0';
        r->kept_names[i][length] = '\0';
    }
}

lb_status report_results_read(const char *folder, report_results *out) {
    char **names = NULL;
    size_t n = 0;
    lb_status status;
    LB_TRY(list_files(folder, &names, &n));
    LB_TRY_CLEANUP(read_document(folder, "compare.json", &out->compare));
    LB_TRY_CLEANUP(read_document(folder, "relations.json", &out->relations));
    LB_TRY_CLEANUP(read_document(folder, "requests.json", &out->requests));
    for (size_t i = 0; i < n; i++)
        LB_TRY_CLEANUP(ends_with(names[i], sweep_ending) ? report_sweep_read(folder, names[i], out)
                                                         : read_kept(folder, names[i], out));
    shorten_names(out);
    report_sweeps_order(out);
    if (!n && !out->compare && !out->relations && !out->requests)
        status = status_fail(
            LB_E_EMPTY,
            "%s holds no results: no compare.json, relations.json, requests.json, sweep (*%s) or "
            "kept model (NAME%s); make some with: lookbook compare --keep %s",
            folder, sweep_ending, kept_ending, folder);
cleanup:
    free_names(names, n);
    return status;
}

void report_results_free(report_results *r) {
    cJSON_Delete(r->statistics);
    cJSON_Delete(r->compare);
    cJSON_Delete(r->relations);
    cJSON_Delete(r->requests);
    for (size_t i = 0; i < r->n_sweeps; i++) report_sweep_free(&r->sweeps[i]);
    free(r->sweeps);
    free_names(r->kept, r->n_kept);
    free_names(r->kept_names, r->n_kept);
    for (size_t i = 0; i < r->n_curves; i++) {
        free(r->curves[i].name);
        curve_free(&r->curves[i].curve);
    }
    free(r->curves);
    *r = (report_results){0};
}
