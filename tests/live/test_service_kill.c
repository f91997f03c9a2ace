/* What a service has acknowledged is there after it was killed, at whatever moment. */
#include "live/photo_shop.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { KILLS = 12, THREADS = 2, MOST = 2000 };

/* What the child says after each acknowledged change, in one write. */
typedef struct said {
    char what; // 'p' product added, 'r' removed, 'l' liked
    unsigned thread, number;
} said;

static lb_service *service;
static int pipe_end;
static unsigned first_number;

static void say(char what, unsigned thread, unsigned number) {
    said s;
    memset(&s, 0, sizeof s);
    s.what = what;
    s.thread = thread;
    s.number = number;
    if (write(pipe_end, &s, sizeof s) != (ssize_t)sizeof s) _exit(3);
}

static void product_id(unsigned thread, unsigned number, char id[32]) {
    snprintf(id, 32, "live-%u-%u", thread, number);
}

static void *change_all(void *context) {
    unsigned thread = *(unsigned *)context;
    char id[32], user[32];
    for (unsigned i = first_number; i < first_number + MOST; i++) {
        product_id(thread, i, id);
        snprintf(user, sizeof user, "user-%u-%u", thread, i);
        if (add_photo(service, id, 'b', i % 7) != LB_OK) _exit(1);
        say('p', thread, i);
        if (feed(service, user, id, LB_LIKED) != LB_OK) _exit(1);
        say('l', thread, i);
        if (i % 3) continue;
        if (lb_service_product_remove(service, id) != LB_OK) _exit(1);
        say('r', thread, i);
    }
    return NULL;
}

static void run_child(const char *shop, const char *path) {
    pthread_t threads[THREADS];
    unsigned number[THREADS] = {0, 1};
    if (service_open(shop, path, &service) != LB_OK) _exit(2);
    for (unsigned i = 0; i < THREADS; i++)
        if (pthread_create(&threads[i], NULL, change_all, &number[i])) _exit(2);
    for (unsigned i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    _exit(0);
}

static void wait_milliseconds(long n) {
    struct timespec t = {n / 1000, n % 1000 * 1000000};
    nanosleep(&t, NULL);
}

/* Everything that was said; the number of changes. */
static size_t run_and_kill(const char *shop, const char *path, long after, said *list) {
    int ends[2];
    size_t n = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        pipe_end = ends[1];
        run_child(shop, path);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &list[n++], sizeof *list), sizeof *list); // it is at work
    wait_milliseconds(after);
    kill(child, SIGKILL);
    while (n < 5 * MOST && read(ends[0], &list[n], sizeof *list) == (ssize_t)sizeof *list) n++;
    close(ends[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return n;
}

static bool was_said(const said *list, size_t n, char what, const said *of) {
    for (size_t i = 0; i < n; i++)
        if (list[i].what == what && list[i].thread == of->thread && list[i].number == of->number)
            return true;
    return false;
}

static void check_said(lb_service *s, const said *list, size_t n, const said *one) {
    char id[32], user[32];
    lb_reply *reply = NULL;
    product_id(one->thread, one->number, id);
    snprintf(user, sizeof user, "user-%u-%u", one->thread, one->number);
    if (one->what == 'r') assert_error(lb_service_product(s, id, &reply), LB_E_NOT_FOUND, id);
    // the last product may have been removed without a word
    bool last = !was_said(list, n, 'r', one) && one->number % 3 == 0;
    if (one->what == 'p' && one->number % 3) {
        cJSON *json = product_json(s, id);
        assert_true(cJSON_IsTrue(at(json, "photo")));
        cJSON_Delete(json);
        lb_picture *picture;
        assert_ok(lb_service_photo(s, id, 64, &picture));
        lb_picture_free(picture);
    }
    if (one->what != 'l') return;
    cJSON *json = user_json(s, user);
    int liked = cJSON_GetArraySize(at(json, "liked"));
    assert_true(last ? liked <= 1 : liked == (one->number % 3 ? 1 : 0));
    cJSON_Delete(json);
}

static void acknowledged_changes_survive(void **state) {
    (void)state;
    static said list[5 * MOST];
    char folder[256];
    size_t total = 0;
    random_stream r = random_open(1, "kills", 0);
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = photo_shop_make(folder, "shop"), *path = in(folder, "model");
    photo_shop_train(shop, "vasg", "look", path);
    for (unsigned k = 0; k < KILLS; k++) {
        lb_service *s;
        first_number = k * MOST;
        size_t n = run_and_kill(shop, path, (long)random_below(&r, 200), list);
        assert_ok(service_open(shop, path, &s));
        for (size_t i = 0; i < n; i++) check_said(s, list, n, &list[i]);
        lb_service_close(s);
        total += n;
    }
    print_message("%zu changes were acknowledged before %d kills\n", total, KILLS);
    assert_true(total >= KILLS);
    lb_validation *v;
    assert_ok(lb_validate(shop, NULL, &v));
    for (size_t i = 0; i < lb_validation_count(v); i++)
        if (!lb_validation_get(v, i)->passed)
            fail_msg("%s: %s", lb_validation_get(v, i)->name, lb_validation_get(v, i)->detail);
    lb_validation_free(v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acknowledged_changes_survive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
