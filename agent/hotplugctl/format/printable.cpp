#include "hotplugctl/format/printable.h"

#include <algorithm>

namespace hotplug::ctl {

namespace {

struct Range {
    char32_t first, last;
};

constexpr char32_t malformed = 0xFFFFFFFF;

constexpr Range unsafe[] = {
    {0x00, 0x1F}, {0x7F, 0x9F},                                 // C0, DEL, C1
    {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},       // invisible, line separators, directions
    {0x061C, 0x061C}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB},       // direction, byte order mark, annotations
    {0xD800, 0xDFFF}, {0xE0000, 0xE007F}, {0x110000, malformed},
};

/// What East Asian terminals and emoji fonts draw twice as wide, roughly as fmt counts it.
constexpr Range wide[] = {
    {0x1100, 0x115F}, {0x2329, 0x232A}, {0x2E80, 0x303E}, {0x3041, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
};

constexpr Range zeroWidth[] = {{0x0300, 0x036F}, {0x1AB0, 0x1AFF}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};

template<typename Ranges> bool in(const Ranges& ranges, char32_t character)
{
    return std::ranges::any_of(ranges, [=](const Range& range) { return range.first <= character && character <= range.last; });
}

struct Decoded {
    char32_t character;
    std::size_t bytes;
};

std::size_t lengthByLeadByte(unsigned char lead)
{
    return lead < 0x80 ? 1 : (lead & 0xE0) == 0xC0 ? 2 : (lead & 0xF0) == 0xE0 ? 3 : (lead & 0xF8) == 0xF0 ? 4 : 0;
}

/// The first character; one byte of `malformed` when it is not UTF-8 in its shortest form.
Decoded decode(std::string_view text)
{
    constexpr char32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const auto lead = static_cast<unsigned char>(text.front());
    const std::size_t length = lengthByLeadByte(lead);
    if (length == 0 || length > text.size())
        return {malformed, 1};
    if (length == 1)
        return {lead, 1};
    char32_t character = lead & (0x7Fu >> length);
    for (const char next : text.substr(1, length - 1)) {
        if ((static_cast<unsigned char>(next) & 0xC0) != 0x80)
            return {malformed, 1};
        character = character << 6 | (static_cast<unsigned char>(next) & 0x3Fu);
    }
    return character < smallest[length] ? Decoded{malformed, 1} : Decoded{character, length};
}

template<typename Visit> void eachCharacter(std::string_view text, Visit visit)
{
    while (!text.empty()) {
        const Decoded decoded = decode(text);
        visit(decoded.character, text.substr(0, decoded.bytes));
        text.remove_prefix(decoded.bytes);
    }
}

std::string cleaned(std::string_view text, std::string_view kept)
{
    std::string result;
    eachCharacter(text, [&](char32_t character, std::string_view bytes) {
        const bool keep = !in(unsafe, character) || kept.find(bytes) != kept.npos;
        result += keep ? bytes : "?";
    });
    return result;
}

} // namespace

std::string printable(std::string_view text)
{
    return cleaned(text, "");
}

std::string printableLines(std::string_view text)
{
    return cleaned(text, "\n\t");
}

std::size_t displayWidth(std::string_view text)
{
    std::size_t width = 0;
    eachCharacter(text, [&](char32_t character, std::string_view) {
        width += in(zeroWidth, character) ? 0 : in(wide, character) ? 2 : 1;
    });
    return width;
}

} // namespace hotplug::ctl
