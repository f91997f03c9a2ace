/* Everything the server answers. The description in openapi.json has the same rows, which a test
 * checks. */
#include "server/answers.h"
#include "server/bulk_in.h"
#include "server/bulk_out.h"

const route routes[] = {
    {"GET", "/api/recommend/{user}", RIGHT_READ, LANE_ANSWER, BODY_NONE, answer_recommend_user},
    {"GET", "/api/recommend", RIGHT_READ, LANE_ANSWER, BODY_NONE, answer_recommend_user},
    {"POST", "/api/recommend", RIGHT_READ, LANE_ANSWER, BODY_FORM, answer_recommend},
    {"GET", "/api/similar/{product}", RIGHT_READ, LANE_ANSWER, BODY_NONE, answer_similar},

    {"GET", "/api/products", RIGHT_READ, LANE_ANSWER, BODY_NONE, answer_products},
    {"POST", "/api/products", RIGHT_WRITE, LANE_WRITE, BODY_FORM, answer_product_add},
    {"GET", "/api/products/{id}", RIGHT_READ, LANE_ANSWER, BODY_NONE, answer_product},
    {"PATCH", "/api/products/{id}", RIGHT_WRITE, LANE_WRITE, BODY_FORM, answer_product_change},
    {"DELETE", "/api/products/{id}", RIGHT_WRITE, LANE_WRITE, BODY_NONE, answer_product_remove},
    {"GET", "/api/products/{id}/photo", RIGHT_READ, LANE_PHOTO, BODY_NONE, answer_photo},
    {"GET", "/api/categories", RIGHT_READ, LANE_ANSWER, BODY_NONE, answer_categories},

    {"POST", "/api/feedback", RIGHT_WRITE, LANE_WRITE, BODY_JSON, answer_feedback},
    {"GET", "/api/requests", RIGHT_READ, LANE_ANSWER, BODY_NONE, answer_requests},
    {"GET", "/api/users", RIGHT_READ, LANE_ANSWER, BODY_NONE, answer_users},
    {"GET", "/api/users/{id}", RIGHT_READ, LANE_ANSWER, BODY_NONE, answer_user},
    {"DELETE", "/api/users/{id}", RIGHT_WRITE, LANE_WRITE, BODY_NONE, answer_user_remove},

    {"GET", "/api/bulk/products", RIGHT_ADMIN, LANE_SLOW, BODY_NONE, answer_bulk_products},
    {"POST", "/api/bulk/products", RIGHT_ADMIN, LANE_SLOW, BODY_LINES, answer_bulk_report},
    {"GET", "/api/bulk/feedback", RIGHT_ADMIN, LANE_SLOW, BODY_NONE, answer_bulk_feedback},
    {"POST", "/api/bulk/feedback", RIGHT_ADMIN, LANE_SLOW, BODY_LINES, answer_bulk_report},

    {"GET", "/api/study", RIGHT_READ, LANE_ANSWER, BODY_NONE, answer_study_pair},
    {"POST", "/api/study", RIGHT_WRITE, LANE_WRITE, BODY_JSON, answer_study_vote},
    {"GET", "/api/study/results", RIGHT_READ, LANE_ANSWER, BODY_NONE, answer_study_results},

    {"GET", "/api/map", RIGHT_READ, LANE_SLOW, BODY_NONE, answer_map},
    {"GET", "/api/state", RIGHT_READ, LANE_ANSWER, BODY_NONE, answer_state},
    {"GET", "/api/health/live", RIGHT_NONE, LANE_HERE, BODY_NONE, answer_live},
    {"GET", "/api/health/ready", RIGHT_NONE, LANE_HERE, BODY_NONE, answer_ready},
    {"GET", "/metrics", RIGHT_READ, LANE_ANSWER, BODY_NONE, answer_metrics},

    {"POST", "/api/admin/backup", RIGHT_ADMIN, LANE_SLOW, BODY_NONE, answer_backup},
    {"POST", "/api/admin/reload", RIGHT_ADMIN, LANE_SLOW, BODY_NONE, answer_reload},
    {"POST", "/api/admin/rollback", RIGHT_ADMIN, LANE_SLOW, BODY_NONE, answer_rollback},

    {"GET", "/api/openapi.json", RIGHT_NONE, LANE_HERE, BODY_NONE, answer_openapi},
    {"GET", "/", RIGHT_NONE, LANE_HERE, BODY_NONE, answer_page},
    {"GET", "/app/{file}", RIGHT_NONE, LANE_HERE, BODY_NONE, answer_page},
};
const size_t n_routes = sizeof routes / sizeof *routes;
