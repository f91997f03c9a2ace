#include "live/served.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"
#include "core/memory.h"

int64_t served_now(void) {
    return (int64_t)time(NULL);
}

/* ------------------------------------------------------------ states */

lb_status live_state_open(job *j, const lb_service *s, const char *path, live_state **out) {
    live_state *state;
    LB_TRY(NEW_ARRAY(state, 1));
    if (pthread_mutex_init(&state->map_lock, NULL)) {
        free(state);
        return status_fail(LB_E_NOMEM, "cannot make a lock");
    }
    atomic_init(&state->holders, 1);
    state->loaded_at = served_now();
    lb_status status = live_open(j, path, s->directory, true, s->onnx_library, &state->r);
    if (status == LB_OK)
        *out = state;
    else
        served_release(state);
    return status;
}

live_state *served_hold(lb_service *s) {
    pthread_rwlock_rdlock(&s->lock);
    live_state *state = s->state;
    atomic_fetch_add(&state->holders, 1);
    pthread_rwlock_unlock(&s->lock);
    return state;
}

void served_release(live_state *state) {
    if (!state || atomic_fetch_sub(&state->holders, 1) != 1) return;
    live_close(state->r);
    live_map_free(state->map);
    pthread_mutex_destroy(&state->map_lock);
    free(state);
}

/* ------------------------------------------------------------ changes */

static lb_status prepare(void *context, const sql *db, const touched *t) {
    lb_service *s = context;
    for (size_t i = 0; s->logging && i < t->n_products; i++)
        LB_TRY(touch_product(&s->log, t->product[i]));
    for (size_t i = 0; s->logging && i < t->n_users; i++) LB_TRY(touch_user(&s->log, t->user[i]));
    return update_prepare(s->state->r, &s->lock, db, t, &s->prepared);
}

static void publish(void *context) {
    lb_service *s = context;
    pthread_rwlock_wrlock(&s->lock);
    update_publish(s->state->r, s->prepared);
    pthread_rwlock_unlock(&s->lock);
    update_free(s->prepared);
    s->prepared = NULL;
}

static void discard(void *context) {
    lb_service *s = context;
    update_free(s->prepared);
    s->prepared = NULL;
}

/* ------------------------------------------------------------ opening */

lb_status served_lock_directory(const char *directory, int *fd) {
    char *path = file_path(directory, "serving.lock");
    if (!path) return LB_E_NOMEM;
    lb_status status = LB_OK;
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (*fd < 0)
        status = status_fail_errno(LB_E_IO, "cannot open %s, which says that it is served", path);
    else if (flock(*fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        close(*fd);
        *fd = -1;
        status = status_fail(LB_E_BUSY,
                             "%s: another service has this dataset open (or it is being "
                             "compacted); end that one first",
                             directory);
    }
    free(path);
    return status;
}

/* Writers before readers: a change must not wait until nobody asks. */
static lb_status make_locks(lb_service *s) {
    pthread_rwlockattr_t kind;
    if (pthread_rwlockattr_init(&kind)) return status_fail(LB_E_NOMEM, "cannot make a lock");
#ifdef __GLIBC__
    pthread_rwlockattr_setkind_np(&kind, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
#endif
    int failed = pthread_rwlock_init(&s->lock, &kind);
    pthread_rwlockattr_destroy(&kind);
    if (!failed && (failed = pthread_mutex_init(&s->reload_lock, NULL)))
        pthread_rwlock_destroy(&s->lock);
    return failed ? status_fail(LB_E_NOMEM, "cannot make a lock") : LB_OK;
}

static lb_status open_all(job *j, const lb_service_options *o, lb_service *s) {
    const char *path;
    shop_writer_hooks hooks = {prepare, publish, discard, s};
    LB_TRY((s->directory = memory_string(o->directory)) ? LB_OK : LB_E_NOMEM);
    if (o->onnx_library)
        LB_TRY((s->onnx_library = memory_string(o->onnx_library)) ? LB_OK : LB_E_NOMEM);
    LB_TRY(shop_writer_open(o->directory, &hooks, &s->writer)); // says what is wrong with it
    LB_TRY(served_lock_directory(o->directory, &s->directory_lock));
    LB_TRY(served_backup_tidy(s));
    LB_TRY(study_new(&s->study));
    LB_TRY(model_versions_new(o->model, &s->versions));
    LB_TRY(model_versions_stage(s->versions, false, &path));
    LB_TRY(live_state_open(j, s, path, &s->state));
    return model_versions_commit(s->versions);
}

lb_status served_open(job *j, const lb_service_options *o, lb_service **out) {
    lb_service *s;
    LB_TRY(NEW_ARRAY(s, 1));
    s->directory_lock = -1;
    s->threads = job_threads(j);
    lb_status status = make_locks(s);
    if (status != LB_OK) {
        free(s);
        return status;
    }
    status = open_all(j, o, s);
    if (status == LB_OK)
        *out = s;
    else
        served_close(s);
    return status;
}

void served_close(lb_service *s) {
    if (!s) return;
    shop_writer_close(s->writer);
    served_release(s->state);
    touched_free(&s->log);
    model_versions_free(s->versions);
    study_free(s->study);
    if (s->directory_lock >= 0) close(s->directory_lock);
    pthread_mutex_destroy(&s->reload_lock);
    pthread_rwlock_destroy(&s->lock);
    free(s->directory);
    free(s->onnx_library);
    free(s);
}

/* ------------------------------------------------------------ asking */

typedef lb_status (*answerer)(const lb_recommender *r, const void *options,
                              const live_picture *picture, lb_items **out);

static lb_status recommend(const lb_recommender *r, const void *options,
                           const live_picture *picture, lb_items **out) {
    return live_recommend(r, options, picture, out);
}

static lb_status similar(const lb_recommender *r, const void *options, const live_picture *picture,
                         lb_items **out) {
    return live_similar(r, options, picture, out);
}

/* *stale: a reload came between looking at the picture and asking. */
static lb_status ask_with_picture(lb_service *s, answerer answer, const void *options,
                                  const void *image, size_t bytes, lb_items **out, bool *stale) {
    live_state *state = served_hold(s);
    live_picture picture = {0};
    lb_status status = live_picture_open(state->r, image, bytes, &picture);
    if (status == LB_OK) {
        pthread_rwlock_rdlock(&s->lock);
        *stale = s->state != state;
        if (!*stale) status = answer(state->r, options, &picture, out);
        pthread_rwlock_unlock(&s->lock);
        // the picture was understood: what cannot be answered is asked for besides
        if (status == LB_E_UNSUPPORTED) status = LB_E_ARGUMENT;
    }
    live_picture_close(&picture);
    served_release(state);
    return status;
}

static lb_status ask(lb_service *s, answerer answer, const void *options, const void *image,
                     size_t bytes, lb_items **out) {
    live_picture none = {0};
    lb_status status = LB_OK;
    bool stale = true;
    if (!image) {
        pthread_rwlock_rdlock(&s->lock);
        status = answer(s->state->r, options, &none, out);
        pthread_rwlock_unlock(&s->lock);
        return status;
    }
    while (stale && status == LB_OK) {
        stale = false;
        status = ask_with_picture(s, answer, options, image, bytes, out, &stale);
    }
    return status;
}

lb_status served_recommend(lb_service *s, const lb_recommend_options *o, lb_items **out) {
    return ask(s, recommend, o, o->image, o->image_bytes, out);
}

lb_status served_similar(lb_service *s, const lb_similar_options *o, lb_items **out) {
    return ask(s, similar, o, o->image, o->image_bytes, out);
}
