lookbook_test(test_index SOURCES index/test_index.c USES index LABELS threads THREADED)
lookbook_test(test_codes SOURCES index/test_codes.c USES index)
