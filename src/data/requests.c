#include "data/requests.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "core/memory.h"
#include "core/random.h"
#include "data/requests_impl.h"

static const struct {
    const char *name, *needs;
} levels[REQUEST_LEVELS] = {
    [REQUEST_CATEGORY] = {"category", "import the products' categories (--products FILE)"},
    [REQUEST_TITLE] = {"title", "import the products' titles (--products FILE)"},
    [REQUEST_OTHER_REVIEW] = {"other-review", "import reviews (--reviews FILE)"},
    [REQUEST_OWN_REVIEW] = {"own-review", "import reviews (--reviews FILE)"},
    [REQUEST_PLOT] = {"plot",
                      "import plots (--reviews FILE) or the products' descriptions (--products "
                      "FILE)"},
    [REQUEST_REQUEST] = {"request", "import what people asked for (--requests FILE)"},
};

const char *request_level_name(request_level level) {
    return (unsigned)level < REQUEST_LEVELS ? levels[level].name : "unknown";
}

const char *request_level_needs(request_level level) {
    return (unsigned)level < REQUEST_LEVELS ? levels[level].needs : "";
}

lb_status request_level_parse(const char *name, request_level *out) {
    for (int i = 0; i < REQUEST_LEVELS; i++)
        if (strcmp(levels[i].name, name) == 0) {
            *out = (request_level)i;
            return LB_OK;
        }
    return status_fail(LB_E_ARGUMENT,
                       "level \"%s\" is not known: use category, title, other-review, own-review, "
                       "plot or request",
                       name);
}

lb_status request_draw_add(request_draw *r, pair of, const char *text) {
    uint32_t row;
    if (!text || !*text) return LB_OK;
    LB_TRY(idmap_add(r->texts, text, &row, NULL));
    r->request[r->n++] = (request){of.user, of.product, r->texts->id[row]};
    return LB_OK;
}

uint64_t request_pair_key(const request_draw *r, pair of) {
    uint64_t key = r->seed ^ idmap_hash(r->dataset->users.id[of.user]);
    key = random_splitmix(&key) ^ idmap_hash(r->dataset->products.id[of.product]);
    return random_splitmix(&key);
}

/* ---- levels that are one text of the product */

/* The first path, its steps as words. `out` may be `paths` itself. */
static void write_category(char *paths) {
    paths[strcspn(paths, "\n")] = '\0';
    char *to = paths;
    for (const char *from = paths; *from;) {
        if (strncmp(from, " > ", 3) == 0) from += 2;
        *to++ = *from++;
    }
    *to = '\0';
}

static bool is_word_byte(char c) {
    return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Takes every occurrence of the brand, as whole words and in any case of ASCII letters, out of the
 * title, and the spaces that are then too many. */
static void write_title(char *title, const char *brand) {
    size_t length = brand ? strlen(brand) : 0;
    char *to = title;
    for (const char *from = title; *from;) {
        bool begins = to == title || !is_word_byte(to[-1]);
        if (length && begins && strncasecmp(from, brand, length) == 0 &&
            !is_word_byte(from[length]))
            from += length;
        else if (*from == ' ' && (to == title || to[-1] == ' '))
            from++;
        else
            *to++ = *from++;
    }
    while (to > title && to[-1] == ' ') to--;
    *to = '\0';
}

enum { BLOCK = 4096 };

/* Texts of all products, kept in `texts`; text[p] NULL where there is none. */
static lb_status load_texts(const request_draw *r, const char **text) {
    product_info *info;
    uint32_t n_products = r->split->n_products, row;
    LB_TRY(NEW_ARRAY(info, BLOCK));
    lb_status status = LB_OK;
    for (uint32_t first = 0, n; first < n_products && status == LB_OK; first += n) {
        n = n_products - first < BLOCK ? n_products - first : BLOCK;
        LB_TRY_CLEANUP(dataset_product_infos(r->dataset, first, n, info));
        for (uint32_t i = 0; i < n; i++) {
            char *is = r->level == REQUEST_TITLE ? info[i].title : info[i].category;
            if (is && r->level == REQUEST_TITLE) write_title(is, info[i].brand);
            if (is && r->level == REQUEST_CATEGORY) write_category(is);
            if (status == LB_OK && is && *is) {
                status = idmap_add(r->texts, is, &row, NULL);
                if (status == LB_OK) text[first + i] = r->texts->id[row];
            }
            product_info_free(&info[i]);
        }
    }
cleanup:
    free(info);
    return status;
}

static lb_status draw_products(request_draw *r) {
    const char **text;
    LB_TRY(NEW_ARRAY(text, r->split->n_products));
    lb_status status = load_texts(r, text);
    for (size_t k = 0; k < r->n_pairs && status == LB_OK; k++)
        status = request_draw_add(r, r->pairs[k], text[r->pairs[k].product]);
    free(text);
    return status;
}

/* ---- */

/* The pairs of a part; `made` is what to free, if anything. */
static lb_status pairs_of(const split *s, split_part part, pair **made, const pair **pairs,
                          size_t *n) {
    *pairs = part == PART_TEST ? s->test : s->valid;
    *n = part == PART_TEST ? s->n_test : s->n_valid;
    if (part != PART_TRAIN) return LB_OK;
    LB_TRY(NEW_ARRAY(*made, s->n_train));
    for (uint32_t u = 0; u < s->n_users; u++)
        for (uint32_t k = s->user_start[u]; k < s->user_start[u + 1]; k++)
            (*made)[k] = (pair){u, s->product[k]};
    *pairs = *made;
    *n = s->n_train;
    return LB_OK;
}

static lb_status draw(request_draw *r) {
    switch (r->level) {
    case REQUEST_PLOT: return requests_draw_plots(r);
    case REQUEST_OTHER_REVIEW:
    case REQUEST_OWN_REVIEW:
    case REQUEST_REQUEST: return requests_draw_reviews(r);
    default: return draw_products(r);
    }
}

lb_status requests_load(const dataset *d, const split *s, request_level level, split_part part,
                        uint64_t seed, request_set *out) {
    request_draw r = {d, s, level, part, seed, NULL, 0, NULL, NULL, 0};
    pair *made = NULL;
    lb_status status = LB_OK;
    if ((unsigned)level >= REQUEST_LEVELS || (unsigned)part > PART_TEST)
        return status_fail(LB_E_ARGUMENT, "requests of level %d, part %d: there are none",
                           (int)level, (int)part);
    LB_TRY_CLEANUP(pairs_of(s, part, &made, &r.pairs, &r.n_pairs));
    LB_TRY_CLEANUP(NEW_ARRAY(r.texts, 1));
    LB_TRY_CLEANUP(NEW_ARRAY(r.request, r.n_pairs));
    LB_TRY_CLEANUP(draw(&r));
    *out = (request_set){r.n, r.request, r.texts};
    r.request = NULL;
    r.texts = NULL;
cleanup:
    if (r.texts) idmap_free(r.texts);
    free(r.texts);
    free(r.request);
    free(made);
    return status;
}

void requests_free(request_set *r) {
    if (r->impl) idmap_free(r->impl);
    free(r->impl);
    free(r->request);
    *r = (request_set){0};
}
