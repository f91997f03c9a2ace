#include "server/watch.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { CHECKS_A_SECOND = 4 };

typedef enum watched_phase { ARRIVING, WORKING, LEAVING } watched_phase;

struct watched {
    watched *next, *before;
    int socket;
    bool used; // it has had a request
    watched_phase phase;
    int64_t until; // nanoseconds of the monotonic clock
};

struct watch {
    pthread_mutex_t lock;
    pthread_cond_t ends;
    pthread_t thread;
    watched *first;
    size_t n, expired;
    int64_t allowed; // nanoseconds
    const char *late;
    bool closing;
};

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Called with the lock, which keeps the socket from being closed and a reply from being begun. */
static void expire(watch *w, watched *c) {
    if (c->phase == ARRIVING) {
        ssize_t sent = send(c->socket, w->late, strlen(w->late), MSG_DONTWAIT | MSG_NOSIGNAL);
        (void)sent; // a client that does not read is not waited for
        w->expired++;
    }
    shutdown(c->socket, SHUT_RDWR); // the HTTP library sees its end, and closes it
    c->phase = WORKING;             // once is enough
}

static void *run(void *context) {
    watch *w = context;
    pthread_mutex_lock(&w->lock);
    while (!w->closing) {
        int64_t at = now();
        for (watched *c = w->first; c; c = c->next)
            if (c->phase != WORKING && c->until < at) expire(w, c);
        struct timespec next;
        clock_gettime(CLOCK_MONOTONIC, &next);
        next.tv_nsec += 1000000000 / CHECKS_A_SECOND;
        next.tv_sec += next.tv_nsec / 1000000000;
        next.tv_nsec %= 1000000000;
        pthread_cond_timedwait(&w->ends, &w->lock, &next);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

watch *watch_open(unsigned seconds, const char *late) {
    pthread_condattr_t monotonic;
    watch *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    w->allowed = (int64_t)seconds * 1000000000;
    w->late = late;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->ends, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&w->thread, NULL, run, w) == 0) return w;
    pthread_cond_destroy(&w->ends);
    pthread_mutex_destroy(&w->lock);
    free(w);
    return NULL;
}

void watch_close(watch *w) {
    if (!w) return;
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    pthread_cond_signal(&w->ends);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->ends);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

watched *watch_add(watch *w, int socket) {
    watched *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->socket = socket;
    c->phase = ARRIVING;
    c->until = now() + w->allowed;
    pthread_mutex_lock(&w->lock);
    c->next = w->first;
    if (c->next) c->next->before = c;
    w->first = c;
    w->n++;
    pthread_mutex_unlock(&w->lock);
    return c;
}

void watch_remove(watch *w, watched *c) {
    if (!c) return;
    pthread_mutex_lock(&w->lock);
    if (c->next) c->next->before = c->before;
    if (c->before)
        c->before->next = c->next;
    else
        w->first = c->next;
    w->n--;
    pthread_mutex_unlock(&w->lock);
    free(c);
}

static void enter(watch *w, watched *c, watched_phase phase, bool renew) {
    if (!c) return;
    pthread_mutex_lock(&w->lock);
    c->phase = phase;
    if (renew) c->until = now() + w->allowed;
    c->used = true;
    pthread_mutex_unlock(&w->lock);
}

void watch_arriving(watch *w, watched *c) {
    enter(w, c, ARRIVING, c && c->used);
}

void watch_working(watch *w, watched *c) {
    enter(w, c, WORKING, false);
}

void watch_leaving(watch *w, watched *c) {
    enter(w, c, LEAVING, true);
}

size_t watch_count(watch *w) {
    pthread_mutex_lock(&w->lock);
    size_t n = w->n;
    pthread_mutex_unlock(&w->lock);
    return n;
}

size_t watch_expired(watch *w) {
    pthread_mutex_lock(&w->lock);
    size_t n = w->expired;
    pthread_mutex_unlock(&w->lock);
    return n;
}
