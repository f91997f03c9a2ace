#include "items.h"

#include <math.h>
#include <string.h>

#include "cli.h"

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* A product in a sentence: its title where there is one. */
static void print_product(const char *id, const char *title) {
    cli_print_text(stdout, title ? title : id, 40, 0);
}

/* How a person is told why: the library's reason, in words. */
static void print_reason(const lb_item *item, const char *verb) {
    int taste = item->reason == LB_REASON_TASTE || item->reason == LB_REASON_BOTH ||
                item->reason == LB_REASON_WORDS;
    if (item->words) {
        fputs("\"", stdout);
        cli_print_text(stdout, item->words, 60, 0);
        fputs(item->because || item->looks_like ? "\"; " : "\"", stdout);
    }
    if (!item->because && !item->looks_like) {
        fputs(item->reason == LB_REASON_POPULAR ? "bought by many" : "", stdout);
        return;
    }
    if (taste && item->because) {
        fputs("close to ", stdout);
        print_product(item->because, item->because_title);
        if (verb) printf(", which you %s", verb);
        if (!item->looks_like || item->reason == LB_REASON_TASTE) return;
        if (strcmp(item->because, item->looks_like) == 0) {
            fputs(verb ? ", and looks like it" : ", looks like it", stdout);
            return;
        }
        fputs("; looks like ", stdout);
        print_product(item->looks_like, item->looks_like_title);
        return;
    }
    fputs("looks like ", stdout);
    if (item->looks_like)
        print_product(item->looks_like, item->looks_like_title);
    else
        print_product(item->because, item->because_title);
    if (verb) printf(", which you %s", verb);
}

/* Widths of the columns "title" and "id", as wide as their longest entry up to a limit. */
static void measure(const lb_items *items, size_t *title, size_t *id) {
    const lb_item *item;
    *title = 0;
    *id = 2;
    for (size_t i = 0; (item = lb_items_get(items, i)); i++) {
        size_t t = item->title ? strlen(item->title) : 0, n = strlen(item->id);
        if (t > *title) *title = t;
        if (n > *id) *id = n;
    }
    *title = smaller(*title, 48);
    *id = smaller(*id, 24);
}

void cli_items_print(const lb_items *items, const char *verb) {
    const lb_item *item;
    size_t title, id;
    if (!lb_items_count(items)) return;
    measure(items, &title, &id);
    printf("%4s  ", "rank");
    if (title) {
        cli_print_text(stdout, "title", title < 5 ? title = 5 : title, 1);
        fputs("  ", stdout);
    }
    cli_print_text(stdout, "id", id, 1);
    printf("  %8s       %s\n", "score", "why");
    for (size_t i = 0; (item = lb_items_get(items, i)); i++) {
        printf("%4zu  ", i + 1);
        if (title) {
            cli_print_text(stdout, item->title ? item->title : "-", title, 1);
            fputs("  ", stdout);
        }
        cli_print_text(stdout, item->id, id, 1);
        printf("  %8.3f  %-3s  ", item->score, item->is_new ? "new" : "");
        print_reason(item, verb);
        putchar('\n');
    }
}
