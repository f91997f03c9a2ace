# The page in a real browser. The packages of tests/web/package.json lie in ${PROJECT_SOURCE_DIR}/build/browser,
# where `./bootstrap.sh browser` puts them; without them, or without a browser, the test skips and says so.
find_program(BASH bash REQUIRED)
add_executable(draw_shop web/draw_shop.c)
target_link_libraries(draw_shop PRIVATE lb_demo lb_core)
target_include_directories(draw_shop PRIVATE ${PROJECT_SOURCE_DIR})
add_test(NAME test_web COMMAND ${BASH} ${CMAKE_CURRENT_SOURCE_DIR}/web/run.sh)
set_tests_properties(test_web PROPERTIES TIMEOUT 900 SKIP_RETURN_CODE 77 ENVIRONMENT
    "LOOKBOOK=$<TARGET_FILE:lookbook>;DRAW_SHOP=$<TARGET_FILE:draw_shop>;SOURCE=${PROJECT_SOURCE_DIR};MODULES=${PROJECT_SOURCE_DIR}/build/browser")
