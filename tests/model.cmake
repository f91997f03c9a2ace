lookbook_test(test_paper SOURCES model/test_paper.c USES model data core LABELS threads)
lookbook_test(test_autoencoder SOURCES model/test_autoencoder.c USES model store core LABELS threads)
