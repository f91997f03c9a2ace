/* Tables of CLIP's tokenizer, made by tools/make_clip_tables. Ranges are ascending. */
#ifndef LB_TEXT_CLIP_TABLES_H
#define LB_TEXT_CLIP_TABLES_H

#include <stddef.h>
#include <stdint.h>

typedef struct clip_range {
    uint32_t first, last;
} clip_range;

typedef struct clip_lower_run {
    uint32_t first, last, step;
    int32_t delta;
} clip_lower_run;

extern const clip_range clip_letters[], clip_numbers[], clip_spaces[], clip_cased[], clip_ignored[];
extern const size_t clip_n_letters, clip_n_numbers, clip_n_spaces, clip_n_cased, clip_n_ignored;
extern const clip_lower_run clip_lower[];
extern const size_t clip_n_lower;
extern const char *const clip_entities[]; // lines of "AElig! C6;AMP! 26;..."
extern const size_t clip_n_entity_lines, clip_n_entities;

#endif
