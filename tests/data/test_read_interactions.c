#include "data/readers.h"

static read_report report;

/* Reads a small file and compares all records, and the format it was read as. */
static void reads_with(const read_options *options, const char *name, const char *content,
                       const char *expected, read_format format) {
    records r = {NULL, 0, 0};
    const char *path = write_text(name, content);
    assert_ok(read_interactions(NULL, path, options, collect_interaction, &r, &report));
    assert_string_equal(r.text, expected);
    assert_string_equal(read_format_name(report.format), read_format_name(format));
    free(r.text);
}

static void reads(const char *name, const char *content, const char *expected, read_format format) {
    reads_with(NULL, name, content, expected, format);
}

static void fails_with(const read_options *options, const char *name, const char *content,
                       lb_status code, const char *phrase) {
    records r = {NULL, 0, 0};
    const char *path = write_text(name, content);
    assert_error(read_interactions(NULL, path, options, collect_interaction, &r, NULL), code,
                 phrase);
    if (code == LB_E_FORMAT) assert_non_null(strstr(lb_last_error(), path));
    free(r.text);
}

static void fails(const char *name, const char *content, const char *phrase) {
    fails_with(NULL, name, content, LB_E_FORMAT, phrase);
}

static read_options stated(read_format format, const char *columns, const char *separator) {
    return (read_options){format, columns, separator};
}

/* ---------------------------------------------------------------- delimited */

static void plain_tables_are_read_in_the_usual_order(void **state) {
    (void)state;
    reads("a.csv", "u1,p1\nu2,p2\n", "u1 p1 - -\nu2 p2 - -\n", READ_DELIMITED);
    reads("a.tsv", "1\t1193\t5\t978300760\n", "1 1193 5 978300760\n", READ_DELIMITED);
    reads("a.dat", "1::1193::3.5::978300760", "1 1193 3.5 978300760\n", READ_DELIMITED);
    reads("a.txt", "a;b;1\nc;d;-2.5e0\n", "a b 1 -\nc d -2.5 -\n", READ_DELIMITED);
    reads("b.csv.gz", "u1,p1,4\n", "u1 p1 4 -\n", READ_DELIMITED);
    assert_int_equal(report.records, 1);
}

static void line_ends_blank_lines_and_byte_order_marks_are_accepted(void **state) {
    (void)state;
    reads("crlf.csv", "\xef\xbb\xbfu1,p1,4\r\n\r\n  \r\nu2,p2,5", "u1 p1 4 -\nu2 p2 5 -\n",
          READ_DELIMITED);
    assert_int_equal(report.skipped, 2);
    reads("bom.csv", "\xef\xbb\xbfuser,item\nu1,p1", "u1 p1 - -\n", READ_DELIMITED);
    reads("space.csv", " u1 , p1 , 4 \n", "u1 p1 4 -\n", READ_DELIMITED);
}

static void headers_are_recognised_by_common_names(void **state) {
    (void)state;
    reads("h1.csv", "userId,movieId,rating,timestamp\n1,6,2.0,980730861\n", "1 6 2 980730861\n",
          READ_DELIMITED);
    reads("h2.csv", "timestamp,asin,overall,reviewerID\n980730861,B1,2,A1\n", "A1 B1 2 980730861\n",
          READ_DELIMITED);
    reads("h3.csv", "user_id,asin,parent_asin,rating,timestamp\nU,A,P,5.0,1617641445476\n",
          "U P 5 1617641445\n", READ_DELIMITED);
    reads("h4.tsv", "item\tuser\n7\t8\n", "8 7 - -\n", READ_DELIMITED);
    reads("h5.csv", "Product ID,extra,USER\nx,1,y\n", "y x - -\n", READ_DELIMITED);
}

