/* What the files of the task "requests" share. */
#ifndef LB_RUN_COMPARE_REQUESTS_H
#define LB_RUN_COMPARE_REQUESTS_H

#include "run/answer.h"
#include "run/compare.h"

/* What is taken from a test to see what it was worth: another test's user, or request. */
typedef enum request_control { CONTROL_NONE, CONTROL_USERS, CONTROL_REQUESTS } request_control;

/* "shuffled-users", "shuffled-requests"; NULL is none. LB_E_ARGUMENT. */
lb_status request_control_parse(const char *name, request_control *out);

/* The requests of the run at hand. */
struct compare_requests {
    request_level level;
    request_control control;
    answer_texts texts;
    bool texts_loaded;
    request_set train, valid, test; // train: where a model takes text
    pair *tests;                    // (test.n)
    ask *asks;                      // (test.n) after the control
    size_t n_without;               // test pairs without a request
    // the model trained last, for the next row that needs the same
    model *last;
    char *last_settings; // class and settings, one a line
    uint32_t last_run;
    double last_seconds;
};

extern const unsigned compare_requests_cutoffs[];
enum { COMPARE_REQUESTS_CUTOFFS = 5 };

/* The JSON and the table, compare_requests_show.c. */
void compare_requests_json_head(text *t, const compare_whole *c);
lb_status compare_requests_json_row(text *t, const compare_whole *c, const compare_row *r);
void compare_requests_table_tests(text *t, const compare_whole *c);
void compare_requests_table_head(text *t, const compare_whole *c, int width);
lb_status compare_requests_table_cells(text *t, const compare_whole *c, const compare_row *r);
void compare_requests_table_foot(text *t, const compare_whole *c);

#endif
