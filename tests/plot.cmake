lookbook_test(test_figure SOURCES plot/test_figure.c plot/wellformed.c USES plot core)
