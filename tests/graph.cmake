lookbook_test(test_graph SOURCES graph/test_graph.c USES graph core LABELS threads)
