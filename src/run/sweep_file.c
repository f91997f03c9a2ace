/*
 * The file of a sweep: JSON, one object a line. Line 1 is what it is of:
 *   {"lookbook":"sweep", "format":1, "version":S, "isa":S, "dataset":S, "fingerprint":S,
 *    "model":S, "feature":S or null, "split":S, "seed":n, "list":n, "fixed":[S, ..]}
 * and each further line a finished training:
 *   {"options":{name: value, ..}, "run":n, "seed":n, "train_seconds":x,
 *    "validation":{"warm":{"tests":n, "auc_all":x, ..}, "cold":{..}}, "test":{the same}}
 * or, of one that failed, {"options":{..}, "run":n, "seed":n, "why":S}.
 */
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"
#include "run/sweep.h"

enum { FORMAT = 1 };

/* ---- writing */

static void write_head(text *t, const sweep_head *h, const char *const *fixed, size_t n_fixed) {
    text_add(t, "{\"lookbook\":\"sweep\",\"format\":%d,\"version\":", FORMAT);
    text_json_string(t, lb_version());
    text_add(t, ",\"isa\":");
    text_json_string(t, lb_isa_name());
    text_add(t, ",\"dataset\":");
    text_json_string(t, h->dataset);
    text_add(t, ",\"fingerprint\":\"%s\",\"model\":", h->fingerprint);
    text_json_string(t, h->class->name);
    text_add(t, ",\"feature\":");
    text_json_string(t, *h->feature ? h->feature : NULL);
    text_add(t, ",\"split\":");
    text_json_string(t, h->split);
    text_add(t, ",\"seed\":%" PRIu64 ",\"list\":%" PRIu32 ",\"fixed\":[", h->seed, h->list);
    for (size_t i = 0; i < n_fixed; i++) {
        if (i) text_add(t, ",");
        text_json_string(t, fixed[i]);
    }
    text_add(t, "]}\n");
}

static void write_options(text *t, const char *settings) {
    text_add(t, "{\"options\":{");
    for (const char *line = settings; *line;) {
        size_t name = strcspn(line, "="), length = strcspn(line, "\n");
        text_add(t, "%s\"%.*s\":", line == settings ? "" : ",", (int)name, line);
        const char *value = line + name + 1;
        char *end;
        double number = strtod(value, &end);
        if (end == line + length && isfinite(number))
            text_json_number(t, number);
        else
            text_add(t, "\"%.*s\"", (int)(length - name - 1), value);
        line += length + (line[length] == '\n');
    }
    text_add(t, "}");
}

static void write_metrics(text *t, const char *part, const sweep_metrics *m, uint32_t list) {
    text_add(t, ",\"%s\":{", part);
    for (eval_kind kind = 0; kind < EVAL_KINDS; kind++) {
        text_add(t, "%s\"%s\":{\"tests\":%zu", kind ? "," : "", metric_kind_name(kind),
                 m->n_tests[kind]);
        for (size_t i = 0; i < EVAL_METRICS; i++)
            for (eval_set set = 0; set < EVAL_SETS; set++) {
                char key[48];
                metric_key(metric_order[i], set, list, key, sizeof key);
                text_add(t, ",\"%s\":", key);
                text_json_number(t, m->value[kind][set][metric_order[i]]);
            }
        text_add(t, "}");
    }
    text_add(t, "}");
}

static void write_trial(text *t, const sweep_head *h, const sweep_trial *trial) {
    write_options(t, trial->settings);
    text_add(t, ",\"run\":%" PRIu32 ",\"seed\":%" PRIu64, trial->run, h->seed + trial->run);
    if (trial->why) {
        text_add(t, ",\"why\":");
        text_json_string(t, trial->why);
    } else {
        text_add(t, ",\"train_seconds\":");
        text_json_number(t, trial->seconds);
        write_metrics(t, "validation", &trial->validation, h->list);
        write_metrics(t, "test", &trial->test, h->list);
    }
    text_add(t, "}\n");
}

/* ---- reading */

static const char *string_of(const cJSON *object, const char *key) {
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

/* A whole number from 0 to `high`; -1 if it is none. */
static double count_of(const cJSON *object, const char *key, double high) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
    double x = cJSON_IsNumber(item) ? item->valuedouble : -1;
    return x >= 0 && x <= high && x == floor(x) ? x : -1;
}