static void columns_can_be_stated(void **state) {
    (void)state;
    read_options o = stated(READ_AUTO, "item,-,user,rating", NULL);
    reads_with(&o, "c1.csv", "p1,junk,u1,3\n", "u1 p1 3 -\n", READ_DELIMITED);
    reads_with(&o, "c2.csv", "item,what,user,rating\np1,junk,u1,3\n", "u1 p1 3 -\n",
               READ_DELIMITED);
    o.columns = "user=reader,item=2";
    reads_with(&o, "c3.csv", "day,book,reader\nmon,b1,r1\n", "r1 b1 - -\n", READ_DELIMITED);
    o.columns = "user=2,product=1,time=3";
    reads_with(&o, "c4.csv", "2,1,5\n", "1 2 - 5\n", READ_DELIMITED);
    o.columns = "user,item";
    reads_with(&o, "c5.csv", "reader,book\nr1,b1\n", "r1 b1 - -\n", READ_DELIMITED);
    o = stated(READ_AUTO, NULL, "~~");
    reads_with(&o, "c6.txt", "u~~p~~2\n", "u p 2 -\n", READ_DELIMITED);
    o = stated(READ_AUTO, NULL, "comma");
    reads_with(&o, "c7.txt", "u\t,p::1\n", "u p::1 - -\n", READ_DELIMITED);
}

static void quotes_follow_rfc_4180(void **state) {
    (void)state;
    reads("q1.csv", "\"u,1\",\"say \"\"p\"\"\",5\n", "u,1 say \"p\" 5 -\n", READ_DELIMITED);
    reads("q2.csv", "u\"1,p1\n", "u\"1 p1 - -\n", READ_DELIMITED);
    reads("q3.csv", "user,item,note\nu1,p1,\"two\n\nlines, \"\"quoted\"\"\"\nu2,p2,x\n",
          "u1 p1 - -\nu2 p2 - -\n", READ_DELIMITED);
    reads("q4.tsv", "\"u\t\"p\n", "\"u \"p - -\n", READ_DELIMITED);
    fails("q5.csv", "u1,p1\nu2,\"p2\nu3,p3\n", "line 2: a quote opens in this record and is never");
    fails("q6.csv", "u1,p1\nu2,\"p\"2\n", "line 2: text follows a closing quote");
    fails("q7.csv", "user,item,note\nu1,p1,\"a\nb\"\nu2,\n", "line 4: 2 columns found, 3 expected");
}

static void wrong_tables_are_refused(void **state) {
    (void)state;
    fails("e1.csv", "u1,p1,5\nu2,p2\n", "line 2: 2 columns found, 3 expected");
    fails("e2.csv", "u1,p1,5\n\nu2,p2,5,6\n", "line 3: 4 columns found, 3 expected");
    fails("e3.csv", "u1 p1\n", "line 1: 1 column found, at least 2 expected");
    fails("e4.csv", "u,p,3,4,5\n", "line 1: 5 columns found, at most 4");
    fails("e5.csv", "reader,book\n12,34\n", "line 1: this looks like a header whose names");
    fails("e6.csv", "reader,book,score,when\nann,34,5,6\n", "line 1: the rating \"score\" is not");
    fails("e7.csv", "u,p,1\nu,p,nan\n", "line 2: the rating \"nan\" is not a finite number");
    fails("e8.csv", "u,p,1\nu,p,\n", "line 2: the rating is empty");
    fails("e9.csv", "u,p,1e999\n", "line 1: the rating");
    fails("e10.csv", "u,p,0x10\n", "line 1: the rating");
    fails("e11.csv", "u,p,1,12.5\n", "line 1: the timestamp \"12.5\" is not an integer");
    fails("e12.csv", "u,p,1,1e15\n", "line 1: the timestamp \"1e15\" is out of range");
    fails("e13.csv", "u,p,1,now\n", "line 1: the timestamp \"now\"");
}

static void wrong_columns_options_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *columns;
        lb_status code;
        const char *phrase;
    } cases[] = {
        {"user,item", LB_E_FORMAT, "line 1: 3 columns found, 2 expected"},
        {"user,colour,item", LB_E_ARGUMENT, "\"colour\" is not known"},
        {"user,user,item", LB_E_ARGUMENT, "\"user\" is there twice"},
        {"user,-,-", LB_E_ARGUMENT, "lacks a column"},
        {"user=1,item", LB_E_ARGUMENT, "not of the form"},
        {"user=1,item=9", LB_E_FORMAT, "there is no column 9: 3 columns found"},
        {"user=1,item=0", LB_E_FORMAT, "there is no column 0"},
        {"user=1,item=book", LB_E_FORMAT, "no column is named \"book\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        read_options o = stated(READ_AUTO, cases[i].columns, NULL);
        fails_with(&o, "w.csv", "u,p,3\n", cases[i].code, cases[i].phrase);
    }
    read_options o = stated(READ_AUTO, NULL, "");
    fails_with(&o, "w.csv", "u,p\n", LB_E_ARGUMENT, "separator");
}

