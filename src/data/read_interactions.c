/* Who bought what: delimited text, RecBole, and JSON lines in Amazon's layouts and a general one.
 */
#include <string.h>

#include "core/memory.h"
#include "data/read_columns.h"
#include "data/read_field.h"
#include "data/read_object.h"

/* ---------------------------------------------------------------- delimited */

enum { USER, ITEM, RATING, TIME, N_ROLES };

static const column_role roles[N_ROLES] = {
    [USER] = {{"user", "userid", "uid", "reviewerid", "reviewer", "customerid", "customer",
               "visitorid"},
              true},
    [ITEM] = {{"item", "itemid", "iid", "product", "productid", "parentasin", "asin", "movieid",
               "movie", "isbn", "sku", "bookid", "articleid", "businessid", "artistid"},
              true},
    [RATING] = {{"rating", "ratings", "overall", "score", "stars", "rate"}, false},
    [TIME] = {{"timestamp", "time", "unixreviewtime", "unixtime", "ts"}, false},
};

static lb_status take_fields(const table *t, const columns *c, bool milliseconds,
                             interaction_record *out) {
    field cells[N_ROLES] = {{NULL, 0}};
    if (t->n_fields != c->count)
        return status_fail(LB_E_FORMAT, "%zu columns found, %zu expected", t->n_fields, c->count);
    for (size_t i = 0; i < N_ROLES; i++)
        if (c->index[i] >= 0) {
            cells[i] = t->fields[c->index[i]];
            field_trim(&cells[i].text, &cells[i].length);
        }
    *out = (interaction_record){.rating = 1};
    LB_TRY(field_id("user", cells[USER].text, cells[USER].length, &out->user));
    LB_TRY(field_id("product", cells[ITEM].text, cells[ITEM].length, &out->product));
    out->has_rating = cells[RATING].text != NULL;
    if (out->has_rating)
        LB_TRY(field_finite("rating", cells[RATING].text, cells[RATING].length, &out->rating));
    out->has_time = cells[TIME].text != NULL;
    if (out->has_time)
        LB_TRY(field_time(cells[TIME].text, cells[TIME].length, milliseconds, &out->time));
    return LB_OK;
}

/* RecBole writes name:type in its header. */
static bool is_recbole_header(const table *t) {
    static const char *const types[] = {":token", ":token_seq", ":float", ":float_seq"};
    for (size_t i = 0; i < t->n_fields; i++) {
        const char *colon = strrchr(t->fields[i].text, ':');
        bool typed = false;
        for (size_t k = 0; colon && k < 4; k++) typed = typed || !strcmp(colon, types[k]);
        if (!typed) return false;
    }
    return t->n_fields > 0;
}

/* Settles format and columns from the first record. */
static lb_status begin_table(const table *t, const read_options *options, columns *c) {
    read_report *report = t->source->report;
    read_format stated = options->format;
    const char *order = "user,item,rating,timestamp";
    bool recbole = is_recbole_header(t);
    if (stated == READ_RECBOLE && !recbole)
        return source_fail(t->source, "a RecBole header is expected, such as "
                                      "user_id:token<TAB>item_id:token");
    if (stated == READ_AMAZON_2018) order = "item,user,rating,timestamp";
    report->format = stated ? stated : recbole ? READ_RECBOLE : READ_DELIMITED;
    return columns_resolve(t, roles, N_ROLES, options->columns, order, c);
}

static lb_status read_table(source *s, const read_options *options, interaction_sink sink,
                            void *context) {
    table t;
    columns c;
    interaction_record record;
    lb_status status = LB_OK;
    bool recbole = options->format == READ_RECBOLE;
    bool milliseconds = options->format == READ_AMAZON_2023;
    LB_TRY_CLEANUP(table_open(&t, s, options->separator || !recbole ? options->separator : "tab"));
    LB_TRY_CLEANUP(table_next(&t));
    if (!t.n_fields) goto cleanup;
    LB_TRY_CLEANUP(begin_table(&t, options, &c));
    if (c.header) LB_TRY_CLEANUP(table_next(&t));
    while (t.n_fields) {
        status = take_fields(&t, &c, milliseconds, &record);
        if (status != LB_OK) {
            source_locate(s, status);
            goto cleanup;
        }
        LB_TRY_CLEANUP(sink(context, &record));
        s->report->records++;
        LB_TRY_CLEANUP(table_next(&t));
    }
cleanup:
    table_close(&t);
    return status;
}

/* ---------------------------------------------------------------- JSON lines */

/* Names of the fields in one layout, best first, NULL-terminated. */
typedef struct layout {
    const char *names[N_ROLES][8];
    bool milliseconds;
} layout;

static const layout amazon_2014 = {{{"reviewerID"}, {"asin"}, {"overall"}, {"unixReviewTime"}},
                                   false}; // also 2018
static const layout amazon_2023 = {
    {{"user_id"}, {"parent_asin", "asin"}, {"rating"}, {"timestamp"}}, true};
static const layout yelp = {{{"user_id"}, {"business_id"}, {"stars"}, {"date"}}, false};
static const layout general = {
    {{"user", "user_id", "userId", "reviewerID", "customer_id"},
     {"product", "item", "product_id", "item_id", "itemId", "parent_asin", "asin"},
     {"rating", "overall", "stars", "score"},
     {"time", "timestamp", "unixReviewTime"}},
    false};

