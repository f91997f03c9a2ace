/* SHA-256: the examples of FIPS 180-4, and pieces that add up. */
#include "support.h"

#include "core/sha256.h"

static void check(const char *text, size_t times, const char *expected) {
    sha256 s;
    unsigned char sum[SHA256_SIZE];
    char digits[SHA256_TEXT_SIZE];
    sha256_begin(&s);
    for (size_t i = 0; i < times; i++) sha256_add(&s, text, strlen(text));
    sha256_end(&s, sum);
    assert_string_equal(sha256_text(sum, digits), expected);
}

static void published_examples(void **state) {
    (void)state;
    check("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    check("a", 1000000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* However it is cut up, and over all lengths around a block. */
static void pieces_add_up(void **state) {
    (void)state;
    unsigned char bytes[200], whole[SHA256_SIZE], sum[SHA256_SIZE];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 7);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        sha256_of(bytes, n, whole);
        for (size_t cut = 0; cut <= n; cut += 13) {
            sha256 s;
            sha256_begin(&s);
            sha256_add(&s, bytes, cut);
            sha256_add(&s, bytes + cut, n - cut);
            sha256_end(&s, sum);
            assert_memory_equal(sum, whole, SHA256_SIZE);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_examples),
        cmocka_unit_test(pieces_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
