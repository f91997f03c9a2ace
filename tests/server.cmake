# The server's readers, its table of routes, and the program serving (server/*.sh; server/common.sh
# says how these are written).
lookbook_test(test_server_parse SOURCES server/test_parse.c USES server api)
lookbook_test(test_server_table SOURCES server/test_table.c USES server api)

# The fuzz target over its corpus; for fuzzing itself see the head of fuzz/fuzz_request.c.
lookbook_test(test_request_corpus
              SOURCES store/test_corpus.c ${PROJECT_SOURCE_DIR}/fuzz/fuzz_request.c
              USES server api core)
target_compile_definitions(test_request_corpus PRIVATE
                           TEST_CORPUS="${PROJECT_SOURCE_DIR}/fuzz/corpus/request")

add_executable(write_pictures server/write_pictures.c)
target_include_directories(write_pictures PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_definitions(write_pictures PRIVATE TEST_SHARED_DATA="")
target_link_libraries(write_pictures PRIVATE lb_media PkgConfig::CMOCKA)

function(lookbook_server_test name)
    add_test(NAME test_server_${name} COMMAND ${BASH} ${CMAKE_CURRENT_SOURCE_DIR}/server/${name}.sh)
    set_tests_properties(test_server_${name} PROPERTIES TIMEOUT 900 LABELS "${ARGN}" ENVIRONMENT
        "LOOKBOOK=$<TARGET_FILE:lookbook>;WRITE_SHOP=$<TARGET_FILE:write_shop>;JSON_GET=$<TARGET_FILE:json_get>;WRITE_NETWORK=$<TARGET_FILE:write_network>;SHAPE=$<TARGET_FILE:shape>;WRITE_PICTURES=$<TARGET_FILE:write_pictures>;LOAD=$<TARGET_FILE:load>;SOURCE=${PROJECT_SOURCE_DIR};BUILD=${PROJECT_BINARY_DIR}")
endfunction()
lookbook_server_test(refuse)
lookbook_server_test(routes)
lookbook_server_test(pictures)
lookbook_server_test(bulk)
lookbook_server_test(survive threads)
lookbook_server_test(load)
lookbook_server_test(docs)
