#include "base/utf8.h"

#include <algorithm>
#include <iterator>

namespace hotplug {

namespace {

/// Sequences by their first byte; what follows the second byte is 80 to BF.
struct Sequence {
    unsigned char firstFrom, firstTo;
    std::size_t length;
    unsigned char secondFrom, secondTo;
};

constexpr Sequence sequences[] = {
    {0x00, 0x7f, 1, 0, 0},
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

} // namespace

std::size_t utf8Length(std::string_view text)
{
    if (text.empty())
        return 0;
    const auto found = std::ranges::find_if(sequences,
        [c = text.front()](const Sequence& one) { return within(c, one.firstFrom, one.firstTo); });
    if (found == std::end(sequences) || text.size() < found->length)
        return 0;
    const auto rest = text.substr(1, found->length - 1);
    if (!rest.empty() && !within(rest.front(), found->secondFrom, found->secondTo))
        return 0;
    return std::ranges::all_of(rest, [](char c) { return within(c, 0x80, 0xbf); }) ? found->length : 0;
}

} // namespace hotplug
