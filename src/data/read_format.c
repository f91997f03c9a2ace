#include <string.h>

#include "data/reader.h"

static const char *const names[] = {
    [READ_AUTO] = "auto",
    [READ_DELIMITED] = "csv",
    [READ_RECBOLE] = "recbole",
    [READ_AMAZON_2014] = "amazon2014",
    [READ_AMAZON_2018] = "amazon2018",
    [READ_AMAZON_2023] = "amazon2023",
    [READ_YELP] = "yelp",
    [READ_JSON_LINES] = "jsonl",
};

enum { N_NAMES = sizeof names / sizeof *names };

const char *read_format_name(read_format format) {
    return (unsigned)format < N_NAMES ? names[format] : "unknown";
}

lb_status read_format_parse(const char *name, read_format *out) {
    for (size_t i = 0; i < N_NAMES; i++)
        if (!strcmp(name, names[i])) {
            *out = (read_format)i;
            return LB_OK;
        }
    return status_fail(LB_E_ARGUMENT,
                       "format \"%s\" is not known: use csv, recbole, amazon2014, amazon2018, "
                       "amazon2023, yelp, jsonl, or auto to have it recognised",
                       name);
}
