/* What the shop sells: Amazon's meta files, JSON lines in general, and delimited text. */
#include <math.h>
#include <string.h>

#include "core/memory.h"
#include "data/read_columns.h"
#include "data/read_field.h"
#include "data/read_object.h"

/* ---------------------------------------------------------------- text put together */

/* A growing string. */
typedef struct text {
    char *bytes;
    size_t length, capacity;
} text;

static lb_status text_add(text *t, const char *separator, const char *part, size_t length) {
    size_t gap = t->length ? strlen(separator) : 0, needed = t->length + gap + length + 1;
    if (needed > t->capacity) {
        char *bytes = memory_resize(t->bytes, needed * 2, 1);
        if (!bytes) return LB_E_NOMEM;
        t->bytes = bytes;
        t->capacity = needed * 2;
    }
    memcpy(t->bytes + t->length, separator, gap);
    t->length += gap;
    memcpy(t->bytes + t->length, part, length);
    t->length += length;
    t->bytes[t->length] = '\0';
    return LB_OK;
}

static const char *text_or_null(const text *t) {
    return t->length ? t->bytes : NULL;
}

/* "Animation|Comedy", MovieLens' way to write a list. */
static lb_status add_barred(text *t, const char *part, size_t length) {
    const char *end = part + length;
    while (part < end) {
        const char *bar = memchr(part, '|', (size_t)(end - part)), *stop = bar ? bar : end;
        if (stop > part) LB_TRY(text_add(t, " > ", part, (size_t)(stop - part)));
        part = bar ? bar + 1 : end;
    }
    return LB_OK;
}

/* ---------------------------------------------------------------- delimited */

enum { ID, TITLE, CATEGORY, BRAND, PRICE, DESCRIPTION, IMAGE, N_ROLES };

static const column_role roles[N_ROLES] = {
    [ID] = {{"id", "item", "itemid", "product", "productid", "parentasin", "asin", "movieid",
             "articleid", "sku"},
            true},
    [TITLE] = {{"title", "name", "movietitle", "producttitle", "productname"}, false},
    [CATEGORY] = {{"category", "categories", "genres", "genre", "class"}, false},
    [BRAND] = {{"brand", "store", "manufacturer"}, false},
    [PRICE] = {{"price"}, false},
    [DESCRIPTION] = {{"description", "plot", "text"}, false},
    [IMAGE] = {{"image", "imurl", "imageurl", "poster", "img"}, false},
};

/* The cleaned text of a role's column; NULL where there is none or it is empty. */
static const char *take_text(const table *t, const columns *c, int role) {
    if (c->index[role] < 0) return NULL;
    field f = t->fields[c->index[role]];
    field_clean(f.text, f.length);
    field_trim(&f.text, &f.length);
    f.text[f.length] = '\0';
    return f.length ? f.text : NULL;
}

static lb_status take_fields(const table *t, const columns *c, text *category,
                             product_record *out) {
    if (t->n_fields != c->count)
        return status_fail(LB_E_FORMAT, "%zu columns found, %zu expected", t->n_fields, c->count);
    field id = t->fields[c->index[ID]];
    memset(out, 0, sizeof *out);
    LB_TRY(field_id("product", id.text, id.length, &out->id));
    out->title = take_text(t, c, TITLE);
    out->brand = take_text(t, c, BRAND);
    out->description = take_text(t, c, DESCRIPTION);
    out->image = take_text(t, c, IMAGE);
    const char *path = take_text(t, c, CATEGORY), *price = take_text(t, c, PRICE);
    category->length = 0;
    if (path) LB_TRY(add_barred(category, path, strlen(path)));
    out->category = out->categories = text_or_null(category);
    out->has_price = price && field_price(price, strlen(price), &out->price);
    if (price && !out->has_price)
        return status_fail(LB_E_FORMAT, "the price \"%.40s\" is not an amount", price);
    return LB_OK;
}

