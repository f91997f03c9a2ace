/* JSON lines that go out: GET /api/bulk/products and /api/bulk/feedback. A page at a time is read
 * while the client takes them, on a lane of its own. */
#ifndef LOOKBOOK_SERVER_BULK_OUT_H
#define LOOKBOOK_SERVER_BULK_OUT_H

#include "server/exchange.h"

void bulk_out_free(bulk_out *b); // accepts NULL
struct MHD_Response *bulk_out_response(bulk_out *b);

/* What a lane does for a stream whose reply has begun: reads the next page. */
void bulk_out_work(bulk_out *b);

bool answer_bulk_products(exchange *x);
bool answer_bulk_feedback(exchange *x);

#endif
