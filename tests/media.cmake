lookbook_test(test_image SOURCES media/test_image.c USES media core)
lookbook_test(test_image_damage SOURCES media/test_image_damage.c USES media core)
lookbook_test(test_descriptor SOURCES media/test_descriptor.c USES media core)
lookbook_test(test_encode SOURCES media/test_encode.c USES media core LABELS threads)