static bool take_string(const cJSON *object, const char *key, char *out, size_t size) {
    const char *value = string_of(object, key);
    if (!value || strlen(value) >= size) return false;
    memcpy(out, value, strlen(value) + 1);
    return true;
}

/* Seeds are 64 bits, more than a JSON number of cJSON's holds: read from the text. */
static bool take_seed(const char *line, uint64_t *out) {
    static const char key[] = ",\"seed\":";
    const char *at = strstr(line, key);
    char *end = NULL;
    if (!at || at[sizeof key - 1] < '0' || at[sizeof key - 1] > '9') return false;
    *out = strtoull(at + sizeof key - 1, &end, 10);
    return *end == ',';
}

static lb_status parse_head(const char *line, sweep_head *out) {
    cJSON *json = cJSON_Parse(line);
    const char *kind = string_of(json, "lookbook"), *name = string_of(json, "model");
    sweep_head h = {0};
    double list = count_of(json, "list", UINT32_MAX);
    lb_status status = LB_OK;
    bool ours = kind && strcmp(kind, "sweep") == 0 && name;
    if (ours && count_of(json, "format", FORMAT) != FORMAT)
        status = status_fail(LB_E_FORMAT, "written by a later version of Lookbook");
    else if (!ours || list < 1 || !take_seed(line, &h.seed) ||
             !take_string(json, "dataset", h.dataset, sizeof h.dataset) ||
             !take_string(json, "fingerprint", h.fingerprint, sizeof h.fingerprint) ||
             !take_string(json, "split", h.split, sizeof h.split) ||
             (!take_string(json, "feature", h.feature, sizeof h.feature) &&
              !cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(json, "feature"))))
        status = status_fail(LB_E_FORMAT, "not the first line of a sweep's file");
    else
        status = model_class_find(name, &h.class) == LB_OK
                     ? LB_OK
                     : status_prefix(LB_E_FORMAT, "of a model that this version does not have");
    h.list = (uint32_t)list;
    if (status == LB_OK) *out = h;
    cJSON_Delete(json);
    return status;
}

static lb_status set_option(const model_class *class, void *options, const cJSON *item) {
    lb_status status;
    text t = {0};
    text_add(&t, "%s=", item->string);
    if (cJSON_IsNumber(item))
        text_json_number(&t, item->valuedouble);
    else
        text_add(&t, "%s", cJSON_IsString(item) ? item->valuestring : "");
    status = t.status == LB_OK ? options_set(class->options, options, t.bytes) : t.status;
    free(t.bytes);
    return status;
}

static lb_status parse_options(const cJSON *json, const model_class *class, char **settings) {
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "options"), *item;
    lb_status status = LB_OK;
    void *options = memory_new(1, class->options->size);
    if (!options) return LB_E_NOMEM;
    options_init(class->options, options);
    if (!cJSON_IsObject(list)) LB_TRY_CLEANUP(status_fail(LB_E_FORMAT, "\"options\" is missing"));
    for (item = list->child; item; item = item->next)
        LB_TRY_CLEANUP(set_option(class, options, item));
    LB_TRY_CLEANUP((*settings = options_print(class->options, options)) ? LB_OK : LB_E_NOMEM);
cleanup:
    free(options);
    return status == LB_E_ARGUMENT ? LB_E_FORMAT : status;
}

static lb_status parse_metrics(const cJSON *json, const char *part, uint32_t list,
                               sweep_metrics *out) {
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(json, part);
    for (eval_kind kind = 0; kind < EVAL_KINDS; kind++) {
        const cJSON *of = cJSON_GetObjectItemCaseSensitive(object, metric_kind_name(kind));
        double tests = count_of(of, "tests", 0x1p53);
        if (tests < 0)
            return status_fail(LB_E_FORMAT, "\"%s\" has no \"%s\" with \"tests\"", part,
                               metric_kind_name(kind));
        out->n_tests[kind] = (size_t)tests;
        for (eval_set set = 0; set < EVAL_SETS; set++)
            for (size_t m = 0; m < EVAL_METRICS; m++) {
                char key[48];
                metric_key(m, set, list, key, sizeof key);
                const cJSON *item = cJSON_GetObjectItemCaseSensitive(of, key);
                if (!cJSON_IsNumber(item) && !cJSON_IsNull(item))
                    return status_fail(LB_E_FORMAT, "\"%s\" has no \"%s\"", part, key);
                out->value[kind][set][m] = cJSON_IsNumber(item) ? item->valuedouble : NAN;
            }
    }
    return LB_OK;
}

