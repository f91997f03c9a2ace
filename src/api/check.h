/* Checks of arguments that several public calls share. */
#ifndef LB_API_CHECK_H
#define LB_API_CHECK_H

#include "core/status.h"

/* LB_E_ARGUMENT unless a dataset directory is given. */
lb_status api_check_directory(const char *directory);

/* The names of features to use: NULL, "" or a list "look,text" of valid names. */
lb_status api_check_feature(const char *feature);

/* A split; `all` = whether method may be NULL, for all interactions. */
lb_status api_check_split(const lb_split_options *split, int all);

/* A switch of an option struct: 0 or 1. */
lb_status api_check_switch(const char *name, int value);

/* A number within its range. */
lb_status api_check_range(const char *name, uint32_t value, uint32_t low, uint32_t high);

/* A list of n texts, none of them NULL; `name` is what one of them is. */
lb_status api_check_texts(const char *name, const char *const *texts, size_t n);

/* Limits of a price; NaN = none (recommend.c). */
lb_status api_check_price(double least, double most);

/* Options of a question (recommend.c). */
lb_status api_check_recommend(const lb_recommend_options *o);
lb_status api_check_person(const lb_recommend_options *o); // that there is anything to go by
lb_status api_check_similar(const lb_similar_options *o);

/* That a question has a handle, which is called `what`, options and a place for the answer. */
lb_status api_check_place(const void *handle, const char *what, const void *options,
                          const void *out);

#endif