static lb_status read_table(source *s, const read_options *options, product_sink sink,
                            void *context) {
    table t;
    columns c;
    text category = {NULL, 0, 0};
    product_record record;
    lb_status status = LB_OK;
    s->report->format = options->format ? options->format : READ_DELIMITED;
    LB_TRY_CLEANUP(table_open(&t, s, options->separator));
    LB_TRY_CLEANUP(table_next(&t));
    if (!t.n_fields) goto cleanup;
    LB_TRY_CLEANUP(columns_resolve(&t, roles, N_ROLES, options->columns, NULL, &c));
    if (c.header) LB_TRY_CLEANUP(table_next(&t));
    while (t.n_fields) {
        status = take_fields(&t, &c, &category, &record);
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
    free(category.bytes);
    return status;
}

/* ---------------------------------------------------------------- objects */

/* Names of the members in one layout, best first, NULL-terminated. */
typedef struct layout {
    const char *names[N_ROLES][8];
    const char *root; // a member that is the category path's first step
    bool strict;      // a price that is no amount is an error (Amazon's files hold scraps of pages)
} layout;

static const layout amazon_2014 = {
    {{"asin"}, {"title"}, {"categories"}, {"brand"}, {"price"}, {"description"}, {"imUrl"}},
    NULL,
    false};
static const layout amazon_2018 = {{{"asin"},
                                    {"title"},
                                    {"category", "categories"},
                                    {"brand"},
                                    {"price"},
                                    {"description"},
                                    {"imageURLHighRes", "imageURL", "image"}},
                                   NULL,
                                   false};
static const layout amazon_2023 = {{{"parent_asin", "asin"},
                                    {"title"},
                                    {"categories"},
                                    {"store"},
                                    {"price"},
                                    {"description"},
                                    {"images"}},
                                   "main_category",
                                   false};
static const layout yelp = {
    {{"business_id"}, {"name"}, {"categories"}, {NULL}, {NULL}, {NULL}, {NULL}}, NULL, false};
static const layout general = {{{"id", "product", "item", "product_id", "item_id", "asin"},
                                {"title", "name"},
                                {"category", "categories", "genres", "genre"},
                                {"brand", "store", "manufacturer"},
                                {"price"},
                                {"description", "plot"},
                                {"image", "imUrl", "image_url", "images", "poster"}},
                               NULL,
                               true};

static const layout *layout_of(read_format format) {
    return format == READ_AMAZON_2014   ? &amazon_2014
           : format == READ_AMAZON_2018 ? &amazon_2018
           : format == READ_AMAZON_2023 ? &amazon_2023
           : format == READ_YELP        ? &yelp
                                        : &general;
}

typedef struct object_reading {
    source *source;
    const read_options *options;
    product_sink sink;
    void *context;
    const value_tree *tree; // of the line at hand
    const layout *layout;   // NULL before the first record
    product_record record;
    text category, categories, description;
    char id[READER_MAX_ID + 1];
} object_reading;

/* The best member for a role; NULL if none is there. */
static const value *find(const object_reading *r, int role) {
    const value *found = NULL;
    for (size_t i = 0; !found && i < 8 && r->layout->names[role][i]; i++)
        found = value_member(r->tree, r->tree->nodes, r->layout->names[role][i]);
    return found;
}

/* Cleans and trims a string inside our own line; NULL if it is empty or no string. */
static const char *string_of(const value *v) {
    if (!v || v->kind != VALUE_STRING) return NULL;
    char *bytes = (char *)(uintptr_t)v->text;
    size_t length = v->length;
    field_clean(bytes, length);
    field_trim(&bytes, &length);
    bytes[length] = '\0';
    return length ? bytes : NULL;
}

/* Adds a string, or the strings of a list. Of a list of lists (the paths of Amazon 2014) only the
 * first. */
static lb_status add_strings(const value_tree *tree, const value *v, const char *separator,
                             text *out) {
    const char *string = string_of(v);
    if (string) return text_add(out, separator, string, strlen(string));
    if (!v || v->kind != VALUE_LIST) return LB_OK;
    for (const value *child = value_first(tree, v); child; child = value_next(tree, v, child)) {
        if (child->kind == VALUE_LIST) return add_strings(tree, child, separator, out);
        string = string_of(child);
        if (string) LB_TRY(text_add(out, separator, string, strlen(string)));
    }
    return LB_OK;
}

/* Every path of Amazon 2014's list of paths; otherwise there is one. */
static lb_status take_paths(object_reading *r, const char **out) {
    const value_tree *tree = r->tree;
    const value *v = find(r, CATEGORY),
                *path = v && v->kind == VALUE_LIST ? value_first(tree, v) : NULL;
    r->categories.length = 0;
    for (; path && path->kind == VALUE_LIST; path = value_next(tree, v, path)) {
        const char *separator = "\n";
        for (const value *c = value_first(tree, path); c; c = value_next(tree, path, c)) {
            const char *step = string_of(c);
            if (!step) continue;
            LB_TRY(text_add(&r->categories, separator, step, strlen(step)));
            separator = " > ";
        }
    }
    *out = r->categories.length ? r->categories.bytes : text_or_null(&r->category);
    return LB_OK;
}

/* Yelp's "Bars, Italian, Nightlife": kinds side by side, which become one path. */
static lb_status add_listed(text *t, const char *part) {
    while (*part) {
        size_t length = strcspn(part, ",");
        if (length) LB_TRY(text_add(t, " > ", part, length));
        part += length;
        part += strspn(part, ", ");
    }
    return LB_OK;
}

static lb_status take_category(object_reading *r, const char **out) {
    text *path = &r->category;
    const value *v = find(r, CATEGORY);
    const char *root = NULL, *string = string_of(v);
    path->length = 0;
    if (r->layout->root) root = string_of(value_member(r->tree, r->tree->nodes, r->layout->root));
    if (root) {
        const value *first = v && v->kind == VALUE_LIST ? value_first(r->tree, v) : NULL;
        const char *step = string_of(first);
        if (!step || strcmp(step, root) != 0) LB_TRY(text_add(path, "", root, strlen(root)));
    }
    if (string && r->layout == &yelp)
        LB_TRY(add_listed(path, string));
    else if (string)
        LB_TRY(add_barred(path, string, strlen(string)));
    else
        LB_TRY(add_strings(r->tree, v, " > ", path));
    *out = text_or_null(path);
    return LB_OK;
}

/* The first picture in a string, a list, or an object with the sizes "large", "hi_res", "thumb". */
static const char *image_of(const value_tree *tree, const value *v) {
    static const char *const sizes[] = {"large", "hi_res", "thumb"};
    const char *found = string_of(v);
    if (!v || found) return found;
    if (v->kind == VALUE_OBJECT)
        for (size_t i = 0; !found && i < 3; i++)
            found = image_of(tree, value_member(tree, v, sizes[i]));
    if (v->kind == VALUE_LIST)
        for (const value *c = value_first(tree, v); c && !found; c = value_next(tree, v, c))
            found = image_of(tree, c);
    return found;
}

static lb_status take_price(const object_reading *r, product_record *out) {
    const value *v = find(r, PRICE);
    bool number = v && v->kind == VALUE_NUMBER, string = v && v->kind == VALUE_STRING;
    if (number) out->has_price = field_number(v->text, v->length, &out->price) && out->price >= 0;
    if (string) out->has_price = field_price(v->text, v->length, &out->price);
    if (r->layout->strict && v && !out->has_price && !(string && !v->length))
        return status_fail(LB_E_FORMAT, "\"price\" is not an amount");
    return LB_OK;
}

static lb_status take_product_id(object_reading *r, const char **out) {
    const value *v = find(r, ID);
    if (!v)
        return status_fail(LB_E_FORMAT, "the field \"%s\" (product) is missing",
                           r->layout->names[ID][0]);
    return object_id("product", v, r->id, out);
}

static lb_status take_members(object_reading *r, product_record *out) {
    memset(out, 0, sizeof *out);
    LB_TRY(take_product_id(r, &out->id));
    out->title = string_of(find(r, TITLE));
    out->brand = string_of(find(r, BRAND));
    out->image = image_of(r->tree, find(r, IMAGE));
    LB_TRY(take_category(r, &out->category));
    LB_TRY(take_paths(r, &out->categories));
    r->description.length = 0;
    LB_TRY(add_strings(r->tree, find(r, DESCRIPTION), " ", &r->description));
    out->description = text_or_null(&r->description);
    return take_price(r, out);
}

static read_format recognise(const value_tree *tree, value_dialect dialect) {
    const value *v = tree->nodes;
    if (value_member(tree, v, "id") || value_member(tree, v, "product")) return READ_JSON_LINES;
    if (value_member(tree, v, "parent_asin")) return READ_AMAZON_2023;
    if (value_member(tree, v, "business_id")) return READ_YELP;
    if (!value_member(tree, v, "asin")) return READ_JSON_LINES;
    if (dialect == VALUE_PYTHON || value_member(tree, v, "imUrl")) return READ_AMAZON_2014;
    const value *paths = value_member(tree, v, "categories");
    const value *first = paths ? value_first(tree, paths) : NULL;
    return first && first->kind == VALUE_LIST ? READ_AMAZON_2014 : READ_AMAZON_2018;
}

static lb_status take_object(void *reading, const value_tree *tree, value_dialect dialect) {
    object_reading *r = reading;
    r->tree = tree;
    if (!r->layout) {
        read_format stated = r->options->format;
        r->source->report->format = stated ? stated : recognise(tree, dialect);
        r->layout = layout_of(r->source->report->format);
    }
    return take_members(r, &r->record);
}

static lb_status deliver_object(void *reading) {
    object_reading *r = reading;
    LB_TRY(r->sink(r->context, &r->record));
    r->source->report->records++;
    return LB_OK;
}

static lb_status read_objects(source *s, const read_options *options, product_sink sink,
                              void *context) {
    static const object_reader reader = {"one object a line is expected, such as "
                                         "{\"id\":\"p1\",\"title\":\"Scarf\"}",
                                         true, take_object, deliver_object};
    object_reading *r;
    LB_TRY(NEW_ARRAY(r, 1));
    r->source = s;
    r->options = options;
    r->sink = sink;
    r->context = context;
    lb_status status = object_read(s, &reader, r);
    free(r->category.bytes);
    free(r->categories.bytes);
    free(r->description.bytes);
    free(r);
    return status;
}

/* ---------------------------------------------------------------- */

lb_status read_products(job *j, const char *path, const read_options *options, product_sink sink,
                        void *context, read_report *report) {
    static const read_options defaults = {READ_AUTO, NULL, NULL};
    source s;
    bool objects = false;
    read_report unused;
    if (!options) options = &defaults;
    LB_TRY(source_open(&s, j, path, "reading products", report ? report : &unused));
    lb_status status = source_holds_objects(&s, options->format, &objects);
    if (status == LB_OK)
        status = objects ? read_objects(&s, options, sink, context)
                         : read_table(&s, options, sink, context);
    if (status == LB_OK) status = source_finish(&s, "products");
    source_close(&s);
    return status;
}
