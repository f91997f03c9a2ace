/* The table of pictures that could not be encoded. */
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "core/text.h"
#include "run/encode_parts.h"

/* A field of a CSV table (RFC 4180): in quotes where it must be. */
static void add_field(text *t, const char *value) {
    if (!strpbrk(value, ",\"\r\n")) {
        text_add(t, "%s", value);
        return;
    }
    text_add(t, "\"");
    for (const char *at = value; *at;) {
        size_t n = strcspn(at, "\"");
        text_add(t, "%.*s%s", (int)n, at, at[n] ? "\"\"" : "");
        at += n + (at[n] == '"');
    }
    text_add(t, "\"");
}

static void add_row(text *t, const encode_item *item, const char *outcome, const char *reason) {
    add_field(t, item->id);
    text_add(t, ",");
    add_field(t, item->path);
    text_add(t, ",%s,", outcome);
    add_field(t, reason);
    text_add(t, "\n");
}

lb_status encode_write_failures(const char *path, const encode_item *items,
                                const encode_report *report) {
    text t = {0};
    file_writer *w = NULL;
    lb_status status = LB_OK;
    text_add(&t, "product,path,outcome,reason\n");
    for (size_t i = 0; i < report->n; i++) {
        encode_outcome outcome = report->outcomes[i];
        const char *reason = report->reasons[i] ? report->reasons[i] : "one colour all over";
        if (outcome != ENCODE_OK) add_row(&t, &items[i], encode_outcome_name(outcome), reason);
    }
    LB_TRY_CLEANUP(t.status);
    LB_TRY_CLEANUP(file_writer_open(path, &w));
    status = file_writer_write(w, t.bytes, t.n);
    if (status == LB_OK)
        status = file_writer_commit(w);
    else
        file_writer_abort(w);
cleanup:
    free(t.bytes);
    return status;
}