static lb_status fill_trial(const cJSON *json, const sweep_head *h, sweep_trial *t) {
    const cJSON *seconds = cJSON_GetObjectItemCaseSensitive(json, "train_seconds");
    const char *why = string_of(json, "why");
    double run = count_of(json, "run", UINT32_MAX);
    if (run < 0) return status_fail(LB_E_FORMAT, "\"run\" is missing");
    t->run = (uint32_t)run;
    LB_TRY(parse_options(json, h->class, &t->settings));
    if (why) return (t->why = memory_string(why)) ? LB_OK : LB_E_NOMEM;
    t->seconds = cJSON_IsNumber(seconds) ? seconds->valuedouble : NAN;
    LB_TRY(parse_metrics(json, "validation", h->list, &t->validation));
    return parse_metrics(json, "test", h->list, &t->test);
}

static lb_status parse_trial(const char *line, const sweep_head *h, sweep_trial *out) {
    sweep_trial t = {0};
    cJSON *json = cJSON_Parse(line);
    lb_status status = cJSON_IsObject(json) ? fill_trial(json, h, &t)
                                            : status_fail(LB_E_FORMAT, "not a JSON object");
    cJSON_Delete(json);
    if (status == LB_OK)
        *out = t;
    else
        sweep_trial_free(&t);
    return status;
}

/* One line without its end, as text of its own. */
static lb_status parse_line(const char *bytes, size_t length, size_t number, sweep_file *f) {
    char *line = memory_bytes(bytes, length);
    lb_status status = line ? LB_OK : LB_E_NOMEM;
    if (status == LB_OK && number == 1) status = parse_head(line, &f->head);
    if (status == LB_OK && number > 1) status = GROW_ARRAY(f->trial, f->n_trials, f->capacity);
    if (status == LB_OK && number > 1) {
        status = parse_trial(line, &f->head, &f->trial[f->n_trials]);
        f->n_trials += status == LB_OK;
    }
    free(line);
    return status;
}

static lb_status parse_file(const char *path, const char *bytes, size_t size, sweep_file *out) {
    sweep_file f = {0};
    lb_status status = LB_OK;
    for (size_t number = 1; f.n_bytes < size; number++) {
        const char *line = bytes + f.n_bytes, *end = memchr(line, '\n', size - f.n_bytes);
        if (!end) break; // a kill cut it
        status = parse_line(line, (size_t)(end - line), number, &f);
        size_t next = (size_t)(end + 1 - bytes);
        // The power went while the last line was on its way to the disk.
        if (status == LB_E_FORMAT && number > 1 && next == size) break;
        if (status != LB_OK) {
            sweep_file_free(&f);
            return status_prefix(status, "%s: line %zu", path, number);
        }
        f.n_bytes = next;
    }
    if (!f.head.class)
        return status_fail(LB_E_FORMAT, "%s is not the file of a sweep; give another name", path);
    *out = f;
    return LB_OK;
}

lb_status sweep_file_read(const char *path, sweep_file *out) {
    file_map map;
    LB_TRY(file_map_open(path, &map));
    lb_status status = parse_file(path, (const char *)map.bytes, map.size, out);
    file_map_close(&map);
    return status;
}

void sweep_trial_free(sweep_trial *t) {
    free(t->settings);
    free(t->why);
    *t = (sweep_trial){0};
}

void sweep_file_free(sweep_file *f) {
    for (size_t i = 0; i < f->n_trials; i++) sweep_trial_free(&f->trial[i]);
    free(f->trial);
    *f = (sweep_file){0};
}

/* ---- appending */

struct sweep_log {
    char *path;
    int fd;
    sweep_head head;
};

static lb_status differs(const char *path, const char *what, const char *theirs, const char *ours) {
    return status_fail(LB_E_MISMATCH,
                       "%s is of a sweep with %s %s, and this one has %s; give another file", path,
                       what, *theirs ? theirs : "none", *ours ? ours : "none");
}

bool sweep_head_same(const sweep_head *a, const sweep_head *b) {
    return a->class == b->class && a->seed == b->seed && a->list == b->list &&
           strcmp(a->split, b->split) == 0 && strcmp(a->feature, b->feature) == 0 &&
           strcmp(a->fingerprint, b->fingerprint) == 0;
}

