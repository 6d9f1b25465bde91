#include "wire/jsonrpc/shield.h"

#include "support/catch.h"
#include "wire/jsonrpc/error.h"

#include <string>

using namespace hotplug::wire;

namespace {

std::string repeated(std::string_view piece, std::size_t times)
{
    std::string text;
    for (std::size_t i = 0; i < times; ++i)
        text += piece;
    return text;
}

int codeOf(const std::string& text)
{
    try {
        parseShielded(text);
        return 0;
    } catch (const RpcError& error) {
        return error.code();
    }
}

} // namespace

TEST_CASE("R7: what is not JSON is refused before anything is built from it")
{
    const std::string text = GENERATE(as<std::string>{},
        "", " ", "{", "[", "}", "[1,]", "{\"a\":1,}", "{\"a\"}", "[1 2]", "{} {}", "[]x", "tru", "nul", "True", "undefined",
        "'a'", "{a:1}", "\xef\xbb\xbf{}",
        // comments, outside and inside objects
        "// c\n{}", "{}// c", "/* c */{}", "{/* c */\"a\":1}", "{\"a\":/**/1}", "# c\n{}",
        // duplicate keys
        R"({"a":1,"a":2})", R"({"x":{"a":1,"\u0061":2}})",
        // numbers
        "[01]", "[1.]", "[.5]", "[+1]", "[-]", "[1e]", "[0x10]", "[1_000]", "[NaN]", "[Infinity]", "[-Infinity]", "[1e400]",
        "[--1]", "[1.5.5]", "[00]",
        // strings
        "[\"a]", "[\"\\x\"]", "[\"\\u12\"]", "[\"\\u12g4\"]", "[\"a\nb\"]", "[\"a\tb\"]", R"(["\u0000"])", R"({"a\u0000b":1})",
        R"(["\ud800"])", R"(["\udc00"])", R"(["\ud800\u0041"])", R"(["\ud800\ud800"])", R"(["\ud800x"])",
        // bytes that are no UTF-8: stray, overlong, surrogate, too large, cut
        "[\"\x80\"]", "[\"\xff\"]", "[\"\xc0\x80\"]", "[\"\xc1\xbf\"]", "[\"\xe0\x80\x80\"]", "[\"\xed\xa0\x80\"]",
        "[\"\xf0\x80\x80\x80\"]", "[\"\xf4\x90\x80\x80\"]", "[\"\xf5\x80\x80\x80\"]", "[\"\xe2\x82\"]", "[\"\xe2\x82");
    CAPTURE(text);
    CHECK(codeOf(text) == parseErrorCode);
}

TEST_CASE("R7: bytes behind a NUL count")
{
    CHECK(codeOf(std::string("{}\0", 3)) == parseErrorCode);
    CHECK(codeOf(std::string("[\"a\0b\"]", 7)) == parseErrorCode);
    CHECK(codeOf(std::string("[\"\\\0\"]", 6)) == parseErrorCode);
}

TEST_CASE("R7: what is JSON is read")
{
    const std::string text = GENERATE(as<std::string>{},
        "{}", "[]", " [ ] ", "1", "-0", "null", "\"a\"", "[0.5e-3]", "[1E+2]", "[99999999999999999999]", R"(["\ud83d\ude00"])",
        "[\"\xf0\x9f\x98\x80\"]", "[\"\xc3\xa4\"]", R"(["a\/b"])", R"(["/* no comment */ // none"])", "[1.5,-2,true,false,null]");
    CAPTURE(text);
    CHECK(codeOf(text) == 0);
}

TEST_CASE("R7: depth, structure and size are bounded")
{
    CHECK(codeOf(repeated("[", 64) + repeated("]", 64)) == 0);
    CHECK(codeOf(repeated("[", 65) + repeated("]", 65)) == parseErrorCode);
    CHECK(codeOf(repeated("{\"a\":", 500'000) + "1" + repeated("}", 500'000)) == parseErrorCode);
    CHECK(codeOf("[" + repeated("0,", 9'990) + "0]") == 0);
    CHECK(codeOf("[" + repeated("0,", 500'000) + "0]") == parseErrorCode);
    CHECK(codeOf("[\"" + repeated(",", 100'000) + "\"]") == 0);
    CHECK(codeOf("[\"" + repeated("x", 1024 * 1024) + "\"]") == parseErrorCode);
    CHECK(codeOf("[" + repeated("9", 500'000) + "]") == parseErrorCode);    // no double holds it
}

TEST_CASE("R7: an integer above 64 bits is a number that is no integer")
{
    const auto value = parseShielded("[99999999999999999999, 18446744073709551615]");
    CHECK_FALSE(value[0].isIntegral());
    CHECK(value[1].asUInt64() == 18446744073709551615U);
}
