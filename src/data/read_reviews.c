/* What people wrote about products, and plots: JSON lines of Amazon, Yelp and in general. */
#include <string.h>

#include "core/memory.h"
#include "data/read_field.h"
#include "data/read_source.h"
#include "data/read_value.h"

/* Names of the members, best first, NULL-terminated. One list serves all layouts: no two of them
 * use a name for different things, but for `title`, which is the review's in a file of reviews and
 * the product's in one of products. */
static const char *const user_names[] = {"user",       "user_id",     "userId",
                                         "reviewerID", "customer_id", NULL};
static const char *const product_names[] = {"product", "item",        "product_id",  "item_id",
                                            "itemId",  "business_id", "parent_asin", "asin",
                                            "movieId", "id",          NULL};
static const char *const head_names[] = {"summary", "title", NULL};
static const char *const body_names[] = {"reviewText", "text",        "review",
                                         "plot",       "description", NULL};

typedef struct reading {
    value_tree tree;
    review_kind kind;
    char *text; // (capacity)
    size_t length, capacity;
    char user[READER_MAX_ID + 1], product[READER_MAX_ID + 1]; // ids written as numbers
} reading;

static const value *find(const reading *r, const char *const *names) {
    const value *found = NULL;
    for (; !found && *names; names++) found = value_member(&r->tree, r->tree.nodes, *names);
    return found;
}

static lb_status take_id(const char *what, const value *v, const char *names, char *buffer,
                         const char **out) {
    if (!v) return status_fail(LB_E_FORMAT, "no field names the %s (%s)", what, names);
    if (v->kind == VALUE_NUMBER) return field_number_id(what, v->text, v->length, buffer, out);
    if (v->kind != VALUE_STRING)
        return status_fail(LB_E_FORMAT, "\"%.40s\" must be a string or an integer", v->key);
    return field_id(what, (char *)(uintptr_t)v->text, v->length, out); // inside our own line
}

/* ---- the text */

static lb_status add_text(reading *r, const char *bytes, size_t length) {
    size_t needed = r->length + length + 2;
    if (needed > r->capacity) {
        char *text = memory_resize(r->text, needed * 2, 1);
        if (!text) return LB_E_NOMEM;
        r->text = text;
        r->capacity = needed * 2;
    }
    memcpy(r->text + r->length, bytes, length);
    r->length += length;
    r->text[r->length] = '\0';
    return LB_OK;
}

/* A string, or the strings of a list, without control characters; what follows something is parted
 * from it by a space, and by a point if that lacks one. */
static lb_status add_strings(reading *r, const value *v) {
    if (!v) return LB_OK;
    for (const value *c = v->kind == VALUE_LIST ? value_first(&r->tree, v) : NULL; c;
         c = value_next(&r->tree, v, c))
        if (c->kind == VALUE_STRING) LB_TRY(add_strings(r, c));
    if (v->kind != VALUE_STRING) return LB_OK;
    char *bytes = (char *)(uintptr_t)v->text;
    size_t length = v->length;
    field_clean(bytes, length);
    field_trim(&bytes, &length);
    if (!length) return LB_OK;
    if (r->length) {
        bool ended = strchr(".!?:;,", r->text[r->length - 1]) != NULL;
        LB_TRY(add_text(r, ended ? " " : ". ", ended ? 1 : 2));
    }
    return add_text(r, bytes, length);
}

static lb_status take_object(reading *r, review_record *out) {
    const value *user = find(r, user_names);
    *out = (review_record){.text = NULL};
    if (r->kind == REVIEWS_BY_USERS)
        LB_TRY(take_id("user", user, "user, user_id, reviewerID", r->user, &out->user));
    LB_TRY(take_id("product", find(r, product_names), "product, asin, parent_asin, business_id, id",
                   r->product, &out->product));
    r->length = 0;
    if (r->kind == REVIEWS_BY_USERS) LB_TRY(add_strings(r, find(r, head_names)));
    LB_TRY(add_strings(r, find(r, body_names)));
    if (r->length) out->text = r->text;
    return LB_OK;
}

/* ---- lines */

/* Of the first record; the others must be of the same kind. */
static lb_status parse_line(reading *r, char *line, size_t length) {
    LB_TRY(value_parse(&r->tree, line, length, VALUE_JSON));
    if (r->tree.nodes->kind != VALUE_OBJECT)
        return status_fail(LB_E_FORMAT, "one JSON object a line is expected, such as "
                                        "{\"user\":\"u1\",\"product\":\"p1\",\"text\":\"Warm\"}");
    if (r->kind == REVIEWS_NONE)
        r->kind = find(r, user_names) ? REVIEWS_BY_USERS : REVIEWS_OF_PRODUCTS;
    return LB_OK;
}

static lb_status read_lines(source *s, review_sink sink, void *context) {
    reading *r;
    review_record record;
    char *line;
    size_t length;
    lb_status status = LB_OK;
    LB_TRY(NEW_ARRAY(r, 1));
    for (;;) {
        LB_TRY_CLEANUP(source_line(s, &line, &length));
        if (!line) break;
        status = parse_line(r, line, length);
        if (status == LB_OK) status = take_object(r, &record);
        if (status != LB_OK) {
            source_locate(s, status);
            goto cleanup;
        }
        s->report->skipped += !record.text;
        if (!record.text) continue;
        LB_TRY_CLEANUP(sink(context, &record));
        s->report->records++;
    }
cleanup:
    value_tree_free(&r->tree);
    free(r->text);
    free(r);
    return status;
}

static lb_status look_at_first(source *s, review_kind *kind) {
    reading *r;
    char *line;
    size_t length;
    LB_TRY(NEW_ARRAY(r, 1));
    lb_status status = source_line(s, &line, &length);
    if (status == LB_OK && line) {
        status = parse_line(r, line, length);
        if (status != LB_OK) source_locate(s, status);
    }
    *kind = r->kind;
    value_tree_free(&r->tree);
    free(r);
    return status;
}

lb_status read_reviews_kind(const char *path, review_kind *kind) {
    source s;
    read_report report;
    bool objects = false;
    *kind = REVIEWS_NONE;
    LB_TRY(source_open(&s, NULL, path, "reading reviews", &report));
    lb_status status = source_holds_objects(&s, READ_AUTO, &objects);
    if (status == LB_OK && objects) status = look_at_first(&s, kind);
    source_close(&s);
    return status;
}

lb_status read_reviews(job *j, const char *path, review_sink sink, void *context,
                       read_report *report) {
    source s;
    read_report unused;
    LB_TRY(source_open(&s, j, path, "reading reviews", report ? report : &unused));
    s.report->format = READ_JSON_LINES;
    lb_status status = read_lines(&s, sink, context);
    if (status == LB_OK) status = source_finish(&s, "texts of reviews");
    source_close(&s);
    return status;
}
