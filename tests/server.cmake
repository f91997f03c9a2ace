# The server's readers, its table of routes, and the program serving (server/*.sh; server/common.sh
# says how these are written).
lookbook_test(test_server_parse SOURCES server/test_parse.c USES server api)
lookbook_test(test_server_routes SOURCES server/test_routes.c USES server api)

# The fuzz target over its corpus; for fuzzing itself see the head of fuzz/fuzz_request.c.
lookbook_test(test_request_corpus
              SOURCES store/test_corpus.c ${PROJECT_SOURCE_DIR}/fuzz/fuzz_request.c
              USES server api core)
target_compile_definitions(test_request_corpus PRIVATE
                           TEST_CORPUS="${PROJECT_SOURCE_DIR}/fuzz/corpus/request")
