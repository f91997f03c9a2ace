lookbook_test(test_api_dataset SOURCES api/test_api_dataset.c USES api data core)
lookbook_test(test_api_models SOURCES api/test_api_models.c USES api core)
lookbook_test(test_api_recommend SOURCES api/test_api_recommend.c USES api live model data core)
