/*
 * Readers of every supported file: they stream records to a sink and know nothing of the dataset
 * they end up in. Layouts are recognised from the name and the first bytes, or stated. Plain and
 * gzip files are read alike. A damaged or wrongly laid out file is LB_E_FORMAT with file, line or
 * record number, what was expected and what to do; records delivered before the fault have reached
 * the sink, whose owner rolls back. Ids are UTF-8, 1 to 256 bytes, without control characters;
 * readers check that.
 */
#ifndef LB_DATA_READER_H
#define LB_DATA_READER_H

#include <stdbool.h>

#include "core/job.h"

enum { READER_MAX_ID = 256 };

typedef enum read_format {
    READ_AUTO = 0,
    READ_DELIMITED,   /* csv, tsv, "::"; columns by name or number */
    READ_RECBOLE,     /* RecBole atomic .inter: header user_id:token<TAB>item_id:token... */
    READ_AMAZON_2014, /* reviews json lines; meta as Python literals; ratings csv
                         user,item,rating,time */
    READ_AMAZON_2018, /* reviews strict json lines; ratings csv ITEM,user,rating,time */
    READ_AMAZON_2023, /* jsonl: user_id, parent_asin, rating, timestamp in ms; csv with that header
                       */
    READ_YELP,        /* business.json as products, review.json as interactions and reviews */
    READ_JSON_LINES,  /* one object a line: interactions {user,product,...} or products
                         {id,title,...} */
} read_format;

typedef struct read_options {
    read_format format;
    /* Tables only. The order of all columns, "user,item,-,rating" ("-" skips one), or where each
     * is, by a header's name or by number from 1: "user=reviewer,item=2". The columns are user,
     * item, rating, timestamp; for products id, title, category, brand, price, description, image.
     * NULL = a header with commonly used names (user_id, reviewerID, movieId, parent_asin, ...), or
     * user,item[,rating[,timestamp]] without a header. A header line is never read as data. */
    const char *columns;
    const char *separator; /* "tab", "comma", "::", or any string; NULL = recognised. A comma, ; or
                              | allows RFC 4180 quotes. */
} read_options;

/* What was seen; filled as far as reading got. */
typedef struct read_report {
    uint64_t records;         /* whole records delivered */
    uint64_t skipped;         /* blank lines and the like */
    uint64_t truncated_bytes; /* bytes of an incomplete last record (feature files only) */
    read_format format;       /* what it was read as */
} read_report;

/* Strings are valid during the sink call only, NUL-terminated, valid UTF-8. */
typedef struct interaction_record {
    const char *user, *product;
    double rating; /* 1 when the file has none */
    int64_t time;  /* seconds since 1970; 0 when the file has none */
    bool has_rating, has_time;
} interaction_record;

typedef lb_status (*interaction_sink)(void *context, const interaction_record *record);

/* In all readers: `job` may be NULL (no progress; else bytes of the file as it lies on disk),
 * `options` NULL for all defaults, `report` NULL if it is of no interest. A sink's failure stops
 * the reading and is returned as it is. LB_E_EMPTY for a file without records, LB_E_UNSUPPORTED for
 * zip, xz, zstd and bzip2, LB_E_ARGUMENT for wrong options. Ratings are finite; times are integers,
 * in milliseconds if above 1e11. */
lb_status read_interactions(job *j, const char *path, const read_options *options,
                            interaction_sink sink, void *context, read_report *report);

typedef struct product_record {
    const char *id;
    const char *title, *brand, *description,
        *image;           /* NULL when absent; image is a path or URL as given */
    const char *category; /* the path joined with " > ", such as "Clothing > Women > Dresses"; NULL
                             when absent */
    const char *categories; /* every path it is in, one a line; NULL when absent */
    double price;
    bool has_price;
} product_record;

typedef lb_status (*product_sink)(void *context, const product_record *record);

/* A table needs a header or `columns`. Of Amazon's layouts: the first category path (2023: with
 * main_category in front), the first amount in a price, the first picture. Lists of genres are
 * joined like a path. Texts are single lines: control characters become spaces. */
lb_status read_products(job *j, const char *path, const read_options *options, product_sink sink,
                        void *context, read_report *report);

/* A text about a product: a review by a user, or without one what the product's maker says. */
typedef struct review_record {
    const char *user; /* NULL = nobody's, such as a plot */
    const char *product, *text;
} review_record;

typedef lb_status (*review_sink)(void *context, const review_record *record);

/* What a file of reviews holds, as its first record says. */
typedef enum review_kind {
    REVIEWS_NONE,       /* a table, which has no texts, or nothing */
    REVIEWS_BY_USERS,   /* objects with a user each */
    REVIEWS_OF_PRODUCTS /* objects without: plots, descriptions */
} review_kind;

lb_status read_reviews_kind(const char *path, review_kind *kind);

/* JSON lines: Amazon's reviews of all years (summary or title, and text), Yelp's review.json, and
 * objects with user, product and text in general; without users, the plot, description or text of
 * a product, such as a catalogue has. Records without a text are counted as skipped. Texts are
 * single lines. */
lb_status read_reviews(job *j, const char *path, review_sink sink, void *context,
                       read_report *report);

/* Features: Amazon 2014 `image_features_*.b` (10-byte id + 4096 little-endian float32, repeated;
 * plain or gz), or a .npy file (float16, float32 or float64, C order, versions 1 to 3, shape (n,
 * dim)) with `ids_path` naming row k in line k. Every value must be finite and within float32: NaN
 * and infinity are LB_E_FORMAT naming record and column. A truncated tail of a .b file is not an
 * error: the whole records are delivered and report->truncated_bytes > 0. */
typedef lb_status (*feature_sink)(void *context, const char *id, const float *values, size_t dim);

lb_status read_features(job *j, const char *path, const char *ids_path, feature_sink sink,
                        void *context, read_report *report);

/* The name of a format for messages and `--format` ("csv", "amazon2014", ...); and back
 * (LB_E_ARGUMENT lists them). */
const char *read_format_name(read_format format);
lb_status read_format_parse(const char *name, read_format *out);

#endif
