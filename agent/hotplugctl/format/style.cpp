#include "hotplugctl/format/style.h"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>

namespace hotplug::ctl {

namespace {

std::string_view environment(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

/// As setlocale() would choose it, without changing the process's locale.
std::string_view characterLocale()
{
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        if (const auto locale = environment(name); !locale.empty())
            return locale;
    }
    return "C";
}

bool speaksUnicode(std::string_view locale)
{
    std::string name(locale);
    std::ranges::transform(name, name.begin(), [](char c) { return 'A' <= c && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return name.find("utf-8") != name.npos || name.find("utf8") != name.npos;
}

std::string_view codeOf(Colour colour)
{
    switch (colour) {
    case Colour::Plain: break;
    case Colour::Bold: return "1";
    case Colour::Green: return "32";
    case Colour::Yellow: return "33";
    case Colour::Red: return "31";
    case Colour::Dim: return "2";
    }
    return "";
}

} // namespace

std::string Style::paint(std::string_view text, Colour wanted) const
{
    if (!colour || wanted == Colour::Plain)
        return std::string(text);
    return fmt::format("\x1b[{}m{}\x1b[0m", codeOf(wanted), text);
}

Style styleFor(bool isTerminal)
{
    const bool welcome = environment("NO_COLOR").empty() && environment("TERM") != "dumb";
    return {.colour = isTerminal && welcome, .unicode = speaksUnicode(characterLocale())};
}

} // namespace hotplug::ctl
