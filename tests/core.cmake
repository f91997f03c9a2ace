lookbook_test(test_core SOURCES core/test_core.c USES core LABELS threads)
