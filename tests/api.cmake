lookbook_test(test_api_dataset SOURCES api/test_api_dataset.c USES api data core)
