/* Tests of the drawing and of the shoppers, run by test_demo.c. */
#ifndef LB_TESTS_DEMO_DEMO_TESTS_H
#define LB_TESTS_DEMO_DEMO_TESTS_H

void every_kind_and_cut_is_drawn(void **state);
void colours_show_in_the_picture(void **state);
void titles_say_what_is_drawn(void **state);
void shoppers_buy_what_they_like(void **state);
void the_default_shop_has_a_long_tail(void **state);

#endif
