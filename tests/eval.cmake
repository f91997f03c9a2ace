lookbook_test(test_eval SOURCES eval/test_eval.c eval/reference.c USES eval LABELS threads)
lookbook_test(test_eval_summary SOURCES eval/test_summary.c USES eval)
lookbook_test(test_analysis SOURCES eval/test_analysis.c USES eval LABELS threads)
lookbook_test(test_eval_relations SOURCES eval/test_relations.c USES eval LABELS threads)
