lookbook_test(test_vector SOURCES math/test_vector.c USES math core)
lookbook_test(test_bytes SOURCES math/test_bytes.c USES math core)
lookbook_test(test_linalg SOURCES math/test_linalg.c USES math core LABELS threads)
lookbook_test(test_dense SOURCES math/test_dense.c USES math core LABELS threads)
