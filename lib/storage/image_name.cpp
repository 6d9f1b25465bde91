#include "storage/image_name.h"

#include <algorithm>
#include <climits>
#include <fmt/format.h>

namespace hotplug {

namespace {

/// Well-formed UTF-8 by its first byte (The Unicode Standard, table 3-7), without control characters.
struct Sequence {
    unsigned char firstFrom, firstTo;
    std::size_t length;
    unsigned char secondFrom, secondTo;
};

constexpr Sequence sequences[] = {
    {0x20, 0x7e, 1, 0, 0},
    {0xc2, 0xdf, 2, 0x80, 0xbf},
    {0xe0, 0xe0, 3, 0xa0, 0xbf},
    {0xe1, 0xec, 3, 0x80, 0xbf},
    {0xed, 0xed, 3, 0x80, 0x9f},
    {0xee, 0xef, 3, 0x80, 0xbf},
    {0xf0, 0xf0, 4, 0x90, 0xbf},
    {0xf1, 0xf3, 4, 0x80, 0xbf},
    {0xf4, 0xf4, 4, 0x80, 0x8f},
};

bool within(char c, unsigned char from, unsigned char to)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte >= from && byte <= to;
}

/// Length of the character in front; 0 when it is malformed or not printable.
std::size_t printableLength(std::string_view text)
{
    const auto found = std::ranges::find_if(sequences,
        [c = text.front()](const Sequence& one) { return within(c, one.firstFrom, one.firstTo); });
    if (found == std::end(sequences) || text.size() < found->length)
        return 0;
    const auto rest = text.substr(1, found->length - 1);
    if (!rest.empty() && !within(rest.front(), found->secondFrom, found->secondTo))
        return 0;
    return std::ranges::all_of(rest, [](char c) { return within(c, 0x80, 0xbf); }) ? found->length : 0;
}

std::string_view takePart(std::string_view& path)
{
    const auto part = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), part.size() + 1));
    return part;
}

} // namespace

bool isPrintable(std::string_view text)
{
    while (!text.empty()) {
        const auto length = printableLength(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

bool hasInnerDotDot(std::string_view path)
{
    bool inside = path.starts_with('/');
    while (!path.empty()) {
        const auto part = takePart(path);
        if (part == ".." && inside)
            return true;
        inside = inside || (!part.empty() && part != "." && part != "..");
    }
    return false;
}

bool hasOverlongPart(std::string_view path)
{
    while (!path.empty())
        if (takePart(path).size() > NAME_MAX)
            return true;
    return false;
}

bool hasProtocol(std::string_view name)
{
    const auto end = name.find_first_of(":/");
    return end != std::string_view::npos && name[end] == ':';
}

std::string lexicalDirectory(const std::string& path)
{
    return path.substr(0, std::max(path.rfind('/'), std::size_t{1}));
}

std::string shown(std::string_view name)
{
    return isPrintable(name) ? fmt::format("\"{}\"", name) : "(a name that cannot be printed)";
}

} // namespace hotplug
