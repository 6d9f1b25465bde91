#include "base/utf8.h"

#include "base/hex.h"
#include "support/catch.h"

#include <string>

using namespace hotplug;

namespace {

struct Case {
    std::string text;
    std::size_t length;
};

} // namespace

TEST_CASE("R7: the first character's length, zero for what is no UTF-8")
{
    const Case cases[] = {
        {"a", 1}, {std::string(1, '\0'), 1}, {"\x7f", 1}, {"\xc3\xa4" "b", 2}, {"\xe2\x82\xac", 3}, {"\xed\x9f\xbf", 3},
        {"\xee\x80\x80", 3}, {"\xf0\x9f\x98\x80", 4}, {"\xf4\x8f\xbf\xbf", 4},
        {"", 0}, {"\x80", 0}, {"\xbf", 0}, {"\xff", 0},
        {"\xc0\x80", 0}, {"\xc1\xbf", 0}, {"\xe0\x9f\xbf", 0}, {"\xf0\x8f\xbf\xbf", 0},       // overlong
        {"\xed\xa0\x80", 0}, {"\xf4\x90\x80\x80", 0}, {"\xf5\x80\x80\x80", 0},                 // surrogates, too high
        {"\xc3", 0}, {"\xe2\x82", 0}, {"\xf0\x9f\x98", 0}, {"\xc3" "a", 0}, {"\xe2\x82" "a", 0}, {"\xf0\x9f\x98" "a", 0},
    };
    for (const auto& one : cases) {
        CAPTURE(one.text);
        CHECK(utf8Length(one.text) == one.length);
    }
}

TEST_CASE("R7: hexadecimal digits of either case, and nothing beside them")
{
    const std::string digits = "0123456789abcdefABCDEF";
    for (int c = 0; c < 256; ++c) {
        const auto digit = hexDigit(static_cast<char>(c));
        CAPTURE(c);
        CHECK(digit.has_value() == (digits.find(static_cast<char>(c)) != std::string::npos));
        if (digit)
            CHECK(*digit == std::stoi(std::string(1, static_cast<char>(c)), nullptr, 16));
    }
}
