lookbook_test(test_figure SOURCES plot/test_figure.c plot/wellformed.c USES plot core)
lookbook_test(test_document SOURCES plot/test_document.c plot/sample.c plot/wellformed.c
    USES plot media core)
lookbook_test(test_density SOURCES plot/test_density.c USES plot core)
lookbook_test(test_tsne SOURCES plot/test_tsne.c USES plot core LABELS threads)
