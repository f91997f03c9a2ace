# The tests read what the demo shop writes back with the libraries that anybody would use.
if(NOT TARGET PkgConfig::TEST_DEMO)
    pkg_check_modules(TEST_DEMO REQUIRED IMPORTED_TARGET libcjson libjpeg zlib)
endif()
lookbook_test(test_demo SOURCES demo/test_demo.c demo/test_draw.c USES demo core LABELS threads)
target_link_libraries(test_demo PRIVATE PkgConfig::TEST_DEMO PkgConfig::DEMO_CAIRO)
