lookbook_test(test_image SOURCES media/test_image.c USES media core)
lookbook_test(test_image_resize SOURCES media/test_image_resize.c USES media core)
lookbook_test(test_image_damage SOURCES media/test_image_damage.c USES media core)
lookbook_test(test_thumbnail SOURCES media/test_thumbnail.c USES media core)
lookbook_test(test_descriptor SOURCES media/test_descriptor.c USES media core)
lookbook_test(test_encode SOURCES media/test_encode.c USES media core LABELS threads)
lookbook_test(test_onnx_prepare SOURCES media/test_onnx_prepare.c USES media core)
lookbook_test(test_onnx SOURCES media/test_onnx.c USES media core LABELS threads)
lookbook_test(test_onnx_posters SOURCES media/test_onnx_posters.c USES media data core)

# Fuzz targets over their corpora; for fuzzing itself see the heads of the files.
foreach(target image encoder)
    lookbook_test(test_${target}_corpus
                  SOURCES store/test_corpus.c ${PROJECT_SOURCE_DIR}/fuzz/fuzz_${target}.c USES media core)
    target_compile_definitions(test_${target}_corpus PRIVATE
                               TEST_CORPUS="${PROJECT_SOURCE_DIR}/fuzz/corpus/${target}")
endforeach()
