# lookbook_module(NAME SOURCES file... [USES module...] [LIBRARIES target...])
# One folder of src/ as objects (for the library) and as a static archive lb_NAME (for tests and for modules above).
add_compile_definitions(_DEFAULT_SOURCE _POSIX_C_SOURCE=200809L)
add_compile_options(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes
                    -Wmissing-prototypes -fno-math-errno)
if(LOOKBOOK_WERROR)
    add_compile_options(-Werror)
endif()
if(LOOKBOOK_SANITIZE)
    add_compile_options(-fsanitize=${LOOKBOOK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${LOOKBOOK_SANITIZE})
endif()
# x86-64-v2 is the floor; faster paths are chosen at run time.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-march=x86-64-v2)
endif()

set_property(GLOBAL PROPERTY LOOKBOOK_MODULES "")
set_property(GLOBAL PROPERTY LOOKBOOK_LIBRARIES "")

function(lookbook_module name)
    cmake_parse_arguments(M "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
    add_library(lb_${name}_objects OBJECT ${M_SOURCES})
    target_include_directories(lb_${name}_objects PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
    foreach(library ${M_LIBRARIES})
        target_link_libraries(lb_${name}_objects PRIVATE ${library})
    endforeach()
    add_library(lb_${name} STATIC $<TARGET_OBJECTS:lb_${name}_objects>)
    target_include_directories(lb_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
    list(TRANSFORM M_USES PREPEND lb_)
    target_link_libraries(lb_${name} PUBLIC ${M_USES} ${M_LIBRARIES} Threads::Threads m)
    set_property(GLOBAL APPEND PROPERTY LOOKBOOK_MODULES ${name})
    set_property(GLOBAL APPEND PROPERTY LOOKBOOK_LIBRARIES ${M_LIBRARIES})
endfunction()

# lookbook_test(NAME SOURCES file... USES module... [LABELS label...] [THREADED]): a cmocka
# program run by ctest. Under ThreadSanitizer one that is THREADED runs only the cases that are named
# for threads (test_choose): the others run on one thread, or do again what these do.
function(lookbook_test name)
    cmake_parse_arguments(T "THREADED" "" "SOURCES;USES;LABELS" ${ARGN})
    add_executable(${name} ${T_SOURCES})
    list(TRANSFORM T_USES PREPEND lb_)
    target_link_libraries(${name} PRIVATE ${T_USES} PkgConfig::CMOCKA)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    target_compile_definitions(${name} PRIVATE
        TEST_SHARED_DATA="${PROJECT_SOURCE_DIR}/../shared/data"
        TEST_ONNX_LIBRARY="${PROJECT_SOURCE_DIR}/build/onnxruntime/libonnxruntime.so.1")
    if(T_THREADED AND LOOKBOOK_SANITIZE STREQUAL "thread")
        add_test(NAME ${name} COMMAND ${name} "*threads*")
    else()
        add_test(NAME ${name} COMMAND ${name})
    endif()
    # A sanitizer makes some loops ten times as slow.
    if(LOOKBOOK_SANITIZE)
        set(timeout 1800)
    else()
        set(timeout 600)
    endif()
    set_tests_properties(${name} PROPERTIES LABELS "${T_LABELS}" TIMEOUT ${timeout})
endfunction()
