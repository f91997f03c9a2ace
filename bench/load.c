/*
 * load PORT [--seconds N] [--connections N] [--users N] [--reload N] [--write-ms N]: puts a running
 * `lookbook serve` under load and checks its answers.
 *
 * The connections ask for recommendations with exclude_seen for users at random. Meanwhile one
 * writer takes products out of stock that it has just seen in a list, one says that users bought
 * products they were recommended, one adds products, and the model is reloaded N times. A list is
 * wrong if it holds a product whose removal from stock, or whose purchase by this user, was
 * acknowledged before the list was asked for; or if it is not whole.
 *
 * Prints a table; exit status 1 if a request failed or an answer was wrong.
 */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cjson/cJSON.h>

#include "bench/http.h"
#include "core/random.h"

enum {
    MOST_CONNECTIONS = 256,
    MOST_USERS = 500,
    MOST_GONE = 1 << 15,
    MOST_SEEN = 1 << 15,
    ID = 64
};

/* Something acknowledged at a time: a product that is not available, or that a user has. */
typedef struct fact {
    char product[ID];
    int64_t since;
} fact;

typedef struct facts {
    _Atomic size_t n; // entries below it do not change
    fact *fact;
    size_t capacity;
} facts;

typedef struct load {
    uint16_t port;
    uint32_t seconds, connections, users, reloads, write_ms;
    char (*user)[ID]; // (users)
    facts *seen;      // (users)
    facts gone;
    atomic_bool over;
    _Atomic uint64_t failed, wrong, writes, products, feedback, reloaded;
    double longest_reload; // seconds; of the thread that reloads
} load;

typedef struct worker {
    load *load;
    uint64_t seed;
    float *ms; // of each answer
    size_t n, capacity;
} worker;

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void pause_ms(uint32_t ms) {
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&t, NULL);
}

/* One thread adds to a list; any may read. */
static void facts_add(facts *f, const char *product) {
    size_t n = atomic_load(&f->n);
    if (n == f->capacity) return;
    snprintf(f->fact[n].product, ID, "%s", product);
    f->fact[n].since = now();
    atomic_store(&f->n, n + 1);
}

static bool facts_hold(const facts *f, const char *product, int64_t before) {
    size_t n = atomic_load(&f->n);
    for (size_t i = 0; i < n; i++)
        if (f->fact[i].since < before && strcmp(f->fact[i].product, product) == 0) return true;
    return false;
}

/* ---------------------------------------------------------------- answers */

static void complain(load *l, const char *what, const char *user, const char *product) {
    if (atomic_fetch_add(&l->wrong, 1) < 5)
        fprintf(stderr, "load: wrong: %s: user %s, product %s\n", what, user, product);
}

static void fail(load *l, const char *what, const http_reply *r) {
    if (atomic_fetch_add(&l->failed, 1) < 5)
        fprintf(stderr, "load: failed: %s: status %d: %.300s\n", what, r->status, r->body);
}

static void check_items(load *l, size_t user, const cJSON *json, int64_t asked) {
    const cJSON *item, *items = cJSON_GetObjectItemCaseSensitive(json, "items");
    if (cJSON_GetArraySize(items) != 10) complain(l, "not ten products", l->user[user], "-");
    cJSON_ArrayForEach(item, items) {
        const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "id");
        if (!cJSON_IsString(id)) {
            complain(l, "no id", l->user[user], "-");
            continue;
        }
        if (facts_hold(&l->seen[user], id->valuestring, asked))
            complain(l, "the user has it", l->user[user], id->valuestring);
        if (facts_hold(&l->gone, id->valuestring, asked))
            complain(l, "it is not available", l->user[user], id->valuestring);
    }
}

/* Asks for a list and checks it. A product of it is copied to `product`, if that is not NULL. */
static bool ask(load *l, http *h, size_t user, size_t choice, char *product) {
    char target[160];
    http_reply r;
    int64_t asked = now();
    snprintf(target, sizeof target, "/api/recommend/%s?n=10&exclude_seen=1", l->user[user]);
    if (!http_ask(h, "GET", target, NULL, &r) || r.status != 200) {
        fail(l, target, &r);
        return false;
    }
    cJSON *json = cJSON_ParseWithLength(r.body, r.n);
    check_items(l, user, json, asked);
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(json, "items");
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(items, (int)choice),
                                                       "id");
    if (product) snprintf(product, ID, "%s", cJSON_IsString(id) ? id->valuestring : "");
    cJSON_Delete(json);
    return true;
}

static void *read_lists(void *context) {
    worker *w = context;
    load *l = w->load;
    random_stream r = random_open(w->seed, "load readers", 0);
    http h;
    http_open(&h, l->port);
    while (!atomic_load(&l->over)) {
        int64_t began = now();
        size_t user = random_below(&r, l->users);
        if (!ask(l, &h, user, 0, NULL)) continue;
        if (w->n < w->capacity) w->ms[w->n++] = (float)(1e-6 * (double)(now() - began));
    }
    http_close(&h);
    return NULL;
}

/* ---------------------------------------------------------------- changes */

