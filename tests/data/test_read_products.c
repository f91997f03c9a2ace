#include "data/readers.h"

static read_report report;

static void reads_with(const read_options *options, const char *name, const char *content,
                       const char *expected, read_format format) {
    records r = {NULL, 0, 0};
    const char *path = write_text(name, content);
    assert_ok(read_products(NULL, path, options, collect_product, &r, &report));
    assert_string_equal(r.text, expected);
    assert_string_equal(read_format_name(report.format), read_format_name(format));
    free(r.text);
}

static void reads(const char *name, const char *content, const char *expected, read_format format) {
    reads_with(NULL, name, content, expected, format);
}

static void fails(const char *name, const char *content, lb_status code, const char *phrase) {
    records r = {NULL, 0, 0};
    const char *path = write_text(name, content);
    assert_error(read_products(NULL, path, NULL, collect_product, &r, NULL), code, phrase);
    free(r.text);
}

static void python_literals_of_amazon_2014_are_read(void **state) {
    (void)state;
    reads("meta14.json.gz",
          "{'asin': '0000037214', 'related': {'also_viewed': ['B00JO8II76']}, 'title': \"Girls' "
          "Tutu\", 'price': 6.99, 'salesRank': {'Clothing': 1233557}, 'imUrl': "
          "'http://x/41.jpg', 'brand': 'Big\\'s', 'categories': [['Clothing', 'Girls'], "
          "['Other', 'Path']]}\n"
          "{'asin': u'B2', 'description': 'caf\\xe9 \\u2019 \\101\\n\\\\ \\q', 'price': None, "
          "'extra': (1, -2.5e3, True, [], {},), }\n",
          "0000037214|Girls' Tutu|Big's|Clothing > Girls|6.99||http://x/41.jpg\n"
          "B2|||||caf\xc3\xa9 \xe2\x80\x99 A \\ \\q|\n",
          READ_AMAZON_2014);
    reads("strict14.json", "{\"asin\":\"B1\",\"imUrl\":\"x.jpg\",\"categories\":[[\"A\",\"B\"]]}\n",
          "B1|||A > B|||x.jpg\n", READ_AMAZON_2014);
}

static void amazon_2018_and_2023_are_read(void **state) {
    (void)state;
    reads("meta18.json",
          "{\"category\": [\"Clothing\", \"Women\"], \"description\": [\"One.\", \"\", \"Two.\"], "
          "\"title\": \"Slip\", \"brand\": \"Z\", \"price\": \"$1,012.99 - $2,000\", \"asin\": "
          "\"B1\", \"imageURL\": [\"small.jpg\"], \"imageURLHighRes\": [\"a.jpg\", \"b.jpg\"]}\n"
          "{\"asin\": \"B2\", \"price\": \".a-box-inner{color:#0f1111}\", \"imageURLHighRes\": "
          "[], \"category\": []}\n",
          "B1|Slip|Z|Clothing > Women|1012.99|One. Two.|a.jpg\nB2||||||\n", READ_AMAZON_2018);
    reads("meta23.jsonl",
          "{\"main_category\": \"All Beauty\", \"title\": \"Oil\", \"price\": null, \"images\": "
          "[{\"thumb\": \"t.jpg\", \"large\": \"l.jpg\", \"variant\": \"MAIN\", \"hi_res\": "
          "null}], \"store\": \"S\", \"categories\": [\"Hair\", \"Oils\"], \"description\": "
          "[\"d\"], \"parent_asin\": \"P1\"}\n"
          "{\"parent_asin\": \"P2\", \"main_category\": \"A\", \"categories\": [\"A\", \"B\"], "
          "\"price\": \"from 12.5\", \"images\": {\"large\": [null, \"x.jpg\"]}}\n",
          "P1|Oil|S|All Beauty > Hair > Oils||d|l.jpg\nP2|||A > B|12.5||x.jpg\n", READ_AMAZON_2023);
}

