# Tests of the program: bash scripts (cli/common.sh says how they are written), and checks of the
# source and of an installation.
find_program(BASH bash REQUIRED)
add_executable(write_shop cli/write_shop.c)
add_executable(write_network cli/write_network.c)
target_include_directories(write_network PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_definitions(write_network PRIVATE TEST_SHARED_DATA="")
target_link_libraries(write_network PRIVATE lb_media lb_core PkgConfig::CMOCKA)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
add_executable(json_get cli/json_get.c)
target_link_libraries(json_get PRIVATE PkgConfig::CJSON)

function(lookbook_cli_test name)
    add_test(NAME test_cli_${name} COMMAND ${BASH} ${CMAKE_CURRENT_SOURCE_DIR}/cli/${name}.sh)
    set_tests_properties(test_cli_${name} PROPERTIES TIMEOUT 1800 ENVIRONMENT
        "LOOKBOOK=$<TARGET_FILE:lookbook>;WRITE_SHOP=$<TARGET_FILE:write_shop>;WRITE_NETWORK=$<TARGET_FILE:write_network>;ONNX_LIBRARY=${PROJECT_SOURCE_DIR}/build/onnxruntime/libonnxruntime.so.1;JSON_GET=$<TARGET_FILE:json_get>;SHAPE=$<TARGET_FILE:shape>;SOURCE=${PROJECT_SOURCE_DIR};BUILD=${PROJECT_BINARY_DIR}")
endfunction()
lookbook_cli_test(usage)
lookbook_cli_test(shop)
lookbook_cli_test(encode)
lookbook_cli_test(clip)
lookbook_cli_test(interrupt)
lookbook_cli_test(sweep)
lookbook_cli_test(report)
lookbook_cli_test(docs)
lookbook_cli_test(reproduce)
lookbook_cli_test(yelp)
lookbook_cli_test(bench)
lookbook_test(test_progress SOURCES cli/test_progress.c ../cli/progress.c USES core)

add_test(NAME check_layers COMMAND ${PROJECT_SOURCE_DIR}/tools/check_layers)
add_test(NAME check_banned COMMAND ${PROJECT_SOURCE_DIR}/tools/check_banned)
# A sanitizer's runtime adds symbols of its own.
if(NOT LOOKBOOK_SANITIZE)
    add_test(NAME check_symbols COMMAND ${PROJECT_SOURCE_DIR}/tools/check_symbols
             $<TARGET_FILE:lookbook_shared> ${PROJECT_SOURCE_DIR}/include/lookbook.h)
endif()