static bool write_one(load *l, http *h, const char *method, const char *target, const char *json) {
    http_reply r;
    bool good = http_ask(h, method, target, json, &r) && r.status < 300;
    if (!good) fail(l, target, &r);
    atomic_fetch_add(&l->writes, 1);
    return good;
}

static void take_away(load *l, http *h, size_t user) {
    char product[ID], target[128];
    if (!ask(l, h, user, 3, product) || !*product) return;
    snprintf(target, sizeof target, "/api/products/%s", product);
    if (write_one(l, h, "PATCH", target, "{\"available\":false}")) facts_add(&l->gone, product);
}

static void buy(load *l, http *h, size_t user) {
    char product[ID], json[256];
    if (!ask(l, h, user, 1, product) || !*product) return;
    snprintf(json, sizeof json, "{\"user\":\"%s\",\"product\":\"%s\",\"kind\":\"bought\"}",
             l->user[user], product);
    if (!write_one(l, h, "POST", "/api/feedback", json)) return;
    facts_add(&l->seen[user], product);
    atomic_fetch_add(&l->feedback, 1);
}

static void add_product(load *l, http *h, uint64_t number) {
    char json[256];
    snprintf(
        json, sizeof json,
        "{\"id\":\"LOAD%llu\",\"title\":\"Women Kind %llu, no. %llu\",\"category\":\"Women > Kind "
        "%llu\",\"price\":9.5}",
        (unsigned long long)number, (unsigned long long)number % 48, (unsigned long long)number,
        (unsigned long long)number % 48);
    if (write_one(l, h, "POST", "/api/products", json)) atomic_fetch_add(&l->products, 1);
}

static void *write_things(void *context) {
    load *l = context;
    random_stream r = random_open(2, "load writer", 0);
    http h;
    http_open(&h, l->port);
    uint64_t first = (uint64_t)time(NULL) * 100000;
    for (uint64_t n = 0; !atomic_load(&l->over); n++) {
        size_t user = random_below(&r, l->users);
        if (n % 3 == 0) take_away(l, &h, user);
        if (n % 3 == 1) buy(l, &h, user);
        if (n % 3 == 2) add_product(l, &h, first + n);
        pause_ms(l->write_ms);
    }
    http_close(&h);
    return NULL;
}

/* Spread over the time. */
static void *reload_models(void *context) {
    load *l = context;
    http h;
    http_open(&h, l->port);
    for (uint32_t i = 0; i < l->reloads; i++) {
        uint32_t ms = l->seconds * 1000 / (l->reloads + 1);
        for (uint32_t at = 0; at < ms && !atomic_load(&l->over); at += 50) pause_ms(50);
        if (atomic_load(&l->over)) break;
        int64_t began = now();
        if (!write_one(l, &h, "POST", "/api/admin/reload", NULL)) continue;
        atomic_fetch_add(&l->reloaded, 1);
        l->longest_reload = fmax(l->longest_reload, 1e-9 * (double)(now() - began));
    }
    http_close(&h);
    return NULL;
}

/* ---------------------------------------------------------------- before and after */

static bool is_new_memory(facts *f, size_t capacity) {
    f->fact = calloc(capacity, sizeof *f->fact);
    f->capacity = capacity;
    return f->fact != NULL;
}

/* What a user has already. */
static bool learn_history(load *l, http *h, size_t user) {
    char target[128];
    http_reply r;
    const cJSON *item;
    snprintf(target, sizeof target, "/api/users/%s", l->user[user]);
    if (!http_ask(h, "GET", target, NULL, &r) || r.status != 200) return false;
    cJSON *json = cJSON_ParseWithLength(r.body, r.n);
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(json, "history")) {
        const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "product");
        if (cJSON_IsString(id)) facts_add(&l->seen[user], id->valuestring);
    }
    cJSON_Delete(json);
    return true;
}

static bool learn_users(load *l) {
    http h;
    http_reply r;
    char target[64];
    http_open(&h, l->port);
    snprintf(target, sizeof target, "/api/users?n=%u", l->users);
    l->user = calloc(l->users, sizeof *l->user);
    l->seen = calloc(l->users, sizeof *l->seen);
    bool good = l->user && l->seen && http_ask(&h, "GET", target, NULL, &r) && r.status == 200;
    cJSON *json = good ? cJSON_ParseWithLength(r.body, r.n) : NULL;
    const cJSON *users = cJSON_GetObjectItemCaseSensitive(json, "users"), *item;
    uint32_t n = 0;
    cJSON_ArrayForEach(item, users) {
        const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "id");
        if (cJSON_IsString(id) && n < l->users) snprintf(l->user[n++], ID, "%s", id->valuestring);
    }
    cJSON_Delete(json);
    l->users = n;
    good = good && n;
    for (size_t u = 0; good && u < n; u++)
        good = is_new_memory(&l->seen[u], 4096) && learn_history(l, &h, u);
    http_close(&h);
    return good;
}