static const layout *layout_of(read_format format) {
    return format == READ_AMAZON_2014 || format == READ_AMAZON_2018 ? &amazon_2014
           : format == READ_AMAZON_2023                             ? &amazon_2023
           : format == READ_YELP                                    ? &yelp
                                                                    : &general;
}

/* Which layout the first record has. */
static read_format recognise_json(const value_tree *tree) {
    const value *v = tree->nodes;
    if (value_member(tree, v, "reviewerID") && value_member(tree, v, "asin"))
        return value_member(tree, v, "verified") ? READ_AMAZON_2018 : READ_AMAZON_2014;
    if (value_member(tree, v, "user_id") && value_member(tree, v, "parent_asin"))
        return READ_AMAZON_2023;
    if (value_member(tree, v, "user_id") && value_member(tree, v, "business_id")) return READ_YELP;
    return READ_JSON_LINES;
}

static bool is_named(const value *v, const char *name) {
    if (*v->key != *name || strcmp(v->key, name) != 0) return false; // nearly always the first
    return v->key_length == strlen(name);                            // a key may hold a NUL
}

/* Finds all roles' members in one pass over the object. */
static void find_members(const value_tree *tree, const layout *l, const value *out[N_ROLES]) {
    size_t rank[N_ROLES] = {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};
    memset(out, 0, N_ROLES * sizeof *out);
    for (const value *v = value_first(tree, tree->nodes); v; v = value_next(tree, tree->nodes, v)) {
        if (v->kind == VALUE_NULL) continue;
        for (size_t i = 0; i < N_ROLES; i++)
            for (size_t k = 0; k <= rank[i] && k < 8 && l->names[i][k]; k++)
                if (is_named(v, l->names[i][k])) {
                    out[i] = v; // of the same name the last counts
                    rank[i] = k;
                }
    }
}

static lb_status take_id(const char *what, const value *v, const char *name, char *buffer,
                         const char **out) {
    if (!v) return status_fail(LB_E_FORMAT, "the field \"%s\" (%s) is missing", name, what);
    return object_id(what, v, buffer, out);
}

/* A number, or a string that holds one. */
static lb_status check_numeric(const value *v) {
    if (v->kind == VALUE_NUMBER || v->kind == VALUE_STRING) return LB_OK;
    return status_fail(LB_E_FORMAT, "\"%.40s\" must be a number", v->key);
}

typedef struct json_reading {
    source *source;
    const read_options *options;
    interaction_sink sink;
    void *context;
    const layout *layout; // NULL before the first record
    interaction_record record;
    char user[READER_MAX_ID + 1], product[READER_MAX_ID + 1]; // ids written as numbers
} json_reading;

static lb_status take_json(void *reading, const value_tree *tree, value_dialect dialect) {
    (void)dialect;
    json_reading *r = reading;
    interaction_record *out = &r->record;
    const value *v[N_ROLES];
    if (!r->layout) {
        read_format stated = r->options->format;
        r->source->report->format = stated ? stated : recognise_json(tree);
        r->layout = layout_of(r->source->report->format);
    }
    const layout *l = r->layout;
    find_members(tree, l, v);
    *out = (interaction_record){.rating = 1};
    LB_TRY(take_id("user", v[USER], l->names[USER][0], r->user, &out->user));
    LB_TRY(take_id("product", v[ITEM], l->names[ITEM][0], r->product, &out->product));
    out->has_rating = v[RATING] != NULL;
    if (out->has_rating) {
        LB_TRY(check_numeric(v[RATING]));
        LB_TRY(field_finite("rating", v[RATING]->text, v[RATING]->length, &out->rating));
    }
    out->has_time = v[TIME] != NULL;
    if (out->has_time) {
        bool date = l == &yelp && v[TIME]->kind == VALUE_STRING;
        if (date) return field_date(v[TIME]->text, v[TIME]->length, &out->time);
        LB_TRY(check_numeric(v[TIME]));
        LB_TRY(field_time(v[TIME]->text, v[TIME]->length, l->milliseconds, &out->time));
    }
    return LB_OK;
}

static lb_status deliver_json(void *reading) {
    json_reading *r = reading;
    LB_TRY(r->sink(r->context, &r->record));
    r->source->report->records++;
    return LB_OK;
}

static lb_status read_json(source *s, const read_options *options, interaction_sink sink,
                           void *context) {
    static const object_reader reader = {"one JSON object a line is expected, such as "
                                         "{\"user\":\"u1\",\"product\":\"p1\"}",
                                         false, take_json, deliver_json};
    json_reading *r;
    LB_TRY(NEW_ARRAY(r, 1));
    r->source = s;
    r->options = options;
    r->sink = sink;
    r->context = context;
    lb_status status = object_read(s, &reader, r);
    free(r);
    return status;
}

/* ---------------------------------------------------------------- */

lb_status read_interactions(job *j, const char *path, const read_options *options,
                            interaction_sink sink, void *context, read_report *report) {
    static const read_options defaults = {READ_AUTO, NULL, NULL};
    source s;
    bool objects = false;
    read_report unused;
    if (!options) options = &defaults;
    LB_TRY(source_open(&s, j, path, "reading interactions", report ? report : &unused));
    lb_status status = source_holds_objects(&s, options->format, &objects);
    if (status == LB_OK)
        status = objects ? read_json(&s, options, sink, context)
                         : read_table(&s, options, sink, context);
    if (status == LB_OK) status = source_finish(&s, "interactions");
    source_close(&s);
    return status;
}
