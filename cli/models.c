#include "models.h"

#include <string.h>

const char cli_feature_help[] =
    "features to train on, as \"look,text\"; \"none\" for none; default: all of the dataset "
    "(models that take one take the first)";

const char *cli_feature_name(const char *given) {
    return given && strcmp(given, "none") == 0 ? "" : given;
}

int cli_model_exists(const char *name, size_t length) {
    const char *model;
    for (size_t i = 0; (model = lb_model_name(i)); i++)
        if (strlen(model) == length && strncmp(model, name, length) == 0) return 1;
    return 0;
}

int cli_unknown_model(const cli *c, const char *name, size_t length) {
    char list[512] = "";
    const char *model;
    size_t used = 0;
    for (size_t i = 0; (model = lb_model_name(i)) && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", model);
    return cli_usage(c, "there is no model \"%.*s\"; there are %s", (int)length, name, list);
}

/* The settings collected on the command line must be options of the model. */
static int check_settings(const cli *c, const char *model) {
    for (size_t i = 0; i < c->settings.n; i++) {
        const char *setting = c->settings.item[i];
        size_t length = strcspn(setting, "=");
        const lb_model_option *o;
        size_t k = 0;
        while ((o = lb_model_option_get(model, k)) &&
               (strlen(o->name) != length || strncmp(o->name, setting, length) != 0))
            k++;
        if (!o)
            return cli_usage(c, "unknown option --%.*s (the model %s has none of that name)",
                             (int)length, setting, model);
    }
    return CLI_DONE;
}

int cli_check_model(const cli *c, const char *name) {
    if (!cli_model_exists(name, strlen(name))) return cli_unknown_model(c, name, strlen(name));
    return check_settings(c, name);
}

int cli_list_join(cli *c, cli_list *list, char between, const char *piece) {
    const char *before = list->item[list->n - 1];
    size_t size = strlen(before) + strlen(piece) + 2;
    char *joined = cli_allocate(c, size);
    if (!joined) return 0;
    snprintf(joined, size, "%s%c%s", before, between, piece);
    list->item[list->n - 1] = joined;
    return 1;
}