static void ids_are_checked(void **state) {
    (void)state;
    char line[12000];
    memset(line, 'x', sizeof line);
    memcpy(line, "u1,p1\nu2,", 9);
    memcpy(line + 9 + 10000, "\n", 2);
    fails("i1.csv", line, "line 2: the product id \"xxxx");
    assert_non_null(strstr(lb_last_error(), "has 10000 bytes: at most 256"));
    memcpy(line + 9 + 256, "\n", 2);
    const char *path = write_text("i2.csv", line);
    records r = {NULL, 0, 0};
    assert_ok(read_interactions(NULL, path, NULL, collect_interaction, &r, &report));
    assert_int_equal(report.records, 2);
    free(r.text);
    fails("i3.csv", "u1,p1\n ,p2\n", "line 2: the user id is empty");
    fails("i4.csv", "u1,p\x01x\n",
          "line 1: the product id \"p\" has a control character at byte 2");
    fails("i5.csv", "u1,p\xc2\x85\n", "control character");
    reads("i6.csv", "\xc3\xa9t\xc3\xa9,\xe6\x9c\x8d\n", "\xc3\xa9t\xc3\xa9 \xe6\x9c\x8d - -\n",
          READ_DELIMITED);
}

static void recbole_is_recognised(void **state) {
    (void)state;
    const char *text = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
                       "196\t242\t3\t881250949\n";
    reads("ml.inter", text, "196 242 3 881250949\n", READ_RECBOLE);
    read_options o = stated(READ_RECBOLE, NULL, NULL);
    reads_with(&o, "x.txt", text, "196 242 3 881250949\n", READ_RECBOLE);
    fails_with(&o, "y.txt", "1\t2\t3\n", LB_E_FORMAT, "line 1: a RecBole header is expected");
    fails("z.inter", "user_id:token\titem_id:token\n1\n", "line 2: 1 columns found, 2 expected");
}

static void amazon_ratings_have_their_order(void **state) {
    (void)state;
    const char *text = "A1,B1,5.0,1400000000\n";
    read_options o = stated(READ_AMAZON_2014, NULL, NULL);
    reads_with(&o, "r14.csv", text, "A1 B1 5 1400000000\n", READ_AMAZON_2014);
    o.format = READ_AMAZON_2018;
    reads_with(&o, "r18.csv", text, "B1 A1 5 1400000000\n", READ_AMAZON_2018);
    reads("r.csv", text, "A1 B1 5 1400000000\n", READ_DELIMITED);
    o.format = READ_AMAZON_2023;
    reads_with(&o, "r23.csv", "user_id,parent_asin,rating,timestamp\nU,P,4.0,1617641445476\n",
               "U P 4 1617641445\n", READ_AMAZON_2023);
}

/* ---------------------------------------------------------------- JSON lines */

static void amazon_reviews_are_recognised(void **state) {
    (void)state;
    reads("r14.json",
          "{\"reviewerID\": \"A1\", \"asin\": \"B1\", \"reviewerName\": \"J. \\\"X\\\"\", "
          "\"helpful\": [0, 0], \"reviewText\": \"Nice\\n\\u00e9 \\ud83d\\ude00\", \"overall\": "
          "5.0, \"summary\": \"\", \"unixReviewTime\": 1382659200, \"reviewTime\": \"10 25, "
          "2013\"}\n",
          "A1 B1 5 1382659200\n", READ_AMAZON_2014);
    reads("r18.json.gz",
          "{\"overall\": 4.0, \"verified\": true, \"reviewerID\": \"A1\", \"asin\": \"B1\", "
          "\"style\": {\"Size:\": \" 9\"}, \"unixReviewTime\": 1441324800}\n",
          "A1 B1 4 1441324800\n", READ_AMAZON_2018);
    reads("r23.jsonl",
          "{\"rating\": 5.0, \"title\": \"x\", \"images\": [], \"asin\": \"B0\", \"parent_asin\": "
          "\"B1\", \"user_id\": \"AG\", \"timestamp\": 1588687728923, \"helpful_vote\": 0, "
          "\"verified_purchase\": true}\n"
          "{\"rating\": 1, \"asin\": \"B2\", \"parent_asin\": null, \"user_id\": \"AH\", "
          "\"timestamp\": 1588687728923}\n",
          "AG B1 5 1588687728\nAH B2 1 1588687728\n", READ_AMAZON_2023);
}