static lb_status check_head(const char *path, const sweep_head *theirs, const sweep_head *ours) {
    char a[32], b[32];
    if (theirs->class != ours->class)
        return differs(path, "model", theirs->class->name, ours->class->name);
    if (strcmp(theirs->split, ours->split) != 0)
        return differs(path, "split", theirs->split, ours->split);
    if (strcmp(theirs->feature, ours->feature) != 0)
        return differs(path, "feature", theirs->feature, ours->feature);
    snprintf(a, sizeof a, "%" PRIu64, theirs->seed);
    snprintf(b, sizeof b, "%" PRIu64, ours->seed);
    if (theirs->seed != ours->seed) return differs(path, "seed", a, b);
    snprintf(a, sizeof a, "%" PRIu32, theirs->list);
    snprintf(b, sizeof b, "%" PRIu32, ours->list);
    if (theirs->list != ours->list) return differs(path, "lists of", a, b);
    if (strcmp(theirs->fingerprint, ours->fingerprint) == 0) return LB_OK;
    return status_fail(LB_E_MISMATCH,
                       "%s is of another dataset (%s), or this one has changed since; give another "
                       "file",
                       path, theirs->dataset);
}

static lb_status make_file(const char *path, const sweep_head *head, const char *const *fixed,
                           size_t n_fixed) {
    file_writer *w = NULL;
    text t = {0};
    lb_status status;
    write_head(&t, head, fixed, n_fixed);
    LB_TRY_CLEANUP(t.status);
    LB_TRY_CLEANUP(file_writer_open(path, &w));
    LB_TRY_CLEANUP(file_writer_write(w, t.bytes, t.n));
    status = file_writer_commit(w);
    w = NULL;
cleanup:
    file_writer_abort(w);
    free(t.bytes);
    return status;
}

static bool has_bytes(const char *path) {
    struct stat info;
    return stat(path, &info) == 0 && (!S_ISREG(info.st_mode) || info.st_size > 0);
}

/* Opens the file and takes it for this sweep alone, as long as it is open. */
static lb_status open_file(sweep_log *log) {
    log->fd = open(log->path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (log->fd < 0) return status_fail_errno(LB_E_IO, "cannot write %s", log->path);
    if (flock(log->fd, LOCK_EX | LOCK_NB) == 0 || errno == ENOLCK || errno == EOPNOTSUPP)
        return LB_OK;
    if (errno == EWOULDBLOCK)
        return status_fail(LB_E_BUSY, "%s: another sweep is writing to it", log->path);
    return status_fail_errno(LB_E_IO, "cannot lock %s", log->path);
}

lb_status sweep_log_open(const char *path, const sweep_head *head, const char *const *fixed,
                         size_t n_fixed, sweep_log **out, sweep_file *found) {
    sweep_log *log;
    sweep_file f = {0};
    lb_status status;
    LB_TRY(NEW_ARRAY(log, 1));
    log->fd = -1;
    log->head = *head;
    LB_TRY_CLEANUP((log->path = memory_string(path)) ? LB_OK : LB_E_NOMEM);
    if (!has_bytes(path)) LB_TRY_CLEANUP(make_file(path, head, fixed, n_fixed));
    LB_TRY_CLEANUP(open_file(log));
    LB_TRY_CLEANUP(sweep_file_read(path, &f));
    LB_TRY_CLEANUP(check_head(path, &f.head, head));
    if (ftruncate(log->fd, (off_t)f.n_bytes) != 0)
        LB_TRY_CLEANUP(status_fail_errno(LB_E_IO, "cannot remove the cut last line of %s", path));
    *found = f;
    *out = log;
    return LB_OK;
cleanup:
    sweep_file_free(&f);
    sweep_log_close(log);
    return status;
}

static lb_status write_all(int fd, const char *bytes, size_t n) {
    while (n) {
        ssize_t done = write(fd, bytes, n);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return LB_E_IO;
        bytes += done;
        n -= (size_t)done;
    }
    return LB_OK;
}

lb_status sweep_log_add(sweep_log *log, const sweep_trial *trial) {
    text t = {0};
    write_trial(&t, &log->head, trial);
    lb_status status = t.status;
    if (status == LB_OK && (write_all(log->fd, t.bytes, t.n) != LB_OK || fdatasync(log->fd) != 0))
        status = status_fail_errno(LB_E_IO, "cannot write %s", log->path);
    free(t.bytes);
    return status;
}

void sweep_log_close(sweep_log *log) {
    if (!log) return;
    if (log->fd >= 0) close(log->fd); // and with it the lock
    free(log->path);
    free(log);
}
