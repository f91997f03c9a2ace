/*
 * A service: a dataset and a model in use, asked by any number of threads while both change. The
 * arguments of all functions were checked by the caller (src/api/service.c).
 *
 * What is served is a live_state. Readers hold `lock` for reading while they answer, which takes
 * about a millisecond; changes are computed beside (update.h), stored, and taken in under the lock
 * for a moment. A reload makes another state beside and exchanges the two. Who needs a state's
 * snapshot for longer (decoding a photo, say) holds it by a count and not by the lock.
 */
#ifndef LB_LIVE_SERVED_H
#define LB_LIVE_SERVED_H

#include "core/text.h"
#include "data/writer.h"
#include "live/study.h"
#include "live/update.h"
#include "live/versions.h"

/* Products on a plane, computed when it is first asked for. */
typedef struct live_map {
    uint32_t dim;
    bool look;          // the space of look, for want of one of taste
    float *mean, *axis; // (dim), (2, dim)
    double scale;       // coordinates times this are in -1..1
} live_map;

typedef struct live_state {
    lb_recommender *r;
    _Atomic unsigned holders;
    int64_t loaded_at;
    pthread_mutex_t map_lock;
    live_map *map; // NULL = not computed yet
} live_state;

struct lb_service {
    char *directory, *onnx_library;
    unsigned threads;   // that may work on one change
    int directory_lock; // descriptor; keeps other services and compact out
    model_versions *versions;
    shop_writer *writer;

    pthread_rwlock_t lock; // for reading: asking `state`; for writing: changing it
    live_state *state;

    pthread_mutex_t reload_lock; // one reload or rollback at a time
    /* used by the one thread that stores changes, or works alone (writer.h) */
    live_update *prepared;
    bool logging; // a reload is under way: rows that change are kept
    touched log;

    study *study; // pairs that are being looked at

    _Atomic uint64_t products_added, feedback, users_removed;
    _Atomic int64_t last_feedback_at; // 0 = none since the service was opened
};

/* ---- served.c: opening, asking */

lb_status served_open(job *j, const lb_service_options *o, lb_service **out);
void served_close(lb_service *s); // accepts NULL

lb_status served_recommend(lb_service *s, const lb_recommend_options *o, lb_items **out);
lb_status served_similar(lb_service *s, const lb_similar_options *o, lb_items **out);

/* The state in use, held: its snapshot may be read without the lock. */
live_state *served_hold(lb_service *s);
void served_release(live_state *state);

/* Opens a model file as a state, held once. */
lb_status live_state_open(job *j, const lb_service *s, const char *path, live_state **out);

/* LB_E_BUSY while another program holds it; give it up by closing the descriptor. */
lb_status served_lock_directory(const char *directory, int *fd);

int64_t served_now(void); // seconds since 1970

/* ---- served_product.c, served_feedback.c: what changes */

lb_status served_products_add(lb_service *s, const lb_product *products, size_t n, int replace);
lb_status served_product_change(lb_service *s, const lb_product *product);
lb_status served_product_remove(lb_service *s, const char *id);
lb_status served_feedback(lb_service *s, const lb_feedback *feedback, size_t n, const char *key,
                          int *repeated);
lb_status served_user_remove(lb_service *s, const char *id);

/* ---- served_list.c, served_map.c, served_photo.c, served_requests.c: what is there, as JSON or a
 * picture */

lb_status served_product(lb_service *s, const char *id, text *t);
lb_status served_products(lb_service *s, const lb_list_options *o, text *t);
lb_status served_categories(lb_service *s, text *t);
lb_status served_user(lb_service *s, const char *id, text *t);
lb_status served_users(lb_service *s, const lb_list_options *o, text *t);
lb_status served_state(lb_service *s, text *t);
lb_status served_requests(lb_service *s, const char *user, uint32_t n, text *t); // user may be NULL
lb_status served_map(lb_service *s, uint32_t n, const char *user, text *t);
void live_map_free(live_map *map); // accepts NULL

lb_status served_events(lb_service *s, const char *id, lb_feedback_kind kind, uint32_t first,
                        uint32_t n, text *t);

/* An image file in memory, of side 0 the photo as it is; free with free(). */
lb_status served_photo(lb_service *s, const char *id, uint32_t side, unsigned char **bytes,
                       size_t *size);

/* ---- served_study.c */

lb_status served_study_pair(lb_service *s, text *t);
lb_status served_study_vote(lb_service *s, const char *token, lb_vote vote, const char *reviewer);
lb_status served_study_results(lb_service *s, text *t);

/* ---- served_reload.c, served_backup.c and served_compact.c */

lb_status served_reload(job *j, lb_service *s);
lb_status served_rollback(job *j, lb_service *s);
lb_status served_backup(lb_service *s, text *t);

/* Removes what a kill has left of backups; no other may be under way. */
lb_status served_backup_tidy(const lb_service *s);

/* Whether a file in DIR/encoders has the name of a kept encoder: a digest and an ending. */
enum { SERVED_ENCODER_NAME = 80 };
bool served_is_encoder(const char *name);

/* Compacts a dataset that no service has open. */
lb_status served_compact(job *j, const char *directory, uint64_t *merged);

#endif