static void general_json_lines_are_read(void **state) {
    (void)state;
    reads("j1.jsonl", "{\"user\":\"u\",\"product\":\"p\",\"rating\":3,\"time\":12}\n", "u p 3 12\n",
          READ_JSON_LINES);
    reads("j2.jsonl", " {\"user\":7,\"item\":8e2}\n{\"item\":\"a\",\"user\":9007199254740993}\n",
          "7 800 - -\n9007199254740993 a - -\n", READ_JSON_LINES);
    reads("j3.jsonl", "{\"user_id\":\"u\",\"asin\":\"p\",\"timestamp\":\"1600000000\"}\n",
          "u p - 1600000000\n", READ_JSON_LINES);
    reads("j4.jsonl", "{\"user\":\"u\",\"product\":\"p\",\"rating\":null,\"user\":\"v\"}\n",
          "v p - -\n", READ_JSON_LINES);
    reads("j5.jsonl", "{\"user\":\"\\u00fc \",\"product\":\"p\"}", "\xc3\xbc p - -\n",
          READ_JSON_LINES);
}

static void wrong_json_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *line, *phrase;
    } cases[] = {
        {"{\"user\":\"u\"}", "line 2: the field \"product\" (product) is missing"},
        {"{\"product\":\"p\"}", "line 2: the field \"user\" (user) is missing"},
        {"{\"user\":1.5,\"product\":\"p\"}", "line 2: the user id 1.5 is a number but not"},
        {"{\"user\":[],\"product\":\"p\"}", "line 2: \"user\" must be a string or an integer"},
        {"{\"user\":\"\",\"product\":\"p\"}", "line 2: the user id is empty"},
        {"{\"user\":\"a\\u0000\",\"product\":\"p\"}", "line 2: the user id \"a\" has a control"},
        {"{\"user\":\"u\",\"product\":\"p\",\"rating\":true}", "line 2: \"rating\" must be a num"},
        {"{\"user\":\"u\",\"product\":\"p\",\"rating\":1e999}", "line 2: the rating"},
        {"{\"user\":\"u\",\"product\":\"p\",\"time\":\"x\"}", "line 2: the timestamp \"x\""},
        {"{\"user\":\"u\",\"product\":\"p\"", "line 2: column 26: a comma or a closing bracket"},
        {"{\"user\":\"u\",\"product\":\"p\"}}", "line 2: column 27: text follows"},
        {"{\"user\":'u',\"product\":\"p\"}", "line 2: column 9: a JSON value"},
        {"[1]", "line 2: one JSON object a line is expected"},
        {"u,p", "line 2: column 1: a JSON value is expected"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        snprintf(text, sizeof text, "{\"user\":\"u\",\"product\":\"p\"}\n%s\n", cases[i].line);
        fails("bad.jsonl", text, cases[i].phrase);
    }
    fails("array.json", "[{\"user\":1,\"product\":2}]\n", "line 1: one JSON object a line");
    read_options o = stated(READ_AMAZON_2014, NULL, NULL);
    fails_with(&o, "b.json", "{\"user\":\"u\",\"asin\":\"p\"}\n", LB_E_FORMAT,
               "line 1: the field \"reviewerID\" (user) is missing");
    o.format = READ_JSON_LINES;
    fails_with(&o, "b.csv", "u,p\n", LB_E_FORMAT, "line 1: column 1: a JSON value");
}

/* ---------------------------------------------------------------- files */

static void files_without_records_are_refused(void **state) {
    (void)state;
    fails_with(NULL, "empty.csv", "", LB_E_EMPTY, "empty.csv: the file holds no interactions");
    fails_with(NULL, "blank.csv", "\n \n\r\n", LB_E_EMPTY, "holds no interactions");
    fails_with(NULL, "header.csv", "user,item\n", LB_E_EMPTY, "holds no interactions");
    fails_with(NULL, "empty.csv.gz", "", LB_E_EMPTY, "holds no interactions");
    assert_error(
        read_interactions(NULL, path_of("none.csv"), NULL, collect_interaction, NULL, NULL),
        LB_E_NOT_FOUND, "none.csv");
    assert_error(read_interactions(NULL, path_of("."), NULL, collect_interaction, NULL, NULL),
                 LB_E_IO, "is a folder");
}

