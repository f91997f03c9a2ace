lookbook_test(test_subwords SOURCES text/test_subwords.c USES text core)
lookbook_test(test_words SOURCES text/test_words.c USES text core)

# The fuzz target over its corpus; for fuzzing itself see the head of fuzz/fuzz_words.c.
lookbook_test(test_words_corpus
              SOURCES store/test_corpus.c ${PROJECT_SOURCE_DIR}/fuzz/fuzz_words.c USES text core)
target_compile_definitions(test_words_corpus PRIVATE
                           TEST_CORPUS="${PROJECT_SOURCE_DIR}/fuzz/corpus/words")
lookbook_test(test_clip_tokens SOURCES text/test_clip_tokens.c USES model data text core)
lookbook_test(test_clip_corpus
              SOURCES store/test_corpus.c ${PROJECT_SOURCE_DIR}/fuzz/fuzz_clip.c USES text core)
target_compile_definitions(test_clip_corpus PRIVATE
                           TEST_CORPUS="${PROJECT_SOURCE_DIR}/fuzz/corpus/clip")
lookbook_test(test_search SOURCES text/test_search.c USES text core)
