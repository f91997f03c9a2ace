lookbook_test(test_safetensors SOURCES store/test_safetensors.c USES store core)
lookbook_test(test_safetensors_damage SOURCES store/test_damage.c USES store core)

# The fuzz target over its corpus; for fuzzing itself see the head of fuzz/fuzz_safetensors.c.
lookbook_test(test_safetensors_corpus
              SOURCES store/test_corpus.c ${PROJECT_SOURCE_DIR}/fuzz/fuzz_safetensors.c USES store core)
target_compile_definitions(test_safetensors_corpus PRIVATE
                           TEST_CORPUS="${PROJECT_SOURCE_DIR}/fuzz/corpus/safetensors")

# Another program, written from the format's description alone, reads what we write.
find_program(LOOKBOOK_PYTHON3 python3)
add_executable(write_safetensors store/write_safetensors.c)
target_link_libraries(write_safetensors PRIVATE lb_store lb_core)
add_test(NAME test_safetensors_write
         COMMAND write_safetensors ${CMAKE_CURRENT_BINARY_DIR}/example.safetensors)
set_tests_properties(test_safetensors_write PROPERTIES FIXTURES_SETUP example_safetensors)
if(LOOKBOOK_PYTHON3)
    add_test(NAME test_safetensors_python
             COMMAND ${LOOKBOOK_PYTHON3} ${CMAKE_CURRENT_SOURCE_DIR}/store/read_safetensors.py
                     ${CMAKE_CURRENT_BINARY_DIR}/example.safetensors
                     ${CMAKE_CURRENT_SOURCE_DIR}/store/example.txt)
else()
    add_test(NAME test_safetensors_python
             COMMAND ${CMAKE_COMMAND} -E echo "skipped: there is no python3")
endif()
set_tests_properties(test_safetensors_python PROPERTIES FIXTURES_REQUIRED example_safetensors
                     SKIP_REGULAR_EXPRESSION "^skipped")
