lookbook_test(test_core SOURCES core/test_core.c USES core LABELS threads)
lookbook_test(test_sha256 SOURCES core/test_sha256.c USES core)
lookbook_test(test_scratch SOURCES core/test_scratch.c USES core)
