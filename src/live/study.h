/*
 * A blind study of relevance: a reviewer sees two lists for what a shopper asked for, side by side,
 * one for this shopper and one for nobody in particular, and says which is better. Which list is on
 * which side is drawn anew for each pair, and kept here until the vote.
 */
#ifndef LB_LIVE_STUDY_H
#define LB_LIVE_STUDY_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "core/status.h"

enum { STUDY_PAIRS = 256, STUDY_SHOWN = 6, STUDY_TOKEN = 17 };

/* A pair that waits for its vote. */
typedef struct study_pair {
    char token[STUDY_TOKEN]; // "" = none
    uint32_t user;           // row
    char *text;
    bool personal_left;
} study_pair;

/* The last so many pairs that were shown. */
typedef struct study {
    pthread_mutex_t lock;
    size_t next;
    study_pair pair[STUDY_PAIRS];
} study;

lb_status study_new(study **out);
void study_free(study *s); // accepts NULL

/* Keeps a pair; its text is the study's then. */
void study_put(study *s, const study_pair *pair);

/* Takes a pair out; LB_E_NOT_FOUND if it is not there (any more). */
lb_status study_take(study *s, const char *token, study_pair *out);

#endif
