/* The table `features` and the files it names, for what writes them. */
#ifndef LB_DATA_FEATURE_H
#define LB_DATA_FEATURE_H

#include "data/dataset_impl.h"
#include "data/feature_file.h"

/* One row of the table. */
typedef struct feature_record {
    char name[FEATURE_NAME_SIZE], encoder[FEATURE_ENCODER_SIZE], file[FEATURE_FILE_NAME_SIZE];
    uint32_t dim, n_rows;
    feature_type type;
    uint8_t *bits; // (n_rows + 7) / 8: which rows are there, lowest bit first
} feature_record;

/* Reads the entry of a feature; found = false if there is none. Free with feature_record_free. */
lb_status feature_record_load(const sql *db, const char *name, feature_record *out, bool *found);
lb_status feature_record_save(const sql *db, const feature_record *r);
void feature_record_free(feature_record *r); // accepts all zero

/* Whether a row has a vector. */
static inline bool feature_record_has(const feature_record *r, uint32_t row) {
    return row < r->n_rows && (r->bits[row / 8] >> row % 8 & 1);
}

/* Copies the rows of a file that `kept` has. LB_E_FORMAT names a row with a value that the writer's
 * type cannot hold. */
lb_status feature_copy_rows(const feature_file *from, const feature_record *kept,
                            feature_writer *w);

/* directory/features/file, allocated; NULL when memory runs out. */
char *feature_path(const char *directory, const char *file);

/* Opens the writer of r's next file and sets r->file. `old` is what the database holds, or NULL. */
lb_status feature_writer_begin(const char *directory, const feature_record *old, feature_record *r,
                               feature_writer **out);

/* Puts a finished file into its place and its entry into the open transaction. When its bytes are
 * those of the old file, that one is kept and r->file set to it. */
lb_status feature_commit(const char *directory, const sql *db, feature_record *r,
                         const feature_record *old, feature_writer *w);

/* Removes the file of `old` if a committed transaction has replaced it by `new`. */
void feature_remove_old(const char *directory, const feature_record *old,
                        const feature_record *new);

/* Drops what a service has added to a feature for rows below n_rows, in the open transaction. */
lb_status feature_drop_live(const sql *db, const char *name, uint32_t n_rows);

#endif
