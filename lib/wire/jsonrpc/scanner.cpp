#include "wire/jsonrpc/scanner.h"

#include "base/hex.h"
#include "base/utf8.h"

#include <fmt/format.h>

namespace hotplug::wire {

namespace {

struct Flaw {
    std::string text;
};

bool isDigit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

class Scanner {
public:
    Scanner(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

    void scan()
    {
        while (at_ < text_.size())
            token();
    }

private:
    void token()
    {
        switch (const auto c = peek()) {
        case ' ': case '\t': case '\n': case '\r': ++at_; break;
        case '{': case '[': opened(); break;
        case '}': case ']': closed(); break;
        case ',': case ':': structural(); break;
        case '"': string(); break;
        case 't': literal("true"); break;
        case 'f': literal("false"); break;
        case 'n': literal("null"); break;
        default:
            if (c != '-' && !isDigit(c))
                fail("a character that JSON does not have here");   // among them `/`: no comments
            number();
        }
    }

    void opened()
    {
        if (++depth_ > limits_.maxDepth)
            fail(fmt::format("more than {} levels deep", limits_.maxDepth));
        structural();
    }

    void closed()
    {
        if (depth_ == 0)
            fail("a bracket that was never opened");
        --depth_;
        structural();
    }

    void structural()
    {
        if (++structural_ > limits_.maxStructural)
            fail(fmt::format("more than {} structural characters", limits_.maxStructural));
        ++at_;
    }

    void literal(std::string_view word)
    {
        if (text_.substr(at_, word.size()) != word)
            fail("a word that JSON does not have");
        at_ += word.size();
        endOfValue();
    }

    // -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
    void number()
    {
        skip('-');
        if (!skip('0'))
            digits();
        if (skip('.'))
            digits();
        if (skip('e') || skip('E')) {
            if (!skip('+'))
                skip('-');
            digits();
        }
        endOfValue();
    }

    void digits()
    {
        if (!isDigit(peek()))
            fail("a number that JSON does not have");
        while (isDigit(peek()))
            ++at_;
    }

    void endOfValue()
    {
        constexpr std::string_view mayFollow = " \t\n\r,:]}";
        if (at_ < text_.size() && mayFollow.find(text_[at_]) == std::string_view::npos)
            fail("a value that does not end");
    }

    void string()
    {
        ++at_;
        while (peek() != '"') {
            if (at_ >= text_.size())
                fail("a string that does not end");
            else if (peek() == '\\')
                escape();
            else if (peek() < 0x20)
                fail("a control character in a string");
            else
                utf8();
        }
        ++at_;
    }

    void escape()
    {
        constexpr std::string_view simple = "\"\\/bfnrt";
        ++at_;
        const auto c = peek();
        ++at_;
        if (c == 'u')
            codeUnits();
        else if (c == 0 || simple.find(static_cast<char>(c)) == std::string_view::npos)
            fail("an escape that JSON does not have");
    }

    void codeUnits()
    {
        constexpr unsigned highSurrogates = 0xD800, lowSurrogates = 0xDC00, behindSurrogates = 0xE000;
        const auto unit = hex4();
        if (unit == 0)
            fail("U+0000 in a string");
        if (unit < highSurrogates || unit >= behindSurrogates)
            return;
        const bool paired = unit < lowSurrogates && skip('\\') && skip('u');
        const auto second = paired ? hex4() : 0;
        if (second < lowSurrogates || second >= behindSurrogates)
            fail("a lone surrogate in a string");
    }

    unsigned hex4()
    {
        unsigned value = 0;
        for (int i = 0; i < 4; ++i) {
            const auto digit = hexDigit(static_cast<char>(peek()));
            if (!digit)
                fail("an escape that JSON does not have");
            value = value << 4 | *digit;
            ++at_;
        }
        return value;
    }

    void utf8()
    {
        const auto length = utf8Length(text_.substr(at_));
        if (length == 0)
            fail("invalid UTF-8");
        at_ += length;
    }

    // 0 at the end, which is no part of any token.
    unsigned char peek() const { return at_ < text_.size() ? static_cast<unsigned char>(text_[at_]) : 0; }

    bool skip(unsigned char c)
    {
        if (peek() != c || at_ >= text_.size())
            return false;
        ++at_;
        return true;
    }

    [[noreturn]] void fail(std::string_view what) const { throw Flaw{fmt::format("{} at byte {}", what, at_)}; }

    const std::string_view text_;
    const JsonLimits& limits_;
    std::size_t at_ = 0, depth_ = 0, structural_ = 0;
};

} // namespace

std::optional<std::string> findFlaw(std::string_view text, const JsonLimits& limits)
{
    if (text.size() > limits.maxBytes)
        return fmt::format("more than {} bytes", limits.maxBytes);
    try {
        Scanner(text, limits).scan();
        return std::nullopt;
    } catch (const Flaw& flaw) {
        return flaw.text;
    }
}

} // namespace hotplug::wire
