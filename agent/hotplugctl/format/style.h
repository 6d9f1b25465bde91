#pragma once

#include <string>
#include <string_view>

namespace hotplug::ctl {

enum class Colour { Plain, Bold, Green, Yellow, Red, Dim };

/// What the reader's terminal can show.
struct Style {
    bool colour = false;
    bool unicode = false;

    /// The text in a colour, or as it is where colours are not wanted.
    std::string paint(std::string_view text, Colour colour) const;
    /// Between the parts of an error line.
    std::string_view separator() const { return unicode ? " · " : " - "; }
};

/// Colours only for a terminal, and never against NO_COLOR; Unicode where the locale's encoding has it.
Style styleFor(bool isTerminal);

} // namespace hotplug::ctl
