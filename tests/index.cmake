lookbook_test(test_index SOURCES index/test_index.c USES index LABELS threads)
