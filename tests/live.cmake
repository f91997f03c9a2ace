# The public calls are tested here with what they stand on; nothing of them needs the layer `run`.
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
function(lookbook_live_test name)
    lookbook_test(${name} SOURCES live/${name}.c ${PROJECT_SOURCE_DIR}/src/api/recommend.c
        USES live model index data math store core ${ARGN})
    target_link_libraries(${name} PRIVATE PkgConfig::CJSON)
endfunction()
lookbook_live_test(test_live)
