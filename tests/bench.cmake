lookbook_test(test_clock SOURCES bench/test_clock.c USES bench LABELS threads)
