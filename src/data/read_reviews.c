/* What people wrote about products, and plots: JSON lines of Amazon, Yelp and in general. */
#include <string.h>

#include "core/memory.h"
#include "data/read_field.h"
#include "data/read_object.h"

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
    source *source;
    review_sink sink;
    void *context;
    const value_tree *tree; // of the line at hand
    review_kind kind;       // of the first record; the others must be of the same
    review_record record;
    char *text; // (capacity)
    size_t length, capacity;
    char user[READER_MAX_ID + 1], product[READER_MAX_ID + 1]; // ids written as numbers
} reading;

static const value *find(const reading *r, const char *const *names) {
    const value *found = NULL;
    for (; !found && *names; names++) found = value_member(r->tree, r->tree->nodes, *names);
    return found;
}

static lb_status take_id(const char *what, const value *v, const char *names, char *buffer,
                         const char **out) {
    if (!v) return status_fail(LB_E_FORMAT, "no field names the %s (%s)", what, names);
    return object_id(what, v, buffer, out);
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
    for (const value *c = v->kind == VALUE_LIST ? value_first(r->tree, v) : NULL; c;
         c = value_next(r->tree, v, c))
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

static lb_status take_members(reading *r, review_record *out) {
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

static void take_kind(reading *r, const value_tree *tree) {
    r->tree = tree;
    if (r->kind == REVIEWS_NONE)
        r->kind = find(r, user_names) ? REVIEWS_BY_USERS : REVIEWS_OF_PRODUCTS;
}

static lb_status take_object(void *context, const value_tree *tree, value_dialect dialect) {
    (void)dialect;
    reading *r = context;
    take_kind(r, tree);
    return take_members(r, &r->record);
}

static lb_status deliver(void *context) {
    reading *r = context;
    read_report *report = r->source->report;
    report->skipped += !r->record.text;
    if (!r->record.text) return LB_OK;
    LB_TRY(r->sink(r->context, &r->record));
    report->records++;
    return LB_OK;
}

static const object_reader reader = {"one JSON object a line is expected, such as "
                                     "{\"user\":\"u1\",\"product\":\"p1\",\"text\":\"Warm\"}",
                                     false, take_object, deliver};

static lb_status read_lines(source *s, review_sink sink, void *context) {
    reading *r;
    LB_TRY(NEW_ARRAY(r, 1));
    r->source = s;
    r->sink = sink;
    r->context = context;
    lb_status status = object_read(s, &reader, r);
    free(r->text);
    free(r);
    return status;
}

static lb_status look_at_first(source *s, review_kind *kind) {
    reading r = {.source = s};
    value_tree tree = {NULL, 0, 0};
    char *line;
    size_t length;
    lb_status status = source_line(s, &line, &length);
    if (status == LB_OK && line) {
        status = object_parse(&reader, line, length, VALUE_JSON, &tree);
        if (status == LB_OK)
            take_kind(&r, &tree);
        else
            source_locate(s, status);
    }
    *kind = r.kind;
    value_tree_free(&tree);
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