/* Megabytes of the server, by its own word; 0 when it does not say. */
static double memory_of(uint16_t port) {
    http h;
    http_reply r;
    http_open(&h, port);
    double bytes = 0;
    if (http_ask(&h, "GET", "/metrics", NULL, &r)) {
        const char *line = strstr(r.body, "\nlookbook_memory_bytes ");
        if (line) bytes = strtod(line + strlen("\nlookbook_memory_bytes "), NULL);
    }
    http_close(&h);
    return bytes / (1 << 20);
}

static int by_size(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void print_table(const load *l, float *ms, size_t n, double seconds, const double *memory) {
    qsort(ms, n, sizeof *ms, by_size);
    printf(
        "| connections | seconds | answers/s | p50 ms | p95 ms | p99 ms | max ms | failed | wrong "
        "| "
        "written | reloads | MB begin | MB middle | MB end |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    printf("| %u | %.1f | %.0f | %.2f | %.2f | %.2f | %.2f | %llu | %llu | %llu | %llu | %.0f | "
           "%.0f | "
           "%.0f |\n",
           l->connections, seconds, (double)n / seconds, n ? (double)ms[n / 2] : 0,
           n ? (double)ms[n * 95 / 100] : 0, n ? (double)ms[n * 99 / 100] : 0,
           n ? (double)ms[n - 1] : 0, (unsigned long long)l->failed, (unsigned long long)l->wrong,
           (unsigned long long)l->writes, (unsigned long long)l->reloaded, memory[0], memory[1],
           memory[2]);
    printf("written: %llu out of stock, %llu bought, %llu added; longest reload %.1f s\n",
           (unsigned long long)l->gone.n, (unsigned long long)l->feedback,
           (unsigned long long)l->products, l->longest_reload);
}

static int parse(int n, char **argument, load *l) {
    const struct {
        const char *name;
        uint32_t *value;
        uint32_t most;
    } options[] = {{"--seconds", &l->seconds, 86400},
                   {"--connections", &l->connections, MOST_CONNECTIONS},
                   {"--users", &l->users, MOST_USERS},
                   {"--reload", &l->reloads, 1000},
                   {"--write-ms", &l->write_ms, 60000}};
    if (n < 2) return -1;
    l->port = (uint16_t)strtoul(argument[1], NULL, 10);
    for (int i = 2; i + 1 < n; i += 2) {
        size_t k = 0;
        while (k < 5 && strcmp(options[k].name, argument[i]) != 0) k++;
        if (k == 5) return -1;
        *options[k].value = (uint32_t)strtoul(argument[i + 1], NULL, 10);
        if (*options[k].value > options[k].most) return -1;
    }
    return l->port && n % 2 == 0 ? 0 : -1;
}

/* Lets everything run for its time, and puts the times of all answers together. */
static float *run(load *l, size_t *n, double *seconds, double *middle) {
    pthread_t reader[MOST_CONNECTIONS], writer, reloader;
    worker workers[MOST_CONNECTIONS];
    size_t each = (size_t)l->seconds * 20000 + 1000;
    int64_t began = now();
    for (uint32_t i = 0; i < l->connections; i++) {
        workers[i] = (worker){l, i, malloc(each * sizeof(float)), 0, each};
        if (!workers[i].ms || pthread_create(&reader[i], NULL, read_lists, &workers[i])) exit(1);
    }
    if (pthread_create(&writer, NULL, write_things, l) ||
        pthread_create(&reloader, NULL, reload_models, l))
        exit(1);
    pause_ms(l->seconds * 500);
    *middle = memory_of(l->port);
    pause_ms(l->seconds * 500);
    *seconds = 1e-9 * (double)(now() - began);
    atomic_store(&l->over, true);
    float *all = NULL;
    *n = 0;
    for (uint32_t i = 0; i < l->connections; i++) {
        pthread_join(reader[i], NULL);
        all = realloc(all, (*n + workers[i].n + 1) * sizeof *all);
        if (!all) exit(1);
        memcpy(all + *n, workers[i].ms, workers[i].n * sizeof *all);
        *n += workers[i].n;
        free(workers[i].ms);
    }
    pthread_join(writer, NULL);
    pthread_join(reloader, NULL);
    return all;
}

int main(int n, char **argument) {
    static load l = {.seconds = 10, .connections = 16, .users = 200, .reloads = 2, .write_ms = 20};
    double memory[3], seconds;
    size_t answers;
    if (parse(n, argument, &l) != 0) {
        fprintf(stderr, "usage: load PORT [--seconds N] [--connections N] [--users N] [--reload N] "
                        "[--write-ms N]\n");
        return 2;
    }
    if (!is_new_memory(&l.gone, MOST_GONE) || !learn_users(&l)) {
        fprintf(stderr, "load: the server does not tell its users\n");
        return 1;
    }
    memory[0] = memory_of(l.port);
    float *ms = run(&l, &answers, &seconds, &memory[1]);
    memory[2] = memory_of(l.port);
    print_table(&l, ms, answers, seconds, memory);
    for (size_t u = 0; u < l.users; u++) free(l.seen[u].fact);
    free(ms);
    free(l.seen);
    free(l.user);
    free(l.gone.fact);
    return l.failed || l.wrong || !answers;
}
