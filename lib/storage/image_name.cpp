#include "storage/image_name.h"

#include "base/utf8.h"

#include <algorithm>
#include <climits>
#include <fmt/format.h>

namespace hotplug {

namespace {

bool isControl(char c)
{
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

/// U+FFFE and U+FFFF.
bool isNoncharacter(std::string_view character)
{
    return character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf";
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
        const auto length = utf8Length(text);
        if (length == 0 || isControl(text.front()) || isNoncharacter(text.substr(0, length)))
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

bool isFileName(std::string_view name)
{
    return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos
        && name.size() <= NAME_MAX && isPrintable(name);
}

bool consistsOf(std::string_view text, std::string_view punctuation)
{
    return !text.empty() && std::ranges::all_of(text, [punctuation](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || punctuation.find(c) != std::string_view::npos;
    });
}

bool isBelow(std::string_view path, std::string_view root)
{
    return !root.empty() && path.size() > root.size() && path.starts_with(root)
        && (root.back() == '/' || path[root.size()] == '/');
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