static void general_json_lines_are_read(void **state) {
    (void)state;
    reads("g.jsonl",
          "{\"id\": \"1\", \"title\": \" Toy\\tStory \", \"genres\": [\"Animation\", \"Comedy\"], "
          "\"plot\": \"A\\nplot\", \"year\": \"1995\"}\n"
          "{\"id\": 2, \"category\": \"A > B\", \"price\": 3, \"image\": \"2.jpg\", \"brand\": "
          "\"x\"}\n"
          "{\"id\": \"3\", \"genres\": \"Action|Drama\", \"price\": \"EUR 4.50\"}\n",
          "1|Toy Story||Animation > Comedy||A plot|\n2||x|A > B|3||2.jpg\n"
          "3|||Action > Drama|4.5||\n",
          READ_JSON_LINES);
    reads("g2.jsonl", "{\"asin\": \"1\", \"price\": -1}\n", "1||||||\n", READ_AMAZON_2018);
}

static void tables_are_read(void **state) {
    (void)state;
    reads("t.csv", "id,title,price,category\np1,\"Scarf, red\",$9.50,Clothing > Scarves\np2,,,\n",
          "p1|Scarf, red||Clothing > Scarves|9.5||\np2||||||\n", READ_DELIMITED);
    reads("t2.csv", "id,description\np1,\"two\nlines\"\n", "p1|||||two lines|\n", READ_DELIMITED);
    read_options o = {READ_AUTO, "id,title,category", NULL};
    reads_with(&o, "movies.csv", "1,Toy Story (1995),Animation|Comedy\n",
               "1|Toy Story (1995)||Animation > Comedy|||\n", READ_DELIMITED);
    o = (read_options){READ_AMAZON_2014, NULL, NULL};
    reads_with(&o, "own.csv", "asin,title\nB1,Hat\n", "B1|Hat|||||\n", READ_AMAZON_2014);
    reads("ids.txt", "id\np1\np2\n", "p1||||||\np2||||||\n", READ_DELIMITED);
}

static void wrong_products_are_refused(void **state) {
    (void)state;
    fails("e1.csv", "1,Toy Story,x\n", LB_E_FORMAT, "line 1: no header line with known names");
    fails("e2.csv", "id,price\n1,2\n2,abc\n", LB_E_FORMAT, "line 3: the price \"abc\"");
    fails("e3.csv", "id,price\n1\n", LB_E_FORMAT, "line 2: 1 columns found, 2 expected");
    fails("e4.csv", "id,price\n,2\n", LB_E_FORMAT, "line 2: the product id is empty");
    fails("e5.csv", "", LB_E_EMPTY, "holds no products");
    fails("e6.jsonl", "{\"id\":1}\n{\"title\":2}\n", LB_E_FORMAT,
          "line 2: the field \"id\" (product) is missing");
    fails("e7.jsonl", "{\"id\":1,\"price\":\"cheap\"}\n", LB_E_FORMAT, "line 1: \"price\" is not");
    fails("e8.jsonl", "{\"id\":{}}\n", LB_E_FORMAT, "line 1: \"id\" must be a string");
    fails("e9.json", "{'asin': 'a'}\n{'asin': 'b\n", LB_E_FORMAT,
          "line 2: column 12: the string is not closed");
    fails("e10.json", "{'asin': 'a', 'x': open('f')}\n", LB_E_FORMAT,
          "line 1: column 20: a Python literal is expected");
    fails("e11.json", "[]\n", LB_E_FORMAT, "line 1: one object a line");
    fails("e12.json", "{'asin': 'a'}\n{\"asin\": null}\n", LB_E_FORMAT, "line 2: column 10");
}

static void deep_nesting_is_refused(void **state) {
    (void)state;
    char text[200002];
    memset(text, '[', 200000);
    memcpy(text, "{\"id\":", 6);
    memcpy(text + 200000, "\n", 2);
    fails("deep.jsonl", text, LB_E_FORMAT, "line 1: column 70: the nesting is too deep");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(python_literals_of_amazon_2014_are_read),
        cmocka_unit_test(amazon_2018_and_2023_are_read),
        cmocka_unit_test(general_json_lines_are_read),
        cmocka_unit_test(tables_are_read),
        cmocka_unit_test(wrong_products_are_refused),
        cmocka_unit_test(deep_nesting_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
