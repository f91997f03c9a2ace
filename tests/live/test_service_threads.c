/* Questions, changes and reloads at once: no answer is wrong. A reader looks at what had been
 * acknowledged before it asked; what was must be in the answer. */
#include "live/photo_shop.h"

#include <pthread.h>
#include <stdatomic.h>

enum { ROUNDS = 40, READERS = 2, WRITERS = 2, RELOADS = 3 };

static lb_service *service;
static _Atomic int running; // writers and reloaders

/* A wrong answer on some thread ends the program: cmocka's own failures belong to one thread. */
#define complain(...)                 \
    do {                              \
        fprintf(stderr, __VA_ARGS__); \
        fputc('\n', stderr);          \
        abort();                      \
    } while (0)

/* Acknowledged, per writer: rounds whose product was removed; bought and disliked by its user. */
static _Atomic int removed[WRITERS][ROUNDS], taken[WRITERS][ROUNDS];
/* Product a1<writer>: odd = it is out since that many changes. */
static _Atomic unsigned out[WRITERS];

static void writer_user(unsigned w, char id[16]) {
    snprintf(id, 16, "ub%02u", w);
}

static void live_id(unsigned w, unsigned round, char id[24]) {
    snprintf(id, 24, "live-b-%u-%u", w, round);
}

/* The product of circle c that is bought or disliked in a round. */
static void taken_id(unsigned round, char id[16]) {
    snprintf(id, 16, "c%02u", round % PRODUCTS);
}

static void toggle(unsigned w) {
    char id[16];
    snprintf(id, sizeof id, "a1%u", w);
    assert_ok(set_available(service, id, 0));
    atomic_fetch_add(&out[w], 1);
    if (listed(service, "nobody", 1000, id)) complain("%s is listed", id);
    atomic_fetch_add(&out[w], 1);
    assert_ok(set_available(service, id, 1));
    if (!listed(service, "nobody", 1000, id)) complain("%s is not listed", id);
}

static void *write_all(void *context) {
    unsigned w = *(unsigned *)context;
    char user[16], live[24], own[16];
    writer_user(w, user);
    for (unsigned i = 0; i < ROUNDS; i++) {
        live_id(w, i, live);
        taken_id(i, own);
        assert_ok(add_photo(service, live, 'b', 1000 * w + i));
        if (place(service, user, live) == 1000) complain("%s is not found", live);
        assert_ok(feed(service, user, own, i % 2 ? LB_BOUGHT : LB_DISLIKED));
        atomic_store(&taken[w][i], 1);
        if (listed(service, user, 1000, own)) complain("%s is listed", own);
        toggle(w);
        if (i % 2) continue;
        assert_ok(lb_service_product_remove(service, live));
        atomic_store(&removed[w][i], 1);
        if (place(service, user, live) != 1000) complain("%s is found", live);
    }
    atomic_fetch_sub(&running, 1);
    return NULL;
}

static void *reload_all(void *context) {
    (void)context;
    for (unsigned i = 0; i < RELOADS; i++) assert_ok(lb_service_reload(service, NULL));
    atomic_fetch_sub(&running, 1);
    return NULL;
}

/* What was known before the question. */
typedef struct known {
    int removed[WRITERS][ROUNDS], taken[WRITERS][ROUNDS];
    unsigned out[WRITERS];
} known;

static void look(known *k) {
    for (unsigned w = 0; w < WRITERS; w++) {
        k->out[w] = atomic_load(&out[w]);
        for (unsigned i = 0; i < ROUNDS; i++) {
            k->removed[w][i] = atomic_load(&removed[w][i]);
            k->taken[w][i] = atomic_load(&taken[w][i]);
        }
    }
}

static void check(const known *k, unsigned w, const lb_items *items) {
    char id[24];
    for (unsigned i = 0; i < ROUNDS; i++) {
        taken_id(i, id);
        if (k->taken[w][i] && find(items, id)) complain("%s was taken", id);
        live_id(w, i, id);
        if (k->removed[w][i] && find(items, id)) complain("%s was removed", id);
    }
    snprintf(id, sizeof id, "a1%u", w);
    if (k->out[w] % 2 && find(items, id) && atomic_load(&out[w]) == k->out[w])
        complain("%s was not available", id);
}

static void *read_all(void *context) {
    unsigned r = *(unsigned *)context, n = 0;
    char user[16];
    while (atomic_load(&running)) {
        known before;
        unsigned w = (r + n++) % WRITERS;
        writer_user(w, user);
        look(&before);
        lb_items *items = ask(service, user, 1000);
        if (lb_items_count(items) < 20) complain("only %zu", lb_items_count(items));
        check(&before, w, items);
        lb_items_free(items);
        cJSON *json = n % 2 ? user_json(service, user) : state_json(service);
        cJSON_Delete(json);
        if (n % 8) continue;
        lb_reply *reply = NULL;
        lb_status status = lb_service_map(service, 50, user, &reply);
        cJSON_Delete(parse(status, reply));
    }
    return NULL;
}

static void nothing_is_wrong_at_once(void **state) {
    (void)state;
    char folder[256];
    unsigned number[4] = {0, 1, 2, 3};
    pthread_t readers[READERS], writers[WRITERS], reloader;
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = photo_shop_make(folder, "shop"), *path = in(folder, "model");
    photo_shop_train(shop, "vasg", "look", path);
    assert_ok(service_open(shop, path, &service));
    atomic_store(&running, WRITERS + 1);
    for (unsigned i = 0; i < WRITERS; i++)
        assert_int_equal(pthread_create(&writers[i], NULL, write_all, &number[i]), 0);
    assert_int_equal(pthread_create(&reloader, NULL, reload_all, NULL), 0);
    for (unsigned i = 0; i < READERS; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_all, &number[i]), 0);
    for (unsigned i = 0; i < WRITERS; i++) pthread_join(writers[i], NULL);
    pthread_join(reloader, NULL);
    for (unsigned i = 0; i < READERS; i++) pthread_join(readers[i], NULL);
    // and it is all there after the service was opened again
    for (int again = 0; again < 2; again++) {
        char user[16], id[24];
        for (unsigned w = 0; w < WRITERS; w++) {
            writer_user(w, user);
            known all;
            look(&all);
            lb_items *items = ask(service, user, 1000);
            check(&all, w, items);
            for (unsigned i = 1; i < ROUNDS; i += 2) {
                live_id(w, i, id);
                assert_non_null(find(items, id));
            }
            lb_items_free(items);
        }
        lb_service_close(service);
        if (!again) assert_ok(service_open(shop, path, &service));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_wrong_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
