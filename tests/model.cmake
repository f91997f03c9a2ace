lookbook_test(test_paper SOURCES model/test_paper.c USES model data core LABELS threads)
