#include "server/lane.h"

#include <pthread.h>
#include <stdlib.h>

struct lane {
    pthread_mutex_t lock;
    pthread_cond_t more;
    lane_work work;
    void **item; // (capacity) a ring
    size_t capacity, first, n;
    bool closing;
    unsigned n_threads;
    pthread_t thread[];
};

/* The next item; NULL when the lane is closing and empty. */
static void *next_item(lane *l) {
    void *item = NULL;
    pthread_mutex_lock(&l->lock);
    while (!l->n && !l->closing) pthread_cond_wait(&l->more, &l->lock);
    if (l->n) {
        item = l->item[l->first];
        l->first = (l->first + 1) % l->capacity;
        l->n--;
    }
    pthread_mutex_unlock(&l->lock);
    return item;
}

static void *run(void *context) {
    lane *l = context;
    void *item;
    while ((item = next_item(l))) l->work(item);
    return NULL;
}

lane *lane_open(unsigned threads, size_t capacity, lane_work work) {
    lane *l = calloc(1, sizeof *l + threads * sizeof *l->thread);
    if (!l) return NULL;
    l->item = calloc(capacity, sizeof *l->item);
    if (!l->item) {
        free(l);
        return NULL;
    }
    l->capacity = capacity;
    l->work = work;
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->more, NULL);
    while (l->n_threads < threads && pthread_create(&l->thread[l->n_threads], NULL, run, l) == 0)
        l->n_threads++;
    if (l->n_threads == threads) return l;
    lane_close(l);
    return NULL;
}

void lane_stop(lane *l) {
    if (!l) return;
    pthread_mutex_lock(&l->lock);
    l->closing = true;
    pthread_cond_broadcast(&l->more);
    pthread_mutex_unlock(&l->lock);
    for (unsigned i = 0; i < l->n_threads; i++) pthread_join(l->thread[i], NULL);
    l->n_threads = 0;
}

void lane_close(lane *l) {
    if (!l) return;
    lane_stop(l);
    pthread_cond_destroy(&l->more);
    pthread_mutex_destroy(&l->lock);
    free(l->item);
    free(l);
}

bool lane_push(lane *l, void *item) {
    pthread_mutex_lock(&l->lock);
    bool fits = l->n < l->capacity && !l->closing;
    if (fits) {
        l->item[(l->first + l->n) % l->capacity] = item;
        l->n++;
        pthread_cond_signal(&l->more);
    }
    pthread_mutex_unlock(&l->lock);
    return fits;
}

size_t lane_waiting(lane *l) {
    pthread_mutex_lock(&l->lock);
    size_t n = l->n;
    pthread_mutex_unlock(&l->lock);
    return n;
}
