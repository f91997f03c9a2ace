/*
 * Recommends products to a user, with the public interface of liblookbook.
 *
 *   cc recommend.c $(pkg-config --cflags --libs lookbook) -o recommend
 *   ./recommend MODEL DATASET USER
 */
#include <stdio.h>

#include <lookbook.h>

static int failed(const char *what) {
    fprintf(stderr, "%s: %s\n", what, lb_last_error());
    return 1;
}

int main(int argc, char **argv) {
    lb_recommender *recommender = NULL;
    lb_items *items = NULL;
    lb_recommend_options options;
    const lb_item *item;
    if (argc != 4) {
        fprintf(stderr, "Usage: recommend MODEL DATASET USER\n");
        return 2;
    }
    if (lb_recommender_open(argv[1], argv[2], NULL, &recommender) != LB_OK)
        return failed("cannot open the model");

    lb_recommend_options_init(&options);
    options.user = argv[3];
    options.exclude_seen = 1;
    options.n = 5;
    if (lb_recommend(recommender, &options, &items) != LB_OK) {
        lb_recommender_close(recommender);
        return failed("cannot recommend");
    }
    for (size_t i = 0; (item = lb_items_get(items, i)); i++)
        printf("%-12s %8.3f  %s\n", item->id, item->score, item->title ? item->title : "");
    lb_items_free(items);
    lb_recommender_close(recommender);
    return 0;
}