static lb_status stop_at_second(void *context, const interaction_record *v) {
    (void)v;
    return ++*(int *)context == 2 ? status_fail(LB_E_EXISTS, "enough") : LB_OK;
}

static void a_sinks_error_is_passed_on(void **state) {
    (void)state;
    int count = 0;
    const char *path = write_text("s.csv", "a,b\nc,d\ne,f\n");
    assert_error(read_interactions(NULL, path, NULL, stop_at_second, &count, &report), LB_E_EXISTS,
                 "enough");
    assert_int_equal(count, 2);
    assert_int_equal(report.records, 1);
}

static int see_progress(void *context, const lb_progress *p) {
    uint64_t *seen = context;
    assert_string_equal(p->unit, "bytes");
    assert_true(p->done <= p->total);
    *seen = p->done;
    return p->done > 1000000;
}

static void progress_is_in_bytes_and_can_stop(void **state) {
    (void)state;
    uint64_t seen = 0;
    lb_runtime runtime = {.threads = 1, .progress = see_progress, .progress_context = &seen};
    job *j;
    records r = {NULL, 0, 0};
    assert_ok(job_new(&runtime, &j));
    assert_ok(
        read_interactions(j, write_text("p.csv", "a,b\n"), NULL, collect_interaction, &r, NULL));
    assert_int_equal(seen, 4);
    char *big = memory_new(2000001, 1);
    for (size_t i = 0; i < 2000000; i += 4) memcpy(big + i, "a,b\n", 4);
    assert_error(
        read_interactions(j, write_text("p2.csv", big), NULL, collect_interaction, &r, NULL),
        LB_E_INTERRUPTED, "reading interactions");
    free(big);
    free(r.text);
    job_free(j);
}

static int see_note(void *context, const lb_progress *p) {
    if (p->note) snprintf(context, 200, "%s", p->note);
    return 0;
}

static void a_guessed_header_is_noted(void **state) {
    (void)state;
    char note[200] = "";
    lb_runtime runtime = {.threads = 1, .progress = see_note, .progress_context = note};
    job *j;
    records r = {NULL, 0, 0};
    read_options o = stated(READ_AUTO, "user,item", NULL);
    assert_ok(job_new(&runtime, &j));
    assert_ok(read_interactions(j, write_text("g.csv", "\nreader,book\nr1,b1\n"), &o,
                                collect_interaction, &r, NULL));
    assert_string_equal(r.text, "r1 b1 - -\n");
    assert_non_null(strstr(note, "g.csv: line 2 is taken for a header"));
    free(r.text);
    job_free(j);
}

static void formats_have_names(void **state) {
    (void)state;
    read_format f;
    for (int i = READ_AUTO; i <= READ_JSON_LINES; i++) {
        assert_ok(read_format_parse(read_format_name((read_format)i), &f));
        assert_int_equal(f, i);
    }
    assert_error(read_format_parse("parquet", &f), LB_E_ARGUMENT, "amazon2018");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_tables_are_read_in_the_usual_order),
        cmocka_unit_test(line_ends_blank_lines_and_byte_order_marks_are_accepted),
        cmocka_unit_test(headers_are_recognised_by_common_names),
        cmocka_unit_test(columns_can_be_stated),
        cmocka_unit_test(quotes_follow_rfc_4180),
        cmocka_unit_test(wrong_tables_are_refused),
        cmocka_unit_test(wrong_columns_options_are_refused),
        cmocka_unit_test(ids_are_checked),
        cmocka_unit_test(recbole_is_recognised),
        cmocka_unit_test(amazon_ratings_have_their_order),
        cmocka_unit_test(amazon_reviews_are_recognised),
        cmocka_unit_test(general_json_lines_are_read),
        cmocka_unit_test(wrong_json_is_refused),
        cmocka_unit_test(files_without_records_are_refused),
        cmocka_unit_test(a_sinks_error_is_passed_on),
        cmocka_unit_test(progress_is_in_bytes_and_can_stop),
        cmocka_unit_test(a_guessed_header_is_noted),
        cmocka_unit_test(formats_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
