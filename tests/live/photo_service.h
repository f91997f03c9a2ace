/* For the tests of services: a shop and a model on it, of which each test has a copy. */
#ifndef LB_TESTS_PHOTO_SERVICE_H
#define LB_TESTS_PHOTO_SERVICE_H

#include "live/photo_shop.h"

static char folder[256];
static const char *model_path;

static inline void shell(const char *format, const char *a, const char *b) {
    char command[1200];
    snprintf(command, sizeof command, format, a, b);
    assert_int_equal(system(command), 0);
}

static inline int make_shop(void **state) {
    (void)state;
    static char path[512];
    snprintf(folder, sizeof folder, "%s", test_folder());
    const char *shop = photo_shop_make(folder, "shop");
    snprintf(path, sizeof path, "%s", in(folder, "vasg"));
    model_path = path;
    photo_shop_train(shop, "vasg", "look", model_path);
    return 0;
}

/* The service on the dataset NAME and the model NAME.model. */
static inline lb_service *open_again(const char *name) {
    lb_service *s;
    char file[64];
    snprintf(file, sizeof file, "%s.model", name);
    assert_ok(service_open(in(folder, name), in(folder, file), &s));
    return s;
}

/* The same on copies of the shop and of one of the models in the folder. */
static inline lb_service *open_copy(const char *name, const char *from) {
    char file[64];
    snprintf(file, sizeof file, "%s.model", name);
    shell("cp -r '%s' '%s'", in(folder, "shop"), in(folder, name));
    shell("cp '%s' '%s'", in(folder, from), in(folder, file));
    return open_again(name);
}

static inline lb_service *open_named(const char *name) {
    return open_copy(name, "vasg");
}

#endif
