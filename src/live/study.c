#include "live/study.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

lb_status study_new(study **out) {
    study *s;
    LB_TRY(NEW_ARRAY(s, 1));
    if (pthread_mutex_init(&s->lock, NULL)) {
        free(s);
        return status_fail(LB_E_NOMEM, "cannot make a lock");
    }
    *out = s;
    return LB_OK;
}

void study_free(study *s) {
    if (!s) return;
    for (size_t i = 0; i < STUDY_PAIRS; i++) free(s->pair[i].text);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

void study_put(study *s, const study_pair *pair) {
    pthread_mutex_lock(&s->lock);
    study_pair *place = &s->pair[s->next++ % STUDY_PAIRS];
    free(place->text);
    *place = *pair;
    pthread_mutex_unlock(&s->lock);
}

lb_status study_take(study *s, const char *token, study_pair *out) {
    bool found = false;
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < STUDY_PAIRS && !found; i++) {
        study_pair *p = &s->pair[i];
        found = *p->token && strcmp(p->token, token) == 0;
        if (!found) continue;
        *out = *p;
        *p = (study_pair){.text = NULL};
    }
    pthread_mutex_unlock(&s->lock);
    if (found) return LB_OK;
    return status_fail(LB_E_NOT_FOUND, "there is no such pair; it was voted on, or was shown too "
                                       "long ago");
}
